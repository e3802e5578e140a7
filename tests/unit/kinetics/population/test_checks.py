"""Data in, checks of a fit, individuals, shrinkage, predictive checks, chain diagnostics."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from celltrial.errors import UsageError
from celltrial.kinetics import Profile, Sample
from celltrial.kinetics.population import (
    PopulationFit,
    build_population_data,
    code_levels,
    fit_saem,
    read_priors,
    treat_blq,
)
from celltrial.kinetics.population.diagnostics import ChainDiagnostics, check_chains, compute_diagnostics
from celltrial.kinetics.population.individual import compute_curve, individuals
from celltrial.kinetics.population.results import compute_learnt
from celltrial.kinetics.population.vpc import compute_vpc, simulate_from_fit
from celltrial.missing import Blq, NotEstimable
from unit.kinetics.population.support import QUICK, group


@pytest.fixture(scope="module")
def fit() -> PopulationFit:
    """A quick fit of twelve."""
    return fit_saem(group(), rng=np.random.default_rng(1), settings=QUICK)


def profile(*points: tuple[float, float | Blq], unit: str = "copies/ug") -> Profile:
    return Profile(samples=tuple(Sample(day=day, value=value, lloq=50) for day, value in points), unit=unit)


LOW = Blq(Decimal(50))


def test_samples_become_padded_arrays() -> None:
    """BLQ stands as its limit; samples before the infusion take no part; the shorter profile is padded."""
    data, findings = build_population_data(
        {"01": profile((-1, LOW), (0, LOW), (7, 900.0), (14, 300.0)), "02": profile((7, 100.0))}
    )
    assert data.day[0].tolist() == [0, 7, 14]
    assert np.exp(data.log_value[0]) == pytest.approx([50, 900, 300])
    assert data.is_blq.tolist() == [[True, False, False], [False, False, False]]
    assert data.is_sampled.tolist() == [[True, True, True], [True, False, False]]
    assert findings == ()


def test_what_is_left_out_is_said() -> None:
    """A BLQ sample without a limit, a participant without covariate, one whose profile cannot be read."""
    data, findings = build_population_data(
        {
            "01": profile((0, Blq(Decimal(0))), (7, 100.0)),
            "02": profile((7, 100.0)),
            "03": profile((7, 100.0), (7, 120.0)),
        },
        {"dose": {"01": 1.0, "03": 2.0}},
    )
    assert data.subjects == ("01",)
    assert [each.where for each in findings] == ["01", "02", "03"]
    with pytest.raises(UsageError, match="more than one unit"):
        build_population_data({"01": profile((7, 1.0)), "02": profile((7, 1.0), unit="cells/uL")})


def test_covariates_are_centred_and_levels_coded() -> None:
    """The population mean is that of the mean covariate."""
    profiles = {name: profile((7, 100.0)) for name in ("01", "02")}
    data, _ = build_population_data(profiles, {"dose": {"01": 1.0, "02": 3.0}})
    assert data.covariates["dose"].tolist() == [-1, 1]
    assert code_levels({"1": "B", "2": "A", "3": "C"}, "donor") == {
        "donor=B": {"1": 1.0, "2": 0.0, "3": 0.0},
        "donor=C": {"1": 0.0, "2": 0.0, "3": 1.0},
    }


def test_treatments_of_blq() -> None:
    """M1 leaves BLQ samples out; half-LLOQ makes values of them; M3 leaves them as they are."""
    data = group(n=4)
    assert treat_blq(data, "m3") is data
    assert treat_blq(data, "m1").n_samples == data.n_samples - int(data.is_blq.sum())
    half = treat_blq(data, "half-lloq")
    assert np.exp(half.log_value[data.is_blq]) == pytest.approx(25)
    assert half.blq_share == 0


def test_individual_curves_follow_their_samples(fit: PopulationFit) -> None:
    """Quantifiable samples lie about their own curve with the residual SD, which is below the population's spread."""
    curve = np.stack([compute_curve(fit, fit.data.day[row])[row] for row in range(12)])
    seen = ~fit.data.is_blq
    apart = (fit.data.log_value - np.log(curve))[seen]
    assert np.sqrt(np.mean(apart**2)) < 1.3 * fit.point.sigma
    one = individuals(fit)[0]
    assert one.subject == "01"
    for name, value in one.values.items():
        assert one.intervals[name][0] < value.value < one.intervals[name][1]


