"""TPI, mTPI and mTPI-2: decisions by the posterior probability of too low, right and too high DLT rates.

Sources: Ji, Li & Bekele (2007), Clin Trials 4:235-244 (TPI); Ji et al. (2010), Clin Trials 7:653-663 (mTPI);
Guo et al. (2017), Contemp Clin Trials 58:23-33 (mTPI-2).
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import sqrt

from celltrial.errors import Finding, UsageError
from celltrial.escalation.beta_intervals import check_interval, check_prior, interval_masses
from celltrial.escalation.binomial import as_fraction, beta_cdf, check_rate
from celltrial.escalation.decision import Cell, Letter
from celltrial.escalation.interval_rule import OneStep

__all__ = ["MTpi", "MTpi2", "Tpi"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tpi(OneStep):
    """TPI: the interval around the target is as wide as the posterior is uncertain.

    With s the posterior standard deviation: too high above target + k1 s, too low below target - k2 s, right between;
    the most probable of the three says D, E or S. The prior Beta(0.005, 0.005) is the published one, for the
    elimination too. Ties go down rather than stay, and stay rather than up.
    Overdose control is a wrapper, `Eliminate` with min_n 2; `design_named("tpi")` puts it on.
    """

    target: float
    k1: float = 1.0
    k2: float = 1.5
    prior_a: float = 0.005
    prior_b: float = 0.005

    def __post_init__(self) -> None:
        problems = check_rate("the target DLT rate", self.target) + check_prior(self.prior_a, self.prior_b)
        if self.k1 <= 0 or self.k2 <= 0:
            found = f"k1 {self.k1}, k2 {self.k2}"
            problems += (Finding(message="the widths of TPI are none", found=found, expected="numbers above 0"),)
        if problems:
            raise UsageError(problems)

    @property
    def name(self) -> str:
        """`tpi`."""
        return "tpi"

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """`k1`, `k2` and the prior."""
        return (("k1", self.k1), ("k2", self.k2), ("prior_a", self.prior_a), ("prior_b", self.prior_b))

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """None: the boundaries move with the number of participants."""
        return ()

    def cell(self, dlts: int, n: int) -> Cell:
        """The most probable of too low, right and too high."""
        return _judge_tpi(self, dlts, n)


@lru_cache(maxsize=65536)
def _judge_tpi(rule: Tpi, dlts: int, n: int) -> Cell:
    a, b = rule.prior_a + dlts, rule.prior_b + n - dlts
    deviation = sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    low, high = rule.target - rule.k2 * deviation, rule.target + rule.k1 * deviation
    # the upper tail from its own side: no 1 - x where x is nearly 1
    up, down = beta_cdf(low, a, b), beta_cdf(1 - high, b, a)
    chances: dict[Letter, float] = {"D": down, "S": 1 - up - down, "E": up}
    letter = max(chances, key=lambda each: chances[each])
    return Cell(
        letter,
        f"{dlts}/{n}: Pr(p < {max(low, 0):.3f}) = {up:.3f}, Pr(between) = {chances['S']:.3f}, "
        f"Pr(p > {min(high, 1):.3f}) = {down:.3f}",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _UnitMass(OneStep):
    """What mTPI and mTPI-2 share: an equivalence interval around the target, and a beta prior."""

    target: float
    eps1: float = 0.05
    eps2: float = 0.05
    prior_a: float = 1.0
    prior_b: float = 1.0

    def __post_init__(self) -> None:
        _check(self)

    @property
    def name(self) -> str:
        """The name it is asked for by."""
        raise NotImplementedError

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """`eps1`, `eps2` and the prior."""
        return _parameters(self)

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """The ends of the equivalence interval, `ei_low` and `ei_high`."""
        return _figures(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class MTpi(_UnitMass):
    """mTPI: of under-, proper and overdosing the interval with the greatest unit probability mass says E, S or D.

    Unit probability mass: posterior probability over length. The intervals: (0, target - eps1), [target - eps1,
    target + eps2], (target + eps2, 1). Ties go down rather than stay, and stay rather than up.
    Overdose control is a wrapper, `Eliminate` with min_n 2; `design_named("mtpi")` puts it on.
    """

    @property
    def name(self) -> str:
        """`mtpi`."""
        return "mtpi"

    def cell(self, dlts: int, n: int) -> Cell:
        """The interval with the greatest unit probability mass."""
        return _judge_mtpi(self, dlts, n)


@dataclass(frozen=True, slots=True, kw_only=True)
class MTpi2(_UnitMass):
    """mTPI-2: as mTPI, with under- and overdosing cut into intervals as wide as the equivalence interval.

    The first and the last interval are cut off at 0 and 1 and keep their unit probability mass for the shorter length.
    Ties: as for the keyboard, the interval nearer to the equivalence interval.
    Overdose control is a wrapper, `Eliminate` with min_n 2; `design_named("mtpi-2")` puts it on.
    """

    @property
    def name(self) -> str:
        """`mtpi-2`."""
        return "mtpi-2"

    def cell(self, dlts: int, n: int) -> Cell:
        """The interval with the greatest unit probability mass."""
        return _judge_mtpi2(self, dlts, n)


def _check(rule: _UnitMass) -> None:
    problems = check_rate("the target DLT rate", rule.target) + check_prior(rule.prior_a, rule.prior_b)
    if problems := problems or check_interval(rule.name, rule.target, rule.eps1, rule.eps2):
        raise UsageError(problems)


def _interval(rule: _UnitMass) -> tuple[Fraction, Fraction]:
    target = as_fraction(rule.target)
    return target - as_fraction(rule.eps1), target + as_fraction(rule.eps2)


def _parameters(rule: _UnitMass) -> tuple[tuple[str, float | str], ...]:
    return (("eps1", rule.eps1), ("eps2", rule.eps2), ("prior_a", rule.prior_a), ("prior_b", rule.prior_b))


def _figures(rule: _UnitMass) -> tuple[tuple[str, float], ...]:
    low, high = _interval(rule)
    return (("ei_low", float(low)), ("ei_high", float(high)))


@lru_cache(maxsize=65536)
def _judge_mtpi(rule: MTpi, dlts: int, n: int) -> Cell:
    low, high = _interval(rule)
    edges = (Fraction(0), low, high, Fraction(1))
    under, right, over = _per_length(edges, interval_masses(edges, dlts, n, rule.prior_a, rule.prior_b))
    masses: dict[Letter, Fraction | float] = {"D": over, "S": right, "E": under}
    letter = max(masses, key=lambda each: masses[each])
    shown = f"{float(under):.3f}, proper {float(right):.3f}, over {float(over):.3f}"
    return Cell(letter, f"{dlts}/{n}: unit probability mass of underdosing {shown}")


@lru_cache(maxsize=65536)
def _judge_mtpi2(rule: MTpi2, dlts: int, n: int) -> Cell:
    edges, target = _cut(rule.target, rule.eps1, rule.eps2)
    masses = _per_length(edges, interval_masses(edges, dlts, n, rule.prior_a, rule.prior_b))
    best = min(range(len(masses)), key=lambda place: (-masses[place], abs(place - target), place))
    low, high = float(edges[best]), float(edges[best + 1])
    found = f"{dlts}/{n}: the greatest unit probability mass, {float(masses[best]):.3f}, is in {low:.3g} to {high:.3g}"
    if best == target:
        return Cell("S", f"{found}, the equivalence interval")
    beside = f"the equivalence interval: {float(masses[target]):.3f}"
    return Cell("E", f"{found}, below {beside}") if best < target else Cell("D", f"{found}, above {beside}")


def _per_length(edges: tuple[Fraction, ...], masses: tuple[Fraction | float, ...]) -> tuple[Fraction | float, ...]:
    lengths = (high - low for low, high in pairwise(edges))
    return tuple(mass / length for mass, length in zip(masses, lengths, strict=True))


@lru_cache(maxsize=256)
def _cut(target: float, eps1: float, eps2: float) -> tuple[tuple[Fraction, ...], int]:
    """The edges of the intervals of mTPI-2 from 0 to 1, and the place of the equivalence interval."""
    low, high = as_fraction(target) - as_fraction(eps1), as_fraction(target) + as_fraction(eps2)
    width = high - low
    below = [low - step * width for step in range(1, int(low / width) + 1)][::-1]
    above = [high + step * width for step in range(1, int((1 - high) / width) + 1)]
    edges = [Fraction(0), *below, low, high, *above, Fraction(1)]
    unique = tuple(sorted(set(edges)))
    return unique, unique.index(low)
