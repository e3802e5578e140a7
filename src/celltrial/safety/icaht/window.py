"""The grade of one window, early or late, with the days behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from celltrial.missing import NotGradable
from celltrial.safety.grades import Grade
from celltrial.safety.icaht.days import DailyCounts, Run, count_days, daily_counts, joined_runs
from celltrial.safety.icaht.rules import Band, IcahtRules, Instrument, bands

__all__ = ["DayRange", "WindowGrade", "grade_early", "grade_late", "show_days"]

EARLY_LAST_DAY = 30
LATE_FIRST_DAY = 31


@dataclass(frozen=True, slots=True)
class DayRange:
    """A number of days: the least and the most it can be, the same where every day is known."""

    least: int
    most: int

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowGrade:
    """A grade and what it rests on.

    lower_bound, upper_bound: early, the grade with none and with all of the unknown days low; late, the same of the
        unknown days beside a low count, where durations decide. None where no count is there.
    days: limit -> days that are held against the durations, in the same two ways. filled_days: interpolated or carried.
    unknown_days: days without a count that no rule fills.
    ended_on: the day on which censoring or death cut the window short; None where it ran to its end.
    """

    grade: Grade | NotGradable
    lower_bound: int | None = None
    upper_bound: int | None = None
    days: Mapping[Decimal, DayRange]
    filled_days: tuple[int, ...] = ()
    unknown_days: tuple[int, ...] = ()
    ended_on: int | None = None
    flags: tuple[str, ...] = ()


def grade_early(
    instrument: Instrument, by_day: dict[int, Decimal], rules: IcahtRules, *, end: int | None, is_death: bool
) -> WindowGrade:
    """Day 0 to 30, or to `end` of follow-up; `is_death` where that end is the participant's death."""
    last = EARLY_LAST_DAY if end is None else min(end, EARLY_LAST_DAY)
    ended_on = last if last < EARLY_LAST_DAY else None
    window = daily_counts(by_day, 0, last, rules)
    if not window.measured:
        return WindowGrade(grade=NotGradable(f"no count from day 0 to {last}"), days={}, ended_on=ended_on)
    table = bands(instrument, "early")
    may_end = ended_on is None or is_death or rules.unrecovered_by == "any end"
    least = _grade_days(table, window, rules, (), never_recovered=instrument == "icaht", may_end=may_end)
    doubtful = _doubtful(window, table[0], rules)
    possible = _grade_days(table, window, rules, doubtful, never_recovered=instrument == "icaht", may_end=may_end)
    most = _grade_days(table, window, rules, window.unknown, never_recovered=instrument == "icaht", may_end=may_end)
    grade: Grade | NotGradable = least[0]
    if least[0].value != possible[0].value:
        grade = _not_known(doubtful, least[0].value, possible[0].value)
    return WindowGrade(
        grade=grade,
        lower_bound=least[0].value,
        upper_bound=most[0].value,
        days={limit: DayRange(days, most[1][limit]) for limit, days in least[1].items()},
        filled_days=tuple(sorted(window.filled)),
        unknown_days=window.unknown,
        ended_on=ended_on,
        flags=_taken_as_not_low(window.unknown, doubtful, least[0].value, most[0].value),
    )


def _doubtful(window: DailyCounts, mildest: Band, rules: IcahtRules) -> tuple[int, ...]:
    """The unknown days that are tried both ways: not those of a short stretch between two counts above every limit."""
    if rules.unknown_days == "not low":
        return ()
    high = {day for day, value in window.measured.items() if not mildest.holds(value)}
    return tuple(
        day
        for stretch in joined_runs(window.unknown, 0)
        if stretch.days > rules.recovered_gap_up_to_days or not {stretch.first - 1, stretch.last + 1} <= high
        for day in range(stretch.first, stretch.last + 1)
    )


def _grade_days(
    table: tuple[Band, ...],
    window: DailyCounts,
    rules: IcahtRules,
    also_low: tuple[int, ...],
    *,
    never_recovered: bool,
    may_end: bool,
) -> tuple[Grade, dict[Decimal, int]]:
    """The grade, and the days within each limit, with the days `also_low` taken as low."""
    days: dict[Decimal, int] = {}
    met: list[tuple[int, str]] = []
    for band in table:
        runs = joined_runs(window.low_days(band) | set(also_low), rules.join_recoveries_up_to_days)
        days[band.limit] = count_days(runs, rules)
        if days[band.limit] >= band.days_from:
            counted = runs if rules.counted_days == "cumulative" else [max(runs, key=lambda run: run.days)]
            met.append((band.grade, f"{_days(days[band.limit])} {band.comparison} {band.limit} ({_where(counted)})"))
        if never_recovered and band is table[0] and any(_is_unrecovered(r, window, rules, may_end) for r in runs):
            met.append((4, f"no stable recovery above {band.limit} from day {runs[0].first} to {runs[-1].last}"))
    if not met:
        return Grade(0, (f"no day {table[0].comparison} {table[0].limit}",)), days
    worst = max(grade for grade, _ in met)
    return Grade(worst, tuple(reason for grade, reason in met if grade == worst)), days


def _is_unrecovered(run: Run, window: DailyCounts, rules: IcahtRules, may_end: bool) -> bool:
    if run.last != window.last:
        return False
    if run.first == 0 and window.last == EARLY_LAST_DAY:
        return True
    return may_end and rules.unrecovered_from_day is not None and run.first <= rules.unrecovered_from_day


