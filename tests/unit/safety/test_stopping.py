"""Bayesian stopping, against an independent Beta distribution and the exact binomial sum."""

from fractions import Fraction
from math import comb

import pytest
from scipy.stats import beta

from celltrial.errors import UsageError
from celltrial.safety import compute_stopping_boundaries, probability_rate_exceeds


@pytest.mark.parametrize("prior", [(1.0, 1.0), (0.5, 0.5), (0.3, 0.7), (6.0, 14.0)], ids=str)
@pytest.mark.parametrize("limit", [0.05, 0.3, 0.9])
def test_probability_agrees_with_scipy(limit: float, prior: tuple[float, float]) -> None:
    """Every count up to 12 participants, to 1e-12."""
    for n in range(13):
        for x in range(n + 1):
            ours = probability_rate_exceeds(limit, events=x, n=n, prior=prior)
            assert ours == pytest.approx(float(beta.sf(limit, prior[0] + x, prior[1] + n - x)), abs=1e-12)


def test_probability_is_the_binomial_sum_under_a_uniform_prior() -> None:
    """Pr(rate > 3/10 | 2 of 3) as an exact fraction."""
    limit, n, x = Fraction(3, 10), 3, 2
    exact = sum(comb(n + 1, k) * limit**k * (1 - limit) ** (n + 1 - k) for k in range(x + 1))
    assert probability_rate_exceeds(0.3, events=2, n=3) == pytest.approx(float(exact), abs=1e-15)


def test_boundaries_are_the_fewest_events() -> None:
    """At the boundary the probability is over the cut-off, one event below it is not."""
    for each in compute_stopping_boundaries(0.3, cutoff=0.95, max_n=12):
        if each.events is None:
            assert probability_rate_exceeds(0.3, events=each.n, n=each.n) <= 0.95
        else:
            assert probability_rate_exceeds(0.3, events=each.events, n=each.n) > 0.95
            assert probability_rate_exceeds(0.3, events=each.events - 1, n=each.n) <= 0.95


def test_a_boundary_tells_the_probability_at_it_and_just_below() -> None:
    """Uniform prior, worked by hand: 1 - L^3 at 2 of 2; P(binomial(3; L) <= 1) at 1 of 2; nothing stops at n = 1."""
    first, second = compute_stopping_boundaries(0.3, cutoff=0.95, max_n=2)
    assert (first.events, first.probability) == (None, None)
    assert first.probability_below == pytest.approx(0.91)
    assert second.events == 2
    assert second.probability == pytest.approx(0.973)
    assert second.probability_below == pytest.approx(0.343 + 0.441)


def test_the_prior_moves_the_boundary() -> None:
    """Beta(1, 2) has one participant without event more than Beta(1, 1): 2 of 2 (0.9163) does not stop, 3 of 3 does."""
    rows = compute_stopping_boundaries(0.3, cutoff=0.95, max_n=3, prior=(1.0, 2.0))
    assert [row.events for row in rows] == [None, None, 3]
    assert rows[1].probability_below == pytest.approx(0.9163)
    assert rows[2].probability == pytest.approx(0.96922)
    assert rows[2].probability_below == pytest.approx(0.83692)


def test_a_strong_prior_may_stop_without_any_event() -> None:
    """Beta(30, 1): Pr(rate > 0.3) is 1 - 0.3^30 before anybody is treated; there is nothing below 0 events."""
    (row,) = compute_stopping_boundaries(0.3, cutoff=0.95, max_n=1, prior=(30.0, 1.0))
    assert (row.events, row.probability_below) == (0, None)


@pytest.mark.parametrize(("cutoff", "max_n"), [(0.0, 3), (1.0, 3), (0.95, 0)])
def test_boundaries_of_numbers_that_make_no_sense(cutoff: float, max_n: int) -> None:
    """Refused, never an empty table."""
    with pytest.raises(UsageError, match="boundaries cannot be computed"):
        compute_stopping_boundaries(0.3, cutoff=cutoff, max_n=max_n)


@pytest.mark.parametrize(
    ("limit", "events", "n", "prior"),
    [(0.3, 4, 3, (1, 1)), (1.0, 0, 3, (1, 1)), (0.3, 0, 3, (0, 1)), (0.3, -1, 3, (1, 1))],
)
def test_numbers_that_make_no_sense(limit: float, events: int, n: int, prior: tuple[float, float]) -> None:
    """Refused with the numbers in the message."""
    with pytest.raises(UsageError, match="cannot be computed"):
        probability_rate_exceeds(limit, events=events, n=n, prior=prior)
