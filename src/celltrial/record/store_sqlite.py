"""The store: one SQLite file, rows added and never changed, each batch durable before it is acknowledged.

WAL with `synchronous=FULL` (NORMAL loses acknowledged writes at a power cut) and `BEGIN IMMEDIATE` behind a lock file,
which also keeps writers fair: SQLite's own busy wait lets a writer starve. Triggers stop accidents; against a person
who holds the file only the hash chain and anchors outside of it help (docs/record.md).
"""

import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import cast

from celltrial.errors import Finding, InputError, RefusedError, TamperedError
from celltrial.record.canonical import GENESIS
from celltrial.record.envelope import Row
from celltrial.record.store import Standing
from celltrial.record.undisturbed import MANY, undisturbed

__all__ = ["SqliteStore"]

# "CT" + "RC": names the file type to anyone who looks at its header
_APPLICATION_ID = 0x43545243
# version 2 keeps the values of an event beside what is hashed (opening.py)
_SCHEMA_VERSION = 2
_SECONDS_TO_WAIT = 30
# who waits moves up these places in order: a writer in a loop cannot take the lock again past those who wait for it
_PLACES_IN_THE_QUEUE = 3
# shorter than a commit takes; the first of the queue, of whom there is one, looks more often
_SECONDS_BETWEEN_LOOKS = 0.002
_SECONDS_BETWEEN_LOOKS_OF_FIRST = 0.0005
_SYNCHRONOUS_FULL = 2

