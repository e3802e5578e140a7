"""`celltrial grade ctcae` on a large file: read, graded and written in columns, with the same bytes as row by row.

Only a file that is wholly regular goes this way. Whatever is not (a row with too few cells, a stray quote, a word that
no rule knows, a line that ends in a carriage return alone) is left to the way by rows, which can say what is wrong.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from celltrial.cli.console import Progress
from celltrial.cli.grading.rows import ADDED
from celltrial.cli.tabular import write_whole
from celltrial.missing import NotGradable
from celltrial.safety.ctcae.columns import FLAG_CODES
from celltrial.safety.ctcae.frame import grade_frame
from celltrial.safety.ctcae.labs import LabGrades
from celltrial.safety.ctcae.table import CIRCUMSTANCES

__all__ = ["grade_large"]

_TEXTS = ("term", "direction", "unit", "baseline_flag")
_UPPER = ("direction", "baseline_flag")
_NUMBERS = ("value", "lln", "uln", "baseline", "percent_change", "mi_limit")
_ANSWERS = {None, "yes", "no", "unknown"}
# what Python takes for white space and other readers do not, and what no CSV file has
_STRANGE = [bytes([each]) for each in (0x00, 0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x1F)]
_COMMA, _NEWLINE, _QUOTE = b',\n"'
_BOM = b"\xef\xbb\xbf"
# a number of that many characters has at most 15 digits, and so is itself as a float
_EXACT = 15

Row = Mapping[str, str]
GradeRow = Callable[[Row], "tuple[int, str] | NotGradable"]


def grade_large(file: Path, out: Path, version: str, mode: Any, grade_row: GradeRow, progress: Progress) -> bool:
    """Grade the file in columns; False, with nothing written, where it has to go row by row.

    grade_row: grades a row whose numbers are not plain (`1e3`, `<5`, more than 15 digits).
    """
    progress(0.0, f"reading {file.name}")
    frame = _read(file)
    if frame is None:
        return False
    progress(0.3, f"grading {frame.height:,} rows")
    columns = _columns(frame)
    if columns is None:
        return False
    texts, numbers, told, odd = columns
    graded = grade_frame(
        texts, numbers, told, version=version, mode=mode, progress=lambda share: progress(0.3 + 0.4 * share, "grading")
    )
    grades, reasons = _by_row(graded, frame, odd, grade_row)
    progress(0.8, f"writing {out.name}")
    result = frame.with_columns(grade=grades, reason=reasons)
    write_whole(out, lambda part: _write(result, part))
    progress(1.0, "done")
    return True


def _read(file: Path) -> pl.DataFrame | None:
    """The cells as texts, stripped, null where blank, in rows that are not; None where the file is not regular."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    plain = _plain(data.removeprefix(_BOM))
    if plain is None:
        return None
    header, _, body = plain.partition(b"\n")
    if header.count(b'"') % 2:
        return None
    names = _names(header)
    rows = _count_rows(body, len(names))
    if not rows or not {"term", "direction", "value", "unit"} <= set(names) or len(set(names)) < len(names):
        return None
    if set(ADDED) & set(names):
        return None
    try:
        frame = pl.read_csv(body, has_header=False, new_columns=names, infer_schema=False)
    except pl.exceptions.PolarsError:
        return None
    if frame.height != rows or frame.width != len(names):
        return None
    if _may_be_padded(body):
        stripped = pl.all().str.strip_chars()
        frame = frame.with_columns(pl.when(stripped != "").then(stripped))
    return frame.filter(pl.any_horizontal(pl.all().is_not_null()))


def _may_be_padded(body: bytes) -> bool:
    """Whether a cell may begin or end with white space, or be a blank in quotes."""
    if b'"' in body or b"\t" in body or not body.isascii():
        return True
    return b" " in body and (body.startswith(b" ") or any(each in body for each in (b" ,", b", ", b" \n", b"\n ")))


def _plain(data: bytes) -> bytes | None:
    """The file with one kind of line end and none at the end but one; None where cells and lines are not clear."""
    if any(each in data for each in _STRANGE) or data.startswith((b"\n", b"\r")):
        return None
    quotes = data.count(b'"')
    if b"\r" in data:
        if data.count(b"\r") != data.count(b"\r\n") or quotes:
            return None
        data = data.replace(b"\r\n", b"\n")
    if not quotes and b"\n\n" in data:
        data = re.sub(rb"\n{2,}", b"\n", data)
    data = data.rstrip(b"\n") + b"\n"
    return data if not quotes or _are_quotes_regular(np.frombuffer(data, np.uint8)) else None


