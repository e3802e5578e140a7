"""Wrappers that end the escalation when it has what it needs: full levels, enough participants, a precise estimate.

They act after every limit. Those with `waits` are held back while `min_at_dose` asks for more participants at the level
that would be next; the maximum sample size waits for nobody.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import beta_cdf, beta_quantile, check_rate, format_beside
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Proposal
from celltrial.escalation.rules import Stage, check_whole, stop_trial

if TYPE_CHECKING:
    from celltrial.escalation.batch import Batch, Proposals

__all__ = ["MaxN", "MinAtDose", "PrecisionStop", "StopAtN", "StopWhenFull", "TargetProbStop"]

When: TypeAlias = Literal["stay", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAtN:
    """Stop when the current level has `n` evaluable participants or more.

    when: "stay" - only if the next cohort would go to the same level (also because an end of the list or an eliminated
          level keeps it there), as the option `n.earlystop` of the R package BOIN has it; "any" - whatever comes next,
          the rule "simple" of the R package simFastBOIN.
    """

    stage: ClassVar[Stage] = "stop"
    waits: ClassVar[bool] = True
    n: int
    when: When = "stay"

    def __post_init__(self) -> None:
        problems = check_whole("n of stop_at_n", self.n)
        if self.when not in ("stay", "any"):
            problems += (
                Finding(message="stop_at_n does not know when to look", found=repr(self.when), expected="stay or any"),
            )
        if problems:
            raise UsageError(problems)

    def describe(self) -> str:
        """`stop_at_n(n=9)`."""
        return f"stop_at_n(n={self.n})" if self.when == "stay" else f"stop_at_n(n={self.n}, when={self.when})"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stop at the current level when it is full and, with "stay", the proposal is to go on there."""
        evaluable = counts.n[counts.current - 1]
        if evaluable < self.n or (self.when == "stay" and proposal.level != counts.current):
            return proposal
        text = f"level {counts.current} has {evaluable} evaluable of {self.n}"
        return stop_trial(proposal, f"{text} and would get more: stop" if self.when == "stay" else f"{text}: stop")

    def apply_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":
        """The same for many states."""
        full = batch.at(batch.current)[1] >= self.n
        return proposals.stopped_where(full if self.when == "any" else full & (proposals.level == batch.current))