# the projection and the values beside the hashed contents; a file of version 1 gets them when it is opened for writing
_SCHEMA_2 = """
CREATE TABLE opening (seq INTEGER PRIMARY KEY, lines BLOB NOT NULL) STRICT;
CREATE TABLE standing (
    entry INTEGER NOT NULL, event INTEGER NOT NULL, type TEXT NOT NULL, subject TEXT, body TEXT NOT NULL,
    void INTEGER NOT NULL, PRIMARY KEY (entry, event)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER opening_only_loses BEFORE UPDATE ON opening
    WHEN NOT EXISTS (SELECT 1 FROM event WHERE type = 'redaction_approval')
    BEGIN SELECT RAISE(ABORT, 'values are never changed: append a correction'); END;
CREATE TRIGGER opening_is_never_deleted BEFORE DELETE ON opening
    BEGIN SELECT RAISE(ABORT, 'values are never deleted: append a correction'); END;
"""
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
        self._is_first = False
        self._must_scrub = False
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
            for statement in (*_statements(_SCHEMA), *_statements(_SCHEMA_2)):
                connection.execute(statement)
            connection.execute("INSERT INTO head VALUES (1, 0, ?)", (GENESIS,))
            connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")
            connection.execute("COMMIT")
        # loaded here: what opens a record need not know how a file is made to last
        from celltrial.record.durable_files import sync_folder

        sync_folder(path.parent)
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
        if mark == (_APPLICATION_ID, 1):
            # the first release's file: read as it is, and given the newer tables before anything is added
            store._is_first = True
            mark = (_APPLICATION_ID, _SCHEMA_VERSION)
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

    @property
    def name(self) -> str:
        """The file's path."""
        return str(self.path)

    def remove(self) -> None:
        """Take away a record that was never begun. Raises InputError where it holds an event."""
        if self.head()[0]:
            raise InputError(Finding(message="a record with events is never removed", found=str(self.path)))
        self.close()
        places = (f".lock{number}" for number in range(1, _PLACES_IN_THE_QUEUE + 1))
        for ending in ("", "-wal", "-shm", ".lock", *places):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)

    def read(self, after: int = 0) -> list[Row]:
        """The rows past number `after`, in order."""
        statement = _SELECT_FIRST if self._is_first else _SELECT
        with _readable(self.path), undisturbed(0 if after else MANY):
            try:
                return list(map(_to_row, self._connection.execute(statement, (after,))))
            except sqlite3.OperationalError:
                # a text that is not UTF-8 is somebody's doing: read as what it is; verification names its event
                self._connection.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
                return list(map(_to_row, self._connection.execute(statement, (after,))))

    def head(self) -> tuple[int, str]:
        """The number of events and the last link, as the store itself keeps them."""
        with _readable(self.path):
            row = self._connection.execute("SELECT length, hash FROM head").fetchone()
        return (int(row[0]), str(row[1])) if row else (-1, "")

    def settings(self) -> tuple[str, int]:
        """The journal's mode and the level of `synchronous`, as this connection has them."""
        with _readable(self.path):
            return str(self._one("PRAGMA journal_mode")), int(str(self._one("PRAGMA synchronous")))

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
    def reading(self) -> Iterator[None]:
        """What is read inside is one moment of the record, whatever others write meanwhile."""
        with _readable(self.path):
            self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The right to write: what is inside is stored whole when the block ends, or not at all when it raises."""
        with self._locked(), _writable(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._lift()
                yield
                self._connection.execute("COMMIT")
                if self._must_scrub:
                    self._scrub()
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
        self._connection.executemany(
            "INSERT INTO opening (seq, lines) VALUES (?, ?)", [(row.seq, row.opening) for row in rows if row.opening]
        )
        if rows:
            self._connection.execute("UPDATE head SET length = ?, hash = ?", (rows[-1].seq, rows[-1].hash))

    def redact(self, seq: int, opening: bytes) -> None:
        """Put an opening with fewer values in the place of event `seq`'s, within `writing`."""
        self._connection.execute("UPDATE opening SET lines = ? WHERE seq = ?", (opening, seq))
        self._must_scrub = True

    def keep(self, standing: Sequence[Standing]) -> None:
        """Add lines to the projection, within `writing`."""
        self._connection.executemany("INSERT INTO standing VALUES (?, ?, ?, ?, ?, ?)", standing)

    def has_projection(self) -> bool:
        """Whether there is a place for the projection; a file of the first release has none yet."""
        return not self._is_first

    def standing(self) -> list[Standing] | None:
        """The projection, by entry and event; None in a file of the first release."""
        if self._is_first:
            return None
        with _readable(self.path):
            return [Standing(*row) for row in self._connection.execute("SELECT * FROM standing ORDER BY entry, event")]

    def drop_projection(self) -> None:
        """Take away every line of the projection, within `writing`."""
        self._connection.execute("DELETE FROM standing")

    def _lift(self) -> None:
        """Give a file of the first release the newer tables; its events stay as they are."""
        if not self._is_first:
            return
        for statement in _statements(_SCHEMA_2):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")
        self._is_first = False

    def _scrub(self) -> None:
        """After a redaction: no copy of the removed bytes stays in the file's free pages or its log."""
        self._must_scrub = False
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # loaded here: readers need no lock, and the import costs more than opening the record
        from filelock import FileLock, Timeout

        until = time.monotonic() + _SECONDS_TO_WAIT
        lock = FileLock(f"{self.path}.lock")
        try:
            with ExitStack() as places:
                for number in range(_PLACES_IN_THE_QUEUE, 0, -1):
                    place = FileLock(f"{self.path}.lock{number}")
                    place.acquire(timeout=max(0, until - time.monotonic()), poll_interval=_SECONDS_BETWEEN_LOOKS)
                    # the place behind is free for the next one
                    places.close()
                    places.callback(place.release)
                lock.acquire(timeout=max(0, until - time.monotonic()), poll_interval=_SECONDS_BETWEEN_LOOKS_OF_FIRST)
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
        mode, level = self.settings()
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


# a stored row as it is: the tuple that SQLite gives, under its names
_to_row = cast("Callable[[tuple[object, ...]], Row]", partial(tuple.__new__, Row))
_COLUMNS = "e.seq, e.type, e.subject, e.recorded_at, e.prev, e.hash, e.content"
_SELECT = (
    f"SELECT {_COLUMNS}, coalesce(o.lines, x'') FROM event e LEFT JOIN opening o ON o.seq = e.seq "
    "WHERE e.seq > ? ORDER BY e.seq"
)
_SELECT_FIRST = f"SELECT {_COLUMNS}, x'' FROM event e WHERE e.seq > ? ORDER BY e.seq"


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
    try:
        with _readable(path):
            connection.execute("PRAGMA synchronous=FULL")
            # what a redaction takes away is overwritten, not left in free pages
            connection.execute("PRAGMA secure_delete=ON")
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
    except sqlite3.IntegrityError as error:
        raise RefusedError(
            Finding(
                message="the record refuses the rows; nothing was written",
                found=f"{path}: {error}",
                next_step="read the record again: celltrial verify",
            )
        ) from None


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
