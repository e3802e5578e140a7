"""What is known of one candidate: frozen facts, each leading back to the event of the record it was read from.

Values stay texts as typed; dates are intervals as precise as they were recorded, None where none was recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from celltrial.studyday import PartialDate

__all__ = [
    "Attestation",
    "ClinicalFinding",
    "Condition",
    "Coverage",
    "Facts",
    "Judgement",
    "Measurement",
    "Medication",
    "Person",
    "Procedure",
    "Score",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The candidate: date of birth and sex."""

    birth: PartialDate | None = None
    sex: Literal["F", "M"] | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One result as the laboratory printed it; `lln` and `uln` are in the result's own unit.

    `condition` is the circumstance (`room_air`), `method` the technique (`echocardiography`).
    """

    analyte: str
    value: str
    unit: str = ""
    lln: str = ""
    uln: str = ""
    collected: PartialDate | None = None
    method: str = ""
    condition: str = ""
    event: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Medication:
    """A drug at one dose from `start` to `ended`; a change of dose is a new one. `every_days` 2 = every other day."""

    drug: str
    drug_class: str
    dose: str = ""
    unit: str = ""
    per_day: str = ""
    every_days: str = ""
    route: str = ""
    start: PartialDate | None = None
    ended: PartialDate | None = None
    ongoing: bool = False
    event: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A disease or state by its code; without `ended` it is ongoing only where `status` says so."""

    code: str
    onset: PartialDate | None = None
    ended: PartialDate | None = None
    status: Literal["ongoing", "resolved", ""] = ""
    event: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """Something done to the person: a transfusion, hydration; without `ended` it happened at `start`."""

    procedure: str
    start: PartialDate | None = None
    ended: PartialDate | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What a person stated; a commitment may say from when to when it covers (None = not said)."""

    statement: str
    answer: Literal["yes", "no"]
    given_by: str
    given_on: PartialDate | None = None
    covers_from: PartialDate | None = None
    covers_to: PartialDate | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What an investigator judged: `yes`, `no`, or words separated by `;`."""

    question: str
    answer: str
    given_by: str
    given_on: PartialDate | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The result of an instrument. Without `total`, it lies between `lower` and `upper` where these are known.

    `flags` are the parts the instrument reports beside its total: `{"entry_ana": "yes"}`.
    """

    score: str
    total: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    incomplete: str = ""
    flags: Mapping[str, str] = field(default_factory=dict)
    assessed: PartialDate | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalFinding:
    """A finding with its value, how it was found, and its activity: lupus nephritis class III+V by biopsy."""

    finding: str
    value: str
    by: str = ""
    activity: str = ""
    found: PartialDate | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A span of time for which the chart was reviewed: only there may silence be read as "none"."""

    covers_from: PartialDate | None = None
    covers_to: PartialDate | None = None
    source: str = ""
    event: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything known of one candidate at one moment."""

    person: Person = Person()
    measurements: tuple[Measurement, ...] = ()
    medications: tuple[Medication, ...] = ()
    conditions: tuple[Condition, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    scores: tuple[Score, ...] = ()
    findings: tuple[ClinicalFinding, ...] = ()
    coverage: tuple[Coverage, ...] = ()
