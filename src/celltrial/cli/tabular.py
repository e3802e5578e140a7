"""CSV files in and out: every row keeps its columns and its place, results are added at the right."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from celltrial.errors import Finding, InputError, Source

__all__ = ["Table", "add_columns", "read_table", "write_rows", "write_whole"]

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file as read: its columns in order, its rows as texts, and the line each row begins on."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    lines: tuple[int, ...]

    def source(self, row: int) -> Source:
        """Where row number `row` (from 0) stands."""
        return Source(file=str(self.path), line=self.lines[row])


def read_table(path: Path, *, required: Sequence[str] = (), adds: Sequence[str] = ()) -> Table:
    """Read a CSV file with a header. Raises InputError with everything that is wrong with it.

    required: columns that must be there. adds: columns the command will add, which the file must not have already.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            Finding(
                message="the file cannot be read",
                source=Source(file=str(path)),
                found=error.strerror or "" if isinstance(error, OSError) else "not UTF-8",
                expected="a CSV file in UTF-8",
                next_step="check the path, or save the file as CSV in UTF-8",
            )
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""))
    columns = tuple(name.strip() for name in next(reader, []))
    findings = _check_header(path, columns, required, adds)
    rows: list[Row] = []
    lines: list[int] = []
    start = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            if len(cells) != len(columns):
                findings.append(_wrong_length(path, start, len(cells), len(columns)))
            rows.append(dict(zip(columns, (cell.strip() for cell in cells), strict=False)))
            lines.append(start)
        start = reader.line_num + 1
    if findings:
        raise InputError(findings)
    return Table(path=path, columns=columns, rows=tuple(rows), lines=tuple(lines))


def add_columns(
    table: Table, out: Path, columns: Sequence[str], derive: Callable[[int, Row], Sequence[object]]
) -> None:
    """Write the table with `columns` added: `derive(row number, row)` gives their values, in order."""
    rows = [[*(row[name] for name in table.columns), *derive(index, row)] for index, row in enumerate(table.rows)]
    write_rows(out, (*table.columns, *columns), rows)


def write_rows(out: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file whole, or leave what was there; None becomes a blank cell. Raises InputError if it cannot."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    write_whole(out, lambda part: part.write_text(buffer.getvalue(), encoding="utf-8"))


def write_whole(out: Path, write: Callable[[Path], object]) -> None:
    """Have `write` fill a file beside `out`, which then takes its place. Raises InputError if it cannot."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = out.with_name(f".{out.name}.part")
        write(part)
        part.replace(out)
    except OSError as error:
        raise InputError(
            Finding(
                message="the result cannot be written",
                source=Source(file=str(out)),
                found=error.strerror or "",
                next_step="choose another place with -o",
            )
        ) from None


def _check_header(path: Path, columns: Sequence[str], required: Sequence[str], adds: Sequence[str]) -> list[Finding]:
    place = Source(file=str(path), line=1)
    if not columns:
        return [Finding(message="the file is empty", source=place, expected=", ".join(required))]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    lacking = [name for name in required if name not in columns]
    taken = [name for name in adds if name in columns]
    findings = []
    if twice:
        findings.append(Finding(message="columns that occur twice", source=place, found=", ".join(twice)))
    if lacking:
        findings.append(
            Finding(
                message="columns are missing",
                source=place,
                found=", ".join(columns),
                expected=", ".join(required),
                next_step=f"add: {', '.join(lacking)}",
            )
        )
    if taken:
        findings.append(
            Finding(
                message="the file has columns of results already; nothing is overwritten",
                source=place,
                found=", ".join(taken),
                next_step="rename or drop these columns",
            )
        )
    return findings


def _wrong_length(path: Path, line: int, found: int, expected: int) -> Finding:
    return Finding(
        message="a row has another number of cells than the header",
        source=Source(file=str(path), line=line),
        found=str(found),
        expected=str(expected),
        next_step="quote cells that contain a comma",
    )
