"""Predictive checks: trials simulated from a fit, on the schedule of its data, beside what was observed.

Quantiles count BLQ results as the lowest of their bin, so that none is invented; the share of BLQ results is a check of
its own. Source: Bergstrand M, Hooker AC, Wallin JE, Karlsson MO (2011), AAPS J 13:143, for VPCs with BLQ data.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.kinetics.population.data import PopulationData
from celltrial.kinetics.population.models import model_named
from celltrial.kinetics.population.results import PopulationFit
from celltrial.missing import NotEstimable

__all__ = ["Band", "VpcBin", "compute_vpc", "simulate_from_fit"]

Floats: TypeAlias = npt.NDArray[np.float64]

QUANTILES = (0.1, 0.5, 0.9)
# samples whose days differ by less than this ratio, counted from day 0, fall in one bin
_APART = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Observed number, and median with 90 % interval of the simulated trials; NotEstimable where it is BLQ."""

    observed: float | NotEstimable
    median: float | NotEstimable
    low: float | NotEstimable
    high: float | NotEstimable


@dataclass(frozen=True, slots=True, kw_only=True)
class VpcBin:
    """One group of sampling days: how many samples, the BLQ share, and the quantiles by level."""

    day: float
    n: int
    blq_share: Band
    quantiles: dict[float, Band]

    @property
    def is_covered(self) -> bool:
        """Whether the observed BLQ share lies within the simulated interval."""
        bounds = (self.blq_share.low, self.blq_share.observed, self.blq_share.high)
        low, observed, high = (0.0 if isinstance(each, NotEstimable) else each for each in bounds)
        return low - 1e-9 <= observed <= high + 1e-9


def simulate_from_fit(fit: PopulationFit, replicates: int, *, rng: np.random.Generator) -> Floats:
    """Log values of new participants at the days of the data; shape (replicates, N, K).

    From a Bayesian fit each replicate has a draw of the posterior, so that the bands hold what is not known of the
    population too; from SAEM all have the estimate.
    """
    model = model_named(fit.model)
    shifts = fit.data.shifts(model, fit.effects)
    shape = (replicates, len(fit.data.subjects), len(model.parameters))
    if fit.draws is None:
        centres, spreads, sigma = fit.point.centres(shifts)[None], fit.point.spreads, np.array(fit.point.sigma)
    else:
        drawn = rng.integers(0, fit.draws.sigma.size, replicates)
        moved = np.einsum("re,enp->rnp", fit.draws.effects[drawn], shifts)
        centres = fit.draws.means[drawn][:, None, :] + moved
        spreads, sigma = fit.draws.spreads[drawn][:, None, :], fit.draws.sigma[drawn][:, None, None]
    theta = centres + spreads * rng.standard_normal(shape)
    curve = model.log_curve(np, fit.data.day, theta)
    simulated: Floats = curve + sigma * rng.standard_normal(curve.shape)
    return simulated


def compute_vpc(fit: PopulationFit, *, rng: np.random.Generator, replicates: int = 500) -> tuple[VpcBin, ...]:
    """The check, bin by bin in time; values in the unit of the data. Each sample keeps its own limit."""
    data = fit.data
    limit = _limits(data)
    simulated = simulate_from_fit(fit, replicates, rng=rng)
    observed = np.where(data.is_blq, -np.inf, data.log_value)
    return tuple(_bin(data, mask, observed, simulated, limit) for mask in _bins(data))


def _limits(data: PopulationData) -> Floats:
    """The limit of each sample: its own where BLQ, else the highest of the BLQ samples, none where nothing is BLQ."""
    if not data.is_blq.any():
        return np.full(data.day.shape, -np.inf)
    highest = float(data.log_value[data.is_blq].max())
    # a quantifiable result below that limit had a lower one
    own = np.where(data.is_blq, data.log_value, np.minimum(highest, data.log_value))
    return np.asarray(own, dtype=np.float64)


def _bins(data: PopulationData) -> list[npt.NDArray[np.bool_]]:
    """Masks of samples drawn at about the same time: a new bin where the days jump; small ones join the one before."""
    days = np.unique(data.day[data.is_sampled])
    starts = [float(days[0])]
    for before, day in pairwise(days.tolist()):
        if day + 1 > _APART * (before + 1) or day + 1 > _APART**2 * (starts[-1] + 1):
            starts.append(day)
    least = len(data.subjects) / 2
    for start in starts[1:]:
        after = min((each for each in starts if each > start), default=float("inf"))
        before = max(each for each in starts if each < start)
        for low, high in ((start, after), (before, start)):
            if (data.is_sampled & (data.day >= low) & (data.day < high)).sum() < least:
                starts.remove(start)
                break
    edges = [*starts, float("inf")]
    return [data.is_sampled & (data.day >= low) & (data.day < high) for low, high in pairwise(edges)]


def _bin(
    data: PopulationData, mask: npt.NDArray[np.bool_], observed: Floats, simulated: Floats, limit: Floats
) -> VpcBin:
    drawn = np.where(simulated[:, mask] < limit[mask], -np.inf, simulated[:, mask])
    shares = (drawn == -np.inf).mean(axis=1)
    low, middle, high = np.quantile(shares, (0.05, 0.5, 0.95))
    share = float((observed[mask] == -np.inf).mean())
    return VpcBin(
        day=float(np.median(data.day[mask])),
        n=int(mask.sum()),
        blq_share=Band(observed=share, median=float(middle), low=float(low), high=float(high)),
        quantiles={level: _band(observed[mask], drawn, level) for level in QUANTILES},
    )


def _band(observed: Floats, drawn: Floats, level: float) -> Band:
    # an order statistic, not an interpolation: half of a BLQ result is no number
    simulated = np.quantile(drawn, level, axis=1, method="closest_observation")
    ends = np.quantile(simulated, (0.05, 0.5, 0.95), method="closest_observation")
    low, middle, high = (_natural(float(each)) for each in ends)
    own = _natural(float(np.quantile(observed, level, method="closest_observation")))
    return Band(observed=own, median=middle, low=low, high=high)


def _natural(value: float) -> float | NotEstimable:
    return NotEstimable("below the limit of quantification") if value == -np.inf else float(np.exp(value))
