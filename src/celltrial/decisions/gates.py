"""The gates: what must be true before an event may be written. Each refusal says which rule, which person, until when.

A gate is a function of the state so far, the draft, its author and the time; it returns findings, and any finding
refuses the whole append. The gates are a table from the kind of event to its functions, in the order of a
participant's life; the functions stand in `gates_*.py` by topic. `trial.open_trial` hands them to the record, so that
no writer, the simulator included, passes by them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from celltrial.decisions import (
    gates_corrections,
    gates_dosing,
    gates_lock,
    gates_people,
    gates_product,
    gates_review,
    gates_transfer,
    gates_work,
)
from celltrial.decisions.access.delegation import (
    check_delegation,
    check_end,
    check_grant,
    check_person,
    check_site,
    check_training,
)
from celltrial.decisions.access.permissions import check_permission
from celltrial.decisions.access.signing import check_signer
from celltrial.decisions.access.study_state import check_study_step
from celltrial.decisions.life.gate import check_life
from celltrial.decisions.life.walk import LIFE_EVENTS
from celltrial.errors import Finding
from celltrial.record import Author, Draft, Guard, TrialState
from celltrial.record.bodies import (
    AssumptionConfirmation,
    AuditReview,
    Body,
    DataLock,
    DltAssessment,
    DoseAssignment,
    EligibilitySignature,
    Enrolment,
    Infusion,
    Lymphodepletion,
    Person,
    ProductRelease,
    Query,
    QueryAnswer,
    QueryClosing,
    QuestionAnswer,
    RoleEnd,
    RoleGrant,
    Screening,
    Signature,
    SiteActivation,
    SourceVerification,
    SrcDecision,
    StudyStatus,
    Training,
    Transfer,
)
from celltrial.study import Study

__all__ = ["GATES", "gates"]

Gate = Callable[[Study, TrialState, Draft, Author, datetime], Sequence[Finding]]

EVERY_EVENT: tuple[Gate, ...] = (
    check_permission,
    check_delegation,
    check_life,
    gates_people.check_not_withdrawn,
    gates_people.check_not_in_future,
    gates_lock.check_not_locked,
    gates_work.check_work_stands,
)

GATES: dict[type[Body], tuple[Gate, ...]] = {
    StudyStatus: (check_study_step,),
    SiteActivation: (check_site,),
    Person: (check_person,),
    RoleGrant: (check_grant,),
    RoleEnd: (check_end,),
    Training: (check_training,),
    Screening: (gates_people.check_screening_after_consent,),
    EligibilitySignature: (check_signer, gates_people.check_verdict_is_computed),
    Enrolment: (gates_people.check_eligible, gates_people.check_places),
    DoseAssignment: (gates_dosing.check_signed_decision, gates_dosing.check_planned_dose),
    Lymphodepletion: (
        gates_people.check_eligible,
        gates_dosing.check_sentinel,
        gates_dosing.check_level_open,
        gates_dosing.check_not_paused,
    ),
    ProductRelease: (gates_product.check_release,),
    Infusion: (
        gates_people.check_eligible,
        gates_dosing.check_after_lymphodepletion,
        gates_dosing.check_infusion_as_assigned,
        gates_product.check_infused_as_released,
        gates_dosing.check_sentinel,
        gates_dosing.check_level_open,
        gates_dosing.check_not_paused,
    ),
    DltAssessment: (gates_review.check_dlt_assessment,),
    SrcDecision: (gates_review.check_decision_as_proposed, gates_review.check_incomplete_windows),
    Signature: (gates_review.check_signature, check_signer, gates_lock.check_unlock_signature),
    QuestionAnswer: (gates_review.check_question_exists,),
    AssumptionConfirmation: (gates_review.check_assumption_exists,),
    Transfer: (gates_transfer.check_reconciled,),
    Query: (gates_work.check_query,),
    QueryAnswer: (gates_work.check_query_answer,),
    QueryClosing: (gates_work.check_query_closing,),
    SourceVerification: (gates_work.check_verification,),
    DataLock: (gates_lock.check_data_lock,),
    AuditReview: (gates_work.check_audit_review,),
}


def gates(study: Study) -> tuple[Guard, ...]:
    """The gates of this study, as the record takes them."""
    return (partial(_check_all, study),)


def _check_all(study: Study, state: TrialState, draft: Draft, author: Author, at: datetime) -> Sequence[Finding]:
    checks = EVERY_EVENT + _gates_of(draft.body)
    findings = [finding for check in checks for finding in check(study, state, draft, author, at)]
    return [*findings, *gates_corrections.check_correction(study, state, draft, author, at, _gates_as_corrected)]


def _gates_of(body: Body) -> tuple[Gate, ...]:
    return GATES.get(type(body), ())


def _gates_as_corrected(body: Body) -> tuple[Gate, ...]:
    """The gates that an event passes once more when it is corrected: those on its type, its life and its dates."""
    if not _gates_of(body) and not isinstance(body, LIFE_EVENTS):
        return ()
    return (check_life, gates_people.check_not_in_future, *_gates_of(body))
