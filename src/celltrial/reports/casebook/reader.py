"""Reads one participant's entries as cells: the text as it stands, a note for what it was before, marks for the rest.

One reader makes one casebook: it numbers the notes as they are asked for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from celltrial.codes import SubjectId
from celltrial.decisions.review.locks import LockState, lock_state
from celltrial.decisions.review.places import place_of
from celltrial.decisions.review.queries import QueryThread, queries
from celltrial.decisions.review.source_data import FieldVerification, verifications
from celltrial.record import Entry, Event, TrialState
from celltrial.record.bodies import DataLock, FormEntry, Signature
from celltrial.record.chronicle import Chronicle
from celltrial.record.history import Value, values_of
from celltrial.record.opening import WHY
from celltrial.reports.casebook.book import Cell, Style
from celltrial.study import Study

__all__ = ["MARKS", "Reader", "field_label"]

# what stands beside a value or beside the number of an entry
MARKS: Mapping[str, str] = {
    "V": "compared with its source, and as it was then",
    "V!": "compared with its source: the source says otherwise",
    "(V)": "compared with its source, and changed since",
    "Q": "query, open or answered",
    "(Q)": "query, closed",
    "S": "signed",
    "(S)": "signed, and changed since: that signature has fallen",
    "F": "frozen",
    "L": "locked",
    "late": "first written down elsewhere, and later entered here",
}


class Reader:
    """One participant in one state of the record. `chronicle` may be shared by the readers of several participants."""

    def __init__(self, study: Study, chronicle: Chronicle, subject: SubjectId) -> None:
        self.study = study
        self.chronicle = chronicle
        self.subject = subject
        self._notes = 0

    @property
    def state(self) -> TrialState:
        return self.chronicle.state

    def entries(self, kind: str) -> tuple[Entry[Any], ...]:
        """The participant's entries of a type in the order written, those entered in error among them.

        Entries without a subject that speak of the participant's events are there too.
        """
        return self._by_type.get(kind, ())

    def forms(self, form: str, visit: str | None = None) -> tuple[Entry[FormEntry], ...]:
        """The rows of one form (of one visit), by row, those entered in error among them."""
        rows = [
            each for each in self.entries(FormEntry.TYPE) if each.body.form == form and visit in (None, each.body.visit)
        ]
        return tuple(sorted(rows, key=lambda each: (_row_number(each.body.row), each.seq)))

    def is_void(self, entry: Entry[Any]) -> bool:
        """Whether the entry was entered in error."""
        return entry.seq in self.chronicle.voided

    def local(self, moment: datetime) -> str:
        """A moment on the site's clock, to the minute."""
        return f"{moment.astimezone(self.study.site.zone):%Y-%m-%d %H:%M}"

    def who(self, event: Event) -> str:
        """The writer's printed name and role; the account where no name was recorded."""
        author = event.author
        return f"{author.printed_name or author.person}, {author.role.replace('_', ' ')}"

    def cell(self, entry: Entry[Any], path: str, label: str = "") -> tuple[Cell, tuple[str, ...]]:
        """The datum at `path` as it stands, and the notes that explain what it was before."""
        values = self.values(entry).get(path, [])
        marks = self._field_marks(entry, path)
        if not values:
            return Cell(marks=marks), ()
        last = values[-1]
        notes = self._note(values, label or field_label(path)) if len(values) > 1 or last.redacted_by else ()
        style: Style = "void" if self.is_void(entry) else "redacted" if last.redacted_by else "plain"
        numbers = tuple(number for number, _ in notes)
        cell = Cell(text=last.text, notes=numbers, marks=marks, style=style)
        return cell, tuple(text for _, text in notes)

    def source(self, entry: Entry[Any], *, with_author: bool = True) -> tuple[Cell, tuple[str, ...]]:
        """The number of the entry's event, who wrote it when, what holds for the whole of it, and its notes."""
        event = entry.event
        under = f"{self.who(event)}, {self.local(event.recorded_at)}" if with_author else ""
        notes: list[tuple[int, str]] = []
        if event.source_at:
            notes.append(self._number(f"#{event.seq}: first written down {event.source_at}{_via(event)}"))
        elif event.via:
            notes.append(self._number(f"#{event.seq}: from {event.via}"))
        approval = self.chronicle.redacted_by.get((event.seq, WHY))
        if approval is not None:
            notes.append(self._number(f"#{event.seq}: its reason was made unreadable, {self._redaction_of(approval)}"))
        if self.is_void(entry):
            mark = entry.corrections[-1]
            said = f"#{event.seq}: entered in error, says {self.who(mark)}, {self.local(mark.recorded_at)}: {mark.why}"
            notes.append(self._number(f"{said} (#{mark.seq})"))
        cell = Cell(
            text=f"#{event.seq}",
            under=under,
            notes=tuple(number for number, _ in notes),
            marks=self._entry_marks(entry),
            style="mono",
        )
        return cell, tuple(text for _, text in notes)

    def values(self, entry: Entry[Any]) -> dict[str, list[Value]]:
        """Every value of each datum of the entry, without the mark of an entry in error."""
        found = values_of(self.study, self.chronicle, entry)
        return {path: [each for each in values if each.how != "entered in error"] for path, values in found.items()}

    @cached_property
    def threads(self) -> tuple[QueryThread, ...]:
        """The participant's queries with what followed each."""
        return queries(self.state, self.subject)

    @cached_property
    def verified(self) -> tuple[FieldVerification, ...]:
        """Every comparison with a source, field by field."""
        return verifications(self.state, self.subject)

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[Entry[Any], ...]]:
        found: dict[str, list[Entry[Any]]] = {}
        for event in self.chronicle.events_of(self.subject):
            found.setdefault(event.type, []).append(self.chronicle.entries[event.seq])
        return {kind: tuple(entries) for kind, entries in found.items()}

    @cached_property
    def _last_comparison(self) -> Mapping[tuple[int, str], FieldVerification]:
        return {(each.target, each.field): each for each in self.verified}

    def _field_marks(self, entry: Entry[Any], path: str) -> tuple[str, ...]:
        marks = []
        compared = self._last_comparison.get((entry.seq, path))
        if compared is not None:
            marks.append({"stands": "V", "broken": "(V)", "differs": "V!"}[compared.status])
        for thread in self.threads:
            if thread.target == entry.seq and thread.field == path:
                marks.append("(Q)" if thread.is_closed else "Q")
        return tuple(dict.fromkeys(marks))

    def _entry_marks(self, entry: Entry[Any]) -> tuple[str, ...]:
        marks = []
        for each in self.chronicle.spoken_of.get(entry.seq, ()):
            if isinstance(each.body, Signature) and each.seq not in self.chronicle.voided:
                marks.append("S" if self.chronicle.fallen_with(each) is None else "(S)")
        marks += [
            "(Q)" if each.is_closed else "Q" for each in self.threads if each.target == entry.seq and not each.field
        ]
        level = self._lock(entry).level
        if level != "open":
            marks.append("L" if level == "locked" else "F")
        if entry.event.source_at:
            marks.append("late")
        return tuple(dict.fromkeys(marks))

    def _lock(self, entry: Entry[Any]) -> LockState:
        place = place_of(entry.subject, entry.body)
        if place is None or not self.state.entries(DataLock, self.subject):
            return LockState(level="open")
        return lock_state(self.study, self.state, place)

    def _note(self, values: Sequence[Value], label: str) -> tuple[tuple[int, str], ...]:
        """What a datum was, in one note: its first value, each later one with who, when and why."""
        first = values[0]
        parts = [f"first {_quoted(first)} (#{first.event.seq})"]
        for value in values[1:]:
            event = value.event
            told = f"{_quoted(value)} from {self.local(event.recorded_at)}, {self.who(event)}: {event.why}"
            parts.append(f"{told} (#{event.seq})")
        parts += [self._redaction(value) for value in values if value.redacted_by is not None]
        return (self._number(f"{label}: {'; '.join(parts)}"),)

    def _redaction(self, value: Value) -> str:
        assert value.redacted_by is not None
        return f"the text of #{value.event.seq} was made unreadable: {self._redaction_of(value.redacted_by)}"

    def _redaction_of(self, event: Event) -> str:
        """Who asked for a redaction and why, and who approved it (`event`)."""
        asked = self.chronicle.entries[self.chronicle.entries[event.seq].body.redaction].event
        who, when = self.who(event), self.local(event.recorded_at)
        return f"asked for by {self.who(asked)} (#{asked.seq}), {asked.why}; approved by {who}, {when} (#{event.seq})"

    def _number(self, text: str) -> tuple[int, str]:
        self._notes += 1
        return self._notes, f"{self._notes}  {text}"


def field_label(path: str) -> str:
    """The name of a field of an event as people read it.

    >>> field_label("related_product"), field_label("agents.1.drug")
    ('related product', 'agents 1 drug')
    """
    return path.removeprefix("items.").replace("_", " ").replace(".", " ")


def _quoted(value: Value) -> str:
    return f"“{value.text}”" if value.text else "blank"


def _via(event: Event) -> str:
    return f", from {event.via}" if event.via else ""


def _row_number(row: str) -> int:
    return int(row) if row.isdecimal() else 0
