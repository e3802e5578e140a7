"""`fit_saem`: a population model by maximum likelihood, with its parameters, intervals, individuals and findings."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.errors import Finding
from celltrial.kinetics.population.data import BlqTreatment, CovariateEffect, PopulationData, treat_blq
from celltrial.kinetics.population.findings import check_fit, remark, require_usable
from celltrial.kinetics.population.information import Weighted, compute_information, weigh
from celltrial.kinetics.population.models import model_named
from celltrial.kinetics.population.priors import ParameterPrior, read_priors, to_natural
from celltrial.kinetics.population.results import (
    ZERO_SPREAD,
    PopulationFit,
    PopulationParameter,
    compute_learnt,
    half_normal_mean,
    half_normal_sd,
    on_scale,
)
from celltrial.kinetics.population.saem import Point, Progress, SaemSettings, SaemTrace, maximise, sample_individuals
from celltrial.kinetics.profile import Estimate
from celltrial.kinetics.student import student_quantile
from celltrial.missing import NotEstimable

__all__ = ["fit_saem"]

Floats: TypeAlias = npt.NDArray[np.float64]

_Z90 = 1.6448536269514722
# change of a mean over the last half of the smoothing, in its own standard errors, that counts as not at rest
_DRIFT = 0.5
# standard errors are computed with between-subject SDs of at least this: wider rather than narrower
_SPREAD_FOR_ERRORS = 0.2
# least eigenvalue of the information, scaled to a diagonal of 1, that counts as curved
_FLAT = 0.02


def fit_saem(
    data: PopulationData,
    model: str = "stein2019",
    *,
    rng: np.random.Generator,
    effects: Sequence[CovariateEffect] = (),
    blq: BlqTreatment = "m3",
    settings: SaemSettings | None = None,
    progress: Progress | None = None,
) -> PopulationFit:
    """Fit by SAEM; 12 participants take about 2 s of CPU.

    Intervals: Wald, 90 %, from the observed information (Louis 1982) by importance sampling: t with N - 1 degrees of
    freedom for means and coefficients, normal on the log scale for SDs; between-subject SDs under 0.2 count as 0.2 in
    it. Individuals: conditional means and SDs.
    Raises:
        UsageError: data that cannot be fitted, with every reason.
    """
    chosen = settings or SaemSettings()
    seen = treat_blq(data, blq)
    findings = require_usable(seen, model, effects)
    trace = maximise(seen, model, effects, chosen, rng=rng, progress=progress)
    sampled = sample_individuals(seen, model, effects, trace, chosen.individual_sweeps, rng=rng)
    centres = trace.point.centres(seen.shifts(model_named(model), effects))
    weighted = weigh(seen, model, trace.point, centres, sampled, chosen.importance_draws, rng=rng)
    errors = _standard_errors(_information(seen, model, effects, trace, weighted, chosen, rng), trace.point)
    parameters = _parameters(seen, model, effects, trace.point, errors, is_posterior=chosen.use_priors)
    drift = _drift(trace, errors)
    findings += _check_rest(drift, weighted)
    return PopulationFit(
        model=model,
        method="saem",
        data=seen,
        effects=tuple(effects),
        point=trace.point,
        parameters=parameters,
        theta=weighted.means,
        theta_sd=weighted.sds,
        diagnostics={
            "minus_2_log_likelihood": -2 * weighted.log_likelihood,
            "minus_2_log_likelihood_error": 2 * weighted.error,
            "smallest_importance_sample": weighted.smallest_sample,
            "drift_in_standard_errors": drift,
        },
        converged=drift <= _DRIFT,
        findings=(*findings, *check_fit(parameters)),
    )


def _information(
    data: PopulationData,
    model: str,
    effects: Sequence[CovariateEffect],
    trace: SaemTrace,
    weighted: Weighted,
    settings: SaemSettings,
    rng: np.random.Generator,
) -> Floats:
    """The information at the estimate; spreads next to zero, where it is all Monte Carlo noise, are held up for it."""
    point = trace.point
    if (point.spreads < _SPREAD_FOR_ERRORS).any():
        point = replace(point, spreads=np.maximum(point.spreads, _SPREAD_FOR_ERRORS))
        held = replace(trace, point=point)
        sampled = sample_individuals(data, model, effects, held, settings.individual_sweeps, rng=rng)
        centres = point.centres(data.shifts(model_named(model), effects))
        weighted = weigh(data, model, point, centres, sampled, settings.importance_draws, rng=rng)
    return compute_information(data, model, effects, point, weighted, use_priors=settings.use_priors)


def _standard_errors(information: Floats, point: Point) -> Floats | NotEstimable:
    """Standard errors of (means, coefficients, log spreads, log sigma); NaN for spreads that have none.

    A spread that is zero, or in which the likelihood is flat or curved the wrong way, has no standard error; the others
    then have theirs with that spread held where it is.
    """
    first = point.means.size + point.effects.size
    is_kept = np.ones(information.shape[0], np.bool_)
    is_kept[first:-1] = point.spreads >= ZERO_SPREAD
    while True:
        kept = np.flatnonzero(is_kept)
        part = information[np.ix_(kept, kept)]
        scale = np.sqrt(np.abs(np.diagonal(part))) + 1e-12
        values, vectors = np.linalg.eigh(part / np.outer(scale, scale))
        if values[0] > _FLAT:
            errors = np.full(is_kept.size, np.nan)
            errors[kept] = np.sqrt(np.diagonal(np.linalg.inv(part)))
            return errors
        is_spread = (kept >= first) & (kept < is_kept.size - 1)
        if not is_spread.any():
            return NotEstimable("the information matrix is not positive definite: the data do not fix all parameters")
        is_kept[kept[np.argmax(np.where(is_spread, np.abs(vectors[:, 0]), -1.0))]] = False


def _parameters(
    data: PopulationData,
    model: str,
    effects: Sequence[CovariateEffect],
    point: Point,
    errors: Floats | NotEstimable,
    *,
    is_posterior: bool,
) -> tuple[PopulationParameter, ...]:
    priors = read_priors(model)
    p, e = point.means.size, len(effects)
    wide = student_quantile(0.95, max(len(data.subjects) - 1, 2))
    found = [
        _mean(each, float(point.means[i]), _error(errors, i), wide, data.unit, is_posterior=is_posterior)
        for i, each in enumerate(priors.parameters)
    ]
    found += [_effect(each, float(point.effects[i]), _error(errors, p + i), wide) for i, each in enumerate(effects)]
    found += [
        _spread(f"{each.name} spread", float(point.spreads[i]), _error(errors, p + e + i), each.spread_scale)
        for i, each in enumerate(priors.parameters)
    ]
    sigma = _spread("sigma", point.sigma, _error(errors, 2 * p + e), priors.sigma_scale)
    found.append(replace(sigma, kind="residual"))
    return tuple(replace(each, remark=remark(each, data, point, model)) for each in found)


def _error(errors: Floats | NotEstimable, index: int) -> float | NotEstimable:
    if isinstance(errors, NotEstimable):
        return errors
    error = float(errors[index])
    return NotEstimable("zero, or the likelihood is flat in it") if math.isnan(error) else error


def _mean(
    prior: ParameterPrior, value: float, error: float | NotEstimable, wide: float, unit: str, *, is_posterior: bool
) -> PopulationParameter:
    interval: tuple[float, float] | NotEstimable = (
        error
        if isinstance(error, NotEstimable)
        else (to_natural(value - wide * error, prior.transform), to_natural(value + wide * error, prior.transform))
    )
    return PopulationParameter(
        name=prior.name,
        kind="mean",
        value=on_scale(value, prior, unit),
        centre=value,
        sd=error,
        interval=interval,
        prior_centre=prior.location,
        prior_sd=prior.location_sd,
        learnt=_learnt(prior.location_sd, error, is_posterior=is_posterior),
    )


def _effect(effect: CovariateEffect, value: float, error: float | NotEstimable, wide: float) -> PopulationParameter:
    if effect.fixed is not None:
        error = NotEstimable("fixed, not fitted")
    interval = error if isinstance(error, NotEstimable) else (value - wide * error, value + wide * error)
    return PopulationParameter(
        name=effect.name,
        kind="effect",
        value=Estimate(value, "log"),
        centre=value,
        sd=error,
        interval=interval,
        prior_centre=0.0,
        prior_sd=effect.prior_sd,
        # coefficients are penalised by their priors: what stands here is a posterior already
        learnt=_learnt(effect.prior_sd, error, is_posterior=True),
    )


def _spread(name: str, value: float, error: float | NotEstimable, scale: float) -> PopulationParameter:
    interval = (
        error
        if isinstance(error, NotEstimable)
        else (value * math.exp(-_Z90 * min(error, 50)), value * math.exp(_Z90 * min(error, 50)))
    )
    sd = error if isinstance(error, NotEstimable) else value * error
    return PopulationParameter(
        name=name,
        kind="spread",
        value=Estimate(value, "log"),
        centre=value,
        sd=sd,
        interval=interval,
        prior_centre=half_normal_mean(scale),
        prior_sd=half_normal_sd(scale),
        learnt=_learnt(half_normal_sd(scale), sd, is_posterior=False),
    )


def _learnt(prior_sd: float, sd: float | NotEstimable, *, is_posterior: bool) -> float | NotEstimable:
    return sd if isinstance(sd, NotEstimable) else compute_learnt(prior_sd, sd, is_posterior=is_posterior)


def _drift(trace: SaemTrace, errors: Floats | NotEstimable) -> float:
    """The largest move of a mean over the last quarter of the iterations, in standard errors (or in spreads)."""
    p = trace.point.means.size
    tail = trace.path[-max(len(trace.path) // 4, 2) :, :p]
    moved = np.abs(tail[-1] - tail[0])
    unit = trace.point.spreads if isinstance(errors, NotEstimable) else errors[:p]
    return float((moved / unit).max())


def _check_rest(drift: float, weighted: Weighted) -> tuple[Finding, ...]:
    findings = []
    if drift > _DRIFT:
        findings.append(
            Finding(
                message="the iterations had not come to rest",
                found=f"a mean moved by {drift:.2g} of its standard errors in the last quarter",
                expected=f"at most {_DRIFT}",
                next_step="more iterations, or full Bayes",
            )
        )
    if weighted.smallest_sample < 100:
        findings.append(
            Finding(
                message="the log likelihood rests on few draws of a participant",
                found=f"{weighted.smallest_sample:.0f}",
                expected="100 or more effective draws",
            )
        )
    return tuple(findings)
