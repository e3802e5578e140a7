"""Persistence by dose level: how long the transgene could be found, as a time that a data cut censors.

The event is the first of two results below the limit in a row (`kinetics.compute_persistence`); who is still positive
is censored at the last quantifiable sample. Kaplan and Meier with the log-log interval (`time_to_event`), whose width
is the honest part with 12 participants. Who was never quantifiable has no time and is counted beside it. Expansion
(rate, doubling time, fold) is summarised by geometric statistics.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from celltrial.analyses.cell_profiles import SubjectProfile, read_cell_profiles
from celltrial.analyses.populations import Group, derive_dose_groups, short_ids
from celltrial.analyses.responses import compute_interval
from celltrial.analyses.results import ResultRow, format_count, format_number
from celltrial.analyses.time_to_event import (
    SurvivalStep,
    compute_median_interval,
    compute_median_time,
    compute_survival,
    count_at_risk,
)
from celltrial.kinetics import (
    Estimate,
    Expansion,
    Persistence,
    compute_expansion,
    compute_persistence,
    summarise_geometric,
)
from celltrial.missing import NotEstimable

__all__ = ["EXPANSION", "CellCourse", "derive_cell_courses", "derive_expansion", "derive_persistence", "format_share"]

_LANDMARKS = (28, 90, 180)
EXPANSION = {
    "rate": "Expansion rate, 1/day",
    "doubling_time": "Doubling time, day",
    "fold": "Fold expansion",
    "clearance": "First BLQ after Tmax, day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCourse:
    """One participant's cells: how they grew, and how long they stayed."""

    usubjid: str
    level: str
    persistence: Persistence | NotEstimable
    expansion: Expansion
    source: tuple[int, ...]

    @property
    def subject(self) -> str:
        return short_ids([self.usubjid])[0]


def derive_cell_courses(adsl: pl.DataFrame, adpc: pl.DataFrame) -> tuple[CellCourse, ...]:
    """The course of each infused participant, in the order of ADSL."""
    return tuple(_course(each) for each in read_cell_profiles(adsl, adpc))


def _course(found: SubjectProfile) -> CellCourse:
    nothing = NotEstimable("no sample analysed")
    is_sampled = bool(found.profile.samples)
    return CellCourse(
        usubjid=found.usubjid,
        level=found.level,
        persistence=compute_persistence(found.profile) if is_sampled else nothing,
        expansion=compute_expansion(found.profile)
        if is_sampled
        else Expansion(rate=nothing, doubling_time=nothing, fold=nothing, clearance=nothing),
        source=found.source,
    )


def derive_persistence(adsl: pl.DataFrame, courses: Sequence[CellCourse]) -> tuple[ResultRow, ...]:
    """By level: `lost`, `median` with its `interval`, the share still found on days 28, 90, 180, `not estimable`."""
    rows: list[ResultRow] = []
    for group in derive_dose_groups(adsl):
        rows += _group_rows(group, [each for each in courses if each.usubjid in group.subjects])
    return tuple(rows)


def _group_rows(group: Group, mine: list[CellCourse]) -> list[ResultRow]:
    timed = [(each, each.persistence) for each in mine if not isinstance(each.persistence, NotEstimable)]
    times = [(found.day, found.is_lost) for _, found in timed]
    people = [each for each, _ in timed]
    lost = [each for each, found in timed if found.is_lost]
    median, (low, high) = compute_median_time(times), compute_median_interval(times)
    rows = [
        _row(group, "lost", float(len(lost)), format_count(len(lost), len(timed)), lost, len(timed)),
        _row(group, "median", median, _median_text(median, low, high), people, len(group.subjects)),
    ]
    for day in _LANDMARKS:
        step = compute_survival(times, day) if times else NotEstimable("no participant with a time")
        value: float | NotEstimable = step if isinstance(step, NotEstimable) else float(step.survival)
        interval = None if isinstance(step, NotEstimable) else _interval(step, times, day)
        rows.append(_row(group, f"day {day}", value, format_share(value, interval), people, len(group.subjects)))
    reasons = Counter(each.persistence.reason for each in mine if isinstance(each.persistence, NotEstimable))
    without = [each for each in mine if isinstance(each.persistence, NotEstimable)]
    text = "; ".join(f"{n} {reason}" for reason, n in sorted(reasons.items())) or "0"
    return [*rows, _row(group, "not estimable", float(len(without)), text, without, len(group.subjects))]


def _interval(step: SurvivalStep, times: list[tuple[float, bool]], day: int) -> tuple[float, float] | NotEstimable:
    """Log-log; before the first loss the exact one for all who were followed so far (Clopper and Pearson)."""
    if step.survival == 1:
        followed = count_at_risk(times, day)
        return compute_interval(followed, followed)
    return step.interval


def _median_text(median: float | NotEstimable, low: float | NotEstimable, high: float | NotEstimable) -> str:
    if isinstance(median, NotEstimable):
        return median.reason
    ends = ["not reached" if isinstance(each, NotEstimable) else f"{each:.0f}" for each in (low, high)]
    return f"day {median:.0f} ({ends[0]} to {ends[1]})"


def format_share(share: float | NotEstimable, interval: tuple[float, float] | NotEstimable | None) -> str:
    """A share in percent with its interval, or why it has none.

    >>> format_share(0.75, (0.31, 0.93)).replace(chr(160), " ")
    '75 % (31 to 93)'
    """
    if isinstance(share, NotEstimable):
        return share.reason
    head = f"{100 * share:.0f}\u00a0%"
    if interval is None or isinstance(interval, NotEstimable):
        return head
    return f"{head} ({100 * interval[0]:.0f} to {100 * interval[1]:.0f})"


def _row(
    group: Group, statistic: str, value: float | NotEstimable, text: str, who: Sequence[CellCourse], total: int
) -> ResultRow:
    return ResultRow(
        analysis="persistence",
        group=group.name,
        category="persistence",
        statistic=statistic,
        value=value,
        text=text,
        n=len(who),
        N=total,
        subjects=tuple(each.subject for each in who),
        source=tuple(sorted({seq for each in who for seq in each.source})),
    )


def derive_expansion(adsl: pl.DataFrame, courses: Sequence[CellCourse]) -> tuple[ResultRow, ...]:
    """By level and parameter of `EXPANSION`: n with an estimate, geometric mean and CV with median and range."""
    rows: list[ResultRow] = []
    for group in derive_dose_groups(adsl):
        mine = [each for each in courses if each.usubjid in group.subjects]
        for name in EXPANSION:
            found: list[Estimate | NotEstimable] = [getattr(each.expansion, name) for each in mine]
            people = [each for each, value in zip(mine, found, strict=True) if isinstance(value, Estimate)]
            summary = summarise_geometric([each.value if isinstance(each, Estimate) else each for each in found])
            mean, text = summary.geometric_mean, "–"
            if not isinstance(mean, NotEstimable):
                ends = (summary.minimum, summary.maximum)
                shown = " to ".join(format_number(each) for each in ends if isinstance(each, float))
                text = f"{format_number(mean)} ({shown}), n = {summary.n}"
            rows.append(
                ResultRow(
                    analysis="expansion",
                    group=group.name,
                    category=name,
                    statistic="geometric mean",
                    value=mean,
                    text=text,
                    n=summary.n,
                    N=len(group.subjects),
                    subjects=tuple(each.subject for each in people),
                    source=tuple(sorted({seq for each in people for seq in each.source})),
                )
            )
    return tuple(rows)
