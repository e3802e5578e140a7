"""What a package holds, counted again from its files: records a data set, SHA-256 a file, entries of the record.

`manifest.json` beside the data says it. A file whose records are not those derived from the record is an error, never
a package.
"""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import assert_never

from celltrial.datasets import Dataset
from celltrial.errors import Finding, RefusedError
from celltrial.exports.package import FORMATS, Format
from celltrial.record import AdverseEvent, Correction, FormEntry, Signature, TrialState
from celltrial.study import Study

__all__ = ["MANIFEST", "FileCount", "Manifest", "make_manifest", "write_manifest"]

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCount:
    """One file: records as derived from the record, and as counted again in the file."""

    file: str
    dataset: str
    records: int
    counted: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A package reconciled.

    empty: data sets without records, for which no file is written. entries: by kind of entry (`form/labs`,
    `infusion`), how many stand in the record under a subject and how many of them a data set holds.
    """

    study: str
    study_hash: str
    as_of: str
    events: int
    head: str
    files: tuple[FileCount, ...]
    empty: tuple[str, ...]
    entries: Mapping[str, tuple[int, int]]

    @property
    def records(self) -> int:
        """Records to be written, of all data sets."""
        return sum(each.records for each in self.files)

    @property
    def counted(self) -> int:
        """Records found in the files."""
        return sum(each.counted for each in self.files)

    def to_json(self) -> dict[str, object]:
        """The document."""
        return {
            "format": "celltrial-export-1",
            "study": self.study,
            "study_hash": self.study_hash,
            "as_of": self.as_of,
            "events": self.events,
            "head": self.head,
            "records": self.records,
            "counted": self.counted,
            "files": [asdict(each) for each in self.files],
            "empty": list(self.empty),
            "entries": {kind: {"in_record": n, "exported": m} for kind, (n, m) in sorted(self.entries.items())},
        }


def make_manifest(
    datasets: Sequence[Dataset], files: Iterable[Path], *, study: Study, state: TrialState, form: Format
) -> Manifest:
    """The manifest of written files. Raises RefusedError naming every file whose records are not as many as derived."""
    by_file = {f"{each.name.lower()}.{FORMATS[form]}": each for each in datasets}
    counts = tuple(
        FileCount(
            file=path.name,
            dataset=by_file[path.name].name,
            records=by_file[path.name].frame.height,
            counted=_count(path, form),
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in files
    )
    if findings := [_differs(each) for each in counts if each.records != each.counted]:
        raise RefusedError(findings)
    return Manifest(
        study=study.id,
        study_hash=study.hash,
        as_of=state.as_of.isoformat() if state.as_of else "",
        events=state.length,
        head=state.head,
        files=counts,
        empty=tuple(each.name for each in datasets if each.frame.is_empty()),
        entries=_entries(datasets, state),
    )


def write_manifest(manifest: Manifest, folder: Path) -> Path:
    """Write `manifest.json` to the folder; the same package gives the same bytes."""
    path = folder / MANIFEST
    path.write_text(json.dumps(manifest.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _count(path: Path, form: Format) -> int:
    """The records in a file, read anew."""
    match form:
        case "dataset-json":
            return len(json.loads(path.read_text(encoding="utf-8"))["rows"])
        case "csv":
            with path.open(encoding="utf-8", newline="") as file:
                return sum(1 for _ in csv.reader(file)) - 1
        case "parquet":
            import polars as pl

            return int(pl.scan_parquet(path).select(pl.len()).collect().item())
        case _:
            assert_never(form)


def _entries(datasets: Sequence[Dataset], state: TrialState) -> dict[str, tuple[int, int]]:
    """Standing entries of subjects by kind, and those that a row of a data set comes from.

    Of an adverse event the last report counts; corrections and signatures are no data of their own.
    """
    traced: set[int] = set()
    for each in datasets:
        if "EVENTSEQS" in each.frame.columns:
            traced.update(seq for seqs in each.frame["EVENTSEQS"].to_list() for seq in seqs or ())
    last = {entry.seq for subject in state.subjects for entry in state.adverse_events(subject)}
    standing: Counter[str] = Counter()
    exported: Counter[str] = Counter()
    for entry in state.all_entries():
        body = entry.body
        is_replaced = isinstance(body, AdverseEvent) and entry.seq not in last
        if entry.subject is None or is_replaced or isinstance(body, Correction | Signature):
            continue
        kind = f"form/{body.form}" if isinstance(body, FormEntry) else str(body.TYPE)
        standing[kind] += 1
        exported[kind] += entry.seq in traced
    return {kind: (n, exported[kind]) for kind, n in standing.items()}


def _differs(count: FileCount) -> Finding:
    return Finding(
        message="a file does not hold the records that were derived from the record",
        where=count.file,
        found=f"{count.counted} records in the file",
        expected=f"{count.records}",
        rule="ICH E6(R3) 4.2.5: what is transferred is reconciled",
        next_step="export again to another folder; this package is not to be used",
    )
