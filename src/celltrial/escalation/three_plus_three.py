"""3+3: three participants, three more when one has a DLT; two DLTs among up to six mean that the level is too toxic.

The rule has several published forms that differ after two DLTs; which one is meant is the option `variant`:

- `stop`: the trial stops; the maximum tolerated dose (MTD) is the level below.
- `de-escalate`: go down; a level below with only three participants is completed to six; the MTD is the highest level
  with at most one DLT.
- `six`: as `de-escalate`, and the MTD must have six participants, so the highest level is completed as well.

Sources: Storer (1989), Biometrics 45:925-937 (rule); Korn et al. (1994), Stat Med 13:1799-1806 (variant `six`).
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, Literal, TypeAlias, get_args

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import check_rate
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Cell, Proposal

__all__ = ["ThreePlusThree", "Variant"]

Variant: TypeAlias = Literal["stop", "de-escalate", "six"]

_TOO_MANY = 2
_COHORT = 3
_COMPLETE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreePlusThree:
    """The 3+3 rule. `target` is not used by it; it stands beside the decision and serves wrappers such as `Eliminate`.

    The published rule has cells for 3 and 6 participants only. Others are read thus: where the published cell follows
    (0/4 contains 0/3; at most 1 of 7 contains at most 1 of 6; two DLTs of two can only become more), it holds; else the
    cohort is completed first; and two DLTs go down whatever the number of participants. The reason says so.
    """

    declares_mtd: ClassVar[bool] = True
    target: float
    variant: Variant = "de-escalate"

    def __post_init__(self) -> None:
        problems = [*check_rate("the target DLT rate", self.target)]
        if self.variant not in get_args(Variant):
            expected = ", ".join(get_args(Variant))
            problems.append(Finding(message="no such variant of 3+3", found=repr(self.variant), expected=expected))
        if problems:
            raise UsageError(problems)

    @property
    def name(self) -> str:
        """`3+3`."""
        return "3+3"

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """`variant`."""
        return (("variant", self.variant),)

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """None: the rule has no boundary of rates."""
        return ()

    def cell(self, dlts: int, n: int) -> Cell:
        """The cell of the rule for one level."""
        return _judge(dlts, n)

    def propose(self, counts: Counts) -> Proposal:
        """The cell of the current level, then what the levels around it allow.

        A level below the current one can have its second DLT late, adjudicated after the escalation: then it, and all
        above it, are too toxic, whatever the current cell says.
        """
        lowest = next((level for level, dlts in enumerate(counts.dlt, start=1) if dlts >= _TOO_MANY), None)
        if lowest is not None and lowest < counts.current:
            late = f"level {lowest}, below the current one, has {counts.dlt[lowest - 1]} DLTs"
            return self._go_down(Proposal(level=counts.current, reasons=(late,)), counts, lowest)
        dlts, n = counts.at(counts.current)
        if n == 0:
            reason = f"level {counts.current} has no evaluable participant yet: treat there first"
            return Proposal(level=counts.current, reasons=(reason,))
        cell = self.cell(dlts, n)
        stay = Proposal(level=counts.current, reasons=(cell.reason,))
        match cell.letter:
            case "E":
                return self._go_up(stay, counts)
            case "S":
                return stay
            case "D" | "DU":
                return self._go_down(stay, counts, counts.current)

    def _go_up(self, stay: Proposal, counts: Counts) -> Proposal:
        level, n = counts.current, counts.n[counts.current - 1]
        above = counts.next_above(level)
        if above is not None and counts.dlt[above - 1] < _TOO_MANY:
            return replace(stay, level=above)
        why = f"level {level} is the highest" if above is None else f"level {above} had {counts.dlt[above - 1]} DLTs"
        must_complete = self.variant == "six" or (self.variant == "de-escalate" and above is not None)
        if must_complete and n < _COMPLETE:
            return _with(stay, f"{why}: complete {_COMPLETE} at level {level}")
        return replace(_with(stay, f"{why}: level {level} is the MTD, stop"), stop=True, mtd=level)

    def _go_down(self, stay: Proposal, counts: Counts, lowest_too_toxic: int) -> Proposal:
        level = counts.next_below(lowest_too_toxic)
        if level == 0:
            return replace(_with(stay, "no level below: no dose is declared tolerable, stop"), stop=True)
        n = counts.n[level - 1]
        if n >= _COMPLETE or (self.variant == "stop" and n >= _COHORT):
            return replace(_with(stay, f"level {level} below is the MTD, stop"), stop=True, mtd=level)
        return replace(_with(stay, f"level {level} has {n} of {_COMPLETE}: complete it"), level=level)


def _with(proposal: Proposal, reason: str) -> Proposal:
    return replace(proposal, reasons=(*proposal.reasons, reason))


@lru_cache(maxsize=4096)
def _judge(dlts: int, n: int) -> Cell:
    note = "" if n in (_COHORT, _COMPLETE) else " (not a cell of the published rule)"
    if dlts >= _TOO_MANY:
        return Cell("D", f"{dlts}/{n}: {_TOO_MANY} or more DLTs{note}")
    if n < _COHORT:
        return Cell("S", f"{dlts}/{n}: fewer than {_COHORT} evaluable, complete the cohort{note}")
    if n >= _COMPLETE:
        return Cell("E", f"{dlts}/{n}: at most 1 DLT in {_COMPLETE}{note}")
    if dlts == 0:
        return Cell("E", f"{dlts}/{n}: no DLT in {_COHORT}{note}")
    return Cell("S", f"{dlts}/{n}: 1 DLT, complete {_COMPLETE}{note}")
