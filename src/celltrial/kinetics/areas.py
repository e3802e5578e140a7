"""Areas under a piecewise curve: linear trapezoids; linear up and logarithmic down; linear to Tmax, logarithmic after.

A segment is logarithmic only between two positive values that differ; everything else is linear.

Source: Gabrielsson J, Weiner D. Pharmacokinetic and Pharmacodynamic Data Analysis (non-compartmental analysis).
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

__all__ = ["AUC_METHODS", "AucMethod", "Point", "compute_area", "compute_area_between", "compute_moment"]

AucMethod = Literal["linear", "linear-up-log-down", "linear-log"]
AUC_METHODS: tuple[AucMethod, ...] = ("linear-up-log-down", "linear-log", "linear")
Point = tuple[float, float]


def compute_area(points: Sequence[Point], method: AucMethod, *, tmax: float | None = None) -> float:
    """The area under (day, value) points in time; 0 for fewer than two points. `tmax` serves "linear-log".

    >>> compute_area([(0, 0.0), (2, 100.0), (4, 50.0)], "linear")
    250.0
    """
    return math.fsum(
        _area(t1, c1, t2, c2, is_log=_is_log(t1, c1, c2, method, tmax)) for (t1, c1), (t2, c2) in pairwise(points)
    )


def compute_moment(points: Sequence[Point], method: AucMethod, *, tmax: float | None = None) -> float:
    """The area under day x value over day: the first moment of the curve."""
    return math.fsum(
        _moment(t1, c1, t2, c2, is_log=_is_log(t1, c1, c2, method, tmax)) for (t1, c1), (t2, c2) in pairwise(points)
    )


def compute_area_between(
    points: Sequence[Point], start: float, end: float, method: AucMethod, *, tmax: float | None = None
) -> float:
    """The part of the area from `start` to `end`, both within the points: adjacent parts add up to the whole.

    A segment that is cut keeps its own rule: one that falls to 0 is linear, in its parts too.

    >>> compute_area_between([(0, 0.0), (2, 100.0), (4, 50.0)], 1, 3, "linear")
    162.5
    """
    parts = []
    for (t1, c1), (t2, c2) in pairwise(points):
        left, right = max(t1, start), min(t2, end)
        if left < right:
            is_log = _is_log(t1, c1, c2, method, tmax)
            at = _value_log if is_log else _value_linear
            parts.append(_area(left, at(left, t1, c1, t2, c2), right, at(right, t1, c1, t2, c2), is_log=is_log))
    return math.fsum(parts)


def _is_log(t1: float, c1: float, c2: float, method: AucMethod, tmax: float | None) -> bool:
    match method:
        case "linear":
            return False
        case "linear-up-log-down":
            return c1 > c2 > 0
        case "linear-log":
            return tmax is not None and t1 >= tmax and c1 > 0 and c2 > 0 and c1 != c2


def _value_linear(day: float, t1: float, c1: float, t2: float, c2: float) -> float:
    # the ends exactly, without rounding
    return c1 if day == t1 else c2 if day == t2 else c1 + (day - t1) / (t2 - t1) * (c2 - c1)


def _value_log(day: float, t1: float, c1: float, t2: float, c2: float) -> float:
    if day in (t1, t2):
        return c1 if day == t1 else c2
    return math.exp(math.log(c1) + (day - t1) / (t2 - t1) * (math.log(c2) - math.log(c1)))


def _area(t1: float, c1: float, t2: float, c2: float, *, is_log: bool) -> float:
    if not is_log or c1 == c2:
        return (t2 - t1) * (c1 + c2) / 2
    # log1p: the logarithm of a quotient near 1 has no digits left where two values all but agree
    return (t2 - t1) * (c1 - c2) / math.log1p((c1 - c2) / c2)


def _moment(t1: float, c1: float, t2: float, c2: float, *, is_log: bool) -> float:
    if not is_log:
        # the trapezoid of t x c, as the established programs compute it
        return (t2 - t1) * (t1 * c1 + t2 * c2) / 2
    fall = math.log1p((c1 - c2) / c2)
    return t1 * _area(t1, c1, t2, c2, is_log=True) + c1 * (t2 - t1) ** 2 * _lever(fall)


def _lever(fall: float) -> float:
    """(1 - (1 + x) exp(-x)) / x^2: the moment about its start of a decline by exp(-x) over a unit of time."""
    if abs(fall) < 0.01:
        # its series, where the difference above would lose its digits; the next term is below 1e-13
        return 1 / 2 - fall / 3 + fall**2 / 8 - fall**3 / 30 + fall**4 / 144
    return (-math.expm1(-fall) - fall * math.exp(-fall)) / fall**2
