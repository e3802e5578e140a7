"""What happens to one person: from consent to the end of the study."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from celltrial.record.bodies.base import Closed, Stage, YesNo

__all__ = [
    "AdverseEvent",
    "Agent",
    "Completion",
    "Consent",
    "CrsAssessment",
    "DltAssessment",
    "DoseAssignment",
    "EligibilitySignature",
    "Enrolment",
    "FormEntry",
    "IcansAssessment",
    "Infusion",
    "KineticsSample",
    "Lymphodepletion",
    "ProductRelease",
    "Screening",
    "Visit",
    "Withdrawal",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Closed):
    """The candidate signed the informed consent form."""

    TYPE: ClassVar[str] = "consent"
    VERSION: ClassVar[int] = 1
    signed_at: str
    document_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening(Closed):
    """The screening visit; its date is the `screening` anchor of the criteria."""

    TYPE: ClassVar[str] = "screening"
    VERSION: ClassVar[int] = 1
    screened_on: str
    attempt: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilitySignature(Closed):
    """The investigator's signed verdict for one stage, over the criteria as they were computed at that moment."""

    TYPE: ClassVar[str] = "eligibility_signature"
    VERSION: ClassVar[int] = 1
    stage: Stage
    verdict: Literal["eligible", "not eligible"]
    criteria_hash: str
    content_hash: str
    meaning: str = "I have reviewed every criterion and confirm this verdict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment(Closed):
    """The candidate becomes a participant."""

    TYPE: ClassVar[str] = "enrolment"
    VERSION: ClassVar[int] = 1
    enrolled_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseAssignment(Closed):
    """The dose level a participant is to receive, under the SRC decision `decision` (its number)."""

    TYPE: ClassVar[str] = "dose_assignment"
    VERSION: ClassVar[int] = 1
    level: str
    planned_cells: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(Closed):
    """One lymphodepleting drug as given."""

    drug: str
    dose: str
    unit: str
    days: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lymphodepletion(Closed):
    """Lymphodepletion as given; `started_on` is the `lymphodepletion` anchor."""

    TYPE: ClassVar[str] = "lymphodepletion"
    VERSION: ClassVar[int] = 1
    started_on: str
    ended_on: str
    agents: tuple[Agent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Infusion(Closed):
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
class Visit(Closed):
    """A visit of the schedule, done or missed (with the reason)."""

    TYPE: ClassVar[str] = "visit"
    VERSION: ClassVar[int] = 1
    visit: str
    on: str
    status: Literal["done", "missed"] = "done"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormEntry(Closed):
    """One row of one form: items as typed, by item id. A repeating form has one entry a row, told apart by `row`."""

    TYPE: ClassVar[str] = "form"
    VERSION: ClassVar[int] = 1
    form: str
    items: dict[str, str]
    visit: str = ""
    row: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvent(Closed):
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
class CrsAssessment(Closed):
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
class IcansAssessment(Closed):
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
class DltAssessment(Closed):
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
class KineticsSample(Closed):
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
class Withdrawal(Closed):
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
class ProductRelease(Closed):
    """The product released for one participant: the last check before the infusion, by the pharmacist.

    `viability_percent` and `cells` as on the certificate; `expires_at` blank where the product has no expiry.
    """

    TYPE: ClassVar[str] = "product_release"
    VERSION: ClassVar[int] = 1
    released_at: str
    lot: str
    donor: str
    cells: str
    viability_percent: str = ""
    expires_at: str = ""
    certificate: str = ""
    number: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion(Closed):
    """The participant reached the end of the study as the protocol has it."""

    TYPE: ClassVar[str] = "completion"
    VERSION: ClassVar[int] = 1
    on: str
    comment: str = ""
