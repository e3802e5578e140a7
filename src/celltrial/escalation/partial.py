"""Decisions while some outcomes are pending: the counts with their follow-up, and the way a design decides on them.

A rule for complete data waits until every outcome is known. A rule for partial data (TITE-BOIN, TITE-CRM, rolling six)
offers `propose_partial`; it may also answer that enrolment waits. The wrappers of a design apply to both. They look at
all participants treated and at the DLTs seen so far, as the R package TITEgBOIN does for its elimination rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from celltrial.errors import Finding, UsageError
from celltrial.escalation.base import BaseRule
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Action, Cell, Decision, Proposal
from celltrial.escalation.design import Design

__all__ = ["PartialCounts", "PartialDecision", "PartialProposal", "PartialRule", "decide_partial"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialCounts:
    """What a design sees when some participants are still in their DLT window.

    n:         participants treated per level who are evaluable or pending (nobody who dropped out), lowest level first.
    dlt:       those of them with a DLT so far.
    pending:   those of them without a DLT whose window is not over.
    follow_up: per level, the follow-up of the pending ones added up, in windows: two halfway through give 1.0.
    current:   the level (1-based) that the last cohort was given.
    followed:  level and follow-up (in windows, 0 to 1) of each pending participant, for rules that weigh each one
               (TITE-CRM); blank where only the sums are known.
    dlt_times: the same for each DLT, the part of the window that was over; blank where not known.
    last:      DLTs and participants of the last cohort so far, for rules that look at it; None where not known.

    Raises:
        UsageError: with every finding, when these counts cannot be.
    """

    n: tuple[int, ...]
    dlt: tuple[int, ...]
    pending: tuple[int, ...]
    follow_up: tuple[float, ...]
    current: int = 1
    followed: tuple[tuple[int, float], ...] = field(default=(), repr=False)
    dlt_times: tuple[tuple[int, float], ...] = field(default=(), repr=False)
    last: tuple[int, int] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        counts = Counts(n=self.n, dlt=self.dlt, current=self.current)
        if problems := tuple(_check(self, counts.levels)):
            raise UsageError(problems)

    @property
    def counts(self) -> Counts:
        """All participants treated and the DLTs seen so far: what the wrappers of a design look at."""
        return Counts(n=self.n, dlt=self.dlt, current=self.current, last=self.last)

    @property
    def is_complete(self) -> bool:
        """Whether nobody is pending."""
        return not any(self.pending)


def _check(partial: PartialCounts, levels: int) -> Iterable[Finding]:
    if not levels == len(partial.pending) == len(partial.follow_up):
        yield Finding(
            message="pending participants and their follow-up are not given for every level",
            found=f"{len(partial.pending)} and {len(partial.follow_up)} of {levels} levels",
            expected="one number of each per level",
        )
        return
    rows = zip(partial.n, partial.dlt, partial.pending, partial.follow_up, strict=True)
    for level, (n, dlts, pending, follow_up) in enumerate(rows, start=1):
        if not 0 <= pending <= n - dlts:
            yield Finding(
                message="impossible number of pending participants",
                where=f"level {level}",
                found=f"{pending} pending, {dlts} DLTs, {n} treated",
                expected="0 <= pending <= treated - DLTs",
            )
        elif not 0 <= follow_up <= pending:
            yield Finding(
                message="the follow-up does not fit the pending participants",
                where=f"level {level}",
                found=f"{follow_up} windows for {pending} pending",
                expected=f"0 to {pending} windows",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialProposal:
    """A proposal, or the wish to wait: with `hold`, enrolment at the current level is suspended for more data."""

    proposal: Proposal
    hold: bool = False


@runtime_checkable
class PartialRule(Protocol):
    """A base rule that decides while outcomes are pending."""

    def propose_partial(self, partial: PartialCounts) -> PartialProposal:
        """The decision for these counts and this follow-up, the ends of the list of levels taken into account."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDecision:
    """What a design says now: enrol at `level`, suspend enrolment (`hold`, level None), or stop (level None).

    reasons: one sentence each. eliminated: levels ruled out as too toxic.
    """

    level: int | None
    hold: bool
    reasons: tuple[str, ...]
    eliminated: tuple[int, ...]

    @property
    def stop(self) -> bool:
        """Whether the trial stops."""
        return self.level is None and not self.hold


def decide_partial(design: Design, partial: PartialCounts) -> PartialDecision:
    """What a design proposes while some outcomes are pending.

    A rule for complete data holds until nobody is pending. For the others limits go before a suspension: a level that
    is eliminated already is left, however many are pending. Where the rule wants to go below the lowest level and
    somebody there is pending, enrolment is suspended (TITEgBOIN 0.4.0).

    >>> from celltrial.escalation.named import design_named
    >>> partial = PartialCounts(n=(3, 3), dlt=(0, 0), pending=(0, 2), follow_up=(0.0, 0.5), current=2)
    >>> decide_partial(design_named("boin", target=0.30), partial).reasons
    ('2 of 3 at level 2 are pending: this design decides on complete outcomes',)
    """
    base = design.base
    if not isinstance(base, PartialRule):
        if partial.is_complete:
            return _conclude(design.decide(partial.counts), partial, hold=False)
        return PartialDecision(level=None, hold=True, reasons=tuple(_say_pending(partial)), eliminated=())
    answer = base.propose_partial(partial)
    rules = tuple(rule for rule in design.rules if rule.stage == "limit") if answer.hold else design.rules
    answered = replace(design, base=_Answer(base=base, answer=answer.proposal), rules=rules)
    decision = answered.decide(partial.counts)
    below_lowest = answer.proposal.level < 1 and decision.level == 1 and partial.pending[0] > 0
    hold = decision.level == partial.current and (answer.hold or below_lowest)
    return _conclude(decision, partial, hold=hold)


def _say_pending(partial: PartialCounts) -> Iterable[str]:
    for level, (n, pending) in enumerate(zip(partial.n, partial.pending, strict=True), start=1):
        if pending:
            yield f"{pending} of {n} at level {level} are pending: this design decides on complete outcomes"


def _conclude(decision: Decision, partial: PartialCounts, *, hold: bool) -> PartialDecision:
    reasons = decision.reasons
    if hold and decision.action is not Action.STOP:
        suspended = f"enrolment is suspended: {partial.pending[partial.current - 1]} pending at level {partial.current}"
        reasons = (*reasons, suspended)
    return PartialDecision(
        level=None if hold else decision.level, hold=hold, reasons=reasons, eliminated=decision.eliminated
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """A base rule that has answered already, so that the wrappers of a design can be put around its answer."""

    base: BaseRule
    answer: Proposal

    @property
    def name(self) -> str:
        return self.base.name

    @property
    def target(self) -> float:
        return self.base.target

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        return self.base.parameters

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        return self.base.figures

    def cell(self, dlts: int, n: int) -> Cell:
        return self.base.cell(dlts, n)

    def propose(self, counts: Counts) -> Proposal:  # noqa: ARG002 - the answer was made from the same counts
        return self.answer
