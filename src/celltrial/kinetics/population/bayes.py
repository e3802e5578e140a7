"""Full Bayes of a population model: NUTS by NumPyro, with informative priors and M3.

Needs the extra `celltrial[population]`, which is imported when a fit is asked for and not before. Parameters are
non-centred, samples padded to one array, chains run side by side on as many devices as there are chains.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.errors import Finding, UsageError
from celltrial.kinetics.population.data import CovariateEffect, PopulationData
from celltrial.kinetics.population.diagnostics import ChainDiagnostics, check_chains, compute_diagnostics
from celltrial.kinetics.population.findings import check_fit, remark, require_usable
from celltrial.kinetics.population.models import model_named
from celltrial.kinetics.population.priors import read_priors, to_natural
from celltrial.kinetics.population.results import (
    Draws,
    Kind,
    PopulationFit,
    PopulationParameter,
    compute_learnt,
    half_normal_mean,
    half_normal_sd,
    on_scale,
)
from celltrial.kinetics.population.saem import Point
from celltrial.kinetics.profile import Estimate

__all__ = ["BayesSettings", "fit_bayes"]

Floats: TypeAlias = npt.NDArray[np.float64]
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BayesSettings:
    """Chains, draws of each to warm up and to keep, and the acceptance that the step size aims at."""

    chains: int = 4
    warmup: int = 1000
    draws: int = 1000
    target_accept: float = 0.9


def fit_bayes(
    data: PopulationData,
    model: str = "stein2019",
    *,
    seed: int,
    effects: Sequence[CovariateEffect] = (),
    settings: BayesSettings | None = None,
    progress: Progress | None = None,
) -> PopulationFit:
    """Sample the posterior; 12 participants take about half a minute. Intervals: 90 %, equal tails.

    `converged` is False, with a finding, where R-hat is over 1.01, bulk ESS under 400 or a transition diverged.
    Raises:
        UsageError: data that cannot be fitted, or NumPyro is not installed.
    """
    chosen = settings or BayesSettings()
    findings = require_usable(data, model, effects)
    jax = _engine(chosen.chains)
    if progress is not None:
        progress(0.0, "compiling and sampling with NUTS")
    sampler = _sampler(model, tuple(effects), chosen)
    arrays = (data.day, data.log_value, data.is_blq, data.is_sampled, data.shifts(model_named(model), effects))
    with jax.enable_x64(False):
        sampler.run(jax.random.PRNGKey(seed), *(jax.numpy.asarray(each) for each in arrays))
        chains = {name: np.asarray(each, np.float64) for name, each in sampler.get_samples(group_by_chain=True).items()}
        divergences = int(np.asarray(sampler.get_extra_fields()["diverging"]).sum())
    draws = _draws(chains)
    diagnostics = compute_diagnostics(_monitored(chains, model))
    parameters = _parameters(data, model, effects, draws)
    trouble = check_chains(diagnostics, divergences)
    return PopulationFit(
        model=model,
        method="bayes",
        data=data,
        effects=tuple(effects),
        point=_median(draws),
        parameters=parameters,
        theta=draws.theta.mean(axis=0),
        theta_sd=draws.theta.std(axis=0),
        diagnostics=_numbers(diagnostics, divergences),
        converged=not trouble,
        findings=(*findings, *trouble, *check_fit(parameters)),
        draws=draws,
    )


def _engine(chains: int) -> Any:
    """JAX, with one device a chain if nothing has used it yet. Raises UsageError where NumPyro is not installed."""
    try:
        numpyro = importlib.import_module("numpyro")
    except ImportError:
        raise UsageError(
            Finding(
                message="full Bayes needs NumPyro, which is not installed",
                next_step="install celltrial[population], or use --method saem",
            )
        ) from None
    # takes effect only before the first use of JAX; later, chains run one after another: slower, the same draws
    numpyro.set_host_device_count(chains)
    importlib.import_module("numpyro.infer")
    return importlib.import_module("jax")


@cache
def _sampler(model_name: str, effects: tuple[CovariateEffect, ...], settings: BayesSettings) -> Any:
    """The sampler of a model; kept, so that a second fit of the same shape does not compile again."""
    jax = importlib.import_module("jax")
    infer = importlib.import_module("numpyro.infer")
    kernel = infer.NUTS(_density(model_name, effects), target_accept_prob=settings.target_accept)
    return infer.MCMC(
        kernel,
        num_warmup=settings.warmup,
        num_samples=settings.draws,
        num_chains=settings.chains,
        chain_method="parallel" if jax.local_device_count() >= settings.chains else "sequential",
        progress_bar=False,
        jit_model_args=True,
    )


def _density(model_name: str, effects: tuple[CovariateEffect, ...]) -> Callable[..., None]:
    """The model as NumPyro reads it."""
    numpyro, jnp = importlib.import_module("numpyro"), importlib.import_module("jax.numpy")
    dist, special = importlib.import_module("numpyro.distributions"), importlib.import_module("jax.scipy.special")
    structure, priors = model_named(model_name), read_priors(model_name)
    p = len(structure.parameters)
    fitted = jnp.array([effect.fixed is None for effect in effects])
    fixed = jnp.array([effect.fixed or 0.0 for effect in effects])
    effect_sds = jnp.array([effect.prior_sd for effect in effects])

    def density(day: Any, log_value: Any, is_blq: Any, is_sampled: Any, shifts: Any) -> None:
        standard = numpyro.sample("mean_standard", dist.Normal(0.0, 1.0).expand([p]).to_event(1))
        spread_standard = numpyro.sample("spread_standard", dist.HalfNormal(1.0).expand([p]).to_event(1))
        sigma = numpyro.sample("sigma", dist.HalfNormal(priors.sigma_scale))
        apart = numpyro.sample("apart", dist.Normal(0.0, 1.0).expand([day.shape[0], p]).to_event(2))
        means = numpyro.deterministic("means", priors.locations + priors.location_sds * standard)
        spreads = numpyro.deterministic("spreads", priors.spread_scales * spread_standard)
        theta = means + spreads * apart
        if effects:
            raw = numpyro.sample("effect_standard", dist.Normal(0.0, 1.0).expand([len(effects)]).to_event(1))
            coefficients = numpyro.deterministic("effects", jnp.where(fitted, effect_sds * raw, fixed))
            theta = theta + jnp.einsum("e,enp->np", coefficients, shifts)
        theta = numpyro.deterministic("theta", theta)
        residual = (log_value - structure.log_curve(jnp, day, theta)) / sigma
        seen = -0.5 * residual**2 - jnp.log(sigma)
        terms = jnp.where(is_blq, special.log_ndtr(jnp.where(is_blq, residual, 0.0)), seen)
        numpyro.factor("samples", jnp.where(is_sampled, terms, 0.0).sum())

    return density


def _draws(chains: dict[str, Floats]) -> Draws:
    flat = {name: each.reshape(-1, *each.shape[2:]) for name, each in chains.items()}
    return Draws(
        means=flat["means"],
        effects=flat.get("effects", np.zeros((flat["sigma"].size, 0))),
        spreads=flat["spreads"],
        sigma=flat["sigma"],
        theta=flat["theta"],
    )


def _monitored(chains: dict[str, Floats], model: str) -> dict[str, Floats]:
    """Every population and individual parameter under its name, without fixed coefficients, which do not move."""
    monitored: dict[str, Floats] = {"sigma": chains["sigma"]}
    for index, name in enumerate(model_named(model).parameters):
        monitored[name] = chains["means"][..., index]
        monitored[f"{name} spread"] = chains["spreads"][..., index]
        monitored[f"{name} of participant"] = chains["theta"][..., index]
    for index in range(chains["effects"].shape[-1] if "effects" in chains else 0):
        if float(np.ptp(chains["effects"][..., index])) > 0:
            monitored[f"effect {index + 1}"] = chains["effects"][..., index]
    return monitored


def _numbers(diagnostics: ChainDiagnostics, divergences: int) -> dict[str, float]:
    return {
        "divergences": float(divergences),
        "max_r_hat": max(diagnostics.r_hat.values()),
        "min_ess_bulk": min(diagnostics.ess_bulk.values()),
    }


def _median(draws: Draws) -> Point:
    return Point(
        means=np.median(draws.means, axis=0),
        effects=np.median(draws.effects, axis=0),
        spreads=np.median(draws.spreads, axis=0),
        sigma=float(np.median(draws.sigma)),
    )


def _parameters(
    data: PopulationData, model: str, effects: Sequence[CovariateEffect], draws: Draws
) -> tuple[PopulationParameter, ...]:
    priors, point = read_priors(model), _median(draws)
    found: list[PopulationParameter] = []
    for index, each in enumerate(priors.parameters):
        one = _summary(each.name, "mean", draws.means[:, index], each.location, each.location_sd)
        low, high = (to_natural(float(end), each.transform) for end in _ends(draws.means[:, index]))
        found.append(replace(one, value=on_scale(one.centre, each, data.unit), interval=(low, high)))
    for index, effect in enumerate(effects):
        found.append(_summary(effect.name, "effect", draws.effects[:, index], 0.0, effect.prior_sd))
    scales = [(f"{each.name} spread", each.spread_scale) for each in priors.parameters]
    for index, (name, scale) in enumerate(scales):
        prior = (half_normal_mean(scale), half_normal_sd(scale))
        found.append(_summary(name, "spread", draws.spreads[:, index], *prior))
    scale = priors.sigma_scale
    found.append(_summary("sigma", "residual", draws.sigma, half_normal_mean(scale), half_normal_sd(scale)))
    return tuple(replace(each, remark=remark(each, data, point, model)) for each in found)


def _ends(draws: Floats) -> tuple[float, float]:
    low, high = np.quantile(draws, (0.05, 0.95))
    return float(low), float(high)


def _summary(name: str, kind: Kind, draws: Floats, prior_centre: float, prior_sd: float) -> PopulationParameter:
    sd = float(draws.std(ddof=1))
    return PopulationParameter(
        name=name,
        kind=kind,
        value=Estimate(float(np.median(draws)), "log"),
        centre=float(np.median(draws)),
        sd=sd,
        interval=_ends(draws),
        prior_centre=prior_centre,
        prior_sd=prior_sd,
        learnt=compute_learnt(prior_sd, sd, is_posterior=True),
    )
