"""A casebook before it is a page: sections of texts, facts and tables; the HTML and the PDF print the same one.

Everything is a text already. Marks and note numbers stand beside a text, never in it, so that what was typed can be
told from what the program adds.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Block",
    "Book",
    "Cell",
    "Column",
    "Facts",
    "Identity",
    "Paragraph",
    "Row",
    "RowKind",
    "Section",
    "Style",
    "Table",
    "plain_rows",
    "to_document",
]

# plain: as typed; quiet: said by the program, in grey; mono: numbers of events and hashes; void: entered in error
Style = Literal["plain", "quiet", "mono", "void", "strong", "bad", "redacted"]
RowKind = Literal["plain", "group", "detail", "void"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A text with what stands beside it: note numbers, marks, and a second line that the program adds.

    pairs: names with their texts, printed in a run instead of `text`.
    """

    text: str = ""
    notes: tuple[int, ...] = ()
    marks: tuple[str, ...] = ()
    under: str = ""
    style: Style = "plain"
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table; a `group` or `detail` row has one cell that spans the table."""

    cells: tuple[Cell, ...]
    kind: RowKind = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. width: its share of the page in print; 0 in every column leaves it to the texts."""

    label: str
    width: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; `notes` stand under it; `empty` is said where there is no row."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    title: str = ""
    says: str = ""
    notes: tuple[str, ...] = ()
    empty: str = "None recorded."
    kind: str = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One entry as label and value, in `columns` pairs a line."""

    pairs: tuple[tuple[str, Cell], ...]
    title: str = ""
    says: str = ""
    notes: tuple[str, ...] = ()
    columns: int = 2
    is_void: bool = False
    kind: str = "facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A sentence of the program."""

    text: str
    kind: str = "paragraph"


Block = Table | Facts | Paragraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section; level 2 stands within the level 1 before it."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    says: str = ""
    level: int = 1
    starts_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What every page says of itself, and the facts of the front page. `subject` is blank for a blank casebook."""

    study: str
    title: str
    kind: str
    subject: str
    status: str
    simulated: bool
    head: str
    version: str
    facts: tuple[tuple[str, str], ...]
    signatories: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A whole casebook."""

    identity: Identity
    sections: tuple[Section, ...]


def to_document(book: Book) -> dict[str, object]:
    """The book as plain lists, mappings, texts and numbers, which is all that a template reads."""
    return dataclasses.asdict(book)


def plain_rows(rows: Sequence[Sequence[Cell | str]]) -> tuple[Row, ...]:
    """Rows of cells; a text becomes a plain cell."""
    return tuple(
        Row(cells=tuple(Cell(text=each) if isinstance(each, str) else each for each in cells)) for cells in rows
    )
