"""A design: a base rule inside an ordered tuple of wrappers. Counts in, decision out; no state, no clock, no chance."""

from dataclasses import dataclass, replace

from celltrial.escalation.base import BaseRule
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Action, Decision, Inputs, Proposal
from celltrial.escalation.rules import Rule, Stage

__all__ = ["Design"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A dose-finding design.

    base:  the rule that looks at the data: `Boin`, `I3Plus3`, `ThreePlusThree`.
    rules: the wrappers; limits are applied first, then an expansion, then stops, and within each in the order given.
           Since a limit only lowers or stops and a stop only stops, their order shows in the reasons but never in the
           action or the level.

    >>> from celltrial.escalation.boin import Boin
    >>> from celltrial.escalation.rules import Eliminate
    >>> design = Design(base=Boin(target=0.30), rules=(Eliminate(target=0.30),))
    >>> decision = design.decide(Counts(n=(3, 6, 0), dlt=(0, 3, 0), current=2))
    >>> decision.action.value, decision.level
    ('de-escalate', 1)
    >>> decision.reasons
    ('3/6: 0.500 > lambda_d 0.359', 'Pr(p > 0.30) = 0.87 < 0.95, so not eliminated')
    """

    base: BaseRule
    rules: tuple[Rule, ...] = ()

    @property
    def name(self) -> str:
        """The base rule's name."""
        return self.base.name

    @property
    def target(self) -> float:
        """The target DLT rate."""
        return self.base.target

    @property
    def has_columns(self) -> bool:
        """Whether the base rule and every wrapper decide many states at once (see batch.py)."""
        return hasattr(self.base, "propose_many") and all(
            hasattr(rule, "apply_many") and hasattr(rule, "size_for") <= hasattr(rule, "sizes_many")
            for rule in self.rules
        )

    def decide(self, counts: Counts) -> Decision:
        """Propose what to do after these counts.

        Returns:
            A decision; its level is None exactly when the action is to stop.
        """
        opened = replace(counts, closed=self._closed(counts)) if self._offers("closed") else counts
        proposal = self.base.propose(opened)
        for rule in self.in_stage("limit"):
            proposal = rule.apply(proposal, opened)
        proposal = _stay_at_lowest(proposal, opened)
        for rule in self.in_stage("expand"):
            proposal = rule.apply(proposal, opened)
        proposal = self._stop(proposal, opened)
        return self._conclude(proposal, opened)

    def in_stage(self, stage: Stage) -> tuple[Rule, ...]:
        """The wrappers of a stage, in order."""
        return tuple(rule for rule in self.rules if rule.stage == stage)

    def _offers(self, name: str) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if hasattr(rule, name))

    def _closed(self, counts: Counts) -> tuple[int, ...]:
        """The levels that are not open; never the current one."""
        levels = {level for rule in self._offers("closed") for level in rule.closed(counts)}  # type: ignore[attr-defined]
        return tuple(sorted(levels - {counts.current}))

    def _stop(self, proposal: Proposal, counts: Counts) -> Proposal:
        """The stops; those that wait have to while a rule holds them, and the reason says so where one had stopped."""
        reasons = [rule.holds(proposal, counts) for rule in self._offers("holds")]  # type: ignore[attr-defined]
        held = next((reason for reason in reasons if reason), None)
        for rule in self.in_stage("stop"):
            after = rule.apply(proposal, counts)
            if held is not None and getattr(rule, "waits", False):
                is_new = after.stop and not proposal.stop and held not in proposal.reasons
                proposal = replace(proposal, reasons=(*proposal.reasons, held)) if is_new else proposal
            else:
                proposal = after
        return proposal

    def _size(self, proposal: Proposal, counts: Counts) -> int | None:
        """The smallest size that the base rule or a wrapper asks for."""
        asked = [rule.size_for(proposal, counts) for rule in self._offers("size_for")]  # type: ignore[attr-defined]
        return min((size for size in (proposal.size, *asked) if size is not None), default=None)

    def _conclude(self, proposal: Proposal, counts: Counts) -> Decision:
        lowest_out = proposal.eliminated_from
        return Decision(
            action=_name_action(proposal, counts),
            level=None if proposal.stop else proposal.level,
            reasons=proposal.reasons,
            eliminated=() if lowest_out is None else tuple(range(lowest_out, counts.levels + 1)),
            inputs=Inputs(
                design=self.name,
                target=self.target,
                parameters=self.base.parameters,
                rules=tuple(rule.describe() for rule in self.rules),
                counts=counts,
            ),
            mtd=proposal.mtd,
            size=None if proposal.stop else self._size(proposal, counts),
        )


def _stay_at_lowest(proposal: Proposal, counts: Counts) -> Proposal:
    """Level 0, which no limit has turned into a stop, is the lowest level again, as published BOIN and i3+3 have it."""
    if proposal.stop or proposal.level >= 1:
        return proposal
    lowest = counts.next_above(0) or 1
    reason = f"level {lowest} is the lowest: stay"
    return replace(proposal, level=lowest, reasons=(*proposal.reasons, reason))


def _name_action(proposal: Proposal, counts: Counts) -> Action:
    if proposal.stop:
        return Action.STOP
    if proposal.level > counts.current:
        return Action.ESCALATE
    return Action.STAY if proposal.level == counts.current else Action.DE_ESCALATE
