"""What y DLTs in n participants say about the DLT rate: posterior tails and confidence bounds.

Numbers typed in a protocol (0.30, 0.95) are taken as the decimals they are, so a comparison on a boundary is exact:
with integer counts the tail of a beta posterior is a finite binomial sum of rationals.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import comb

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEstimable

__all__ = ["as_fraction", "check_rate", "format_beside", "prob_above", "require_counts", "upper_bound"]


@lru_cache(maxsize=4096)
def as_fraction(number: float) -> Fraction:
    """The decimal that was typed, as a rational: 0.3 is 3/10 and not the nearest binary number.

    >>> as_fraction(0.3) - as_fraction(0.05)
    Fraction(1, 4)
    """
    return Fraction(str(number))


def check_rate(name: str, value: float) -> tuple[Finding, ...]:
    """A finding where `value` is not a rate strictly between 0 and 1."""
    if 0 < value < 1:
        return ()
    return (Finding(message=f"{name} is not a rate", found=str(value), expected="a number above 0 and below 1"),)


def require_counts(dlts: int, n: int) -> None:
    """Raise UsageError unless 0 <= dlts <= n."""
    if not 0 <= dlts <= n:
        raise UsageError(
            Finding(
                message="impossible counts of DLTs",
                found=f"{dlts} DLTs in {n} evaluable",
                expected="0 <= DLTs <= evaluable",
            )
        )


@lru_cache(maxsize=65536)
def prob_above(limit: float, dlts: int, n: int) -> Fraction:
    """Pr(DLT rate > limit) after `dlts` in `n` evaluable, uniform prior: the tail of Beta(1 + y, 1 + n - y), exact.

    The tail of a beta distribution with integer parameters is a binomial sum:
    Pr(Beta(y + 1, n - y + 1) > t) = Pr(Binomial(n + 1, t) <= y).

    Raises:
        UsageError: impossible counts.
    Source: Abramowitz & Stegun (1964), 26.5.24; the elimination rule that uses it: Liu & Yuan (2015), section 2.

    >>> round(float(prob_above(0.30, 3, 6)), 4)
    0.874
    """
    require_counts(dlts, n)
    limit_exact = as_fraction(limit)
    return sum(
        (comb(n + 1, k) * limit_exact**k * (1 - limit_exact) ** (n + 1 - k) for k in range(dlts + 1)),
        start=Fraction(0),
    )


def upper_bound(dlts: int, n: int, confidence: float = 0.95) -> float | NotEstimable:
    """One-sided upper confidence bound of the DLT rate (Clopper-Pearson): what "no DLT in n" cannot rule out.

    Args:
        dlts, n: DLTs and evaluable participants.
        confidence: one-sided confidence level, e.g. 0.95.
    Returns:
        The rate p with Pr(at most `dlts` of `n` | p) = 1 - confidence; 1.0 when all had a DLT;
        NotEstimable("no evaluable participant").
    Raises:
        UsageError: impossible counts, or a confidence that is not a rate.
    Source: Clopper & Pearson (1934), Biometrika 26:404; checked against scipy.stats.binomtest.

    >>> [round(upper_bound(0, n), 2) for n in (3, 6, 9, 12)]
    [0.63, 0.39, 0.28, 0.22]
    """
    require_counts(dlts, n)
    if problems := check_rate("confidence", confidence):
        raise UsageError(problems)
    if n == 0:
        return NotEstimable("no evaluable participant")
    if dlts == n:
        return 1.0
    alpha = float(1 - as_fraction(confidence))
    if dlts == 0:
        return float(1 - alpha ** (1 / n))
    return _root_of_falling(lambda rate: _prob_at_most(dlts, n, rate) - alpha)


def _prob_at_most(dlts: int, n: int, rate: float) -> float:
    return sum(comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(dlts + 1))


def _root_of_falling(function: Callable[[float], float]) -> float:
    """Bisection on [0, 1] down to neighbouring floats; no library needed for one root."""
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return middle


def format_beside(value: float | Fraction, limit: float | Fraction, digits: int) -> tuple[str, str]:
    """Both numbers with `digits` decimals, or as many more as it takes to print unequal numbers unequal.

    >>> format_beside(0.9497, 0.95, 2)
    ('0.9497', '0.9500')
    """
    for places in range(digits, 13):
        left, right = f"{float(value):.{places}f}", f"{float(limit):.{places}f}"
        if left != right or value == limit:
            break
    return left, right
