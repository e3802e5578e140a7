"""Dated courses of glucocorticoids: which days one covers for certain, which ones perhaps, and what it was given for.

Dates may be partial. The days a course covers are two intervals: those that every reading of its dates covers, and
those that some reading covers. Nothing is guessed in between.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from celltrial.answers import YesNoUnknown, all_of, negate
from celltrial.errors import Finding
from celltrial.instruments.glucocorticoids.equivalents import normal_drug
from celltrial.missing import NotEvaluable
from celltrial.studyday import PartialDate

__all__ = [
    "PULSE_FROM_MG_PER_DAY",
    "Days",
    "GlucocorticoidCourse",
    "Kind",
    "check_courses",
    "judge_kind",
    "possible_days",
    "sure_days",
    "without_change_days",
]

Kind = Literal["maintenance", "pulse", "toxicity", "other"]
Days = tuple[date, date] | None

PULSE_FROM_MG_PER_DAY = Decimal(250)
"""Intravenous prednisone equivalents from which a dose for lupus is a pulse.

Source: the usual nomenclature of doses (Buttgereit F et al., Ann Rheum Dis 2002;61:718-22), not verified in print: an
argument wherever it is used.
"""

_WORDS = ("sle", "toxicity", "other", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucocorticoidCourse:
    """One drug at one dose from `start` to `ended`, both days included; a change of dose is a new course.

    mg: one dose. per_day: doses on a day of treatment. interval_days: 2 for every other day. indication: `sle`,
    `toxicity` (CRS, ICANS, IEC-HS, ...), `other` (premedication, adrenal replacement, asthma), `unknown`.
    ended: None where it is not known; with `is_ongoing` there is none.
    """

    drug: str | None
    mg: Decimal | None
    per_day: Decimal | None
    route: str | None
    indication: Literal["sle", "toxicity", "other", "unknown"]
    start: PartialDate | None
    ended: PartialDate | None = None
    is_ongoing: bool = False
    interval_days: Decimal = Decimal(1)


def check_courses(courses: Iterable[GlucocorticoidCourse]) -> list[Finding]:
    """Courses that contradict themselves: an end before the start, an end though ongoing, a word no rule knows."""
    findings = []
    for number, each in enumerate(courses, start=1):
        problems: list[tuple[str, str, str]] = []
        if each.indication not in _WORDS:
            problems.append(("indication", each.indication, ", ".join(_WORDS)))
        if each.is_ongoing and each.ended is not None:
            problems.append(("ended", str(each.ended), "no end, or not ongoing"))
        if each.start and each.ended and each.ended.latest.date() < each.start.earliest.date():
            problems.append(("ended", str(each.ended), f"not before the start, {each.start}"))
        findings += [
            Finding(
                message=f"glucocorticoid course {number}: {field} cannot be",
                where=f"course {number}, {each.drug or '?'}",
                found=found,
                expected=expected,
                next_step="correct the entry",
            )
            for field, found, expected in problems
        ]
    return findings


def sure_days(course: GlucocorticoidCourse, *, until: date) -> Days:
    """The days that every reading of the dates covers, up to `until` (the day the record was read); None if none.

    A course ends no earlier than it starts, so an exact end is a day of it even where the start is not known, and an
    exact start even where the end is not.
    """
    first_start = course.start.earliest.date() if course.start else date.min
    last_start = course.start.latest.date() if course.start else date.max
    if course.is_ongoing:
        first_end = last_end = until
    else:
        first_end = course.ended.earliest.date() if course.ended else date.min
        last_end = course.ended.latest.date() if course.ended else date.max
    if first_start > last_end:
        return None
    return _not_empty(min(last_start, last_end), min(max(first_end, first_start), until))


def possible_days(course: GlucocorticoidCourse, *, until: date) -> Days:
    """The days that some reading of the dates covers, up to `until`; None if none."""
    starts = course.start.earliest.date() if course.start else date.min
    ends = course.ended.latest.date() if course.ended else until
    return _not_empty(starts, min(ends, until))


def without_change_days(courses: Sequence[GlucocorticoidCourse]) -> tuple[GlucocorticoidCourse, ...]:
    """The courses, each ending the day before where the same drug goes on at another dose on its last day.

    A record that says "20 mg until the 10th, 15 mg from the 10th" means 15 mg on the 10th, as eligibility reads it too.
    Drug, route and indication must be the same: a pulse does not end a tablet.
    """
    return tuple(
        replace(each, ended=_day_before(each.ended)) if each.ended and _is_replaced(each, courses) else each
        for each in courses
    )


def judge_kind(
    course: GlucocorticoidCourse,
    kind: Kind,
    mg_per_day: Fraction | NotEvaluable,
    *,
    pulse_from: Decimal = PULSE_FROM_MG_PER_DAY,
) -> YesNoUnknown:
    """Whether the course is of this kind: `toxicity` and `other` by its indication, lupus as `pulse` or `maintenance`.

    Args:
        mg_per_day: its daily dose in prednisone. pulse_from: an intravenous dose for lupus from here on is a pulse.
    """
    if kind in ("toxicity", "other"):
        return "unknown" if course.indication == "unknown" else "yes" if course.indication == kind else "no"
    for_lupus: YesNoUnknown = (
        "yes" if course.indication == "sle" else "unknown" if course.indication == "unknown" else "no"
    )
    pulse = _judge_pulse(course, mg_per_day, pulse_from)
    return all_of((for_lupus, pulse if kind == "pulse" else negate(pulse)))


def _judge_pulse(
    course: GlucocorticoidCourse, mg_per_day: Fraction | NotEvaluable, pulse_from: Decimal
) -> YesNoUnknown:
    route = (course.route or "").strip().lower()
    if route and route not in ("iv", "intravenous"):
        return "no"
    if isinstance(mg_per_day, Fraction) and mg_per_day < pulse_from:
        return "no"
    return "yes" if route and isinstance(mg_per_day, Fraction) else "unknown"


def _is_replaced(course: GlucocorticoidCourse, courses: Sequence[GlucocorticoidCourse]) -> bool:
    if course.start is None or course.ended is None or not course.ended.is_exact_day:
        return False
    last = course.ended.day
    return course.start.latest.date() < last and any(
        each is not course
        and each.start is not None
        and each.start.is_exact_day
        and each.start.day == last
        and _same(each) == _same(course)
        for each in courses
    )


def _same(course: GlucocorticoidCourse) -> tuple[str, str, str]:
    return normal_drug(course.drug or ""), (course.route or "").strip().lower(), course.indication


def _day_before(ended: PartialDate) -> PartialDate:
    before, after = ended.earliest - timedelta(days=1), ended.latest - timedelta(days=1)
    return PartialDate(text=before.date().isoformat(), earliest=before, latest=after)


def _not_empty(first: date, last: date) -> Days:
    return (first, last) if first <= last else None
