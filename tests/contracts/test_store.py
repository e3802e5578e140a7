"""What every store of events must keep: whole batches, in order, durable, one writer at a time."""

import sqlite3
from pathlib import Path

import pytest

from celltrial.errors import InputError, RefusedError
from celltrial.record import Record, verify_record
from celltrial.record import store_sqlite as module
from celltrial.record.envelope import Row
from celltrial.record.store_sqlite import SqliteStore
from unit.record.support import ANNA, STUDY

STORES = [SqliteStore]
GOLDEN = Path(__file__).parent / "record-files"


def row(seq: int) -> Row:
    return Row(seq, "form", "01-001", "2026-01-05T08:00:00.000000Z", f"p{seq}", f"h{seq}", b'{"n":"\xe6\x9d\x8e"}')


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    """A new store of each kind."""
    made = request.param.create(tmp_path / "record.db")
    yield made
    made.close()


def test_rows_come_back_as_they_were_added(store):
    """In order, all or those after a number, with the store's own head."""
    assert (store.read(), store.head()) == ([], (0, "0" * 64))
    with store.writing():
        store.add([row(1), row(2)])
    with store.writing():
        store.add([row(3)])
    assert store.read() == [row(1), row(2), row(3)]
    assert store.read(after=2) == [row(3)]
    assert store.head() == (3, "h3")


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_batch_that_fails_leaves_nothing(store, failure):
    """Whatever goes wrong inside, nothing of the batch is stored, and the store can be written to again."""

    def add_and_fail():
        with store.writing():
            store.add([row(1)])
            raise failure

    with pytest.raises(failure):
        add_and_fail()
    assert (store.read(), store.head()) == ([], (0, "0" * 64))
    with store.writing():
        store.add([row(1)])
    assert store.read() == [row(1)]


def test_the_same_number_twice_is_refused(store):
    """No row takes another's place."""
    with store.writing():
        store.add([row(1)])
    with pytest.raises(sqlite3.IntegrityError), store.writing():
        store.add([row(1)])
    assert store.read() == [row(1)]


def test_an_empty_batch_is_nothing(store):
    """Nothing added, nothing changed."""
    with store.writing():
        store.add([])
    assert store.head() == (0, "0" * 64)


def test_a_second_writer_waits_and_is_told(store, monkeypatch):
    """Another program's lock: after the wait a clear refusal, not a corrupt file."""
    monkeypatch.setattr(module, "_SECONDS_TO_WAIT", 0.05)
    other = type(store).open(store.path)
    with store.writing(), pytest.raises(RefusedError, match="another program is writing"), other.writing():
        pass
    with other.writing():
        other.add([row(1)])
    other.close()
    assert store.read() == [row(1)]


def test_a_place_that_cannot_be_written_to(store):
    """A full or protected disk: a clear refusal, nothing written."""
    store._connection.execute("PRAGMA query_only=1")
    with pytest.raises(RefusedError, match=r"cannot be written to.*readonly"), store.writing():
        store.add([row(1)])
    store._connection.execute("PRAGMA query_only=0")
    lock = store.path.with_name("record.db.lock")
    lock.unlink(missing_ok=True)
    lock.mkdir()
    with pytest.raises(RefusedError, match="cannot be written to"), store.writing():
        store.add([row(1)])
    assert store.read() == []


def test_a_reader_sees_whole_batches_only(store):
    """While a batch is being written, others read what was before it."""
    reader = type(store).open(store.path, read_only=True)
    with store.writing():
        store.add([row(1)])
        assert reader.read() == []
    assert reader.read() == [row(1)]
    reader.close()


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
        type(store).open(path)


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


def test_a_begun_record_is_never_removed(store):
    """Only what holds no event may be taken away."""
    with store.writing():
        store.add([row(1)])
    with pytest.raises(InputError, match="never removed"):
        store.remove()
    assert store.read() == [row(1)]


@pytest.mark.parametrize("name", ["record-0.1.0.db"])
def test_records_of_past_releases_are_read(name, tmp_path):
    """The file that release 0.1.0 wrote verifies, and says what was written into it then."""
    path = tmp_path / "record.db"
    path.write_bytes((GOLDEN / name).read_bytes())
    result = verify_record(path)
    assert (result.ok, result.events, result.findings) == (True, 7, ())
    state = Record.open(path, STUDY).state()
    assert [(entry.event.type, entry.subject) for entry in state.all_entries()] == [
        ("study_opened", None),
        ("consent", ANNA),
        ("form", ANNA),
        ("adverse_event", ANNA),
        ("correction", ANNA),
        ("correction", ANNA),
    ]
    labs = state.forms("labs", ANNA)[0].body
    assert labs.items == {
        "analyte": "hemoglobin",
        "value": "96",
        "unit": "g/L",
        "collected": "2026-01-05",
        "comment": "复查",
    }
    assert [(entry.seq, entry.body.items["value"]) for entry in state.voided] == [(5, "97")]
    assert state.adverse_events(ANNA)[0].body.grade == "2"
