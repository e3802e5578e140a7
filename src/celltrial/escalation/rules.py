"""The wrappers: what stands around a base rule. Each can lower the proposed level or stop the trial, never raise it.

A limit bounds where the next cohort may go (`no_skip`, `eliminate`, `extra_safe`, `too_toxic`, `stop_below_lowest`
here, those about levels and cohorts in rules_levels.py); a stop ends the escalation where the limits have left it
(rules_stops.py). `Design` applies all limits before any stop, so no order in which they are written lets a stop hide
an elimination.

A rule may offer more than the protocol asks for: `rules_out(counts)`, the lowest level it takes out of the selection
of the MTD; `size_for(proposal, counts)`, how many the next cohort may have; `closed(counts)`, levels that are not open
yet; `holds(proposal, counts)`, why stops have to wait; and `apply_many`, itself for many states at once (batch.py).
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.beta_intervals import check_prior
from celltrial.escalation.binomial import (
    as_fraction,
    check_rate,
    fewest_above,
    format_beside,
    prob_above,
    require_counts,
    tail_above,
)
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Proposal

if TYPE_CHECKING:
    from celltrial.escalation.batch import Batch, Ints, Proposals

__all__ = [
    "Eliminate",
    "ExtraSafe",
    "NoSkip",
    "Rule",
    "Stage",
    "StopBelowLowest",
    "TooToxic",
    "check_whole",
    "lower_to",
    "rule_out",
    "stop_trial",
]

Stage: TypeAlias = Literal["limit", "expand", "stop"]


class Rule(Protocol):
    """A wrapper around a base rule; its `stage` says whether it is a limit, an expansion or a stop, in that order."""

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
        highest = counts.next_above(counts.current)
        if highest is None or proposal.level <= highest:
            return proposal
        return lower_to(proposal, highest, f"no level is skipped: level {highest}, not {proposal.level}")

    def apply_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":
        """The same for many states."""
        return proposals.lowered_to(batch.current + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eliminate:
    """A level is too toxic when Pr(DLT rate > target | data) > cutoff: it and every level above it are out.

    The posterior is Beta(prior_a + y, prior_b + n - y), the prior uniform unless said; judged from `min_n` evaluable
    participants on. Tools differ in min_n: 3 for BOIN and i3+3, 1 in the R package Keyboard, 2 for TPI, mTPI and mTPI-2
    in the R package escalation.
    Source: Liu & Yuan (2015), section 2; BOIN and i3+3 use it with cutoff 0.95.
    """

    stage: ClassVar[Stage] = "limit"
    target: float
    cutoff: float = 0.95
    min_n: int = 3
    prior_a: float = 1.0
    prior_b: float = 1.0

    def __post_init__(self) -> None:
        problems = check_rate("the cutoff of eliminate", self.cutoff) + check_whole("min_n", self.min_n)
        if problems := problems + check_prior(self.prior_a, self.prior_b):
            raise UsageError(problems)

    def describe(self) -> str:
        """`eliminate(cutoff=0.95, min_n=3)`, and the prior where it is not uniform."""
        prior = "" if self._prior == (1, 1) else f", prior_a={self.prior_a}, prior_b={self.prior_b}"
        return f"eliminate(cutoff={self.cutoff}, min_n={self.min_n}{prior})"

    @property
    def _prior(self) -> tuple[float, float]:
        return self.prior_a, self.prior_b

    def is_eliminated(self, dlts: int, n: int) -> bool:
        """Whether these counts rule the level out."""
        return _is_above(self.target, self.cutoff, self.min_n, dlts, n, self._prior)

    def reason(self, dlts: int, n: int) -> str:
        """Why the level is eliminated or is not; blank where nobody is evaluable."""
        return _explain(self.target, self.cutoff, self.min_n, dlts, n, self._prior)

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Go below the lowest eliminated level; stop when that is the lowest of all."""
        reason = self.reason(*counts.at(counts.current))
        judged = replace(proposal, reasons=(*proposal.reasons, reason)) if reason else proposal
        lowest = self.rules_out(counts)
        if lowest > counts.levels:
            return judged
        if lowest != counts.current:
            dlts, n = counts.at(lowest)
            text = f"level {lowest} and above are eliminated: {dlts}/{n}, {self.reason(dlts, n)}"
            judged = replace(judged, reasons=(*judged.reasons, text))
        return rule_out(judged, lowest, counts)

    def rules_out(self, counts: Counts) -> int:
        """The lowest eliminated level; levels + 1 where none is."""
        levels = range(1, counts.levels + 1)
        return next((level for level in levels if self.is_eliminated(*counts.at(level))), counts.levels + 1)

    def rules_out_many(self, batch: "Batch") -> "Ints":
        """The same for many states."""
        from celltrial.escalation.batch import lookup_by_n, lowest_true

        return lowest_true(batch.dlt >= lookup_by_n(self._fewest, batch.n))

    def apply_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":
        """`apply` for many states."""
        return proposals.ruled_out(self.rules_out_many(batch))

    def _fewest(self, n: int) -> int:
        """The fewest DLTs that eliminate a level with `n`; n + 1 where none do."""
        return fewest_above(self.target, self.cutoff, n, self._prior) if n >= self.min_n else n + 1


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
        problems = check_rate("the cutoff of extra_safe", self.cutoff) + check_whole("min_n", self.min_n)
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
        return _is_above(self.target, self.stop_above, self.min_n, dlts, n, (1, 1))

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Judge the lowest level, wherever the trial is now."""
        dlts, n = counts.at(1)
        if not self.is_too_toxic(dlts, n):
            return proposal
        shown, beside = format_beside(prob_above(self.target, dlts, n), self.stop_above, 2)
        reason = f"extra safe: level 1 has {dlts}/{n}, Pr(p > {self.target:.2f}) = {shown} > {beside}"
        return rule_out(replace(proposal, reasons=(*proposal.reasons, reason)), 1, counts)

    def rules_out(self, counts: Counts) -> int:
        """1 where the lowest level is too toxic, and all with it; levels + 1 else."""
        return 1 if self.is_too_toxic(*counts.at(1)) else counts.levels + 1

    def rules_out_many(self, batch: "Batch") -> "Ints":
        """The same for many states."""
        from celltrial.escalation.batch import lookup_by_n, lowest_true

        flags = batch.dlt >= lookup_by_n(self._fewest, batch.n)
        flags[:, 1:] = False
        return lowest_true(flags)

    def apply_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":
        """`apply` for many states."""
        return proposals.ruled_out(self.rules_out_many(batch))

    def _fewest(self, n: int) -> int:
        return fewest_above(self.target, self.stop_above, n) if n >= self.min_n else n + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TooToxic:
    """Stop, with no dose recommended, when a level is probably above `limit`: Pr(DLT rate > limit | data) > cutoff.

    level: the level judged, 1-based, or "any": each with participants. The posterior is Beta(1 + y, 1 + n - y).
    It differs from `ExtraSafe` in its own limit and cutoff, and in stopping for any level where that is asked.
    Source: `stop_when_too_toxic` of the R package escalation (Brock et al.) has the same three numbers.
    """

    stage: ClassVar[Stage] = "limit"
    limit: float
    cutoff: float
    level: int | Literal["any"] = 1
    min_n: int = 1

    def __post_init__(self) -> None:
        problems = check_rate("the limit of too_toxic", self.limit) + check_rate("the cutoff of too_toxic", self.cutoff)
        problems += check_whole("min_n", self.min_n)
        if self.level != "any":
            problems += check_whole("level of too_toxic", self.level, "level")
        if problems:
            raise UsageError(problems)

    def describe(self) -> str:
        """`too_toxic(limit=0.3, cutoff=0.9, level=1, min_n=1)`."""
        return f"too_toxic(limit={self.limit}, cutoff={self.cutoff}, level={self.level}, min_n={self.min_n})"

    def toxic_level(self, counts: Counts) -> int | None:
        """The lowest judged level that is too toxic."""
        judged = range(1, counts.levels + 1) if self.level == "any" else (self.level,)
        levels = (each for each in judged if each <= counts.levels)
        return next((each for each in levels if self._is_toxic(*counts.at(each))), None)

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stop where a judged level is too toxic."""
        level = self.toxic_level(counts)
        if level is None:
            return proposal
        dlts, n = counts.at(level)
        shown, beside = format_beside(prob_above(self.limit, dlts, n), self.cutoff, 2)
        reason = f"too toxic: level {level} has {dlts}/{n}, Pr(p > {self.limit:.2f}) = {shown} > {beside}"
        return rule_out(replace(proposal, reasons=(*proposal.reasons, reason)), 1, counts)

    def rules_out(self, counts: Counts) -> int:
        """1 where it stops the trial; levels + 1 else."""
        return counts.levels + 1 if self.toxic_level(counts) is None else 1

    def rules_out_many(self, batch: "Batch") -> "Ints":
        """The same for many states."""
        import numpy as np

        from celltrial.escalation.batch import lookup_by_n

        flags = batch.dlt >= lookup_by_n(self._fewest, batch.n)
        seen = flags if self.level == "any" else flags[:, self.level - 1 : self.level]
        return np.where(seen.any(axis=1), 1, batch.levels + 1)

    def apply_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":
        """`apply` for many states."""
        return proposals.ruled_out(self.rules_out_many(batch))

    def _is_toxic(self, dlts: int, n: int) -> bool:
        return dlts >= self._fewest(n)

    def _fewest(self, n: int) -> int:
        return fewest_above(self.limit, self.cutoff, n) if n >= self.min_n else n + 1


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
        return stop_trial(proposal, f"de-escalation below level 1, the lowest, after {dlts}/{n} there: stop")

    def apply_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":  # noqa: ARG002 - as every rule
        """The same for many states."""
        return proposals.stopped_where(proposals.level < 1)


