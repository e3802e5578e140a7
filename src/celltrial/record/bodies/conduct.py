"""How the study is run and decided upon: opening, answers, data cuts, decisions, signatures, corrections."""

from dataclasses import dataclass, field
from typing import ClassVar

from celltrial.record.bodies.base import Action, Closed, EventSeq, YesNo

__all__ = [
    "AssumptionConfirmation",
    "Correction",
    "DataCut",
    "QuestionAnswer",
    "Signature",
    "SrcDecision",
    "StudyOpened",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOpened(Closed):
    """The first event of every record: which study, from which files, simulated or not."""

    TYPE: ClassVar[str] = "study_opened"
    VERSION: ClassVar[int] = 1
    study: str
    simulated: YesNo = "no"
    seed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswer(Closed):
    """A signed answer to an open question of `questions.yaml`."""

    TYPE: ClassVar[str] = "question_answer"
    VERSION: ClassVar[int] = 1
    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionConfirmation(Closed):
    """A signed confirmation of an assumption of `assumptions.yaml`, with the value confirmed."""

    TYPE: ClassVar[str] = "assumption_confirmation"
    VERSION: ClassVar[int] = 1
    assumption: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCut(Closed):
    """A frozen data cut: everything up to `as_of`, by the chain's head and its number of events."""

    TYPE: ClassVar[str] = "data_cut"
    VERSION: ClassVar[int] = 1
    cut: str
    as_of: str
    head: str
    events: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SrcDecision(Closed):
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
class Signature(Closed):
    """A person signs events, with a meaning; covers the content by its hash and the chain by its head.

    `head` is the head that the signer was shown; `authenticated_by` how the signer proved who they are at that moment.
    """

    TYPE: ClassVar[str] = "signature"
    VERSION: ClassVar[int] = 1
    covers: tuple[EventSeq, ...]
    meaning: str
    printed_name: str
    content_hash: str
    head: str = ""
    authenticated_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Closed):
    """Corrects event `target`: the named fields take new values, or the whole entry was entered in error.

    `replace` names fields of the body, or `items.<item>` of a form entry. The reason is the envelope's `why`.
    """

    TYPE: ClassVar[str] = "correction"
    VERSION: ClassVar[int] = 1
    target: EventSeq
    replace: dict[str, str] = field(default_factory=dict)
    entered_in_error: YesNo = "no"
