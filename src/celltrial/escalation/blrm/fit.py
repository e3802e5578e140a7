"""One fit of the BLRM to the data so far: interval probabilities, mean, spread and quantiles of every DLT rate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, sqrt
from typing import TYPE_CHECKING

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import check_rate
from celltrial.escalation.blrm.prior import DensityPrior

if TYPE_CHECKING:
    from celltrial.escalation.blrm.grid import Grid
    from celltrial.escalation.quadrature import Floats

__all__ = ["BlrmFit", "BlrmModel", "DoseRate", "Intervals", "fit_blrm", "rate_quantiles"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """DLT rates up to `low` are under-dosing, from `low` to `high` the target, above `high` an overdose, of which those
    above `unacceptable` are worst (Neuenschwander et al., 2008: 0.20, 0.35, 0.60).
    """

    low: float = 0.20
    high: float = 0.35
    unacceptable: float = 0.60

    def __post_init__(self) -> None:
        if not 0 < self.low < self.high < self.unacceptable < 1:
            found = f"{self.low}, {self.high}, {self.unacceptable}"
            expected = "0 < low < high < unacceptable < 1"
            raise UsageError(
                Finding(message="the intervals of DLT rates are not in order", found=found, expected=expected)
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class BlrmModel:
    """logit(DLT rate) = log alpha + exp(log beta) x log(dose / reference), with a prior of (log alpha, log beta).

    doses: per level, rising, in the unit of `reference`.
    reference: alpha is the odds of a DLT at this dose.

    Source: Neuenschwander, Branson & Gsponer (2008), section 3.
    """

    doses: tuple[float, ...]
    reference: float
    prior: DensityPrior

    def __post_init__(self) -> None:
        if not self.doses or min(self.doses) <= 0 or any(low >= high for low, high in pairwise(self.doses)):
            found = ", ".join(map(str, self.doses)) or "none"
            raise UsageError(
                Finding(message="the doses do not rise from above 0", found=found, expected="rising doses")
            )
        if not self.reference > 0:
            raise UsageError(Finding(message="the reference dose is not a dose", found=str(self.reference)))

    @property
    def levels(self) -> int:
        """How many dose levels."""
        return len(self.doses)

    @property
    def log_doses(self) -> tuple[float, ...]:
        """log(dose / reference) per level."""
        return tuple(log(dose / self.reference) for dose in self.doses)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseRate:
    """The posterior of the DLT rate at one level: probabilities of the intervals, mean, standard deviation."""

    under: float
    target: float
    over: float
    unacceptable: float
    mean: float
    sd: float

    @property
    def overdose(self) -> float:
        """Probability of an overdose, unacceptable or not: what EWOC bounds."""
        return self.over + self.unacceptable


@dataclass(frozen=True, slots=True, kw_only=True)
class BlrmFit:
    """The posterior after these counts, per level."""

    model: BlrmModel
    intervals: Intervals
    rates: tuple[DoseRate, ...]


def fit_blrm(
    model: BlrmModel, *, n: Sequence[int], dlt: Sequence[int], intervals: Intervals | None = None, refine: float = 1.0
) -> BlrmFit:
    """Fit the model to evaluable participants and DLTs per level.

    Args:
        refine: how much finer than needed the quadrature is made.
    Raises:
        UsageError: counts that do not fit the levels.
    Source: Neuenschwander, Branson & Gsponer (2008); checked against SAS results in the tests of crmPack.
    """
    if problems := tuple(_check(model, n, dlt)):
        raise UsageError(problems)
    import numpy as np

    from celltrial.escalation.blrm import grid as quadrature

    chosen = intervals or Intervals()
    grid = quadrature.make_grid(model.prior, sum(n), refine=refine)
    columns = _columns(model, grid, chosen)
    counts = np.array([n], dtype=np.int64), np.array([dlt], dtype=np.int64)
    values = quadrature.summarise_many(grid, model.log_doses, *counts, columns)[0].reshape(model.levels, 5)
    return BlrmFit(model=model, intervals=chosen, rates=tuple(_dose_rate(row.tolist()) for row in values))


def _columns(model: BlrmModel, grid: "Grid", intervals: Intervals) -> "Floats":
    """Per level: above low, above high, above unacceptable, rate, rate squared; shape (nodes, 5 x levels)."""
    import numpy as np

    from celltrial.escalation.blrm.grid import above_weights, rate_columns

    rates = np.exp(rate_columns(grid, model.log_doses)[0])
    limits = [log(rate / (1 - rate)) for rate in (intervals.low, intervals.high, intervals.unacceptable)]
    columns = []
    for log_dose, rate in zip(model.log_doses, rates, strict=True):
        columns += [above_weights(grid, log_dose, limit) for limit in limits] + [rate, rate**2]
    return np.stack(columns, axis=1)


def _dose_rate(row: Sequence[float]) -> DoseRate:
    above_low, above_high, above_worst, mean, square = row
    return DoseRate(
        under=1 - above_low,
        target=above_low - above_high,
        over=above_high - above_worst,
        unacceptable=above_worst,
        mean=mean,
        sd=sqrt(max(square - mean**2, 0.0)),
    )


def rate_quantiles(
    model: BlrmModel, *, n: Sequence[int], dlt: Sequence[int], level: int, probabilities: Sequence[float]
) -> tuple[float, ...]:
    """Posterior quantiles of the DLT rate of one level, by bisection of its distribution function.

    Raises:
        UsageError: counts that do not fit the levels, no such level, or probabilities that cannot be.
    """
    problems = [*_check(model, n, dlt)]
    problems += [each for value in probabilities for each in check_rate("the probability", value)]
    if not 1 <= level <= model.levels:
        problems.append(Finding(message="no such level", found=str(level), expected=f"1 to {model.levels}"))
    if problems:
        raise UsageError(problems)
    from celltrial.escalation.blrm.grid import make_grid, posterior_weights

    grid = make_grid(model.prior, sum(n), refine=1.5)
    weights = posterior_weights(grid, model.log_doses, n, dlt)
    log_dose = model.log_doses[level - 1]
    return tuple(_quantile(grid, weights, log_dose, value) for value in probabilities)


def _quantile(grid: "Grid", weights: "Floats", log_dose: float, probability: float) -> float:
    from celltrial.escalation.blrm.grid import above_weights

    low, high = -60.0, 60.0  # on the logit scale, where small rates keep their digits
    for _ in range(50):
        middle = (low + high) / 2
        if 1 - float(weights @ above_weights(grid, log_dose, middle)) < probability:
            low = middle
        else:
            high = middle
    return _expit((low + high) / 2)


def _expit(eta: float) -> float:
    return 1 / (1 + exp(-eta)) if eta >= 0 else exp(eta) / (1 + exp(eta))


def _check(model: BlrmModel, n: Sequence[int], dlt: Sequence[int]) -> Iterator[Finding]:
    if not len(n) == len(dlt) == model.levels:
        found = f"{len(n)} and {len(dlt)} levels, {model.levels} doses"
        yield Finding(message="the data do not fit the doses", found=found, expected="one number of each per dose")
        return
    for level, (evaluable, dlts) in enumerate(zip(n, dlt, strict=True), start=1):
        if not 0 <= dlts <= evaluable:
            yield Finding(
                message="impossible counts of DLTs",
                where=f"level {level}",
                found=f"{dlts} DLTs in {evaluable} evaluable",
                expected="0 <= DLTs <= evaluable",
            )
