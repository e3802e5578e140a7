"""The terminal slope with results below the limit: against a plain maximisation of the likelihood, and by hand."""

import math
from decimal import Decimal

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from celltrial.kinetics import Profile, Sample, compute_nca, compute_tobit_slope
from celltrial.missing import Blq, NotEstimable

LLOQ = 50.0
BLQ = Blq(Decimal(50))


def profile(*points: tuple[float, float | None]) -> Profile:
    samples = tuple(Sample(day=day, value=BLQ if value is None else value, lloq=LLOQ) for day, value in points)
    return Profile(samples=samples, unit="copies/ug")


def maximum(points: list[tuple[float, float | None]]) -> tuple[float, float]:
    """lambda_z and sigma by a general optimiser on the likelihood as it is written down."""

    def loss(theta: np.ndarray) -> float:
        level, slope, log_sigma = theta
        total = 0.0
        for day, value in points:
            mean, sigma = level - slope * day, math.exp(log_sigma)
            if value is None:
                total += norm.logcdf((math.log(LLOQ) - mean) / sigma)
            else:
                total += norm.logpdf(math.log(value), mean, sigma)
        return -total

    start = np.array([8.0, 0.05, -1.0])
    found = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20_000})
    return float(found.x[1]), float(np.exp(found.x[2]))


TAIL = [(14.0, 5200.0), (28.0, 900.0), (42.0, 420.0), (60.0, 75.0), (90.0, None), (120.0, 61.0), (180.0, None)]


def test_it_is_the_maximum_of_the_likelihood() -> None:
    """Rate and deviation as a general optimiser finds them, over the same window."""
    found = compute_tobit_slope(profile((0, 0.0), (10, 24_000.0), *TAIL))
    assert not isinstance(found, NotEstimable)
    window = [point for point in TAIL if point[0] >= found.first_day]
    rate, sigma = maximum(window)
    assert found.lambda_z == pytest.approx(rate, rel=1e-5)
    assert found.sigma == pytest.approx(sigma, rel=1e-4)
    assert (found.n, found.n_blq, found.last_day) == (len(window), 2, 180.0)


def test_without_censoring_it_is_least_squares() -> None:
    """The slope is the log-linear one of the same window."""
    points = [(0.0, 0.0), (10.0, 9000.0), (14.0, 5200.0), (28.0, 900.0), (42.0, 420.0), (60.0, 75.0)]
    found, plain = compute_tobit_slope(profile(*points)), compute_nca(profile(*points))
    assert not isinstance(found, NotEstimable)
    assert found.lambda_z == pytest.approx(plain["lambda_z"].value, rel=1e-12)
    assert found.first_day == plain["lambda_z_first"].value
    assert found.n_blq == 0


def test_results_below_the_limit_make_the_decline_faster() -> None:
    """Left out, the last values above the limit stand for all; censored, they do not."""
    points = [(0.0, 0.0), (10.0, 9000.0), (20.0, 700.0), (30.0, 160.0), (45.0, 80.0), (60.0, None), (90.0, None)]
    found = compute_tobit_slope(profile(*points))
    plain = compute_nca(profile(*points)).fit
    assert not isinstance(found, NotEstimable)
    assert not isinstance(plain, NotEstimable)
    assert found.lambda_z > plain.lambda_z


def test_an_exact_decline_is_exact_whatever_is_censored() -> None:
    """Halving each day: half-life 1 day, no deviation; the censored samples agree with the line and change nothing."""
    samples = [(float(day), 10.0 / 2**day if 10.0 / 2**day >= 1 else None) for day in range(6)]
    made = tuple(Sample(day=day, value=Blq(Decimal(1)) if value is None else value) for day, value in samples)
    for window in ("log-linear", "smallest residual"):
        found = compute_tobit_slope(Profile(samples=made, unit="x"), window=window, with_peak=True)
        assert not isinstance(found, NotEstimable)
        assert (found.half_life, found.sigma) == (pytest.approx(1.0, rel=1e-6), pytest.approx(0.0, abs=1e-6))


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([(0.0, None), (7.0, None)], "never quantifiable"),
        ([(0.0, 100.0), (7.0, 60.0), (14.0, None)], "fewer than 3 quantifiable points after Tmax"),
        ([(0.0, 900.0), (7.0, 60.0), (14.0, 80.0), (21.0, 100.0)], "falls"),
    ],
)
def test_no_slope_says_why(points: list[tuple[float, float | None]], reason: str) -> None:
    """Nothing to fit, or nothing that falls."""
    found = compute_tobit_slope(profile(*points))
    assert isinstance(found, NotEstimable)
    assert reason in found.reason


def test_a_limit_that_is_not_known_cannot_be_censored_at() -> None:
    """Said, not guessed."""
    values = ((0, 900.0), (7, 400.0), (14, 200.0), (21, 100.0), (28, 0.0))
    samples = tuple(Sample(day=day, value=value) for day, value in values)
    found = compute_tobit_slope(Profile(samples=samples, unit="x"))
    assert isinstance(found, NotEstimable)
    assert "day 28, and the limit is not known" in found.reason
