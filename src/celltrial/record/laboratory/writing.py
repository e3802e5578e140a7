"""A laboratory's file by a profile: shown beforehand, or written, all or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from celltrial.codes import SubjectId
from celltrial.errors import Finding, InputError, RefusedError
from celltrial.record.events import Author, Event
from celltrial.record.laboratory.judge import plan_laboratory_file
from celltrial.record.laboratory.links import read_links
from celltrial.record.laboratory.plan import LabPlan, mark_refused
from celltrial.record.laboratory.profile import LabProfile
from celltrial.record.log import Record

__all__ = ["LabImported", "import_laboratory_file", "preview_laboratory_file", "write_plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabImported:
    """What was planned, and the events written: one for each new row."""

    plan: LabPlan
    events: tuple[Event, ...]


def preview_laboratory_file(
    record: Record, path: Path, profile: LabProfile, *, links: Path | None, author: Author, at: datetime
) -> LabPlan:
    """What importing the file would do, judged by the record's checks and gates too; writes nothing.

    Raises InputError where the file is no whole table, or profile, links and study do not fit it.
    """
    content = _read(path)
    numbers: Mapping[str, SubjectId] | None = read_links(links) if links is not None else None
    plan = plan_laboratory_file(
        path.name, content, profile=profile, links=numbers, study=record.study, state=record.state()
    )
    return mark_refused(plan, record.check(plan.drafts, author=author, at=at))


def import_laboratory_file(
    record: Record, path: Path, profile: LabProfile, *, links: Path | None, author: Author, at: datetime
) -> LabImported:
    """Append what is new in the file, all or nothing; a file that says nothing new writes nothing.

    Raises RefusedError, with every finding, where a row is refused; InputError as the preview does.
    """
    plan = preview_laboratory_file(record, path, profile, links=links, author=author, at=at)
    return write_plan(record, plan, author=author, at=at)


def write_plan(record: Record, plan: LabPlan, *, author: Author, at: datetime) -> LabImported:
    """Append the drafts of a plan that was looked at. Raises RefusedError where a row is refused.

    StaleError where another writer has since touched what the plan touches: look at the file again.
    """
    if plan.findings:
        raise RefusedError(plan.findings)
    events = record.append(plan.drafts, author=author, at=at, base_seq=plan.base_seq) if plan.drafts else ()
    if len(events) != plan.counts.new:
        raise AssertionError(f"{plan.counts.new} new rows, {len(events)} events written")
    return LabImported(plan=plan, events=events)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(Finding(message="the file cannot be read", found=f"{path}: {error.strerror}")) from None
