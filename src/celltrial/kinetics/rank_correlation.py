"""Rank correlation of few participants: Spearman's rho, its exact p value over all permutations, and an interval.

The p value counts, among all n! ways to pair the ranks, ties as they are, those at least as far from no correlation;
sets of participants already paired are merged, so that 12 take a fraction of a second. The interval is on Fisher's
scale with the variance of Bonett DG, Wright TA (2000), Psychometrika 65:23-28: (1 + rho^2 / 2) / (n - 3).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEstimable

__all__ = ["RankCorrelation", "compute_rank_correlation", "rank_values"]

_LEAST, _MOST = 4, 13


@dataclass(frozen=True, slots=True, kw_only=True)
class RankCorrelation:
    """rho with its interval; `p` two-sided and exact. `n` participants."""

    rho: float
    low: float | NotEstimable
    high: float | NotEstimable
    p: float | NotEstimable
    n: int


def compute_rank_correlation(
    x: Sequence[float], y: Sequence[float], *, level: float = 0.95
) -> RankCorrelation | NotEstimable:
    """Spearman's rho of pairs; a result below the limit may be given as minus infinity: it is the lowest rank.

    NotEstimable for fewer than 4 pairs, or where one side is the same for all. Beyond 13 pairs there is no exact p
    value, and where rho is 1 or -1 no interval.
    """
    if len(x) != len(y):
        raise UsageError(Finding(message="pairs are not complete", found=f"{len(x)} and {len(y)} values"))
    n = len(x)
    if n < _LEAST:
        return NotEstimable(f"fewer than {_LEAST} participants with both values (there are {n})")
    first, second = rank_values(x), rank_values(y)
    if len(set(first)) == 1 or len(set(second)) == 1:
        return NotEstimable("one side is the same for all")
    mean = (n + 1) / 2
    covariance = math.fsum((a - mean) * (b - mean) for a, b in zip(first, second, strict=True))
    spread = math.fsum((a - mean) ** 2 for a in first) * math.fsum((b - mean) ** 2 for b in second)
    rho = max(-1.0, min(1.0, covariance / math.sqrt(spread)))
    low, high = _interval(rho, n, level)
    return RankCorrelation(rho=rho, low=low, high=high, p=_exact_p(first, second), n=n)


def rank_values(values: Sequence[float]) -> tuple[float, ...]:
    """Ranks from 1; those that are equal share the middle one.

    >>> rank_values([3.0, 1.0, 3.0])
    (2.5, 1.0, 2.5)
    """
    ordered = sorted(values)
    return tuple(ordered.index(value) + (ordered.count(value) + 1) / 2 for value in values)


def _interval(rho: float, n: int, level: float) -> tuple[float | NotEstimable, float | NotEstimable]:
    if abs(rho) > 1 - 1e-12:
        none = NotEstimable("the ranks agree in all pairs: the interval has no width to be computed from")
        return none, none
    spread = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt((1 + rho * rho / 2) / (n - 3))
    return math.tanh(math.atanh(rho) - spread), math.tanh(math.atanh(rho) + spread)


def _exact_p(first: Sequence[float], second: Sequence[float]) -> float | NotEstimable:
    """The share of all pairings whose sum of products is at least as far from its mean."""
    import numpy as np

    n = len(first)
    if n > _MOST:
        return NotEstimable(f"more than {_MOST} participants: no exact p value")
    a, b = _whole(first), _whole(second)
    size = sum(i * j for i, j in zip(sorted(a), sorted(b), strict=True)) + 1
    ways = {0: np.zeros(size, dtype=np.int64)}
    ways[0][0] = 1
    for rank in a:
        after: dict[int, np.ndarray[tuple[int], np.dtype[np.int64]]] = {}
        for chosen, counts in ways.items():
            top = int(np.flatnonzero(counts)[-1]) + 1
            for index in range(n):
                if chosen >> index & 1:
                    continue
                shift = rank * b[index]
                into = after.setdefault(chosen | 1 << index, np.zeros(size, dtype=np.int64))
                into[shift : shift + top] += counts[:top]
        ways = after
    counts = next(iter(ways.values()))
    mean = sum(a) * sum(b) / n
    seen = abs(sum(i * j for i, j in zip(a, b, strict=True)) - mean)
    far = np.abs(np.arange(size) - mean) >= seen - 1e-9
    return float(counts[far].sum() / counts.sum())


def _whole(ranks: Sequence[float]) -> list[int]:
    """The ranks, doubled where some are halves: whole numbers, so that sums of products are exact."""
    factor = 1 if all(each == int(each) for each in ranks) else 2
    return [round(factor * each) for each in ranks]
