"""Replay: what another design would have proposed at each signed decision of a trial. Nothing of it is written down.

Each signed SRC decision named a data cut. The record is folded up to that cut, as the committee saw it, and both the
study's own design and the other one are asked. A row is an answer to one question only: "on what had been seen by then,
what would this design have proposed?". After the first difference the trial would have gone another way, with other
participants at other levels, so the rows below a difference are not the history of another trial.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from celltrial.decisions.next_dose import DoseProposal, propose_next_dose, signed_decisions
from celltrial.errors import Finding, UsageError
from celltrial.record import Entry, Record, TrialState, fold
from celltrial.record.bodies import DataCut, SrcDecision
from celltrial.study import Study

__all__ = ["ReplayedDecision", "replay_decisions", "with_design"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedDecision:
    """One signed decision beside what two designs propose on its data cut.

    number, decided_on, action, level: of the committee. evaluable, dlts: by level id, at the cut.
    current: the level in force before the decision, blank before the first.
    own, other: the proposals of the study's design and of the other one, on the same counts.
    """

    number: str
    decided_on: datetime
    cut: str
    current: str
    evaluable: Mapping[str, int]
    dlts: Mapping[str, int]
    action: str
    level: str
    is_override: bool
    own: DoseProposal
    other: DoseProposal

    @property
    def differs(self) -> bool:
        """Whether the other design proposes something else than the committee decided."""
        return (self.other.action, self.other.level) != (self.action, self.level)

    def to_json(self) -> dict[str, object]:
        """The row as one JSON object."""
        return {
            "number": self.number,
            "decided_on": self.decided_on.isoformat(),
            "cut": self.cut,
            "current": self.current,
            "evaluable": dict(self.evaluable),
            "dlts": dict(self.dlts),
            "decided": {"action": self.action, "level": self.level, "override": self.is_override},
            "own": _proposal_json(self.own),
            "other": _proposal_json(self.other),
            "differs": self.differs,
        }


def _proposal_json(proposal: DoseProposal) -> dict[str, object]:
    return {
        "design": proposal.design,
        "action": proposal.action,
        "level": proposal.level,
        "reasons": list(proposal.reasons),
    }


def with_design(
    study: Study,
    name: str,
    *,
    parameters: Mapping[str, float | str] | None = None,
    rules: Sequence[tuple[str, Mapping[str, float | str]]] | None = None,
) -> Study:
    """The study as if its design were another one; for questions only, never for the record.

    Args:
        parameters: of the design. A BLRM that is given no doses takes the cells of the study's levels, in 10^8.
        rules: around it; None: the study's own.
    """
    settings = dict(parameters or {})
    if name == "blrm" and "doses" not in settings:
        settings["doses"] = " ".join(f"{float(level.cells) / 1e8:g}" for level in study.levels)
    own = study.escalation
    chosen = own.rules if rules is None else tuple((rule, dict(numbers)) for rule, numbers in rules)
    return replace(study, escalation=replace(own, design=name, parameters=settings, rules=chosen))  # type: ignore[arg-type]


def replay_decisions(study: Study, record: Record, other: Study) -> tuple[ReplayedDecision, ...]:
    """The signed decisions in order, each with the proposals of both designs on its data cut.

    Args:
        study, record: the study and its whole record; only read.
        other: the study with another design (`with_design`).
    Raises:
        UsageError: a decision whose data cut is not in the record, or a design that cannot be built.
    """
    state = record.state()
    cuts = {entry.body.cut: entry for entry in state.entries(DataCut)}
    rows = []
    for decision in signed_decisions(state):
        cut = cuts.get(decision.body.cut)
        if cut is None:
            raise UsageError(
                Finding(
                    message=f"the data cut of SRC decision {decision.body.number} is not in the record",
                    found=decision.body.cut,
                )
            )
        # by count, not by time: several events may carry the time of the cut
        at = datetime.fromisoformat(cut.body.as_of)
        rows.append(_replay_one(study, other, decision, fold(record.events()[: int(cut.body.events)]).seen_at(at), at))
    return tuple(rows)


def _replay_one(
    study: Study, other: Study, decision: Entry[SrcDecision], at_cut: TrialState, at: datetime
) -> ReplayedDecision:
    own, asked = (propose_next_dose(each, at_cut, as_of=at) for each in (study, other))
    before = signed_decisions(at_cut)
    body = decision.body
    return ReplayedDecision(
        number=body.number,
        decided_on=decision.event.recorded_at,
        cut=body.cut,
        current=before[-1].body.level if before else "",
        evaluable=own.evaluable,
        dlts=own.dlts,
        action=body.action,
        level=body.level,
        is_override=bool(body.override_reason),
        own=own,
        other=asked,
    )
