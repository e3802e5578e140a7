"""Text that fits its place: where a long word may break, and how wide the columns of a printed table are."""

import re
from collections.abc import Iterator, Sequence

from celltrial.reports.casebook.book import Cell, Row, Table

__all__ = ["BREAK", "breakable", "column_shares"]

# a place to break that shows nothing
BREAK = "\u200b"
# a run of signs that no line break parts; Chinese breaks between any two
_RUN = re.compile(r"[!-~\u00a1-\u02ff]+")
_LONGEST_RUN = 20
_PIECE = 10
# what a line of a table holds at the size it is printed in, in signs
_LINE = 150
_GUTTER = 2.2
_LONGEST_WISH = 70
_SHORTEST = 3
# a heading is bold: its signs are wider; and no word fills its column to the edge
_BOLD = 1.15
_ROOM = 1.2


def breakable(text: str) -> str:
    """The text with places to break in runs that are too long for a column; what it says stays the same.

    >>> breakable("prednisone 10 mg") == "prednisone 10 mg", len(breakable("x" * 40))
    (True, 43)
    """
    return _RUN.sub(_pieces, text)


def column_shares(table: Table) -> tuple[float, ...]:
    """The width of each column in signs, so that no word is wider than its column; empty where each has its wish.

    A column asks for its longest text; where the line does not hold them all, each gets its longest word and a share
    of the rest by what it still lacks.
    """
    if any(column.width for column in table.columns):
        return tuple(column.width or 1.0 for column in table.columns)
    words: list[float] = []
    wishes: list[float] = []
    for number, column in enumerate(table.columns):
        texts = [column.label, *(text for row in table.rows for text in _texts(row, number))]
        head = _BOLD * _longest_word(column.label)
        words.append(_ROOM + max(_SHORTEST, head, *(_longest_word(text) for text in texts)))
        wishes.append(_ROOM + max(_SHORTEST, head, *(min(_LONGEST_WISH, _longest_line(text)) for text in texts)))
    room = _LINE - _GUTTER * len(words)
    if sum(wishes) <= room:
        return ()
    rest, lacking = max(0.0, room - sum(words)), sum(wishes) - sum(words)
    return tuple(
        word + (rest * (wish - word) / lacking if lacking else 0) for word, wish in zip(words, wishes, strict=True)
    )


def _texts(row: Row, number: int) -> Iterator[str]:
    if row.kind in ("group", "detail") or number >= len(row.cells):
        return
    cell = row.cells[number]
    yield from (_beside(cell), cell.under)
    yield from (f"{name} {text}" for name, text in cell.pairs)


def _beside(cell: Cell) -> str:
    """The text with what is printed beside it."""
    return " ".join((cell.text, *cell.marks)) + "".join(str(note) for note in cell.notes)


def _longest_word(text: str) -> int:
    return max((min(_LONGEST_RUN, len(run)) for run in _RUN.findall(text)), default=0)


def _longest_line(text: str) -> int:
    return max((_width(line) for line in text.split("\n")), default=0)


def _width(line: str) -> int:
    """In signs of Latin text; a Chinese sign is as wide as two."""
    return sum(2 if "\u2e80" <= sign <= "\uffef" else 1 for sign in line)


def _pieces(match: "re.Match[str]") -> str:
    run = match.group()
    if len(run) <= _LONGEST_RUN:
        return run
    parts: Sequence[str] = [run[start : start + _PIECE] for start in range(0, len(run), _PIECE)]
    return BREAK.join(parts)
