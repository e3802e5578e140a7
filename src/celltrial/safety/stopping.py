"""Bayesian stopping: the probability that a rate is over its limit, and from how many events on it is too high.

The rate has a Beta prior; with x events in n participants the posterior is Beta(a + x, b + n - x).
"""

import math
from dataclasses import dataclass

from celltrial.errors import Finding, UsageError

__all__ = ["StoppingBoundary", "compute_stopping_boundaries", "probability_rate_exceeds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingBoundary:
    """With `n` participants the rule stops at `events` or more; None where no number of events stops.

    probability: Pr(rate > limit) at `events`; None where there is none. probability_below: with one event fewer, or
    with `n` events where none stops; None where the rule stops without any event.
    """

    n: int
    events: int | None
    probability: float | None
    probability_below: float | None


def probability_rate_exceeds(limit: float, *, events: int, n: int, prior: tuple[float, float] = (1.0, 1.0)) -> float:
    """Pr(rate > limit | events in n) under a Beta(prior) rate.

    Raises UsageError where events, n, limit or prior make no sense.
    Source: Thall PF, Simon R. Biometrics 1994;50:337-49 (monitoring by the posterior); the Beta integral is exact.

    >>> round(probability_rate_exceeds(0.3, events=2, n=3), 4)
    0.9163
    """
    a, b = prior
    is_sound = 0 <= events <= n and 0 < limit < 1 and a > 0 and b > 0
    if not is_sound:
        raise UsageError(
            Finding(
                message="a stopping probability cannot be computed from these numbers",
                found=f"{events} events in {n}, limit {limit:g}, prior Beta({a:g}, {b:g})",
                expected="0 <= events <= n, 0 < limit < 1, prior numbers above 0",
            )
        )
    return _upper_beta(limit, a + events, b + n - events)


def compute_stopping_boundaries(
    limit: float, *, cutoff: float, max_n: int, prior: tuple[float, float] = (1.0, 1.0)
) -> tuple[StoppingBoundary, ...]:
    """For n = 1 to `max_n`, the fewest events for which Pr(rate > limit | events in n) > cutoff.

    Raises UsageError where limit, cutoff, max_n or prior make no sense.

    >>> [each.events for each in compute_stopping_boundaries(0.3, cutoff=0.95, max_n=6)]
    [None, 2, 3, 3, 4, 4]
    """
    if not (0 < cutoff < 1 and max_n >= 1):
        raise UsageError(
            Finding(
                message="stopping boundaries cannot be computed from these numbers",
                found=f"cut-off {cutoff:g}, up to {max_n} participants",
                expected="0 < cut-off < 1, at least 1 participant",
            )
        )
    return tuple(_boundary(limit, cutoff, n, prior) for n in range(1, max_n + 1))


def _boundary(limit: float, cutoff: float, n: int, prior: tuple[float, float]) -> StoppingBoundary:
    below: float | None = None
    for events in range(n + 1):
        probability = probability_rate_exceeds(limit, events=events, n=n, prior=prior)
        if probability > cutoff:
            return StoppingBoundary(n=n, events=events, probability=probability, probability_below=below)
        below = probability
    return StoppingBoundary(n=n, events=None, probability=None, probability_below=below)


def _upper_beta(x: float, a: float, b: float) -> float:
    """1 - I_x(a, b), by the continued fraction on the side where it converges fast."""
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    front = math.exp(log_front)
    if x < (a + 1) / (a + b + 2):
        return 1 - front * _continued_fraction(x, a, b) / a
    return front * _continued_fraction(1 - x, b, a) / b


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Lentz's method for the incomplete Beta integral. Source: Abramowitz and Stegun 26.5.8."""
    tiny, close = 1e-300, 1e-16
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1), tiny)
    result = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for numerator in (even, odd):
            d = 1 / _away_from_zero(1 + numerator * d, tiny)
            c = _away_from_zero(1 + numerator / c, tiny)
            result *= c * d
        if abs(c * d - 1) < close:
            break
    return result


def _away_from_zero(number: float, tiny: float) -> float:
    return tiny if abs(number) < tiny else number
