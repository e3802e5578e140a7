"""Checkpoints as files: one a checkpoint, in a folder outside the database, written whole and never overwritten.

The folder may be another host's share or a removable disk; on the disk of the record it only helps against those who
can write the database but not the folder (docs/evidence.md, Where checkpoints are kept).
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from celltrial.errors import Finding, InputError
from celltrial.record.durable_files import name_new_file, scratch_folder
from celltrial.record.evidence.checkpoints import Checkpoint

__all__ = ["FOLDER", "CheckpointFile", "advise_place", "keep_checkpoint", "read_checkpoints"]

# in the study folder, where nothing else is said
FOLDER = "checkpoints"
_PATTERN = "checkpoint-*.txt"


class CheckpointFile(NamedTuple):
    """A file as found; not checked, not even parsed."""

    name: str
    text: str


def keep_checkpoint(folder: Path, checkpoint: Checkpoint) -> Path:
    """Write the checkpoint into the folder, which is made if it is not there; durable when this returns.

    The same checkpoint a second time is no error. Raises InputError where the folder cannot be written to, or holds
    another checkpoint of the same size and time.
    """
    path = folder / f"checkpoint-{checkpoint.size:09d}-{checkpoint.at:%Y%m%dT%H%M%SZ}.txt"
    text = str(checkpoint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return path
    except OSError as error:
        raise InputError(
            Finding(message="checkpoints cannot be kept there", found=f"{folder}: {error.strerror}")
        ) from None
    with scratch_folder(beside=folder) as scratch:
        draft = scratch / path.name
        draft.write_text(text, encoding="utf-8", newline="\n")
        name_new_file(draft, path)
    return path


def read_checkpoints(folder: Path) -> tuple[CheckpointFile, ...]:
    """Every checkpoint file of the folder, in the order of size and time; none where there is no folder."""
    try:
        paths = sorted(folder.glob(_PATTERN))
        # bytes that are no text are for the check to name, not for this to fail on
        return tuple(CheckpointFile(path.name, path.read_bytes().decode("utf-8", errors="replace")) for path in paths)
    except OSError as error:
        raise InputError(
            Finding(message="the checkpoints cannot be read", found=f"{folder}: {error.strerror}")
        ) from None


def advise_place(folder: Path, record: Path) -> Sequence[Finding]:
    """What is unwise about keeping the checkpoints of the record there; nothing here is an error.

    record: the record's file; for a record in a database server, its data are elsewhere and only rights are looked at.
    """
    place = next((each for each in (folder, *folder.absolute().parents) if each.exists()), Path("/"))
    if record.exists() and place.stat().st_dev == record.stat().st_dev:
        return (
            Finding(
                message="the checkpoints are on the disk of the record: who loses or holds one has both",
                found=f"{folder} and {record}",
                expected="another host's share, or a disk that is taken away",
                rule="docs/evidence.md, Where checkpoints are kept",
                next_step="set CELLTRIAL_CHECKPOINTS to a folder elsewhere, or copy them there every day",
            ),
        )
    if folder.exists() and not os.access(folder, os.W_OK):
        return (Finding(message="the checkpoints cannot be written", found=str(folder), expected="a writable folder"),)
    return ()
