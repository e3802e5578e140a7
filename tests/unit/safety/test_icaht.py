"""ICAHT and T-ICAHT: each rule of counting, what is told beside a grade, and what is refused."""

from decimal import Decimal
from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotGradable
from celltrial.safety.icaht import (
    ICAHT_RULES,
    REFERENCE_RULES,
    Count,
    IcahtResult,
    IcahtRules,
    WindowGrade,
    grade_icaht,
    grade_t_icaht,
)
from icaht_notation import counts_of

LATE = "0-30:2000 "


def shown(window: WindowGrade) -> int | str:
    return window.grade.reason if isinstance(window.grade, NotGradable) else window.grade.value


def icaht(text: str, **options: Any) -> IcahtResult:
    ends = {name: options.pop(name) for name in ("censor_day", "death_day") if name in options}
    return grade_icaht(counts_of(text), rules=IcahtRules(**options), **ends)


@pytest.mark.parametrize(
    ("text", "option", "by_default", "otherwise"),
    [
        ("0-9:2000 10:400 10:900 11-30:2000", {"several_a_day": "highest"}, 1, 0),
        (
            "0-5:2000 6:400 15:400 16-30:2000",
            {"interpolate_up_to_days": 8},
            "no count that covers day 7 to 14; the grade may be 1 to 3",
            2,
        ),
        ("0-23:400", {"carry_ends": False}, 4, "no count that covers day 24 to 30; the grade may be 3 to 4"),
        ("0-4:2000 5-10:400 12:608 13-30:2000", {"round_interpolated_to": None}, 2, 1),
        ("0-9:2000 10:504 11-30:2000", {"round_measured": True}, 0, 1),
        (
            "0-5:2000 20-30:2000",
            {"unknown_days": "not low"},
            "no count that covers day 6 to 19; the grade may be 0 to 4",
            0,
        ),
        (
            "0-5:2000 20-30:2000",
            {"recovered_gap_up_to_days": 14},
            "no count that covers day 6 to 19; the grade may be 0 to 4",
            0,
        ),
        (
            "0-5:2000 19-30:2000",
            {"recovered_gap_up_to_days": 0},
            0,
            "no count that covers day 6 to 18; the grade may be 0 to 3",
        ),
        ("0-4:2000 5-8:400 9-11:800 12-14:400 15-30:2000", {"join_recoveries_up_to_days": 3}, 1, 2),
        ("0-4:2000 5-8:400 9-11:800 12-14:400 15-30:2000", {"counted_days": "cumulative"}, 1, 2),
        ("0-3:2000 4-30:450", {"unrecovered_from_day": 4}, 3, 4),
        ("0-2:2000 3-30:450", {"unrecovered_from_day": None}, 4, 3),
        ("0-30:450", {"unrecovered_from_day": None}, 4, 4),
    ],
)
def test_early_rules(text: str, option: dict[str, Any], by_default: int | str, otherwise: int | str) -> None:
    """Each rule of the early window: the grade by default, and with the option."""
    assert (shown(icaht(text).early), shown(icaht(text, **option).early)) == (by_default, otherwise)


@pytest.mark.parametrize(
    ("text", "option", "by_default", "otherwise"),
    [
        ("40:400 50:900 60:3000", {"late_grade_by": "second lowest"}, 3, 2),
        ("40:400", {"late_grade_by": "second lowest"}, 3, 3),
        ("40:400", {"single_late_count": "not gradable"}, 3, "one count alone (400) does not show whether it lasted"),
        ("99:2000 101:100 102:100", {"late_last_day": 180}, 0, 4),
        (
            "40:900 80:900",
            {"longest_late_gap_days": 38},
            2,
            "39 days in a row without a count; at least grade 2 by those taken",
        ),
        ("40:900 80:900", {"longest_late_gap_days": 39}, 2, 2),
    ],
)
def test_late_rules(text: str, option: dict[str, Any], by_default: int | str, otherwise: int | str) -> None:
    """Each rule of the late window: the grade by default, and with the option."""
    assert (shown(icaht(LATE + text).late), shown(icaht(LATE + text, **option).late)) == (by_default, otherwise)


def test_an_early_end_without_recovery_counts_by_its_kind() -> None:
    """Grade 4 for death and censoring by default, for death alone on request."""
    text = "0:2000 1-16:400"
    assert shown(icaht(text, censor_day=16).early) == 4
    assert shown(icaht(text, censor_day=16, unrecovered_by="death").early) == 3
    assert shown(icaht(text, death_day=16, unrecovered_by="death").early) == 4
    assert shown(icaht(text, censor_day=16, death_day=20, unrecovered_by="death").early) == 3


