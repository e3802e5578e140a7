"""What may happen in a trial: one frozen type for each kind of event, with a stable name and a schema version.

A body is what the event says; who said it, when and why stand in the envelope (`events.Event`). Numbers are texts as
typed, read by `units.parse_number` where they are used; dates are ISO texts of any precision, read by
`studyday.parse_partial_date`. Nothing here is a rule of the trial: gates stand in `decisions`.

Adding a field with a default keeps the version; anything else raises `VERSION` and adds an `upcast_` in `upcasts.py`.
"""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Strict

__all__ = [
    "Action",
    "AdverseEvent",
    "Agent",
    "AssumptionConfirmation",
    "Body",
    "Consent",
    "Correction",
    "CrsAssessment",
    "DataCut",
    "DltAssessment",
    "DoseAssignment",
    "EligibilitySignature",
    "Enrolment",
    "FormEntry",
    "IcansAssessment",
    "Infusion",
    "KineticsSample",
    "Lymphodepletion",
    "QuestionAnswer",
    "Screening",
    "Signature",
    "SrcDecision",
    "Stage",
    "StudyOpened",
    "Visit",
    "Withdrawal",
    "YesNo",
]

EventSeq = Annotated[int, Strict()]
YesNo = Literal["yes", "no"]
Stage = Literal["screening", "lymphodepletion", "infusion"]
Action = Literal["start", "escalate", "stay", "de-escalate", "stop"]


