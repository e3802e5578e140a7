"""Gates on the dose: signed decision, assigned level, lymphodepletion, one infusion, the sentinel, one open level."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from celltrial.codes import SubjectId
from celltrial.decisions.dlt_review import first_infusion_day, review_dlt
from celltrial.decisions.gates_people import site_day
from celltrial.decisions.next_dose import signed_decisions
from celltrial.decisions.stopping import check_pause
from celltrial.errors import Finding, UnitError
from celltrial.record import Author, Draft, TrialState
from celltrial.record.bodies import DltAssessment, DoseAssignment, Infusion, Lymphodepletion, Withdrawal
from celltrial.study import Study
from celltrial.units import parse_number

__all__ = [
    "check_after_lymphodepletion",
    "check_infusion_as_assigned",
    "check_level_open",
    "check_not_paused",
    "check_planned_dose",
    "check_sentinel",
    "check_signed_decision",
    "sentinel_of",
]

Findings = Sequence[Finding]


def check_signed_decision(_study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """The assignment follows the SRC decision in force, and that decision is signed."""
    if not isinstance(draft.body, DoseAssignment):
        return ()
    signed = signed_decisions(state)
    rule = "the SRC decision is signed before the next level is assigned"
    if not signed:
        return (_refuse(draft, "no signed SRC decision opens a dose level", rule=rule, next_step="sign the decision"),)
    current = signed[-1].body
    if draft.body.decision != current.number or draft.body.level != current.level or current.action == "stop":
        return (
            Finding(
                message=f"{draft.subject} cannot be assigned {draft.body.level} under decision {draft.body.decision}",
                where=f"subject {draft.subject}, dose_assignment",
                found=f"{draft.body.level}, decision {draft.body.decision}",
                expected=f"decision {current.number} in force: {current.action} {current.level}".rstrip(),
                rule=rule,
                next_step="assign under the decision in force, or record and sign a new one",
            ),
        )
    return ()


def check_planned_dose(study: Study, _state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """The planned number of cells is the level's."""
    if not isinstance(draft.body, DoseAssignment):
        return ()
    return _check_cells(study, draft, draft.body.level, draft.body.planned_cells)


def check_after_lymphodepletion(
    study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime
) -> Findings:
    """The infusion follows the lymphodepletion."""
    if not isinstance(draft.body, Infusion) or draft.subject is None:
        return ()
    done = state.latest(Lymphodepletion, draft.subject)
    if done is None:
        return ()
    ended, infused = site_day(study, done.body.ended_on), site_day(study, draft.body.infused_at)
    if infused > ended:
        return ()
    return (
        Finding(
            message="the infusion is not after the lymphodepletion",
            where=f"subject {draft.subject}, infusion",
            found=f"infused on {infused}",
            expected=f"after {ended}, when lymphodepletion ended (event {done.seq})",
            rule="study.yaml, schedule",
            next_step="correct the date of the infusion or of the lymphodepletion",
        ),
    )


def check_infusion_as_assigned(
    study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime
) -> Findings:
    """The level infused is the level assigned; the actual dose is a number of cells."""
    if not isinstance(draft.body, Infusion) or draft.subject is None:
        return ()
    assigned = state.latest(DoseAssignment, draft.subject)
    findings = list(_check_cells(study, draft, draft.body.level, draft.body.planned_cells))
    if assigned and assigned.body.level != draft.body.level:
        findings.append(
            Finding(
                message=f"{draft.subject} cannot be dosed at {draft.body.level}: {assigned.body.level} is assigned",
                where=f"subject {draft.subject}, infusion",
                found=draft.body.level,
                expected=f"{assigned.body.level} (event {assigned.seq})",
                rule="the dose given is the dose assigned under a signed SRC decision",
                next_step="dose at the level assigned",
            )
        )
    try:
        parse_number(draft.body.actual_cells)
    except UnitError as error:
        findings += [_refuse(draft, f"actual_cells: {each.message} ({each.found})") for each in error.findings]
    return findings


def sentinel_of(study: Study, state: TrialState, level: str, *, other_than: SubjectId) -> SubjectId | None:
    """The first participant infused at a level, when that is someone else; None while nobody has been."""
    infused = [
        (day, entry.subject)
        for entry in state.entries(Infusion)
        if entry.subject and entry.body.level == level and (day := first_infusion_day(study, state, entry.subject))
    ]
    first = min(infused, default=None)
    return first[1] if first and first[1] != other_than else None


