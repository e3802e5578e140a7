"""What screening says: a tree of results, the overall verdict, and both as plain JSON with a hash for signatures."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from celltrial.eligibility.truth import Basis, Unknown, Verdict

__all__ = [
    "Need",
    "Outcome",
    "Result",
    "Screening",
    "canonical_hash",
    "earliest",
    "latest",
    "met",
    "not_met",
    "unknown",
]

Overall = Literal["eligible", "not eligible", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a leaf found: verdict, basis (None when unknown), reasons in words, the events used, until when it holds."""

    verdict: Verdict
    basis: Basis | None
    reasons: tuple[str, ...]
    unknown: tuple[Unknown, ...] = ()
    events: tuple[int, ...] = ()
    expires: date | None = None


def met(basis: Basis, *reasons: str, events: Iterable[int | None] = (), expires: date | None = None) -> Outcome:
    """A leaf that is met."""
    return Outcome(verdict=Verdict.MET, basis=basis, reasons=reasons, events=_known(events), expires=expires)


def not_met(basis: Basis, *reasons: str, events: Iterable[int | None] = ()) -> Outcome:
    """A leaf that is not met."""
    return Outcome(verdict=Verdict.NOT_MET, basis=basis, reasons=reasons, events=_known(events))


def unknown(*unknowns: Unknown, events: Iterable[int | None] = (), also: Iterable[str] = ()) -> Outcome:
    """A leaf that is not known, because."""
    reasons = (*(str(each) for each in unknowns), *also)
    return Outcome(verdict=Verdict.UNKNOWN, basis=None, reasons=reasons, unknown=unknowns, events=_known(events))


def _known(events: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(sorted({event for event in events if event is not None}))


def earliest(moments: Iterable[date | None]) -> date | None:
    """The first of several last moments; a day lasts until its end. None where nothing expires."""
    return min((moment for moment in moments if moment is not None), key=_end_of, default=None)


def latest(moments: Iterable[date | None]) -> date | None:
    """The last of several last moments; None where one of them never ends."""
    known = list(moments)
    return None if None in known else max((each for each in known if each is not None), key=_end_of, default=None)


def _end_of(moment: date) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime.combine(moment, time.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something still needed to decide: for which leaf, why it is unknown, what to do, at what cost."""

    leaf: str
    unknown: Unknown

    def __str__(self) -> str:
        return f"{self.leaf}: {self.unknown.cost.words}: {self.unknown.do} ({self.unknown})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The verdict on one node. `reading` is what it would be if no question were open.

    is_due: False while its stage has not come; then it is unknown and its parents are decided without it.
    """

    id: str
    says: tuple[str, ...]
    verdict: Verdict
    basis: Basis | None
    reading: Verdict
    reasons: tuple[str, ...]
    unknown: tuple[Unknown, ...]
    needs: tuple[Need, ...]
    expires: date | None
    source_events: tuple[int, ...]
    children: tuple["Result", ...]
    open_questions: tuple[str, ...]
    is_due: bool = True
    is_hint: bool = False

    @property
    def words(self) -> str:
        """`met`, `not met`, `unknown` or `not applicable`."""
        return self.basis.value if self.basis is Basis.NOT_APPLICABLE else self.verdict.words

    def to_json(self) -> dict[str, Any]:
        """The result and those below it, as plain JSON."""
        return {
            "id": self.id,
            "says": " ".join(self.says),
            "verdict": self.words,
            "basis": self.basis.value if self.basis else None,
            "reasons": list(self.reasons),
            "unknown_because": list(dict.fromkeys(each.why.value for each in self.unknown)),
            "needs": [str(need) for need in self.needs],
            "expires": self.expires.isoformat() if self.expires else None,
            "source_events": list(self.source_events),
            "open_questions": list(self.open_questions),
            "if_questions_were_answered": self.reading.words,
            "due": self.is_due,
            "decides": not self.is_hint,
            "children": [child.to_json() for child in self.children],
        }

    def content(self) -> list[Any]:
        """What a signature covers of it: the verdicts and the events they rest on."""
        return [
            self.id,
            self.words,
            self.basis.value if self.basis else "",
            [each.why.value for each in self.unknown],
            list(self.source_events),
            list(self.open_questions),
            [child.content() for child in self.children],
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """One candidate against the criteria at one stage. `because` says in words why the verdict is what it is."""

    criteria: str
    criteria_hash: str
    stage: str
    as_of: datetime
    anchors: Mapping[str, str]
    verdict: Overall
    because: tuple[str, ...]
    notes: tuple[str, ...]
    results: tuple[Result, ...]
    needs: tuple[Need, ...]
    open_questions: tuple[str, ...]
    expires: date | None

    @property
    def content_hash(self) -> str:
        """SHA-256 of what a signature covers: criteria, stage, verdicts and source events; not the time of asking."""
        content = [
            self.criteria,
            self.criteria_hash,
            self.stage,
            self.verdict,
            [each.content() for each in self.results],
        ]
        return canonical_hash(content)

    def result(self, criterion: str) -> Result:
        """The result of a criterion or of any part of one. Raises KeyError where there is none."""
        for each in self.results:
            found = _find(each, criterion)
            if found:
                return found
        raise KeyError(criterion)

    def to_json(self) -> dict[str, Any]:
        """The screening as plain JSON, `screen --json`."""
        return {
            "criteria_id": self.criteria,
            "criteria_hash": self.criteria_hash,
            "stage": self.stage,
            "as_of": self.as_of.isoformat(),
            "anchors": dict(self.anchors),
            "overall": self.verdict,
            "because": list(self.because),
            "notes": list(self.notes),
            "open_questions": list(self.open_questions),
            "needs": [str(need) for need in self.needs],
            "expires": self.expires.isoformat() if self.expires else None,
            "criteria": [result.to_json() for result in self.results],
            "content_hash": self.content_hash,
        }


def _find(result: Result, wanted: str) -> Result | None:
    if result.id == wanted:
        return result
    return next((found for child in result.children if (found := _find(child, wanted))), None)


def canonical_hash(content: object) -> str:
    """SHA-256 of the canonical JSON text of a plain value."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
