"""What a population fit says: each parameter with its interval, its prior, and how much of it the data have taught."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.errors import Finding
from celltrial.kinetics.population.data import CovariateEffect, PopulationData
from celltrial.kinetics.population.priors import ParameterPrior, to_natural
from celltrial.kinetics.population.saem import Point
from celltrial.kinetics.profile import Estimate
from celltrial.missing import NotEstimable

__all__ = ["Draws", "Kind", "PopulationFit", "PopulationParameter", "compute_learnt", "compute_shrinkage", "on_scale"]

Floats: TypeAlias = npt.NDArray[np.float64]
Kind = Literal["mean", "spread", "effect", "residual"]

# under it the spread of a parameter counts as zero
ZERO_SPREAD = 0.1
# Var |Z| of a standard normal: what a half-normal prior of scale 1 has as variance
_HALF_NORMAL_SD = math.sqrt(1 - 2 / math.pi)


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationParameter:
    """One population parameter.

    name: the model's name; with ` spread` for between-subject SDs, `cmax~log_dose` for coefficients, or `sigma`.
    value: on its own scale (means) or as fitted (SDs and coefficients, on the transformed scale).
    centre, sd: of the estimate or posterior on the transformed scale; for SDs their own.
    interval: 90 %, on the scale of `value`: confidence (SAEM) or credible (Bayes).
    prior_sd: of the prior on the same scale as `sd`; None where there is no prior.
    learnt: share of the prior's variance that the data have taken away: 0 nothing learnt, 1 all.
    remark: why it is not identified, where it is not; blank where it is.
    """

    name: str
    kind: Kind
    value: Estimate
    centre: float
    sd: float | NotEstimable
    interval: tuple[float, float] | NotEstimable
    prior_centre: float
    prior_sd: float | None
    learnt: float | NotEstimable
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Posterior draws: means (S, P), effects (S, E), spreads (S, P), sigma (S,), theta (S, N, P)."""

    means: Floats
    effects: Floats
    spreads: Floats
    sigma: Floats
    theta: Floats

    def point(self, index: int) -> Point:
        """One draw."""
        return Point(
            means=self.means[index],
            effects=self.effects[index],
            spreads=self.spreads[index],
            sigma=float(self.sigma[index]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationFit:
    """A population fit whole.

    theta, theta_sd: individual means and SDs on the transformed scale, (N, P).
    diagnostics: numbers by name (-2 log likelihood with its Monte Carlo error; or R-hat, ESS, divergences).
    converged: whether the result may be used; `findings` say why not, and what is not identified.
    """

    model: str
    method: Literal["saem", "bayes"]
    data: PopulationData
    effects: tuple[CovariateEffect, ...]
    point: Point
    parameters: tuple[PopulationParameter, ...]
    theta: Floats
    theta_sd: Floats
    diagnostics: Mapping[str, float]
    converged: bool
    findings: tuple[Finding, ...]
    draws: Draws | None = None

    def __getitem__(self, name: str) -> PopulationParameter:
        return next(each for each in self.parameters if each.name == name)

    @property
    def shrinkage(self) -> Mapping[str, float | NotEstimable]:
        """Shrinkage of the individual estimates, by parameter."""
        return compute_shrinkage(self)


def compute_shrinkage(fit: PopulationFit) -> dict[str, float | NotEstimable]:
    """1 - SD(individual deviations)/between-subject SD: near 1, individual values are the population's (Savic 2009).

    Source: Savic RM, Karlsson MO (2009), AAPS J 11:558.
    """
    from celltrial.kinetics.population.models import model_named

    model = model_named(fit.model)
    apart = fit.theta - fit.point.centres(fit.data.shifts(model, fit.effects))
    shown: dict[str, float | NotEstimable] = {}
    for index, name in enumerate(model.parameters):
        spread = float(fit.point.spreads[index])
        if spread < ZERO_SPREAD:
            shown[name] = NotEstimable(f"the between-subject SD is {spread:.2g}: nothing to shrink towards")
        else:
            shown[name] = 1.0 - float(np.sqrt(np.mean(apart[:, index] ** 2))) / spread
    return shown


def compute_learnt(prior_sd: float, sd: float, *, is_posterior: bool) -> float:
    """Share of the prior variance that is gone; from a standard error alone, as if prior and data were both normal.

    >>> compute_learnt(1.0, 0.5, is_posterior=True), compute_learnt(1.0, 1.0, is_posterior=False)
    (0.75, 0.5)
    """
    if is_posterior:
        return max(0.0, 1.0 - (sd / prior_sd) ** 2)
    return prior_sd**2 / (prior_sd**2 + sd**2)


def half_normal_sd(scale: float) -> float:
    """SD of a half-normal distribution."""
    return scale * _HALF_NORMAL_SD


def half_normal_mean(scale: float) -> float:
    """Mean of a half-normal distribution."""
    return scale * math.sqrt(2 / math.pi)


def on_scale(value: float, prior: ParameterPrior, unit: str) -> Estimate:
    """A population mean on its own scale, with its unit."""
    return Estimate(to_natural(value, prior.transform), prior.unit.replace("{unit}", unit))