def grade_late(
    instrument: Instrument, by_day: dict[int, Decimal], rules: IcahtRules, *, end: int | None
) -> WindowGrade:
    """Day 31 to the last day of the late window, or to `end` of follow-up, from the counts that were taken."""
    last = rules.late_last_day if end is None else min(end, rules.late_last_day)
    ended_on = last if last < rules.late_last_day else None
    if last < LATE_FIRST_DAY:
        return WindowGrade(grade=NotGradable(f"follow-up ended on day {last}, before day 31"), days={}, ended_on=last)
    window = daily_counts(by_day, LATE_FIRST_DAY, last, rules)
    lowest = sorted(window.measured.values())
    if not lowest:
        return WindowGrade(grade=NotGradable(f"no count from day 31 to {last}"), days={}, ended_on=ended_on)
    table = bands(instrument, "late")
    days = {band.limit: _late_days(window, band, rules) for band in table}
    least = _grade_nadir(table, lowest, {limit: each.least for limit, each in days.items()}, rules)
    most = _grade_nadir(table, lowest, {limit: each.most for limit, each in days.items()}, rules)
    silent = _days_in_a_row_without(window)
    grade: Grade | NotGradable = least
    if least.value != most.value:
        grade = _not_known(window.unknown, least.value, most.value)
    lower = least.value
    if len(lowest) == 1 and rules.single_late_count == "not gradable":
        grade, lower = NotGradable(f"one count alone ({lowest[0]}) does not show whether it lasted"), 0
    if rules.longest_late_gap_days is not None and silent > rules.longest_late_gap_days:
        grade = NotGradable(f"{silent} days in a row without a count; at least grade {lower} by those taken")
    return WindowGrade(
        grade=grade,
        lower_bound=lower,
        upper_bound=most.value if isinstance(grade, Grade) or least.value != most.value else 4,
        days=days,
        filled_days=tuple(sorted(window.filled)),
        unknown_days=window.unknown,
        ended_on=ended_on,
        flags=_late_flags(window, last, rules, silent),
    )


def _grade_nadir(
    table: tuple[Band, ...], lowest: list[Decimal], days: Mapping[Decimal, int], rules: IcahtRules
) -> Grade:
    """The grade of the lowest count (or the second lowest), where it is not the only one within the mildest limit."""
    mildest = table[0]
    if len(lowest) > 1 and mildest.holds(lowest[0]) and not mildest.holds(lowest[1]):
        return Grade(0, (f"one count {mildest.comparison} {mildest.limit} ({lowest[0]}), the next lowest {lowest[1]}",))
    which = "second lowest count" if rules.late_grade_by == "second lowest" and len(lowest) > 1 else "lowest count"
    deciding = lowest[1] if which.startswith("second") else lowest[0]
    met = [band for band in table if band.holds(deciding) and days[band.limit] >= band.days_from]
    if not met:
        return Grade(0, (f"no count {mildest.comparison} {mildest.limit}; {which} {deciding}",))
    worst = max(met, key=lambda band: band.grade)
    lasting = f" on {_days(days[worst.limit])}" if any(band.days_from > 1 for band in table) else ""
    return Grade(worst.grade, (f"{which} {deciding}, {worst.comparison} {worst.limit}{lasting}",))


def _late_days(window: DailyCounts, band: Band, rules: IcahtRules) -> DayRange:
    """Days within the limit; at most: with every unknown stretch that has a count within the limit at its side."""
    low = window.low_days(band)
    stretches = joined_runs(window.unknown, 0) if rules.unknown_days == "try both" else ()
    beside = {
        day
        for stretch in stretches
        if stretch.first - 1 in low or stretch.last + 1 in low
        for day in range(stretch.first, stretch.last + 1)
    }
    least, most = (
        count_days(joined_runs(days, rules.join_recoveries_up_to_days), rules) for days in (low, low | beside)
    )
    return DayRange(least, most)


def _days_in_a_row_without(window: DailyCounts) -> int:
    taken = [window.first - 1, *sorted(window.measured), window.last + 1]
    return max(after - before - 1 for before, after in pairwise(taken))


def _late_flags(window: DailyCounts, last: int, rules: IcahtRules, silent: int) -> tuple[str, ...]:
    flags = [f"late grade from {len(window.measured)} count(s) up to day {max(window.measured)} of {last}"]
    if len(window.measured) == 1 and rules.single_late_count == "graded":
        flags.append("late grade from a single count: not shown to have lasted")
    if silent > rules.interpolate_up_to_days:
        flags.append(f"late window: {silent} days in a row without a count")
    return tuple(flags)


def _not_known(unknown: tuple[int, ...], least: int, most: int) -> NotGradable:
    return NotGradable(f"no count that covers {show_days(unknown)}; the grade may be {least} to {most}")


def _taken_as_not_low(unknown: tuple[int, ...], doubtful: tuple[int, ...], least: int, most: int) -> tuple[str, ...]:
    taken = sorted(set(unknown) - set(doubtful))
    if not taken:
        return ()
    effect = f"; else the grade may be {least} to {most}" if least != most else ""
    return (f"{show_days(taken)} without a count taken as not low{effect}",)


def show_days(days: Iterable[int]) -> str:
    """Days as text.

    >>> show_days([4, 5, 6, 9])
    'day 4 to 6, 9'
    """
    return f"day {_where(joined_runs(days, 0), word='')}"


def _where(runs: Iterable[Run], word: str = "day ") -> str:
    parts = [str(run.first) if run.days == 1 else f"{run.first} to {run.last}" for run in runs]
    return word + ", ".join(parts)


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
