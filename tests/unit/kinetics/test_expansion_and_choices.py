"""The way up, the way out, and what a person may choose: samples left out, terminal points by hand."""

import math
from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.kinetics import (
    Acceptance,
    Estimate,
    HandPicked,
    NcaOptions,
    Profile,
    Sample,
    compute_expansion,
    compute_nca,
)
from celltrial.missing import Blq, NotEstimable

BLQ = Blq(Decimal(50))


def profile(*points: tuple[float, float | Blq], excluded: dict[float, str] | None = None) -> Profile:
    left_out = excluded or {}
    samples = tuple(Sample(day=day, value=value, excluded=left_out.get(day, "")) for day, value in points)
    return Profile(samples=samples, unit="copies/ug")


def test_a_doubling_a_day_has_a_rate_of_ln_2() -> None:
    """100, 200, 400, 800 on four days: by hand rate ln 2, doubling time 1 day, 8-fold."""
    found = compute_expansion(
        profile((1, 100.0), (2, 200.0), (3, 400.0), (4, 800.0), (10, 100.0), (20, BLQ), (30, BLQ))
    )
    assert found.rate == Estimate(pytest.approx(math.log(2)), "1/day", "from 4 samples")
    assert found.doubling_time == Estimate(pytest.approx(1.0), "day", "from 4 samples")
    assert found.fold == Estimate(8.0, "1", "over the first quantifiable value, of day 1")
    assert found.clearance == Estimate(20.0, "day")


def test_results_below_the_limit_on_the_way_up_do_not_count() -> None:
    """They are no values; two that are left give a line, and the note says so."""
    found = compute_expansion(profile((0, BLQ), (3, 100.0), (5, 400.0), (7, BLQ), (9, 100.0)))
    assert found.rate == Estimate(pytest.approx(math.log(2)), "1/day", "from two samples only")
    assert found.clearance == Estimate(7.0, "day", "quantifiable again on day 9")


@pytest.mark.parametrize(
    ("points", "name", "reason"),
    [
        ([(1, 800.0), (2, 400.0)], "rate", "no quantifiable sample before the maximum"),
        ([(1, 800.0), (2, 400.0)], "fold", "no quantifiable sample before the maximum"),
        ([(1, 799.0), (2, 1.0), (3, 1.0), (4, 1.0), (5, 800.0)], "clearance", "still quantifiable on day 5"),
        ([(1, BLQ)], "doubling_time", "never quantifiable"),
        ([(1, 5.0), (1, 6.0)], "rate", "more than one sample on day 1"),
    ],
)
def test_what_cannot_be_told_says_why(points: list[tuple[float, float | Blq]], name: str, reason: str) -> None:
    """No number without its samples."""
    found = getattr(compute_expansion(profile(*points)), name)
    assert isinstance(found, NotEstimable)
    assert reason in found.reason


DECLINE = ((0, 0.0), (7, 1000.0), (14, 500.0), (21, 250.0), (28, 125.0), (35, 120.0))


def test_a_sample_that_is_left_out_takes_no_part_and_is_named() -> None:
    """As if it had not been drawn; its reason is among the notes."""
    plain = compute_nca(profile(*DECLINE[:-1]))
    without = compute_nca(profile(*DECLINE, excluded={35: "haemolysed"}))
    assert without.parameters == plain.parameters
    assert without.notes == ("day 35 left out: haemolysed",)


def test_terminal_points_by_hand() -> None:
    """Days 14, 21 and 28 halve each week, whatever the rule would have chosen; the reason is kept."""
    chosen = HandPicked(days=(14, 21, 28), reason="day 35 is the tail of the assay")
    options = NcaOptions(hand_picked=chosen, acceptance=Acceptance(min_span=None))
    found = compute_nca(profile(*DECLINE), options)
    assert found["half_life"] == Estimate(pytest.approx(7.0), "day")
    assert (found["lambda_z_first"].value, found["lambda_z_last"].value, found["lambda_z_n"].value) == (14, 28, 3)
    assert "terminal points chosen by hand: day 35 is the tail of the assay" in found.notes
    refused = compute_nca(profile(*DECLINE), NcaOptions(hand_picked=chosen, acceptance=Acceptance(min_span=2.5)))
    assert "span 2 half-lives is below 2.5" in refused["half_life"].reason


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ((14, 21, 29), "no quantifiable sample on day 29"),
        ((14, 21), "fewer than 3 points were chosen by hand"),
        ((0, 7, 14), "no quantifiable sample on day 0"),
    ],
)
def test_points_by_hand_must_be_there(days: tuple[float, ...], reason: str) -> None:
    """A day that is no sample, too few points."""
    found = compute_nca(profile(*DECLINE), NcaOptions(hand_picked=HandPicked(days=days, reason="chosen")))["half_life"]
    assert reason in found.reason


def test_points_by_hand_need_a_reason() -> None:
    """A choice without a reason is refused."""
    with pytest.raises(UsageError, match="need a reason"):
        HandPicked(days=(14, 21, 28), reason=" ")


def test_linear_log_is_logarithmic_after_the_maximum_only() -> None:
    """0 to 100 to 50, and up again to 100: by hand linear 100, log 50/ln2 x 2, log 50/ln2 x 2."""
    points = profile((0, 0.0), (2, 100.0), (4, 50.0), (6, 99.0))
    found = compute_nca(points, NcaOptions(method="linear-log"))["auc_last"]
    assert found.value == pytest.approx(100 + 2 * 50 / math.log(2) + 2 * 49 / math.log(99 / 50))
