"""Probabilities of intervals of the DLT rate under its beta posterior, exact where the prior's numbers are whole.

Designs that compare such probabilities (keyboard, mTPI, mTPI-2) can meet ties; with the uniform prior they are compared
as whole numbers over one denominator, so a tie is a tie and rounding decides nothing.
"""

from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import lcm

from celltrial.errors import Finding
from celltrial.escalation.binomial import as_fraction, beta_cdf, binomial_tails

__all__ = ["check_interval", "check_prior", "interval_masses"]


def check_prior(prior_a: float, prior_b: float) -> tuple[Finding, ...]:
    """A finding where Beta(prior_a, prior_b) is no distribution."""
    if prior_a > 0 and prior_b > 0:
        return ()
    return (
        Finding(
            message="the beta prior is none",
            found=f"prior_a {prior_a}, prior_b {prior_b}",
            expected="two numbers above 0",
        ),
    )


def check_interval(name: str, target: float, eps1: float, eps2: float) -> tuple[Finding, ...]:
    """A finding where [target - eps1, target + eps2] is no interval inside the rates."""
    low, high = as_fraction(target) - as_fraction(eps1), as_fraction(target) + as_fraction(eps2)
    if eps1 >= 0 and eps2 >= 0 and 0 < low < high < 1:
        return ()
    return (
        Finding(
            message=f"the equivalence interval of {name} is not within the rates",
            found=f"target {target}, eps1 {eps1}, eps2 {eps2}",
            expected="eps1 and eps2 not negative and not both 0, 0 < target - eps1 and target + eps2 < 1",
        ),
    )


@lru_cache(maxsize=65536)
def interval_masses(
    edges: tuple[Fraction, ...], dlts: int, n: int, prior_a: float, prior_b: float
) -> tuple[Fraction | float, ...]:
    """Pr(edge < rate <= next edge) under Beta(prior_a + dlts, prior_b + n - dlts), for each pair of neighbouring edges.

    Fractions where both prior numbers are whole, floats else.
    """
    if float(prior_a).is_integer() and float(prior_b).is_integer():
        return _exact_masses(edges, int(prior_a) + dlts, int(prior_b) + n - dlts)
    a, b = prior_a + dlts, prior_b + n - dlts
    below = [beta_cdf(float(edge), a, b) for edge in edges]
    return tuple(high - low for low, high in pairwise(below))


def _exact_masses(edges: tuple[Fraction, ...], a: int, b: int) -> tuple[Fraction, ...]:
    """Pr(Beta(a, b) <= x) = 1 - Pr(Binomial(a + b - 1, x) <= a - 1), all over one denominator."""
    whole = lcm(*(edge.denominator for edge in edges)) ** (a + b - 1)
    above = []
    for edge in edges:
        tails, denominator = binomial_tails(edge, a + b - 1)
        above.append(tails[a - 1] * (whole // denominator))
    return tuple(Fraction(low - high, whole) for low, high in pairwise(above))
