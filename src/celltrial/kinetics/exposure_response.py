"""Exposure and response in few participants: what a doubling of exposure does to the odds, and what 12 cannot show.

For an event (CRS, remission, DLT): the odds ratio for twice the exposure, by Firth's penalised regression with profile
intervals (`firth.py`), and the ratio of geometric mean exposures with and without it, by Welch's t on the logarithms.
For a graded response: Spearman's rank correlation (`rank_correlation.py`). Beside each stands the smallest effect that
so many participants would show in 8 of 10 trials: an interval that holds 1 says little where only a huge effect could
have been seen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev, variance

from celltrial.errors import Finding, UsageError
from celltrial.kinetics.firth import fit_firth
from celltrial.kinetics.student import student_quantile, student_tail
from celltrial.missing import NotEstimable

__all__ = [
    "Effect",
    "EventResponse",
    "compute_detectable_correlation",
    "compute_detectable_odds_ratio",
    "compute_detectable_ratio",
    "compute_event_response",
    "compute_geometric_interval",
    "compute_ratio_of_means",
]

_POWER = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A ratio (1 is no effect) with its interval, and the two-sided p value that belongs to it."""

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResponse:
    """How an exposure and an event go together; `n` with both known, `events` of them with the event.

    odds_ratio: for twice the exposure. ratio_of_means: geometric mean exposure with the event over without it.
    detectable_odds_ratio, detectable_ratio: the smallest above 1 that this many would show with a power of 80 %.
    """

    n: int
    events: int
    odds_ratio: Effect | NotEstimable
    ratio_of_means: Effect | NotEstimable
    detectable_odds_ratio: float | NotEstimable
    detectable_ratio: float | NotEstimable


def compute_event_response(
    exposures: Sequence[float], outcomes: Sequence[bool], *, level: float = 0.95
) -> EventResponse:
    """An exposure against an event.

    Args:
        exposures: Of each participant, above 0, any unit.
        outcomes: Whether the participant had the event.
    Raises:
        UsageError: an exposure that is not above 0 (it has no logarithm), or not one outcome each.
    """
    _require_exposures(exposures, outcomes)
    logs = [math.log2(each) for each in exposures]
    with_event = [value for value, outcome in zip(exposures, outcomes, strict=True) if outcome]
    without = [value for value, outcome in zip(exposures, outcomes, strict=True) if not outcome]
    fit = fit_firth([[each] for each in logs], outcomes, names=("doubling",), level=level)
    odds: Effect | NotEstimable
    if isinstance(fit, NotEstimable):
        odds = fit
    else:
        found = fit["doubling"]
        odds = Effect(value=_exp(found.estimate), low=_exp(found.low), high=_exp(found.high), p=found.p)
    return EventResponse(
        n=len(outcomes),
        events=len(with_event),
        odds_ratio=odds,
        ratio_of_means=compute_ratio_of_means(with_event, without, level=level),
        detectable_odds_ratio=compute_detectable_odds_ratio(logs, len(with_event), level=level),
        detectable_ratio=compute_detectable_ratio(with_event, without, level=level),
    )


def compute_ratio_of_means(
    first: Sequence[float], second: Sequence[float], *, level: float = 0.95
) -> Effect | NotEstimable:
    """The ratio of two geometric means, by Welch's t on the logarithms (Welch BL (1947), Biometrika 34:28-35).

    NotEstimable with fewer than 2 in a group, or where no value differs within the groups.
    """
    if min(len(first), len(second)) < 2:
        return NotEstimable(f"fewer than 2 in a group ({len(first)} and {len(second)})")
    logs = [[math.log(each) for each in group] for group in (first, second)]
    errors = [variance(group) / len(group) for group in logs]
    error = math.sqrt(sum(errors))
    if error == 0:
        return NotEstimable("no value differs within the groups")
    degrees = sum(errors) ** 2 / sum(e * e / (len(group) - 1) for e, group in zip(errors, logs, strict=True))
    difference = fmean(logs[0]) - fmean(logs[1])
    spread = student_quantile((1 + level) / 2, degrees) * error
    return Effect(
        value=_exp(difference),
        low=_exp(difference - spread),
        high=_exp(difference + spread),
        p=student_tail(difference / error, degrees),
    )


