"""Areas under a piecewise curve: linear trapezoids, or linear up and logarithmic down.

Source: Gabrielsson J, Weiner D. Pharmacokinetic and Pharmacodynamic Data Analysis (non-compartmental analysis).
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

__all__ = ["AucMethod", "Point", "compute_area", "compute_area_between", "compute_moment"]

AucMethod = Literal["linear", "linear-up-log-down"]
Point = tuple[float, float]


def compute_area(points: Sequence[Point], method: AucMethod) -> float:
    """The area under (day, value) points in time; 0 for fewer than two points.

    >>> compute_area([(0, 0.0), (2, 100.0), (4, 50.0)], "linear")
    250.0
    """
    return _sum_over(points, _area_log if method == "linear-up-log-down" else _area_linear)


def compute_moment(points: Sequence[Point], method: AucMethod) -> float:
    """The area under day x value over day: the first moment of the curve."""
    return _sum_over(points, _moment_log if method == "linear-up-log-down" else _moment_linear)


def compute_area_between(points: Sequence[Point], start: float, end: float, method: AucMethod) -> float:
    """The part of the area from `start` to `end`, both within the points: adjacent parts add up to the whole.

    A segment that is cut keeps its own rule: one that falls to 0 is linear, in its parts too.

    >>> compute_area_between([(0, 0.0), (2, 100.0), (4, 50.0)], 1, 3, "linear")
    162.5
    """
    parts = []
    for (t1, c1), (t2, c2) in pairwise(points):
        left, right = max(t1, start), min(t2, end)
        if left < right:
            is_log = method == "linear-up-log-down" and _falls(c1, c2)
            at, area = (_value_log, _area_log) if is_log else (_value_linear, _area_linear)
            parts.append(area(left, at(left, t1, c1, t2, c2), right, at(right, t1, c1, t2, c2)))
    return math.fsum(parts)


def _sum_over(points: Sequence[Point], segment: Callable[[float, float, float, float], float]) -> float:
    return math.fsum(segment(t1, c1, t2, c2) for (t1, c1), (t2, c2) in pairwise(points))


def _falls(c1: float, c2: float) -> bool:
    # the logarithmic rule needs two positive values that differ; everything else is linear
    return c1 > c2 > 0


def _value_linear(day: float, t1: float, c1: float, t2: float, c2: float) -> float:
    # the ends exactly, without rounding
    return c1 if day == t1 else c2 if day == t2 else c1 + (day - t1) / (t2 - t1) * (c2 - c1)


def _value_log(day: float, t1: float, c1: float, t2: float, c2: float) -> float:
    if day in (t1, t2):
        return c1 if day == t1 else c2
    return math.exp(math.log(c1) + (day - t1) / (t2 - t1) * (math.log(c2) - math.log(c1)))


def _area_linear(t1: float, c1: float, t2: float, c2: float) -> float:
    return (t2 - t1) * (c1 + c2) / 2


def _area_log(t1: float, c1: float, t2: float, c2: float) -> float:
    if not _falls(c1, c2):
        return _area_linear(t1, c1, t2, c2)
    # log1p: the logarithm of a quotient near 1 has no digits left where two values all but agree
    return (t2 - t1) * (c1 - c2) / math.log1p((c1 - c2) / c2)


def _moment_linear(t1: float, c1: float, t2: float, c2: float) -> float:
    # the trapezoid of t x c, as the established programs compute it
    return (t2 - t1) * (t1 * c1 + t2 * c2) / 2


def _moment_log(t1: float, c1: float, t2: float, c2: float) -> float:
    if not _falls(c1, c2):
        return _moment_linear(t1, c1, t2, c2)
    fall = math.log1p((c1 - c2) / c2)
    return t1 * _area_log(t1, c1, t2, c2) + c1 * (t2 - t1) ** 2 * _lever(fall)


def _lever(fall: float) -> float:
    """(1 - (1 + x) exp(-x)) / x^2: the moment about its start of a decline by exp(-x) over a unit of time."""
    if fall < 0.01:
        # its series, where the difference above would lose its digits; the next term is below 1e-13
        return 1 / 2 - fall / 3 + fall**2 / 8 - fall**3 / 30 + fall**4 / 144
    return (-math.expm1(-fall) - fall * math.exp(-fall)) / fall**2
