"""Three truth values, what a verdict rests on, and the closed list of reasons for "unknown" with their next action.

The connectives are Kleene's strong three-valued logic, the one of SQL and CQL: with -1, 0, 1 for not met, unknown and
met, "and" is the smallest, "or" the largest and "not" the minus sign. No NULL stands for unknown anywhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum

__all__ = ["Basis", "Cost", "Unknown", "Verdict", "Why", "all_of", "any_of", "implies", "negate"]


class Verdict(IntEnum):
    """The truth of a criterion. "Not applicable" is MET with `Basis.NOT_APPLICABLE`, never a fourth value."""

    NOT_MET = -1
    UNKNOWN = 0
    MET = 1

    @property
    def words(self) -> str:
        """`met`, `not met` or `unknown`."""
        return {Verdict.NOT_MET: "not met", Verdict.UNKNOWN: "unknown", Verdict.MET: "met"}[self]


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Kleene's "and"; of nothing: met.

    >>> all_of([Verdict.MET, Verdict.UNKNOWN]).words
    'unknown'
    """
    return min(verdicts, default=Verdict.MET)


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Kleene's "or"; of nothing: not met."""
    return max(verdicts, default=Verdict.NOT_MET)


def negate(verdict: Verdict) -> Verdict:
    """Kleene's "not": unknown stays unknown."""
    return Verdict(-verdict)


def implies(when: Verdict, then: Verdict) -> Verdict:
    """When ... then ...: met where `when` is not met."""
    return any_of((negate(when), then))


class Basis(Enum):
    """What a verdict rests on, from the weakest to the strongest."""

    NOT_APPLICABLE = "not applicable"
    PRESUMED = "presumed"
    ATTESTED = "attested"
    JUDGED = "judged"
    DERIVED = "derived"
    RECORDED = "recorded"

    @property
    def strength(self) -> int:
        """Place in the order above; "not applicable" rests on nothing and weakens nothing."""
        return list(Basis).index(self)


class Cost(IntEnum):
    """What it costs to find out, in the order in which one asks."""

    CHART = 1
    ASK = 2
    BEDSIDE = 3
    BLOOD_DRAW = 4
    PROCEDURE = 5
    SPONSOR = 6

    @property
    def words(self) -> str:
        """In a coordinator's words."""
        return _COST_WORDS[self]


_COST_WORDS = {
    Cost.CHART: "in the chart",
    Cost.ASK: "ask",
    Cost.BEDSIDE: "measure at the bedside",
    Cost.BLOOD_DRAW: "blood draw",
    Cost.PROCEDURE: "procedure",
    Cost.SPONSOR: "ask the sponsor",
}


class Why(Enum):
    """Why something is unknown: the whole list. Each has one next action (`action`)."""

    NO_RECORD = "no record"
    OUTSIDE_WINDOW = "outside window"
    UNIT = "unit missing or not convertible"
    NO_ULN = "no ULN"
    STRADDLES = "comparator straddles the limit"
    UNREADABLE = "value not readable"
    IMPLAUSIBLE = "value not possible"
    CIRCUMSTANCES = "circumstances of the measurement not recorded"
    COARSE_DATE = "date too coarse"
    CONFLICT = "conflicting same-day values"
    CHART_GAP = "chart does not cover the window"
    INCOMPLETE = "incomplete"
    NOT_ASKED = "not asked"
    AWAITS_JUDGEMENT = "awaits judgement"
    NO_ANCHOR = "anchor not dated"
    NOT_DUE = "not due yet"
    OPEN_QUESTION = "open question"

    @property
    def action(self) -> str:
        """The next action, in words."""
        return _ACTIONS[self]


_ACTIONS = {
    Why.NO_RECORD: "record it, or obtain it",
    Why.OUTSIDE_WINDOW: "obtain a new one inside the window",
    Why.UNIT: "complete the unit from the laboratory's report",
    Why.NO_ULN: "enter the laboratory's upper limit of normal for this result",
    Why.STRADDLES: "ask the laboratory for the number, or repeat the test",
    Why.UNREADABLE: "correct the value from the source",
    Why.IMPLAUSIBLE: "check value and unit against the source",
    Why.CIRCUMSTANCES: "record how it was measured",
    Why.COARSE_DATE: "complete the date from the source",
    Why.CONFLICT: "clarify which of the day's results holds",
    Why.CHART_GAP: "review the chart for the window and record the review",
    Why.INCOMPLETE: "complete the entry",
    Why.NOT_ASKED: "ask, and record the answer",
    Why.AWAITS_JUDGEMENT: "the investigator judges, and records it",
    Why.NO_ANCHOR: "record the date the window counts from",
    Why.NOT_DUE: "nothing now: it is due at a later stage",
    Why.OPEN_QUESTION: "the sponsor answers the question in questions.yaml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """One reason for "unknown": why, about what, what to do now, and what that costs."""

    why: Why
    about: str
    do: str
    cost: Cost

    def __str__(self) -> str:
        return f"{self.why.value}: {self.about}"
