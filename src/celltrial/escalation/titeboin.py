"""TITE-BOIN: BOIN that does not wait for every outcome; pending participants count for the follow-up they have.

Two published forms estimate the DLT rate of the current level differently; which one is meant is the option `variant`.
With y DLTs in n treated, c of them pending with f windows of follow-up added up:

- `effective-sample-size`: y / (n - c + f), Lin & Yuan (2020), Biostatistics 21(4):807-824, and the R package TITEgBOIN
  0.4.0.
- `single-mean-imputation`: (y + q / (1 - q) (c - f)) / n with q = (y + target / 2) / (n - c + 1), Yuan, Lin, Li, Nie &
  Warren (2018), Clin Cancer Res 24(20):4921-4930. The prior, Beta(target / 2, 1 - target / 2), was found from the
  published table of a trial; oracle: tests/oracles/escalation/titeboin_stft.csv.

Both need enough complete outcomes: enrolment is suspended while more than `max_pending` of those at the level are
pending. Whether DLTs that force a de-escalation anyway go before the suspension is the option `certain`: `de-escalate`
as the published table has it, `suspend` as TITEgBOIN does. It defaults to what goes with the variant.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import as_fraction, format_beside
from celltrial.escalation.boin import Boin
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Cell, Proposal
from celltrial.escalation.partial import PartialCounts, PartialProposal

if TYPE_CHECKING:
    from celltrial.escalation.batch import Batch, Proposals

__all__ = ["Certain", "TiteBoin", "TiteVariant"]

TiteVariant: TypeAlias = Literal["effective-sample-size", "single-mean-imputation"]
Certain: TypeAlias = Literal["suspend", "de-escalate"]

_RATES = ("p_saf", "p_tox")


@dataclass(frozen=True, slots=True, kw_only=True)
class TiteBoin:
    """The TITE-BOIN rule at one level; without pending participants it is BOIN.

    max_pending: the largest share of the participants at the level that may be pending at a decision.
    """

    target: float
    p_saf: float | None = None
    p_tox: float | None = None
    variant: TiteVariant = "effective-sample-size"
    max_pending: float = 0.5
    certain: Certain | None = None

    def __post_init__(self) -> None:
        Boin(target=self.target, p_saf=self.p_saf, p_tox=self.p_tox)
        problems = [
            Finding(message=f"no such {name} of TITE-BOIN", found=repr(value), expected=", ".join(get_args(known)))
            for name, value, known in (("variant", self.variant, TiteVariant), ("certain", self.certain, Certain))
            if value is not None and value not in get_args(known)
        ]
        if not 0 <= self.max_pending < 1:
            problems.append(
                Finding(
                    message="max_pending of TITE-BOIN is not a share below 1",
                    found=str(self.max_pending),
                    expected="0 to below 1; 0.5 as published",
                )
            )
        if problems:
            raise UsageError(problems)

    @property
    def name(self) -> str:
        """`tite-boin`."""
        return "tite-boin"

    @property
    def boin(self) -> Boin:
        """The rule without pending participants."""
        return _boin(self.target, self.p_saf, self.p_tox)

    @property
    def goes_first(self) -> Certain:
        """Whether a de-escalation that no pending outcome can change goes before the suspension."""
        if self.certain is not None:
            return self.certain
        return "suspend" if self.variant == "effective-sample-size" else "de-escalate"

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """`p_saf`, `p_tox`, `variant`, `max_pending` and `certain`."""
        own = (("variant", self.variant), ("max_pending", self.max_pending), ("certain", self.goes_first))
        return (*((name, value) for name, value in self.boin.parameters if name in _RATES), *own)

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """`lambda_e` and `lambda_d`."""
        return self.boin.figures

    def cell(self, dlts: int, n: int) -> Cell:
        """BOIN's cell."""
        return self.boin.cell(dlts, n)

    def propose(self, counts: Counts) -> Proposal:
        """BOIN's proposal."""
        return self.boin.propose(counts)

    def propose_many(self, batch: "Batch") -> "Proposals":
        """The same for many states."""
        return self.boin.propose_many(batch)

    def estimate(self, dlts: int, n: int, pending: int, follow_up: float) -> float:
        """The DLT rate of a level with `pending` of `n` in follow-up, for `follow_up` windows together.

        >>> round(TiteBoin(target=0.30).estimate(2, 9, 2, 45 / 28), 4)
        0.2324
        """
        if self.variant == "effective-sample-size":
            return dlts / (n - pending + follow_up)
        rate = (dlts + self.target / 2) / (n - pending + 1)
        return (dlts + rate / (1 - rate) * (pending - follow_up)) / n

    def propose_partial(self, partial: PartialCounts) -> PartialProposal:
        """One step by the estimated rate of the current level, or a suspension."""
        level = partial.current
        dlts, n = partial.counts.at(level)
        pending, follow_up = partial.pending[level - 1], partial.follow_up[level - 1]
        if pending == 0:
            return PartialProposal(proposal=self.propose(partial.counts))
        lambda_e, lambda_d = (value for _, value in self.figures)
        is_certain = dlts / n >= lambda_d and self.goes_first == "de-escalate"
        if not is_certain and pending > as_fraction(self.max_pending) * n:
            reason = f"{pending} of {n} at level {level} are pending, more than {self.max_pending:g} of them"
            return PartialProposal(proposal=Proposal(level=level, reasons=(reason,)), hold=True)
        rate = self.estimate(dlts, n, pending, follow_up)
        shown = f"{dlts}/{n} with {pending} pending for {follow_up:.2f} windows: "
        if rate <= lambda_e:
            reason = shown + _compare(rate, "<", lambda_e, "lambda_e")
            return PartialProposal(proposal=_go_up(partial, reason))
        if is_certain or rate >= lambda_d:
            reason = shown + _compare(rate, ">", lambda_d, "lambda_d")
            return PartialProposal(proposal=Proposal(level=partial.counts.next_below(level), reasons=(reason,)))
        between = f"{_compare(rate, '>', lambda_e, 'lambda_e')} and < lambda_d {format_beside(lambda_d, rate, 3)[0]}"
        return PartialProposal(proposal=Proposal(level=level, reasons=(shown + between,)))


def _go_up(partial: PartialCounts, reason: str) -> Proposal:
    above = partial.counts.next_above(partial.current)
    if above is None:
        return Proposal(level=partial.current, reasons=(reason, f"level {partial.current} is the highest: stay"))
    return Proposal(level=above, reasons=(reason,))


def _compare(rate: float, sign: str, limit: float, name: str) -> str:
    shown, beside = format_beside(rate, limit, 3)
    return f"{shown} {sign} {name} {beside}"


@lru_cache(maxsize=256)
def _boin(target: float, p_saf: float | None, p_tox: float | None) -> Boin:
    return Boin(target=target, p_saf=p_saf, p_tox=p_tox)
