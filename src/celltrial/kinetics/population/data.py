"""The samples of a group of participants as padded arrays, with covariates and their effects on parameters."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.errors import Finding, UsageError
from celltrial.kinetics.population.models import StructuralModel
from celltrial.kinetics.profile import Measured, Profile, measured_in_time

__all__ = ["BlqTreatment", "CovariateEffect", "PopulationData", "build_population_data", "code_levels", "treat_blq"]

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
BlqTreatment = Literal["m3", "m1", "half-lloq"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateEffect:
    """The shift of a parameter, on its transformed scale, per unit of a covariate column.

    prior_sd: the coefficient is shrunk towards 0 by a normal prior with this SD, in every method.
    fixed: the coefficient where it is known, and then not fitted.
    """

    column: str
    parameter: str
    prior_sd: float = 0.5
    fixed: float | None = None

    @property
    def name(self) -> str:
        """As it stands in tables: `cmax~log_dose`."""
        return f"{self.parameter}~{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationData:
    """Samples of N participants, padded to K each.

    day: days since infusion; log_value: log of the value, or of the LLOQ where BLQ; is_blq; is_sampled: all (N, K).
    covariates: column name -> one number a participant, centred by its mean (`centres`).
    """

    subjects: tuple[str, ...]
    unit: str
    day: Floats
    log_value: Floats
    is_blq: Flags
    is_sampled: Flags
    covariates: Mapping[str, Floats]
    centres: Mapping[str, float]

    @property
    def n_samples(self) -> int:
        """Samples of all participants, BLQ ones included."""
        return int(self.is_sampled.sum())

    @property
    def blq_share(self) -> float:
        """Share of the samples that is BLQ."""
        return float(self.is_blq.sum() / max(self.n_samples, 1))

    def shifts(self, model: StructuralModel, effects: Sequence[CovariateEffect]) -> Floats:
        """What one unit of each coefficient adds to each participant's parameters; shape (E, N, P)."""
        parts = np.zeros((len(effects), len(self.subjects), len(model.parameters)))
        for index, effect in enumerate(effects):
            parts[index, :, model.parameters.index(effect.parameter)] = self.covariates[effect.column]
        return parts


def build_population_data(
    profiles: Mapping[str, Profile], covariates: Mapping[str, Mapping[str, float]] | None = None
) -> tuple[PopulationData, tuple[Finding, ...]]:
    """The data of a fit, with a finding for everything that was left out.

    Args:
        profiles: samples by participant, all in one unit; days since the infusion.
        covariates: column -> participant -> number; a participant without one takes no part.
    Raises:
        UsageError: two units, or nobody left.
    """
    columns = covariates or {}
    units = sorted({each.unit for each in profiles.values()})
    if len(units) > 1:
        raise UsageError(Finding(message="profiles in more than one unit", found=", ".join(units), expected="one"))
    findings: list[Finding] = []
    kept: dict[str, tuple[Measured, ...]] = {}
    for subject, profile in profiles.items():
        lacking = [name for name, values in columns.items() if subject not in values]
        points, found = _points(subject, profile, lacking)
        findings += found
        if points:
            kept[subject] = points
    if not kept:
        raise UsageError([*findings, Finding(message="no participant has a sample that can be used")])
    return _arrays(kept, units[0], columns), tuple(findings)


def _points(subject: str, profile: Profile, lacking: list[str]) -> tuple[tuple[Measured, ...], list[Finding]]:
    measured = measured_in_time(profile)
    if isinstance(measured, str):
        return (), [Finding(message="the profile cannot be read and is left out", where=subject, found=measured)]
    if lacking:
        return (), [Finding(message="left out: no covariate", where=subject, found=", ".join(lacking))]
    usable = tuple(each for each in measured if each.day >= 0 and (each.value is not None or (each.lloq or 0) > 0))
    unlimited = sum(each.value is None and not (each.lloq or 0) > 0 for each in measured if each.day >= 0)
    findings = []
    if unlimited:
        findings.append(
            Finding(
                message=f"{unlimited} samples below a limit that is not given are left out",
                where=subject,
                next_step="complete the column lloq",
            )
        )
    if not usable:
        findings.append(Finding(message="left out: no sample from day 0 on", where=subject))
    return usable, findings


def _arrays(
    kept: Mapping[str, tuple[Measured, ...]], unit: str, columns: Mapping[str, Mapping[str, float]]
) -> PopulationData:
    shape = (len(kept), max(len(points) for points in kept.values()))
    day, log_value = np.zeros(shape), np.zeros(shape)
    is_blq, is_sampled = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for row, points in enumerate(kept.values()):
        for column, point in enumerate(points):
            day[row, column] = point.day
            log_value[row, column] = math.log(point.value if point.value is not None else point.lloq or 1.0)
            is_blq[row, column] = point.value is None
            is_sampled[row, column] = True
    raw = {name: np.array([values[subject] for subject in kept]) for name, values in columns.items()}
    centres = {name: float(values.mean()) for name, values in raw.items()}
    return PopulationData(
        subjects=tuple(kept),
        unit=unit,
        day=day,
        log_value=log_value,
        is_blq=is_blq,
        is_sampled=is_sampled,
        covariates={name: values - centres[name] for name, values in raw.items()},
        centres=centres,
    )


def code_levels(values: Mapping[str, str], column: str) -> dict[str, dict[str, float]]:
    """A column of texts (lot, donor) as columns of 0 and 1, one for each level but the first in the alphabet.

    >>> code_levels({"01": "lot A", "02": "lot B"}, "lot")
    {'lot=lot B': {'01': 0.0, '02': 1.0}}
    """
    levels = sorted(set(values.values()))
    return {
        f"{column}={level}": {subject: float(value == level) for subject, value in values.items()}
        for level in levels[1:]
    }


def treat_blq(data: PopulationData, treatment: BlqTreatment) -> PopulationData:
    """The data as a method sees them: M3 as they are; M1 without BLQ samples; half-LLOQ with BLQ as half the limit.

    M1 and half-LLOQ bias the rate of persistence and the expansion: they are here to be compared with, not used.
    """
    if treatment == "m3":
        return data
    nothing = np.zeros_like(data.is_blq)
    if treatment == "m1":
        return replace(data, is_sampled=data.is_sampled & ~data.is_blq, is_blq=nothing)
    halved = np.where(data.is_blq, data.log_value - math.log(2), data.log_value)
    return replace(data, log_value=halved, is_blq=nothing)
