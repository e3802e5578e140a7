"""i3+3: like 3+3, any cohort size, with an equivalence interval around the target and a second look at one DLT less.

Source: Liu, Wang & Ji (2020), The i3+3 design for phase I clinical trials, J Biopharm Stat 30(2):294-304
(arXiv:1901.01303).
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from celltrial.errors import Finding, UsageError
from celltrial.escalation.base import propose_one_step
from celltrial.escalation.binomial import as_fraction, check_rate, format_beside
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Cell, Proposal

if TYPE_CHECKING:
    from celltrial.escalation.batch import Batch, Proposals

__all__ = ["I3Plus3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class I3Plus3:
    """The i3+3 rule with the equivalence interval [target - eps1, target + eps2]; its end points count as inside.

    Rates are compared as rationals of the decimals given: 2/8 lies on the end point 0.30 - 0.05, not beside it.
    Its exclusion rule (DU) is a wrapper, `Eliminate`; `design_named("i3+3")` puts it on.
    """

    target: float
    eps1: float = 0.05
    eps2: float = 0.05

    def __post_init__(self) -> None:
        if problems := check_rate("the target DLT rate", self.target):
            raise UsageError(problems)
        low, high = self._interval
        if self.eps1 < 0 or self.eps2 < 0 or not 0 < low <= high < 1:
            raise UsageError(
                Finding(
                    message="the equivalence interval of i3+3 is not within the rates",
                    found=f"target {self.target}, eps1 {self.eps1}, eps2 {self.eps2}",
                    expected="eps1 and eps2 not negative, 0 < target - eps1 and target + eps2 < 1",
                    rule="Liu, Wang & Ji (2020)",
                )
            )

    @property
    def name(self) -> str:
        """`i3+3`."""
        return "i3+3"

    @property
    def _interval(self) -> tuple[Fraction, Fraction]:
        target = as_fraction(self.target)
        return target - as_fraction(self.eps1), target + as_fraction(self.eps2)

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """`eps1` and `eps2`."""
        return (("eps1", self.eps1), ("eps2", self.eps2))

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """The ends of the equivalence interval, `ei_low` and `ei_high`."""
        low, high = self._interval
        return (("ei_low", float(low)), ("ei_high", float(high)))

    def cell(self, dlts: int, n: int) -> Cell:
        """Below the interval up; inside stay; above: stay when one DLT less would lie below it, else down."""
        return _judge(dlts, n, *self._interval)

    def propose(self, counts: Counts) -> Proposal:
        """One step by the cell of the current level."""
        return propose_one_step(self, counts)

    def propose_many(self, batch: "Batch") -> "Proposals":
        """The same for many states."""
        from celltrial.escalation.batch import propose_one_step_many

        return propose_one_step_many(self, batch)


@lru_cache(maxsize=65536)
def _judge(dlts: int, n: int, low: Fraction, high: Fraction) -> Cell:
    rate = Fraction(dlts, n)
    interval = f"[{_decimal(low)}, {_decimal(high)}]"
    if rate < low:
        return Cell("E", f"{dlts}/{n}: {_beside(rate, low)} lies below the interval {interval}")
    if rate <= high:
        return Cell("S", f"{dlts}/{n}: {_beside(rate, high)} lies inside the interval {interval}")
    less = Fraction(dlts - 1, n)
    above = f"{dlts}/{n}: {_beside(rate, high)} lies above the interval {interval}"
    if less < low:
        return Cell("S", f"{above}, but {dlts - 1}/{n}: {_beside(less, low)} lies below it")
    return Cell("D", f"{above}, and {dlts - 1}/{n}: {_beside(less, low)} does not lie below it")


def _beside(rate: Fraction, limit: Fraction) -> str:
    return format_beside(rate, limit, 3)[0]


def _decimal(number: Fraction) -> str:
    """At least two decimals, more where the number has more."""
    text = f"{float(number):.6f}".rstrip("0")
    return text if len(text.partition(".")[2]) >= 2 else f"{float(number):.2f}"
