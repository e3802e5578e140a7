"""Accelerated titration: one participant per level until the first DLT, then the design as it is.

Source: the option `titration` of the R package BOIN (Yan et al., 2020, J Stat Softw 94(13)), after Simon et al. (1997),
J Natl Cancer Inst 89:1138-1147.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from celltrial.errors import UsageError
from celltrial.escalation.base import BaseRule
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Cell, Proposal
from celltrial.escalation.rules import check_whole

if TYPE_CHECKING:
    from celltrial.escalation.batch import Batch, Proposals

__all__ = ["Titration"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Titration:
    """`base` after a titration with single participants.

    One participant per level, one level up after no DLT. The first DLT, or the highest level, ends the titration there:
    that level is filled up to `cohort_size`, then `base` decides with cohorts of the planned size. Whether titration
    goes on is read from the counts: it does while no level has two participants, no participant had a DLT and the
    level is not the highest.
    """

    base: BaseRule
    cohort_size: int

    def __post_init__(self) -> None:
        if problems := check_whole("the cohort size after titration", self.cohort_size):
            raise UsageError(problems)

    @property
    def looks_at_last_cohort(self) -> bool:
        """Whether the base rule does."""
        return bool(getattr(self.base, "looks_at_last_cohort", False))

    @property
    def name(self) -> str:
        """The base rule's name."""
        return self.base.name

    @property
    def target(self) -> float:
        """The target DLT rate."""
        return self.base.target

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """Those of the base rule, and `titration`: the cohort size after it."""
        return (*self.base.parameters, ("titration", self.cohort_size))

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """Those of the base rule."""
        return self.base.figures

    def cell(self, dlts: int, n: int) -> Cell:
        """The base rule's cell."""
        return self.base.cell(dlts, n)

    def propose(self, counts: Counts) -> Proposal:
        """One participant on the next level; fill this one up; or what the base rule says."""
        level, above = counts.current, counts.next_above(counts.current)
        dlts, n = counts.at(level)
        if max(counts.n) > 1 or self.cohort_size == 1:
            return self.base.propose(counts)
        if n == 0:
            reason = f"titration: level {level} has no evaluable participant yet, one first"
            return Proposal(level=level, size=1, reasons=(reason,))
        if sum(counts.dlt) == 0 and above is not None:
            return Proposal(level=above, size=1, reasons=(f"titration: no DLT in one participant at level {level}",))
        why = "first DLT" if dlts else f"a DLT below level {level}" if sum(counts.dlt) else "the highest level"
        reason = f"titration ends: {why}; fill level {level} up to {self.cohort_size}"
        return Proposal(level=level, size=self.cohort_size - n, reasons=(reason,))

    def propose_many(self, batch: "Batch") -> "Proposals":
        """The same for many states: those in titration are few."""
        import numpy as np

        from celltrial.escalation.batch import propose_each

        proposals = propose_each(self.base, batch)
        early = np.flatnonzero(batch.n.max(axis=1) <= 1)
        if self.cohort_size == 1 or not len(early):
            return proposals
        for place, counts in zip(early.tolist(), batch.take(early).counts(), strict=True):
            proposal = self.propose(counts)
            proposals.level[place], proposals.size[place] = proposal.level, proposal.size or 0
            proposals.stop[place], proposals.mtd[place] = proposal.stop, proposal.mtd or 0
        return proposals
