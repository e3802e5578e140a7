"""Restore: a backup read again, verified event by event, compared with its manifest and with the record in use.

Nothing is put in its place before all of it has been verified; a folder with anything in it is never restored into.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from celltrial.errors import Finding, InputError, TamperedError
from celltrial.record.archive import RECORD, Manifest, open_archive, read_manifest, unpack
from celltrial.record.durable_files import hash_file, name_folder, scratch_folder
from celltrial.record.envelope import Row, decode
from celltrial.record.projection import project
from celltrial.record.reading import name_row
from celltrial.record.state import fold
from celltrial.record.store_sqlite import SqliteStore
from celltrial.record.stores import create_store
from celltrial.record.verify import verify_record, verify_store

__all__ = ["Checked", "Comparison", "check_backup", "compare_rows", "restore_backup"]

_NEXT_STEP = "take an older backup, and find out what damaged this one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A backup that was restored to a scratch folder: what it says, what it holds, and every problem with it."""

    manifest: Manifest
    sha256: str
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A backup beside the record in use. `newer` are the record's events that the backup does not have.

    `lost` are events of the backup that the record does not have: someone took them away. `parted` names the first
    event that is not the same in both; `redacted` counts events whose texts were redacted since the backup.
    """

    newer: tuple[Row, ...]
    lost: tuple[Row, ...]
    parted: Row | None
    redacted: int

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the record in use, as far as this backup shows."""
        found = []
        if self.parted is not None:
            found.append(
                Finding(
                    message="the backup and the record in use are not the same from this event on",
                    where=name_row(self.parted),
                    rule="docs/record.md, The chain",
                    next_step="keep both as they are, compare each with the checkpoints, and find out who wrote",
                )
            )
        elif self.lost:
            found.append(
                Finding(
                    message="the record in use has lost events that the backup holds",
                    where=f"{name_row(self.lost[0])} to event {self.lost[-1].seq}",
                    found=f"{len(self.lost)} events fewer than the backup",
                    next_step="keep both as they are, and restore this backup beside the record",
                )
            )
        return tuple(found)


def check_backup(file: Path, *, scratch: Path | None = None) -> Checked:
    """Restore a backup into a scratch folder, verify all of it, and take it away again.

    scratch: the folder to make the scratch folder in; the system's own if not given.
    Raises InputError where it is no backup, or so damaged that it cannot be unpacked.
    """
    with scratch_folder(scratch) as folder:
        return _unpack(file, folder)


def restore_backup(file: Path, folder: Path, *, database: str = "") -> Checked:
    """Restore a backup as the study folder `folder`, which is new or empty.

    database: the URL of an empty record in PostgreSQL that takes the events; the folder then holds no `record.db`.
    Raises InputError where the folder holds anything, TamperedError where the backup is not whole; then nothing is
    left behind.
    """
    _require_free(folder)
    with scratch_folder(folder.absolute().parent) as draft:
        checked = _unpack(file, draft)
        if checked.findings:
            raise TamperedError(checked.findings)
        if database:
            _fill(database, checked.rows)
            draft.joinpath(RECORD).unlink()
        name_folder(draft, folder.absolute())
    return checked


def compare_rows(backup: Sequence[Row], live: Sequence[Row]) -> Comparison:
    """The events of a backup beside those of the record in use, by their hashes.

    >>> one, two = (Row(seq, "visit", None, "", "", f"h{seq}", b"") for seq in (1, 2))
    >>> [row.seq for row in compare_rows([one], [one, two]).newer]
    [2]
    """
    pairs = list(zip(backup, live, strict=False))
    parted = next((ours for ours, theirs in pairs if ours.hash != theirs.hash), None)
    common = len(pairs) if parted is None else parted.seq - 1
    return Comparison(
        newer=tuple(live[common:]),
        lost=tuple(backup[common:]),
        parted=parted,
        redacted=sum(ours.opening != theirs.opening for ours, theirs in pairs[:common]),
    )


def _require_free(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            Finding(
                message="a backup is restored into a new or empty folder only",
                found=f"{folder}: {f'{len(list(folder.iterdir()))} files' if folder.is_dir() else 'a file'}",
                next_step="choose another folder; move it to its place when it is verified",
            )
        )
    if not folder.absolute().parent.is_dir():
        raise InputError(Finding(message="there is no such folder", found=str(folder.absolute().parent)))


def _fill(database: str, rows: Sequence[Row]) -> None:
    """Put the events into an empty record of a database, in one transaction, and verify what is there then."""
    store = create_store(database)
    try:
        with store.writing():
            store.add(rows)
            store.keep(project(fold(map(decode, rows))))
        verified = verify_store(store)
    finally:
        store.close()
    if not verified.ok or verified.head != rows[-1].hash:
        raise TamperedError(verified.findings)


def _unpack(file: Path, folder: Path) -> Checked:
    with open_archive(file) as archive:
        manifest = read_manifest(archive)
        findings = list(unpack(archive, manifest, folder))
    record, rows = folder / RECORD, tuple[Row, ...]()
    if record.is_file():
        verified = verify_record(record)
        findings += verified.findings
        rows = _read(record) if verified.ok else rows
        found = {"events": verified.events, "head": verified.head}
        found |= {"types": dict(sorted(Counter(row.type for row in rows).items()))} if verified.ok else {}
        findings += _compare(manifest, found)
        for ending in ("-wal", "-shm"):
            record.with_name(record.name + ending).unlink(missing_ok=True)
    else:
        findings.append(Finding(message="there is no record in the backup", where=RECORD, next_step=_NEXT_STEP))
    return Checked(manifest=manifest, sha256=hash_file(file), rows=rows, findings=tuple(findings))


def _read(record: Path) -> tuple[Row, ...]:
    store = SqliteStore.open(record, read_only=True)
    try:
        return tuple(store.read())
    finally:
        store.close()


def _compare(manifest: Manifest, found: Mapping[str, object]) -> list[Finding]:
    return [
        Finding(
            message="the restored record is not what the manifest says",
            where=name,
            found=str(value),
            expected=str(getattr(manifest, name)),
            next_step=_NEXT_STEP,
        )
        for name, value in found.items()
        if getattr(manifest, name) != value
    ]
