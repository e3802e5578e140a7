"""Each participant's own parameters and curve, as the fit gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.kinetics.population.models import model_named
from celltrial.kinetics.population.priors import read_priors, to_natural
from celltrial.kinetics.population.results import PopulationFit, on_scale
from celltrial.kinetics.profile import Estimate

__all__ = ["IndividualFit", "compute_curve", "compute_population_curve", "individuals"]

Floats: TypeAlias = npt.NDArray[np.float64]

_Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True, kw_only=True)
class IndividualFit:
    """A participant's parameters on their own scale, each with a 90 % interval; samples and BLQ samples behind them."""

    subject: str
    values: Mapping[str, Estimate]
    intervals: Mapping[str, tuple[float, float]]
    n_samples: int
    n_blq: int


def individuals(fit: PopulationFit) -> tuple[IndividualFit, ...]:
    """All participants in the order of the data. Intervals: mean and SD on the transformed scale, taken as normal."""
    priors = read_priors(fit.model).parameters
    found = []
    for row, subject in enumerate(fit.data.subjects):
        means, sds = fit.theta[row].tolist(), fit.theta_sd[row].tolist()
        values = {each.name: on_scale(means[i], each, fit.data.unit) for i, each in enumerate(priors)}
        intervals = {
            each.name: (
                to_natural(means[i] - _Z90 * sds[i], each.transform),
                to_natural(means[i] + _Z90 * sds[i], each.transform),
            )
            for i, each in enumerate(priors)
        }
        found.append(
            IndividualFit(
                subject=subject,
                values=values,
                intervals=intervals,
                n_samples=int(fit.data.is_sampled[row].sum()),
                n_blq=int(fit.data.is_blq[row].sum()),
            )
        )
    return tuple(found)


def compute_curve(fit: PopulationFit, days: Floats) -> Floats:
    """Each participant's fitted curve at `days` (K,), in the unit of the data; shape (N, K)."""
    grid = np.broadcast_to(days, (fit.theta.shape[0], days.size))
    curve: Floats = np.exp(model_named(fit.model).log_curve(np, grid, fit.theta))
    return curve


def compute_population_curve(fit: PopulationFit, days: Floats) -> Floats:
    """The curve of a participant with the population's parameters and mean covariates; shape (K,)."""
    curve: Floats = np.exp(model_named(fit.model).log_curve(np, days[None], fit.point.means[None]))[0]
    return curve
