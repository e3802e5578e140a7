"""A design: a base rule inside an ordered tuple of wrappers. Counts in, decision out; no state, no clock, no chance."""

from dataclasses import dataclass, replace

from celltrial.escalation.base import BaseRule
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Action, Decision, Inputs, Proposal
from celltrial.escalation.rules import Rule

__all__ = ["Design"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A dose-finding design.

    base:  the rule that looks at the data: `Boin`, `I3Plus3`, `ThreePlusThree`.
    rules: the wrappers; limits are applied before stops, and within each in the order given. Since a wrapper only
           lowers or stops, their order shows in the reasons but never in the action or the level.

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

    def decide(self, counts: Counts) -> Decision:
        """Propose what to do after these counts.

        Returns:
            A decision; its level is None exactly when the action is to stop.
        """
        proposal = self.base.propose(counts)
        for rule in self._in_stage("limit"):
            proposal = rule.apply(proposal, counts)
        proposal = _stay_at_lowest(proposal)
        for rule in self._in_stage("stop"):
            proposal = rule.apply(proposal, counts)
        return self._conclude(proposal, counts)

    def _in_stage(self, stage: str) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.stage == stage)

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
        )


def _stay_at_lowest(proposal: Proposal) -> Proposal:
    """Level 0, which no limit has turned into a stop, is the lowest level again, as published BOIN and i3+3 have it."""
    if proposal.stop or proposal.level >= 1:
        return proposal
    reason = "level 1 is the lowest: stay"
    return replace(proposal, level=1, reasons=(*proposal.reasons, reason))


def _name_action(proposal: Proposal, counts: Counts) -> Action:
    if proposal.stop:
        return Action.STOP
    if proposal.level > counts.current:
        return Action.ESCALATE
    return Action.STAY if proposal.level == counts.current else Action.DE_ESCALATE