def test_follow_up_that_goes_on_is_no_end() -> None:
    """Neutropenia on the last day known is not one that never recovered: the days to come are unknown."""
    early = icaht("0:2000 1-16:400").early
    assert shown(early) == "no count that covers day 17 to 30; the grade may be 3 to 4"
    assert (early.lower_bound, early.upper_bound, early.ended_on) == (3, 4, None)


def test_nothing_is_grade_0_without_a_count() -> None:
    """No count in a window, or none at all, is a reason."""
    nothing = grade_icaht([])
    assert shown(nothing.early) == "no count from day 0 to 30"
    assert shown(nothing.late) == "no count from day 31 to 100"
    assert (nothing.early.lower_bound, nothing.nadir) == (None, None)
    assert shown(icaht("0:2000", censor_day=20).late) == "follow-up ended on day 20, before day 31"


def counts_before(day: int) -> list[Count]:
    return [Count(day=day, value=Decimal(10))]


def test_days_before_the_infusion_take_no_part() -> None:
    """A count of lymphodepletion is no ICAHT."""
    assert shown(grade_icaht([*counts_before(-2), *counts_of("0-30:2000")]).early) == 0


def test_the_days_behind_a_grade_are_told() -> None:
    """Filled and unknown days, the nadir, the end of follow-up, a growth factor."""
    result = grade_icaht(
        counts_of("0-5:2000 6:400 9:30 10:400 11-21:2000 30:2000"), censor_day=60, growth_factor_days=[7, 8, 9]
    )
    assert result.early.filled_days == (7, 8)
    assert result.early.unknown_days == tuple(range(22, 30))
    assert (result.nadir, result.end_day) == (Count(day=9, value=Decimal(30)), 60)
    assert result.flags[:2] == (
        "growth factor given on day 7 to 9",
        "day 22 to 29 without a count taken as not low; else the grade may be 1 to 3",
    )
    assert result.early.grade == icaht("0-5:2000 6:400 9:30 10:400 11-30:2000").early.grade


def test_a_count_that_only_rounding_would_move_is_flagged() -> None:
    """504 is above 500; the published algorithm rounds it."""
    assert (
        icaht("0-9:2000 10:504 11-30:2000").flags[-1]
        == "day 10: a count that lies within a limit only when rounded to 10"
    )
    assert shown(grade_icaht(counts_of("0-9:2000 10:504 11-30:2000"), rules=REFERENCE_RULES).early) == 1


def test_transfusions_are_told_and_change_nothing() -> None:
    """Counts that a transfusion may have lifted are named."""
    result = grade_t_icaht(counts_of("0-4:150 5:15 6-30:150"), transfusion_days=[5])
    assert shown(result.early) == 3
    assert result.flags[:2] == (
        "platelets transfused on day 5",
        "counts that a transfusion within 7 days may have lifted: day 6 to 12",
    )
    agonist = grade_t_icaht(counts_of("0-30:150"), growth_factor_days=[3])
    assert agonist.flags[0] == "thrombopoietin agonist given on day 3"


def test_a_late_count_alone_is_flagged() -> None:
    """The grade stands as in the published algorithm, with what it rests on."""
    flags = icaht(LATE + "40:400").flags
    assert "late grade from a single count: not shown to have lasted" in flags
    assert "late grade from 1 count(s) up to day 40 of 100" in flags


def test_what_makes_no_sense_is_refused_at_once() -> None:
    """Negative counts; ends before the infusion; counts after death; rules below zero."""
    with pytest.raises(UsageError) as caught:
        grade_icaht([Count(day=1, value=Decimal(-1)), Count(day=2, value=Decimal("NaN"))])
    assert [each.where for each in caught.value.findings] == ["day 1", "day 2"]
    with pytest.raises(UsageError) as caught:
        grade_icaht(counts_of("0-5:400"), censor_day=-1, death_day=3)
    assert [(each.where, each.found) for each in caught.value.findings] == [
        ("censor_day", "-1"),
        ("death_day", "day 4 to 5"),
    ]
    with pytest.raises(UsageError) as caught:
        IcahtRules(interpolate_up_to_days=-1, round_interpolated_to=Decimal(0), late_last_day=30)
    assert [each.where for each in caught.value.findings] == [
        "interpolate_up_to_days",
        "late_last_day",
        "round_interpolated_to",
    ]


def test_the_default_rules_keep_to_the_published_algorithm_but_for_two() -> None:
    """The departures are the two that the rules name."""
    differing = {
        name for name in IcahtRules.__dataclass_fields__ if getattr(ICAHT_RULES, name) != getattr(REFERENCE_RULES, name)
    }
    assert differing == {"unknown_days", "round_measured"}
