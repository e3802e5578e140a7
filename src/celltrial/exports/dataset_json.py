"""Dataset-JSON 1.1: one file a data set, with its variables; and the reader for the way back.

Missing is null, never an empty text. A partial date is a text (`--DTC` variables are strings); the numeric dates of
analysis data sets are ISO dates with an integer as their target. The creation time is an argument: the same data give
the same bytes. Source: CDISC Dataset-JSON 1.1 specification.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from celltrial.datasets import Dataset, Variable
from celltrial.errors import Finding, InputError
from celltrial.study import Study

__all__ = ["read_dataset_json", "render_dataset_json", "write_dataset_json"]

VERSION = "1.1.0"
_TYPES: Mapping[str, str] = {
    "text": "string",
    "integer": "integer",
    "float": "float",
    "date": "date",
    "datetime": "datetime",
}
_FRAME_TYPES: Mapping[str, Any] = {
    "string": pl.String,
    "integer": pl.Int64,
    "float": pl.Float64,
    "double": pl.Float64,
    "decimal": pl.String,
    "boolean": pl.Boolean,
    "time": pl.String,
    "URI": pl.String,
}


def write_dataset_json(
    dataset: Dataset, path: Path, *, study: Study, created_at: datetime, as_of: datetime | None = None
) -> None:
    """Write one data set to `path`, whose folder is made where it is not there.

    Args:
        created_at: the time of creation to be written, aware; there is no clock in here.
        as_of: the time of the data cut, aware, written as the time the source was last modified.
    """
    document = render_dataset_json(dataset, study=study, created_at=created_at, as_of=as_of)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document, encoding="utf-8", newline="\n")


def render_dataset_json(dataset: Dataset, *, study: Study, created_at: datetime, as_of: datetime | None = None) -> str:
    """The text of the file: the metadata one to a line, each row on a line of its own."""
    from celltrial import __version__

    keys = {name: number for number, name in enumerate(dataset.keys, start=1)}
    rows = dataset.frame.select([each.name for each in dataset.variables]).rows()
    head = {
        "datasetJSONCreationDateTime": _instant(created_at),
        "datasetJSONVersion": VERSION,
        "fileOID": f"{study.id}.{dataset.standard.upper()}.{dataset.name}.{as_of or created_at:%Y%m%dT%H%M%S}",
        "dbLastModifiedDateTime": _instant(as_of or created_at),
        "originator": "celltrial",
        "sourceSystem": {"name": "celltrial", "version": __version__},
        "studyOID": study.id,
        "metaDataVersionOID": f"MDV.{study.id}.{dataset.standard.upper()}",
        "itemGroupOID": f"IG.{dataset.name}",
        "records": len(rows),
        "name": dataset.name,
        "label": dataset.label,
        "columns": [_column(dataset.name, each, keys.get(each.name)) for each in dataset.variables],
    }
    lines = ",\n".join(json.dumps([_cell(value) for value in row], ensure_ascii=False) for row in rows)
    start = json.dumps(head, ensure_ascii=False, indent=1)
    return f'{start[:-2]},\n "rows": [\n{lines}\n ]\n}}\n' if rows else f'{start[:-2]},\n "rows": []\n}}\n'


def read_dataset_json(path: Path) -> tuple[Mapping[str, Any], pl.DataFrame]:
    """The head (all but the rows) and the rows of a Dataset-JSON file. Raises InputError where it is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        columns, rows = document["columns"], document["rows"]
        if document["records"] != len(rows):
            raise _not_readable(path, f"{len(rows)} rows", f"{document['records']}, as `records` says")
        if odd := next((number for number, row in enumerate(rows, start=1) if len(row) != len(columns)), None):
            raise _not_readable(path, f"row {odd} has {len(rows[odd - 1])} values", f"{len(columns)}, one a column")
        data = {
            each["name"]: pl.Series(each["name"], [_parsed(row[index], each) for row in rows], dtype=_dtype(each))
            for index, each in enumerate(columns)
        }
    except (ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        raise _not_readable(path, f"{type(error).__name__}: {error}", "a Dataset-JSON 1.1 document") from None
    return {key: value for key, value in document.items() if key != "rows"}, pl.DataFrame(data)


def _column(dataset: str, variable: Variable, key: int | None) -> dict[str, Any]:
    column: dict[str, Any] = {
        "itemOID": f"IT.{dataset}.{variable.name}",
        "name": variable.name,
        "label": variable.label,
        "dataType": _TYPES[variable.type],
    }
    if variable.type in ("date", "datetime"):
        column["targetDataType"] = "integer"
    if variable.length is not None:
        column["length"] = variable.length
    if key is not None:
        column["keySequence"] = key
    return column


def _cell(value: Any) -> Any:
    """A value as JSON has it; an empty text is missing."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def _parsed(value: Any, column: Mapping[str, Any]) -> Any:
    if value is None or column.get("targetDataType") != "integer":
        return value
    match column["dataType"]:
        case "date":
            return date.fromisoformat(value)
        case "datetime":
            return datetime.fromisoformat(value)
        case _:
            return value


def _dtype(column: Mapping[str, Any]) -> Any:
    is_numeric_date = column.get("targetDataType") == "integer"
    match column["dataType"]:
        case "date":
            return pl.Date if is_numeric_date else pl.String
        case "datetime":
            return pl.Datetime("us") if is_numeric_date else pl.String
        case other:
            return _FRAME_TYPES[other]


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _not_readable(path: Path, found: str, expected: str) -> InputError:
    return InputError(
        Finding(
            message="not a Dataset-JSON file",
            where=str(path),
            found=found,
            expected=expected,
            rule="CDISC Dataset-JSON 1.1",
            next_step="write the file anew",
        )
    )
