"""From counts to days: one value a day, short gaps filled, runs of low days with short recoveries joined."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from celltrial.errors import Finding, UsageError
from celltrial.safety.icaht.rules import Band, IcahtRules

__all__ = ["Count", "DailyCounts", "Run", "count_days", "daily_counts", "joined_runs", "lowest_by_day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A count of one blood sample; `day` is the number of days since the infusion (the day of it is 0)."""

    day: int
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyCounts:
    """A window day by day.

    measured: day -> count. filled: day -> what a rule put there (interpolated or carried). unknown: the other days.
    """

    first: int
    last: int
    measured: dict[int, Decimal]
    filled: dict[int, Decimal]
    unknown: tuple[int, ...]

    def low_days(self, band: Band) -> frozenset[int]:
        """The days, measured or filled, within the band's limit."""
        return frozenset(
            day for part in (self.measured, self.filled) for day, value in part.items() if band.holds(value)
        )


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row, the first and the last of them included."""

    first: int
    last: int

    @property
    def days(self) -> int:
        return self.last - self.first + 1


def lowest_by_day(counts: Iterable[Count], rules: IcahtRules) -> dict[int, Decimal]:
    """One count a day, by day. Raises UsageError with every count that makes no sense."""
    given = list(counts)
    findings = [
        Finding(
            message="a count that cannot be",
            where=f"day {each.day}",
            found=str(each.value),
            expected="a number of 0 or more",
            next_step="correct the count",
        )
        for each in given
        if not each.value.is_finite() or each.value < 0
    ]
    if findings:
        raise UsageError(findings)
    choose: Callable[[Iterable[Decimal]], Decimal] = min if rules.several_a_day == "lowest" else max
    ordered = sorted(given, key=lambda each: each.day)
    return {
        day: choose(each.value for each in same_day) for day, same_day in groupby(ordered, key=lambda each: each.day)
    }


def daily_counts(by_day: dict[int, Decimal], first: int, last: int, rules: IcahtRules) -> DailyCounts:
    """The window from day `first` to day `last`, gaps filled as the rules say; counts outside it take no part."""
    measured = {
        day: _rounded(Fraction(value), rules) if rules.round_measured else value
        for day, value in by_day.items()
        if first <= day <= last
    }
    filled: dict[int, Decimal] = {}
    known = sorted(measured)
    # each gap with the days of the counts on its sides; None at an end of the window
    sides: list[tuple[int | None, int | None]] = list(zip([None, *known], [*known, None], strict=True))
    for left, right in sides:
        gap = range(first if left is None else left + 1, last + 1 if right is None else right)
        if 0 < len(gap) <= rules.interpolate_up_to_days:
            filled |= _fill(gap, left, right, by_day, rules)
    unknown = tuple(day for day in range(first, last + 1) if day not in measured and day not in filled)
    return DailyCounts(first=first, last=last, measured=measured, filled=filled, unknown=unknown)


def _fill(
    gap: range, left: int | None, right: int | None, counts: dict[int, Decimal], rules: IcahtRules
) -> dict[int, Decimal]:
    if left is None or right is None:
        side = right if left is None else left
        if side is None or not rules.carry_ends:
            return {}
        return dict.fromkeys(gap, _rounded(Fraction(counts[side]), rules))
    start, end = Fraction(counts[left]), Fraction(counts[right])
    return {day: _rounded(start + (end - start) * Fraction(day - left, right - left), rules) for day in gap}


def _rounded(value: Fraction, rules: IcahtRules) -> Decimal:
    if rules.round_interpolated_to is None:
        return Decimal(value.numerator) / Decimal(value.denominator)
    return round(value / Fraction(rules.round_interpolated_to)) * rules.round_interpolated_to


def joined_runs(low: Iterable[int], join_up_to: int) -> tuple[Run, ...]:
    """Runs of low days, joined over at most `join_up_to` other days, which count.

    >>> joined_runs([1, 2, 5, 9], 2)
    (Run(first=1, last=5), Run(first=9, last=9))
    """
    runs: list[Run] = []
    for day in sorted(low):
        if runs and day - runs[-1].last - 1 <= join_up_to:
            runs[-1] = Run(runs[-1].first, day)
        else:
            runs.append(Run(day, day))
    return tuple(runs)


def count_days(runs: Sequence[Run], rules: IcahtRules) -> int:
    """The days that are held against the durations of the table."""
    lengths = [run.days for run in runs]
    return sum(lengths) if rules.counted_days == "cumulative" else max(lengths, default=0)
