"""The audit trail: one line for each field of each event, first entries and changes alike, old value beside new.

Every field of every payload has its line, once, whether it was ever changed or not: the number of lines is the number
of fields, so that an export can be counted against the record. What was made unreadable has its line too, and names
the event that approved it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celltrial.codes import SubjectId
from celltrial.record.bodies import Correction
from celltrial.record.chronicle import Chronicle, Place, place_of
from celltrial.record.events import Entry, Event
from celltrial.record.fields import list_fields
from celltrial.record.opening import WHY

__all__ = ["Trail", "TrailLine", "list_trail"]

_REPLACE = "replace."


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailLine:
    """One field of one event.

    number: of the line within its event, from 1. action: `first entry`, `follow-up` (the same subject, type and key
    again), `correction`, `entered in error`. entry: the event that made the entry which the field belongs to; its own
    but in a correction. place: where that entry stands. path: the field as it is stored in this event. field: the
    field of the entry that is meant. old: what it said before, blank where it said nothing. redacted_by,
    why_redacted_by: the approval that made the text, or the reason, unreadable.
    """

    event: Event
    number: int
    action: str
    entry: int
    entry_type: str
    place: Place
    path: str
    field: str
    old: str
    new: str
    redacted_by: int | None = None
    why_redacted_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """The trail of a participant, or of the whole record.

    about: of `events`, those that name no subject or another one and are here because they speak of the
    participant's events (a signature over several people's data).
    """

    subject: SubjectId | None
    events: tuple[Event, ...]
    lines: tuple[TrailLine, ...]
    about: tuple[int, ...]

    def recorded_from(self, moment: datetime) -> "Trail":
        """Only what was recorded at that moment or later; what it changed still shows what was before."""
        events = tuple(event for event in self.events if event.recorded_at >= moment)
        kept = frozenset(event.seq for event in events)
        lines = tuple(line for line in self.lines if line.event.seq in kept)
        return Trail(
            subject=self.subject, events=events, lines=lines, about=tuple(seq for seq in self.about if seq in kept)
        )


def list_trail(chronicle: Chronicle, subject: SubjectId | None = None) -> Trail:
    """The trail of the record as of its state; of one participant where one is named."""
    events = chronicle.events if subject is None else chronicle.events_of(subject)
    about = () if subject is None else tuple(event.seq for event in events if event.subject != subject)
    return Trail(subject=subject, events=events, lines=tuple(_lines(chronicle, events)), about=about)


def _lines(chronicle: Chronicle, events: Iterable[Event]) -> Iterator[TrailLine]:
    for event in events:
        entry = chronicle.entries[event.seq]
        if isinstance(entry.body, Correction):
            yield from _lines_of_correction(chronicle, entry)
        else:
            yield from _lines_of_entry(chronicle, entry)


def _lines_of_entry(chronicle: Chronicle, entry: Entry[Any]) -> Iterator[TrailLine]:
    event, previous = entry.event, chronicle.previous(entry)
    said = {} if previous is None else _said(previous, entry.seq)
    place = place_of(event, chronicle.steps(entry)[0].body)
    for number, field in enumerate(list_fields(event), start=1):
        yield TrailLine(
            event=event,
            number=number,
            action="first entry" if previous is None else "follow-up",
            entry=entry.seq,
            entry_type=event.type,
            place=place,
            path=field.path,
            field=field.path,
            old=said.get(field.path, ""),
            new=field.text,
            redacted_by=_approval(chronicle, event, field.path) if field.is_redacted else None,
            why_redacted_by=_approval(chronicle, event, WHY),
        )


def _lines_of_correction(chronicle: Chronicle, correction: Entry[Any]) -> Iterator[TrailLine]:
    """A new value, and the mark of an entry in error, are lines of the corrected entry; the rest is the event's own."""
    event, target = correction.event, chronicle.entries[correction.body.target]
    step = next(step for step in chronicle.steps(target) if step.event.seq == event.seq)
    said = _said(target, event.seq) | {"entered_in_error": "no"}
    for number, field in enumerate(list_fields(event), start=1):
        is_new_value = field.path.startswith(_REPLACE)
        is_of_target = is_new_value or (step.is_void and field.path == "entered_in_error")
        entry, name = (target, field.path.removeprefix(_REPLACE)) if is_of_target else (correction, field.path)
        yield TrailLine(
            event=event,
            number=number,
            action="correction" if is_new_value else "entered in error" if is_of_target else "first entry",
            entry=entry.seq,
            entry_type=entry.event.type,
            place=place_of(target.event, step.body) if is_of_target else place_of(event, correction.body),
            path=field.path,
            field=name,
            old=said.get(name, "") if is_of_target else "",
            new=field.text,
            redacted_by=_approval(chronicle, event, field.path) if field.is_redacted else None,
            why_redacted_by=_approval(chronicle, event, WHY),
        )


def _approval(chronicle: Chronicle, event: Event, path: str) -> int | None:
    approval = chronicle.redacted_by.get((event.seq, path))
    return approval.seq if approval else None


def _said(entry: Entry[Any], before: int) -> dict[str, str]:
    """What each field of an entry said just before event `before`."""
    said = {field.path: field.text for field in list_fields(entry.event)}
    for event in entry.corrections:
        if event.seq < before:
            fields = list_fields(event)
            said |= {each.path.removeprefix(_REPLACE): each.text for each in fields if each.path.startswith(_REPLACE)}
    return said
