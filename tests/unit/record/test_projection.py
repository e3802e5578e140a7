"""The projection stands beside the events: written with them, compared with them, written anew from them."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from celltrial.record import Correction, Record, verify_record
from celltrial.record.log import SNAPSHOT_EVERY
from celltrial.record.store_sqlite import SqliteStore
from unit.record.support import ANNA, STUDY, consent, lab, new_record, write

GOLDEN = Path(__file__).parents[2] / "contracts" / "record-files" / "record-0.1.0.db"


def standing(path):
    """Of each entry its last line: body and whether it is void."""
    store = SqliteStore.open(path, read_only=True)
    lines = {line.entry: line for line in store.standing()}
    store.close()
    return {seq: (json.loads(line.body), bool(line.void)) for seq, line in lines.items()}


def test_the_last_line_of_an_entry_is_how_it_stands(tmp_path):
    """After corrections and when it was entered in error, as the state has it."""
    record = new_record(tmp_path)
    write(record, consent())
    write(record, lab("5"))
    write(record, lab("6", row="2"))
    write(record, Correction(target=3, replace={"items.value": "7"}), why="misread")
    write(record, Correction(target=4, entered_in_error="yes"), why="another person's")
    lines = standing(tmp_path / "record.db")
    assert (lines[3][0]["items"]["value"], lines[3][1]) == ("7", False)
    assert (lines[4][0]["items"]["value"], lines[4][1]) == ("6", True)
    assert lines.keys() == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE standing SET body = replace(body, '5', '50') WHERE entry = 3",
        "UPDATE standing SET void = 1 WHERE entry = 3",
        "DELETE FROM standing WHERE entry = 2",
        "INSERT INTO standing VALUES (9, 9, 'form', '01-001', '{}', 0)",
    ],
)
def test_a_projection_that_is_not_what_the_events_give_is_found_and_mended(tmp_path, statement):
    """Verification names the entry; the events are as they were, so the projection is written anew."""
    record = new_record(tmp_path)
    write(record, consent())
    write(record, lab("5"))
    record.close()
    database = sqlite3.connect(tmp_path / "record.db")
    database.execute(statement)
    database.commit()
    database.close()
    findings = verify_record(tmp_path / "record.db").findings
    assert [finding.message for finding in findings] == ["the projection is not what the events give"]
    record = Record.open(tmp_path / "record.db", STUDY)
    assert record.rebuild() == 3
    record.close()
    assert verify_record(tmp_path / "record.db").ok


def test_a_file_of_the_first_release_gets_its_projection_with_the_next_event(tmp_path):
    """Nothing is written by reading; the first append lifts the file and projects what is there."""
    path = Path(shutil.copy(GOLDEN, tmp_path / "record.db"))
    before = path.read_bytes()
    record = Record.open(path, STUDY)
    assert record.length == 7
    assert path.read_bytes() == before
    write(record, lab("1", row="77"))
    record.close()
    assert standing(path).keys() == set(range(1, 9))
    result = verify_record(path)
    assert (result.ok, result.events) == (True, 8)


def test_a_look_back_gives_the_same_on_both_sides_of_a_snapshot(tmp_path):
    """States as of moments around a snapshot, by the snapshot and from the beginning."""
    record = new_record(tmp_path)
    write(record, consent())
    drafts = SNAPSHOT_EVERY + 20
    from celltrial.record import Draft, fold
    from unit.record.support import CHEN, later

    for start in range(0, drafts, 60):
        batch = [Draft(body=lab(str(number), row=str(number + 1)), subject=ANNA) for number in range(start, start + 60)]
        record.append(batch, author=CHEN, at=later())
    times = sorted({event.recorded_at for event in record.events()})
    for moment in times[-4:] + times[:2]:
        events = [event for event in record.events() if event.recorded_at <= moment]
        seen, plain = record.state(as_of=moment), fold(events)
        assert (seen.length, seen.head) == (plain.length, plain.head)
        assert [entry.body for entry in seen.all_entries()] == [entry.body for entry in plain.all_entries()]
