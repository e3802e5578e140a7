"""TITE-CRM as a rule that a simulation asks again and again: `TiteCrm` made anew from the follow-up there is.

`TiteCrm` holds its participants as they are followed on one day. Here the participants come with each decision, their
follow-up in windows, so that the window is 1.
"""

from dataclasses import dataclass
from typing import Any, cast, get_args

from celltrial.errors import UsageError
from celltrial.escalation.counts import Counts
from celltrial.escalation.crm.design import Crm
from celltrial.escalation.crm.fit import check_word
from celltrial.escalation.decision import Cell, Proposal
from celltrial.escalation.model_settings import build_crm
from celltrial.escalation.partial import PartialCounts, PartialProposal
from celltrial.escalation.titecrm import Followed, Scheme, TiteCrm

__all__ = ["TiteCrmRule", "build_tite_crm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TiteCrmRule:
    """The TITE-CRM: a `Crm` with its restrictions, and the scheme of weights for those in follow-up.

    With nobody pending it is that CRM. It never suspends enrolment.
    """

    crm: Crm
    scheme: Scheme = "linear"

    def __post_init__(self) -> None:
        if problems := check_word("weighting scheme", self.scheme, get_args(Scheme)):
            raise UsageError(problems)

    @property
    def name(self) -> str:
        """`tite-crm`."""
        return "tite-crm"

    @property
    def target(self) -> float:
        """The target DLT rate."""
        return self.crm.target

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """Those of the CRM, and the scheme."""
        return (*self.crm.parameters, ("scheme", self.scheme))

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """None."""
        return ()

    @property
    def looks_at_last_cohort(self) -> bool:
        """As the CRM does."""
        return self.crm.looks_at_last_cohort

    def cell(self, dlts: int, n: int) -> Cell:
        """There is none: raises UsageError."""
        return self.crm.cell(dlts, n)

    def propose(self, counts: Counts) -> Proposal:
        """The CRM's proposal."""
        return self.crm.propose(counts)

    def select(self, counts: Counts) -> int | None:
        """The CRM's recommendation from complete outcomes."""
        return self.crm.select(counts)

    def propose_partial(self, partial: PartialCounts) -> PartialProposal:
        """The TITE-CRM's proposal for the follow-up there is."""
        if partial.is_complete:
            return PartialProposal(proposal=self.propose(partial.counts))
        followed = [Followed(level=level, dlt=False, days=part) for level, part in partial.followed]
        had = [Followed(level=level, dlt=True, days=part) for level, part in partial.dlt_times]
        for level, (n, dlts, pending) in enumerate(zip(partial.n, partial.dlt, partial.pending, strict=True), start=1):
            followed += [Followed(level=level, dlt=False, days=1.0)] * (n - dlts - pending)
        rule = TiteCrm(crm=self.crm, window=1.0, scheme=self.scheme, followed=(*followed, *had))
        return PartialProposal(proposal=rule.propose(partial.counts))


def build_tite_crm(target: float, scheme: str = "linear", **settings: Any) -> TiteCrmRule:
    """A TITE-CRM from settings: the scheme, and those of `crm`."""
    return TiteCrmRule(crm=build_crm(target=target, **settings), scheme=cast("Scheme", scheme))
