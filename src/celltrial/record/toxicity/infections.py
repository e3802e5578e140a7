"""Infections of one participant: the reported event, its detail form, how severe it was and when it began."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from celltrial.answers import Condition
from celltrial.codes import SubjectId
from celltrial.errors import DateError, Finding, UsageError
from celltrial.missing import NotEvaluable
from celltrial.record.assessments import infection_observation
from celltrial.record.bodies import AdverseEvent, FormEntry
from celltrial.record.events import Entry
from celltrial.record.state import TrialState
from celltrial.safety.infections import InfectionWindow, infection_window, judge_severe_infection
from celltrial.safety.terms import ae_kind
from celltrial.study import Study
from celltrial.studyday import parse_partial_date

__all__ = ["Infection", "is_infection", "read_infections"]

_INFECTIONS = "infections and infestations"
_SEVERE_FROM = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Infection:
    """A reported infection. severe: by its detail form; without one, by the reported grade, and the reason says so.

    window: days since infusion in which it began; NotEvaluable before infusion, or where the day is not known.
    """

    event: Entry[AdverseEvent]
    detail: Entry[FormEntry] | None
    severe: Condition
    window: InfectionWindow | NotEvaluable


def is_infection(body: AdverseEvent) -> bool:
    """Whether an adverse event is an infection, by its term; by its class where the dictionary lacks the term."""
    kind = ae_kind(body.term)
    return kind == "infection" or (kind is None and body.soc.strip().casefold() == _INFECTIONS)


def read_infections(
    study: Study, state: TrialState, subject: SubjectId, *, infused: date | None, findings: list[Finding] | None = None
) -> Mapping[str, Infection]:
    """The participant's infections by the number of the adverse event; `infused`: the day of the first infusion."""
    noted = [] if findings is None else findings
    details = {entry.body.items.get("adverse_event", "").strip(): entry for entry in state.forms("infection", subject)}
    return {
        entry.body.number: Infection(
            event=entry,
            detail=details.get(entry.body.number),
            severe=_severity(entry, details.get(entry.body.number), noted),
            window=_window(study, entry.body.onset, infused),
        )
        for entry in state.adverse_events(subject)
        if is_infection(entry.body)
    }


def _severity(event: Entry[AdverseEvent], detail: Entry[FormEntry] | None, findings: list[Finding]) -> Condition:
    if detail is None:
        is_severe = int(event.body.grade) >= _SEVERE_FROM
        reason = f"reported grade {event.body.grade}; no detail form"
        return Condition(name="severe infection", answer="yes" if is_severe else "no", reason=reason)
    try:
        return judge_severe_infection(infection_observation(detail.body.items))
    except UsageError as error:
        findings.extend(replace(each, where=f"event {detail.seq}, {each.where}") for each in error.findings)
        reason = "; ".join(f"{each.message}: {each.found}" for each in error.findings)
        return Condition(name="severe infection", answer="unknown", reason=reason)


def _window(study: Study, onset: str, infused: date | None) -> InfectionWindow | NotEvaluable:
    try:
        found = parse_partial_date(onset, study.site.zone)
    except DateError:
        return infection_window(None)
    if infused is None or not found.is_exact_day:
        return infection_window(None)
    return infection_window((found.day - infused).days)
