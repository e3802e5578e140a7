"""The M3 likelihood and draws below a limit, against scipy's normal distribution."""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import log_ndtr

from celltrial.kinetics.population.likelihood import (
    compute_log_likelihood,
    draw_below,
    log_normal_cdf,
    mills_ratio,
)


def test_log_normal_cdf_over_its_whole_range() -> None:
    """Both branches, their joint at -10 and the upper half: 12 digits."""
    z = np.concatenate([np.linspace(-60, 12, 5001), [-10 - 1e-9, -10, -10 + 1e-9]])
    assert log_normal_cdf(z) == pytest.approx(log_ndtr(z), rel=1e-12)


def test_mills_ratio_is_the_slope_of_log_phi() -> None:
    """phi/Phi, far in the tail too, where it tends to -z."""
    z = np.linspace(-40, 4, 45)
    assert mills_ratio(z) == pytest.approx(np.exp(stats.norm.logpdf(z) - log_ndtr(z)), rel=1e-9)


def test_the_likelihood_of_seen_censored_and_padded_samples() -> None:
    """A density for a value, a probability for BLQ, nothing for padding."""
    curve, values = np.array([[1.0, 2.0, 3.0]]), np.array([[1.3, 1.9, 99.0]])
    found = compute_log_likelihood(
        curve, values, np.array([[False, True, False]]), np.array([[True, True, False]]), 0.5
    )
    assert found == pytest.approx([stats.norm.logpdf(1.3, 1, 0.5) + stats.norm.logcdf(1.9, 2, 0.5)])


def test_values_and_the_limit_make_a_whole() -> None:
    """The density above the limit and the probability of BLQ add up to 1."""
    one = np.ones((1, 1), dtype=bool)

    def density(value: float, is_blq: bool) -> float:
        return float(np.exp(compute_log_likelihood(np.array([[2.0]]), np.array([[value]]), one & is_blq, one, 0.7))[0])

    above, _ = integrate.quad(lambda value: density(value, False), 1.5, 20)
    assert above + density(1.5, True) == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("z", [-8.0, -2.0, -0.4, 0.3, 3.0])
def test_draws_below_a_limit_have_the_truncated_distribution(z: float) -> None:
    """Kolmogorov-Smirnov against scipy's truncated normal; the seed is fixed, the level 0.001."""
    mean, sigma = 4.0, 0.5
    drawn = draw_below(np.random.default_rng(3), np.full(4000, mean), sigma, np.full(4000, mean + z * sigma))
    assert drawn.max() <= mean + z * sigma
    assert stats.kstest((drawn - mean) / sigma, stats.truncnorm(-np.inf, z).cdf).pvalue > 0.001
