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


@pytest.mark.parametrize(
    ("limit", "events", "n", "prior"),
    [(0.3, 4, 3, (1, 1)), (1.0, 0, 3, (1, 1)), (0.3, 0, 3, (0, 1)), (0.3, -1, 3, (1, 1))],
)
def test_numbers_that_make_no_sense(limit: float, events: int, n: int, prior: tuple[float, float]) -> None:
    """Refused with the numbers in the message."""
    with pytest.raises(UsageError, match="cannot be computed"):
        probability_rate_exceeds(limit, events=events, n=n, prior=prior)
