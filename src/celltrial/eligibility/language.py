"""The criteria language as frozen values: what `parse` reads and `evaluate` runs. One `Node` a line of the file.

Inner nodes combine (`AllOf`, `AnyOf`, `NoneOf`, `When`); leaves test one thing about one candidate. Everything a leaf
needs stands in the leaf: defaults and what it inherits from the nodes above are filled in by `parse`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from celltrial.eligibility.windows import Window
from celltrial.errors import Source
from celltrial.studyday import Span

__all__ = [
    "ActiveDuring",
    "AgeAt",
    "AllOf",
    "AnyOf",
    "Attested",
    "Criteria",
    "DailyDose",
    "DerivedLimit",
    "FindingIsOneOf",
    "FirstBefore",
    "Flag",
    "GivenDuring",
    "Judged",
    "LabTest",
    "Limit",
    "Node",
    "NoneOf",
    "NotDuring",
    "Op",
    "SameDay",
    "ScoreAtLeast",
    "SexIs",
    "Silence",
    "StableDose",
    "Test",
    "TherapyFor",
    "When",
]

SameDay = Literal["worst", "latest", "agree"]
Op = Literal["at_least", "at_most", "above", "below"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Silence means "none" where the chart was reviewed over the window (or over `over`, where it says so)."""

    over: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A closed limit (`at_least`, `at_most`) or an open one (`above`, `below`), in a unit or in multiples of ULN."""

    op: Op
    number: Decimal
    unit: str
    times_uln: bool = False

    def __str__(self) -> str:
        unit = " x ULN" if self.times_uln else "" if self.unit in ("", "1") else f" {self.unit}"
        return f"{self.op.replace('_', ' ')} {self.number}{unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A qualitative result: the laboratory's own word, or the number against the laboratory's own cut-off."""

    positive: bool

    def __str__(self) -> str:
        return "positive" if self.positive else "negative"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDuring:
    """What must not have been used in a window before the qualifying test: a class of drugs, or a procedure."""

    kind: Literal["drug", "procedure"]
    code: str
    window: Window
    silence: Silence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SexIs:
    sex: Literal["female", "male"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeAt:
    """Completed years at an anchor, both ends included: 60 lasts until the day before the 61st birthday."""

    anchor: str
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreAtLeast:
    """An instrument's total, and the parts of it that must be `yes` beside the total."""

    score: str
    at_least: Decimal
    flags: tuple[str, ...]
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstBefore:
    """The first onset of a condition lies at least `span` before an anchor."""

    condition: str
    span: Span
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveDuring:
    """A condition is present at some moment of the window."""

    condition: str
    window: Window
    silence: Silence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenDuring:
    """A drug of the class is given at some moment of the window."""

    drug_class: str
    window: Window
    silence: Silence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """A statement by a person; a commitment covers a span, checked as far as its anchors are dated."""

    statement: str
    by: str
    covers: Window | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabTest:
    """The latest qualifying result in the window against a limit or a flag."""

    analyte: str
    goal: Limit | Flag
    window: Window
    same_day: SameDay
    method: str = ""
    condition: str = ""
    not_during: NotDuring | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedLimit:
    """A quantity computed from results (`inputs`: analyte -> window) against a limit."""

    name: str
    goal: Limit
    window: Window
    inputs: Mapping[str, Window]
    not_during: NotDuring | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapyFor:
    """Treatment with a class for a length of time up to an anchor, bridging gaps; `without` none of other classes."""

    classes: tuple[str, ...]
    span: Span
    up_to: str
    gap_days: int
    without: tuple[str, ...]
    routes: tuple[str, ...]
    silence: Silence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyDose:
    """The daily dose of a class on the anchor's day, in equivalents of one drug."""

    drug_class: str
    equivalent: str
    goal: Limit
    at: str
    routes: tuple[str, ...]
    silence: Silence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StableDose:
    """Each drug of the classes has the same daily dose on each day of the span; `tolerance` in percent of the last."""

    classes: tuple[str, ...]
    span: Span
    up_to: str
    tolerance: Decimal
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingIsOneOf:
    """The latest finding, found in the way asked for, has one of the values and one of the activities."""

    finding: str
    values: tuple[str, ...]
    by: str
    activity: tuple[str, ...]
    window: Window
    silence: Silence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An investigator's judgement. With `any_of`, the answer names at least one of these; `not_only` never suffices.

    `look_at` is evidence shown beside the question; it decides nothing.
    """

    question: str
    by: str
    any_of: tuple[str, ...] = ()
    not_only: tuple[str, ...] = ()
    look_at: LabTest | None = None


Test = (
    SexIs
    | AgeAt
    | ScoreAtLeast
    | FirstBefore
    | ActiveDuring
    | GivenDuring
    | Attested
    | LabTest
    | DerivedLimit
    | TherapyFor
    | DailyDose
    | StableDose
    | FindingIsOneOf
    | Judged
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneOf:
    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """`then` is asked only of those for whom `when` is met; for the others the node is not applicable."""

    when: "Node"
    then: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A criterion or a part of one.

    due: the first stage at which it is asked. recheck: stage -> the window that replaces its own at that stage.
    questions: open questions that keep it from being met; `other_reading` is what it would say if they were answered
    the other way, so that it is "not met" only where both readings say so. is_hint: shown, decides nothing.
    assumed: what of it is ours and not the record's, in words. prescreen: as written, for finding people.
    """

    id: str
    says: tuple[str, ...]
    body: AllOf | AnyOf | NoneOf | When | Test
    source: Source
    due: str
    recheck: Mapping[str, Window] = field(default_factory=dict)
    questions: tuple[str, ...] = ()
    other_reading: "Node | None" = None
    is_hint: bool = False
    assumed: tuple[str, ...] = ()
    prescreen: str = ""

    def walk(self) -> Iterator["Node"]:
        """This node and every node below it, in the order of the file."""
        yield self
        match self.body:
            case AllOf(children=children) | AnyOf(children=children) | NoneOf(children=children):
                for child in children:
                    yield from child.walk()
            case When(when=when, then=then):
                yield from when.walk()
                yield from then.walk()
            case _:
                pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """A criteria file, checked. `stages` maps each stage, in order, to its anchor; `hash` names the content."""

    id: str
    complete: bool
    stages: Mapping[str, str]
    lasting_anchors: frozenset[str]
    inclusion: tuple[Node, ...]
    exclusion: tuple[Node, ...]
    hash: str

    def walk(self) -> Iterator[Node]:
        """Every node of the file."""
        for node in (*self.inclusion, *self.exclusion):
            yield from node.walk()

    @property
    def leaves(self) -> tuple[Node, ...]:
        """Every leaf of the file."""
        return tuple(node for node in self.walk() if not isinstance(node.body, AllOf | AnyOf | NoneOf | When))
