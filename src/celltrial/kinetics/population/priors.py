"""Typical values and priors of the structural models, read from the published tables that travel with the package."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.kinetics.population.models import model_named
from celltrial.tables import read_package_table

__all__ = ["ParameterPrior", "Priors", "SpreadAs", "from_natural", "read_priors", "to_natural"]

Floats: TypeAlias = npt.NDArray[np.float64]
Transform = Literal["log", "logit"]
SpreadAs = Literal["sd", "variance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterPrior:
    """One parameter: its transform, its published typical value, and our prior on the transformed scale.

    location, location_sd: normal prior of the population mean. spread_scale: scale of the half-normal prior of the
    between-subject SD. published_spread: the published between-subject value as printed, None where there is none.
    lower, upper: bounds of the population mean on the transformed scale.
    """

    name: str
    transform: Transform
    unit: str
    typical: float
    location: float
    location_sd: float
    spread_scale: float
    published_spread: float | None
    lower: float
    upper: float
    meaning: str

    def spread(self, spread_as: SpreadAs = "sd") -> float:
        """The published between-subject SD; our own scale where nothing is published.

        spread_as: the publication of Stein et al. does not make certain, in the transcriptions that could be read,
        whether its values are SDs or variances; we take them as SDs, as Monolix prints them.
        """
        if self.published_spread is None:
            return self.spread_scale
        return self.published_spread if spread_as == "sd" else math.sqrt(self.published_spread)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """The priors of one model, in the order of its parameters; sigma_scale: half-normal scale of the residual SD."""

    model: str
    parameters: tuple[ParameterPrior, ...]
    sigma: float
    sigma_scale: float

    def __getitem__(self, name: str) -> ParameterPrior:
        return next(each for each in self.parameters if each.name == name)

    @property
    def locations(self) -> Floats:
        """Prior means of the population means, transformed; shape (P,)."""
        return np.array([each.location for each in self.parameters])

    @property
    def location_sds(self) -> Floats:
        """Prior SDs of the population means; shape (P,)."""
        return np.array([each.location_sd for each in self.parameters])

    @property
    def spread_scales(self) -> Floats:
        """Scales of the half-normal priors of the between-subject SDs; shape (P,)."""
        return np.array([each.spread_scale for each in self.parameters])

    def spreads(self, spread_as: SpreadAs = "sd") -> Floats:
        """Published between-subject SDs; shape (P,)."""
        return np.array([each.spread(spread_as) for each in self.parameters])


def from_natural(value: float, transform: Transform) -> float:
    """The transformed value.

    >>> from_natural(0.5, "logit"), from_natural(1.0, "log")
    (0.0, 0.0)
    """
    return math.log(value) if transform == "log" else math.log(value) - math.log1p(-value)


def to_natural(value: float, transform: Transform) -> float:
    """The value on its own scale."""
    return math.exp(value) if transform == "log" else 1.0 / (1.0 + math.exp(-value))


@cache
def read_priors(model: str) -> Priors:
    """The priors of a model. Raises UsageError if there is no such model.

    >>> read_priors("stein2019")["tmax"].typical
    9.3
    """
    names = model_named(model).parameters
    rows = {row["parameter"]: row for row in _rows(model)}
    sigma = rows["sigma"]
    return Priors(
        model=model,
        parameters=tuple(_parameter(rows[name]) for name in names),
        sigma=float(sigma["typical"]),
        sigma_scale=float(sigma["location_sd"]),
    )


def _rows(model: str) -> tuple[Mapping[str, str], ...]:
    return read_package_table("celltrial.kinetics.population", f"published/{model}.csv")


def _parameter(row: Mapping[str, str]) -> ParameterPrior:
    transform: Transform = "logit" if row["transform"] == "logit" else "log"
    typical = float(row["typical"])
    return ParameterPrior(
        name=row["parameter"],
        transform=transform,
        unit=row["unit"],
        typical=typical,
        location=from_natural(typical, transform),
        location_sd=float(row["location_sd"]),
        spread_scale=float(row["spread_scale"]),
        published_spread=float(row["published_spread"]) if row["published_spread"] else None,
        lower=from_natural(float(row["lower"]), transform),
        upper=from_natural(float(row["upper"]), transform),
        meaning=row["meaning"],
    )
