"""When it was first written down: a column of a CSV file, a field of a JSON element, kept with the event."""

import json

import pytest

from celltrial.errors import RefusedError
from celltrial.record import import_file
from unit.record.support import CHEN, consent, later, new_record, write

HEADER = "subject,visit,analyte,value,unit,collected"
ROW = "01-001,SCR,hemoglobin,96,g/L,2026-01-05"


@pytest.fixture
def record(tmp_path):
    record = new_record(tmp_path)
    write(record, consent())
    return record


def put(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_column_of_a_csv_file(record, tmp_path):
    """It is no item of the form; a blank cell is none."""
    path = put(tmp_path, "labs.csv", f"{HEADER},source_at\n{ROW},2026-01-05T09:40\n{ROW.replace('96', '97')},\n")
    events = import_file(record, path, author=CHEN, at=later()).events
    assert [event.source_at for event in events] == ["2026-01-05T09:40", ""]
    assert "source_at" not in events[0].payload["items"]


def test_a_field_of_a_json_element(record, tmp_path):
    """Of an event with its body, and of a form row."""
    row = {
        "form": "labs",
        "subject": "01-001",
        "visit": "SCR",
        "source_at": "2026-01-05",
        "items": {"analyte": "hemoglobin", "value": "96", "unit": "g/L", "collected": "2026-01-05"},
    }
    event = {"type": "visit", "subject": "01-001", "source_at": "2026-01-05T08:00", "visit": "SCR", "on": "2026-01-05"}
    path = put(tmp_path, "rows.json", json.dumps([row, event]))
    events = import_file(record, path, author=CHEN, at=later()).events
    assert [each.source_at for each in events] == ["2026-01-05", "2026-01-05T08:00"]


def test_a_time_that_is_to_come_is_refused_at_its_line(record, tmp_path):
    """Nothing is written; the finding names file and line."""
    path = put(tmp_path, "labs.csv", f"{HEADER},source_at\n{ROW},2027-01-05\n")
    with pytest.raises(RefusedError) as refusal:
        import_file(record, path, author=CHEN, at=later())
    (finding,) = refusal.value.findings
    assert finding.message == "first written down after it is recorded here"
    assert (finding.source.line, finding.where) == (2, "01-001/form/source_at")
