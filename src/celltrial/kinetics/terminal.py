"""The terminal slope: which of the last points it is fitted over, and whether it may be reported.

Windows end at the last quantifiable point and begin after Tmax. Rising and flat windows are dropped first; of the
rest the best adjusted R2 wins, and within 1e-4 of it the window with the most points.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from celltrial.errors import Finding, UsageError
from celltrial.kinetics.areas import Point
from celltrial.missing import NotEstimable

__all__ = ["TOLERANCE", "Acceptance", "HandPicked", "TerminalFit", "check_terminal", "fit_hand_picked", "fit_terminal"]

TOLERANCE = 1e-4
# two points give a line whatever they are
_LEAST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What a terminal slope must satisfy to be reported; None asks for nothing."""

    min_points: int = 3
    min_adj_r2: float | None = 0.8
    min_span: float | None = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalFit:
    """A log-linear fit ln(value) = intercept - lambda_z x day over the points from `first_day` to `last_day`."""

    lambda_z: float
    intercept: float
    n: int
    r2: float
    adj_r2: float
    first_day: float
    last_day: float

    @property
    def half_life(self) -> float:
        return math.log(2) / self.lambda_z

    @property
    def span_ratio(self) -> float:
        """The window's length in half-lives."""
        return (self.last_day - self.first_day) / self.half_life


def fit_terminal(after_tmax: Sequence[Point], acceptance: Acceptance) -> TerminalFit | NotEstimable:
    """The best terminal window of quantifiable points after Tmax, in time; NotEstimable where there is none.

    Source: the order of the steps is that of Phoenix WinNonlin; oracle: checks/test_nca_vectors.py.
    """
    least = max(acceptance.min_points, _LEAST)
    if len(after_tmax) < least:
        return NotEstimable(f"fewer than {least} quantifiable points after Tmax (there are {len(after_tmax)})")
    fits = [_fit(after_tmax[-n:]) for n in range(least, len(after_tmax) + 1)]
    falling = [fit for fit in fits if fit is not None]
    if not falling:
        return NotEstimable(f"no window of {least} or more points after Tmax falls")
    best = max(fit.adj_r2 for fit in falling)
    return max((fit for fit in falling if best - fit.adj_r2 < TOLERANCE), key=lambda fit: fit.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandPicked:
    """The days of the points that a person chose for the terminal slope, and why. UsageError without a reason."""

    days: tuple[float, ...]
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            step = "say why these points and no others"
            raise UsageError(Finding(message="terminal points chosen by hand need a reason", next_step=step))


def fit_hand_picked(quantified: Sequence[Point], chosen: HandPicked) -> TerminalFit | NotEstimable:
    """The slope through the chosen points; NotEstimable where one is no quantifiable sample, or they do not fall."""
    found = dict(quantified)
    lacking = [day for day in chosen.days if day not in found]
    if lacking:
        return NotEstimable(f"no quantifiable sample on day {', '.join(f'{day:g}' for day in lacking)}, chosen by hand")
    if len(set(chosen.days)) < _LEAST:
        return NotEstimable(f"fewer than {_LEAST} points were chosen by hand (there are {len(set(chosen.days))})")
    fit = _fit([(day, found[day]) for day in sorted(set(chosen.days))])
    return NotEstimable("the points chosen by hand do not fall") if fit is None else fit


def check_terminal(fit: TerminalFit, acceptance: Acceptance) -> str:
    """Why the fit is not to be reported, with the number and the rule it breaks; blank where it may be."""
    broken = []
    if acceptance.min_adj_r2 is not None and _is_below(fit.adj_r2, acceptance.min_adj_r2):
        broken.append(f"adjusted R2 {fit.adj_r2:.4g} is below {acceptance.min_adj_r2:g}")
    if acceptance.min_span is not None and _is_below(fit.span_ratio, acceptance.min_span):
        broken.append(f"span {fit.span_ratio:.4g} half-lives is below {acceptance.min_span:g}")
    if not broken:
        return ""
    window = f"{fit.n} points, day {fit.first_day:g} to {fit.last_day:g}"
    return f"lambda_z {fit.lambda_z:.6g} 1/day ({window}) not reported: {'; '.join(broken)}"


def _is_below(number: float, limit: float) -> bool:
    # a span of exactly 2 half-lives may come out as 1.9999999999999998
    return number < limit and not math.isclose(number, limit, rel_tol=1e-12)


def _fit(window: Sequence[Point]) -> TerminalFit | None:
    """Least squares of ln(value) on day; None where the window rises or is flat."""
    n = len(window)
    values = [value for _, value in window]
    # rounding gives an exactly flat tail a slope of 1e-17 and a half-life of ages
    if max(values) == min(values):
        return None
    logs = [math.log(value) for value in values]
    mean_t, mean_y = math.fsum(day for day, _ in window) / n, math.fsum(logs) / n
    sxx = math.fsum((day - mean_t) ** 2 for day, _ in window)
    syy = math.fsum((y - mean_y) ** 2 for y in logs)
    sxy = math.fsum((day - mean_t) * (y - mean_y) for (day, _), y in zip(window, logs, strict=True))
    slope = sxy / sxx
    if slope >= 0:
        return None
    r2 = sxy**2 / (sxx * syy)
    return TerminalFit(
        lambda_z=-slope,
        intercept=mean_y - slope * mean_t,
        n=n,
        r2=r2,
        adj_r2=1 - (1 - r2) * (n - 1) / (n - 2),
        first_day=window[0][0],
        last_day=window[-1][0],
    )
