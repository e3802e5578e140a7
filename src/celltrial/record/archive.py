"""The backup file: a zip archive that says what is in it, byte by byte.

    manifest.json      when and by which program, which study, events, head, SHA-256 of every file
    record.db          the record, whatever store it came from: one SQLite file
    study/...          the study files and, where there are any, the checkpoints

A private key is never in it: whoever holds a backup must not be able to sign.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from celltrial.errors import Finding, InputError

__all__ = ["MANIFEST", "RECORD", "Archived", "Manifest", "open_archive", "read_manifest", "unpack", "write_archive"]

FORMAT = 1
MANIFEST = "manifest.json"
RECORD = "record.db"
_STUDY = "study/"
# the record goes in by way of its database, not as these files
_NOT_COPIED = (RECORD, *(f"{RECORD}{ending}" for ending in ("-wal", "-shm", ".lock", ".lock1", ".lock2", ".lock3")))
_CHUNK = 1 << 20
_KEY_ENDINGS = (".key", ".pem", ".p12", ".pfx")
_KEY_MARK = b"PRIVATE KEY-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A file of the archive: its name there, its length in bytes, its SHA-256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds. `left_out` maps files of the study folder that are not in it to the reason."""

    format: int
    program: str
    made_at: str
    study: str
    source: str
    events: int
    head: str
    last_at: str
    types: Mapping[str, int]
    files: tuple[Archived, ...]
    left_out: Mapping[str, str]


def write_archive(path: Path, record: Path, folder: Path, about: Mapping[str, object], *, at: datetime) -> None:
    """Write the archive of a record file and a study folder.

    about: the fields of the manifest that speak of the record (`study`, `events`, ...). at: the time of every member.
    """
    taken, left_out = _choose(folder)
    with ZipFile(path, "x", ZIP_DEFLATED, compresslevel=6) as archive:
        path.chmod(0o600)
        files = [_add(archive, record, RECORD, at)]
        files += [_add(archive, each, _STUDY + each.relative_to(folder).as_posix(), at) for each in taken]
        manifest = {"format": FORMAT, **about, "files": [asdict(each) for each in files], "left_out": left_out}
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        archive.writestr(_info(MANIFEST, at), text.encode())


def read_manifest(archive: ZipFile) -> Manifest:
    """What the archive says of itself. Raises InputError where it is no backup that this program can read."""
    from pydantic import TypeAdapter, ValidationError

    try:
        manifest = TypeAdapter(Manifest).validate_json(archive.read(MANIFEST))
    except KeyError:
        raise _no_backup(archive, f"no {MANIFEST} in it") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise _no_backup(archive, f"{MANIFEST}, {place}: {first['msg']}") from None
    if manifest.format != FORMAT:
        raise _no_backup(archive, f"format {manifest.format}; this program knows format {FORMAT}")
    return manifest


def unpack(archive: ZipFile, manifest: Manifest, folder: Path) -> Iterator[Finding]:
    """Write every file of the archive into an empty folder; yields what is not as the manifest says.

    The record stands as `record.db` in the folder, the study files beside it.
    """
    listed = {each.name: each for each in manifest.files}
    for name in sorted({each.filename for each in archive.infolist()} - listed.keys() - {MANIFEST}):
        yield Finding(message="a file that the manifest does not name", where=name)
    present = set(archive.namelist())
    for name, each in listed.items():
        if name not in present or not _is_safe(name):
            expected = "every file of the manifest, under a plain name"
            yield Finding(message="a file of the backup is missing", where=name, expected=expected)
            continue
        target = folder / name.removeprefix(_STUDY)
        target.parent.mkdir(parents=True, exist_ok=True)
        found = _copy_out(archive, name, target)
        if found != (each.bytes, each.sha256):
            yield Finding(
                message="a file of the backup is not what was put in",
                where=name,
                found=f"{found[0]} bytes, SHA-256 {found[1]}",
                expected=f"{each.bytes} bytes, SHA-256 {each.sha256}",
                next_step="take an older backup, and find out what damaged this one",
            )


@contextmanager
def open_archive(path: Path) -> Iterator[ZipFile]:
    """The archive, open for reading. Raises InputError where there is none, or it cannot be read to its end."""
    if not path.is_file():
        raise InputError(Finding(message="there is no backup", found=str(path)))
    try:
        with ZipFile(path) as archive:
            yield archive
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError) as error:
        raise InputError(
            Finding(
                message="the backup is damaged, or no backup at all",
                found=f"{path}: {error}",
                next_step="take an older backup, and find out what damaged this one",
            )
        ) from None


def _no_backup(archive: ZipFile, found: str) -> InputError:
    return InputError(
        Finding(
            message="not a backup that this program can read",
            found=f"{archive.filename}: {found}",
            expected="a file written by celltrial backup",
        )
    )


def _choose(folder: Path) -> tuple[list[Path], dict[str, str]]:
    """The files of the study folder that go in, and those that do not, with the reason."""
    taken, left_out = [], {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            left_out[name] = "a link to another place"
        elif not path.is_file() or name in _NOT_COPIED or any(part.startswith(".") for part in name.split("/")):
            continue
        elif _is_private_key(path):
            left_out[name] = "a private key: keep it apart from every backup"
        elif path.suffix == ".zip":
            left_out[name] = "an archive"
        else:
            taken.append(path)
    return taken, left_out


def _is_private_key(path: Path) -> bool:
    if path.suffix in _KEY_ENDINGS:
        return True
    with path.open("rb") as file:
        return _KEY_MARK in file.read(200)


def _add(archive: ZipFile, path: Path, name: str, at: datetime) -> Archived:
    digest, length = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(_info(name, at), "w", force_zip64=True) as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            length += len(chunk)
            target.write(chunk)
    return Archived(name=name, bytes=length, sha256=digest.hexdigest())


def _copy_out(archive: ZipFile, name: str, target: Path) -> tuple[int, str]:
    digest, length = hashlib.sha256(), 0
    with archive.open(name) as source, target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            length += len(chunk)
            file.write(chunk)
    target.chmod(0o600)
    return length, digest.hexdigest()


def _info(name: str, at: datetime) -> ZipInfo:
    info = ZipInfo(name, date_time=(max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second))
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _is_safe(name: str) -> bool:
    """Whether a name stays within the folder it is written to."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name and ":" not in parts[0]
