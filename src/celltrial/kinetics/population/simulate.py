"""Simulated participants of a population model, sampled on a schedule, with results below the limit as such."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.kinetics.population.data import PopulationData
from celltrial.kinetics.population.models import model_named

__all__ = ["Design", "Population", "simulate_population"]

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """A population: means and between-subject SDs on the transformed scale, in the model's order; residual SD."""

    model: str
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    sigma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How participants are sampled: nominal days since infusion, SD of the actual day about it, and the LLOQ."""

    days: tuple[float, ...]
    lloq: float
    day_sd: float = 0.0


def simulate_population(
    population: Population,
    design: Design,
    *,
    n: int,
    rng: np.random.Generator,
    unit: str = "copies/ug",
    shift: Floats | None = None,
) -> tuple[PopulationData, Floats]:
    """Data of `n` participants, and their true parameters with shape (N, P).

    shift: what a dose or another covariate adds to the parameters of each participant; shape (P,) or (N, P).
    """
    model = model_named(population.model)
    theta = np.asarray(population.means) + rng.standard_normal((n, len(population.means))) * population.spreads
    if shift is not None:
        theta = theta + shift
    nominal = np.broadcast_to(np.asarray(design.days, dtype=np.float64), (n, len(design.days)))
    day = np.maximum(np.sort(nominal + design.day_sd * rng.standard_normal(nominal.shape), axis=1), 0.0)
    return simulate_samples(population, empty_data(day, unit), theta, math.log(design.lloq), model.name, rng), theta


def empty_data(day: Floats, unit: str) -> PopulationData:
    """Data with days only."""
    nobody: Mapping[str, Floats] = {}
    return PopulationData(
        subjects=tuple(f"{index + 1:02d}" for index in range(day.shape[0])),
        unit=unit,
        day=day,
        log_value=np.zeros_like(day),
        is_blq=np.zeros(day.shape, dtype=np.bool_),
        is_sampled=np.ones(day.shape, dtype=np.bool_),
        covariates=nobody,
        centres={},
    )


def simulate_samples(
    population: Population, data: PopulationData, theta: Floats, log_lloq: float, model: str, rng: np.random.Generator
) -> PopulationData:
    """The data with values drawn about the curves of `theta`, shape (N, P), and cut at the limit."""
    curve = model_named(model).log_curve(np, data.day, theta)
    drawn = curve + population.sigma * rng.standard_normal(curve.shape)
    is_blq = drawn < log_lloq
    return replace(data, log_value=np.where(is_blq, log_lloq, drawn), is_blq=is_blq)
