"""Keyboard: the rates are cut into keys of the target key's width; the key most probable a posteriori says where to go.

Source: Yan, Mandrekar & Yuan (2017), Keyboard: a novel Bayesian toxicity probability interval design for phase I
clinical trials, Clin Cancer Res 23(15):3994-4003.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from celltrial.errors import UsageError
from celltrial.escalation.beta_intervals import check_interval, check_prior, interval_masses
from celltrial.escalation.binomial import as_fraction, check_rate
from celltrial.escalation.decision import Cell
from celltrial.escalation.interval_rule import OneStep

__all__ = ["Keyboard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyboard(OneStep):
    """The keyboard rule with the target key [target - eps1, target + eps2].

    Keys of the same width are laid on both sides as long as a whole one fits between 0 and 1; what is left at the ends
    is no key. The strongest key below the target key: up; the target key: stay; above: down. Of equally strong keys the
    one nearer to the target key counts, and the target key before any other.
    prior_a, prior_b: of the beta prior; the published design has the uniform one.
    Its overdose control is a wrapper, `Eliminate` with min_n 1; `design_named("keyboard")` puts it on.
    """

    target: float
    eps1: float = 0.05
    eps2: float = 0.05
    prior_a: float = 1.0
    prior_b: float = 1.0

    def __post_init__(self) -> None:
        problems = check_rate("the target DLT rate", self.target) + check_prior(self.prior_a, self.prior_b)
        if problems := problems or check_interval("keyboard", self.target, self.eps1, self.eps2):
            raise UsageError(problems)

    @property
    def name(self) -> str:
        """`keyboard`."""
        return "keyboard"

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """`eps1`, `eps2` and the prior."""
        return (("eps1", self.eps1), ("eps2", self.eps2), ("prior_a", self.prior_a), ("prior_b", self.prior_b))

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """The ends of the target key, `key_low` and `key_high`."""
        low, high = as_fraction(self.target) - as_fraction(self.eps1), as_fraction(self.target) + as_fraction(self.eps2)
        return (("key_low", float(low)), ("key_high", float(high)))

    def cell(self, dlts: int, n: int) -> Cell:
        """Where the strongest key lies."""
        return _judge(self, dlts, n)


@lru_cache(maxsize=256)
def lay_keys(target: float, eps1: float, eps2: float) -> tuple[tuple[Fraction, ...], int]:
    """The edges of the keys, lowest first, and the place of the target key.

    >>> edges, place = lay_keys(0.30, 0.05, 0.05)
    >>> [float(edge) for edge in edges][:4], place
    ([0.05, 0.15, 0.25, 0.35], 2)
    """
    low, high = as_fraction(target) - as_fraction(eps1), as_fraction(target) + as_fraction(eps2)
    width = high - low
    below, above = low // width, (1 - high) // width
    edges = tuple(low + step * width for step in range(-below, above + 2))
    return edges, int(below)


@lru_cache(maxsize=65536)
def _judge(rule: Keyboard, dlts: int, n: int) -> Cell:
    edges, target = lay_keys(rule.target, rule.eps1, rule.eps2)
    masses = interval_masses(edges, dlts, n, rule.prior_a, rule.prior_b)
    strongest = min(range(len(masses)), key=lambda place: (-masses[place], abs(place - target), place))
    low, high = float(edges[strongest]), float(edges[strongest + 1])
    found = f"{dlts}/{n}: the strongest key is {low:.3g} to {high:.3g}, probability {float(masses[strongest]):.3f}"
    beside = f"target key {float(edges[target]):.3g} to {float(edges[target + 1]):.3g}: {float(masses[target]):.3f}"
    if strongest == target:
        return Cell("S", f"{found}, the target key")
    return (
        Cell("E", f"{found}, below the {beside}") if strongest < target else Cell("D", f"{found}, above the {beside}")
    )
