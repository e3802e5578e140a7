"""What every base rule offers, and the step shared by the rules that look at one level only."""

from typing import Protocol

from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Cell, Proposal

__all__ = ["BaseRule", "propose_one_step"]


class BaseRule(Protocol):
    """A dose-finding rule without its wrappers: BOIN, i3+3, 3+3."""

    @property
    def name(self) -> str:
        """The name it is asked for by."""
        ...

    @property
    def target(self) -> float:
        """The target DLT rate."""
        ...

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """Its numbers beside the target, defaults filled in."""
        ...

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """Derived numbers worth printing beside a decision table, e.g. lambda_e; may be empty."""
        ...

    def cell(self, dlts: int, n: int) -> Cell:
        """The decision for `dlts` of `n` at a level that has levels on both sides."""
        ...

    def propose(self, counts: Counts) -> Proposal:
        """The decision for these counts, the ends of the list of levels taken into account."""
        ...


def propose_one_step(rule: BaseRule, counts: Counts) -> Proposal:
    """One level up, the same, or one down by the cell of the current level; at an end of the list, stay.

    Staying at the lowest level on "de-escalate" is what the published BOIN and i3+3 do until the level is eliminated;
    a trial that wants to stop there adds the rule `stop_below_lowest`.
    """
    dlts, n = counts.at(counts.current)
    if n == 0:
        reason = f"level {counts.current} has no evaluable participant yet: treat there first"
        return Proposal(level=counts.current, reasons=(reason,))
    cell = rule.cell(dlts, n)
    match cell.letter:
        case "E":
            above = counts.next_above(counts.current)
            if above is None:
                ending = f"level {counts.current} is the highest: stay"
                return Proposal(level=counts.current, reasons=(cell.reason, ending))
            return Proposal(level=above, reasons=(cell.reason,))
        case "S":
            return Proposal(level=counts.current, reasons=(cell.reason,))
        case "D" | "DU":
            # level 0 is below the list: `Design` or the wrapper `stop_below_lowest` says what that means
            return Proposal(level=counts.next_below(counts.current), reasons=(cell.reason,))
