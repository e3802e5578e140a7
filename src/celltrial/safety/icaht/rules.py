"""The rules of counting days, each named, and the published thresholds.

The consensus prints thresholds and durations; how days without a count, short recoveries and an early end of follow-up
are dealt with is left to the reader. The defaults are those of the published algorithm of Liang (University of
Washington and Fred Hutchinson Cancer Center, `automatedicahtgrading`, 2023) with two departures, both towards "not
known": see `IcahtRules.unknown_days` and `IcahtRules.round_measured`.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.tables import read_package_table

__all__ = ["ICAHT_RULES", "REFERENCE_RULES", "T_ICAHT_RULES", "Band", "IcahtRules", "bands"]

Instrument = Literal["icaht", "t-icaht"]
Part = Literal["early", "late"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IcahtRules:
    """How days are counted.

    several_a_day: which count stands for a day with several.
    interpolate_up_to_days: a gap of at most so many days without a count is filled in a straight line; 0: none is.
    carry_ends: the same for days before the first and after the last count of a window, which take its value.
    round_interpolated_to: what is filled in is rounded to a multiple of this (half to even); None: not rounded.
    round_measured: round the laboratory's own counts too. The published algorithm does (504/uL becomes 500); by
        default a measured count is compared as it is, and one that rounding would move over a limit is flagged.
    unknown_days: days that no rule fills. `try both` compares the early grade with all of them low and none of them
        low, and gives no grade where it differs; `not low` is what the published algorithm does with every one.
    recovered_gap_up_to_days: of a stretch of unknown days no longer than this, between two counts above every limit,
        the published algorithm's `not low` is kept (flagged, with the range). 13: one weekly count was missed.
    join_recoveries_up_to_days: so many days above a limit, fewer than a stable recovery (3), do not end a run; they
        count.
    counted_days: the `longest run`, or the `cumulative` number of days (of all runs, short recoveries counted).
    unrecovered_from_day: grade 4 where a run of neutropenia that began on this day or before lasts to the end of the
        window, at whatever day that is; None: only where it lasts from day 0 to day 30.
    unrecovered_by: whether that holds for a window that ends early for `any end` of follow-up, or only by `death`.
    late_last_day: the last day of the late window.
    late_grade_by: `nadir`, where a second count lies within the mildest limit; or the `second lowest` count itself.
    single_late_count: whether one count alone in the late window is graded (flagged), or `not gradable`.
    longest_late_gap_days: the late grade is refused where more days in a row have no count; None: never.
    """

    several_a_day: Literal["lowest", "highest"] = "lowest"
    interpolate_up_to_days: int = 7
    carry_ends: bool = True
    round_interpolated_to: Decimal | None = Decimal(10)
    round_measured: bool = False
    unknown_days: Literal["try both", "not low"] = "try both"
    recovered_gap_up_to_days: int = 13
    join_recoveries_up_to_days: int = 2
    counted_days: Literal["longest run", "cumulative"] = "longest run"
    unrecovered_from_day: int | None = 3
    unrecovered_by: Literal["any end", "death"] = "any end"
    late_last_day: int = 100
    late_grade_by: Literal["nadir", "second lowest"] = "nadir"
    single_late_count: Literal["graded", "not gradable"] = "graded"
    longest_late_gap_days: int | None = None

    def __post_init__(self) -> None:
        numbers = {
            "interpolate_up_to_days": (self.interpolate_up_to_days, 0),
            "recovered_gap_up_to_days": (self.recovered_gap_up_to_days, 0),
            "join_recoveries_up_to_days": (self.join_recoveries_up_to_days, 0),
            "unrecovered_from_day": (self.unrecovered_from_day, 0),
            "late_last_day": (self.late_last_day, 31),
            "longest_late_gap_days": (self.longest_late_gap_days, 0),
        }
        findings = [
            Finding(
                message="a rule of ICAHT that makes no sense", where=name, found=str(value), expected=f"{least} or more"
            )
            for name, (value, least) in numbers.items()
            if value is not None and value < least
        ]
        if self.round_interpolated_to is not None and self.round_interpolated_to <= 0:
            findings.append(
                Finding(
                    message="a rule of ICAHT that makes no sense",
                    where="round_interpolated_to",
                    found=str(self.round_interpolated_to),
                    expected="more than 0, or None",
                )
            )
        if findings:
            raise UsageError(findings)


ICAHT_RULES = IcahtRules()
# the published algorithm to the letter, its two guesses among it
REFERENCE_RULES = IcahtRules(unknown_days="not low", round_measured=True)
# platelets: cumulative days (table 1 of the paper); grade 4 asks for days only; no rounding is published
T_ICAHT_RULES = IcahtRules(counted_days="cumulative", unrecovered_from_day=None, round_interpolated_to=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A row of `grades.csv`: the grade of at least `days_from` days within the limit."""

    comparison: Literal["at or under", "under"]
    limit: Decimal
    days_from: int
    grade: int

    def holds(self, count: Decimal) -> bool:
        """Whether a count lies within the limit."""
        return count < self.limit or (count == self.limit and self.comparison == "at or under")


@cache
def bands(instrument: Instrument, part: Part) -> tuple[Band, ...]:
    """The rows of `grades.csv` of one instrument and window, in their order."""
    return tuple(
        Band(
            comparison="under" if row["comparison"] == "under" else "at or under",
            limit=Decimal(row["limit"]),
            days_from=int(row["days_from"]),
            grade=int(row["grade"]),
        )
        for row in read_package_table("celltrial.safety.icaht", "grades.csv")
        if (row["instrument"], row["part"]) == (instrument, part)
    )
