"""The terminal slopes of many profiles at once; the rules are those of terminal.py."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.kinetics.terminal import TOLERANCE, Acceptance

__all__ = ["Slopes", "fit_slopes"]

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Slopes:
    """The best terminal fit of each profile, NaN where there is none; `reported` is NaN where it is not accepted."""

    reported: Floats
    n: Floats
    first_day: Floats
    last_day: Floats
    adj_r2: Floats
    span_ratio: Floats


def fit_slopes(day: Floats, value: Floats, after: Flags, acceptance: Acceptance) -> Slopes:
    """The slopes over the last points of each row (profiles, samples), of those where `after` is true."""
    least = max(acceptance.min_points, 3)
    order = np.argsort(~after[:, ::-1], axis=1, kind="stable")
    t = np.take_along_axis(day[:, ::-1], order, axis=1)
    y = np.log(np.take_along_axis(np.where(after, value, 1.0)[:, ::-1], order, axis=1))
    there = np.take_along_axis(after[:, ::-1], order, axis=1)
    rate, r2 = _windows(np.where(there, t, 0.0), np.where(there, y, 0.0), there, least)
    n = np.arange(1, day.shape[1] + 1)[None, :]
    adjusted = np.where(rate > 0, 1 - (1 - r2) * (n - 1) / np.maximum(n - 2, 1), -np.inf)
    best = adjusted.max(axis=1)
    chosen = np.where(adjusted > best[:, None] - TOLERANCE, n, 0).max(axis=1) - 1
    has_fit, rows = np.isfinite(best), np.arange(len(day))
    at = np.maximum(chosen, 0)

    def pick(array: Floats) -> Floats:
        return np.where(has_fit, array[rows, at], np.nan)

    slope, adj = pick(rate), pick(adjusted)
    first, last = pick(t), np.where(has_fit, t[:, 0], np.nan)
    span = (last - first) * slope / np.log(2)
    return Slopes(
        reported=np.where(_accepted(adj, span, acceptance), slope, np.nan),
        n=np.where(has_fit, at + 1.0, np.nan),
        first_day=first,
        last_day=last,
        adj_r2=adj,
        span_ratio=span,
    )


def _windows(t: Floats, y: Floats, there: Flags, least: int) -> tuple[Floats, Floats]:
    """Falling rate and R2 of the last 1, 2, 3, ... points, counted backwards; rate -1 where there is no window."""
    # about the last point, so that the sums do not lose their digits to a common offset
    x, z = np.where(there, t - t[:, :1], 0.0), np.where(there, y - y[:, :1], 0.0)
    n = np.cumsum(there, axis=1).astype(float)
    n = np.maximum(n, 1)
    sx, sz = x.cumsum(axis=1), z.cumsum(axis=1)
    sxx = (x * x).cumsum(axis=1) - sx * sx / n
    szz = (z * z).cumsum(axis=1) - sz * sz / n
    sxz = (x * z).cumsum(axis=1) - sx * sz / n
    is_flat = np.maximum.accumulate(np.where(there, y, -np.inf), axis=1) == np.minimum.accumulate(
        np.where(there, y, np.inf), axis=1
    )
    is_window = there & (n >= least) & ~is_flat & (sxx > 0) & (szz > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(is_window, sxz / sxx, 0.0)
        r2 = np.where(is_window, sxz * sxz / (sxx * szz), 0.0)
    return np.where(is_window & (slope < 0), -slope, -1.0), np.minimum(r2, 1.0)


def _accepted(adj_r2: Floats, span: Floats, acceptance: Acceptance) -> Flags:
    accepted = ~np.isnan(adj_r2)
    for number, limit in ((adj_r2, acceptance.min_adj_r2), (span, acceptance.min_span)):
        if limit is not None:
            # as terminal._is_below: a span of exactly 2 half-lives may come out as 1.9999999999999998
            accepted &= (number >= limit) | np.isclose(number, limit, rtol=1e-12, atol=0)
    return accepted
