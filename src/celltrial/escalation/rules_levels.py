"""Wrappers about levels and cohorts: levels that open late, levels only for retreat, sentinels, expansion, backfill."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import as_fraction, check_rate, format_beside
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Proposal
from celltrial.escalation.rules import Stage, check_whole, lower_to

if TYPE_CHECKING:
    from celltrial.escalation.batch import Batch, Proposals

__all__ = ["Backfill", "DeescalationLevel", "Expansion", "Intermediate", "MinToEscalate", "Sentinel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MinToEscalate:
    """Go up from a level only when it has `n` evaluable participants; until then stay."""

    stage: ClassVar[Stage] = "limit"
    n: int

    def __post_init__(self) -> None:
        if problems := check_whole("n of min_to_escalate", self.n):
            raise UsageError(problems)

    def describe(self) -> str:
        """`min_to_escalate(n=3)`."""
        return f"min_to_escalate(n={self.n})"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stay where an escalation comes too early."""
        evaluable = counts.n[counts.current - 1]
        if proposal.stop or proposal.level <= counts.current or evaluable >= self.n:
            return proposal
        return lower_to(proposal, counts.current, f"level {counts.current} has {evaluable} of {self.n} to go up: stay")

    def apply_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":
        """The same for many states."""
        import numpy as np

        early = (batch.at(batch.current)[1] < self.n) & ~proposals.stop
        return proposals.lowered_to(np.where(early, np.minimum(batch.current, proposals.level), proposals.level))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeescalationLevel:
    """The lowest `levels` levels are for retreat: up again from there only when the level has `n` evaluable.

    The trial starts above them. With one such level the protocol's numbering is usually "dose level -1".
    """

    stage: ClassVar[Stage] = "limit"
    levels: int = 1
    n: int = 6

    def __post_init__(self) -> None:
        problems = check_whole("levels of deescalation_level", self.levels, "number of levels")
        if problems := problems + check_whole("n of deescalation_level", self.n):
            raise UsageError(problems)

    def describe(self) -> str:
        """`deescalation_level(levels=1, n=6)`."""
        return f"deescalation_level(levels={self.levels}, n={self.n})"

    def check_start(self, start: int) -> tuple[Finding, ...]:
        """A finding where the trial would start at a level that is for retreat."""
        if start > self.levels:
            return ()
        return (
            Finding(
                message="the trial starts at a de-escalation level",
                found=f"start {start}",
                expected=f"a start above level {self.levels}",
            ),
        )

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stay at a level of retreat until it is complete."""
        evaluable = counts.n[counts.current - 1]
        is_up = proposal.level > counts.current and not proposal.stop
        if counts.current > self.levels or not is_up or evaluable >= self.n:
            return proposal
        reason = f"level {counts.current} is a de-escalation level with {evaluable} of {self.n} to go up again: stay"
        return lower_to(proposal, counts.current, reason)

    def apply_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":
        """The same for many states."""
        import numpy as np

        early = (batch.current <= self.levels) & (batch.at(batch.current)[1] < self.n) & ~proposals.stop
        return proposals.lowered_to(np.where(early, np.minimum(batch.current, proposals.level), proposals.level))


@dataclass(frozen=True, slots=True, kw_only=True)
class Intermediate:
    """Level `level` is out of the list until it is needed: it opens when the level above it has been tried.

    So the way up passes it by; a de-escalation from the level above goes to it, and from then on it is a level like
    any other. A function of the counts alone, as every rule: a level with participants is open.
    """

    stage: ClassVar[Stage] = "limit"
    level: int

    def __post_init__(self) -> None:
        problems = check_whole("level of intermediate", self.level, "level")
        if not problems and self.level < 2:
            problems = (
                Finding(message="an intermediate level lies between two others", found="level 1", expected="2, 3, ..."),
            )
        if problems:
            raise UsageError(problems)

    def describe(self) -> str:
        """`intermediate(level=2)`."""
        return f"intermediate(level={self.level})"

    def closed(self, counts: Counts) -> tuple[int, ...]:
        """The level, while neither it nor any above it has a participant."""
        if self.level >= counts.levels or self.level == counts.current or any(counts.n[self.level - 1 :]):
            return ()
        return (self.level,)

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:  # noqa: ARG002 - as every rule
        """Nothing more: the base rule does not see the closed level."""
        return proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentinel:
    """The first cohort at each level begins with one participant; the rest of it follows if that one has no DLT.

    It limits the size of a cohort, not the level: with one participant without DLT the trial stays to complete the
    cohort of `cohort_size`; with a DLT in the sentinel the base rule decides at once.
    """

    stage: ClassVar[Stage] = "limit"
    cohort_size: int = 3

    def __post_init__(self) -> None:
        if problems := check_whole("cohort_size of sentinel", self.cohort_size):
            raise UsageError(problems)

    def describe(self) -> str:
        """`sentinel(cohort_size=3)`."""
        return f"sentinel(cohort_size={self.cohort_size})"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Complete the cohort before going up."""
        dlts, n = counts.at(counts.current)
        if proposal.stop or (dlts, n) != (0, 1) or self.cohort_size == 1 or proposal.level <= counts.current:
            return proposal
        reason = f"the sentinel at level {counts.current} has no DLT: complete the cohort of {self.cohort_size}"
        return lower_to(proposal, counts.current, reason)

    def size_for(self, proposal: Proposal, counts: Counts) -> int | None:
        """One at a level nobody has had; the rest of the cohort where only the sentinel has; else no limit."""
        n = counts.n[proposal.level - 1]
        if n == 0:
            return 1
        return self.cohort_size - 1 if n == 1 and self.cohort_size > 1 else None

    def apply_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":
        """`apply` for many states."""
        import numpy as np

        dlts, n = batch.at(batch.current)
        waits = (n == 1) & (dlts == 0) & ~proposals.stop & (self.cohort_size > 1)
        return proposals.lowered_to(np.where(waits, np.minimum(batch.current, proposals.level), proposals.level))

    def sizes_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":
        """`size_for` for many states, the smaller of it and the size there is."""
        import numpy as np

        n = batch.at(proposals.level)[1]
        mine = np.where(n == 0, 1, np.where(n == 1, self.cohort_size - 1, 0))
        both = np.minimum(
            np.where(mine == 0, proposals.size, mine), np.where(proposals.size == 0, mine, proposals.size)
        )
        return replace(proposals, size=both)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """After a rule that declares its MTD (3+3, A+B): go on at the MTD until it has `n` evaluable participants.

    after: more than so many at a level means that it is in expansion (6 for 3+3: escalation never puts more there).
    max_rate: in expansion the level stays the MTD while DLTs / evaluable < max_rate; from it on the base rule's own
              judgement counts again, which for 3+3 is to go down.
    This is the one wrapper that goes on where the base rule stops; it never goes above the declared MTD.
    """

    stage: ClassVar[Stage] = "expand"
    n: int
    after: int = 6
    max_rate: float = 0.33

    def __post_init__(self) -> None:
        problems = check_whole("n of expansion", self.n) + check_whole("after of expansion", self.after)
        if problems := problems + check_rate("max_rate of expansion", self.max_rate):
            raise UsageError(problems)

    def describe(self) -> str:
        """`expansion(n=12, after=6, max_rate=0.33)`."""
        return f"expansion(n={self.n}, after={self.after}, max_rate={self.max_rate})"

    def concluded(self) -> "Expansion":
        """The rule when the trial is over: nobody more is asked for."""
        return replace(self, n=1)

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Keep an expanding level while its rate allows; fill the declared MTD."""
        level = counts.current
        dlts, n = counts.at(level)
        is_out = proposal.eliminated_from is not None and level >= proposal.eliminated_from
        if n > self.after and not is_out:
            shown, beside = format_beside(dlts / n, self.max_rate, 2)
            if as_fraction(self.max_rate) * n > dlts:
                kept = f"level {level} is in expansion: {dlts}/{n} = {shown} < {beside}"
                proposal = replace(proposal, level=level, stop=True, mtd=level, reasons=(kept,))
            else:
                gone = f"level {level} was in expansion: {dlts}/{n} = {shown} >= {beside}, no longer the MTD"
                proposal = replace(proposal, reasons=(gone, *proposal.reasons))
        if not proposal.stop or proposal.mtd is None or counts.n[proposal.mtd - 1] >= self.n:
            return proposal
        have = counts.n[proposal.mtd - 1]
        reason = f"expansion: level {proposal.mtd} has {have} of {self.n}, go on there"
        return replace(proposal, level=proposal.mtd, stop=False, mtd=None, reasons=(*proposal.reasons, reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """Levels below the current one may take further participants, up to `n` each: a marker for calendar time.

    Who can be backfilled depends on who waits and when, which counts do not tell. Decisions pass it unchanged; exact
    operating characteristics refuse a design that has it.
    """

    stage: ClassVar[Stage] = "limit"
    needs_calendar: ClassVar[bool] = True
    n: int = 12

    def __post_init__(self) -> None:
        if problems := check_whole("n of backfill", self.n):
            raise UsageError(problems)

    def describe(self) -> str:
        """`backfill(n=12)`."""
        return f"backfill(n={self.n})"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:  # noqa: ARG002 - as every rule
        """The proposal as it is."""
        return proposal
