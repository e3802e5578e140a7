"""Persistence as a censored time, and geometric summaries."""

from decimal import Decimal
from typing import Any

import pytest

from celltrial.kinetics import Persistence, Profile, Sample, compute_persistence, summarise_geometric
from celltrial.missing import Blq, NotEstimable

BLQ = Blq(Decimal(50))


def persistence(*values: Any, days: tuple[float, ...] = (0, 7, 14, 28, 60, 90)) -> Persistence | NotEstimable:
    samples = tuple(Sample(day=day, value=value) for day, value in zip(days, values, strict=False))
    return compute_persistence(Profile(samples=samples, unit="copies/ug"))


def test_loss_is_the_first_of_two_in_a_row() -> None:
    """Positive to day 14, below the limit on days 28 and 60: lost on day 28."""
    assert persistence(BLQ, 900.0, 500.0, BLQ, BLQ) == Persistence(day=28, is_lost=True, note="")


def test_one_result_below_the_limit_is_not_loss() -> None:
    """A dip that comes back, and a last sample that nothing confirms, are censored."""
    assert persistence(BLQ, 900.0, BLQ, 500.0) == Persistence(day=28, is_lost=False, note="")
    assert persistence(BLQ, 900.0, 500.0, BLQ) == Persistence(
        day=14, is_lost=False, note="below the limit on day 28, not confirmed by a second sample"
    )


def test_a_return_after_loss_is_named() -> None:
    """Loss stands; the later result is in the note."""
    assert persistence(BLQ, 900.0, BLQ, BLQ, 70.0) == Persistence(
        day=14, is_lost=True, note="quantifiable again on day 60"
    )


def test_a_missing_result_is_not_below_the_limit() -> None:
    """A sample without a result does not make two in a row."""
    result = persistence(BLQ, 900.0, BLQ, None, 80.0)
    assert result == Persistence(day=60, is_lost=False, note="")


def test_nothing_to_lose() -> None:
    """Never quantifiable, and two samples at one time, are not estimable."""
    assert persistence(BLQ, BLQ, BLQ) == NotEstimable("never quantifiable")
    assert isinstance(persistence(1.0, 2.0, days=(7, 7)), NotEstimable)


def test_summary() -> None:
    """Geometric mean of 10 and 1000 is 100; what is below the limit counts lowest in the median."""
    result = summarise_geometric([10.0, 1000.0, BLQ, NotEstimable("no sample")])
    assert (result.n, result.n_blq, result.n_missing) == (2, 1, 1)
    assert (result.geometric_mean, result.median, result.maximum) == (pytest.approx(100), 10.0, 1000.0)
    assert result.minimum == NotEstimable("below the limit of quantification")


def test_summary_of_too_little() -> None:
    """Reasons instead of numbers: nothing, one value, half below the limit, a zero."""
    empty = summarise_geometric([])
    assert empty.geometric_mean == empty.median == empty.maximum == NotEstimable("no quantifiable result")
    assert summarise_geometric([5.0]).geometric_cv_percent == NotEstimable("fewer than 2 quantifiable results")
    assert summarise_geometric([5.0, BLQ]).median == NotEstimable("below the limit of quantification")
    zero = summarise_geometric([0.0, 5.0])
    assert zero.geometric_mean == zero.geometric_cv_percent == NotEstimable("a value of 0 or less has no logarithm")
