"""Gates on work on data: queries, source verification, freeze and lock, audit reviews.

Who may write which of these stands in study.yaml, roles; here is in which order, about what, and who not twice. What
these events say is not corrected: a query is asked again, a comparison made anew, a lock lifted, by a later event. The
functions that keep frozen and locked data as they are stand in `gates_lock.py`.
"""

from collections.abc import Sequence
from datetime import datetime

from celltrial.decisions.review.audit import audit_counts, last_reviewed
from celltrial.decisions.review.places import SOURCED, find_entry
from celltrial.decisions.review.queries import QueryThread, next_query_number, query_named
from celltrial.decisions.review.source_data import source_fields
from celltrial.errors import Finding
from celltrial.record import Author, Draft, Entry, TrialState
from celltrial.record.bodies import (
    AuditReview,
    Body,
    Correction,
    DataLock,
    FormEntry,
    Query,
    QueryAnswer,
    QueryClosing,
    SourceVerification,
)
from celltrial.record.versions import fields_of
from celltrial.study import Study

__all__ = [
    "WORK",
    "check_audit_review",
    "check_query",
    "check_query_answer",
    "check_query_closing",
    "check_verification",
    "check_work_stands",
]

WORK: tuple[type[Body], ...] = (Query, QueryAnswer, QueryClosing, SourceVerification, DataLock, AuditReview)
_INSTEAD = {
    Query: "close it as withdrawn, and ask anew",
    QueryAnswer: "write another answer",
    QueryClosing: "ask again: a new query that names this one (celltrial query open ... --reopens)",
    SourceVerification: "compare with the source again; the last comparison counts",
    DataLock: "lift it: celltrial lock unfreeze, or unlock",
    AuditReview: "write another review",
}
Findings = Sequence[Finding]


