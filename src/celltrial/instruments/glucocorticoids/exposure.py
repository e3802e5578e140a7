"""Exposure to glucocorticoids over a window: cumulative, average and highest dose, days over a limit, by indication.

Every result is a pair of bounds: what is certain, and what the record allows at most (None where a dose on some
possible day has no number). The bounds meet where everything is known. Overlapping courses add.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from celltrial.answers import YesNoUnknown
from celltrial.errors import Finding, UsageError
from celltrial.instruments.glucocorticoids.courses import (
    PULSE_FROM_MG_PER_DAY,
    Days,
    GlucocorticoidCourse,
    Kind,
    check_courses,
    judge_kind,
    possible_days,
    sure_days,
    without_change_days,
)
from celltrial.instruments.glucocorticoids.equivalents import PrednisoneDose, compute_prednisone_equivalent
from celltrial.instruments.renal_function.exact import show_exact
from celltrial.missing import NotEvaluable

__all__ = ["DoseBounds", "GlucocorticoidExposure", "compute_glucocorticoid_exposure"]

_NONE: Mapping[str, Decimal] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseBounds:
    """What a number is at least, and at most; `upper` None: no limit can be given."""

    lower: Fraction
    upper: Fraction | None

    @property
    def value(self) -> Fraction | NotEvaluable:
        """The number where both bounds agree."""
        if self.upper == self.lower:
            return self.lower
        upper = "no upper limit" if self.upper is None else f"at most {show_exact(self.upper)}"
        return NotEvaluable(f"at least {show_exact(self.lower)}, {upper}", lower_bound=float(self.lower))


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucocorticoidExposure:
    """The daily doses of one kind, in mg of prednisone, on each day from `first` to `last`.

    reasons: each course as it was read, with what is not known of it.
    """

    first: date
    last: date
    daily_mg: tuple[DoseBounds, ...]
    reasons: tuple[str, ...]

    @property
    def days(self) -> int:
        """The days of the window, both ends included."""
        return len(self.daily_mg)

    @property
    def cumulative_mg(self) -> DoseBounds:
        """The sum over the window."""
        return _combine(self.daily_mg, lambda doses: sum(doses, Fraction(0)))

    @property
    def average_mg_per_day(self) -> DoseBounds:
        """The sum over the days of the window, days without a dose among them."""
        return _combine(self.daily_mg, lambda doses: sum(doses, Fraction(0)) / len(doses))

    @property
    def highest_mg_per_day(self) -> DoseBounds:
        """The highest daily dose of the window."""
        return _combine(self.daily_mg, max)

    def days_over(self, mg_per_day: Decimal) -> DoseBounds:
        """On how many days the dose was above the limit (not at it)."""
        return self._count(lambda doses: sum(1 for each in doses if each is None or each > mg_per_day))

    def longest_run_over(self, mg_per_day: Decimal) -> DoseBounds:
        """The most consecutive days with a dose above the limit."""
        return self._count(lambda doses: _longest([each is None or each > mg_per_day for each in doses]))

    def _count(self, count: Callable[[Sequence[Fraction | None]], int]) -> DoseBounds:
        return DoseBounds(
            lower=Fraction(count([each.lower for each in self.daily_mg])),
            upper=Fraction(count([each.upper for each in self.daily_mg])),
        )


def compute_glucocorticoid_exposure(
    courses: Iterable[GlucocorticoidCourse],
    *,
    first: date,
    last: date,
    kind: Kind | None = "maintenance",
    until: date | None = None,
    equivalents: Mapping[str, Decimal] = _NONE,
    pulse_from: Decimal = PULSE_FROM_MG_PER_DAY,
    on_change_day: Literal["new dose", "both"] = "new dose",
) -> GlucocorticoidExposure:
    """The doses of one kind on each day of a window.

    Args:
        first, last: the window, both days included.
        kind: `maintenance` and `pulse` (for lupus), `toxicity` (CRS, ICANS), `other`; None for all of them together.
        until: the day up to which the record was read; an ongoing course is not known to go on after it. Default: last.
        equivalents: see convert_glucocorticoid. pulse_from: see courses.PULSE_FROM_MG_PER_DAY.
        on_change_day: where one course of a drug ends on the day the next one starts, count the `new dose` or `both`.
    Raises:
        UsageError: a window that ends before it begins, courses that contradict themselves, all at once.
    """
    given = tuple(courses)
    findings = check_courses(given)
    if last < first:
        findings.append(Finding(message="the window ends before it begins", found=f"{first} to {last}"))
    if findings:
        raise UsageError(findings)
    if on_change_day == "new dose":
        given = without_change_days(given)
    read_until = min(until or last, last)
    days = (last - first).days + 1
    lower: list[Fraction] = [Fraction(0)] * days
    upper: list[Fraction | None] = [Fraction(0)] * days
    reasons = []
    for course in given:
        dose = _dose(course, equivalents)
        belongs = "yes" if kind is None else judge_kind(course, kind, dose, pulse_from=pulse_from)
        if belongs == "no":
            continue
        reasons.append(_reason(course, dose, belongs))
        if belongs == "yes" and isinstance(dose, Fraction):
            for day in _within(sure_days(course, until=read_until), first, last):
                lower[day] += dose
        for day in _within(possible_days(course, until=last), first, last):
            so_far = upper[day]
            upper[day] = None if so_far is None or isinstance(dose, NotEvaluable) else so_far + dose
    daily = tuple(DoseBounds(lower=low, upper=high) for low, high in zip(lower, upper, strict=True))
    return GlucocorticoidExposure(first=first, last=last, daily_mg=daily, reasons=tuple(reasons))


def _dose(course: GlucocorticoidCourse, equivalents: Mapping[str, Decimal]) -> Fraction | NotEvaluable:
    result = compute_prednisone_equivalent(
        drug=course.drug,
        mg=course.mg,
        per_day=course.per_day,
        route=course.route,
        interval_days=course.interval_days,
        equivalents=equivalents,
    )
    return result.mg_per_day if isinstance(result, PrednisoneDose) else result


def _reason(course: GlucocorticoidCourse, dose: Fraction | NotEvaluable, belongs: YesNoUnknown) -> str:
    shown = dose.reason if isinstance(dose, NotEvaluable) else f"prednisone {show_exact(dose)} mg/day"
    end = "ongoing" if course.is_ongoing else course.ended or "?"
    doubt = "" if belongs == "yes" else "; not known whether it is of this kind"
    return f"{course.drug or '?'} from {course.start or '?'} to {end}: {shown}{doubt}"


def _within(covered: Days, first: date, last: date) -> range:
    """The days as offsets from `first`, cut to the window."""
    if covered is None or covered[1] < first or covered[0] > last:
        return range(0)
    start, end = max(covered[0], first), min(covered[1], last)
    return range((start - first) // timedelta(days=1), (end - first) // timedelta(days=1) + 1)


def _combine(daily: Sequence[DoseBounds], by: Callable[[list[Fraction]], Fraction]) -> DoseBounds:
    uppers = [each.upper for each in daily if each.upper is not None]
    return DoseBounds(
        lower=by([each.lower for each in daily]),
        upper=by(uppers) if len(uppers) == len(daily) else None,
    )


def _longest(flags: Iterable[bool]) -> int:
    longest = run = 0
    for is_over in flags:
        run = run + 1 if is_over else 0
        longest = max(longest, run)
    return longest
