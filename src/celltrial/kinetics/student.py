"""Student's t distribution: its tail and its quantiles, for intervals of few participants.

By the incomplete beta function in its continued fraction (Abramowitz & Stegun 1964, 26.5.8 and 26.7.1).
"""

import math

from celltrial.errors import Finding, UsageError

__all__ = ["student_quantile", "student_tail"]

_TINY = 1e-300
_ROUNDS = 10_000


def student_tail(t: float, degrees: float) -> float:
    """P(|T| > |t|), both sides.

    >>> round(student_tail(2.228, 10), 4)
    0.05
    """
    return _incomplete_beta(degrees / (degrees + t * t), degrees / 2, 0.5)


def student_quantile(share: float, degrees: float) -> float:
    """The t below which `share` of the distribution lies. Raises UsageError unless 0 < share < 1 and degrees > 0.

    >>> round(student_quantile(0.975, 10), 3)
    2.228
    """
    if not 0 < share < 1 or not degrees > 0:
        text = f"share {share:g}, degrees {degrees:g}"
        raise UsageError(Finding(message="no such quantile of Student's t", found=text, expected="0 < share < 1"))
    tail = 2 * min(share, 1 - share)
    low, high = 0.0, 1.0
    while student_tail(high, degrees) > tail:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if student_tail(middle, degrees) > tail else (low, middle)
    return math.copysign((low + high) / 2, share - 0.5) if share != 0.5 else 0.0


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Its continued fraction, by the method of Lentz."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    h = d
    for m in range(1, _ROUNDS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + step * d)
            c = _away(1 + step / c)
            h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return h


def _away(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
