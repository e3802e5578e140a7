"""What may happen in a trial: one frozen type for each kind of event, with a stable name and a schema version.

A body is what the event says; who said it, when and why stand in the envelope (`events.Event`). Numbers are texts as
typed, read by `units.parse_number` where they are used; dates are ISO texts of any precision, read by
`studyday.parse_partial_date`. Nothing here is a rule of the trial: gates stand in `decisions`.

Adding a field with a default keeps the version; anything else raises `VERSION` and adds a step in `upcasts.py`.
"""

from celltrial.record.bodies.access import (
    Person,
    RoleEnd,
    RoleGrant,
    SiteActivation,
    StudyStatus,
    Training,
    Transfer,
)
from celltrial.record.bodies.base import (
    Action,
    EventSeq,
    Stage,
    YesNo,
)
from celltrial.record.bodies.clinical import (
    AdverseEvent,
    Agent,
    Completion,
    Consent,
    CrsAssessment,
    DltAssessment,
    DoseAssignment,
    EligibilitySignature,
    Enrolment,
    FormEntry,
    IcansAssessment,
    Infusion,
    KineticsSample,
    Lymphodepletion,
    ProductRelease,
    Screening,
    Visit,
    Withdrawal,
)
from celltrial.record.bodies.conduct import (
    AssumptionConfirmation,
    Correction,
    DataCut,
    QuestionAnswer,
    Signature,
    SrcDecision,
    StudyOpened,
)
from celltrial.record.bodies.work import (
    AuditReview,
    BackupDrill,
    CheckpointKey,
    DataLock,
    Query,
    QueryAnswer,
    QueryClosing,
    Redaction,
    RedactionApproval,
    ReferenceRange,
    SourceVerification,
)

__all__ = [
    "Action",
    "AdverseEvent",
    "Agent",
    "AssumptionConfirmation",
    "AuditReview",
    "BackupDrill",
    "Body",
    "CheckpointKey",
    "Completion",
    "Consent",
    "Correction",
    "CrsAssessment",
    "DataCut",
    "DataLock",
    "DltAssessment",
    "DoseAssignment",
    "EligibilitySignature",
    "Enrolment",
    "EventSeq",
    "FormEntry",
    "IcansAssessment",
    "Infusion",
    "KineticsSample",
    "Lymphodepletion",
    "Person",
    "ProductRelease",
    "Query",
    "QueryAnswer",
    "QueryClosing",
    "QuestionAnswer",
    "Redaction",
    "RedactionApproval",
    "ReferenceRange",
    "RoleEnd",
    "RoleGrant",
    "Screening",
    "Signature",
    "SiteActivation",
    "SourceVerification",
    "SrcDecision",
    "Stage",
    "StudyOpened",
    "StudyStatus",
    "Training",
    "Transfer",
    "Visit",
    "Withdrawal",
    "YesNo",
]

# in the order of a trial, which is the order of the dictionary in docs/record.md
Body = (
    StudyOpened
    | SiteActivation
    | Person
    | RoleGrant
    | RoleEnd
    | Training
    | StudyStatus
    | QuestionAnswer
    | AssumptionConfirmation
    | Consent
    | Screening
    | EligibilitySignature
    | Enrolment
    | DoseAssignment
    | Lymphodepletion
    | ProductRelease
    | Infusion
    | Visit
    | FormEntry
    | AdverseEvent
    | CrsAssessment
    | IcansAssessment
    | DltAssessment
    | KineticsSample
    | Withdrawal
    | Completion
    | ReferenceRange
    | DataCut
    | SrcDecision
    | Signature
    | Correction
    | Query
    | QueryAnswer
    | QueryClosing
    | SourceVerification
    | DataLock
    | Redaction
    | RedactionApproval
    | AuditReview
    | Transfer
    | CheckpointKey
    | BackupDrill
)
