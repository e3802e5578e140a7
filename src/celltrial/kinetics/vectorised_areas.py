"""Areas and first moments of many piecewise curves at once; the rules are those of areas.py."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.kinetics.areas import AucMethod

__all__ = ["area_between", "areas_and_moments"]

Floats: TypeAlias = npt.NDArray[np.float64]


def areas_and_moments(
    day: Floats, value: Floats, until: Floats, method: AucMethod, tmax: Floats
) -> tuple[Floats, Floats]:
    """Area and first moment of each row (profiles, points), over the segments that end at or before `until`."""
    t1, t2, c1, c2 = day[:, :-1], day[:, 1:], value[:, :-1], value[:, 1:]
    with np.errstate(invalid="ignore"):
        counts = t2 <= until[:, None]
    is_log = _is_log(t1, c1, c2, method, tmax)
    width, drop = t2 - t1, np.where(is_log, c1 - c2, 1.0)
    fall = np.log1p(drop / np.where(is_log, c2, 1.0))
    linear = width * (c1 + c2) / 2
    log_area = width * drop / fall
    area = np.where(is_log, log_area, linear)
    moment = np.where(is_log, t1 * log_area + c1 * width**2 * _lever(fall), width * (t1 * c1 + t2 * c2) / 2)
    return np.where(counts, area, 0).sum(axis=1), np.where(counts, moment, 0).sum(axis=1)


def area_between(day: Floats, value: Floats, start: float, end: float, method: AucMethod, tmax: Floats) -> Floats:
    """The part of each row's area from `start` to `end`; a segment that is cut keeps its own rule."""
    t1, t2, c1, c2 = day[:, :-1], day[:, 1:], value[:, :-1], value[:, 1:]
    left, right = np.maximum(t1, start), np.minimum(t2, end)
    inside = left < right
    width = np.where(t2 > t1, t2 - t1, 1.0)
    at_left, at_right = np.where(inside, (left - t1) / width, 0.0), np.where(inside, (right - t1) / width, 1.0)
    is_log = _is_log(t1, c1, c2, method, tmax)
    safe1, safe2 = np.where(is_log, c1, 2.0), np.where(is_log, c2, 1.0)
    slope = np.log(safe2) - np.log(safe1)
    log1, log2 = safe1 * np.exp(slope * at_left), safe1 * np.exp(slope * at_right)
    log1, log2 = np.where(at_left == 0, safe1, log1), np.where(at_right == 1, safe2, log2)
    with np.errstate(invalid="ignore", divide="ignore"):
        log_area = (right - left) * np.where(log1 != log2, (log1 - log2) / np.log1p((log1 - log2) / log2), log1)
    linear = (right - left) * ((c1 + at_left * (c2 - c1)) + (c1 + at_right * (c2 - c1))) / 2
    area: Floats = np.where(inside, np.where(is_log, log_area, linear), 0).sum(axis=1)
    return area


def _is_log(t1: Floats, c1: Floats, c2: Floats, method: AucMethod, tmax: Floats) -> npt.NDArray[np.bool_]:
    match method:
        case "linear":
            return np.zeros(c1.shape, dtype=bool)
        case "linear-up-log-down":
            return (c1 > c2) & (c2 > 0)
        case "linear-log":
            return np.asarray((t1 >= tmax[:, None]) & (c1 > 0) & (c2 > 0) & (c1 != c2))


def _lever(fall: Floats) -> Floats:
    """areas._lever for arrays: (1 - (1 + x) exp(-x)) / x^2, by its series where x is small."""
    small = np.abs(fall) < 0.01
    x = np.where(small, 1.0, fall)
    series = 1 / 2 - fall / 3 + fall**2 / 8 - fall**3 / 30 + fall**4 / 144
    return np.where(small, series, (-np.expm1(-x) - x * np.exp(-x)) / x**2)
