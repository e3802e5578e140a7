"""Work on data that are in the record: queries, source verification, locks, redaction, review, keys, drills."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from celltrial.record.bodies.base import Closed, EventSeq, YesNo

__all__ = [
    "AuditReview",
    "BackupDrill",
    "CheckpointKey",
    "DataLock",
    "Query",
    "QueryAnswer",
    "QueryClosing",
    "Redaction",
    "RedactionApproval",
    "ReferenceRange",
    "SourceVerification",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Closed):
    """A question about event `target` (one `field` of it, or the whole), to be answered by a role.

    `reopens` is the number of a closed query that is asked again.
    """

    TYPE: ClassVar[str] = "query"
    VERSION: ClassVar[int] = 1
    number: str
    target: EventSeq
    text: str
    field: str = ""
    to_role: str = ""
    reopens: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAnswer(Closed):
    """An answer to query `number`; it stays open until someone closes it."""

    TYPE: ClassVar[str] = "query_answer"
    VERSION: ClassVar[int] = 1
    number: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryClosing(Closed):
    """Query `number` is closed, with its outcome."""

    TYPE: ClassVar[str] = "query_closing"
    VERSION: ClassVar[int] = 1
    number: str
    outcome: Literal["corrected", "confirmed as it is", "withdrawn"]
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceVerification(Closed):
    """Fields of event `target` compared with the source document; no field named: all of them."""

    TYPE: ClassVar[str] = "source_verification"
    VERSION: ClassVar[int] = 1
    target: EventSeq
    source: str
    result: Literal["verified", "differs"]
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataLock(Closed):
    """Data of the subject (one visit, one form, or all) frozen or locked, or the freeze or lock lifted again."""

    TYPE: ClassVar[str] = "data_lock"
    VERSION: ClassVar[int] = 1
    action: Literal["freeze", "lock", "unfreeze", "unlock"]
    visit: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction(Closed):
    """Asked for: the named texts of event `target` are personal and are to be made unreadable. One person asks."""

    TYPE: ClassVar[str] = "redaction"
    VERSION: ClassVar[int] = 1
    target: EventSeq
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionApproval(Closed):
    """A second person approves redaction event `redaction`; the texts are unreadable from then on."""

    TYPE: ClassVar[str] = "redaction_approval"
    VERSION: ClassVar[int] = 1
    redaction: EventSeq


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReview(Closed):
    """A planned review of the audit trail up to event `through`: what it counted, and what was concluded."""

    TYPE: ClassVar[str] = "audit_review"
    VERSION: ClassVar[int] = 1
    through: EventSeq
    counts: dict[str, str]
    conclusion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRange(Closed):
    """A laboratory's reference range of an analyte, for whom (sex, age in years) and from when to when."""

    TYPE: ClassVar[str] = "reference_range"
    VERSION: ClassVar[int] = 1
    laboratory: str
    analyte: str
    unit: str
    low: str
    high: str
    valid_from: str
    valid_to: str = ""
    sex: Literal["any", "female", "male"] = "any"
    age_from: str = ""
    age_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointKey(Closed):
    """A public key that signs checkpoints from now on; `proof` is the signature of the key it replaces over it."""

    TYPE: ClassVar[str] = "checkpoint_key"
    VERSION: ClassVar[int] = 1
    key: str
    replaces: str = ""
    proof: str = ""
    status: Literal["in use", "retired", "compromised"] = "in use"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupDrill(Closed):
    """A backup was restored elsewhere and verified: what it held, and whether it was whole."""

    TYPE: ClassVar[str] = "backup_drill"
    VERSION: ClassVar[int] = 1
    made_at: str
    sha256: str
    events: str
    head: str
    whole: YesNo
    findings: str = ""
