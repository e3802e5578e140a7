"""What data cannot be fitted, and what a fit cannot say: in words, with the numbers that decide."""

from collections.abc import Sequence

import numpy as np

from celltrial.errors import Finding, UsageError
from celltrial.kinetics.population.data import CovariateEffect, PopulationData
from celltrial.kinetics.population.models import model_named
from celltrial.kinetics.population.priors import read_priors
from celltrial.kinetics.population.results import ZERO_SPREAD, PopulationParameter
from celltrial.kinetics.population.saem import Point
from celltrial.missing import NotEstimable

__all__ = ["NOT_IDENTIFIED", "WEAKLY_IDENTIFIED", "check_fit", "explain", "require_usable"]

# fewer participants than this leave nothing to learn a between-subject SD from
MINIMUM_SUBJECTS = 3
FEW_SUBJECTS = 6
# shares of the prior variance that the data must take away
NOT_IDENTIFIED, WEAKLY_IDENTIFIED = 0.1, 0.5
# distance to a bound, on the transformed scale, at which a mean counts as lying on it
_AT_BOUND = 1e-6


def require_usable(data: PopulationData, model: str, effects: Sequence[CovariateEffect]) -> tuple[Finding, ...]:
    """Findings of data that can be fitted with care. Raises UsageError, with all reasons, where they cannot be."""
    n = len(data.subjects)
    blocking: list[Finding] = []
    if n < MINIMUM_SUBJECTS:
        blocking.append(
            Finding(
                message="too few participants for a population model",
                found=str(n),
                expected=f"{MINIMUM_SUBJECTS} or more",
                next_step="describe them with `celltrial kinetics nca`",
            )
        )
    if not (data.is_sampled & ~data.is_blq).any():
        blocking.append(Finding(message="every sample is below the limit of quantification: there is no curve to fit"))
    elif not _has_decline(data):
        blocking.append(
            Finding(
                message="no decline was sampled: nobody has a lower or BLQ sample after the highest one",
                expected="samples after the peak",
                next_step="wait for later samples",
            )
        )
    blocking += _check_effects(data, model, effects)
    if blocking:
        raise UsageError(blocking)
    if n < FEW_SUBJECTS:
        return (
            Finding(message=f"{n} participants: between-subject SDs rest on next to nothing", expected="6 or more"),
        )
    return ()


def _has_decline(data: PopulationData) -> bool:
    seen = data.is_sampled & ~data.is_blq
    value = np.where(seen, data.log_value, -np.inf)
    peak = np.argmax(value, axis=1)
    later = data.is_sampled & (np.arange(data.day.shape[1]) > peak[:, None])
    is_lower = later & (value < value.max(axis=1, keepdims=True)) & seen.any(axis=1, keepdims=True)
    return bool(is_lower.any())


def _check_effects(data: PopulationData, model: str, effects: Sequence[CovariateEffect]) -> list[Finding]:
    found: list[Finding] = []
    for effect in effects:
        if effect.parameter not in model_named(model).parameters:
            expected = ", ".join(model_named(model).parameters)
            found.append(Finding(message="no such parameter", found=effect.parameter, expected=expected))
        values = data.covariates.get(effect.column)
        if values is None:
            expected = ", ".join(data.covariates) or "none given"
            found.append(Finding(message="no such covariate", found=effect.column, expected=expected))
        elif effect.fixed is None and float(np.ptp(values)) == 0.0:
            found.append(Finding(message="a covariate that is the same in everybody", found=effect.column))
    return found


def explain(name: str, data: PopulationData, point: Point, model: str) -> str:
    """What the data lack for a parameter, counted from the samples."""
    priors = read_priors(model)
    names = [each.name for each in priors.parameters]
    means = dict(zip(names, np.exp(point.means).tolist(), strict=True))
    peak = means["tmax"] if "tmax" in means else means["tgrow"] + means.get("tlag", means.get("t0", 0.0))
    seen = data.is_sampled & ~data.is_blq
    n = len(data.subjects)
    if name in ("foldx", "tlag", "t0", "kd", "tgrow"):
        early = int((seen & (data.day < peak)).any(axis=1).sum())
        return f"{early} of {n} participants have a quantifiable sample before the peak (day {peak:.3g})"
    if name in ("fb", "beta"):
        crossing = peak - float(np.log(means["fb"])) / max(means["alpha"] - means["beta"], 1e-6)
        late = (seen & (data.day > crossing)).sum(axis=1)
        return (
            f"{int((late >= 2).sum())} of {n} participants have two or more quantifiable samples after day "
            f"{crossing:.0f}, where persistence takes over"
        )
    if name in ("trec", "delta"):
        late = (seen & (data.day > means["trec"])).sum(axis=1)
        return f"{int((late >= 2).sum())} of {n} participants have two or more quantifiable samples after recovery"
    return f"{n} participants with {int(seen.sum())} quantifiable samples"


def check_fit(parameters: Sequence[PopulationParameter]) -> tuple[Finding, ...]:
    """A finding for each parameter with a remark."""
    return tuple(Finding(message=f"{each.name}: {each.remark}", where=each.name) for each in parameters if each.remark)


def remark(parameter: PopulationParameter, data: PopulationData, point: Point, model: str) -> str:
    """Why a parameter is not identified by these data; blank where it is."""
    base = parameter.name.removesuffix(" spread")
    priors = {each.name: each for each in read_priors(model).parameters}
    because = explain(base, data, point, model) if base in priors else f"{len(data.subjects)} participants"
    if parameter.kind == "spread" and parameter.centre < ZERO_SPREAD:
        return f"not identified by these data: the estimate is zero, because {because}"
    if parameter.kind == "mean":
        bounds = (priors[base].lower, priors[base].upper)
        if min(abs(parameter.centre - bound) for bound in bounds) < _AT_BOUND:
            return f"not identified by these data: the estimate ran to its bound, because {because}"
    if isinstance(parameter.learnt, NotEstimable):
        return f"no interval ({parameter.learnt.reason}); {because}" if parameter.kind == "spread" else ""
    if parameter.learnt < NOT_IDENTIFIED:
        return f"not identified by these data: the posterior is the prior, because {because}"
    if parameter.learnt < WEAKLY_IDENTIFIED:
        share = f"{parameter.learnt:.0%} of the prior variance is gone"
        return f"weakly identified: {share}; {because}"
    return ""
