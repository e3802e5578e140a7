"""SAEM with M3: exact where an exact answer is known, near the truth where it must be, frank where it cannot tell."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from celltrial.errors import UsageError
from celltrial.kinetics.population import (
    CovariateEffect,
    PopulationData,
    SaemSettings,
    fit_saem,
    model_named,
    read_priors,
)
from celltrial.kinetics.population.fit import _standard_errors
from celltrial.kinetics.population.information import Weighted, compute_information, weigh
from celltrial.kinetics.population.saem import Point, SaemTrace, sample_individuals
from celltrial.missing import NotEstimable
from unit.kinetics.population.support import QUICK, group

MODEL = "stein2019"


@pytest.fixture(scope="module")
def large() -> PopulationData:
    """Forty participants, so that the truth must be found."""
    return group(n=40, seed=8)


def test_the_estimate_is_as_near_to_the_truth_as_theory_says(large: PopulationData) -> None:
    """At its maximum the likelihood exceeds that of the truth, by no more than chi-square with 13 degrees allows.

    2 x the difference is chi-square with one degree a parameter (Wilks 1938): its 99.99 % point bounds it above; below
    it may miss 0 by what the iterations and the Monte Carlo integration leave. The means that forty participants fix
    well lie within four standard errors.
    """
    fit = fit_saem(large, rng=np.random.default_rng(1), settings=replace(QUICK, burn_in=120, annealed=70, smoothing=60))
    priors = read_priors(MODEL)
    truth = Point(means=priors.locations, effects=np.zeros(0), spreads=priors.spreads(), sigma=priors.sigma)
    rng = np.random.default_rng(2)
    steps = np.tile(0.5 * truth.spreads, (40, 1))
    trace = SaemTrace(path=np.zeros((0, 13)), point=truth, chains=np.tile(fit.theta, (2, 1, 1)), steps=steps)
    near = sample_individuals(large, MODEL, (), trace, 100, rng=rng)[40:]
    centres = np.tile(truth.means, (40, 1))
    there = weigh(large, MODEL, truth, centres, near, 3000, rng=rng)
    gained = -2 * there.log_likelihood - fit.diagnostics["minus_2_log_likelihood"]
    assert -3.0 < gained < stats.chi2(13).ppf(0.9999)
    for name in ("foldx", "tmax", "cmax", "alpha"):
        found = fit[name]
        assert isinstance(found.sd, float)
        assert abs(found.centre - priors[name].location) < 4 * found.sd
    # residual SD: as many residuals as quantifiable samples, less six parameters a participant
    seen = int((~large.is_blq).sum()) - 6 * 40
    assert fit["sigma"].centre == pytest.approx(priors.sigma, abs=4 * priors.sigma / np.sqrt(2 * seen))


def test_dropping_blq_loses_expansion() -> None:
    """Without the BLQ samples of the first days the expansion comes out smaller: the bias M3 is there to avoid."""
    data = group(n=12, seed=3)
    with_m3 = fit_saem(data, rng=np.random.default_rng(1), settings=QUICK)
    without = fit_saem(data, rng=np.random.default_rng(1), settings=QUICK, blq="m1")
    assert without["foldx"].centre < with_m3["foldx"].centre
    assert without.data.n_samples == int((~data.is_blq).sum())


def test_equal_seeds_give_equal_fits() -> None:
    """Nothing random comes from elsewhere."""
    data = group(n=6)
    short = replace(QUICK, burn_in=20, annealed=10, smoothing=10)
    first, second = (fit_saem(data, rng=np.random.default_rng(4), settings=short) for _ in range(2))
    assert first.parameters == second.parameters


def test_the_log_likelihood_is_the_integral() -> None:
    """One parameter alone varies: importance sampling agrees with quadrature within four Monte Carlo errors."""
    data = group(n=3, seed=2)
    priors = read_priors(MODEL)
    spreads = np.full(6, 1e-4)
    spreads[2] = 0.7
    point = Point(means=priors.locations, effects=np.zeros(0), spreads=spreads, sigma=0.6)
    centres = np.tile(priors.locations, (3, 1))
    rng = np.random.default_rng(1)
    near = centres + spreads * rng.standard_normal((400, 3, 6))
    weighted = weigh(data, MODEL, point, centres, near, 4000, rng=rng)

    def joint(value: float, row: int) -> float:
        theta = priors.locations.copy()
        theta[2] = value
        curve = model_named(MODEL).log_curve(np, data.day[row : row + 1], theta[None])[0]
        seen, z = ~data.is_blq[row], (data.log_value[row] - curve) / 0.6
        return float(
            np.exp(
                stats.norm.logpdf(z[seen]).sum()
                - seen.sum() * np.log(0.6)
                + stats.norm.logcdf(z[~seen]).sum()
                + stats.norm.logpdf(value, priors.locations[2], 0.7)
            )
        )

    middle = priors.locations[2]
    exact = sum(
        np.log(integrate.quad(joint, middle - 4, middle + 4, args=(row,), epsabs=0, limit=200)[0]) for row in range(3)
    )
    assert weighted.log_likelihood == pytest.approx(exact, abs=4 * weighted.error + 0.01)
    assert weighted.error < 0.1


def test_the_information_is_the_curvature_of_the_log_likelihood() -> None:
    """Louis' formula against second differences of the importance-sampled log likelihood on the same draws."""
    data = group(n=4, seed=6)
    priors = read_priors(MODEL)
    point = Point(means=priors.locations, effects=np.zeros(0), spreads=priors.spreads(), sigma=0.56)
    settings = replace(QUICK, burn_in=30, annealed=20, smoothing=10)
    fit = fit_saem(data, rng=np.random.default_rng(2), settings=settings)
    near = fit.theta + 1.5 * fit.theta_sd * np.random.default_rng(4).standard_normal((500, *fit.theta.shape))

    def weighted(change: float, index: int) -> Weighted:
        means, sigma = point.means.copy(), point.sigma
        if index < 6:
            means[index] += change
        else:
            sigma *= float(np.exp(change))
        moved = replace(point, means=means, sigma=sigma)
        # equal seeds, equal draws: their noise cancels in the differences
        rng = np.random.default_rng(3)
        return weigh(data, MODEL, moved, np.tile(moved.means, (4, 1)), near, 10_000, rng=rng)

    information = compute_information(data, MODEL, (), point, weighted(0, 0))
    middle = weighted(0, 0).log_likelihood
    for index, row, step in ((1, 1, 0.05), (2, 2, 0.1), (6, 12, 0.05)):
        ends = weighted(step, index).log_likelihood - 2 * middle + weighted(-step, index).log_likelihood
        assert information[row, row] == pytest.approx(-ends / step**2, rel=0.1)


