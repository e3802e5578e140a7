"""Rolling six: 3+3 that enrols up to six at a level without a pause, and counts the pending ones as if they might fail.

The rule looks at the participants enrolled at the level, the DLTs and those pending:

- two or more DLTs: the level is too toxic, go down;
- escalate: no DLT in 3, 4 or 5 with nobody pending, no DLT in 5 of 6 with one pending, at most one DLT in 6 complete;
- else the next participant goes to the same level, while it has fewer than six;
- six are enrolled and nothing of this holds: wait.

Sources: Skolnik, Barrett, Jayaraman, Patel & Adamson (2008), J Clin Oncol 26(2):190-195 (the design); every row of the
table is as in Frankel et al. (2020), JAMA Netw Open 3(5):e204787, Table 2, column "Rolling 6"; oracle:
tests/oracles/escalation/rolling_six.csv. After a de-escalation it goes on as 3+3 with de-escalation: the level below is
completed to six, and the MTD is the highest level with at most one DLT.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from celltrial.errors import UsageError
from celltrial.escalation.binomial import check_rate
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Cell, Proposal
from celltrial.escalation.partial import PartialCounts, PartialProposal

__all__ = ["RollingSix"]

_TOO_MANY = 2
_FEWEST = 3
_NEARLY = 5
_COMPLETE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingSix:
    """The rolling-six rule. `target` is not used by it; it stands beside the decision and serves the wrappers.

    Decide before every participant: `cohort_size=1` in a simulation.
    """

    declares_mtd: ClassVar[bool] = True
    target: float

    def __post_init__(self) -> None:
        if problems := check_rate("the target DLT rate", self.target):
            raise UsageError(problems)

    @property
    def name(self) -> str:
        """`rolling-6`."""
        return "rolling-6"

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """None."""
        return ()

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """None: the rule has no boundary of rates."""
        return ()

    def cell(self, dlts: int, n: int) -> Cell:
        """The cell for complete outcomes."""
        letter, reason, _ = _judge(dlts, n, 0)
        return Cell(letter, reason)

    def propose(self, counts: Counts) -> Proposal:
        """The decision with nobody pending."""
        nobody = (0,) * counts.levels
        partial = PartialCounts(
            n=counts.n, dlt=counts.dlt, pending=nobody, follow_up=(0.0,) * counts.levels, current=counts.current
        )
        return self.propose_partial(partial).proposal

    def propose_partial(self, partial: PartialCounts) -> PartialProposal:
        """The cell of the current level, then what the levels around it allow.

        A level below the current one can have its second DLT late: then it, and all above it, are too toxic.
        """
        counts, level = partial.counts, partial.current
        lowest = next((each for each, dlts in enumerate(counts.dlt, start=1) if dlts >= _TOO_MANY), None)
        if lowest is not None and lowest < level:
            late = f"level {lowest}, below the current one, has {counts.dlt[lowest - 1]} DLTs"
            return PartialProposal(proposal=_go_down(Proposal(level=level, reasons=(late,)), counts, lowest))
        dlts, n = counts.at(level)
        letter, reason, hold = _judge(dlts, n, partial.pending[level - 1])
        stay = Proposal(level=level, reasons=(reason,))
        if letter == "E":
            return _go_up(stay, partial)
        if letter == "D":
            return PartialProposal(proposal=_go_down(stay, counts, level))
        return PartialProposal(proposal=stay, hold=hold)


def _judge(dlts: int, n: int, pending: int) -> tuple[Literal["E", "S", "D"], str, bool]:
    """The letter of the table, its reason, and whether enrolment waits."""
    shown = f"{dlts}/{n}" + (f", {pending} pending" if pending else "")
    evaluable = n - pending
    if dlts >= _TOO_MANY:
        return "D", f"{shown}: {_TOO_MANY} or more DLTs", False
    if n >= _COMPLETE and pending == 0:
        return "E", f"{shown}: at most 1 DLT in {_COMPLETE}", False
    if dlts == 0 and n >= _FEWEST and (pending == 0 or evaluable >= _NEARLY):
        return "E", f"{shown}: no DLT in {evaluable}", False
    if n < _COMPLETE:
        return "S", f"{shown}: fewer than {_COMPLETE} enrolled, go on at the level", False
    return "S", f"{shown}: {_COMPLETE} are enrolled, wait for outcomes", True


def _go_up(stay: Proposal, partial: PartialCounts) -> PartialProposal:
    """The next level, unless it is too toxic: then complete the level, and it is the MTD."""
    counts, level = partial.counts, stay.level
    is_highest = level == counts.levels
    if not is_highest and counts.dlt[level] < _TOO_MANY:
        return PartialProposal(proposal=replace(stay, level=level + 1))
    above = f"level {level} is the highest" if is_highest else f"level {level + 1} had {counts.dlt[level]} DLTs"
    if not is_highest and counts.n[level - 1] < _COMPLETE:
        return PartialProposal(proposal=_with(stay, f"{above}: complete {_COMPLETE} at level {level}"))
    ended = replace(_with(stay, f"{above}: level {level} is the MTD, stop"), stop=True, mtd=level)
    return PartialProposal(proposal=ended)


def _go_down(stay: Proposal, counts: Counts, lowest_too_toxic: int) -> Proposal:
    level = lowest_too_toxic - 1
    if level == 0:
        return replace(_with(stay, "no level below: no dose is declared tolerable, stop"), stop=True)
    n = counts.n[level - 1]
    if n >= _COMPLETE:
        return replace(_with(stay, f"level {level} below is the MTD, stop"), stop=True, mtd=level)
    return replace(_with(stay, f"level {level} has {n} of {_COMPLETE}: complete it"), level=level)


def _with(proposal: Proposal, reason: str) -> Proposal:
    return replace(proposal, reasons=(*proposal.reasons, reason))