@dataclass(frozen=True, slots=True, kw_only=True)
class StopWhenFull:
    """Stop when the level that the next cohort would go to, whichever it is, has `n` evaluable participants or more.

    It differs from `StopAtN` after a de-escalation to a full level, which `StopAtN` lets pass.
    Source: the enumeration of BOIN in the R package precautionary (Norris) stops thus.
    """

    stage: ClassVar[Stage] = "stop"
    waits: ClassVar[bool] = True
    n: int

    def __post_init__(self) -> None:
        if problems := check_whole("n of stop_when_full", self.n):
            raise UsageError(problems)

    def describe(self) -> str:
        """`stop_when_full(n=9)`."""
        return f"stop_when_full(n={self.n})"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stop at a full level."""
        evaluable = counts.n[proposal.level - 1]
        if evaluable < self.n:
            return proposal
        return stop_trial(proposal, f"level {proposal.level} would come next and has {evaluable} of {self.n}: stop")

    def apply_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":
        """The same for many states."""
        return proposals.stopped_where(batch.at(proposals.level)[1] >= self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxN:
    """Stop when the trial has `n` evaluable participants or more."""

    stage: ClassVar[Stage] = "stop"
    n: int

    def __post_init__(self) -> None:
        if problems := check_whole("n of max_n", self.n):
            raise UsageError(problems)

    def describe(self) -> str:
        """`max_n(n=12)`."""
        return f"max_n(n={self.n})"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stop at the maximum sample size."""
        if counts.total < self.n:
            return proposal
        return stop_trial(proposal, f"{counts.total} evaluable of at most {self.n}: stop")

    def apply_many(self, proposals: "Proposals", batch: "Batch") -> "Proposals":
        """The same for many states."""
        return proposals.stopped_where(batch.n.sum(axis=1) >= self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionStop:
    """Stop when the DLT rate of the level that would be next is known well: its credible interval is narrow.

    width: the widest equal-tailed interval of Beta(1 + y, 1 + n - y) that is narrow enough; probability: of the
    interval; min_n: not before so many evaluable participants at the level.
    """

    stage: ClassVar[Stage] = "stop"
    waits: ClassVar[bool] = True
    width: float
    probability: float = 0.90
    min_n: int = 6

    def __post_init__(self) -> None:
        problems = check_rate("the width of precision_stop", self.width)
        problems += check_rate("the probability of precision_stop", self.probability)
        if problems := problems + check_whole("min_n of precision_stop", self.min_n):
            raise UsageError(problems)

    def describe(self) -> str:
        """`precision_stop(width=0.4, probability=0.9, min_n=6)`."""
        return f"precision_stop(width={self.width}, probability={self.probability}, min_n={self.min_n})"

    def interval(self, dlts: int, n: int) -> tuple[float, float]:
        """The equal-tailed credible interval of the DLT rate, uniform prior."""
        tail = (1 - self.probability) / 2
        return beta_quantile(tail, dlts + 1, n - dlts + 1), beta_quantile(1 - tail, dlts + 1, n - dlts + 1)

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stop where the next level's interval is narrow enough."""
        dlts, n = counts.at(proposal.level)
        if n < self.min_n:
            return proposal
        low, high = self.interval(dlts, n)
        if high - low > self.width:
            return proposal
        shown, beside = format_beside(high - low, self.width, 2)
        return stop_trial(
            proposal,
            f"level {proposal.level} would come next: {dlts}/{n}, {100 * self.probability:.0f} % interval "
            f"{low:.2f} to {high:.2f}, width {shown} <= {beside}: stop",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetProbStop:
    """Stop when the DLT rate of the level that would be next probably lies in [low, high].

    Pr(low <= p <= high) >= probability under Beta(1 + y, 1 + n - y), from `min_n` evaluable at the level on.
    Source: the stopping rule by target probability of the R package crmPack (Sabanes Bove et al., 2019).
    """

    stage: ClassVar[Stage] = "stop"
    waits: ClassVar[bool] = True
    low: float
    high: float
    probability: float
    min_n: int = 6

    def __post_init__(self) -> None:
        problems = check_rate("the probability of target_prob_stop", self.probability)
        problems += check_whole("min_n of target_prob_stop", self.min_n)
        if not 0 <= self.low < self.high <= 1:
            problems += (
                Finding(
                    message="the interval of target_prob_stop is none",
                    found=f"low {self.low}, high {self.high}",
                    expected="0 <= low < high <= 1",
                ),
            )
        if problems:
            raise UsageError(problems)

    def describe(self) -> str:
        """`target_prob_stop(low=0.2, high=0.35, probability=0.5, min_n=6)`."""
        return f"target_prob_stop(low={self.low}, high={self.high}, probability={self.probability}, min_n={self.min_n})"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Stop where the next level's rate is probably inside."""
        dlts, n = counts.at(proposal.level)
        if n < self.min_n:
            return proposal
        inside = beta_cdf(self.high, dlts + 1, n - dlts + 1) - beta_cdf(self.low, dlts + 1, n - dlts + 1)
        if inside < self.probability:
            return proposal
        shown, beside = format_beside(inside, self.probability, 2)
        return stop_trial(
            proposal,
            f"level {proposal.level} would come next: {dlts}/{n}, Pr({self.low:.2f} <= p <= {self.high:.2f}) = {shown} "
            f">= {beside}: stop",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MinAtDose:
    """No stop for sufficiency before the level that would be next has `n` evaluable participants.

    It holds back `stop_at_n`, `stop_when_full`, `precision_stop` and `target_prob_stop`; never an elimination, never
    `max_n`, never a stop of the base rule. Nothing is raised: the proposal is the one without those stops.
    Source: `demand_n_at_dose` of the R package escalation, which overrides every stop written before it; here the
    safety stops and the maximum are out of its reach, wherever it is written.
    """

    stage: ClassVar[Stage] = "stop"
    n: int

    def __post_init__(self) -> None:
        if problems := check_whole("n of min_at_dose", self.n):
            raise UsageError(problems)

    def describe(self) -> str:
        """`min_at_dose(n=6)`."""
        return f"min_at_dose(n={self.n})"

    def holds(self, proposal: Proposal, counts: Counts) -> str | None:
        """Why stops that wait have to; None when they need not."""
        n = counts.n[proposal.level - 1]
        if proposal.stop or n >= self.n:
            return None
        return f"level {proposal.level} has {n} of the {self.n} it must have: no stop yet"

    def apply(self, proposal: Proposal, counts: Counts) -> Proposal:  # noqa: ARG002 - as every rule
        """Nothing of its own: it only holds others back."""
        return proposal
