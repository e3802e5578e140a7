"""Posterior tails and confidence bounds, against scipy as a second implementation."""

from fractions import Fraction

import pytest
from scipy import stats

from celltrial.errors import UsageError
from celltrial.escalation import prob_above, upper_bound
from celltrial.escalation.binomial import (
    as_fraction,
    beta_cdf,
    beta_quantile,
    binomial_tails,
    fewest_above,
    format_beside,
)
from celltrial.missing import NotEstimable


@pytest.mark.parametrize("n", range(13))
@pytest.mark.parametrize("target", [0.1, 0.25, 0.3, 0.33])
def test_prob_above_is_the_tail_of_the_beta_posterior(n: int, target: float) -> None:
    """Every number of DLTs, against scipy's beta distribution."""
    for dlts in range(n + 1):
        expected = stats.beta.sf(target, 1 + dlts, 1 + n - dlts)
        assert float(prob_above(target, dlts, n)) == pytest.approx(expected, abs=1e-12)


def test_prob_above_is_exact() -> None:
    """A rational of the decimals given: no participant, Pr(p > 0.3) is 7/10."""
    assert prob_above(0.3, 0, 0) == Fraction(7, 10)


@pytest.mark.parametrize("n", [1, 2, 3, 6, 9, 12, 40])
def test_upper_bound_is_clopper_pearson(n: int) -> None:
    """Every number of DLTs, against scipy's exact one-sided interval."""
    for dlts in range(n + 1):
        interval = stats.binomtest(dlts, n, alternative="less").proportion_ci(confidence_level=0.95, method="exact")
        assert upper_bound(dlts, n) == pytest.approx(interval.high, abs=1e-9)


def test_upper_bound_at_another_confidence() -> None:
    """One of two at 80 %: scipy again."""
    interval = stats.binomtest(1, 2, alternative="less").proportion_ci(confidence_level=0.8, method="exact")
    assert upper_bound(1, 2, confidence=0.8) == pytest.approx(interval.high, abs=1e-9)


def test_nobody_evaluable_has_no_bound() -> None:
    """No participant says nothing: a reason, not the bound 1."""
    assert upper_bound(0, 0) == NotEstimable("no evaluable participant")


@pytest.mark.parametrize(("dlts", "n"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(dlts: int, n: int) -> None:
    """More DLTs than participants, or fewer than none."""
    with pytest.raises(UsageError, match="impossible counts of DLTs"):
        prob_above(0.3, dlts, n)
    with pytest.raises(UsageError, match="impossible counts of DLTs"):
        upper_bound(dlts, n)


def test_a_confidence_is_a_rate() -> None:
    """95 is not 95 %."""
    with pytest.raises(UsageError, match=r"confidence is not a rate \| found: 95"):
        upper_bound(0, 3, confidence=95)


def test_decimals_are_taken_as_typed() -> None:
    """0.3 - 0.05 is a quarter, which in binary floats it is not."""
    assert as_fraction(0.3) - as_fraction(0.05) == Fraction(2, 8)
    assert as_fraction(1e-05) == Fraction(1, 100_000)


def test_unequal_numbers_never_print_equal() -> None:
    """A reader must see on which side of the cutoff a probability lies."""
    assert format_beside(0.874, 0.95, 2) == ("0.87", "0.95")
    assert format_beside(0.94999, 0.95, 2) == ("0.94999", "0.95000")
    assert format_beside(0.95, 0.95, 2) == ("0.95", "0.95")


@pytest.mark.parametrize(("a", "b"), [(0.005, 3.005), (1, 1), (0.5, 40), (12.3, 4.7), (60, 60)])
def test_the_beta_distribution_for_any_parameters(a: float, b: float) -> None:
    """Both ends, both tails, against scipy; and the quantile is its inverse."""
    for x in (0.0, 1e-9, 0.01, 0.2, 0.3, 0.5, 0.77, 0.999, 1.0):
        assert beta_cdf(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), abs=1e-13)
    for probability in (0.05, 0.5, 0.95):
        assert beta_quantile(probability, a, b) == pytest.approx(stats.beta.ppf(probability, a, b), abs=1e-12)


def test_the_fewest_dlts_above_a_cutoff() -> None:
    """Uniform prior exact, other priors by floats; one more than there are where none is enough."""
    assert [fewest_above(0.30, 0.95, n) for n in range(1, 7)] == [2, 2, 3, 3, 4, 4]
    for n in range(1, 13):
        tails = [stats.beta.sf(0.3, 0.005 + y, 0.005 + n - y) for y in range(n + 1)]
        expected = next((y for y, tail in enumerate(tails) if tail > 0.95), n + 1)
        assert fewest_above(0.30, 0.95, n, (0.005, 0.005)) == expected
    # on the cutoff is not above it: 0/1 at a limit of 1/2 has exactly 1/4
    assert fewest_above(0.5, 0.25, 1) == 1


def test_tails_of_the_binomial_are_whole_numbers() -> None:
    """Pr(at most 0, 1, 2 of 2) at a rate of 1/3, in ninths."""
    assert binomial_tails(Fraction(1, 3), 2) == ((4, 8, 9), 9)