def check_work_stands(_study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """Queries, verifications, locks and reviews are set right by what follows them, never by a correction."""
    if not isinstance(draft.body, Correction):
        return ()
    target = state.entry(draft.body.target)
    if target is None or not isinstance(target.body, WORK):
        return ()
    return (
        Finding(
            message=f"a {target.body.TYPE} event is not corrected",
            where=f"event {target.seq}",
            rule="docs/data-work.md: what was asked, compared or locked stays visible",
            next_step=_INSTEAD[type(target.body)],
        ),
    )


def check_query(study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """A query asks about an entry, and a field, that exist; its number is the next; what it asks again was closed."""
    if not isinstance(draft.body, Query):
        return ()
    body, where = draft.body, f"query {draft.body.number}"
    findings = [*_check_target(state, draft, body.target, where), *_check_field(study, state, body, where)]
    expected = next_query_number(state)
    if body.number != expected:
        findings.append(
            Finding(message="queries are numbered in order", where=where, found=body.number, expected=expected)
        )
    if not body.text.strip():
        findings.append(Finding(message="the query asks nothing", where=where, found=repr(body.text)))
    answering = [role.id for role in study.roles if QueryAnswer.TYPE in role.writes]
    if body.to_role and body.to_role not in answering:
        findings.append(
            Finding(
                message="a role that may not answer queries",
                where=where,
                found=body.to_role,
                expected=", ".join(answering),
                rule="study.yaml, roles",
                next_step="ask one of these roles, or none in particular",
            )
        )
    return (*findings, *_check_reopens(state, body, where))


def check_query_answer(_study: Study, state: TrialState, draft: Draft, author: Author, _at: datetime) -> Findings:
    """An answer belongs to a query that is not closed, and comes from the role that was asked."""
    if not isinstance(draft.body, QueryAnswer):
        return ()
    thread, findings = _open_thread(state, draft, draft.body.number)
    if thread is None:
        return findings
    where = f"query {thread.number}"
    if thread.to_role and author.role != thread.to_role:
        findings.append(
            Finding(
                message="the query waits for another role",
                where=where,
                found=f"{author.person} as {author.role}",
                expected=thread.to_role,
                rule=f"asked of {thread.to_role} in event {thread.event}",
                next_step=f"let a {thread.to_role} answer, or ask anew of {author.role}",
            )
        )
    if not draft.body.text.strip():
        findings.append(Finding(message="the answer says nothing", where=where, found=repr(draft.body.text)))
    return findings


def check_query_closing(study: Study, state: TrialState, draft: Draft, author: Author, _at: datetime) -> Findings:
    """Closed once, with the outcome that the thread shows, and not by the person who answered."""
    if not isinstance(draft.body, QueryClosing):
        return ()
    thread, findings = _open_thread(state, draft, draft.body.number)
    if thread is None:
        return findings
    where, outcome = f"query {thread.number}", draft.body.outcome
    kinds = {item.kind for item in thread.items}
    asked = thread.items[0]
    if outcome == "corrected" and not kinds & {"corrected", "entered in error"}:
        findings.append(_outcome(where, outcome, "nothing of what it asks about was corrected since"))
    if outcome == "confirmed as it is" and "answered" not in kinds:
        findings.append(_outcome(where, outcome, "nobody has answered it"))
    if outcome == "withdrawn" and author.role != asked.role and author.person != asked.by:
        findings.append(_outcome(where, outcome, f"{author.role}; it was asked by {asked.by} as {asked.role}"))
    if author.person in thread.answered_by and not study.review.answerer_may_close:
        findings.append(
            Finding(
                message="a query is not closed by the person who answered it",
                where=where,
                found=str(author.person),
                expected="another person",
                rule="study.yaml, review.answerer_may_close: false",
                next_step=f"let {asked.by}, or another person who may, close it",
            )
        )
    return findings


def check_verification(_study: Study, state: TrialState, draft: Draft, author: Author, _at: datetime) -> Findings:
    """What is compared with a source stands in one, is there, and was not entered by the one who compares."""
    if not isinstance(draft.body, SourceVerification):
        return ()
    body, where = draft.body, f"source verification of event {draft.body.target}"
    findings = [*_check_target(state, draft, body.target, where)]
    target = state.entry(body.target)
    if target is None or findings:
        return findings or (Finding(message="the entry was entered in error", where=where),)
    if not isinstance(target.body, SOURCED):
        expected = "an entry of what was seen or done"
        return (Finding(message=f"a {target.event.type} has no source", where=where, expected=expected),)
    known = source_fields(target.body)
    for path in body.fields:
        if path not in known:
            findings.append(
                Finding(message="no such filled field", where=where, found=path, expected=", ".join(known) or "none")
            )
    if not body.source.strip():
        findings.append(Finding(message="the source document is not named", where=where, found=repr(body.source)))
    wrote = {str(event.author.person) for event in (target.event, *target.corrections)}
    if author.person in wrote:
        findings.append(
            Finding(
                message="an entry is not compared with its source by the one who made it",
                where=where,
                found=str(author.person),
                expected="another person",
                rule="ICH E6(R3) 3.11.4: source data verification is the monitor's",
            )
        )
    return findings


def check_audit_review(study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """A review goes on from the last one, through an event that is there, and its counts are what the record gives."""
    if not isinstance(draft.body, AuditReview):
        return ()
    body, where, after = draft.body, f"audit review through event {draft.body.through}", last_reviewed(state)
    if not after < body.through <= state.length:
        expected = f"{after + 1} to {state.length}"
        return (Finding(message="no events to review", where=where, found=str(body.through), expected=expected),)
    findings = []
    if not body.conclusion.strip():
        findings.append(Finding(message="the review has no conclusion", where=where, rule="ICH E6(R3) 4.2.3"))
    counted = audit_counts(study, state, through=body.through)
    if dict(body.counts) != dict(counted):
        findings.append(
            Finding(
                message="the counts of the review are not what the record gives",
                where=where,
                found=_listed(body.counts),
                expected=_listed(counted),
                next_step="review again: celltrial audit review STUDY",
            )
        )
    return findings


def _check_target(state: TrialState, draft: Draft, seq: int, where: str) -> list[Finding]:
    target = find_entry(state, seq)
    if target is None or isinstance(target.body, (*WORK, Correction)):
        found = f"event {seq} is a {target.event.type}" if target else f"the record has events 1 to {state.length}"
        return [Finding(message="no entry to ask about", where=where, found=found, expected="the number of an entry")]
    if draft.subject != target.subject:
        return [
            Finding(
                message=f"a {draft.body.TYPE} stands under the subject of its entry",
                where=where,
                found=str(draft.subject or "no subject"),
                expected=str(target.subject or "no subject"),
            )
        ]
    return []


def _check_field(study: Study, state: TrialState, body: Query, where: str) -> list[Finding]:
    """A field is one of the body's own, or an item of the form, filled or blank: a missing item is asked about, too."""
    target = find_entry(state, body.target)
    if target is None or not body.field:
        return []
    known = list(_fields(study, target))
    if body.field in known:
        return []
    return [Finding(message="no such field", where=where, found=body.field, expected=", ".join(known))]


def _fields(study: Study, target: Entry[Body]) -> dict[str, None]:
    form = study.form(target.body.form) if isinstance(target.body, FormEntry) else None
    items = [f"items.{item.id}" for item in form.items] if form else []
    own = [name for name in target.event.payload if not isinstance(target.event.payload[name], dict)]
    return dict.fromkeys((*items, *own, *fields_of(target.body)))


def _check_reopens(state: TrialState, body: Query, where: str) -> list[Finding]:
    if not body.reopens:
        return []
    old = query_named(state, body.reopens)
    if (
        old is not None
        and old.is_closed
        and not old.reopened_by
        and (old.target, old.field) == (body.target, body.field)
    ):
        return []
    found = "no such query" if old is None else f"{old.status}, about event {old.target} {old.field}".strip()
    if old is not None and old.reopened_by:
        found = f"asked again already as {old.reopened_by}"
    return [
        Finding(
            message="what is asked again is a closed query about the same field",
            where=where,
            found=f"{body.reopens}: {found}",
            expected=f"a closed query about event {body.target} {body.field}".strip(),
        )
    ]


def _open_thread(state: TrialState, draft: Draft, number: str) -> tuple[QueryThread | None, list[Finding]]:
    thread = query_named(state, number)
    if thread is None:
        return None, [Finding(message="no such query", where=f"query {number}", found=repr(number))]
    if thread.is_closed:
        closed = thread.items[-1] if thread.items[-1].kind == "closed" else thread.items[-2]
        step = "ask again: a new query that names this one"
        text = f"closed by {closed.by} in event {closed.event}"
        return None, [Finding(message="the query is closed", where=f"query {number}", found=text, next_step=step)]
    if draft.subject != thread.subject:
        expected = str(thread.subject or "no subject")
        found = str(draft.subject or "no subject")
        return None, [
            Finding(message="another subject's query", where=f"query {number}", found=found, expected=expected)
        ]
    return thread, []


def _outcome(where: str, outcome: str, found: str) -> Finding:
    rule = "the outcome says what the thread shows"
    return Finding(message=f"the query cannot be closed as {outcome!r}", where=where, found=found, rule=rule)


def _listed(counts: object) -> str:
    assert hasattr(counts, "items")
    return ", ".join(f"{kind} {number}" for kind, number in counts.items())
