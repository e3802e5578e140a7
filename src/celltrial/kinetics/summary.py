"""Summaries of kinetic results over participants: geometric, because they spread over orders of magnitude."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, variance

from celltrial.missing import Blq, NotEstimable

__all__ = ["GeometricSummary", "summarise_geometric"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeometricSummary:
    """n: numbers; n_blq: below the limit; n_missing: not estimable. Mean and CV are over the numbers alone;
    median and minimum count results below the limit as lower than every number."""

    n: int
    n_blq: int
    n_missing: int
    geometric_mean: float | NotEstimable
    geometric_cv_percent: float | NotEstimable
    median: float | NotEstimable
    minimum: float | NotEstimable
    maximum: float | NotEstimable


def summarise_geometric(values: Sequence[float | Blq | NotEstimable]) -> GeometricSummary:
    """Geometric mean and CV% (100 x sqrt(exp(s2) - 1), s2 the variance of the logs), median and range.

    >>> round(summarise_geometric([1.0, 2.0]).geometric_cv_percent, 4)
    52.1092
    """
    numbers = [value for value in values if isinstance(value, int | float)]
    n_blq = sum(isinstance(value, Blq) for value in values)
    none = NotEstimable("no quantifiable result")
    blq = NotEstimable("below the limit of quantification")
    ordered = sorted([-math.inf] * n_blq + numbers)
    middle = median(ordered) if ordered else None
    return GeometricSummary(
        n=len(numbers),
        n_blq=n_blq,
        n_missing=len(values) - len(numbers) - n_blq,
        geometric_mean=_geometric_mean(numbers),
        geometric_cv_percent=_geometric_cv(numbers),
        median=none if middle is None else (middle if math.isfinite(middle) else blq),
        minimum=blq if n_blq else (min(numbers) if numbers else none),
        maximum=max(numbers) if numbers else none,
    )


def _geometric_mean(numbers: Sequence[float]) -> float | NotEstimable:
    if not numbers:
        return NotEstimable("no quantifiable result")
    if min(numbers) <= 0:
        return NotEstimable("a value of 0 or less has no logarithm")
    return math.exp(fmean(math.log(number) for number in numbers))


def _geometric_cv(numbers: Sequence[float]) -> float | NotEstimable:
    if len(numbers) < 2:
        return NotEstimable("fewer than 2 quantifiable results")
    if min(numbers) <= 0:
        return NotEstimable("a value of 0 or less has no logarithm")
    return 100 * math.sqrt(math.expm1(variance(math.log(number) for number in numbers)))
