"""A data set: a polars frame with its variables, keys and findings, built from rows and the metadata tables.

Metadata stand in `metadata/*.csv`: a variable that is not there cannot be written, one that is there is always a
column. Columns under `INTERNAL` lead each row back to the events of the record and are left out of every export.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import polars as pl

from celltrial.errors import Finding
from celltrial.tables import read_package_table

__all__ = ["INTERNAL", "Dataset", "Row", "Variable", "build_dataset", "check_dataset", "dataset_names", "read_table"]

# one row of a data set: variable name -> value; EVENTSEQS lists every event behind it, EVENTSEQ is the first of them
Row = dict[str, Any]
INTERNAL = ("EVENTSEQ", "EVENTSEQS")
VariableType = Literal["text", "integer", "float", "date", "datetime"]
_TYPES: Mapping[str, Any] = {
    "text": pl.String,
    "integer": pl.Int64,
    "float": pl.Float64,
    "date": pl.Date,
    "datetime": pl.Datetime("us"),
}
_INTERNAL_TYPES: dict[str, Any] = {"EVENTSEQ": pl.Int64, "EVENTSEQS": pl.List(pl.Int64)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable: `length` in characters for text; `key` its place in the key, from 1; None outside it."""

    name: str
    label: str
    type: VariableType
    length: int | None
    key: int | None
    is_required: bool
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One data set. Missing is null, never an empty text (DLTEVLFL and DLTFL apart: blank = not yet assessed)."""

    name: str
    label: str
    standard: Literal["sdtm", "adam"]
    keys: tuple[str, ...]
    variables: tuple[Variable, ...]
    frame: pl.DataFrame
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    name: str
    label: str
    standard: Literal["sdtm", "adam"]
    variables: tuple[Variable, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        keyed = [(each.key, each.name) for each in self.variables if each.key is not None]
        return tuple(name for _, name in sorted(keyed))


@cache
def read_table(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a table of `metadata/`; lines that start with # are its source and licence."""
    return read_package_table("celltrial.datasets", f"metadata/{name}.csv")


def dataset_names(standard: str) -> tuple[str, ...]:
    """The names of the data sets of a standard, `sdtm` or `adam`, in the order they are written."""
    return tuple(row["dataset"] for row in read_table("datasets") if row["standard"] == standard)


def build_dataset(name: str, rows: Iterable[Row], *, findings: Sequence[Finding] = ()) -> Dataset:
    """The rows as a data set, sorted by its keys, with what is wrong with it added to `findings`.

    Raises KeyError for a variable that the metadata do not know: that is a fault of the program, not of the data.
    """
    spec = _spec(name)
    known = {each.name for each in spec.variables} | set(INTERNAL)
    rows = list(rows)
    for row in rows:
        if unknown := row.keys() - known:
            raise KeyError(f"{name}: no metadata for {', '.join(sorted(unknown))}")
    schema = {each.name: _TYPES[each.type] for each in spec.variables} | _INTERNAL_TYPES
    columns = {column: [row.get(column) for row in rows] for column in schema}
    frame = pl.DataFrame(columns, schema=schema, strict=True).sort(spec.keys, nulls_last=True, maintain_order=True)
    dataset = Dataset(
        name=name,
        label=spec.label,
        standard=spec.standard,
        keys=spec.keys,
        variables=spec.variables,
        frame=frame,
        findings=tuple(findings),
    )
    return Dataset(
        name=name,
        label=spec.label,
        standard=spec.standard,
        keys=spec.keys,
        variables=spec.variables,
        frame=frame,
        findings=(*findings, *check_dataset(dataset)),
    )


def check_dataset(dataset: Dataset) -> tuple[Finding, ...]:
    """What is wrong with a data set: rows that share a key, required values missing, texts longer than declared."""
    return (*_check_keys(dataset), *_check_required(dataset), *_check_lengths(dataset))


def _check_keys(dataset: Dataset) -> Iterable[Finding]:
    doubled = dataset.frame.group_by(dataset.keys).len().filter(pl.col("len") > 1).sort(dataset.keys, nulls_last=True)
    for row in doubled.iter_rows(named=True):
        yield Finding(
            message=f"{row['len']} rows of {dataset.name} have the same key",
            where=f"{dataset.name} {', '.join(f'{key}={row[key]}' for key in dataset.keys)}",
            found=str(row["len"]),
            expected="1",
            rule=f"{dataset.name} has one row for each {', '.join(dataset.keys)}",
            next_step="correct the entries that were made twice, or mark one as entered in error",
        )


def _check_required(dataset: Dataset) -> Iterable[Finding]:
    for variable in dataset.variables:
        if not variable.is_required:
            continue
        missing = dataset.frame.filter(pl.col(variable.name).is_null())
        if missing.height:
            yield Finding(
                message=f"{variable.name} is missing in {missing.height} of {dataset.frame.height} rows",
                where=f"{dataset.name} {_subjects(missing)}".strip(),
                found="missing",
                expected=variable.label,
                rule=f"{variable.name} is required in {dataset.name}",
                next_step="complete the entry the row comes from",
            )


def _check_lengths(dataset: Dataset) -> Iterable[Finding]:
    for variable in dataset.variables:
        if variable.type != "text" or variable.length is None:
            continue
        too_long = dataset.frame.filter(pl.col(variable.name).str.len_bytes() > variable.length)
        if too_long.height:
            yield Finding(
                message=f"{variable.name} is longer than {variable.length} bytes in {too_long.height} rows",
                where=f"{dataset.name} {_subjects(too_long)}".strip(),
                found=str(too_long[variable.name][0]),
                expected=f"{variable.length} bytes at most, in UTF-8",
                rule="metadata of the data sets; 200 bytes is the limit of the transport format",
                next_step="shorten the text, or move the rest to a comment",
            )


def _subjects(rows: pl.DataFrame) -> str:
    if "USUBJID" not in rows.columns:
        return ""
    return ", ".join(str(each) for each in rows["USUBJID"].drop_nulls().unique(maintain_order=True).to_list()[:5])


@cache
def _spec(name: str) -> _Spec:
    row = next(row for row in read_table("datasets") if row["dataset"] == name)
    standard: Literal["sdtm", "adam"] = "sdtm" if row["standard"] == "sdtm" else "adam"
    variables = tuple(_variable(each) for each in read_table(standard) if each["dataset"] == name)
    return _Spec(name=name, label=row["label"], standard=standard, variables=variables)


def _variable(row: Mapping[str, str]) -> Variable:
    types: Mapping[str, VariableType] = {
        "text": "text",
        "integer": "integer",
        "float": "float",
        "date": "date",
        "datetime": "datetime",
    }
    return Variable(
        name=row["variable"],
        label=row["label"],
        type=types[row["type"]],
        length=int(row["length"]) if row["length"] else None,
        key=int(row["key"]) if row["key"] else None,
        is_required=row["core"] == "Req",
        origin=row["origin"],
    )
