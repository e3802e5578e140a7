"""What holds for a record in a file only: the lock file, the journal, files of earlier releases."""

import sqlite3

import pytest

from celltrial.errors import InputError, RefusedError
from celltrial.record.store_sqlite import SqliteStore
from contracts.support import add


@pytest.fixture
def store(tmp_path):
    """A new file."""
    made = SqliteStore.create(tmp_path / "record.db")
    yield made
    made.close()


def test_a_place_that_cannot_be_written_to(store):
    """A full or protected disk: a clear refusal, nothing written."""
    store._connection.execute("PRAGMA query_only=1")
    with pytest.raises(RefusedError, match=r"cannot be written to.*readonly"):
        add(store, 1)
    store._connection.execute("PRAGMA query_only=0")
    lock = store.path.with_name("record.db.lock")
    lock.unlink(missing_ok=True)
    lock.mkdir()
    with pytest.raises(RefusedError, match="cannot be written to"):
        add(store, 1)
    assert store.read() == []


def test_commits_are_synced(store):
    """Write-ahead log with synchronous=FULL: an acknowledged event survives a power cut."""
    assert store._one("PRAGMA journal_mode") == "wal"
    assert store._one("PRAGMA synchronous") == 2


def test_a_place_without_a_write_ahead_log_is_refused(store):
    """A file that was switched to another journal is not written to."""
    path = store.path
    store.close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=DELETE")
    database.close()
    with pytest.raises(RefusedError, match="cannot keep a record safely"):
        SqliteStore.open(path)


def test_a_foreign_database_is_refused(tmp_path):
    """SQLite, but not a record."""
    database = sqlite3.connect(tmp_path / "other.db")
    database.execute("CREATE TABLE t (x)")
    database.close()
    with pytest.raises(InputError, match="not a record that this program can read"):
        SqliteStore.open(tmp_path / "other.db")


def test_a_folder_that_is_not_there(tmp_path):
    """No traceback for a wrong path."""
    with pytest.raises(InputError, match="cannot be opened"):
        SqliteStore.create(tmp_path / "absent" / "record.db")