def _are_quotes_regular(data: npt.NDArray[np.uint8]) -> bool:
    """Whether each quote opens a cell at its start, closes it at its end, or stands twice within one."""
    places = np.flatnonzero(data == _QUOTE)
    if len(places) % 2 or data[-1] == _QUOTE:
        return False
    opening, closing = places[::2], places[1::2]
    before = np.where(opening == 0, _NEWLINE, data[opening - 1])
    after = data[closing + 1]
    opens = (before == _COMMA) | (before == _NEWLINE) | (before == _QUOTE)
    closes = (after == _COMMA) | (after == _NEWLINE) | (after == _QUOTE)
    return bool(opens.all() and closes.all())


def _names(header: bytes) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([header.decode("utf-8")]), [])]
    except UnicodeDecodeError:
        return []


def _count_rows(body: bytes, width: int) -> int:
    """How many rows there are; 0 where one has another number of cells than the header."""
    data = np.frombuffer(body, np.uint8)
    places = np.flatnonzero((data == _COMMA) | (data == _NEWLINE))
    if b'"' in body:
        inside = np.searchsorted(np.flatnonzero(data == _QUOTE), places) % 2 == 1
        places = places[~inside]
    ends = np.flatnonzero(data[places] == _NEWLINE)
    is_even = len(ends) > 0 and ends[0] == width - 1 and bool((np.diff(ends) == width).all())
    return len(ends) if is_even else 0


def _columns(
    frame: pl.DataFrame,
) -> tuple[dict[str, Any], dict[str, Any], dict[Any, Any], npt.NDArray[np.intp]] | None:
    """Texts, numbers and circumstances, and the rows whose numbers are not plain; None where a word is not known."""
    texts = {name: _upper(frame[name]) if name in _UPPER else frame[name] for name in _TEXTS if name in frame.columns}
    told = {name: frame[name] for name in CIRCUMSTANCES if name in frame.columns}
    flags = set(texts["baseline_flag"].unique()) if "baseline_flag" in texts else set()
    if flags - {None, *FLAG_CODES} or any(set(column.unique()) - _ANSWERS for column in told.values()):
        return None
    odd = np.zeros(frame.height, np.bool_)
    numbers: dict[str, Any] = {}
    for name in _NUMBERS:
        if name in frame.columns:
            numbers[name], is_odd = _read_numbers(frame[name])
            odd |= is_odd
    return texts, numbers, told, np.flatnonzero(odd)


def _upper(column: pl.Series) -> pl.Series:
    words = column.unique().drop_nulls().to_list()
    return column.replace(words, [word.upper() for word in words])


def _read_numbers(column: pl.Series) -> tuple[pl.Series, npt.NDArray[np.bool_]]:
    """The numbers, null where blank, and the rows that are not plain numbers."""
    number = column.cast(pl.Float64, strict=False)
    is_plain = number.is_finite() & (column.str.len_bytes() <= _EXACT)
    for sign in "eE":
        is_plain &= ~column.str.contains(sign, literal=True)
    return number, (column.is_not_null() & ~is_plain.fill_null(False)).to_numpy()


def _by_row(
    graded: LabGrades, frame: pl.DataFrame, odd: npt.NDArray[np.intp], grade_row: GradeRow
) -> tuple[pl.Series, pl.Series]:
    """Grade and reason of every row as texts; those with numbers that are not plain, each on its own."""
    reasons, codes, grades = [*graded.reasons], graded.reason_codes.copy(), graded.grades.copy()
    for row in odd.tolist():
        result = grade_row({name: cell or "" for name, cell in frame.row(row, named=True).items()})
        grade, reason = (-1, result.reason) if isinstance(result, NotGradable) else result
        grades[row], codes[row] = grade, len(reasons)
        reasons.append(reason)
    words = pl.Series([None, *(str(grade) for grade in range(6))])
    return words.gather(grades.astype(np.uint32) + 1), pl.Series(reasons).gather(codes)


def _write(frame: pl.DataFrame, part: Path) -> None:
    header = io.StringIO(newline="")
    csv.writer(header, lineterminator="\n").writerow(frame.columns)
    with part.open("wb") as file:
        file.write(header.getvalue().encode("utf-8"))
        frame.write_csv(file, include_header=False)
