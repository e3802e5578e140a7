"""How a report is laid out before any data exist: sections, and in each the shells of its tables and figures.

A shell says what a table will show and what its columns mean; content is filled in later by the `sections`. A study's
dose levels are known from the protocol, so a level that nobody has received yet has its column too.
"""

from dataclasses import dataclass
from typing import Literal

from celltrial.study import Study

__all__ = ["Column", "FigureShell", "SectionShell", "TableShell", "criteria_of", "list_columns", "number_shells"]

Kind = Literal["text", "short", "count", "id", "source", "verdict"]

# the columns that hold sentences; all others keep to one line
_LONG = frozenset(
    {
        "About",
        "Answer",
        "By",
        "Event",
        "Needed",
        "Not estimable because",
        "Our reading",
        "Phrase",
        "Rationale",
        "Reason",
        "Reasons",
        "State",
        "Value",
        "Value used",
        "What was corrected",
        "Whose",
        "Why",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its heading, what kind of cell it has, and a longer explanation where the heading is short."""

    label: str
    kind: Kind = "text"
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShell:
    """A table without its rows; `notes` state the denominator and how to read it."""

    id: str
    title: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureShell:
    """A figure without its data; `reading` says how to read it."""

    id: str
    title: str
    reading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionShell:
    """A section: the question it answers, and what it will hold, in order."""

    id: str
    title: str
    question: str
    items: tuple[TableShell | FigureShell, ...] = ()


def number_shells(sections: tuple[SectionShell, ...]) -> dict[str, str]:
    """`Table 4` or `Figure 2` for each shell's id, in the order of the report."""
    numbers: dict[str, str] = {}
    counts = {"Table": 0, "Figure": 0}
    for section in sections:
        for item in section.items:
            word = "Table" if isinstance(item, TableShell) else "Figure"
            counts[word] += 1
            numbers[item.id] = f"{word} {counts[word]}"
    return numbers


def criteria_of(study: Study) -> dict[str, str]:
    """The study's criteria by id, in order, in the words of the record."""
    listed: dict[str, str] = {}
    for part in ("inclusion", "exclusion"):
        raw = study.criteria.get(part)
        for each in raw if isinstance(raw, list | tuple) else ():
            listed[str(each["id"])] = str(each.get("says", ""))
    return listed


SOURCE = Column(label="Source", kind="source", title="Sequence numbers of the record's events behind the row")


def list_columns(*labels: str, source: bool = True, ids: int = 1) -> tuple[Column, ...]:
    """Text columns, the first `ids` of them identifiers, and the source column at the end."""
    columns = tuple(
        Column(label=label, kind="id" if index < ids else "text" if label in _LONG else "short")
        for index, label in enumerate(labels)
    )
    return (*columns, SOURCE) if source else columns
