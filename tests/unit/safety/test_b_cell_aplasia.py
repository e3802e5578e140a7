"""B-cell aplasia from serial CD19+ counts. A course is written as `day:count`, with `<5` for below a limit and `?`."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.missing import Blq, NotEvaluable
from celltrial.safety.b_cell_aplasia import (
    DEFAULT_THRESHOLD_PER_UL,
    BCellEpisode,
    BCellSample,
    b_cell_episodes,
    b_cell_state,
)

INFUSION = date(2026, 1, 1)


def day(number: int) -> date:
    return INFUSION + timedelta(days=number)


def course(text: str) -> list[BCellSample]:
    samples = []
    for each in text.split():
        number, _, count = each.partition(":")
        value: Decimal | Blq | None
        if count == "?":
            value = None
        else:
            value = Blq(Decimal(count[1:])) if count.startswith("<") else Decimal(count)
        samples.append(BCellSample(on=day(int(number)), cells_per_ul=value))
    return samples


def episodes(text: str, **options: object) -> tuple[BCellEpisode, ...]:
    return b_cell_episodes(course(text), infusion=INFUSION, **options)  # type: ignore[arg-type]


def state(text: str, on: int, **options: object) -> str:
    return b_cell_state(course(text), day(on), infusion=INFUSION, **options).state  # type: ignore[arg-type]


def test_an_episode_has_onset_nadir_and_recovery() -> None:
    (episode,) = episodes("-5:120 0:90 7:3 14:0 28:1 60:4 90:12 120:30")
    assert (episode.onset, episode.nadir, episode.nadir_on) == (day(7), Decimal(0), day(14))
    assert (episode.recovery, episode.last_sample, episode.longest_gap_days) == (day(90), day(120), 32)


@pytest.mark.parametrize(("count", "found"), [("4.9", 1), ("5", 0), ("5.1", 0)])
def test_the_threshold_itself_is_not_under_it(count: str, found: int) -> None:
    assert DEFAULT_THRESHOLD_PER_UL == 5
    assert len(episodes(f"7:{count}")) == found


@pytest.mark.parametrize(("count", "found"), [("9.9", 1), ("10", 0)])
def test_the_threshold_is_a_parameter(count: str, found: int) -> None:
    assert len(episodes(f"7:{count}", threshold_per_ul=Decimal(10))) == found


def test_recovery_needs_two_counts_in_a_row() -> None:
    assert episodes("7:1 28:6 60:6")[0].recovery == day(28)
    assert episodes("7:1 28:6 60:4 90:6 120:7")[0].recovery == day(90)
    assert episodes("7:1 28:6")[0].recovery == NotEvaluable("not back by the last sample, 2026-01-29")
    assert episodes("7:1 28:6", recovery_samples=1)[0].recovery == day(28)


@pytest.mark.parametrize(("count", "back"), [("5", True), ("4.9", False)])
def test_recovery_is_at_or_above_the_threshold(count: str, back: bool) -> None:
    recovery = episodes(f"7:1 28:{count} 60:80")[0].recovery
    assert (recovery == day(28)) is back


def test_two_episodes() -> None:
    first, second = episodes("7:1 28:6 60:9 90:2 120:7 150:8")
    assert (first.onset, first.recovery) == (day(7), day(28))
    assert (second.onset, second.recovery) == (day(90), day(120))


def test_samples_before_infusion_make_no_episode() -> None:
    assert episodes("-30:0 -5:1 0:50 28:40") == ()


def test_below_a_limit_is_low_where_the_limit_is_not_above_the_threshold() -> None:
    assert episodes("7:<5")[0].nadir == Blq(Decimal(5))
    assert episodes("7:<5.1") == ()
    assert episodes("7:1 28:<2")[0].nadir == Blq(Decimal(2))


def test_an_unclear_count_may_move_onset_and_recovery() -> None:
    assert episodes("7:? 14:1")[0].onset == NotEvaluable("by 2026-01-15; an unclear count before may have been low")
    assert episodes("0:? 7:50 14:50 28:1")[0].onset == day(28)
    assert isinstance(episodes("7:1 28:? 60:9 90:9")[0].recovery, NotEvaluable)
    assert episodes("7:1 28:9 60:?")[0].recovery == NotEvaluable(
        "by the last sample, 2026-03-02, back only if an unclear count was"
    )


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (0, "not depleted"),
        (7, "aplasia"),
        (21, "aplasia"),
        (22, "aplasia"),
        (60, "recovering"),
        (90, "recovering"),
        (104, "recovering"),
        (105, "unknown"),
    ],
)
def test_the_state_at_a_date(on: int, expected: str) -> None:
    # a low count at day 75 breaks the run: 60 and 90 are one count each
    assert state("0:50 7:1 28:2 60:6 75:4 90:6", on) == expected


def test_recovered_counts_from_the_first_of_the_proof() -> None:
    assert state("0:50 7:1 28:6 60:9", 28) == "recovered"
    assert state("0:50 7:1 28:6", 28) == "recovering"


def test_between_samples_that_differ_the_state_is_held_for_a_time_only() -> None:
    course_text = "7:1 60:9 90:9"
    assert state(course_text, 21) == "aplasia"
    assert state(course_text, 22) == "unknown"
    assert state(course_text, 22, hold_days=15) == "aplasia"


def test_a_gap_that_is_too_long_is_told() -> None:
    assert state("7:1 67:1", 40) == "aplasia"
    assert state("7:1 68:1", 40) == "unknown"
    assert b_cell_state(course("7:1 68:1"), day(40), infusion=INFUSION).reason.endswith("61 days apart")


def test_no_sample_is_unknown_and_not_no() -> None:
    assert state("", 10) == "unknown"
    assert state("20:1", 10) == "unknown"
    assert state("0:50", -1) == "unknown"


def test_an_unclear_count_is_unknown_where_it_decides() -> None:
    assert state("7:1 14:?", 14) == "unknown"
    assert state("7:1 14:? 21:1", 21) == "aplasia"
    assert state("0:50 7:?", 7) == "unknown"
    assert state("7:1 28:9 60:? 90:9 120:9", 90) == "recovered"


def test_values_that_make_no_sense_are_refused_together() -> None:
    with pytest.raises(UsageError) as error:
        episodes("7:-1 7:3", threshold_per_ul=Decimal(0), recovery_samples=0)
    assert len(error.value.findings) == 4
    with pytest.raises(UsageError, match="cannot be negative"):
        state("7:1", 7, hold_days=-1)
