"""Reads facts off the machine: files, disks, the lock, the clock. Nothing here judges, and nothing is changed."""

import os
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from shutil import disk_usage

from celltrial.decisions.doctor.facts import ClockFacts, DatabaseFacts, DiskFacts, FileFacts, RecordFileFacts
from celltrial.errors import Finding
from celltrial.record.store_sqlite import SqliteStore

__all__ = ["find_mount", "read_clock", "read_database", "read_disk", "read_file", "read_record_file"]

_MOUNTS = Path("/proc/self/mountinfo")
# adjtimex(2): the kernel's clock is not disciplined
_TIME_ERROR = 5
_TIMEX_BYTES = 256


def read_file(path: Path) -> FileFacts | None:
    """The rights to a file or folder; None where it is not there, or where the system has no such rights."""
    if os.name != "posix" or not path.exists():
        return None
    status = path.stat()
    return FileFacts(path=str(path), mode=status.st_mode & 0o7777, owner=status.st_uid, user=os.geteuid())


def read_disk(path: Path) -> DiskFacts:
    """The file system under a path, and its free bytes."""
    lines = _MOUNTS.read_text(encoding="utf-8").splitlines() if _MOUNTS.exists() else ()
    mount, kind, options = find_mount(path.resolve(), lines)
    return DiskFacts(mount=mount, kind=kind, is_read_only="ro" in options, free=disk_usage(path).free)


def find_mount(path: Path, lines: Iterable[str]) -> tuple[str, str, tuple[str, ...]]:
    """Mount point, kind and options of the mount that a path is on; lines as in proc(5), mountinfo.

    >>> find_mount(Path("/data/ct"), ["1 0 8:1 / / rw - ext4 /dev/a rw", "2 1 0:5 / /data ro - nfs4 host:/d rw"])
    ('/data', 'nfs4', ('ro', 'rw'))
    """
    best = ("", "", tuple[str, ...]())
    for line in lines:
        head, _, tail = line.partition(" - ")
        fields, rest = head.split(), tail.split()
        # a blank in a name is written as \040
        point = Path(fields[4].replace("\\040", " "))
        if path.is_relative_to(point) and len(str(point)) >= len(best[0]):
            best = (str(point), rest[0], (*fields[5].split(","), *rest[-1].split(",")))
    return best if best[0] else (str(path.anchor), "", ())


def read_record_file(path: Path, now: datetime) -> RecordFileFacts:
    """The record file as this program opens it, its write-ahead log, its lock. Raises as `SqliteStore.open`."""
    log = path.with_name(path.name + "-wal")
    # before the file is opened: the last to close it folds the log in
    log_status = log.stat() if log.exists() else None
    held = _lock_held(path.with_name(path.name + ".lock"), now)
    store = SqliteStore.open(path, read_only=True)
    try:
        journal, level = store.settings()
    finally:
        store.close()
    return RecordFileFacts(
        journal=journal,
        level=level,
        bytes=path.stat().st_size,
        log_bytes=log_status.st_size if log_status else 0,
        log_age_s=max(0.0, now.timestamp() - log_status.st_mtime) if log_status else 0,
        lock_held_s=held,
    )


def read_clock(now: datetime) -> ClockFacts:
    """Now, and whether the kernel says that a time service keeps the clock (Linux, adjtimex(2), read only)."""
    if not sys.platform.startswith("linux"):
        return ClockFacts(now=now, synchronised="", because=f"{sys.platform} does not say it in a way we can read")
    import ctypes

    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError) as error:
        return ClockFacts(now=now, synchronised="", because=f"the system cannot be asked: {error}")
    if state < 0:
        return ClockFacts(now=now, synchronised="", because="the system does not let us ask (adjtimex)")
    return ClockFacts(now=now, synchronised="no" if state == _TIME_ERROR else "yes")


def read_database(url: str) -> tuple[DatabaseFacts, tuple[Finding, ...]]:
    """The session that a writer would have, and what the store finds unsafe about server, role and guards."""
    from celltrial.record.store_postgres_place import connect, parse_place
    from celltrial.record.store_postgres_rights import check_server, check_triggers, check_writer, require_record

    place = parse_place(url)
    connection = connect(place)
    try:
        connection.execute("SELECT set_config('search_path', %s, false)", [f"{place.schema}, pg_temp"])
        require_record(connection, place)
        findings = (
            *check_server(connection),
            *check_writer(connection, place),
            *check_triggers(connection, place),
        )
        row = connection.execute(
            "SELECT current_user, coalesce(host(inet_server_addr()), ''), "
            "coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)"
        ).fetchone()
    finally:
        connection.close()
    role, address, encrypted = row if row else ("", "", False)
    is_local = str(address) in ("", "127.0.0.1", "::1")
    return DatabaseFacts(role=str(role), is_local=is_local, is_encrypted=bool(encrypted)), findings


def _lock_held(lock: Path, now: datetime) -> float | None:
    """For how long a program has been holding the lock; None where it is free, or cannot be asked."""
    if os.name != "posix" or not lock.exists():
        return None
    import fcntl

    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return max(0.0, now.timestamp() - lock.stat().st_mtime)
        fcntl.flock(file, fcntl.LOCK_UN)
    return None
