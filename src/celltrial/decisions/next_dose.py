"""The next dose: what the study's design proposes from the record as it stands. A person decides.

Fetch the adjudicated DLT assessments, call `escalation`, wrap the answer with its reasons, the participants it counts
and what stands in its way. Who counts is explicit: only a participant whose DLT assessment says "evaluable".
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from celltrial.codes import SubjectId
from celltrial.decisions.access.signatures import standing_signatures
from celltrial.decisions.content import hash_document
from celltrial.decisions.dlt_review import dlt_window_end
from celltrial.errors import Finding
from celltrial.escalation import Counts, Design, design_named
from celltrial.record import Entry, TrialState
from celltrial.record.bodies import DltAssessment, DoseAssignment, Infusion, SrcDecision
from celltrial.study import Study

__all__ = ["DoseProposal", "design_counts", "design_of", "dose_counts", "propose_next_dose", "signed_decisions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseProposal:
    """What the design proposes, and what it rests on.

    action: start, escalate, stay, de-escalate or stop; level: the level's id (of the action), blank for stop.
    evaluable, dlts: by level id, adjudicated; incomplete: participants whose DLT window or assessment is open.
    table_cell: "2/6 at DL2: stay", as the printed decision table has it. blocked: why no decision should be taken yet.
    """

    design: str
    action: str
    level: str
    reasons: tuple[str, ...]
    evaluable: Mapping[str, int]
    dlts: Mapping[str, int]
    not_evaluable: tuple[SubjectId, ...]
    incomplete: tuple[SubjectId, ...]
    table_cell: str
    blocked: tuple[Finding, ...]
    source_events: tuple[int, ...]

    @property
    def content_hash(self) -> str:
        """The hash that a decision and its signatures carry."""
        return hash_document(self.to_json())

    def to_json(self) -> dict[str, object]:
        """The proposal as one JSON object."""
        document = asdict(self)
        document["blocked"] = [finding.to_json() for finding in self.blocked]
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseCounts:
    """Evaluable participants and DLTs by level id, with the assessments they come from."""

    evaluable: Mapping[str, int]
    dlts: Mapping[str, int]
    not_evaluable: tuple[SubjectId, ...]
    incomplete: tuple[SubjectId, ...]
    source_events: tuple[int, ...]


def design_of(study: Study) -> Design:
    """The dose-finding design that the study file names, with its rules in order."""
    settings = study.escalation
    return design_named(settings.design, target=settings.target, parameters=settings.parameters, rules=settings.rules)


def signed_decisions(state: TrialState) -> tuple[Entry[SrcDecision], ...]:
    """The SRC decisions in force, in order: those that a standing signature of the committee covers."""
    return tuple(
        entry
        for entry in state.entries(SrcDecision)
        if any(
            signature.event.author.role == "src_member" and signature.body.content_hash == entry.body.content_hash
            for signature in standing_signatures(state, entry.seq)
        )
    )


def dose_counts(study: Study, state: TrialState) -> DoseCounts:
    """Who is evaluable and who had a DLT, by the level infused: the latest adjudicated assessment of each."""
    evaluable = {str(level.id): 0 for level in study.levels}
    dlts = dict(evaluable)
    left_out, incomplete, sources = [], [], []
    for infusion in state.entries(Infusion):
        subject = infusion.subject
        if subject is None or infusion.body.number != "1":
            continue
        assessment = state.latest(DltAssessment, subject)
        if assessment is None:
            incomplete.append(subject)
            continue
        sources.append(assessment.seq)
        if assessment.body.evaluable == "no":
            left_out.append(subject)
            continue
        evaluable[infusion.body.level] += 1
        dlts[infusion.body.level] += assessment.body.dlt == "yes"
    return DoseCounts(
        evaluable=evaluable,
        dlts=dlts,
        not_evaluable=tuple(left_out),
        incomplete=tuple(incomplete),
        source_events=tuple(sources),
    )


def design_counts(study: Study, counts: DoseCounts, current: str) -> Counts:
    """The counts as a design takes them, with `current` the level in force."""
    ids = [str(level.id) for level in study.levels]
    return Counts(
        n=tuple(counts.evaluable[each] for each in ids),
        dlt=tuple(counts.dlts[each] for each in ids),
        current=ids.index(current) + 1,
    )


def propose_next_dose(study: Study, state: TrialState, *, as_of: datetime) -> DoseProposal:
    """The design's proposal on the record as it stands at `as_of` (pass the state of the same moment)."""
    counts = dose_counts(study, state)
    decisions = signed_decisions(state)
    if not decisions:
        return _proposal(
            study, counts, action="start", level=str(study.escalation.start_level), reasons=_start_reasons(study)
        )
    current = decisions[-1].body
    if current.action == "stop":
        reasons = (f"SRC decision {current.number} stopped the escalation",)
        return _proposal(study, counts, action="stop", level="", reasons=reasons)
    ids = [str(level.id) for level in study.levels]
    decision = design_of(study).decide(design_counts(study, counts, current.level))
    level = ids[decision.level - 1] if decision.level is not None else ""
    return _proposal(
        study,
        counts,
        action=decision.action.value,
        level=level,
        reasons=decision.reasons,
        cell_level=current.level,
        blocked=_blocked(study, state, counts, current.level, as_of),
    )


def _start_reasons(study: Study) -> tuple[str, ...]:
    level = study.level(study.escalation.start_level)
    return (f"no participant has been dosed: the study starts at {level.id} ({level.cells:.1E} cells)",)


def _proposal(
    study: Study,
    counts: DoseCounts,
    *,
    action: str,
    level: str,
    reasons: tuple[str, ...],
    cell_level: str = "",
    blocked: tuple[Finding, ...] = (),
) -> DoseProposal:
    cell = f"{counts.dlts[cell_level]}/{counts.evaluable[cell_level]} at {cell_level}: {action}" if cell_level else ""
    return DoseProposal(
        design=study.escalation.design,
        action=action,
        level=level,
        reasons=reasons,
        evaluable=counts.evaluable,
        dlts=counts.dlts,
        not_evaluable=counts.not_evaluable,
        incomplete=counts.incomplete,
        table_cell=cell,
        blocked=blocked,
        source_events=counts.source_events,
    )


def _blocked(study: Study, state: TrialState, counts: DoseCounts, current: str, as_of: datetime) -> tuple[Finding, ...]:
    findings = [_open_window(study, state, subject, as_of) for subject in counts.incomplete]
    if counts.evaluable[current] == 0:
        findings.append(
            Finding(
                message=f"nobody evaluable at {current} yet",
                where=current,
                rule="a dose decision rests on evaluable participants at the current level",
                next_step="wait for the first complete DLT window at this level",
            )
        )
    return tuple(findings)


def _open_window(study: Study, state: TrialState, subject: SubjectId, as_of: datetime) -> Finding:
    end = dlt_window_end(study, state, subject)
    is_open = end is not None and as_of.astimezone(study.site.zone).date() <= end
    assignment = state.latest(DoseAssignment, subject)
    level = f" at {assignment.body.level}" if assignment else ""
    return Finding(
        message=(
            f"the DLT window of {subject}{level} is open until {end} (day {study.dlt.window_days})"
            if is_open
            else f"the DLT window of {subject}{level} has closed on {end} but has not been adjudicated"
        ),
        where=f"subject {subject}",
        rule="no decision on an incomplete window unless it is recorded why (study.yaml, dlt)",
        next_step=f"wait until {end}, or record the reason with the decision"
        if is_open
        else f"record a DLT assessment for {subject}",
    )
