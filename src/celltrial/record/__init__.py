"""The record of a trial: append-only events in a hash chain, what they fold to, corrections, import and verification.

bodies.py and events.py say what may happen; log.py holds the one function that appends; state.py what events fold to;
checks.py and form_check.py what keeps a draft out; canonical.py, envelope.py and store_sqlite.py what is stored, and
verify.py whether it still is what was stored. assessments.py and toxicity/ give what was recorded to the methods of
safety.
"""

from celltrial.record.accept import (
    Guard,
)
from celltrial.record.bodies import (
    Action,
    AdverseEvent,
    Agent,
    AssumptionConfirmation,
    AuditReview,
    BackupDrill,
    Body,
    CheckpointKey,
    Completion,
    Consent,
    Correction,
    CrsAssessment,
    DataCut,
    DataLock,
    DltAssessment,
    DoseAssignment,
    EligibilitySignature,
    Enrolment,
    FormEntry,
    IcansAssessment,
    Infusion,
    KineticsSample,
    Lymphodepletion,
    Person,
    ProductRelease,
    Query,
    QueryAnswer,
    QueryClosing,
    QuestionAnswer,
    Redaction,
    RedactionApproval,
    ReferenceRange,
    RoleEnd,
    RoleGrant,
    Screening,
    Signature,
    SiteActivation,
    SourceVerification,
    SrcDecision,
    Stage,
    StudyOpened,
    StudyStatus,
    Training,
    Transfer,
    Visit,
    Withdrawal,
    YesNo,
)
from celltrial.record.canonical import (
    canonical_json,
)
from celltrial.record.cut import count_entries, make_data_cut
from celltrial.record.events import (
    Author,
    Draft,
    Entry,
    Event,
)
from celltrial.record.form_check import (
    check_form_entry,
)
from celltrial.record.importer import (
    Imported,
    ImportPlan,
    import_file,
    parse_import,
    place_findings,
    read_import,
)
from celltrial.record.keys import (
    key_of,
)
from celltrial.record.log import (
    Record,
)
from celltrial.record.registry import (
    KINDS,
    parse_body,
    to_payload,
)
from celltrial.record.state import (
    TrialState,
    fold,
)
from celltrial.record.verify import (
    Verification,
    verify_record,
)

__all__ = [
    "KINDS",
    "Action",
    "AdverseEvent",
    "Agent",
    "AssumptionConfirmation",
    "AuditReview",
    "Author",
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
    "Draft",
    "EligibilitySignature",
    "Enrolment",
    "Entry",
    "Event",
    "FormEntry",
    "Guard",
    "IcansAssessment",
    "ImportPlan",
    "Imported",
    "Infusion",
    "KineticsSample",
    "Lymphodepletion",
    "Person",
    "ProductRelease",
    "Query",
    "QueryAnswer",
    "QueryClosing",
    "QuestionAnswer",
    "Record",
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
    "TrialState",
    "Verification",
    "Visit",
    "Withdrawal",
    "YesNo",
    "canonical_json",
    "check_form_entry",
    "count_entries",
    "fold",
    "import_file",
    "key_of",
    "make_data_cut",
    "parse_body",
    "parse_import",
    "place_findings",
    "read_import",
    "to_payload",
    "verify_record",
]
