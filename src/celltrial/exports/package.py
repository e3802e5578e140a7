"""A data package: every data set of a standard into one folder, in one format."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal, assert_never

from celltrial.datasets import Dataset
from celltrial.errors import Finding, UsageError
from celltrial.exports.dataset_json import write_dataset_json
from celltrial.exports.tabular import write_csv, write_parquet
from celltrial.study import Study

__all__ = ["FORMATS", "Format", "parse_format", "write_package"]

Format = Literal["dataset-json", "parquet", "csv"]
# format -> the end of its files' names
FORMATS: dict[Format, str] = {"dataset-json": "json", "parquet": "parquet", "csv": "csv"}


def parse_format(text: str) -> Format:
    """The format of that name. Raises UsageError for one that is not written yet."""
    for known in FORMATS:
        if text == known:
            return known
    raise UsageError(
        Finding(
            message=f"the format {text} comes with a later release",
            found=text,
            expected=", ".join(FORMATS),
            next_step="choose one of these formats",
        )
    )


def write_package(
    datasets: Iterable[Dataset],
    folder: Path,
    *,
    study: Study,
    created_at: datetime,
    as_of: datetime | None = None,
    form: Format = "dataset-json",
) -> tuple[Path, ...]:
    """Write the data sets that have rows to `folder`, made where it is not there; returns the files in order.

    A data set without rows is not written: regulators' and CDISC's checks take an empty one for a fault.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for dataset in datasets:
        if dataset.frame.is_empty():
            continue
        path = folder / f"{dataset.name.lower()}.{FORMATS[form]}"
        match form:
            case "dataset-json":
                write_dataset_json(dataset, path, study=study, created_at=created_at, as_of=as_of)
            case "parquet":
                write_parquet(dataset, path)
            case "csv":
                write_csv(dataset, path)
            case _:
                assert_never(form)
        written.append(path)
    return tuple(written)
