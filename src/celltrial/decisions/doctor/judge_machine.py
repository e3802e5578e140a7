"""Whether the machine keeps a record safely: disk, rights, settings of the database file, clock.

The limits are the house's: free space for a day's work and one backup, a time service because the order of events in
the world is read from their times (ICH E6(R3) 4.2.2: unambiguous date and time).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from celltrial.decisions.doctor.facts import ClockFacts, DatabaseFacts, DiskFacts, FileFacts, RecordFileFacts
from celltrial.decisions.doctor.findings import Check, fine, refused, unknown, warning
from celltrial.errors import Finding

__all__ = [
    "check_clock",
    "check_database",
    "check_file_system",
    "check_free_space",
    "check_last_time",
    "check_lock",
    "check_log",
    "check_rights",
    "check_settings",
]

# sqlite.org, "How To Corrupt An SQLite Database File", 2.1: locks of network file systems are often broken
_NETWORK = frozenset(
    ("9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "glusterfs", "ncpfs", "nfs", "nfs4", "smb3", "smbfs")
)
_FLEETING = frozenset(("overlay", "ramfs", "tmpfs"))
_LEAST_FREE = 64 << 20
_ENOUGH_FREE = 1 << 30
_LARGE_LOG = 64 << 20
_A_DAY = 86_400
_LONG_LOCK = 60
_FULL = 2
_MB = 1e6


def check_file_system(disk: DiskFacts) -> Check:
    """A local disk that is there after a restart."""
    name, found = "file system", f"{disk.kind or 'not named'} at {disk.mount}"
    if not disk.kind:
        return unknown(name, f"the system does not name the file system at {disk.mount}")
    if disk.kind in _NETWORK:
        return refused(
            name,
            "the record is on a network share, whose locks and syncs cannot be relied on",
            found=found,
            expected="a local disk; for many computers, PostgreSQL",
            next_step="move the study to a local disk: celltrial backup, then celltrial restore there",
        )
    if disk.is_read_only:
        return refused(
            name, "the disk is read-only", found=found, next_step="mount it for writing, or move the study elsewhere"
        )
    if disk.kind in _FLEETING:
        return warning(
            name,
            "this file system may be gone after a restart",
            found=found,
            expected="a disk that is kept",
            next_step="keep a study that counts on a disk (in a container: on a volume)",
        )
    return fine(name, found)


def check_free_space(disk: DiskFacts, record_bytes: int) -> Check:
    """Room for the next events and for a backup."""
    name = "free space"
    found = f"{disk.free / _MB:,.0f} MB free at {disk.mount}, the record has {record_bytes / _MB:,.1f} MB"
    step = "free some space, or move the study to a larger disk"
    if disk.free < max(_LEAST_FREE, 2 * record_bytes):
        return refused(name, "the disk is all but full", found=found, expected="64 MB and more", next_step=step)
    if disk.free < max(_ENOUGH_FREE, 10 * record_bytes):
        return warning(name, "the disk is filling up", found=found, expected="1 GB and more", next_step=step)
    return fine(name, found)


def check_rights(file: FileFacts) -> Check:
    """Only its owner writes, and only those who must can read: whoever can write to the file can change the past."""
    name, found = f"rights to {file.path}", f"mode {file.mode & 0o7777:o}, owner {file.owner}"
    if file.mode & 0o002:
        return refused(
            name,
            "everybody on this computer can write to it",
            found=found,
            expected="written by its owner alone",
            next_step=f"chmod go-w {file.path}",
        )
    if file.mode & 0o020:
        return warning(
            name,
            "a group can write to it",
            found=found,
            expected="written by one account; for several people, PostgreSQL or the site",
            next_step=f"chmod g-w {file.path}",
        )
    if file.user not in (file.owner, 0):
        return warning(
            name,
            "it belongs to another account",
            found=f"{found}; this program runs as {file.user}",
            next_step="run celltrial as the account that keeps the study",
        )
    if file.mode & 0o004:
        return warning(
            name,
            "everybody on this computer can read it",
            found=found,
            expected="read by those who must",
            next_step=f"chmod o-rwx {file.path}",
        )
    return fine(name, found)


def check_settings(record: RecordFileFacts) -> Check:
    """Write-ahead log, every commit synced."""
    name, found = "settings", f"SQLite, journal {record.journal}, synchronous {record.level}"
    if (record.journal, record.level) != ("wal", _FULL):
        return refused(
            name,
            "an acknowledged event may be lost at a power cut",
            found=found,
            expected="journal wal, synchronous 2 (FULL)",
            next_step="find out who changed the file; celltrial backup and restore make a sound copy on a local disk",
        )
    return fine(name, found)


def check_log(record: RecordFileFacts) -> Check:
    """A write-ahead log that nobody has folded in: the file alone is not the record."""
    name = "write-ahead log"
    found = f"{record.log_bytes / _MB:,.1f} MB, last written {record.log_age_s / 3600:,.1f} h ago"
    if record.log_bytes > _LARGE_LOG or (record.log_bytes and record.log_age_s > _A_DAY):
        return warning(
            name,
            "a program ended without closing the record, or has had it open for long",
            found=found,
            next_step="never copy record.db alone: celltrial backup; opening the record once folds the log in",
        )
    return fine(name, found if record.log_bytes else "none left over")


def check_lock(record: RecordFileFacts) -> Check:
    """Writers hold the lock for milliseconds."""
    if record.lock_held_s is None:
        return fine("lock", "free")
    found = f"held for {record.lock_held_s:,.0f} s"
    if record.lock_held_s > _LONG_LOCK:
        step = "find the program that hangs and end it: the lock is free at once, and nothing is lost"
        return warning("lock", "a program has held the lock for long", found=found, next_step=step)
    return fine("lock", f"{found} by a writer")


def check_clock(clock: ClockFacts) -> Check:
    """Kept by a time service."""
    name, found = "clock", f"{clock.now:%Y-%m-%d %H:%M:%S} UTC"
    match clock.synchronised:
        case "yes":
            return fine(name, f"{found}, synchronised")
        case "no":
            return warning(
                name,
                "the clock is not kept by a time service",
                found=f"{found}, not synchronised",
                expected="synchronised (NTP)",
                rule="ICH E6(R3) 4.2.2: unambiguous date and time",
                next_step="switch the time service on: timedatectl set-ntp true",
            )
        case _:
            return unknown(f"{name} ({found})", clock.because)


def check_last_time(clock: ClockFacts, last_at: datetime | None, *, is_simulated: bool) -> Check:
    """The last event lies in the past; otherwise the clock was moved back, or was wrong when it was written."""
    name = "time of the last event"
    if last_at is None:
        return unknown(name, "the record cannot be read")
    found = f"{last_at:%Y-%m-%d %H:%M:%S} UTC"
    if is_simulated:
        return fine(name, f"{found}; a simulated record has a time of its own")
    if last_at > clock.now:
        ahead = timedelta(seconds=round((last_at - clock.now).total_seconds()))
        return refused(
            name,
            "the last event is later than now: the clock was moved back, or was ahead when it was written",
            found=f"{found}, {ahead} from now",
            expected=f"{clock.now:%Y-%m-%d %H:%M:%S} UTC or earlier",
            rule="docs/record.md: recorded time never runs backwards; nothing can be written until then",
            next_step="set the clock right; if the event's time was wrong, write down why before the next event",
        )
    return fine(name, found)


def check_database(facts: DatabaseFacts, findings: Sequence[Finding]) -> tuple[Check, ...]:
    """A PostgreSQL session, with what the store itself found unsafe about server, role and guards."""
    way = "on this computer" if facts.is_local else "over a network"
    checks = [Check(name="PostgreSQL", outcome="refused", found=each.found, finding=each) for each in findings] or [
        fine("PostgreSQL", f"version, settings and guards in order; role {facts.role} may read and add, no more")
    ]
    if facts.is_local or facts.is_encrypted:
        return (*checks, fine("connection", way + (", encrypted" if facts.is_encrypted else "")))
    return (
        *checks,
        refused(
            "connection",
            "the record crosses the network in the clear",
            found=f"{way}, not encrypted",
            expected="TLS, with the server's name checked",
            next_step="add sslmode=verify-full to the URL",
        ),
    )
