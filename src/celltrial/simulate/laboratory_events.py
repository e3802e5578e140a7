"""Adverse events that a laboratory result makes: the investigator opens, raises and closes them from visit to visit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Literal

from celltrial.missing import NotGradable
from celltrial.record import AdverseEvent, Draft
from celltrial.safety.ctcae import Version, grade_lab, lab_terms
from celltrial.simulate.calendar import Participant
from celltrial.simulate.laboratory import assays

__all__ = ["grade_before_treatment", "report_counts"]

_BLOOD = "Blood and lymphatic system disorders"
# the analytes that are looked at, in which direction, and the class that their terms belong to
_COUNTS: tuple[tuple[str, Literal["L", "H"], str], ...] = (
    ("neutrophils", "L", "Investigations"),
    ("lymphocytes", "L", "Investigations"),
    ("platelets", "L", "Investigations"),
    ("hemoglobin", "L", _BLOOD),
    ("alt", "H", "Investigations"),
)


def report_counts(
    participant: Participant,
    values: Mapping[str, float],
    *,
    on: date,
    version: Version,
    is_daily: bool = False,
) -> list[Draft]:
    """The reports that results call for: events of grade 2 or more, and above the grade before treatment.

    The counts fall with lymphodepletion, so they are put down to it until day 28 and to the product as well later.
    is_daily: blood counts between visits; an event that is better on one day is closed at the next visit.
    """
    drafts: list[Draft] = []
    for analyte, direction, soc in _COUNTS:
        is_reported = participant.course is not None and participant.course.transaminases_are_reported()
        if analyte == "alt" and (is_reported or is_daily):
            continue
        term = _term(analyte, direction, version)
        if not term:
            continue
        grade = _grade(analyte, term, direction, values, version)
        before = participant.baseline_grades.get(analyte, 0)
        body = _report(participant, analyte, term, soc, grade if grade > max(1, before) else 0, on)
        if body is not None and not (is_daily and body.outcome == "resolved"):
            drafts.append(Draft(body=body, subject=participant.subject, why=_why(participant, body)))
            participant.open_events[analyte] = body
    return drafts


def grade_before_treatment(participant: Participant, values: Mapping[str, float], version: Version) -> None:
    """Keep the grades before lymphodepletion: only what is worse than them is an adverse event."""
    for analyte, direction, _ in _COUNTS:
        if term := _term(analyte, direction, version):
            participant.baseline_grades[analyte] = _grade(analyte, term, direction, values, version)


def _term(analyte: str, direction: Literal["L", "H"], version: Version) -> str:
    """The term that the study's version of CTCAE grades the analyte by; blank where it grades none."""
    return next((each.term for each in lab_terms(analyte, version) if each.direction == direction), "")


def _grade(analyte: str, term: str, direction: Literal["L", "H"], values: Mapping[str, float], version: Version) -> int:
    assay = assays()[analyte]
    value = Decimal(f"{values[analyte]:.{assay.decimals}f}")
    grade = grade_lab(term, direction, value, assay.unit, version=version, lln=assay.lln, uln=assay.uln)
    assert not isinstance(grade, NotGradable)  # value, limits and unit are there
    return grade.value


def _report(participant: Participant, analyte: str, term: str, soc: str, grade: int, on: date) -> AdverseEvent | None:
    """The report that is due: a new event, a worse grade, or the end; None where nothing has changed."""
    current = participant.open_events.get(analyte)
    is_open = current is not None and current.outcome == "ongoing"
    if not is_open and grade:
        late = participant.infused_at is not None and (on - participant.infused_at.date()).days > 28
        return AdverseEvent(
            number=participant.take_event_number(),
            term=term,
            soc=soc,
            onset=on.isoformat(),
            grade=_as_grade(grade),
            serious="no",
            related_product="yes" if late or analyte == "alt" else "no",
            related_lymphodepletion="no" if analyte == "alt" else "yes",
        )
    if current is None or not is_open:
        return None
    worst = max(int(current.grade), grade)
    if grade and worst == int(current.grade):
        return None
    return _changed(current, worst, ended="" if grade else on.isoformat())


def _changed(current: AdverseEvent, grade: int, *, ended: str) -> AdverseEvent:
    return replace(current, grade=_as_grade(grade), ended=ended, outcome="resolved" if ended else "ongoing")


def _as_grade(grade: int) -> Literal["1", "2", "3", "4", "5"]:
    grades: tuple[Literal["1", "2", "3", "4", "5"], ...] = ("1", "2", "3", "4", "5")
    return grades[grade - 1]


def _why(participant: Participant, body: AdverseEvent) -> str:
    if body.outcome == "resolved":
        return "follow-up: resolved"
    known = any(each.number == body.number for each in participant.open_events.values())
    return "follow-up: worse" if known else "first entry"
