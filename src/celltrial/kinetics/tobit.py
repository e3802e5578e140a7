"""The terminal slope with results below the limit as what they are: not known, but lower than the limit.

The log-linear slope leaves such results out and so takes the last ones that happened to be above the limit for the
course of all: too slow a decline. Here each window is fitted by maximum likelihood, ln(value) normal about a line,
results below the limit left-censored at their own limit (Tobin J (1958), Econometrica 26:24-36), by the EM algorithm
(Dempster AP, Laird NM, Rubin DB (1977), J R Stat Soc B 39:1-38, example 4.3).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from celltrial.kinetics.profile import Measured, Profile, measured_in_time
from celltrial.kinetics.terminal import Acceptance, fit_terminal
from celltrial.missing import NotEstimable

__all__ = ["TobitFit", "TobitWindow", "compute_tobit_slope"]

# where the censored fit begins: with the best log-linear window, or where the residual deviation is smallest
TobitWindow = Literal["log-linear", "smallest residual"]

_LEAST = 3
_ROUNDS = 20_000
_TOLERANCE = 1e-12
# residuals of an exact decline are rounding; below this the deviation is called 0
_EXACT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class TobitFit:
    """ln(value) = intercept - lambda_z x day, from `first_day` to `last_day`; `n` points, `n_blq` of them censored.

    sigma: the residual deviation of ln(value), maximum likelihood. span: from the first to the last quantifiable point
    of the window, in half-lives.
    """

    lambda_z: float
    intercept: float
    sigma: float
    n: int
    n_blq: int
    first_day: float
    last_day: float
    last_quantifiable_day: float

    @property
    def half_life(self) -> float:
        return math.log(2) / self.lambda_z

    @property
    def span_ratio(self) -> float:
        return (self.last_quantifiable_day - self.first_day) / self.half_life


def compute_tobit_slope(
    profile: Profile, *, window: TobitWindow = "log-linear", with_peak: bool = False
) -> TobitFit | NotEstimable:
    """The censored terminal slope of a profile, from its window's first point to its last sample.

    Args:
        profile: A result below the limit needs its limit (`lloq` of the sample, or that of the Blq).
        window: "log-linear" begins where the best log-linear window begins; "smallest residual" tries every start with
            three quantifiable points or more and takes the one whose residual deviation is smallest, as PKNCA does.
        with_peak: whether the maximum itself may be part of a window.
    """
    points = measured_in_time(profile)
    if isinstance(points, str):
        return NotEstimable(points)
    quantified = [point for point in points if point.value is not None and point.day >= 0]
    if not quantified:
        return NotEstimable("never quantifiable")
    peak = max(quantified, key=lambda point: point.value or 0.0)
    tail = [point for point in points if point.day > peak.day or (with_peak and point.day == peak.day)]
    lacking = next((point for point in tail if point.value is None and not point.lloq), None)
    if lacking is not None:
        return NotEstimable(f"below the limit on day {lacking.day:g}, and the limit is not known")
    starts = _starts(tail, window)
    if isinstance(starts, NotEstimable):
        return starts
    fits = [fit for start in starts if (fit := _fit_tobit(tail[start:])) is not None]
    if not fits:
        return NotEstimable("no window after Tmax falls")
    return min(fits, key=lambda fit: (fit.sigma, -fit.n))


def _starts(tail: Sequence[Measured], window: TobitWindow) -> list[int] | NotEstimable:
    numbers = [(point.day, point.value) for point in tail if point.value is not None]
    best = fit_terminal(numbers, Acceptance(min_points=_LEAST))
    if window == "log-linear":
        if isinstance(best, NotEstimable):
            return best
        return [index for index, point in enumerate(tail) if point.day == best.first_day]
    if len(numbers) < _LEAST:
        return NotEstimable(f"fewer than {_LEAST} quantifiable points after Tmax (there are {len(numbers)})")
    first_days = [day for day, _ in numbers[: len(numbers) - _LEAST + 1]]
    return [index for index, point in enumerate(tail) if point.day in first_days]


def _fit_tobit(points: Sequence[Measured]) -> TobitFit | None:
    """Maximum likelihood over these points; None where the line does not fall."""
    days = [point.day for point in points]
    censored = [point.value is None for point in points]
    logs = [math.log(point.lloq or 1.0) if point.value is None else math.log(point.value) for point in points]
    known = [(day, y) for day, y, is_censored in zip(days, logs, censored, strict=True) if not is_censored]
    if len({y for _, y in known}) < 2:
        return None
    slope, level = _line(*zip(*known, strict=True))
    sigma = _deviation([y - (level + slope * day) for day, y in known])
    if any(censored):
        slope, level, sigma = _maximise(days, logs, censored, (slope, level, max(sigma, 0.01)))
    if slope >= 0:
        return None
    return TobitFit(
        lambda_z=-slope,
        intercept=level,
        sigma=0.0 if sigma < _EXACT else sigma,
        n=len(points),
        n_blq=sum(censored),
        first_day=days[0],
        last_day=days[-1],
        last_quantifiable_day=known[-1][0],
    )


def _maximise(
    days: Sequence[float], limits: Sequence[float], censored: Sequence[bool], start: tuple[float, float, float]
) -> tuple[float, float, float]:
    """EM: what is censored is replaced by its mean given the line, the line is fitted again, until nothing moves."""
    slope, level, sigma = start
    for _ in range(_ROUNDS):
        filled, spread = [], 0.0
        for day, limit, is_censored in zip(days, limits, censored, strict=True):
            mean = level + slope * day
            z = (limit - mean) / sigma
            hazard = _hazard(z) if is_censored else 0.0
            filled.append(mean - sigma * hazard if is_censored else limit)
            spread += sigma**2 * (1 - z * hazard - hazard**2) if is_censored else 0.0
        new_slope, new_level = _line(days, filled)
        squares = math.fsum((y - new_level - new_slope * day) ** 2 for day, y in zip(days, filled, strict=True))
        new_sigma = math.sqrt(max((squares + spread) / len(days), _EXACT**2 / 4))
        moved = max(abs(new_slope - slope), abs(new_level - level), abs(new_sigma - sigma))
        slope, level, sigma = new_slope, new_level, new_sigma
        if moved < _TOLERANCE or sigma < _EXACT:
            break
    return slope, level, sigma


def _line(days: Sequence[float], logs: Sequence[float]) -> tuple[float, float]:
    mean_t, mean_y = math.fsum(days) / len(days), math.fsum(logs) / len(logs)
    sxx = math.fsum((day - mean_t) ** 2 for day in days)
    slope = math.fsum((day - mean_t) * (y - mean_y) for day, y in zip(days, logs, strict=True)) / sxx
    return slope, mean_y - slope * mean_t


def _deviation(residuals: Sequence[float]) -> float:
    return math.sqrt(math.fsum(each**2 for each in residuals) / len(residuals))


def _hazard(z: float) -> float:
    """phi(z) / Phi(z); by its asymptotic series where both underflow."""
    if z < -30:
        return -z / (1 - 1 / z**2 + 3 / z**4)
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / (0.5 * math.erfc(-z / math.sqrt(2)))