def compute_geometric_interval(values: Sequence[float], *, level: float = 0.95) -> tuple[float, float] | NotEstimable:
    """The t interval of a geometric mean, on the logarithms; needs 2 values above 0 that differ.

    >>> [round(end, 3) for end in compute_geometric_interval([1.0, 10.0, 100.0])]
    [0.033, 3048.862]
    """
    if len(values) < 2 or min(values) <= 0 or len(set(values)) == 1:
        return NotEstimable("fewer than 2 different values above 0")
    logs = [math.log(each) for each in values]
    spread = student_quantile((1 + level) / 2, len(logs) - 1) * stdev(logs) / math.sqrt(len(logs))
    return _exp(fmean(logs) - spread), _exp(fmean(logs) + spread)


def compute_detectable_ratio(
    first: Sequence[float], second: Sequence[float], *, level: float = 0.95, power: float = _POWER
) -> float | NotEstimable:
    """The smallest ratio of geometric means above 1 that groups of these sizes and this spread would show.

    exp((t[(1 + level) / 2] + t[power]) s sqrt(1/n1 + 1/n2)), s the pooled standard deviation of the logarithms.
    """
    degrees = len(first) + len(second) - 2
    if min(len(first), len(second)) < 1 or degrees < 1:
        return NotEstimable(f"no comparison of {len(first)} with {len(second)}")
    groups = [[math.log(each) for each in group] for group in (first, second)]
    squares = math.fsum((each - fmean(group)) ** 2 for group in groups for each in group)
    if squares == 0:
        return NotEstimable("no value differs within the groups")
    width = math.sqrt(squares / degrees * (1 / len(first) + 1 / len(second)))
    return _exp((student_quantile((1 + level) / 2, degrees) + student_quantile(power, degrees)) * width)


def compute_detectable_odds_ratio(
    logs: Sequence[float], events: int, *, level: float = 0.95, power: float = _POWER
) -> float | NotEstimable:
    """The smallest odds ratio above 1, for one unit of a covariate, that so many participants and events would show.

    exp((z[(1 + level) / 2] + z[power]) / (s sqrt(n p (1 - p)))), s the standard deviation of the covariate, p the share
    with the event. Source: Hsieh FY, Bloch DA, Larsen MD (1998), Stat Med 17:1623-1634, equation 1; it holds for large
    samples and is a lower bound here.
    """
    n = len(logs)
    if events in (0, n):
        return NotEstimable(f"{events} of {n} with the event")
    if n < 2 or stdev(logs) == 0:
        return NotEstimable("the covariate is the same for all")
    share = events / n
    normal = NormalDist()
    reach = normal.inv_cdf((1 + level) / 2) + normal.inv_cdf(power)
    return _exp(reach / (stdev(logs) * math.sqrt(n * share * (1 - share))))


def compute_detectable_correlation(n: int, *, level: float = 0.95, power: float = _POWER) -> float | NotEstimable:
    """The smallest correlation that n pairs would show: tanh((z + z) sqrt(1.06 / (n - 3))), on Fisher's scale.

    1.06: the variance of Spearman's rho there (Fieller EC, Hartley HO, Pearson ES (1957), Biometrika 44:470-481).

    >>> round(compute_detectable_correlation(12), 2)
    0.74
    """
    if n < 4:
        return NotEstimable(f"fewer than 4 participants with both values (there are {n})")
    normal = NormalDist()
    reach = normal.inv_cdf((1 + level) / 2) + normal.inv_cdf(power)
    return math.tanh(reach * math.sqrt(1.06 / (n - 3)))


def _exp(number: float) -> float:
    """The exponential; an end of an interval may lie beyond what a float holds."""
    return math.exp(number) if number < 700 else math.inf


def _require_exposures(exposures: Sequence[float], outcomes: Sequence[bool]) -> None:
    if len(exposures) != len(outcomes):
        text = f"{len(exposures)} exposures, {len(outcomes)} outcomes"
        raise UsageError(Finding(message="exposures and outcomes do not fit", found=text, expected="one each"))
    bad = [each for each in exposures if not 0 < each < math.inf]
    if bad:
        raise UsageError(
            Finding(
                message="an exposure without a logarithm",
                found=f"{bad[0]:g}",
                expected="above 0",
                next_step="leave the participant out and say so; a rank correlation can take it as the lowest",
            )
        )
