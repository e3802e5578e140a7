"""The study definition: frozen values, loaded and checked from the files of a study folder (`load.py`).

Every value that the public record does not give names the assumption it rests on; every sentence of the record is
bound to values here (`trace.py`). `source` is where a value stands in the files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from celltrial.codes import DoseLevelId, FormId, ItemId, VisitId
from celltrial.errors import Source
from celltrial.study.review_settings import ReviewSettings
from celltrial.study.settings import AccessSettings, ReleaseSettings, ResponseSettings, ToxicitySettings

__all__ = [
    "Assumption",
    "DltRule",
    "DoseLevel",
    "Endpoint",
    "EscalationSettings",
    "Form",
    "Item",
    "Measure",
    "PlannedAgent",
    "Product",
    "Question",
    "Role",
    "ScheduledVisit",
    "Sentence",
    "Site",
    "StoppingRule",
    "Study",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A study site and its clock."""

    id: str
    name: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The investigational product."""

    id: str
    name: str
    kind: str
    targets: tuple[str, ...]
    dose_unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseLevel:
    """A dose level; `cells` is the flat number of CAR+ T cells. Levels are ordered by `cells`."""

    id: DoseLevelId
    cells: Decimal
    kind: Literal["registered", "intermediate", "de-escalation"]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSettings:
    """The dose-finding design: its name, numbers and rules, as `escalation` takes them.

    `rules` are the wrappers in order, each a name with its numbers: `("no_skip", {}), ("stop_at_n", {"n": 9})`.
    """

    design: str
    target: float
    parameters: Mapping[str, float | str]
    rules: tuple[tuple[str, Mapping[str, float]], ...]
    start_level: DoseLevelId
    cohort_size: int
    max_participants: int
    sentinel_days: int
    concurrent_levels: bool
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class DltRule:
    """The DLT definition as data: window, clauses, exclusions, evaluability. It proposes; a person adjudicates.

    `clauses` and `exclusions` are the mappings that `safety.dlt` reads.
    """

    window_days: int
    window_from: Literal["first infusion"]
    clauses: tuple[Mapping[str, object], ...]
    exclusions: tuple[Mapping[str, object], ...]
    evaluable_if: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingRule:
    """A rule that pauses or stops the trial, e.g. Pr(rate > limit | data) > cutoff."""

    id: str
    text: str
    kind: str
    parameters: Mapping[str, float]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAgent:
    """A lymphodepleting drug as planned: `dose` a day, on these study days from the infusion."""

    drug: str
    dose: Decimal
    unit: str
    days: tuple[int, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a visit may measure: a panel of analytes on `form`, a score form, or an event type of its own."""

    id: str
    label: str
    form: str
    event: str
    analytes: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledVisit:
    """A visit: `day` counts from `anchor` (study day, no day 0), within `before` and `after` days."""

    id: VisitId
    label: str
    anchor: Literal["screening", "lymphodepletion", "infusion"]
    day: int
    before: int
    after: int
    forms: tuple[FormId, ...]
    measures: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of a form: what may be typed into it."""

    id: ItemId
    label: str
    kind: Literal["text", "number", "result", "date", "choice", "unit", "analyte"]
    required: bool
    choices: tuple[str, ...]
    source: Source
    at_least: Decimal | None = None
    at_most: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form: its items, whether it repeats, and the kind of facts it yields to the criteria."""

    id: FormId
    label: str
    domain: str
    yields: str
    repeating: bool
    items: tuple[Item, ...]
    source: Source
    any_time: bool = False

    def item(self, item: str) -> Item | None:
        """The item of that id, or None where the form has none."""
        return next((each for each in self.items if each.id == item), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint, with the analysis that yields it."""

    id: str
    label: str
    kind: Literal["primary", "secondary", "exploratory"]
    analysis: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role and the event types it may write."""

    id: str
    label: str
    writes: tuple[str, ...]
    signs: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """Something the public record does not say: the value used, why, and who must confirm it."""

    id: str
    about: str
    value: str
    why: str
    confirm: str
    evidence: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A phrase of the record that is odd or ambiguous: how we read it, on what evidence, and who must answer.

    `blocks` names the criteria that stay unknown ("open question") until it is answered; `answer` is blank while open.
    """

    id: str
    phrase: str
    reading: str
    evidence: str
    confidence: str
    asks: str
    blocks: tuple[str, ...]
    answer: str
    answered_by: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of the registry record and what it is bound to; unbound when `bound_to` is empty."""

    id: str
    text: str
    bound_to: tuple[str, ...]
    status: Literal["bound", "assumption", "unbound"]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A study folder, loaded.

    `criteria` is the raw eligibility mapping, `eligibility` the `Criteria` parsed from it. `registry` holds the facts
    of the registry record in its own words. `daily` is the first and last study day from the infusion with daily
    assessments, and which. `kinetics` has `analyte`, `specimen`, `unit`, `lloq`, `method`, `auc_method`,
    `partial_areas` (pairs of days), `blq`, `lambda_z` and `plausible_below`. `toxicity` and `response` say which
    readings of the published grades and scores the study uses (`settings.py`). `database` is the address of the record
    where it is not a file in the folder (`place.py`).
    """

    id: str
    registry_id: str
    title: str
    version: str
    folder: Path
    hash: str
    site: Site
    product: Product
    levels: tuple[DoseLevel, ...]
    escalation: EscalationSettings
    dlt: DltRule
    stopping: tuple[StoppingRule, ...]
    visits: tuple[ScheduledVisit, ...]
    forms: tuple[Form, ...]
    endpoints: tuple[Endpoint, ...]
    roles: tuple[Role, ...]
    assumptions: tuple[Assumption, ...]
    questions: tuple[Question, ...]
    sentences: tuple[Sentence, ...]
    criteria: Mapping[str, object]
    kinetics: Mapping[str, object] = field(default_factory=dict)
    eligibility: object = None
    registry: Mapping[str, object] = field(default_factory=dict)
    measures: tuple[Measure, ...] = ()
    daily: tuple[int, int, tuple[str, ...]] = (0, 0, ())
    lymphodepletion: tuple[PlannedAgent, ...] = ()
    toxicity: ToxicitySettings = field(default_factory=ToxicitySettings)
    response: ResponseSettings = field(default_factory=ResponseSettings)
    access: AccessSettings = field(default_factory=AccessSettings)
    release: ReleaseSettings = field(default_factory=ReleaseSettings)
    review: ReviewSettings = field(default_factory=ReviewSettings)
    database: str = ""

    def level(self, level: str) -> DoseLevel:
        """The dose level of that id. Raises KeyError where the study has none."""
        return next(each for each in self.levels if each.id == level)

    def form(self, form: str) -> Form | None:
        """The form of that id, or None."""
        return next((each for each in self.forms if each.id == form), None)
