"""Gates of freeze and lock: data that are frozen or locked stay as they are, and what a lock asks for beforehand.

A freeze keeps out entries and corrections of every role that study.yaml does not name (review.frozen_open_to); queries
and comparisons go on. A lock keeps out everything that is about these data, but for a signature, which changes nothing,
and for the way out: an unlock, which a second person signs.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from celltrial.decisions.access.permissions import may_sign
from celltrial.decisions.access.signatures import is_signed
from celltrial.decisions.review.locks import is_in_scope, lock_state, lock_states
from celltrial.decisions.review.places import DATA, Place, find_entry, kind_of, place_of
from celltrial.decisions.review.queries import queries
from celltrial.decisions.review.source_data import source_fields, verified_fields
from celltrial.errors import CelltrialError, Finding
from celltrial.record import Author, Draft, Entry, TrialState
from celltrial.record.bodies import (
    Body,
    Correction,
    DataLock,
    Query,
    QueryAnswer,
    QueryClosing,
    Redaction,
    RedactionApproval,
    Signature,
    SourceVerification,
)
from celltrial.record.corrections import correct_body
from celltrial.study import Study

__all__ = ["check_data_lock", "check_not_locked", "check_unlock_signature"]

Findings = Sequence[Finding]
_RULE = "docs/data-work.md, Freeze and lock"


def check_not_locked(study: Study, state: TrialState, draft: Draft, author: Author, _at: datetime) -> Findings:
    """Nothing is written into locked data, and nothing but by named roles into frozen data."""
    is_about_another = isinstance(draft.body, Correction | RedactionApproval)
    if not is_about_another and (draft.subject is None or not state.entries(DataLock, draft.subject)):
        return ()
    for place in dict.fromkeys(_touched(state, draft)):
        found = lock_state(study, state, place)
        is_entry = isinstance(draft.body, (*DATA, Correction))
        if found.level == "locked" or (
            found.level == "frozen" and is_entry and author.role not in study.review.frozen_open_to
        ):
            waits = f"; event {found.asked[-1].seq} asks to unlock and waits for a signature" if found.asked else ""
            return (
                Finding(
                    message=f"{place} is {found.level}: {draft.body.TYPE} cannot be written",
                    where=f"subject {draft.subject}, {draft.body.TYPE}",
                    found=f"{found.describe()}{waits}",
                    expected="open data",
                    rule=_RULE,
                    next_step=_way_on(study, found.level, place),
                ),
            )
    return ()


def check_data_lock(study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """The scope is of the study, the step follows from where it stands, and a lock has what it asks for."""
    if not isinstance(draft.body, DataLock) or draft.subject is None:
        return ()
    body = draft.body
    scope = Place(subject=draft.subject, visit=body.visit, form=body.form)
    where = f"{body.action} of {scope}"
    findings = [*_check_scope(study, body, where)]
    if draft.why.strip() in ("", Draft(body=body).why):
        findings.append(
            Finding(message=f"{body.action} needs its reason", where=where, found=repr(draft.why), rule=_RULE)
        )
    now = next((found for place, found in lock_states(study, state, draft.subject) if place == scope), None)
    now = now or lock_state(study, state, scope)
    within = {found.level for place, found in lock_states(study, state, draft.subject) if _overlap(place, scope)} | {
        now.level
    }
    wrong = {
        "freeze": now.level != "open",
        "lock": now.level == "locked",
        "unfreeze": "frozen" not in within,
        "unlock": "locked" not in within or bool(now.asked),
    }
    if wrong[body.action]:
        waits = f", unlock asked for in event {now.asked[-1].seq}" if now.asked else ""
        findings.append(
            Finding(message=f"nothing to {body.action}", where=where, found=f"{now.describe()}{waits}", rule=_RULE)
        )
    if body.action == "unfreeze" and now.level == "locked":
        step = "unlock first: celltrial lock unlock"
        findings.append(Finding(message="it is locked", where=where, found=now.describe(), next_step=step))
    if body.action == "lock" and not findings:
        findings += _check_ready(study, state, scope)
    return findings


def check_unlock_signature(study: Study, state: TrialState, draft: Draft, author: Author, _at: datetime) -> Findings:
    """An unlock is signed by a second person, in a role that signs data locks."""
    if not isinstance(draft.body, Signature):
        return ()
    may = [role.id for role in study.roles if may_sign(study, role.id, DataLock.TYPE)]
    for seq in draft.body.covers:
        entry = state.entry(seq)
        if entry is None or not isinstance(entry.body, DataLock) or entry.body.action != "unlock":
            continue
        if author.person == entry.event.author.person or author.role not in may:
            return (
                Finding(
                    message="an unlock is signed by a second person",
                    where=f"signature of event {seq}",
                    found=f"{author.person} as {author.role}; {entry.event.author.person} asked for it",
                    expected=f"another person as {' or '.join(may)}",
                    rule="OWASP ASVS 5.0, 2.3.5; study.yaml, roles, signs",
                    next_step="let another person sign",
                ),
            )
    return ()


def _touched(state: TrialState, draft: Draft) -> Iterator[Place]:
    """The places that a draft would write to, or about."""
    body = draft.body
    own = place_of(draft.subject, body)
    if own is not None:
        yield own
    match body:
        case Correction():
            target = state.entry(body.target)
            if target is not None:
                yield from _of_entry(state, target)
                try:
                    # a correction may move an entry to another visit
                    moved = place_of(target.subject, correct_body(target.body, body))
                except CelltrialError:
                    moved = None
                if moved is not None:
                    yield moved
        case Query() | SourceVerification() | Redaction():
            yield from _of_seq(state, body.target)
        case QueryAnswer() | QueryClosing():
            for each in state.entries(Query, draft.subject):
                if each.body.number == body.number:
                    yield from _of_seq(state, each.body.target)
        case RedactionApproval():
            asked = state.entry(body.redaction)
            if asked is not None and isinstance(asked.body, Redaction):
                yield from _of_seq(state, asked.body.target)
        case _:
            pass


def _of_seq(state: TrialState, seq: int) -> Iterator[Place]:
    entry = find_entry(state, seq)
    if entry is not None:
        yield from _of_entry(state, entry)


def _of_entry(state: TrialState, entry: Entry[Body]) -> Iterator[Place]:
    """The place of an entry; of a signature, of everything that it covers."""
    place = place_of(entry.subject, entry.body)
    if place is not None:
        yield place
    if isinstance(entry.body, Signature):
        for seq in entry.body.covers:
            covered = find_entry(state, seq)
            if covered is not None and not isinstance(covered.body, Signature):
                yield from _of_entry(state, covered)


def _check_scope(study: Study, body: DataLock, where: str) -> Iterator[Finding]:
    visits = [str(visit.id) for visit in study.visits]
    if body.visit and body.visit not in visits and not body.visit.startswith("UNS"):
        yield Finding(message="the study has no such visit", where=where, found=body.visit, expected=", ".join(visits))
    kinds = [kind.TYPE for kind in DATA if kind.TYPE != "form"]
    if body.form and study.form(body.form) is None and body.form not in kinds:
        forms = ", ".join((*(form.id for form in study.forms), *kinds))
        yield Finding(message="neither a form nor a kind of event", where=where, found=body.form, expected=forms)


def _overlap(one: Place, other: Place) -> bool:
    pairs = ((one.visit, other.visit), (one.form, other.form))
    return all(a == b or "" in (a, b) for a, b in pairs)


def _check_ready(study: Study, state: TrialState, scope: Place) -> Iterator[Finding]:
    """What keeps the data of a scope from being locked: open queries, signatures, comparisons."""
    lock = DataLock(action="lock", visit=scope.visit, form=scope.form)
    entries = [each for each in state.all_entries() if _is_within(each, lock, scope)]
    seqs = {each.seq for each in entries} | {each.seq for each in state.voided if _is_within(each, lock, scope)}
    for thread in queries(state, scope.subject):
        if not thread.is_closed and thread.target in seqs:
            yield _not_ready(
                scope, f"query {thread.number} is {thread.status}", f"query {thread.number} closed", "query"
            )
    for entry in entries:
        name = f"{kind_of(entry.body)} (event {entry.seq})"
        if kind_of(entry.body) in study.review.lock_signed and not is_signed(state, entry):
            yield _not_ready(scope, f"{name} is not signed as it stands", "its signature", "signature")
        if kind_of(entry.body) in study.review.lock_verified:
            known = verified_fields(state, entry.seq)
            lacking = [f for f in source_fields(entry.body) if f not in known or known[f].status != "stands"]
            if lacking:
                found = f"{name} is not compared with its source: {', '.join(lacking)}"
                yield _not_ready(scope, found, "every filled field compared, and standing", "verification")


def _is_within(entry: Entry[Body], lock: DataLock, scope: Place) -> bool:
    place = place_of(entry.subject, entry.body)
    return place is not None and place.subject == scope.subject and is_in_scope(lock, place)


def _not_ready(scope: Place, found: str, expected: str, what: str) -> Finding:
    steps = {
        "query": "answer and close it: celltrial query list STUDY --open",
        "signature": "let the investigator sign it",
        "verification": "compare it: celltrial sdv verify STUDY",
    }
    return Finding(
        message=f"{scope} is not ready to be locked",
        where=f"lock of {scope}",
        found=found,
        expected=expected,
        rule=f"{_RULE}; study.yaml, review.lock",
        next_step=steps[what],
    )


def _way_on(study: Study, level: str, place: Place) -> str:
    if level == "frozen":
        roles = ", ".join(study.review.frozen_open_to) or "nobody"
        return f"let a role that may ({roles}) write it, or celltrial lock unfreeze STUDY {place.subject}"
    return f"have it unlocked by two people: celltrial lock unlock STUDY {place.subject}, then a second person signs it"
