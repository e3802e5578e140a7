"""Time to first response, duration of remission, survival free of flare and of treatment, by dose level.

The estimate of Kaplan and Meier (J Am Stat Assoc 1958;53:457) is exact in rationals; its variance is Greenwood's, its
95 % interval the log-log one (Kalbfleisch and Prentice, 1980), which stays between 0 and 1. With so few participants
the curve is a description; individual times stand beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log, sqrt

import polars as pl

from celltrial.analyses.populations import Group, derive_dose_groups, event_seqs, short_ids
from celltrial.analyses.results import ResultRow, format_count
from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEstimable

__all__ = [
    "SurvivalStep",
    "compute_median_interval",
    "compute_median_time",
    "compute_survival",
    "count_at_risk",
    "derive_time_to_event",
    "estimate_survival",
]

_ANALYSIS = "time_to_event"
# the normal quantile of 0.975
_Z = 1.959963984540054
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalStep:
    """The curve from an event on: `survival` holds from `day` until the next step.

    at_risk: those without event or censoring before the day. greenwood: the sum of d / (n (n - d)) up to the day; None
    where nobody is left, and the variance has no estimate.
    """

    day: float
    at_risk: int
    events: int
    survival: Fraction
    greenwood: Fraction | None

    @property
    def standard_error(self) -> float | NotEstimable:
        """Greenwood's."""
        if self.greenwood is None:
            return NotEstimable("nobody is left at risk")
        return float(self.survival) * sqrt(self.greenwood)

    @property
    def interval(self) -> tuple[float, float] | NotEstimable:
        """95 %, log-log: S to the power of exp(+-z sqrt(V) / ln S)."""
        if self.greenwood is None:
            return NotEstimable("nobody is left at risk")
        if self.survival == 1:
            return NotEstimable("no event yet")
        survival = float(self.survival)
        spread = _Z * sqrt(self.greenwood) / log(survival)
        ends = (survival ** exp(-spread), survival ** exp(spread))
        return min(ends), max(ends)


def estimate_survival(times: Sequence[tuple[float, bool]]) -> tuple[SurvivalStep, ...]:
    """One step for each day with an event; who is censored on that day is still at risk there.

    Args:
        times: (day, whether it is an event; else censored) of each participant.
    Raises:
        UsageError: a day below 0.

    >>> [(step.day, str(step.survival)) for step in estimate_survival([(3, True), (5, False), (8, True)])]
    [(3, '2/3'), (8, '0')]
    """
    if early := [day for day, _ in times if day < 0]:
        raise UsageError(Finding(message="a time cannot be below 0", found=str(early[0]), expected="day 0 or later"))
    survival, greenwood = Fraction(1), Fraction(0)
    steps: list[SurvivalStep] = []
    for day in sorted({day for day, is_event in times if is_event}):
        at_risk = sum(1 for each, _ in times if each >= day)
        events = sum(1 for each, is_event in times if is_event and each == day)
        survival *= Fraction(at_risk - events, at_risk)
        is_last = at_risk == events
        greenwood += 0 if is_last else Fraction(events, at_risk * (at_risk - events))
        known = None if is_last else greenwood
        steps.append(SurvivalStep(day=day, at_risk=at_risk, events=events, survival=survival, greenwood=known))
    return tuple(steps)


def compute_survival(times: Sequence[tuple[float, bool]], day: float) -> SurvivalStep | NotEstimable:
    """The curve on a day; NotEstimable beyond the last follow-up, unless everyone has had the event."""
    steps = estimate_survival(times)
    reached = [step for step in steps if step.day <= day]
    last = max((each for each, _ in times), default=-1)
    if day > last and not (steps and steps[-1].survival == 0):
        return NotEstimable(f"nobody is followed to day {day:g}")
    if reached:
        return reached[-1]
    return SurvivalStep(day=0, at_risk=len(times), events=0, survival=Fraction(1), greenwood=Fraction(0))


def compute_median_time(times: Sequence[tuple[float, bool]]) -> float | NotEstimable:
    """The first day on which the curve is at one half or below."""
    for step in estimate_survival(times):
        if step.survival <= _HALF:
            return step.day
    return NotEstimable("not reached" if times else "no participant with a time")


def compute_median_interval(
    times: Sequence[tuple[float, bool]],
) -> tuple[float | NotEstimable, float | NotEstimable]:
    """The first days on which the lower and the upper end of the curve's 95 % interval are at one half or below.

    Source: Brookmeyer R, Crowley J (1982), Biometrics 38:29-41, with the log-log interval. With few participants the
    upper end is often not reached.
    """
    ends = [(step.day, step.interval) for step in estimate_survival(times)]
    known = [(day, each) for day, each in ends if not isinstance(each, NotEstimable)]
    none = NotEstimable("not reached")
    low = next((day for day, (lower, _) in known if lower <= 1 / 2), none)
    return low, next((day for day, (_, upper) in known if upper <= 1 / 2), none)


def count_at_risk(times: Sequence[tuple[float, bool]], day: float) -> int:
    """How many were followed to a day without the event before it.

    >>> count_at_risk([(3, True), (5, False), (8, True)], 5)
    2
    """
    return sum(1 for each, _ in times if each >= day)


def derive_time_to_event(adsl: pl.DataFrame, adtte: pl.DataFrame) -> tuple[ResultRow, ...]:
    """For each parameter and dose level: `events` (n of those with a time), `median`, and `not estimable`."""
    rows: list[ResultRow] = []
    for code in adtte["PARAMCD"].unique(maintain_order=True).to_list():
        own = adtte.filter(pl.col("PARAMCD") == code)
        for group in derive_dose_groups(adsl):
            rows += _summary(own.filter(pl.col("USUBJID").is_in(group.subjects)), group, str(code))
    return tuple(rows)


def _summary(records: pl.DataFrame, group: Group, code: str) -> list[ResultRow]:
    timed = records.filter(pl.col("AVAL").is_not_null())
    events = timed.filter(pl.col("CNSR") == 0)
    times = [(int(day), censor == 0) for day, censor in timed.select("AVAL", "CNSR").iter_rows()]
    median = compute_median_time(times)

    def row(statistic: str, value: float | NotEstimable, text: str, shown: pl.DataFrame, total: int) -> ResultRow:
        return ResultRow(
            analysis=_ANALYSIS,
            group=group.name,
            category=code,
            statistic=statistic,
            value=value,
            text=text,
            n=shown.height,
            N=total,
            subjects=short_ids(shown["USUBJID"].to_list()),
            source=event_seqs(shown),
        )

    told = median.reason if isinstance(median, NotEstimable) else f"day {median:g}"
    without = records.filter(pl.col("AVAL").is_null())
    return [
        row("events", float(events.height), format_count(events.height, timed.height), events, timed.height),
        row("median", median if isinstance(median, NotEstimable) else float(median), told, timed, len(group.subjects)),
        row("not estimable", float(without.height), str(without.height), without, len(group.subjects)),
    ]
