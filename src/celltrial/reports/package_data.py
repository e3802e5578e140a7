"""One dose decision as data: the snapshot it rests on, what the design said, what people decided, in which order.

Regulators ask for exactly this: which data the decision used, who took it, and that it was signed before the next
participant was dosed (reference: published GCP inspection findings on dose-escalation documentation).
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from celltrial.decisions import DoseProposal, propose_next_dose, review_dlt, signed_decisions
from celltrial.decisions.access import SignatureStatus, signature_status
from celltrial.decisions.next_dose import design_counts, design_of, dose_counts
from celltrial.errors import Finding, UsageError
from celltrial.escalation import DecisionTable, decision_table
from celltrial.escalation.conditional_table import ConditionalTable, conditional_table, is_model_based
from celltrial.record import (
    DataCut,
    DltAssessment,
    DoseAssignment,
    Entry,
    Infusion,
    Record,
    Signature,
    SrcDecision,
    TrialState,
    fold,
)
from celltrial.study import Study
from celltrial.studyday import parse_partial_date

__all__ = ["DecisionCase", "FirstDose", "gather_case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDose:
    """The first participant dosed under a decision, and whether a signature of the committee stood before."""

    subject: str
    infused_at: datetime
    seq: int
    signed_before: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCase:
    """A decision with everything it rests on.

    at_cut: the record as it stood at the data cut; is_verified: its head is the hash that the cut froze.
    signatures: each with how it stands in the whole record.
    """

    study: Study
    decision: Entry[SrcDecision]
    cut: Entry[DataCut]
    at_cut: TrialState
    is_verified: bool
    proposal: DoseProposal
    signatures: tuple[tuple[Entry[Signature], SignatureStatus], ...]
    table: DecisionTable | ConditionalTable
    first_dose: FirstDose | None

    def to_json(self) -> dict[str, object]:
        """The case as one JSON object: what a programme would check instead of reading the page."""
        body = self.decision.body
        return {
            "study": self.study.id,
            "study_hash": self.study.hash,
            "snapshot": {
                "cut": self.cut.body.cut,
                "as_of": self.cut.body.as_of,
                "head": self.cut.body.head,
                "events": int(self.cut.body.events),
                "verified": self.is_verified,
                "recorded_at": self.cut.event.recorded_at.isoformat(),
            },
            "design": self.table.to_json(),
            "proposal": self.proposal.to_json(),
            "decision": asdict(body)
            | {"event": self.decision.seq, "recorded_at": self.decision.event.recorded_at.isoformat()},
            "is_override": bool(body.override_reason),
            "signatures": [_signature_json(entry, status) for entry, status in self.signatures],
            "first_dose": None
            if self.first_dose is None
            else asdict(self.first_dose) | {"infused_at": self.first_dose.infused_at.isoformat()},
            "dlt_windows": self._windows(),
        }

    def _windows(self) -> list[dict[str, object]]:
        at = cut_time(self.cut)
        rows: list[dict[str, object]] = []
        for infusion in self.at_cut.entries(Infusion):
            if infusion.subject is None or infusion.body.number != "1":
                continue
            review = review_dlt(self.study, self.at_cut, infusion.subject, as_of=at)
            assessment = self.at_cut.latest(DltAssessment, infusion.subject)
            rows.append(
                {
                    "subject": str(infusion.subject),
                    "level": infusion.body.level,
                    "window_start": review.window_start.isoformat(),
                    "window_end": review.window_end.isoformat(),
                    "window_complete": review.window_complete,
                    "rule_proposes": review.proposed,
                    "evidence": list(review.evidence),
                    "source_events": list(review.source_events),
                    "adjudication": None if assessment is None else asdict(assessment.body) | {"event": assessment.seq},
                }
            )
        return rows


def gather_case(study: Study, record: Record, number: str) -> DecisionCase:
    """The decision of that number with its snapshot. Raises UsageError where there is none, or its cut is missing."""
    state = record.state()
    decision = next((entry for entry in state.entries(SrcDecision) if entry.body.number == number), None)
    if decision is None:
        known = ", ".join(entry.body.number for entry in state.entries(SrcDecision)) or "none"
        raise UsageError(Finding(message=f"no SRC decision {number}", found=number, expected=f"one of: {known}"))
    cut = next((entry for entry in state.entries(DataCut) if entry.body.cut == decision.body.cut), None)
    if cut is None:
        raise UsageError(
            Finding(message=f"the data cut of SRC decision {number} is not in the record", found=decision.body.cut)
        )
    # by count, not by time: several events may carry the time of the cut
    at_cut = fold(record.events()[: int(cut.body.events)]).seen_at(cut_time(cut))
    signatures = state.signatures_of(decision.seq)
    return DecisionCase(
        study=study,
        decision=decision,
        cut=cut,
        at_cut=at_cut,
        is_verified=at_cut.head == cut.body.head,
        proposal=propose_next_dose(study, at_cut, as_of=cut_time(cut)),
        signatures=tuple((entry, signature_status(state, entry)) for entry in signatures),
        table=_design_table(study, at_cut),
        first_dose=_first_dose(study, state, number, signatures),
    )


def _design_table(study: Study, at_cut: TrialState) -> DecisionTable | ConditionalTable:
    """The design's table; of a design that decides on all levels together, for the level in force at the cut."""
    design, size = design_of(study), study.escalation.max_participants
    if not is_model_based(design):
        return decision_table(design, size)
    decided = signed_decisions(at_cut)
    level = decided[-1].body.level if decided else ""
    given = design_counts(study, dose_counts(study, at_cut), level or str(study.escalation.start_level))
    return conditional_table(design, given, max_n=size)


def cut_time(cut: Entry[DataCut]) -> datetime:
    """The moment that a cut froze."""
    return datetime.fromisoformat(cut.body.as_of)


def _first_dose(
    study: Study, state: TrialState, number: str, signatures: tuple[Entry[Signature], ...]
) -> FirstDose | None:
    """The first infusion under the decision; later ones need no look, the gates let none pass before."""
    assigned = {entry.subject for entry in state.entries(DoseAssignment) if entry.body.decision == number}
    infusions = [entry for entry in state.entries(Infusion) if entry.subject in assigned and entry.body.number == "1"]
    if not infusions:
        return None
    times = {entry.seq: parse_partial_date(entry.body.infused_at, study.site.zone).earliest for entry in infusions}
    first = min(infusions, key=lambda entry: (times[entry.seq], entry.seq))
    infused_at = times[first.seq]
    committee = [entry for entry in signatures if entry.event.author.role == "src_member"]
    return FirstDose(
        subject=str(first.subject),
        infused_at=infused_at,
        seq=first.seq,
        signed_before=any(entry.event.recorded_at <= infused_at for entry in committee),
    )


def _signature_json(entry: Entry[Signature], status: SignatureStatus) -> dict[str, object]:
    return {
        "event": entry.seq,
        "person": str(entry.event.author.person),
        "printed_name": entry.body.printed_name,
        "role": entry.event.author.role,
        "meaning": entry.body.meaning,
        "content_hash": entry.body.content_hash,
        "signed_at": entry.event.recorded_at.isoformat(),
        "status": status.word,
        "reason": status.reason,
    }
