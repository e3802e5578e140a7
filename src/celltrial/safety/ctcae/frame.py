"""Columns in, grades out: rows that share term, direction, unit and circumstances are graded together."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotGradable
from celltrial.safety.ctcae.columns import FLAG_CODES, NumberColumns, grade_group
from celltrial.safety.ctcae.grade import Mode, require_readable
from celltrial.safety.ctcae.labs import LabGrades
from celltrial.safety.ctcae.table import require_version

__all__ = ["grade_frame"]

_KEYS = ("term", "direction", "unit")
_NUMBERS = tuple(each.name for each in fields(NumberColumns) if each.name != "flag")


def grade_frame(
    texts: Mapping[str, Any],
    numbers: Mapping[str, Any],
    circumstances: Mapping[str, Any],
    *,
    version: str,
    mode: Mode,
    progress: Callable[[float], None] | None = None,
) -> LabGrades:
    """As `grade_labs`, with the columns by name."""
    known = require_version(version)
    rows = len(texts["term"])
    _require_lengths({**texts, **numbers, **circumstances}, rows)
    words = {name: _texts(texts.get(name), rows) for name in (*_KEYS, "baseline_flag")}
    told = {name: _texts(column, rows) for name, column in circumstances.items()}
    _require_words(words["baseline_flag"], told, mode)
    columns = NumberColumns(
        **{name: _floats(numbers.get(name), rows) for name in _NUMBERS},
        flag=words["baseline_flag"].replace_strict(FLAG_CODES, return_dtype=pl.Int8).to_numpy(),
    )
    asked: Mapping[str, pl.Series] = told if mode == "clinical" else {}
    keys = pl.DataFrame({**{name: words[name] for name in _KEYS}, **asked})
    codes = np.zeros(rows, np.int32)
    results: list[Any] = []
    for done, (key, at) in enumerate(groups := list(_groups(keys))):
        answers = {name: key[name] for name in asked if key[name]}
        found = grade_group(
            columns.take(at), key["term"], key["direction"], key["unit"], version=known, mode=mode, told=answers
        )
        codes[at] = found.codes + len(results)
        results += found.results
        if progress:
            progress((done + 1) / len(groups))
    return _collect(codes, results)


def _collect(codes: npt.NDArray[np.int32], results: list[Any]) -> LabGrades:
    """Grades by row, and each reason once."""
    grades = np.array([-1 if isinstance(each, NotGradable) else each.value for each in results] or [-1], np.int8)
    reasons = {each.reason: None for each in results}
    places = {reason: place for place, reason in enumerate(reasons)}
    place = np.array([places[each.reason] for each in results] or [0], np.int32)
    return LabGrades(grades[codes], place[codes], tuple(reasons))


def _groups(keys: pl.DataFrame) -> Iterator[tuple[dict[str, Any], npt.NDArray[np.intp]]]:
    """Each combination of the key columns and the rows that have it, in order."""
    if not keys.height:
        return
    unique = keys.unique(maintain_order=True)
    numbered = unique.with_row_index("_group")
    group = keys.join(numbered, on=keys.columns, how="left", maintain_order="left")["_group"].to_numpy()
    # 16 bits sort in linear time
    order = np.argsort(group.astype(np.uint16) if len(unique) < 2**16 else group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=len(unique)))
    for number, key in enumerate(unique.iter_rows(named=True)):
        yield key, order[ends[number - 1] if number else 0 : ends[number]]


def _texts(column: Any, rows: int) -> pl.Series:
    if column is None:
        return pl.Series([""]).new_from_index(0, rows)
    return pl.Series(values=column, dtype=pl.String).fill_null("")


def _floats(column: Any, rows: int) -> npt.NDArray[np.float64]:
    if column is None:
        return np.full(rows, np.nan)
    if isinstance(column, pl.Series):
        return column.cast(pl.Float64).fill_null(np.nan).to_numpy()
    return np.array([np.nan if each is None else float(each) for each in column], np.float64)


def _require_lengths(columns: Mapping[str, Any], rows: int) -> None:
    findings = [
        Finding(message="a column has another length than term", where=name, found=str(len(column)), expected=str(rows))
        for name, column in columns.items()
        if column is not None and len(column) != rows
    ]
    if findings:
        raise UsageError(findings)


def _require_words(flags: pl.Series, told: Mapping[str, pl.Series], mode: Mode) -> None:
    """Every word that a column holds, once, through the same check as one row's."""
    require_readable(sorted(flags.unique()), mode, dict.fromkeys(told, "unknown"))
    for name, column in told.items():
        for word in sorted(set(column.unique()) - {""}):
            require_readable([], mode, {name: cast("Any", word)})
