"""A backup drill: the backup is restored elsewhere, verified, and compared with the record in use; it goes on record.

Source: ICH E6(R3) 4.3.3(d): backup and restoration procedures are tested periodically.
"""

from pathlib import Path

from celltrial.errors import CelltrialError, Finding
from celltrial.record.bodies import BackupDrill
from celltrial.record.durable_files import hash_file, scratch_folder
from celltrial.record.log import Record
from celltrial.record.restore import check_backup, compare_rows, restore_backup
from celltrial.record.stores import open_store
from celltrial.study.model import Study

__all__ = ["drill_backup"]


def drill_backup(
    file: Path, place: Path | str, study: Study, *, scratch: Path | None = None
) -> tuple[BackupDrill, tuple[Finding, ...]]:
    """Restore the backup as a study folder of its own, open its record, and compare every event with the one in use.

    Args:
        file: The backup.
        place: The record in use, newer than the backup or as old.
        study: The study of the record, with which the restored one is opened.
        scratch: The folder for the restored copy; the system's own if not given.
    Returns:
        The event to append, and every problem; `whole` is "no" where there is one.
    Raises:
        InputError: the backup cannot be read at all.
    """
    checked = check_backup(file, scratch=scratch)
    findings = list(checked.findings)
    live = open_store(place, read_only=True)
    try:
        findings += compare_rows(checked.rows, live.read()).findings
    finally:
        live.close()
    if not findings:
        findings += _try_out(file, study, scratch)
    drill = BackupDrill(
        made_at=checked.manifest.made_at,
        sha256=hash_file(file),
        events=str(len(checked.rows)),
        head=checked.rows[-1].hash if checked.rows else "",
        whole="no" if findings else "yes",
        findings="\n".join(str(each) for each in findings),
    )
    return drill, tuple(findings)


def _try_out(file: Path, study: Study, scratch: Path | None) -> tuple[Finding, ...]:
    """What keeps the restored folder from being worked with: opened for writing, as the trial would be."""
    with scratch_folder(scratch) as folder:
        try:
            restore_backup(file, folder / "study")
            Record.open(folder / "study" / "record.db", study).close()
        except CelltrialError as error:
            return tuple(error.findings)
    return ()
