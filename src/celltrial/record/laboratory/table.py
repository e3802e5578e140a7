"""A delimited text file read whole: its encoding, its header, its rows with their line numbers; or refused."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from celltrial.errors import Finding, InputError, Source

__all__ = ["TextTable", "read_table"]

_NOTHING_WRITTEN = "export the file again; nothing was written"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """The rows that hold something, each with the number of the line it starts on; cells by column, as they stand."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]


def read_table(
    name: str, content: bytes, *, encoding: str = "utf-8", delimiter: str = ",", skip_lines: int = 0
) -> TextTable:
    """The table in a file's bytes. Raises InputError, with every row that is not whole, where there is none.

    skip_lines: lines above the header (a title, the time of printing), passed over unread.
    """
    text = _decode(name, content, encoding)
    above, lines = text.splitlines(keepends=True)[:skip_lines], text.splitlines(keepends=True)[skip_lines:]
    reader = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    start = len(above) + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((start, cells))
            start = len(above) + reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            Finding(
                message="the file is not a whole table: it may be cut off or garbled",
                source=Source(file=name, line=start),
                found=str(error),
                expected="rows of cells, quotes closed",
                next_step=_NOTHING_WRITTEN,
            )
        ) from None
    if not found:
        raise InputError(Finding(message="the file is empty", source=Source(file=name)))
    columns = tuple(cell.strip() for cell in found[0][1])
    _require_whole(name, columns, found)
    rows = tuple((number, dict(zip(columns, cells, strict=True))) for number, cells in found[1:])
    return TextTable(name=name, columns=columns, rows=rows)


def _decode(name: str, content: bytes, encoding: str) -> str:
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            Finding(
                message=f"the file is not in {encoding}",
                source=Source(file=name, line=content.count(b"\n", 0, error.start) + 1),
                found=f"byte {error.object[error.start]:#04x}",
                expected=f"text in {encoding}",
                next_step="correct `file.encoding`, or export the file in that encoding; nothing was written",
            )
        ) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise InputError(
            Finding(
                message="the file holds zero bytes: it is cut off or garbled",
                source=Source(file=name, line=line),
                next_step=_NOTHING_WRITTEN,
            )
        )
    return text


def _require_whole(name: str, columns: tuple[str, ...], found: list[tuple[int, list[str]]]) -> None:
    findings = [
        Finding(
            message="a row that does not have as many cells as the header: the file may be cut off or garbled",
            source=Source(file=name, line=number),
            found=f"{len(cells)} cells",
            expected=f"{len(columns)} cells",
            next_step=_NOTHING_WRITTEN,
        )
        for number, cells in found[1:]
        if len(cells) != len(columns)
    ]
    twice = sorted({column for column, times in Counter(columns).items() if times > 1 and column})
    if twice:
        findings.insert(
            0,
            Finding(
                message="a column that stands twice in the header",
                source=Source(file=name, line=found[0][0]),
                found=", ".join(repr(column) for column in twice),
                expected="each column once",
                next_step="export the file with a header that names each column once",
            ),
        )
    if findings:
        raise InputError(findings)
