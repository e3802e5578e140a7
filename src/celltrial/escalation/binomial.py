"""What y DLTs in n participants say about the DLT rate: posterior tails and confidence bounds.

Numbers typed in a protocol (0.30, 0.95) are taken as the decimals they are, so a comparison on a boundary is exact:
with integer counts the tail of a beta posterior is a finite binomial sum of rationals.
"""

from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import comb, exp, lgamma, log, log1p

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEstimable

__all__ = [
    "as_fraction",
    "beta_cdf",
    "beta_quantile",
    "binomial_tails",
    "check_rate",
    "fewest_above",
    "format_beside",
    "prob_above",
    "require_counts",
    "tail_above",
    "upper_bound",
]


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
    tails, whole = binomial_tails(as_fraction(limit), n + 1)
    return Fraction(tails[dlts], whole)


@lru_cache(maxsize=8192)
def binomial_tails(rate: Fraction, n: int) -> tuple[tuple[int, ...], int]:
    """Pr(Binomial(n, rate) <= y) for y = 0 .. n as whole numbers over one denominator: comparisons need no division.

    >>> binomial_tails(Fraction(1, 2), 2)
    ((1, 3, 4), 4)
    """
    had, had_not, whole = rate.numerator, rate.denominator - rate.numerator, rate.denominator
    terms = (comb(n, k) * had**k * had_not ** (n - k) for k in range(n + 1))
    return tuple(accumulate(terms)), whole**n


@lru_cache(maxsize=65536)
def tail_above(limit: float, dlts: int, n: int, prior: tuple[float, float] = (1.0, 1.0)) -> Fraction | float:
    """Pr(DLT rate > limit) after `dlts` in `n`, prior Beta(*prior): exact for the uniform prior, else a float.

    >>> round(tail_above(0.30, 2, 3, (0.005, 0.005)), 2)  # nearly Beta(2, 1), where it is 1 - 0.30 ** 2
    0.91
    """
    if prior == (1.0, 1.0):
        return prob_above(limit, dlts, n)
    require_counts(dlts, n)
    return beta_cdf(1 - limit, prior[1] + n - dlts, prior[0] + dlts)


@lru_cache(maxsize=8192)
def fewest_above(limit: float, cutoff: float, n: int, prior: tuple[float, float] = (1.0, 1.0)) -> int:
    """The fewest DLTs in `n` with Pr(DLT rate > limit) > cutoff, prior Beta(*prior); n + 1 where none has it.

    >>> [fewest_above(0.30, 0.95, n) for n in (3, 6, 9, 12)]
    [3, 4, 5, 7]
    """
    if prior != (1.0, 1.0):
        return next((y for y in range(n + 1) if tail_above(limit, y, n, prior) > cutoff), n + 1)
    (tails, whole), cut = binomial_tails(as_fraction(limit), n + 1), as_fraction(cutoff)
    return bisect_right(tails[: n + 1], cut.numerator * whole // cut.denominator)


def beta_cdf(x: float, a: float, b: float) -> float:
    """Pr(Beta(a, b) <= x) for any a, b > 0, by the continued fraction; where it is slow, by the other tail.

    Source: Abramowitz & Stegun (1964), 26.5.8; evaluation by Lentz's method; checked against scipy.special.betainc.

    >>> round(beta_cdf(0.3, 4, 4), 6)  # 1 - Pr(p > 0.30) after 3 of 6
    0.126036
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front / a / _beta_fraction(x, a, b)


def _beta_fraction(x: float, a: float, b: float) -> float:
    """1 + d1/(1 + d2/(1 + ...)) of 26.5.8."""
    tiny, value, numerator, denominator = 1e-300, 1.0, 1.0, 0.0
    for step in range(1, 1000):
        m, odd = divmod(step, 2)
        if odd:
            d = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            d = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        denominator = 1 / (1 + d * denominator or tiny)
        numerator = 1 + d / numerator or tiny
        value *= numerator * denominator
        if abs(numerator * denominator - 1) < 1e-16:
            break
    return value


@lru_cache(maxsize=65536)
def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x with Pr(Beta(a, b) <= x) = probability, to the nearest float by bisection."""
    return _root_of_falling(lambda x: probability - beta_cdf(x, a, b))


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
