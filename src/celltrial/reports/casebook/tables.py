"""Tables and facts of entries: every field of every entry, notes under them, and what is blank said once."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from celltrial.record import Entry
from celltrial.record.fields import list_fields
from celltrial.reports.casebook.book import Cell, Column, Facts, Row, RowKind, Style, Table
from celltrial.reports.casebook.reader import Reader, field_label

__all__ = ["Computed", "Shown", "entry_facts", "entry_table", "fields_written"]

Computed = Callable[[Entry[Any]], Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A field as a column: its label, its path in the body, and the share of the page that it needs in print."""

    label: str
    path: str
    width: float = 0


def fields_written(entries: Sequence[Entry[Any]], labels: Mapping[str, str] | None = None) -> tuple[Shown, ...]:
    """Every field that any of the entries was given, in the order of its type; `labels` by path."""
    known = labels or {}
    order = {field.name: number for entry in entries for number, field in enumerate(dataclasses.fields(entry.body))}
    given = dict.fromkeys(path for entry in entries for path in _paths(entry))
    paths = sorted(given, key=lambda path: order.get(path.partition(".")[0], len(order)))
    ordered = [*(path for path in known if path in paths), *(path for path in paths if path not in known)]
    return tuple(Shown(label=known.get(path, field_label(path)), path=path) for path in ordered)


def entry_table(
    reader: Reader,
    entries: Sequence[Entry[Any]],
    shown: Sequence[Shown],
    *,
    title: str = "",
    says: str = "",
    computed: Sequence[tuple[str, Computed]] = (),
    detail: Sequence[Shown] = (),
    empty: str = "None recorded.",
) -> Table:
    """One row an entry: the fields shown, what is computed from it, and the event behind it.

    detail: fields that stand in a second line under the row, for which the page has no column. A column that is blank
    in every row is left out, and named under the table.
    """
    authors = Counter(_written(reader, entry) for entry in entries)
    shared = next(iter(authors)) if len(authors) == 1 and len(entries) > 1 else ""
    filled = [field for field in shown if any(_is_filled(reader, entry, field.path) for entry in entries)]
    blank = [field.label for field in shown if field not in filled]
    rows: list[Row] = []
    notes: list[str] = []
    for entry in entries:
        cells, own = _cells(reader, entry, filled)
        source, more = reader.source(entry, with_author=not shared)
        kind: RowKind = "void" if reader.is_void(entry) else "plain"
        rows.append(Row(cells=(*cells, *(compute(entry) for _, compute in computed), source), kind=kind))
        notes += [*own, *more]
        if detail:
            line, others = _detail(reader, entry, detail)
            rows.append(Row(cells=(line,), kind="detail"))
            notes += others
    if blank and entries:
        notes.append(f"Blank in every row: {', '.join(blank)}.")
    columns = [Column(label=field.label, width=field.width) for field in filled]
    columns += [Column(label=label) for label, _ in computed]
    told = f"{says} Entered by {shared}.".strip() if shared else says
    return Table(
        columns=(*columns, Column(label="Event")),
        rows=tuple(rows),
        title=title,
        says=told,
        notes=tuple(notes),
        empty=empty,
    )


def entry_facts(
    reader: Reader, entry: Entry[Any], shown: Sequence[Shown], *, title: str, says: str = "", columns: int = 2
) -> Facts:
    """One entry as labels and values, its event in the line under the title."""
    cells, notes = _cells(reader, entry, shown)
    source, more = reader.source(entry)
    pairs = tuple((field.label, cell) for field, cell in zip(shown, cells, strict=True))
    return Facts(
        pairs=(*pairs, ("event", source)),
        title=title,
        says=says,
        notes=(*notes, *more),
        columns=columns,
        is_void=reader.is_void(entry),
    )


def _cells(reader: Reader, entry: Entry[Any], shown: Sequence[Shown]) -> tuple[list[Cell], list[str]]:
    cells: list[Cell] = []
    notes: list[str] = []
    for field in shown:
        cell, own = reader.cell(entry, field.path, field.label)
        cells.append(cell)
        notes += own
    return cells, notes


def _detail(reader: Reader, entry: Entry[Any], shown: Sequence[Shown]) -> tuple[Cell, list[str]]:
    cells, notes = _cells(reader, entry, shown)
    told = [f"{field.label}: {cell.text or 'blank'}" for field, cell in zip(shown, cells, strict=True)]
    numbers = tuple(number for cell in cells for number in cell.notes)
    marks = tuple(dict.fromkeys(mark for cell in cells for mark in cell.marks))
    style: Style = "void" if reader.is_void(entry) else "quiet"
    return Cell(text=" · ".join(told), notes=numbers, marks=marks, style=style), notes


def _paths(entry: Entry[Any]) -> Sequence[str]:
    own = [field.path for field in list_fields(entry.event)]
    replaced = [field.path for event in entry.corrections for field in list_fields(event)]
    return [*own, *(path.removeprefix("replace.") for path in replaced if path.startswith("replace."))]


def _is_filled(reader: Reader, entry: Entry[Any], path: str) -> bool:
    """Whether the field has, or ever had, a text, or a mark."""
    cell = reader.values(entry).get(path, ())
    return any(value.text for value in cell)


def _written(reader: Reader, entry: Entry[Any]) -> str:
    return f"{reader.who(entry.event)}, {reader.local(entry.event.recorded_at)}"