def lower_to(proposal: Proposal, level: int, reason: str) -> Proposal:
    """The proposal at a lower level; a cohort size that was meant for another level goes."""
    return replace(proposal, level=level, size=None, reasons=(*proposal.reasons, reason))


def stop_trial(proposal: Proposal, reason: str) -> Proposal:
    """The proposal stopped, unless it is already."""
    return proposal if proposal.stop else replace(proposal, stop=True, reasons=(*proposal.reasons, reason))


def rule_out(proposal: Proposal, lowest: int, counts: Counts) -> Proposal:
    """Take `lowest` and all above it out of the proposal."""
    out = min(lowest, proposal.eliminated_from or lowest)
    mtd = proposal.mtd if proposal.mtd is not None and proposal.mtd < out else None
    kept = replace(proposal, eliminated_from=out, mtd=mtd)
    below = counts.next_below(out)
    if below == 0:
        return stop_trial(kept, f"level {out} is eliminated, the lowest: no dose is acceptable, stop")
    if kept.stop or kept.level < out:
        return kept
    return lower_to(kept, below, f"level {kept.level} is eliminated: level {below}")


def check_whole(name: str, value: int, what: str = "number of participants") -> tuple[Finding, ...]:
    """A finding where `value` is not a whole number from 1."""
    if isinstance(value, int) and value >= 1:
        return ()
    return (Finding(message=f"{name} is not a {what}", found=str(value), expected="1, 2, 3, ..."),)


def _is_above(target: float, cutoff: float, min_n: int, dlts: int, n: int, prior: tuple[float, float]) -> bool:
    require_counts(dlts, n)
    return n >= min_n and dlts >= fewest_above(target, cutoff, n, prior)


@lru_cache(maxsize=65536)
def _explain(target: float, cutoff: float, min_n: int, dlts: int, n: int, prior: tuple[float, float]) -> str:
    if n == 0:
        return ""
    if n < min_n:
        return f"not judged for elimination before {min_n} evaluable"
    probability, limit = tail_above(target, dlts, n, prior), as_fraction(cutoff)
    shown, beside = format_beside(probability, limit, 2)
    if probability > limit:
        return f"Pr(p > {target:.2f}) = {shown} > {beside}, so eliminated"
    sign = "<" if probability < limit else "="
    return f"Pr(p > {target:.2f}) = {shown} {sign} {beside}, so not eliminated"
