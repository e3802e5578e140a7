"""Gates on review: DLT adjudication, SRC decisions, signatures, answers to questions."""

from collections.abc import Sequence
from datetime import datetime

from celltrial.decisions.access.signing import signable_hash
from celltrial.decisions.dlt_review import first_infusion_day, review_dlt
from celltrial.decisions.next_dose import propose_next_dose
from celltrial.errors import Finding
from celltrial.record import Author, Draft, TrialState
from celltrial.record.bodies import (
    AssumptionConfirmation,
    DataCut,
    DltAssessment,
    QuestionAnswer,
    Signature,
    SrcDecision,
)
from celltrial.study import Study

__all__ = [
    "check_assumption_exists",
    "check_decision_as_proposed",
    "check_dlt_assessment",
    "check_incomplete_windows",
    "check_question_exists",
    "check_signature",
    "signable_hash",
]

Findings = Sequence[Finding]


def check_dlt_assessment(study: Study, state: TrialState, draft: Draft, _author: Author, at: datetime) -> Findings:
    """Evaluability is explicit, with its reason, and the facts agree with the record."""
    if not isinstance(draft.body, DltAssessment) or draft.subject is None:
        return ()
    where = f"subject {draft.subject}, dlt_assessment"
    if first_infusion_day(study, state, draft.subject) is None:
        return (Finding(message="no infusion is recorded, so there is no DLT window", where=where),)
    review = review_dlt(study, state, draft.subject, as_of=at)
    findings = []
    if (draft.body.window_complete == "yes") != review.window_complete:
        findings.append(
            Finding(
                message=f"the DLT window of {draft.subject} is {'' if review.window_complete else 'not '}complete",
                where=where,
                found=f"window_complete: {draft.body.window_complete}",
                expected=f"day {study.dlt.window_days} is {review.window_end}",
                rule=f"DLT window: {study.dlt.window_days} days from the first infusion (study.yaml, dlt)",
                next_step="wait for the end of the window, or record it as incomplete with the reason",
            )
        )
    if not draft.body.rationale.strip():
        findings.append(
            Finding(
                message="the adjudication has no rationale",
                where=where,
                rule="evaluability is explicit and logged (study.yaml, dlt.evaluable_if)",
                next_step="write why this is, or is not, a DLT and why the participant counts",
            )
        )
    if draft.body.dlt == "yes" and draft.body.evaluable == "no":
        findings.append(
            Finding(
                message="one who had a DLT is evaluable",
                where=where,
                found="dlt: yes, evaluable: no",
                rule="evaluable: completed the window, or had a DLT (study.yaml, dlt.evaluable_if)",
                next_step="set evaluable to yes",
            )
        )
    return findings


def check_decision_as_proposed(
    study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime
) -> Findings:
    """The decision shows the proposal the record gives at its data cut; another action needs its reason."""
    if not isinstance(draft.body, SrcDecision):
        return ()
    body, where = draft.body, f"SRC decision {draft.body.number}"
    findings = list(_check_number(state, body, where))
    cut = next((entry for entry in state.entries(DataCut) if entry.body.cut == body.cut), None)
    if cut is None:
        text = f"data cut {body.cut!r} does not exist"
        step = "freeze the data first: celltrial cut STUDY"
        return [*findings, Finding(message=text, where=where, rule="a decision names its data", next_step=step)]
    proposal = propose_next_dose(study, state, as_of=cut.event.recorded_at)
    if (body.proposed_action, body.proposed_level) != (proposal.action, proposal.level):
        findings.append(
            Finding(
                message="the proposal shown is not what the record gives",
                where=where,
                found=f"{body.proposed_action} {body.proposed_level}".strip(),
                expected=f"{proposal.action} {proposal.level}".strip(),
                rule="a decision is taken on the record as it stands at its data cut",
                next_step="run: celltrial dose next STUDY",
            )
        )
    if (body.action, body.level) != (proposal.action, proposal.level) and not body.override_reason.strip():
        findings.append(
            Finding(
                message="the decision departs from the proposal without a reason",
                where=where,
                found=f"{body.action} {body.level}".strip(),
                expected=f"{proposal.action} {proposal.level}, or override_reason".strip(),
                rule="a person decides; an override is recorded with its reason",
                next_step="write the reason of the committee",
            )
        )
    if body.action != "stop" and not any(each.id == body.level for each in study.levels):
        levels = ", ".join(str(each.id) for each in study.levels)
        findings.append(Finding(message=f"unknown dose level {body.level!r}", where=where, expected=levels))
    return findings


def check_incomplete_windows(study: Study, state: TrialState, draft: Draft, _author: Author, at: datetime) -> Findings:
    """No decision on an incomplete DLT window unless it is recorded why."""
    if not isinstance(draft.body, SrcDecision):
        return ()
    proposal = propose_next_dose(study, state, as_of=at)
    missing = [each for each in proposal.incomplete if each not in draft.body.incomplete_windows]
    if not missing and (not proposal.incomplete or draft.body.incomplete_reason.strip()):
        return ()
    return tuple(finding for finding in proposal.blocked) or (
        Finding(message="incomplete DLT windows without a reason", where=f"SRC decision {draft.body.number}"),
    )


def check_signature(_study: Study, state: TrialState, draft: Draft, author: Author, _at: datetime) -> Findings:
    """A signature covers events that exist, over the content that they have."""
    if not isinstance(draft.body, Signature):
        return ()
    findings = []
    covered = [(seq, state.entry(seq)) for seq in draft.body.covers]
    for seq, entry in covered:
        if entry is None:
            findings.append(Finding(message=f"event {seq} does not exist", where="signature", found=str(seq)))
    entries = [entry for _, entry in covered if entry is not None]
    if not findings and draft.body.content_hash != signable_hash(entries):
        findings.append(
            Finding(
                message="the signature's content hash is not that of what it covers",
                where=f"signature of {author.person}",
                found=draft.body.content_hash[:12],
                expected=signable_hash(entries)[:12],
                rule="a signature covers the content that was shown (21 CFR 11.70)",
                next_step="show the content again and sign it",
            )
        )
    return findings


def check_question_exists(study: Study, _state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """An answer belongs to a question of the register."""
    if not isinstance(draft.body, QuestionAnswer) or any(each.id == draft.body.question for each in study.questions):
        return ()
    known = f"{study.questions[0].id} to {study.questions[-1].id}" if study.questions else "none"
    return (Finding(message=f"unknown question {draft.body.question!r}", where="question_answer", expected=known),)


def check_assumption_exists(study: Study, _state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """A confirmation belongs to an assumption of the study, and confirms the value that is used."""
    if not isinstance(draft.body, AssumptionConfirmation):
        return ()
    known = next((each for each in study.assumptions if each.id == draft.body.assumption), None)
    if known is None:
        text = f"unknown assumption {draft.body.assumption!r}"
        return (Finding(message=text, where="assumption_confirmation", next_step="see assumptions.yaml"),)
    if known.value == draft.body.value:
        return ()
    return (
        Finding(
            message=f"the value confirmed for {known.id} is not the value in use",
            where="assumption_confirmation",
            found=draft.body.value,
            expected=known.value,
            rule="assumptions.yaml",
            next_step="change the study file by an amendment, or confirm the value in use",
        ),
    )


def _check_number(state: TrialState, body: SrcDecision, where: str) -> Findings:
    expected = str(len(state.entries(SrcDecision)) + 1)
    if body.number == expected:
        return ()
    return (Finding(message="decisions are numbered in order", where=where, found=body.number, expected=expected),)
