"""Bulk import: from a file's bytes to drafts, each with its place in the file, and from there to the record.

CSV rows become form entries; a JSON list holds events or form rows. What cannot be read as a whole table or list raises
InputError; what can be is judged by the record itself, draft by draft. Nothing is guessed and nothing is left out.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from celltrial.codes import SubjectId
from celltrial.errors import CelltrialError, Finding, InputError, RefusedError, Source
from celltrial.record.asked import Asked
from celltrial.record.bodies import Body, Correction, FormEntry
from celltrial.record.events import Author, Draft, Event
from celltrial.record.import_csv import parse_csv
from celltrial.record.import_json import parse_json
from celltrial.record.log import Record
from celltrial.record.registry import KINDS, parse_body
from celltrial.record.state import TrialState
from celltrial.study.model import Study

__all__ = ["ImportPlan", "Imported", "import_file", "parse_import", "place_findings", "read_import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What a file asks to be appended: drafts, their places in the file (as many), and what is wrong already."""

    drafts: tuple[Draft, ...]
    sources: tuple[Source, ...]
    rows_read: int
    findings: tuple[Finding, ...]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was written: as many events as rows were read; `sha256` is the hash of the file's bytes."""

    rows_read: int
    events: tuple[Event, ...]
    sha256: str


def read_import(path: Path, study: Study, state: TrialState) -> ImportPlan:
    """The plan of a `.csv` or `.json` file in UTF-8. Raises InputError where it cannot be read whole."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(Finding(message="the file cannot be read", found=f"{path}: {error.strerror}")) from None
    return parse_import(path.name, content, study, state)


def parse_import(name: str, content: bytes, study: Study, state: TrialState) -> ImportPlan:
    """The plan of a file's name and bytes, against what the record holds. Raises InputError.

    A form row without a number gets the next one of its subject, form and visit. If it says exactly what a standing
    entry or a row above it says, that is a finding: most likely the file was imported before.
    """
    text = _decode(name, content)
    match Path(name).suffix.lower():
        case ".csv" | ".tsv":
            asked, findings = parse_csv(name, text, study)
            rows_read = len(asked)
        case ".json":
            asked, findings = parse_json(name, text)
            rows_read = len(asked) + len(findings)
        case _:
            raise InputError(Finding(message="not a file to import", found=name, expected="a .csv or .json file"))
    sha256 = hashlib.sha256(content).hexdigest()
    origin = _Origin(why=f"import of {name}, SHA-256 {sha256[:16]}", via=f"{name} sha256:{sha256}")
    drafts: list[Draft] = []
    sources: list[Source] = []
    rows = _Rows(study, state)
    for each in asked:
        try:
            draft = _draft(each, origin, rows)
        except CelltrialError as error:
            findings += [_place(finding, each) for finding in error.findings]
        else:
            drafts.append(draft)
            sources.append(each.source)
    if not rows_read:
        findings.append(Finding(message="the file has no rows", source=Source(file=name)))
    return ImportPlan(
        drafts=tuple(drafts), sources=tuple(sources), rows_read=rows_read, findings=tuple(findings), sha256=sha256
    )


def import_file(record: Record, path: Path, *, author: Author, at: datetime) -> Imported:
    """Append what a file says, all or nothing.

    Raises InputError where the file cannot be read whole, RefusedError with every finding at its place in the file;
    in both cases nothing is written.
    """
    state = record.state()
    plan = read_import(path, record.study, state)
    findings = place_findings(plan, record.check(plan.drafts, author=author, at=at, base_seq=state.length))
    if findings:
        raise RefusedError(findings)
    events = record.append(plan.drafts, author=author, at=at, base_seq=state.length)
    if len(events) != plan.rows_read:
        raise AssertionError(f"{plan.rows_read} rows read, {len(events)} events written")
    return Imported(rows_read=plan.rows_read, events=events, sha256=plan.sha256)


def place_findings(plan: ImportPlan, found: Sequence[tuple[int, Finding]]) -> tuple[Finding, ...]:
    """The plan's findings and the record's, each at its place in the file, in the file's order."""
    placed = [replace(finding, source=finding.source or plan.sources[number]) for number, finding in found]
    return tuple(sorted((*plan.findings, *placed), key=lambda each: (each.source.line if each.source else 0) or 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origin:
    """The file as every event of it names it."""

    why: str
    via: str


class _Rows:
    """The row numbers and contents in use, while a file's rows are added one by one."""

    def __init__(self, study: Study, state: TrialState) -> None:
        self._repeating = {form.id for form in study.forms if form.repeating}
        self._last: dict[tuple[str, str, str], int] = {}
        self._seen: dict[tuple[str, str, str, str], str] = {}
        for entry in state.entries(FormEntry):
            self._use(entry.subject or "", entry.body, f"event {entry.seq}")
        for void in state.voided:
            # its number is not given again, its content may be
            if isinstance(void.body, FormEntry):
                self._use(void.subject or "", void.body, "")

    def number(self, subject: str, entry: FormEntry, place: str) -> FormEntry:
        """The entry with its row number. Raises InputError where the same content is there already."""
        if entry.row:
            self._use(subject, entry, place)
            return entry
        before = self._seen.get(_content(subject, entry))
        if before and entry.form in self._repeating:
            raise InputError(
                Finding(
                    message="the same row is there already",
                    found=f"{before} says exactly the same",
                    rule="docs/record.md, Import",
                    next_step="take the row out; give it a `row` number where it truly was measured twice",
                )
            )
        key = (subject, entry.form, entry.visit)
        row = str(self._last.get(key, 0) + 1) if entry.form in self._repeating else "1"
        numbered = replace(entry, row=row)
        self._use(subject, numbered, place)
        return numbered

    def _use(self, subject: str, entry: FormEntry, place: str) -> None:
        key = (subject, entry.form, entry.visit)
        if entry.row.isdecimal():
            self._last[key] = max(self._last.get(key, 0), int(entry.row))
        if place:
            self._seen.setdefault(_content(subject, entry), place)


def _content(subject: str, entry: FormEntry) -> tuple[str, str, str, str]:
    return subject, entry.form, entry.visit, repr(sorted(item for item in entry.items.items() if item[1].strip()))


def _draft(asked: Asked, origin: _Origin, rows: _Rows) -> Draft:
    known = KINDS.get(asked.kind)
    version = asked.version or (known.VERSION if known else 1)
    body: Body = parse_body(asked.kind, version, asked.payload)
    subject = SubjectId(asked.subject) if asked.subject else None
    if isinstance(body, FormEntry):
        body = rows.number(asked.subject, body, f"line {asked.source.line}")
    if not asked.why and not isinstance(body, Correction):
        return Draft(body=body, subject=subject, why=origin.why, source_at=asked.source_at, via=origin.via)
    # a correction's reason is its own: where the file gives none, the record refuses it
    why = f"{asked.why} ({origin.why})" if asked.why else ""
    return Draft(body=body, subject=subject, why=why, source_at=asked.source_at, via=origin.via)


def _place(finding: Finding, asked: Asked) -> Finding:
    where = "/".join(part for part in (asked.where, finding.where) if part)
    return replace(finding, source=finding.source or asked.source, where=where)


def _decode(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            Finding(
                message="the file is not in UTF-8",
                source=Source(file=name, line=line),
                found=f"byte {error.object[error.start]:#04x}",
                expected="UTF-8, with or without a byte order mark",
                next_step="save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8'); nothing was written",
            )
        ) from None
    if "\x00" in text:
        raise InputError(
            Finding(
                message="the file holds zero bytes: it is cut off or garbled",
                source=Source(file=name, line=text.count("\n", 0, text.index("\x00")) + 1),
                next_step="export the file again; nothing was written",
            )
        )
    return text