def test_shrinkage_is_small_where_each_participant_tells_and_none_without_spread(fit: PopulationFit) -> None:
    """Fourteen samples fix Tmax of each; where the spread is zero there is no shrinkage."""
    tmax = fit.shrinkage["tmax"]
    assert isinstance(tmax, float)
    assert -0.2 < tmax < 0.4
    flat = replace(fit, point=replace(fit.point, spreads=np.full(6, 0.01)))
    assert all(isinstance(each, NotEstimable) for each in flat.shrinkage.values())


def test_a_predictive_check_of_the_truth_covers_its_data(fit: PopulationFit) -> None:
    """Data of the model itself: at least three quarters of 90 % bands hold the observed BLQ share."""
    check = compute_vpc(fit, rng=np.random.default_rng(1), replicates=300)
    assert sum(each.n for each in check) == fit.data.n_samples
    assert np.mean([each.is_covered for each in check]) >= 0.75
    assert isinstance(check[0].quantiles[0.1].observed, NotEstimable)
    medians = [band.median for each in check if isinstance((band := each.quantiles[0.5]).median, float)]
    assert max(medians) == pytest.approx(fit["cmax"].value.value, rel=0.6)


def test_simulation_without_residuals_or_spread_is_the_population_curve(fit: PopulationFit) -> None:
    """With nothing random left every simulated participant is the typical one."""
    still = replace(fit, point=replace(fit.point, spreads=np.zeros(6), sigma=0.0))
    simulated = simulate_from_fit(still, 2, rng=np.random.default_rng(1))
    typical = replace(fit, theta=np.tile(fit.point.means, (12, 1)))
    expected = np.log(np.stack([compute_curve(typical, fit.data.day[row])[row] for row in range(12)]))
    assert simulated[1] == pytest.approx(expected)


def test_learnt_is_the_share_of_the_prior_variance_that_is_gone() -> None:
    """Nothing learnt where the posterior is the prior, and never less than nothing."""
    assert compute_learnt(2.0, 2.0, is_posterior=True) == 0
    assert compute_learnt(2.0, 2.5, is_posterior=True) == 0
    assert compute_learnt(0.8, 0.4, is_posterior=True) == pytest.approx(0.75)


def test_independent_draws_have_their_number_as_effective_size() -> None:
    """Four chains of 1,000 independent draws; an autoregression of 0.9 has (1 - 0.9)/(1 + 0.9) of them."""
    rng = np.random.default_rng(1)
    noise = rng.standard_normal((4, 4000))
    slow = np.zeros_like(noise)
    for step in range(1, 4000):
        slow[:, step] = 0.9 * slow[:, step - 1] + noise[:, step]
    found = compute_diagnostics({"free": noise[:, :1000, None], "slow": slow})
    assert found.ess_bulk["free[0]"] == pytest.approx(4000, rel=0.15)
    assert found.ess_bulk["slow"] == pytest.approx(16000 / 19, rel=0.25)
    assert found.r_hat["free[0]"] < 1.01
    assert check_chains(found, divergences=0) == ()


def test_chains_that_disagree_are_not_converged() -> None:
    """Another level, another width, a drift: each raises R-hat; a divergence is enough alone."""
    rng = np.random.default_rng(2)
    good = rng.standard_normal((4, 1000))
    elsewhere = good + np.array([[0.0], [0.0], [0.0], [1.0]])
    wider = good * np.array([[1.0], [1.0], [1.0], [3.0]])
    drift = good + np.linspace(-1, 1, 1000)
    for chains in (elsewhere, wider, drift):
        assert compute_diagnostics({"x": chains}).r_hat["x"] > 1.01
    findings = check_chains(compute_diagnostics({"x": elsewhere}), divergences=3)
    assert [each.message.split(":")[0] for each in findings][-1] == "divergent transitions"
    assert check_chains(ChainDiagnostics(r_hat={"x": 1.0}, ess_bulk={"x": 399.0}), 0)[0].found == "bulk ESS 399 of x"
    stuck = ChainDiagnostics(r_hat={"x": float("nan")}, ess_bulk={"x": float("nan")})
    assert len(check_chains(stuck, 0)) == 2


def test_priors_hold_every_parameter_of_the_result(fit: PopulationFit) -> None:
    """Means, spreads and the residual SD each stand with their prior."""
    names = [each.name for each in read_priors("stein2019").parameters]
    assert [each.name for each in fit.parameters] == [*names, *(f"{each} spread" for each in names), "sigma"]
    assert all(each.prior_sd for each in fit.parameters)
