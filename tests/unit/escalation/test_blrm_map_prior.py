"""The MAP prior: against a plain Monte Carlo integration of the same hierarchical model, and its limits."""

from math import log

import numpy as np
import pytest

from celltrial.errors import UsageError
from celltrial.escalation.blrm import BivariateNormal, BlrmModel, fit_blrm, normal_prior
from celltrial.escalation.map_prior import EarlierTrial, Heterogeneity, derive_map_prior, make_robust_map

TRIALS = (
    EarlierTrial(name="A", doses=(10, 20, 40, 80), n=(3, 6, 9, 6), dlt=(0, 0, 1, 3)),
    EarlierTrial(name="B", doses=(20, 40), n=(6, 6), dlt=(1, 1)),
)
POPULATION = BivariateNormal(mean=(-0.5, 0.2), sd=(1.5, 0.8))
NEW_N, NEW_DLT = (3, 3, 0, 0), (0, 1, 0, 0)
DOSES = (10.0, 20.0, 40.0, 80.0)


def simulated(rng: np.random.Generator, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean DLT rates of the new trial given all data, by weighting draws from the prior; and their standard errors."""
    mean, sd = np.array(POPULATION.mean)[:, None], np.array(POPULATION.sd)[:, None]
    mu = mean + sd * rng.normal(size=(2, draws))
    tau = np.array([0.25, 0.125])[:, None] * np.exp(log(2) / 1.96 * rng.normal(size=(2, draws)))

    def log_likelihood(
        theta: np.ndarray, doses: tuple[float, ...], n: tuple[int, ...], dlt: tuple[int, ...]
    ) -> np.ndarray:
        total = np.zeros(draws)
        for dose, evaluable, dlts in zip(doses, n, dlt, strict=True):
            eta = theta[0] + np.exp(theta[1]) * log(dose / 50)
            total -= dlts * np.logaddexp(0, -eta) + (evaluable - dlts) * np.logaddexp(0, eta)
        return total

    weight = sum(
        log_likelihood(mu + tau * rng.normal(size=(2, draws)), each.doses, each.n, each.dlt) for each in TRIALS
    )
    new = mu + tau * rng.normal(size=(2, draws))
    weight = weight + log_likelihood(new, DOSES, NEW_N, NEW_DLT)
    share = np.exp(weight - weight.max())
    share /= share.sum()
    rates = 1 / (1 + np.exp(-(new[0] + np.exp(new[1]) * np.log(np.array(DOSES) / 50)[:, None])))
    means = rates @ share
    return means, np.sqrt(((rates - means[:, None]) ** 2) @ share**2)


def test_it_is_the_hierarchical_model_it_stands_for() -> None:
    """Posterior of the new trial under the MAP prior = posterior of all trials together, within 4 standard errors."""
    prior = derive_map_prior(TRIALS, reference=50.0, population=POPULATION)
    fit = fit_blrm(BlrmModel(doses=DOSES, reference=50.0, prior=prior), n=NEW_N, dlt=NEW_DLT)
    means, errors = simulated(np.random.default_rng(1), 400_000)
    for rate, mean, error in zip(fit.rates, means, errors, strict=True):
        assert abs(rate.mean - mean) < 4 * error
    assert "MAP of A, B" in prior.describe()


def test_without_heterogeneity_it_is_pooling() -> None:
    """With tau near 0 the earlier participants count as the new trial's own."""
    little = Heterogeneity(median=(0.06, 0.06), log_sd=0.01)
    trial = EarlierTrial(name="A", doses=DOSES, n=(3, 6, 6, 0), dlt=(0, 1, 2, 0))
    prior = derive_map_prior((trial,), reference=50.0, population=POPULATION, heterogeneity=little)
    borrowed = fit_blrm(BlrmModel(doses=DOSES, reference=50.0, prior=prior), n=NEW_N, dlt=NEW_DLT)
    plain = normal_prior(POPULATION.mean, POPULATION.sd)
    pooled = fit_blrm(BlrmModel(doses=DOSES, reference=50.0, prior=plain), n=(6, 9, 6, 0), dlt=(0, 2, 2, 0))
    for one, other in zip(borrowed.rates, pooled.rates, strict=True):
        assert one.mean == pytest.approx(other.mean, abs=0.003)


def test_a_robust_map_lies_between_its_parts() -> None:
    """Its density is the mixture, at every pair of parameters."""
    prior = derive_map_prior(TRIALS[1:], reference=50.0, population=POPULATION)
    vague = normal_prior((-0.5, 0.2), (2.0, 1.0))
    robust = make_robust_map(prior, vague, 0.3)
    at = np.array([-1.0, 0.5]), np.array([0.0, 0.4, 1.0])
    expected = 0.7 * np.exp(prior.log_density(*at)) + 0.3 * np.exp(vague.log_density(*at))
    np.testing.assert_allclose(np.exp(robust.log_density(*at)), expected)
    assert robust.spans()[0].low <= min(prior.spans()[0].low, vague.spans()[0].low)
    assert robust.describe().startswith("0.7 MAP of B")
    with pytest.raises(UsageError):
        make_robust_map(prior, vague, 0.0)


@pytest.mark.parametrize(
    "build",
    [
        lambda: EarlierTrial(name="A", doses=(1.0,), n=(3,), dlt=(4,)),
        lambda: EarlierTrial(name="A", doses=(), n=(), dlt=()),
        lambda: Heterogeneity(median=(0.0, 0.1)),
        lambda: derive_map_prior((), reference=50.0, population=POPULATION),
        lambda: derive_map_prior(TRIALS, reference=0.0, population=POPULATION),
        lambda: derive_map_prior(
            TRIALS, reference=1.0, population=BivariateNormal(mean=(0, 0), sd=(1, 1), correlation=0.5)
        ),
    ],
)
def test_what_cannot_be_is_refused(build) -> None:
    """Each with a finding."""
    with pytest.raises(UsageError):
        build()
