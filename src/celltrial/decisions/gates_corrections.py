"""Gates on corrections: what a gate would have refused does not come in by a correction, and nothing is left hanging.

Three questions. May the writer write that type of event at all? Would the gates of the event corrected have let in
the corrected one, when it was written, on what stands now of what was written before it? And does what followed still
stand in its order? What an event stands with already is no reason to refuse: only what the correction brings in.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from celltrial.decisions.access.permissions import permission
from celltrial.decisions.gates_dosing import check_after_lymphodepletion, check_infusion_as_assigned
from celltrial.decisions.gates_people import check_screening_after_consent
from celltrial.decisions.gates_product import check_infused_as_released
from celltrial.decisions.life.walk import LIFE_EVENTS, follow
from celltrial.errors import Finding
from celltrial.record import Author, Draft, Entry, Event, TrialState, fold
from celltrial.record.bodies import (
    Body,
    Correction,
    Infusion,
    Person,
    RoleEnd,
    RoleGrant,
    Screening,
    Signature,
    Training,
)
from celltrial.record.corrections import correct_body
from celltrial.record.registry import to_payload
from celltrial.record.state import advance
from celltrial.study import Study

__all__ = ["check_correction", "state_before"]

Findings = Sequence[Finding]
Gate = Callable[[Study, TrialState, Draft, Author, datetime], Findings]
_RULE = "a correction passes the gates of what it corrects (docs/access.md)"

# what holds between the dates and values of one event and the earlier ones of the same participant
_ORDER: dict[type[Body], tuple[Gate, ...]] = {
    Screening: (check_screening_after_consent,),
    Infusion: (check_after_lymphodepletion, check_infusion_as_assigned, check_infused_as_released),
}


def check_correction(
    study: Study,
    state: TrialState,
    draft: Draft,
    author: Author,
    at: datetime,
    gates_of: Callable[[Body], Sequence[Gate]],
) -> Findings:
    """The findings of a correction; `gates_of` gives the gates of a body. Any other draft has none."""
    if not isinstance(draft.body, Correction):
        return ()
    target = state.entry(draft.body.target)
    if target is None:
        return ()
    findings = [*_check_writer(study, target, author), *_check_kind(target, draft.body, author)]
    if findings:
        return [_told(each, target) for each in findings]
    if draft.body.entered_in_error != "yes":
        findings += _check_body(study, state, target, correct_body(target.body, draft.body), author, gates_of)
    findings += _check_followers(study, state, target, draft, author, at)
    return [_told(each, target) for each in findings]


def state_before(state: TrialState, seq: int) -> TrialState:
    """What was written before event `seq`, with the corrections that it has had since."""
    entries: tuple[Entry[Any], ...] = (*state.all_entries(), *state.voided)
    events = sorted((each.event for each in entries), key=lambda each: each.seq)
    before = [each for each in events if each.seq < seq]
    later = [each for each in events if each.seq > seq and _target(each) is not None and (_target(each) or 0) < seq]
    return fold([*before, *later])


def _check_writer(study: Study, target: Entry[Body], author: Author) -> Findings:
    """Who corrects an event could have written it."""
    answer = permission(study, author.role, target.event.type, "open")
    if answer.allowed:
        return ()
    found = f"{author.person} as {author.role}"
    return (Finding(message=answer.reason, found=found, rule=answer.rule, next_step=answer.next_step),)


def _check_kind(target: Entry[Body], correction: Correction, author: Author) -> Findings:
    """A signature is not reworded, an id is not passed on, and nobody changes a line about themselves."""
    body = target.body
    if isinstance(body, Signature) and correction.entered_in_error != "yes":
        return (
            Finding(
                message="a signature is not corrected",
                rule="21 CFR 11.70: what was signed stays as it was signed",
                next_step="mark it as entered in error and sign anew",
            ),
        )
    if isinstance(body, Person) and body.person != correction.replace.get("person", body.person):
        rule = "21 CFR 11.100(a): an id belongs to one person"
        return (Finding(message="the id of a person is not corrected", rule=rule),)
    is_own = isinstance(body, RoleGrant | RoleEnd | Training) and body.person == author.person
    if is_own:
        rule = "docs/access.md, delegation"
        return (Finding(message="nobody corrects a line of the delegation log about themselves", rule=rule),)
    return ()


def _check_body(
    study: Study,
    state: TrialState,
    target: Entry[Body],
    corrected: Body,
    author: Author,
    gates_of: Callable[[Body], Sequence[Gate]],
) -> Findings:
    """The gates of the corrected event, at the time it was written; what the old one stood with is left out."""
    checks = gates_of(corrected)
    if not checks:
        return ()
    before = state_before(state, target.seq)
    moment = target.event.recorded_at

    def found(body: Body) -> Iterable[Finding]:
        draft = Draft(body=body, subject=target.subject, why=target.event.why)
        return (each for check in checks for each in check(study, before, draft, author, moment))

    stood = {_key(each) for each in found(target.body)}
    return [each for each in found(corrected) if _key(each) not in stood]


def _check_followers(
    study: Study, state: TrialState, target: Entry[Body], draft: Draft, author: Author, at: datetime
) -> Findings:
    """Whether the later steps of the same life still have what they rest on."""
    subject = target.subject
    if subject is None or not isinstance(target.body, LIFE_EVENTS):
        return ()
    assert isinstance(draft.body, Correction)
    entries: list[Entry[Any]] = sorted(
        (each for kind in LIFE_EVENTS for each in state.entries(kind, subject)), key=lambda each: each.seq
    )
    if draft.body.entered_in_error == "yes":
        after = [each for each in entries if each.seq != target.seq]
    else:
        body = correct_body(target.body, draft.body)
        after = [replace(each, body=body) if each.seq == target.seq else each for each in entries]
    skipped = {each.seq for each in follow(entries) if each.skipped}
    left = [each for each in follow(after) if each.skipped and each.seq not in skipped]
    findings = [
        Finding(
            message=f"event {each.seq} would be left without what it rests on: {each.skipped}",
            next_step=f"correct event {each.seq} first, or correct event {target.seq} in another way",
        )
        for each in left
    ]
    return [*findings, *_check_order(study, state, draft, entries, author, at)]


def _check_order(
    study: Study, state: TrialState, draft: Draft, entries: Sequence[Entry[Any]], author: Author, at: datetime
) -> Findings:
    """Dates and values of the steps among themselves, before the correction and after it."""
    assert isinstance(draft.body, Correction)
    changed = _corrected(state, draft, author, at)
    findings: list[Finding] = []
    for entry in entries:
        now = changed.entry(entry.seq)
        if now is None or entry.seq <= draft.body.target:
            continue
        for gate in _ORDER.get(type(entry.body), ()):
            was = {_key(each) for each in gate(study, state, _as_draft(entry), author, at)}
            findings += [each for each in gate(study, changed, _as_draft(now), author, at) if _key(each) not in was]
    return findings


def _corrected(state: TrialState, draft: Draft, author: Author, at: datetime) -> TrialState:
    """The state with the correction in it, which nobody has written yet."""
    event = Event(
        seq=state.length + 1,
        type=draft.body.TYPE,
        version=draft.body.VERSION,
        subject=draft.subject,
        payload=to_payload(draft.body),
        author=author,
        why=draft.why,
        recorded_at=at,
        base_seq=state.length,
        study_hash="",
        prev=state.head,
        hash="",
    )
    return advance(state, event)


def _as_draft(entry: Entry[Any]) -> Draft:
    return Draft(body=entry.body, subject=entry.subject, why=entry.event.why)


def _target(event: Event) -> int | None:
    target = event.payload.get("target") if event.type == Correction.TYPE else None
    return target if isinstance(target, int) else None


def _told(finding: Finding, target: Entry[Body]) -> Finding:
    where = f"correction of event {target.seq} ({target.event.type})"
    return replace(
        finding, where=f"subject {target.subject}, {where}" if target.subject else where, rule=finding.rule or _RULE
    )


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.message, finding.expected, finding.rule