class _Closed:
    """What all bodies share: a stored field that the type does not know is an error, never dropped."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOpened(_Closed):
    """The first event of every record: which study, from which files, simulated or not."""

    TYPE: ClassVar[str] = "study_opened"
    VERSION: ClassVar[int] = 1
    study: str
    simulated: YesNo = "no"
    seed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswer(_Closed):
    """A signed answer to an open question of `questions.yaml`."""

    TYPE: ClassVar[str] = "question_answer"
    VERSION: ClassVar[int] = 1
    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionConfirmation(_Closed):
    """A signed confirmation of an assumption of `assumptions.yaml`, with the value confirmed."""

    TYPE: ClassVar[str] = "assumption_confirmation"
    VERSION: ClassVar[int] = 1
    assumption: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(_Closed):
    """The candidate signed the informed consent form."""

    TYPE: ClassVar[str] = "consent"
    VERSION: ClassVar[int] = 1
    signed_at: str
    document_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening(_Closed):
    """The screening visit; its date is the `screening` anchor of the criteria."""

    TYPE: ClassVar[str] = "screening"
    VERSION: ClassVar[int] = 1
    screened_on: str
    attempt: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilitySignature(_Closed):
    """The investigator's signed verdict for one stage, over the criteria as they were computed at that moment."""

    TYPE: ClassVar[str] = "eligibility_signature"
    VERSION: ClassVar[int] = 1
    stage: Stage
    verdict: Literal["eligible", "not eligible"]
    criteria_hash: str
    content_hash: str
    meaning: str = "I have reviewed every criterion and confirm this verdict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment(_Closed):
    """The candidate becomes a participant."""

    TYPE: ClassVar[str] = "enrolment"
    VERSION: ClassVar[int] = 1
    enrolled_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseAssignment(_Closed):
    """The dose level a participant is to receive, under the SRC decision `decision` (its number)."""

    TYPE: ClassVar[str] = "dose_assignment"
    VERSION: ClassVar[int] = 1
    level: str
    planned_cells: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(_Closed):
    """One lymphodepleting drug as given."""

    drug: str
    dose: str
    unit: str
    days: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lymphodepletion(_Closed):
    """Lymphodepletion as given; `started_on` is the `lymphodepletion` anchor."""

    TYPE: ClassVar[str] = "lymphodepletion"
    VERSION: ClassVar[int] = 1
    started_on: str
    ended_on: str
    agents: tuple[Agent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Infusion(_Closed):
    """The product as infused: planned and actual dose, lot and donor. `infused_at` is the `infusion` anchor."""

    TYPE: ClassVar[str] = "infusion"
    VERSION: ClassVar[int] = 1
    infused_at: str
    level: str
    planned_cells: str
    actual_cells: str
    lot: str
    donor: str
    number: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(_Closed):
    """A visit of the schedule, done or missed (with the reason)."""

    TYPE: ClassVar[str] = "visit"
    VERSION: ClassVar[int] = 1
    visit: str
    on: str
    status: Literal["done", "missed"] = "done"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormEntry(_Closed):
    """One row of one form: items as typed, by item id. A repeating form has one entry a row, told apart by `row`."""

    TYPE: ClassVar[str] = "form"
    VERSION: ClassVar[int] = 1
    form: str
    items: dict[str, str]
    visit: str = ""
    row: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvent(_Closed):
    """An adverse event; a later event with the same `number` is its follow-up and replaces it."""

    TYPE: ClassVar[str] = "adverse_event"
    VERSION: ClassVar[int] = 1
    number: str
    term: str
    soc: str
    onset: str
    grade: Literal["1", "2", "3", "4", "5"]
    serious: YesNo
    related_product: YesNo
    related_lymphodepletion: YesNo = "no"
    related_disease: YesNo = "no"
    outcome: Literal["ongoing", "resolved", "resolved with sequelae", "fatal", "unknown"] = "ongoing"
    ended: str = ""
    is_licats: Literal["yes", "no", "unknown"] = "no"
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsAssessment(_Closed):
    """What was seen at the bedside; the ASTCT grade is computed from it, never stored."""

    TYPE: ClassVar[str] = "crs_assessment"
    VERSION: ClassVar[int] = 1
    at: str
    temperature_c: str
    hypotension: YesNo
    vasopressors: tuple[str, ...] = ()
    oxygen: Literal["none", "low-flow", "high-flow", "positive pressure"] = "none"
    antipyretic_or_anticytokine: YesNo = "no"
    other_cause: YesNo = "no"
    death_due_to_crs: YesNo = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class IcansAssessment(_Closed):
    """Neurological assessment; the ASTCT grade is computed from it, never stored. `ice` 0-10, blank = not testable."""

    TYPE: ClassVar[str] = "icans_assessment"
    VERSION: ClassVar[int] = 1
    at: str
    ice: str
    consciousness: Literal["awake", "to voice", "to tactile stimulus", "unarousable"] = "awake"
    seizure: Literal["none", "resolving", "prolonged"] = "none"
    deep_focal_weakness: YesNo = "no"
    cerebral_oedema: Literal["none", "focal", "diffuse"] = "none"
    other_cause: YesNo = "no"
    death_due_to_icans: YesNo = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class DltAssessment(_Closed):
    """The adjudicated end of a participant's DLT window: evaluable or not, DLT or not, and why. A person decides."""

    TYPE: ClassVar[str] = "dlt_assessment"
    VERSION: ClassVar[int] = 1
    assessed_on: str
    evaluable: YesNo
    dlt: YesNo
    window_complete: YesNo
    adverse_events: tuple[str, ...] = ()
    rationale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KineticsSample(_Closed):
    """One cellular-kinetics result. `value` blank when `blq` is yes."""

    TYPE: ClassVar[str] = "kinetics_sample"
    VERSION: ClassVar[int] = 1
    analyte: str
    specimen: str
    nominal_day: str
    collected_at: str
    unit: str
    lloq: str
    value: str = ""
    blq: YesNo = "no"
    leukocytes: str = ""
    leukocytes_unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(_Closed):
    """The participant left treatment or the study."""

    TYPE: ClassVar[str] = "withdrawal"
    VERSION: ClassVar[int] = 1
    on: str
    scope: Literal["screening", "treatment", "study"]
    reason: Literal[
        "screen failure", "participant's wish", "adverse event", "lost to follow-up", "death", "investigator"
    ]
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCut(_Closed):
    """A frozen data cut: everything up to `as_of`, by the chain's head and its number of events."""

    TYPE: ClassVar[str] = "data_cut"
    VERSION: ClassVar[int] = 1
    cut: str
    as_of: str
    head: str
    events: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SrcDecision(_Closed):
    """The safety review committee's decision: what the design proposed, what people decided, on which data.

    In force only once a `Signature` covers it. `number` runs 1, 2, ...; number 1 has action `start`.
    """

    TYPE: ClassVar[str] = "src_decision"
    VERSION: ClassVar[int] = 1
    number: str
    cut: str
    design: str
    proposed_action: Action
    proposed_level: str
    action: Action
    level: str
    evaluable: dict[str, str] = field(default_factory=dict)
    dlts: dict[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    override_reason: str = ""
    incomplete_windows: tuple[str, ...] = ()
    incomplete_reason: str = ""
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature(_Closed):
    """A person signs events, with a meaning; covers the content by its hash and the chain by its head."""

    TYPE: ClassVar[str] = "signature"
    VERSION: ClassVar[int] = 1
    covers: tuple[EventSeq, ...]
    meaning: str
    printed_name: str
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(_Closed):
    """Corrects event `target`: the named fields take new values, or the whole entry was entered in error.

    `replace` names fields of the body, or `items.<item>` of a form entry. The reason is the envelope's `why`.
    """

    TYPE: ClassVar[str] = "correction"
    VERSION: ClassVar[int] = 1
    target: EventSeq
    replace: dict[str, str] = field(default_factory=dict)
    entered_in_error: YesNo = "no"


Body = (
    StudyOpened
    | QuestionAnswer
    | AssumptionConfirmation
    | Consent
    | Screening
    | EligibilitySignature
    | Enrolment
    | DoseAssignment
    | Lymphodepletion
    | Infusion
    | Visit
    | FormEntry
    | AdverseEvent
    | CrsAssessment
    | IcansAssessment
    | DltAssessment
    | KineticsSample
    | Withdrawal
    | DataCut
    | SrcDecision
    | Signature
    | Correction
)