def test_a_fixed_effect_stays_as_given() -> None:
    """The coefficient stays as given, and has no error of its own."""
    data = group(n=5)
    shifted = replace(
        data,
        covariates={"dose": np.linspace(-1, 1, 5)},
        centres={"dose": 0.0},
    )
    effect = CovariateEffect(column="dose", parameter="cmax", fixed=0.8)
    fit = fit_saem(shifted, rng=np.random.default_rng(1), effects=[effect], settings=QUICK)
    assert fit["cmax~dose"].centre == 0.8
    assert fit["cmax~dose"].sd == NotEstimable("fixed, not fitted")


def test_an_effect_that_is_there_is_found_and_shrunk() -> None:
    """Cmax is raised by 1.0 a unit in half of sixteen: found within four errors; a tight prior holds it near 0."""
    data = group(n=16, seed=11)
    half = np.where(np.arange(16) < 8, -0.5, 0.5)
    # above the limit a shift of Cmax is a shift of the log value
    raised = replace(
        data,
        covariates={"lot": half},
        centres={"lot": 0.0},
        log_value=np.where(data.is_blq, data.log_value, data.log_value + half[:, None]),
    )
    free = CovariateEffect(column="lot", parameter="cmax", prior_sd=5.0)
    found = fit_saem(raised, rng=np.random.default_rng(1), effects=[free], settings=QUICK)["cmax~lot"]
    assert isinstance(found.sd, float)
    assert abs(found.centre - 1.0) < 4 * found.sd
    held = replace(free, prior_sd=0.02)
    assert abs(fit_saem(raised, rng=np.random.default_rng(1), effects=[held], settings=QUICK)["cmax~lot"].centre) < 0.1


def test_a_group_without_late_samples_says_nothing_of_persistence() -> None:
    """Samples to day 14 only: with priors, beta's posterior is its prior, and the finding counts why."""
    data = group(n=8, days=(0, 3, 5, 7, 9, 11, 14))
    fit = fit_saem(data, rng=np.random.default_rng(1), settings=replace(QUICK, use_priors=True))
    learnt = fit["beta"].learnt
    assert isinstance(learnt, NotEstimable) or learnt < 0.2
    assert "where persistence takes over" in fit["beta"].remark or isinstance(learnt, NotEstimable)
    assert any("beta" in each.where for each in fit.findings)


def test_a_spread_without_curvature_has_no_standard_error() -> None:
    """Flat in one log SD: the others keep their errors, that one has none."""
    point = Point(means=np.zeros(2), effects=np.zeros(0), spreads=np.array([0.5, 0.5]), sigma=0.5)
    information = np.diag([4.0, 4.0, -1.0, 9.0, 25.0])
    errors = _standard_errors(information, point)
    assert not isinstance(errors, NotEstimable)
    assert np.isnan(errors[2])
    assert errors[[0, 1, 3, 4]] == pytest.approx([0.5, 0.5, 1 / 3, 0.2])
    flat = np.diag([0.0, 4.0, 9.0, 9.0, 25.0])
    assert isinstance(_standard_errors(flat, point), NotEstimable)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (group(n=2), "too few participants"),
        (group(n=5, lloq=1e9), "every sample is below the limit"),
        (group(n=5, days=(0, 1, 2, 3, 4), lloq=1e-9), "no decline was sampled"),
    ],
)
def test_data_that_cannot_be_fitted_are_refused(data: PopulationData, expected: str) -> None:
    """Each reason in words."""
    if "decline" in expected:
        data = replace(data, log_value=np.sort(data.log_value, axis=1))
    with pytest.raises(UsageError, match=expected):
        fit_saem(data, rng=np.random.default_rng(1), settings=SaemSettings())


def test_effects_that_cannot_be_fitted_are_refused_together() -> None:
    """An unknown parameter and an unknown column: both are named."""
    wrong = CovariateEffect(column="dose", parameter="cmin")
    with pytest.raises(UsageError) as raised:
        fit_saem(group(n=5), rng=np.random.default_rng(1), effects=[wrong], settings=QUICK)
    assert [each.message for each in raised.value.findings] == ["no such parameter", "no such covariate"]
