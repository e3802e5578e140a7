"""What the designs share that look at one level through its posterior: name, target, one step at a time."""

from typing import TYPE_CHECKING

from celltrial.escalation.base import BaseRule, propose_one_step
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Proposal

if TYPE_CHECKING:
    from celltrial.escalation.batch import Batch, Proposals

__all__ = ["OneStep"]


class OneStep:
    """The two forms of `propose` for a rule that is a table of cells; a mixin without fields."""

    __slots__ = ()

    def propose(self: BaseRule, counts: Counts) -> Proposal:
        """One step by the cell of the current level."""
        return propose_one_step(self, counts)

    def propose_many(self: BaseRule, batch: "Batch") -> "Proposals":
        """The same for many states."""
        from celltrial.escalation.batch import propose_one_step_many

        return propose_one_step_many(self, batch)
