"""The wrappers: what stands around a base rule. Each can lower the proposed level or stop the trial, never raise it.

A limit bounds where the next cohort may go (`no_skip`, `eliminate`, `extra_safe`, `stop_below_lowest`); a stop ends
the escalation where the limits have left it (`stop_at_n`, `stop_when_full`, `max_n`). `Design` applies all limits
before any stop, so no order in which they are written lets a stop hide an elimination.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, Literal, Protocol, TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import as_fraction, check_rate, format_beside, prob_above
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Proposal

__all__ = ["Eliminate", "ExtraSafe", "MaxN", "NoSkip", "Rule", "StopAtN", "StopBelowLowest", "StopWhenFull"]

Stage: TypeAlias = Literal["limit", "stop"]


class Rule(Protocol):
    """A wrapper around a base rule; `stage` says whether it is a limit or a stop."""

    stage: ClassVar[Stage]

    def describe(self) -> str:
        """Its name and numbers, as written in a study."""
        ...

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """The proposal, lowered or stopped where this rule asks for it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSkip:
    """Go up by at most one level of the list at a time, from the current level."""

    stage: ClassVar[Stage] = "limit"

    def describe(self) -> str:
        """`no_skip`."""
        return "no_skip"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """At most one level above the current one."""
        highest = counts.current + 1
        if proposal.level <= highest:
            return proposal
        return _lower(proposal, highest, f"no level is skipped: level {highest}, not {proposal.level}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Eliminate:
    """A level is too toxic when Pr(DLT rate > target | data) > cutoff: it and every level above it are out.

    The posterior is Beta(1 + y, 1 + n - y), from a uniform prior; judged from `min_n` evaluable participants on.
    Source: Liu & Yuan (2015), section 2; BOIN and i3+3 use it with cutoff 0.95.
    """

    stage: ClassVar[Stage] = "limit"
    target: float
    cutoff: float = 0.95
    min_n: int = 3

    def __post_init__(self) -> None:
        if problems := check_rate("the cutoff of eliminate", self.cutoff) + _check_number("min_n", self.min_n):
            raise UsageError(problems)

    def describe(self) -> str:
        """`eliminate(cutoff=0.95, min_n=3)`."""
        return f"eliminate(cutoff={self.cutoff}, min_n={self.min_n})"

    def is_eliminated(self, dlts: int, n: int) -> bool:
        """Whether these counts rule the level out."""
        return _is_above(self.target, self.cutoff, self.min_n, dlts, n)

    def reason(self, dlts: int, n: int) -> str:
        """Why the level is eliminated or is not; blank where nobody is evaluable."""
        return _explain(self.target, self.cutoff, self.min_n, dlts, n)

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Go below the lowest eliminated level; stop when that is the lowest of all."""
        reason = self.reason(*counts.at(counts.current))
        judged = replace(proposal, reasons=(*proposal.reasons, reason)) if reason else proposal
        levels = range(1, counts.levels + 1)
        lowest = next((level for level in levels if self.is_eliminated(*counts.at(level))), None)
        if lowest is None:
            return judged
        if lowest != counts.current:
            dlts, n = counts.at(lowest)
            text = f"level {lowest} and above are eliminated: {dlts}/{n}, {self.reason(dlts, n)}"
            judged = replace(judged, reasons=(*judged.reasons, text))
        return _rule_out(judged, lowest)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraSafe:
    """Stop when the lowest level is probably too toxic: Pr(DLT rate > target) > cutoff - offset, from 3 evaluable on.

    Source: the option `extrasafe` of the R package BOIN (Yan et al., 2020, J Stat Softw 94(13)).
    """

    stage: ClassVar[Stage] = "limit"
    target: float
    cutoff: float = 0.95
    offset: float = 0.05
    min_n: int = 3

    def __post_init__(self) -> None:
        problems = check_rate("the cutoff of extra_safe", self.cutoff) + _check_number("min_n", self.min_n)
        if not problems:
            problems = check_rate("cutoff - offset of extra_safe", self.stop_above)
        if problems:
            raise UsageError(problems)

    @property
    def stop_above(self) -> float:
        """The probability above which the trial stops."""
        return float(as_fraction(self.cutoff) - as_fraction(self.offset))

    def describe(self) -> str:
        """`extra_safe(cutoff=0.95, offset=0.05, min_n=3)`."""
        return f"extra_safe(cutoff={self.cutoff}, offset={self.offset}, min_n={self.min_n})"

    def is_too_toxic(self, dlts: int, n: int) -> bool:
        """Whether these counts at the lowest level stop the trial."""
        return _is_above(self.target, self.stop_above, self.min_n, dlts, n)

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Judge the lowest level, wherever the trial is now."""
        dlts, n = counts.at(1)
        if not self.is_too_toxic(dlts, n):
            return proposal
        shown, beside = format_beside(prob_above(self.target, dlts, n), self.stop_above, 2)
        reason = f"extra safe: level 1 has {dlts}/{n}, Pr(p > {self.target:.2f}) = {shown} > {beside}"
        return _rule_out(replace(proposal, reasons=(*proposal.reasons, reason)), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopBelowLowest:
    """Stop, where the base rule wants to go below the lowest level; without this rule BOIN and i3+3 stay there."""

    stage: ClassVar[Stage] = "limit"

    def describe(self) -> str:
        """`stop_below_lowest`."""
        return "stop_below_lowest"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stop below level 1."""
        if proposal.level >= 1:
            return proposal
        dlts, n = counts.at(1)
        return _stop(proposal, f"de-escalation below level 1, the lowest, after {dlts}/{n} there: stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAtN:
    """Stop when the next cohort would go to the current level and that has `n` evaluable participants or more.

    Source: the option `n.earlystop` of the R package BOIN, which looks at the current level in the same way.
    """

    stage: ClassVar[Stage] = "stop"
    n: int

    def __post_init__(self) -> None:
        if problems := _check_number("n of stop_at_n", self.n):
            raise UsageError(problems)

    def describe(self) -> str:
        """`stop_at_n(n=9)`."""
        return f"stop_at_n(n={self.n})"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stop at the current level when it is full and the proposal is to go on there."""
        evaluable = counts.n[counts.current - 1]
        if proposal.level != counts.current or evaluable < self.n:
            return proposal
        return _stop(proposal, f"level {counts.current} has {evaluable} evaluable of {self.n} and would get more: stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class StopWhenFull:
    """Stop when the level that the next cohort would go to, whichever it is, has `n` evaluable participants or more.

    It differs from `StopAtN` after a de-escalation to a full level, which `StopAtN` lets pass.
    Source: the enumeration of BOIN in the R package precautionary (Norris) stops thus.
    """

    stage: ClassVar[Stage] = "stop"
    n: int

    def __post_init__(self) -> None:
        if problems := _check_number("n of stop_when_full", self.n):
            raise UsageError(problems)

    def describe(self) -> str:
        """`stop_when_full(n=9)`."""
        return f"stop_when_full(n={self.n})"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stop at a full level."""
        evaluable = counts.n[proposal.level - 1]
        if evaluable < self.n:
            return proposal
        return _stop(proposal, f"level {proposal.level} would come next and has {evaluable} of {self.n}: stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxN:
    """Stop when the trial has `n` evaluable participants or more."""

    stage: ClassVar[Stage] = "stop"
    n: int

    def __post_init__(self) -> None:
        if problems := _check_number("n of max_n", self.n):
            raise UsageError(problems)

    def describe(self) -> str:
        """`max_n(n=12)`."""
        return f"max_n(n={self.n})"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stop at the maximum sample size."""
        if counts.total < self.n:
            return proposal
        return _stop(proposal, f"{counts.total} evaluable of at most {self.n}: stop")


def _lower(proposal: Proposal, level: int, reason: str) -> Proposal:
    return replace(proposal, level=level, reasons=(*proposal.reasons, reason))


def _stop(proposal: Proposal, reason: str) -> Proposal:
    return proposal if proposal.stop else replace(proposal, stop=True, reasons=(*proposal.reasons, reason))


def _rule_out(proposal: Proposal, lowest: int) -> Proposal:
    """Take `lowest` and all above it out of the proposal."""
    out = min(lowest, proposal.eliminated_from or lowest)
    mtd = proposal.mtd if proposal.mtd is not None and proposal.mtd < out else None
    kept = replace(proposal, eliminated_from=out, mtd=mtd)
    if out == 1:
        return _stop(kept, "level 1 is eliminated, the lowest: no dose is acceptable, stop")
    if kept.stop or kept.level < out:
        return kept
    return _lower(kept, out - 1, f"level {kept.level} is eliminated: level {out - 1}")


def _check_number(name: str, value: int) -> tuple[Finding, ...]:
    if isinstance(value, int) and value >= 1:
        return ()
    return (Finding(message=f"{name} is not a number of participants", found=str(value), expected="1, 2, 3, ..."),)


@lru_cache(maxsize=65536)
def _is_above(target: float, cutoff: float, min_n: int, dlts: int, n: int) -> bool:
    return n >= min_n and prob_above(target, dlts, n) > as_fraction(cutoff)


@lru_cache(maxsize=65536)
def _explain(target: float, cutoff: float, min_n: int, dlts: int, n: int) -> str:
    if n == 0:
        return ""
    if n < min_n:
        return f"not judged for elimination before {min_n} evaluable"
    probability, limit = prob_above(target, dlts, n), as_fraction(cutoff)
    shown, beside = format_beside(probability, limit, 2)
    if probability > limit:
        return f"Pr(p > {target:.2f}) = {shown} > {beside}, so eliminated"
    sign = "<" if probability < limit else "="
    return f"Pr(p > {target:.2f}) = {shown} {sign} {beside}, so not eliminated"
