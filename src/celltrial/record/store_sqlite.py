"""The store: one SQLite file, rows added and never changed, each batch durable before it is acknowledged.

WAL with `synchronous=FULL` (NORMAL loses acknowledged writes at a power cut) and `BEGIN IMMEDIATE` behind a lock file,
which also keeps writers fair: SQLite's own busy wait lets a writer starve. Triggers stop accidents; against a person
who holds the file only the hash chain and anchors outside of it help (docs/record.md).
"""

import os
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from celltrial.errors import Finding, InputError, RefusedError, TamperedError
from celltrial.record.canonical import GENESIS
from celltrial.record.envelope import Row

__all__ = ["SqliteStore"]

# "CT" + "RC": names the file type to anyone who looks at its header
_APPLICATION_ID = 0x43545243
_SCHEMA_VERSION = 1
_SECONDS_TO_WAIT = 30
# shorter than a commit takes, so that a writer in a loop does not keep the others out
_SECONDS_BETWEEN_LOOKS = 0.002
_SYNCHRONOUS_FULL = 2

_SCHEMA = """
CREATE TABLE event (
    seq INTEGER PRIMARY KEY, type TEXT NOT NULL, subject TEXT, recorded_at TEXT NOT NULL,
    prev TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, content BLOB NOT NULL
) STRICT;
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), length INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'events are never changed: append a correction'); END;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'events are never deleted: append a correction'); END;
"""


class SqliteStore:
    """An open record file. One process may hold several; `writing` lets one of them write at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._close = weakref.finalize(self, connection.close)

    @classmethod
    def create(cls, path: Path) -> "SqliteStore":
        """A new, empty store. Raises InputError where there is something at `path` already."""
        if path.exists() and path.stat().st_size:
            raise InputError(
                Finding(message="there is a file already", found=str(path), next_step="choose another place")
            )
        store = cls(path, _connect(path, "rwc"))
        connection = store._connection
        connection.execute("PRAGMA journal_mode=WAL")
        store._require_durable()
        with store._locked():
            connection.execute("BEGIN IMMEDIATE")
            for statement in _statements(_SCHEMA):
                connection.execute(statement)
            connection.execute("INSERT INTO head VALUES (1, 0, ?)", (GENESIS,))
            connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")
            connection.execute("COMMIT")
        _sync_folder(path.parent)
        return store

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> "SqliteStore":
        """The store at `path`. Raises InputError where it is no record, TamperedError where it cannot be read."""
        if not path.is_file():
            raise InputError(
                Finding(message="there is no record", found=str(path), next_step="make one with celltrial new")
            )
        store = cls(path, _connect(path, "ro" if read_only else "rw"))
        with _readable(path):
            mark = store._one("PRAGMA application_id"), store._one("PRAGMA user_version")
        if mark != (_APPLICATION_ID, _SCHEMA_VERSION):
            store.close()
            raise InputError(
                Finding(
                    message="not a record that this program can read",
                    found=f"{path}: application {mark[0]}, version {mark[1]}",
                    expected=f"application {_APPLICATION_ID}, version {_SCHEMA_VERSION}",
                )
            )
        if not read_only:
            store._require_durable()
        return store

    def close(self) -> None:
        """Give the file back; a second call does nothing."""
        self._close()

    def remove(self) -> None:
        """Take away a record that was never begun. Raises InputError where it holds an event."""
        if self.head()[0]:
            raise InputError(Finding(message="a record with events is never removed", found=str(self.path)))
        self.close()
        for ending in ("", "-wal", "-shm", ".lock"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)

    def read(self, after: int = 0) -> list[Row]:
        """The rows past number `after`, in order."""
        with _readable(self.path):
            return [Row(*row) for row in self._connection.execute(_SELECT, (after,))]

    def head(self) -> tuple[int, str]:
        """The number of events and the last link, as the store itself keeps them."""
        with _readable(self.path):
            row = self._connection.execute("SELECT length, hash FROM head").fetchone()
        return (int(row[0]), str(row[1])) if row else (-1, "")

    def damage(self) -> tuple[Finding, ...]:
        """What SQLite itself finds wrong with the file's pages and indexes."""
        with _readable(self.path):
            lines = [str(row[0]) for row in self._connection.execute("PRAGMA integrity_check")]
        return tuple(
            Finding(message="the record file is damaged", where=str(self.path), found=line, expected="ok")
            for line in lines
            if line != "ok"
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The right to write: what is inside is stored whole when the block ends, or not at all when it raises."""
        with self._locked(), _writable(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows at the end, within `writing`."""
        self._connection.executemany(
            "INSERT INTO event (seq, type, subject, recorded_at, prev, hash, content) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(row.seq, row.type, row.subject, row.recorded_at, row.prev, row.hash, row.content) for row in rows],
        )
        if rows:
            self._connection.execute("UPDATE head SET length = ?, hash = ?", (rows[-1].seq, rows[-1].hash))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # loaded here: readers need no lock, and the import costs more than opening the record
        from filelock import FileLock, Timeout

        lock = FileLock(f"{self.path}.lock", timeout=_SECONDS_TO_WAIT)
        try:
            lock.acquire(poll_interval=_SECONDS_BETWEEN_LOOKS)
        except Timeout:
            raise RefusedError(
                Finding(
                    message="another program is writing to this record",
                    found=f"{self.path}.lock held for over {_SECONDS_TO_WAIT} s",
                    next_step="wait for it to end, then write again; nothing was written",
                )
            ) from None
        except OSError as error:
            raise _not_writable(self.path, error) from None
        try:
            yield
        finally:
            lock.release()

    def _require_durable(self) -> None:
        mode, level = self._one("PRAGMA journal_mode"), self._one("PRAGMA synchronous")
        if (mode, level) != ("wal", _SYNCHRONOUS_FULL):
            self.close()
            raise RefusedError(
                Finding(
                    message="this place cannot keep a record safely",
                    found=f"{self.path}: journal {mode}, synchronous {level}",
                    expected=f"journal wal, synchronous {_SYNCHRONOUS_FULL} (FULL)",
                    rule="an acknowledged event survives a power cut",
                    next_step="keep the study on a local disk, not on a network share",
                )
            )

    def _one(self, statement: str) -> object:
        return self._connection.execute(statement).fetchone()[0]


_SELECT = "SELECT seq, type, subject, recorded_at, prev, hash, content FROM event WHERE seq > ? ORDER BY seq"


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=_SECONDS_TO_WAIT
        )
    except sqlite3.Error as error:
        raise InputError(
            Finding(
                message="the record cannot be opened", found=f"{path}: {error}", next_step="check folder and rights"
            )
        ) from None
    # a text that is not UTF-8 is somebody's doing: it is read as what it is, and verification names its event
    connection.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
    try:
        with _readable(path):
            connection.execute("PRAGMA synchronous=FULL")
    except TamperedError:
        connection.close()
        raise
    return connection


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise TamperedError(
            Finding(
                message="the record file is damaged",
                found=f"{path}: {error}",
                next_step="keep this file as it is and restore the last backup beside it",
            )
        ) from None


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _not_writable(path, error) from None


def _not_writable(path: Path, error: Exception) -> RefusedError:
    return RefusedError(
        Finding(
            message="the record cannot be written to; nothing was written",
            found=f"{path}: {error}",
            next_step="check the disk's space and the rights to the folder",
        )
    )


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.strip().splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _sync_folder(folder: Path) -> None:
    """Make the new file's name durable too; where folders cannot be opened, the system does it by itself."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
