"""The state that events fold to: every standing entry after its corrections, by type and subject.

A state never changes. `advance` gives the next one and shares with it everything but the one list that the event
touches, so that a guard may look at the state before each draft of a long batch.
"""

import dataclasses
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar, cast

from celltrial.codes import SubjectId
from celltrial.errors import Finding, InputError
from celltrial.record.bodies import AdverseEvent, Body, Correction, FormEntry, Signature, StudyOpened
from celltrial.record.canonical import GENESIS
from celltrial.record.corrections import blank_field, correct_body
from celltrial.record.events import Entry, Event
from celltrial.record.registry import parse_body

__all__ = ["EMPTY", "TrialState", "advance", "advance_all", "fold"]

B = TypeVar("B", bound=Body)
T = TypeVar("T")

# type, subject, and the form of a form entry: the list an entry stands in
_Place = tuple[str, SubjectId | None, str]
_Shelf = tuple[Entry[Any], ...]
# a type, of one subject or of all; the types that an answer rests on
_Whole = tuple[str, SubjectId | None]
_Kinds = tuple[str, ...]


class TrialState:
    """What is known of the trial after `length` events, as of the time of the last of them or the time asked for."""

    __slots__ = (
        "_merged",
        "_places",
        "_recalled",
        "_rows",
        "_shelves",
        "_voided",
        "as_of",
        "head",
        "length",
        "subjects",
    )

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
        merged: dict[_Whole, _Shelf],
        rows: dict[_Place, dict[str, list[int]]],
        recalled: dict[_Kinds, dict[Hashable, Any]],
    ) -> None:
        self.as_of = as_of
        self.head = head
        self.length = length
        self.subjects = subjects
        self._shelves = shelves
        # by seq - 1; shared with later states, which only add to it: valid up to `length`
        self._places = places
        self._voided = voided
        # what was asked before, kept from state to state while no entry it speaks of comes or changes
        self._merged = merged
        self._recalled = recalled
        # rows of forms asked for before; later states add to it, so an event there may be no part of this one
        self._rows = rows

    def entries(self, kind: type[B], subject: SubjectId | None = None) -> tuple[Entry[B], ...]:
        """Standing entries of a type in the order they were written; those entered in error are left out."""
        if subject is not None and kind is not FormEntry:
            return self._shelves.get((kind.TYPE, subject, ""), ())
        whole = (kind.TYPE, subject)
        if whole not in self._merged:
            self._merged[whole] = _merge(
                shelf
                for (name, whose, _), shelf in self._shelves.items()
                if name == kind.TYPE and (subject is None or whose == subject)
            )
        return self._merged[whole]

    def all_entries(self) -> tuple[Entry[Any], ...]:
        """Every standing entry, in the order they were written."""
        return _merge(self._shelves.values())

    def lookup(self, kind: type[B], keys: Callable[[B], Iterable[Hashable]]) -> Mapping[Any, tuple[Entry[B], ...]]:
        """The standing entries of a type by each key that `keys` gives for their body, in the order they were written.

        keys: a function of a module, which looks at nothing but the body: its answers are kept for the next asker.
        """

        def find() -> Mapping[Any, tuple[Entry[B], ...]]:
            found: dict[Hashable, list[Entry[B]]] = {}
            for entry in self.entries(kind):
                for key in keys(entry.body):
                    found.setdefault(key, []).append(entry)
            return {key: tuple(entries) for key, entries in found.items()}

        return self.recall((kind.TYPE,), keys, find)

    def recall(self, kinds: tuple[str, ...], question: Hashable, find: Callable[[], T]) -> T:
        """What `find` gives, found once while no entry of these types comes or changes.

        question: names what is asked, with all that the answer rests on beside those entries.
        """
        answers = self._recalled.setdefault(kinds, {})
        if question not in answers:
            answers[question] = find()
        return cast("T", answers[question])

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
        return self.lookup(Signature, _covered).get(seq, ())

    def forms(self, form: str, subject: SubjectId) -> tuple[Entry[FormEntry], ...]:
        """The standing rows of one form of one subject, in the order they were written."""
        return self._shelves.get((FormEntry.TYPE, subject, form), ())

    def rows(self, form: str, subject: SubjectId, row: str) -> tuple[Entry[FormEntry], ...]:
        """Those of the `forms` with that row number."""
        place: _Place = (FormEntry.TYPE, subject, form)
        if place not in self._rows:
            known = self._rows[place] = {}
            for entry in self._shelves.get(place, ()):
                known.setdefault(entry.body.row, []).append(entry.seq)
        seqs = sorted({seq for seq in self._rows[place].get(row, ()) if seq <= self.length})
        found = (self.entry(seq) for seq in seqs if self._places[seq - 1] == place)
        return tuple(entry for entry in found if entry is not None and entry.body.row == row)

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

    def entered_in_error(self, seq: int) -> Entry[Any] | None:
        """The entry that event `seq` made and a correction marked as entered in error; None where there is none."""
        return self._voided.get(seq)

    @property
    def is_simulated(self) -> bool:
        """Whether the record says that its participants are virtual."""
        return any(entry.body.simulated == "yes" for entry in self.entries(StudyOpened))

    @property
    def voided(self) -> tuple[Entry[Any], ...]:
        """The entries marked as entered in error, in the order they were written: no part of the state, never lost."""
        return tuple(self._voided[seq] for seq in sorted(self._voided))


