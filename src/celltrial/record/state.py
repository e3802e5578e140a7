"""The state that events fold to: every standing entry after its corrections, by type and subject.

A state never changes. `advance` gives the next one and shares with it everything but the one list that the event
touches, so that a guard may look at the state before each draft of a long batch.
"""

import dataclasses
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar, cast

from celltrial.codes import SubjectId
from celltrial.errors import Finding, InputError
from celltrial.record.bodies import AdverseEvent, Body, Correction, FormEntry, Signature
from celltrial.record.canonical import GENESIS
from celltrial.record.corrections import correct_body
from celltrial.record.events import Entry, Event
from celltrial.record.registry import parse_body

__all__ = ["EMPTY", "TrialState", "advance", "advance_all", "fold"]

B = TypeVar("B", bound=Body)

# type, subject, and the form of a form entry: the list an entry stands in
_Place = tuple[str, SubjectId | None, str]
_Shelf = tuple[Entry[Any], ...]


class TrialState:
    """What is known of the trial after `length` events, as of the time of the last of them or the time asked for."""

    __slots__ = ("_places", "_shelves", "_voided", "as_of", "head", "length", "subjects")

    def __init__(
        self,
        *,
        as_of: datetime | None,
        head: str,
        length: int,
        subjects: tuple[SubjectId, ...],
        shelves: Mapping[_Place, _Shelf],
        places: list[_Place],
        voided: Mapping[int, Entry[Any]],
    ) -> None:
        self.as_of = as_of
        self.head = head
        self.length = length
        self.subjects = subjects
        self._shelves = shelves
        # by seq - 1; shared with later states, which only add to it: valid up to `length`
        self._places = places
        self._voided = voided

    def entries(self, kind: type[B], subject: SubjectId | None = None) -> tuple[Entry[B], ...]:
        """Standing entries of a type in the order they were written; those entered in error are left out."""
        if subject is not None and kind is not FormEntry:
            return self._shelves.get((kind.TYPE, subject, ""), ())
        return self._merge(
            shelf
            for (name, whose, _), shelf in self._shelves.items()
            if name == kind.TYPE and (subject is None or whose == subject)
        )

    def all_entries(self) -> tuple[Entry[Any], ...]:
        """Every standing entry, in the order they were written."""
        return self._merge(self._shelves.values())

    def latest(self, kind: type[B], subject: SubjectId) -> Entry[B] | None:
        """The last standing entry of a type, or None."""
        found = self.entries(kind, subject)
        return found[-1] if found else None

    def entry(self, seq: int) -> Entry[Any] | None:
        """The standing entry that event `seq` made; None where there is none or it was entered in error."""
        if not 1 <= seq <= self.length:
            return None
        shelf = self._shelves[self._places[seq - 1]]
        found = bisect_left(shelf, seq, key=_seq)
        return shelf[found] if found < len(shelf) and shelf[found].seq == seq else None

    def signatures_of(self, seq: int) -> tuple[Entry[Signature], ...]:
        """The standing signatures that cover event `seq`."""
        return tuple(entry for entry in self.entries(Signature) if seq in entry.body.covers)

    def forms(self, form: str, subject: SubjectId) -> tuple[Entry[FormEntry], ...]:
        """The standing rows of one form of one subject, in the order they were written."""
        return self._shelves.get((FormEntry.TYPE, subject, form), ())

    def adverse_events(self, subject: SubjectId) -> tuple[Entry[AdverseEvent], ...]:
        """The latest report of each adverse event, in the order their numbers first appeared."""
        return tuple({entry.body.number: entry for entry in self.entries(AdverseEvent, subject)}.values())

    def seen_at(self, as_of: datetime) -> "TrialState":
        """The same state, named by the time that was asked for."""
        names = [name for name in self.__slots__ if name != "as_of"]
        twin = TrialState.__new__(TrialState)
        for name in names:
            setattr(twin, name, getattr(self, name))
        twin.as_of = as_of
        return twin

    @property
    def voided(self) -> tuple[Entry[Any], ...]:
        """The entries marked as entered in error, in the order they were written: no part of the state, never lost."""
        return tuple(self._voided[seq] for seq in sorted(self._voided))

    def _merge(self, shelves: Iterable[_Shelf]) -> _Shelf:
        return tuple(sorted((entry for shelf in shelves for entry in shelf), key=_seq))


EMPTY = TrialState(as_of=None, head=GENESIS, length=0, subjects=(), shelves={}, places=[], voided={})


def fold(events: Iterable[Event]) -> TrialState:
    """The state after these events, which start at the first. Raises InputError for a body that cannot be read."""
    return advance_all(EMPTY, events)


def advance(state: TrialState, event: Event) -> TrialState:
    """The state after one more event. Raises InputError for a body or a correction that cannot be read."""
    return advance_all(state, (event,))


def advance_all(state: TrialState, events: Iterable[Event]) -> TrialState:
    """The state after more events; the given one stays as it is."""
    shelves, voided = dict(state._shelves), dict(state._voided)
    # the tail of `places` belongs to whoever extends it first; any other branch takes a copy
    is_tail = 0 < len(state._places) == state.length
    places = state._places if is_tail else state._places[: state.length]
    subjects, event = dict.fromkeys(state.subjects), None
    for event in events:
        body = parse_body(event.type, event.version, event.payload)
        place = _place(event, body)
        shelves[place] = (*shelves.get(place, ()), Entry(event=event, body=body))
        places.append(place)
        if event.subject is not None:
            subjects[event.subject] = None
        if isinstance(body, Correction):
            _correct(shelves, voided, places, event, body)
    if event is None:
        return state
    return TrialState(
        as_of=event.recorded_at,
        head=event.hash,
        length=len(places),
        subjects=tuple(subjects),
        shelves=shelves,
        places=places,
        voided=voided,
    )


def _correct(
    shelves: dict[_Place, _Shelf],
    voided: dict[int, Entry[Any]],
    places: list[_Place],
    event: Event,
    correction: Correction,
) -> None:
    """Put the corrected entry in its place, or take it away where it was entered in error."""
    # the correction itself is the last of `places`
    place = places[correction.target - 1] if 1 <= correction.target < len(places) else None
    shelf = shelves[place] if place else ()
    found = bisect_left(shelf, correction.target, key=_seq)
    if place is None or found == len(shelf) or shelf[found].seq != correction.target:
        raise InputError(Finding(message="a correction of no standing event", where=f"event {event.seq}"))
    old = shelf[found]
    new = dataclasses.replace(old, body=correct_body(old.body, correction), corrections=(*old.corrections, event))
    if correction.entered_in_error == "yes":
        voided[old.seq] = new
        shelves[place] = (*shelf[:found], *shelf[found + 1 :])
    else:
        shelves[place] = (*shelf[:found], new, *shelf[found + 1 :])


def _place(event: Event, body: Body) -> _Place:
    return (event.type, event.subject, body.form if isinstance(body, FormEntry) else "")


_seq = cast("Callable[[Entry[Any]], int]", lambda entry: entry.event.seq)
