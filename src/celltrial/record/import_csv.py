"""A CSV file read as form entries: comma, tab or semicolon; every row whole, or the file is refused."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from celltrial.codes import ItemId
from celltrial.errors import Finding, InputError, Source
from celltrial.record.asked import Asked
from celltrial.record.bodies import FormEntry
from celltrial.study.model import Study

__all__ = ["parse_csv"]

_DELIMITERS = ",\t;"
_PLACES = ("subject", "form", "visit", "row", "source_at")


def parse_csv(name: str, text: str, study: Study) -> tuple[list[Asked], list[Finding]]:
    """The rows of a CSV text, and a finding for each column that no form of the file has.

    Columns: `subject`; optional `form` (else the file's name says it), `visit`, `row`, `source_at` (when it was first
    written down elsewhere); the others are items. A blank cell is a missing item; blank lines are passed over. Raises
    InputError for a file that is not a whole table.
    """
    lines = list(_read(name, text))
    if not lines:
        raise InputError(Finding(message="the file is empty", source=Source(file=name)))
    header = [cell.strip() for cell in lines[0][1]]
    _require_table(name, header, lines)
    stem = PurePath(name).stem
    rows = [(number, dict(zip(header, cells, strict=True))) for number, cells in lines[1:]]
    used = {_form_of(cells, stem) for _, cells in rows} or {stem}
    known = {item.id for form in study.forms if form.id in used for item in form.items}
    # where the form itself is unknown, its columns are not judged one by one
    strange = [column for column in header if known and column not in known and column not in _PLACES]
    asked = [_ask(name, number, cells, stem, leave_out=strange) for number, cells in rows]
    return asked, [_unknown_column(name, column, used, known) for column in strange]


def _read(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold something, each with the number of the line it starts on."""
    first = text.splitlines()[0] if text else ""
    delimiter = next((each for each in _DELIMITERS if "subject" in _cells(first, each)), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            Finding(
                message="the file is not a whole table: it may be cut off or garbled",
                source=Source(file=name, line=start),
                found=str(error),
                expected="rows of cells, quotes closed",
                next_step="export the file again; nothing was written",
            )
        ) from None


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(delimiter)]


def _require_table(name: str, header: list[str], lines: list[tuple[int, list[str]]]) -> None:
    findings = [
        Finding(
            message="a row that does not have as many cells as the header: the file may be cut off or garbled",
            source=Source(file=name, line=number),
            found=f"{len(cells)} cells",
            expected=f"{len(header)} cells",
            next_step="export the file again; nothing was written",
        )
        for number, cells in lines[1:]
        if len(cells) != len(header)
    ]
    twice = [column for column, times in Counter(header).items() if times > 1 or not column]
    if "subject" not in header or twice:
        findings.insert(
            0,
            Finding(
                message="the header is not one to import",
                source=Source(file=name, line=1),
                found=", ".join(repr(column) for column in header),
                expected="a column 'subject', and each column named, once",
                next_step="give the file a header line with the item ids of the form",
            ),
        )
    if findings:
        raise InputError(findings)


def _form_of(cells: dict[str, str], stem: str) -> str:
    return cells.get("form", "").strip() or stem


def _ask(name: str, line: int, cells: dict[str, str], stem: str, *, leave_out: Sequence[str]) -> Asked:
    form = _form_of(cells, stem)
    no_items = (*_PLACES, *leave_out)
    items = {column: cell for column, cell in cells.items() if column not in no_items and cell.strip()}
    subject = cells["subject"].strip()
    return Asked(
        source=Source(file=name, line=line),
        where="/".join(part for part in (subject, form) if part),
        kind=FormEntry.TYPE,
        subject=subject,
        source_at=cells.get("source_at", "").strip(),
        payload={
            "form": form,
            "items": items,
            "visit": cells.get("visit", "").strip(),
            "row": cells.get("row", "").strip(),
        },
    )


def _unknown_column(name: str, column: str, used: set[str], known: set[ItemId]) -> Finding:
    """A column that none of the file's forms has; one of another form in a mixed file is found at its row."""
    return Finding(
        message="a column that is no item of the form",
        source=Source(file=name, line=1),
        where=f"column {column!r}",
        found=repr(column),
        expected=f"{', '.join(_PLACES)} or an item of {', '.join(sorted(used))}: {', '.join(sorted(known))}",
        rule="forms.yaml",
        next_step="correct the column's name, or take the column out",
    )
