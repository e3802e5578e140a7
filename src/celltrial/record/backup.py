"""Backup: record, study files and checkpoints in one file, made while others write, and read again before it counts.

A record file must not be copied by hand while it is open: the newest events stand in its write-ahead log, and a page
may change while it is read. SQLite's own backup reads one state of the whole file instead, without holding writers up.
A record in PostgreSQL is read in one statement, which is one state too, and written out as a record file.
"""

import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from celltrial.errors import CelltrialError, Finding, InputError, TamperedError
from celltrial.record.archive import Manifest, write_archive
from celltrial.record.durable_files import hash_file, name_new_file, scratch_folder
from celltrial.record.envelope import Row, decode, format_instant
from celltrial.record.projection import project
from celltrial.record.restore import check_backup
from celltrial.record.state import fold
from celltrial.record.store_sqlite import SqliteStore
from celltrial.record.stores import is_database, open_store

__all__ = ["Backup", "copy_record", "write_backup"]

# pages of 4 KiB read between two looks at interrupts
_PAGES_A_STEP = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was written, read again and verified: where it is, its SHA-256, what it holds."""

    file: Path
    bytes: int
    sha256: str
    manifest: Manifest


def write_backup(place: Path | str, folder: Path, file: Path, *, made_at: datetime) -> Backup:
    """Write the backup `file` of the record at `place` and of the study folder; others may go on writing.

    Args:
        place: The record's file or database (`stores.py`).
        folder: The study folder.
        file: The backup to write; never overwritten.
        made_at: The time of the backup; aware.
    Returns:
        The backup, on the disk under its name, after it was restored to a scratch folder and verified there.
    Raises:
        InputError: there is no record, or `file` cannot be written there. TamperedError: the record does not verify;
        no backup is left, so that none is taken for good.
    """
    if file.exists() or file.is_symlink():
        found, step = str(file), "choose another name, with the day in it"
        raise InputError(
            Finding(message="there is a file already; it is never overwritten", found=found, next_step=step)
        )
    with scratch_folder(file.absolute().parent) as scratch:
        record, draft = scratch / "record.db", scratch / "backup.zip"
        copy_record(place, record)
        write_archive(draft, record, folder, _describe(place, record, made_at), at=made_at)
        checked = check_backup(draft, scratch=scratch)
        if checked.findings:
            raise TamperedError(checked.findings)
        name_new_file(draft, file)
    return Backup(file=file, bytes=file.stat().st_size, sha256=hash_file(file), manifest=checked.manifest)


def copy_record(place: Path | str, target: Path) -> None:
    """One state of the record as a record file at `target`. Raises InputError or TamperedError as `open_store` does."""
    store = open_store(place, read_only=True)
    try:
        if is_database(place):
            _write_out(store.read(), target)
        else:
            _copy_pages(Path(place), target)
    finally:
        store.close()


def _copy_pages(source: Path, target: Path) -> None:
    reader = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    writer = sqlite3.connect(target)
    try:
        # one snapshot for all steps: without it, every commit of another program starts the copy anew
        reader.execute("BEGIN")
        reader.execute("SELECT length FROM head").fetchone()
        reader.backup(writer, pages=_PAGES_A_STEP)
        reader.execute("COMMIT")
    except sqlite3.Error as error:
        raise TamperedError(Finding(message="the record cannot be copied", found=f"{source}: {error}")) from None
    finally:
        writer.close()
        reader.close()


def _write_out(rows: list[Row], target: Path) -> None:
    """A record file of these rows; the projection is computed anew, since it is no part of the truth."""
    copy = SqliteStore.create(target)
    try:
        with copy.writing():
            copy.add(rows)
            copy.keep(project(fold(map(decode, rows))))
    finally:
        copy.close()


def _describe(place: Path | str, record: Path, made_at: datetime) -> dict[str, object]:
    """What the manifest says of the record, from the copy."""
    store = SqliteStore.open(record, read_only=True)
    try:
        rows = store.read()
    finally:
        store.close()
    try:
        study = str(decode(rows[0]).payload.get("study", "")) if rows else ""
    except CelltrialError:
        # the check of the finished backup names what is wrong
        study = ""
    return {
        "program": f"celltrial {version('celltrial')}",
        "made_at": format_instant(made_at),
        "study": study,
        "source": "PostgreSQL" if is_database(place) else "SQLite",
        "events": len(rows),
        "head": rows[-1].hash if rows else "",
        "last_at": rows[-1].recorded_at if rows else "",
        "types": dict(sorted(Counter(row.type for row in rows).items())),
    }
