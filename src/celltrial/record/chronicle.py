"""The whole record by entry: what each entry said at every step, where it stands, and what has spoken of it since.

Built once from a state, which keeps every event; `history.py` asks it for one datum, `trail.py` for every line, the
casebook for one participant.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from celltrial.codes import SubjectId
from celltrial.record.bodies import (
    Correction,
    FormEntry,
    Query,
    QueryAnswer,
    QueryClosing,
    Redaction,
    RedactionApproval,
    Signature,
    SourceVerification,
)
from celltrial.record.events import Entry, Event
from celltrial.record.keys import KEY_FIELDS, UNIQUE, key_of
from celltrial.record.state import TrialState
from celltrial.record.versions import is_void, versions

__all__ = ["ABOUT_EVENTS", "Chronicle", "Place", "place_of"]

# the form or type, and the key within it: ("labs", "SCR", "3"), ("adverse_event", "2"), ("consent",), ("query", "7")
Place = tuple[str, ...]

# types that speak of other events; a later one never follows up an earlier one
ABOUT_EVENTS = frozenset(
    ("audit_review", "correction", "redaction", "redaction_approval", "signature", "source_verification", "transfer")
)
# each stands for itself, although it has no key
_NEVER_FOLLOWED = ABOUT_EVENTS | {"backup_drill", "study_opened"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event of an entry's life: the event itself, then each of its corrections, and how the entry stood then."""

    event: Event
    body: Any
    is_void: bool = False


class Chronicle:
    """Every entry of a state, those entered in error among them, by number, by place, and by who speaks of it."""

    def __init__(self, state: TrialState) -> None:
        self.state = state
        self.voided = frozenset(entry.seq for entry in state.voided)
        everything = sorted((*state.all_entries(), *state.voided), key=lambda entry: entry.seq)
        self.entries: Mapping[int, Entry[Any]] = {entry.seq: entry for entry in everything}

    @property
    def events(self) -> tuple[Event, ...]:
        """Every event of the record, in order: each made an entry."""
        return tuple(entry.event for entry in self.entries.values())

    def target(self, seq: int) -> Entry[Any]:
        """The entry that event `seq` made or, where it is a correction, the one that it corrects."""
        entry = self.entries[seq]
        return self.entries[entry.body.target] if isinstance(entry.body, Correction) else entry

    def steps(self, entry: Entry[Any]) -> tuple[Step, ...]:
        """How the entry stood after its event and after each of its corrections."""
        if not entry.corrections:
            return (Step(event=entry.event, body=entry.body),)
        steps = [Step(event=version.event, body=version.body) for version in versions(entry)]
        if is_void(entry):
            steps.append(Step(event=entry.corrections[-1], body=steps[-1].body, is_void=True))
        return tuple(steps)

    def places(self, entry: Entry[Any]) -> tuple[Place, ...]:
        """Where the entry stands, and where it stood before a correction moved it; the present place first."""
        found = dict.fromkeys(place_of(entry.event, step.body) for step in reversed(self.steps(entry)))
        return tuple(found)

    @cached_property
    def by_place(self) -> Mapping[tuple[SubjectId | None, Place], tuple[Entry[Any], ...]]:
        """The entries of each place: one, and those that follow it up or were entered in error before it."""
        found: dict[tuple[SubjectId | None, Place], list[Entry[Any]]] = defaultdict(list)
        for entry in self.entries.values():
            found[entry.subject, place_of(entry.event, entry.body)].append(entry)
        return {key: tuple(entries) for key, entries in found.items()}

    def previous(self, entry: Entry[Any]) -> Entry[Any] | None:
        """The standing entry that this one follows up, of the same subject, type and key; None where it is the first.

        Types that hold one standing entry a key have no follow-ups, nor have those that speak of other events.
        """
        if entry.event.type in UNIQUE or entry.event.type in _NEVER_FOLLOWED:
            return None
        same = self.by_place[entry.subject, place_of(entry.event, entry.body)]
        earlier = [each for each in same if each.seq < entry.seq and each.seq not in self.voided]
        return earlier[-1] if earlier else None

    @cached_property
    def spoken_of(self) -> Mapping[int, tuple[Entry[Any], ...]]:
        """By event number: the signatures, verifications, queries with their answers, and redactions of that event."""
        found: dict[int, list[Entry[Any]]] = defaultdict(list)
        queries: dict[tuple[SubjectId | None, str], int] = {}
        for entry in self.entries.values():
            if isinstance(entry.body, Query):
                queries[entry.subject, entry.body.number] = entry.body.target
            for seq in _speaks_of(entry, self.entries, queries):
                found[seq].append(entry)
        return {seq: tuple(entries) for seq, entries in found.items()}

    @cached_property
    def redacted_by(self) -> Mapping[tuple[int, str], Event]:
        """By event number and path: the approval that made a text unreadable (a reason's path is `@why`)."""
        found: dict[tuple[int, str], Event] = {}
        for entry in self.entries.values():
            if isinstance(entry.body, RedactionApproval):
                asked = self.entries.get(entry.body.redaction)
                if asked is not None and isinstance(asked.body, Redaction):
                    found |= {(asked.body.target, path): entry.event for path in asked.body.fields}
        return found

    def fallen_with(self, signature: Entry[Signature]) -> Event | None:
        """The first correction, after the signature, of an event that it covers; None while it stands."""
        later = [
            event
            for seq in signature.body.covers
            if seq in self.entries
            for event in self.entries[seq].corrections
            if event.seq > signature.seq
        ]
        return min(later, key=lambda event: event.seq) if later else None

    def events_of(self, subject: SubjectId) -> tuple[Event, ...]:
        """The events that name the participant, and those without a subject that speak of them, in order."""
        own = {seq for seq, entry in self.entries.items() if entry.subject == subject}
        about = {each.seq for seq in own for each in self.spoken_of.get(seq, ())}
        return tuple(self.entries[seq].event for seq in sorted(own | about))


def place_of(event: Event, body: Any) -> Place:
    """Where a body stands, as `celltrial history` names it.

    A form entry: form, visit (blank outside any), row. Other types: the type and its key; a type that speaks of other
    events, its own number.
    """
    if isinstance(body, FormEntry):
        return (body.form, body.visit, body.row)
    if event.type in ABOUT_EVENTS or (event.type in _NEVER_FOLLOWED and not KEY_FIELDS.get(event.type)):
        return (event.type, f"#{event.seq}")
    return (event.type, *key_of(body))


def _speaks_of(
    entry: Entry[Any], entries: Mapping[int, Entry[Any]], queries: Mapping[tuple[SubjectId | None, str], int]
) -> Iterable[int]:
    """The numbers of the events that an entry speaks of; corrections stand with their entry, not here."""
    match entry.body:
        case Signature():
            return entry.body.covers
        case SourceVerification() | Query() | Redaction():
            return (entry.body.target,)
        case RedactionApproval():
            return _targets_of_redaction(entries.get(entry.body.redaction))
        case QueryAnswer() | QueryClosing():
            return _target_of_query(entry.subject, entry.body.number, queries)
        case _:
            return ()


def _targets_of_redaction(asked: Entry[Any] | None) -> tuple[int, ...]:
    return (asked.body.target,) if asked is not None and isinstance(asked.body, Redaction) else ()


def _target_of_query(
    subject: SubjectId | None, number: str, queries: Mapping[tuple[SubjectId | None, str], int]
) -> tuple[int, ...]:
    """The event that query `number` is about: of the same subject, or of any where the answer names none."""
    for (whose, known), target in queries.items():
        if known == number and subject in (whose, None):
            return (target,)
    return ()
