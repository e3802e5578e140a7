"""What is read off the machine, before anybody judges it."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["ClockFacts", "DatabaseFacts", "DiskFacts", "FileFacts", "RecordFileFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A file or folder: its permission bits, who owns it, and who runs this program (user ids)."""

    path: str
    mode: int
    owner: int
    user: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFacts:
    """Where a file stands: kind of file system (blank: not known), mounted how, and how many bytes are free."""

    mount: str
    kind: str
    is_read_only: bool
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFileFacts:
    """The SQLite file as this program opens it.

    `level` is PRAGMA synchronous (2 is FULL). `log_bytes`, `log_age_s`: the write-ahead log, 0 where there is none.
    `lock_held_s`: how long another program has been holding the lock, or None where none does.
    """

    journal: str
    level: int
    bytes: int
    log_bytes: int = 0
    log_age_s: float = 0
    lock_held_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFacts:
    """The clock: now; whether it is kept by a time service ("yes", "no", or blank and why that is not known)."""

    now: datetime
    synchronised: str
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """A PostgreSQL session: the role, whether it came over a network, whether that was encrypted."""

    role: str
    is_local: bool
    is_encrypted: bool
