"""A record in PostgreSQL: rows added by a role that cannot change them, each batch durable before it is acknowledged.

The tables are made once by an owner (store_postgres.sql, `create_database`); a record is written by an app role with
SELECT and INSERT only. Writers queue for an advisory lock, which PostgreSQL grants in the order of asking.
"""

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from celltrial.errors import Finding, InputError, RefusedError
from celltrial.record.canonical import GENESIS
from celltrial.record.envelope import Row
from celltrial.record.store import Standing
from celltrial.record.store_postgres_place import DatabasePlace, connect, finding_of, parse_place
from celltrial.record.store_postgres_rights import check_triggers, check_writer, require_record, require_safe

__all__ = ["PostgresStore"]

_SECONDS_TO_WAIT = 30
_NOTHING = "nothing was written"
# the second half of the lock's key; the first is the table itself, so that each record of a database has its own
_LOCK = 1192
_SELECT = (
    "SELECT e.seq, e.type, e.subject, e.recorded_at, e.prev, e.hash, e.content, coalesce(o.lines, ''::bytea) "
    "FROM event e LEFT JOIN opening o ON o.seq = e.seq WHERE e.seq > %s ORDER BY e.seq"
)


class PostgresStore:
    """An open record. Where the connection was lost while nothing was being written, the next use connects again."""

    def __init__(self, place: DatabasePlace, *, read_only: bool) -> None:
        self.place = place
        self._read_only = read_only
        self._is_within = False
        # a list, so that whatever connection is the last one is closed with the store
        self._held = [self._connect()]
        self._close = weakref.finalize(self, _close_all, self._held)

    @classmethod
    def create(cls, url: str) -> "PostgresStore":
        """The empty record that an owner has made. Raises InputError where there is none, or where it was begun."""
        store = cls(parse_place(url), read_only=False)
        if store.head()[0] or store.read():
            store.close()
            raise InputError(
                Finding(
                    message="there is a record already; it is never overwritten",
                    found=store.name,
                    next_step="open it; or let the owner make another: celltrial database create URL?schema=NAME",
                )
            )
        return store

    @classmethod
    def open(cls, url: str, *, read_only: bool = False) -> "PostgresStore":
        """The record there. Raises InputError where there is none, RefusedError where it is not safe to write to."""
        return cls(parse_place(url), read_only=read_only)

    @property
    def name(self) -> str:
        """The database's address and schema, without a password."""
        return self.place.name

    def close(self) -> None:
        """End the connection; a second call does nothing."""
        self._close()

    def remove(self) -> None:
        """Leave a record that was never begun: its empty tables are the owner's. Raises InputError where it was."""
        if self.head()[0]:
            raise InputError(Finding(message="a record with events is never removed", found=self.name))
        self.close()

    def read(self, after: int = 0) -> list[Row]:
        """The rows past number `after`, in order."""
        return [Row(*row) for row in self._run(_SELECT, [after])]

    def head(self) -> tuple[int, str]:
        """The number of events and the last link, as the store itself keeps them beside the events."""
        row = self._run("SELECT length, hash FROM head ORDER BY length DESC LIMIT 1").fetchone()
        return (int(row[0]), str(row[1])) if row else (0, GENESIS)

    def damage(self) -> tuple[Finding, ...]:
        """Guards that are missing; and, where it is open for writing, rights that the role must not have."""
        self._run("SELECT 1")
        connection = self._held[-1]
        writer = () if self._read_only else tuple(check_writer(connection, self.place))
        return (*check_triggers(connection, self.place), *writer)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What is read inside is one moment of the record."""
        self._run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._is_within = True
        try:
            yield
        finally:
            self._roll_back()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The right to write: what is inside is stored whole when the block ends, or not at all when it raises."""
        self._run("BEGIN")
        self._is_within = True
        try:
            # taken before anything is read, so that what is read is what the writer before has left
            self._run("SELECT pg_advisory_xact_lock('event'::regclass::oid::integer, %s)", [_LOCK])
            yield
            self._commit()
        finally:
            self._roll_back()

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows at the end, within `writing`."""
        if not rows:
            return
        self._run_many(
            "INSERT INTO event (seq, type, subject, recorded_at, prev, hash, content) VALUES (%s,%s,%s,%s,%s,%s,%s)",
            [row[:7] for row in rows],
        )
        openings = [(row.seq, row.opening) for row in rows if row.opening]
        self._run_many("INSERT INTO opening (seq, lines) VALUES (%s, %s)", openings)
        self._run("INSERT INTO head (length, hash) VALUES (%s, %s)", [rows[-1].seq, rows[-1].hash])

    def redact(self, seq: int, opening: bytes) -> None:
        """Put an opening with fewer values in the place of event `seq`'s, where an approved redaction allows it."""
        self._run("SELECT redact(%s, %s)", [seq, opening])

    def keep(self, standing: Sequence[Standing]) -> None:
        """Add lines to the projection, within `writing`."""
        self._run_many("INSERT INTO standing VALUES (%s, %s, %s, %s, %s, %s)", standing)

    def has_projection(self) -> bool:
        """Always: PostgreSQL came after the projection."""
        return True

    def standing(self) -> list[Standing]:
        """The projection, by entry and event."""
        return [Standing(*row) for row in self._run("SELECT * FROM standing ORDER BY entry, event")]

    def drop_projection(self) -> None:
        """Take away every line of the projection, within `writing`."""
        self._run("SELECT forget_projection()")

    def _connect(self) -> "psycopg.Connection[Any]":
        connection = connect(self.place)
        try:
            settings = {
                # pg_temp last, so that no temporary table is taken for one of the record's
                "search_path": f"{self.place.schema}, pg_temp",
                "lock_timeout": f"{int(_SECONDS_TO_WAIT * 1000)}ms",
                "default_transaction_read_only": "on" if self._read_only else "off",
            }
            # anything stricter than `on`, for a second server, is left as it is
            if connection.execute("SHOW synchronous_commit").fetchone() in (("off",), ("local",)):
                settings["synchronous_commit"] = "on"
            for name, value in settings.items():
                connection.execute("SELECT set_config(%s, %s, false)", [name, value])
            require_record(connection, self.place)
            if not self._read_only:
                require_safe(connection, self.place)
        except psycopg.Error as error:
            connection.close()
            raise finding_of(error, self.place, was=_NOTHING) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _run(self, statement: str, parameters: Sequence[object] | None = None) -> "psycopg.Cursor[Any]":
        """Execute one statement; outside a transaction a lost connection is made anew, once."""
        try:
            return self._execute(statement, parameters)
        except psycopg.Error as error:
            if self._is_within or not self._held[-1].closed or not self._close.alive:
                raise finding_of(error, self.place, was=_NOTHING) from None
        self._held[:] = [self._connect()]
        try:
            return self._execute(statement, parameters)
        except psycopg.Error as error:
            raise finding_of(error, self.place, was=_NOTHING) from None

    def _execute(self, statement: str, parameters: Sequence[object] | None) -> "psycopg.Cursor[Any]":
        # binary: bytes need not be written as text and read back
        return self._held[-1].execute(statement, parameters, binary=True)

    def _run_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        if len(rows) == 1:
            self._run(statement, rows[0])
            return
        try:
            with self._held[-1].cursor() as cursor:
                cursor.executemany(statement, rows)
        except psycopg.Error as error:
            raise finding_of(error, self.place, was=_NOTHING) from None

    def _commit(self) -> None:
        """Store what was written. Raises RefusedError, which says so where it cannot be known whether it is stored."""
        try:
            done = self._execute("COMMIT", None).statusmessage
        except psycopg.Error as error:
            is_known = not self._held[-1].closed
            was = _NOTHING if is_known else "it is not known whether the last events were stored"
            raise finding_of(error, self.place, was=was) from None
        self._is_within = False
        if done != "COMMIT":
            # a statement failed, and whoever called it went on
            raise RefusedError(Finding(message=f"the database gave the events up; {_NOTHING}", found=self.name))

    def _roll_back(self) -> None:
        connection = self._held[-1]
        if self._is_within and not connection.closed:
            # what cannot be rolled back is rolled back by the server, when the connection ends
            with suppress(psycopg.Error):
                connection.execute("ROLLBACK")
        self._is_within = False


def _close_all(connections: "list[psycopg.Connection[Any]]") -> None:
    for connection in connections:
        connection.close()
