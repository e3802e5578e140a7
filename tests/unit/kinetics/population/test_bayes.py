"""Full Bayes where NumPyro is installed; else skipped, or failed with CELLTRIAL_TEST_POPULATION=required."""

import importlib.util
import os
import warnings
from dataclasses import replace

import numpy as np
import pytest

from celltrial.errors import UsageError
from celltrial.kinetics.population import BayesSettings, CovariateEffect, PopulationFit, fit_bayes, fit_saem
from celltrial.kinetics.population.diagnostics import compute_diagnostics
from celltrial.kinetics.population.vpc import compute_vpc
from unit.kinetics.population.support import QUICK, group

IS_THERE = importlib.util.find_spec("numpyro") is not None
IS_REQUIRED = os.environ.get("CELLTRIAL_TEST_POPULATION") == "required"
needs_numpyro = pytest.mark.skipif(
    not IS_THERE and not IS_REQUIRED, reason="NumPyro is not installed: install celltrial[population]"
)
SHORT = BayesSettings(chains=2, warmup=250, draws=250, target_accept=0.8)

# raised inside JAX and NumPyro, about their own use of each other
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def fit() -> PopulationFit:
    """A short run on ten participants with a covariate that does nothing."""
    data = replace(group(n=10, seed=4), covariates={"dose": np.linspace(-1, 1, 10)}, centres={"dose": 0.0})
    effect = CovariateEffect(column="dose", parameter="cmax")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit_bayes(data, seed=1, effects=[effect], settings=SHORT)


@needs_numpyro
def test_the_posterior_agrees_with_maximum_likelihood_where_the_data_decide(fit: PopulationFit) -> None:
    """Tmax and the peak, whose priors are wide beside the data, within three posterior SDs of SAEM's estimate."""
    saem = fit_saem(fit.data, rng=np.random.default_rng(1), effects=fit.effects, settings=QUICK)
    for name in ("tmax", "cmax", "alpha", "sigma"):
        sd = fit[name].sd
        assert isinstance(sd, float)
        assert abs(fit[name].centre - saem[name].centre) < 3 * sd


@needs_numpyro
def test_a_posterior_is_narrower_than_its_prior(fit: PopulationFit) -> None:
    """Ten participants teach something of every mean, and intervals hold their medians."""
    for each in fit.parameters:
        assert isinstance(each.sd, float)
        assert not isinstance(each.interval, type(None))
        if each.kind == "mean":
            assert each.prior_sd is not None
            assert each.sd < each.prior_sd
        low, high = each.interval
        assert low < each.value.value < high


@needs_numpyro
def test_a_short_run_is_not_called_converged(fit: PopulationFit) -> None:
    """Five hundred draws do not reach 400 effective ones for every number; the finding says which."""
    assert not fit.converged
    assert fit.diagnostics["min_ess_bulk"] < 400
    assert any(each.message == "too few effective draws" for each in fit.findings)


@needs_numpyro
def test_a_predictive_check_of_draws(fit: PopulationFit) -> None:
    """Each simulated trial has a draw of its own; bands have a width."""
    check = compute_vpc(fit, rng=np.random.default_rng(1), replicates=100)
    shares = [each.blq_share for each in check]
    assert any(isinstance(each.low, float) and isinstance(each.high, float) and each.low < each.high for each in shares)


@needs_numpyro
def test_diagnostics_agree_with_numpyro_s_on_plain_chains() -> None:
    """On normal draws, where ranks change next to nothing, R-hat and ESS are NumPyro's to a few percent."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    rng = np.random.default_rng(5)
    chains = rng.standard_normal((4, 2000))
    for step in range(1, 2000):
        chains[:, step] = 0.6 * chains[:, step - 1] + 0.8 * chains[:, step]
    found = compute_diagnostics({"x": chains})
    assert found.ess_bulk["x"] == pytest.approx(float(effective_sample_size(chains)), rel=0.1)
    assert found.r_hat["x"] == pytest.approx(float(split_gelman_rubin(chains)), abs=0.005)


def test_without_numpyro_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra and the other method; nothing of JAX is needed for it."""
    import importlib

    real = importlib.import_module

    def absent(name: str) -> object:
        if name.startswith("numpyro"):
            raise ImportError(name)
        return real(name)

    monkeypatch.setattr("celltrial.kinetics.population.bayes.importlib.import_module", absent)
    with pytest.raises(UsageError, match=r"celltrial\[population\]"):
        fit_bayes(group(n=5), seed=1)