EMPTY = TrialState(
    as_of=None, head=GENESIS, length=0, subjects=(), shelves={}, places=[], voided={}, merged={}, rows={}, recalled={}
)


def fold(events: Iterable[Event]) -> TrialState:
    """The state after these events, which start at the first. Raises InputError for a body that cannot be read."""
    return advance_all(EMPTY, events)


def advance(state: TrialState, event: Event) -> TrialState:
    """The state after one more event. Raises InputError for a body or a correction that cannot be read."""
    return advance_all(state, (event,))


def advance_all(state: TrialState, events: Iterable[Event]) -> TrialState:
    """The state after more events; the given one stays as it is."""
    shelves, voided = dict(state._shelves), dict(state._voided)
    # a list while entries are added, so that a long batch does not copy a shelf for each of them
    open_shelves: dict[_Place, list[Entry[Any]]] = {}
    # the tail of `places` belongs to whoever extends it first; any other branch takes a copy
    is_tail = 0 < len(state._places) == state.length
    places = state._places if is_tail else state._places[: state.length]
    subjects, event, rows = dict.fromkeys(state.subjects), None, dict(state._rows)
    for event in events:
        body = parse_body(event.type, event.version, event.payload)
        place = _place(event, body)
        shelf = open_shelves.get(place)
        if shelf is None:
            shelf = open_shelves[place] = list(shelves.get(place, ()))
        shelf.append(Entry(event=event, body=body))
        places.append(place)
        if isinstance(body, FormEntry) and place in rows:
            rows[place].setdefault(body.row, []).append(event.seq)
        if event.subject is not None:
            subjects[event.subject] = None
        if isinstance(body, Correction):
            _correct(open_shelves, shelves, voided, places, event, body)
            rows.pop(places[body.target - 1], None)
    if event is None:
        return state
    shelves.update((place, tuple(shelf)) for place, shelf in open_shelves.items())
    touched = {name for name, _, _ in open_shelves}
    wholes = {(name, whose) for name, whose, _ in open_shelves} | {(name, None) for name in touched}
    return TrialState(
        as_of=event.recorded_at,
        head=event.hash,
        length=len(places),
        subjects=tuple(subjects),
        shelves=shelves,
        places=places,
        voided=voided,
        merged={whole: shelf for whole, shelf in state._merged.items() if whole not in wholes},
        rows=rows,
        recalled={kinds: answers for kinds, answers in state._recalled.items() if touched.isdisjoint(kinds)},
    )


def _correct(
    open_shelves: dict[_Place, list[Entry[Any]]],
    shelves: Mapping[_Place, _Shelf],
    voided: dict[int, Entry[Any]],
    places: list[_Place],
    event: Event,
    correction: Correction,
) -> None:
    """Put the corrected entry in its place, or take it away where it was entered in error."""
    # the correction itself is the last of `places`
    place = places[correction.target - 1] if 1 <= correction.target < len(places) else None
    shelf = open_shelves[place] if place in open_shelves else list(shelves[place]) if place else []
    found = bisect_left(shelf, correction.target, key=_seq)
    if place is None or found == len(shelf) or shelf[found].seq != correction.target:
        raise InputError(Finding(message="a correction of no standing event", where=f"event {event.seq}"))
    old = shelf[found]
    body = correct_body(old.body, correction)
    for path in event.redacted:
        if path.startswith("replace."):
            body = blank_field(body, path.removeprefix("replace."))
    new = dataclasses.replace(old, body=body, corrections=(*old.corrections, event))
    if correction.entered_in_error == "yes":
        voided[old.seq] = new
        del shelf[found]
    else:
        shelf[found] = new
    open_shelves[place] = shelf


def _merge(shelves: Iterable[_Shelf]) -> _Shelf:
    return tuple(sorted((entry for shelf in shelves for entry in shelf), key=_seq))


def _covered(signature: Signature) -> Iterable[int]:
    return dict.fromkeys(signature.covers)


def _place(event: Event, body: Body) -> _Place:
    return (event.type, event.subject, body.form if isinstance(body, FormEntry) else "")


_seq = cast("Callable[[Entry[Any]], int]", lambda entry: entry.event.seq)