def check_sentinel(study: Study, state: TrialState, draft: Draft, _author: Author, at: datetime) -> Findings:
    """In each dose group the first participant is without significant risk for the sentinel days before the next."""
    assigned = state.latest(DoseAssignment, draft.subject) if draft.subject else None
    if assigned is None or draft.subject is None:
        return ()
    level = assigned.body.level
    others = _under_way(state, level, draft.subject)
    sentinel = sentinel_of(study, state, level, other_than=draft.subject)
    rule = (
        f"sentinel: {study.escalation.sentinel_days} days between the first and the next of a dose group (study.yaml)"
    )
    if sentinel is None:
        if not others:
            return ()
        text = f"{draft.subject} cannot be dosed at {level}: {others[0]} is to be the first of this dose group"
        return (
            _refuse(
                draft,
                text,
                rule=rule,
                next_step=f"wait for the infusion of {others[0]} and the sentinel period after it",
            ),
        )
    start = first_infusion_day(study, state, sentinel)
    if start is None:
        return ()
    free_from = start + timedelta(days=study.escalation.sentinel_days)
    if _planned_infusion_day(study, draft) < free_from:
        text = f"{draft.subject} cannot be dosed at {level}: the sentinel period of {sentinel} runs until {free_from}"
        return (_refuse(draft, text, rule=rule, next_step=f"infuse on or after {free_from}"),)
    return _check_sentinel_risk(study, state, draft, sentinel, start, at, rule)


def check_level_open(study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """The SRC decision under which the dose was assigned is still in force, and no other level is open."""
    assigned = state.latest(DoseAssignment, draft.subject) if draft.subject else None
    signed = signed_decisions(state)
    if assigned is None or not signed:
        return ()
    current = signed[-1].body
    if current.action != "stop" and (study.escalation.concurrent_levels or current.level == assigned.body.level):
        return ()
    return (
        Finding(
            message=f"{draft.subject} cannot be dosed at {assigned.body.level}: that level is closed",
            where=f"subject {draft.subject}, {draft.body.TYPE}",
            found=f"assigned {assigned.body.level} under decision {assigned.body.decision}",
            expected=f"decision {current.number} in force: {current.action} {current.level}".rstrip(),
            rule="one dose level is open at a time (study.yaml, design)",
            next_step="assign the dose anew under the decision in force",
        ),
    )


def check_not_paused(study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """No one is lymphodepleted or dosed while a stopping rule is met and the committee has not decided since."""
    return [replace(each, where=f"subject {draft.subject}, {draft.body.TYPE}") for each in check_pause(study, state)]


def _under_way(state: TrialState, level: str, subject: SubjectId) -> list[SubjectId]:
    """Others at this level who have begun lymphodepletion but have not been infused yet."""
    return [
        entry.subject
        for entry in state.entries(Lymphodepletion)
        if entry.subject
        and entry.subject != subject
        and (assigned := state.latest(DoseAssignment, entry.subject)) is not None
        and assigned.body.level == level
        and not state.entries(Infusion, entry.subject)
        and not state.entries(Withdrawal, entry.subject)
    ]


def _planned_infusion_day(study: Study, draft: Draft) -> date:
    if isinstance(draft.body, Infusion):
        return site_day(study, draft.body.infused_at)
    started = site_day(study, draft.body.started_on) if isinstance(draft.body, Lymphodepletion) else date.max
    lead = next((-visit.day for visit in study.visits if visit.anchor == "infusion" and visit.day < 0), 0)
    return started + timedelta(days=lead)


def _check_sentinel_risk(
    study: Study, state: TrialState, draft: Draft, sentinel: SubjectId, start: date, at: datetime, rule: str
) -> Findings:
    review = review_dlt(study, state, sentinel, as_of=at)
    adjudicated = state.latest(DltAssessment, sentinel)
    if review.proposed == "no" or (adjudicated and adjudicated.body.dlt == "no"):
        return ()
    # what the committee must have seen: the adjudication where there is one, else the toxicities themselves
    since = adjudicated.seq if adjudicated else max(review.matched_events, default=0)
    decided = [entry for entry in signed_decisions(state) if entry.seq > since]
    if decided:
        return ()
    text = f"{draft.subject} cannot be dosed: the sentinel {sentinel} has a possible DLT ({review.proposed})"
    return (
        Finding(
            message=text,
            where=f"subject {draft.subject}, {draft.body.TYPE}",
            found="; ".join(review.evidence),
            expected=f"no significant safety risk within {study.escalation.sentinel_days} days of {start}",
            rule=rule,
            next_step=f"adjudicate {sentinel}, or let the SRC decide and sign",
        ),
    )


def _check_cells(study: Study, draft: Draft, level: str, planned: str) -> Findings:
    known = next((each for each in study.levels if each.id == level), None)
    if known is None:
        levels = ", ".join(f"{each.id} ({each.cells:.1E})" for each in study.levels)
        return (_refuse(draft, f"unknown dose level {level!r}", expected=levels, rule="study.yaml, dose_levels"),)
    try:
        cells = parse_number(planned)
    except UnitError:
        cells = None
    if cells == known.cells:
        return ()
    return (
        Finding(
            message=f"the planned dose is not that of {level}",
            where=f"subject {draft.subject}, {draft.body.TYPE}",
            found=planned,
            expected=f"{known.cells:.1E} cells",
            rule="study.yaml, dose_levels",
            next_step="correct the planned number of cells",
        ),
    )


def _refuse(draft: Draft, message: str, *, expected: str = "", rule: str = "", next_step: str = "") -> Finding:
    where = f"subject {draft.subject}, {draft.body.TYPE}" if draft.subject else draft.body.TYPE
    return Finding(message=message, where=where, expected=expected, rule=rule, next_step=next_step)
