"""Files that are whole or not there: written beside their place, synced, and given their name in one step."""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from celltrial.errors import Finding, InputError

__all__ = ["hash_file", "name_folder", "name_new_file", "scratch_folder", "sync_file", "sync_folder"]

_CHUNK = 1 << 20
# file systems without hard links: FAT, some network shares
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK)


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def scratch_folder(beside: Path | None = None) -> Iterator[Path]:
    """A folder that only its owner can read, taken away at the end; `beside` names the folder it is made in.

    Raises InputError where it cannot be made there.
    """
    try:
        folder = Path(mkdtemp(prefix=".celltrial-", dir=beside))
    except OSError as error:
        raise InputError(
            Finding(message="this place cannot be written to", found=f"{beside}: {error.strerror}")
        ) from None
    try:
        yield folder
    finally:
        # a folder that was given its name is gone from here
        rmtree(folder, ignore_errors=True)


def sync_file(path: Path) -> None:
    """Return when the file's bytes are on the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Return when the names in the folder are on the disk; where folders cannot be opened, the system does it."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def name_new_file(draft: Path, path: Path) -> None:
    """Give a finished draft its name. Raises InputError where there is something of that name: never overwritten."""
    sync_file(draft)
    try:
        try:
            # a link fails where the name is taken; a rename would overwrite
            os.link(draft, path)
        except OSError as error:
            if error.errno not in _NO_LINKS or path.exists():
                raise
            draft.rename(path)
    except FileExistsError:
        raise InputError(
            Finding(
                message="there is a file already; it is never overwritten",
                found=str(path),
                next_step="choose another name, with the day in it",
            )
        ) from None
    except OSError as error:
        raise InputError(Finding(message="the file cannot be put there", found=f"{path}: {error.strerror}")) from None
    draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def name_folder(draft: Path, folder: Path) -> None:
    """Give a finished folder its name, which is free or an empty folder's. Raises InputError otherwise."""
    for each in draft.rglob("*"):
        sync_file(each) if each.is_file() else sync_folder(each)
    sync_folder(draft)
    try:
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    except OSError as error:
        raise InputError(
            Finding(message="the folder cannot be put there", found=f"{folder}: {error.strerror}")
        ) from None
    sync_folder(folder.parent)
