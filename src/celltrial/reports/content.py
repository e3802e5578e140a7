"""What fills the shells: cells, rows, sentences, tiles. Plain values; the templates make them HTML."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from celltrial.analyses import ResultRow
from celltrial.reports.figures.theme import Spec

__all__ = ["Cell", "Content", "Row", "Tile", "result_cell", "source_cell"]

_SHOWN_SEQS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell: its text, a second, quieter line, an explanation on hover, and a mark that the style sheet knows."""

    text: str
    note: str = ""
    title: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row; `kind` is "" or "group" (a heading over the rows that follow) or "strong"."""

    cells: tuple[Cell, ...]
    kind: str = ""

    @classmethod
    def of(cls, *cells: Cell | str, kind: str = "") -> "Row":
        """A row of cells; a text becomes a plain cell."""
        return cls(cells=tuple(Cell(text=each) if isinstance(each, str) else each for each in cells), kind=kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A headline number: label, value, what it means, and whether it needs attention ("", "watch", "good")."""

    label: str
    value: str
    detail: str
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a section says, and the rows and charts of its shells by id. An absent chart means nothing to draw."""

    paragraphs: Sequence[str] = ()
    tiles: Sequence[Tile] = ()
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    figures: Mapping[str, Spec] = field(default_factory=dict)
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)


def source_cell(seqs: Iterable[int]) -> Cell:
    """The events behind a row: the first few, all of them on hover.

    >>> source_cell([4, 9]).text
    '#4 #9'
    """
    all_seqs = sorted(set(seqs))
    shown = " ".join(f"#{each}" for each in all_seqs[:_SHOWN_SEQS])
    rest = len(all_seqs) - _SHOWN_SEQS
    text = f"{shown} +{rest}" if rest > 0 else shown
    return Cell(text=text, title=" ".join(f"#{each}" for each in all_seqs) if rest > 0 else "")


def result_cell(row: ResultRow, *, extra: str = "") -> Cell:
    """A result as a cell: its text, and on hover the participants and the events that it counts."""
    parts = []
    if row.subjects:
        parts.append("participants " + ", ".join(row.subjects))
    if row.source:
        parts.append("events " + " ".join(f"#{each}" for each in row.source))
    mark = "zero" if row.n == 0 and row.statistic != "upper bound" else ""
    return Cell(text=row.text + extra, title="; ".join(parts), mark=mark)
