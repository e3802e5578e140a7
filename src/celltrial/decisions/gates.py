"""The gates: what must be true before an event may be written. Each refusal says which rule, which person, until when.

A gate is a function of the state so far, the draft, its author and the time; it returns findings, and any finding
refuses the whole append. The gates are a table from the kind of event to its functions, in the order of a
participant's life; the functions stand in `gates_*.py` by topic. `trial.open_trial` hands them to the record, so that
no writer, the simulator included, passes by them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from celltrial.decisions import gates_dosing, gates_people, gates_review
from celltrial.errors import Finding
from celltrial.record import Author, Draft, Guard, TrialState
from celltrial.record.bodies import (
    AssumptionConfirmation,
    Body,
    Consent,
    DltAssessment,
    DoseAssignment,
    EligibilitySignature,
    Enrolment,
    Infusion,
    Lymphodepletion,
    QuestionAnswer,
    Screening,
    Signature,
    SrcDecision,
)
from celltrial.study import Study

__all__ = ["GATES", "gates"]

Gate = Callable[[Study, TrialState, Draft, Author, datetime], Sequence[Finding]]

EVERY_EVENT: tuple[Gate, ...] = (
    gates_people.check_role,
    gates_people.check_consent_first,
    gates_people.check_not_withdrawn,
    gates_people.check_not_in_future,
)

GATES: dict[type[Body], tuple[Gate, ...]] = {
    Consent: (gates_people.check_single,),
    Screening: (gates_people.check_screening_after_consent,),
    EligibilitySignature: (gates_people.check_verdict_is_computed,),
    Enrolment: (gates_people.check_single, gates_people.check_eligible, gates_people.check_places),
    DoseAssignment: (gates_dosing.check_enrolled, gates_dosing.check_signed_decision, gates_dosing.check_planned_dose),
    Lymphodepletion: (
        gates_people.check_single,
        gates_people.check_eligible,
        gates_dosing.check_assigned,
        gates_dosing.check_sentinel,
        gates_dosing.check_level_open,
        gates_dosing.check_not_paused,
    ),
    Infusion: (
        gates_dosing.check_first_infusion,
        gates_people.check_eligible,
        gates_dosing.check_assigned,
        gates_dosing.check_after_lymphodepletion,
        gates_dosing.check_infusion_as_assigned,
        gates_dosing.check_sentinel,
        gates_dosing.check_level_open,
        gates_dosing.check_not_paused,
    ),
    DltAssessment: (gates_review.check_dlt_assessment,),
    SrcDecision: (gates_review.check_decision_as_proposed, gates_review.check_incomplete_windows),
    Signature: (gates_review.check_signature,),
    QuestionAnswer: (gates_review.check_question_exists,),
    AssumptionConfirmation: (gates_review.check_assumption_exists,),
}


def gates(study: Study) -> tuple[Guard, ...]:
    """The gates of this study, as the record takes them."""
    return (partial(_check_all, study),)


def _check_all(study: Study, state: TrialState, draft: Draft, author: Author, at: datetime) -> Sequence[Finding]:
    checks = EVERY_EVENT + GATES.get(type(draft.body), ())
    return [finding for check in checks for finding in check(study, state, draft, author, at)]
