"""The audit trail: each field once, changes with what was before, counted against the record."""

from zoneinfo import ZoneInfo

from celltrial.record.bodies import Correction, Signature
from celltrial.record.chronicle import Chronicle
from celltrial.record.trail import list_trail
from celltrial.record.trail_table import read_trail_csv, render_trail_csv
from unit.record.support import ANNA, BERTA, adverse_event, consent, lab, new_record, write

ZONE = ZoneInfo("Asia/Shanghai")


def rows(record, subject=None):
    return read_trail_csv(render_trail_csv(list_trail(Chronicle(record.state()), subject), ZONE))


def test_a_first_entry_has_a_line_for_each_field(tmp_path):
    """Blank and never changed fields too: what a peer's export leaves out."""
    record = new_record(tmp_path)
    event = write(record, adverse_event("1", "2"))
    lines = [row for row in rows(record) if row["event"] == str(event.seq)]
    assert {row["field"]: row["new"] for row in lines} == dict(event.payload)
    assert {row["action"] for row in lines} == {"first entry"}
    assert {row["hash"] for row in lines} == {event.hash}
    record.close()


def test_a_correction_has_old_and_new_and_its_reason(tmp_path):
    """The line of the changed field stands at the corrected entry, with both values."""
    record = new_record(tmp_path)
    first = write(record, lab("69"))
    change = write(record, Correction(target=first.seq, replace={"items.value": "96"}), why="digits swapped")
    line = next(row for row in rows(record) if row["event"] == str(change.seq) and row["field"] == "items.value")
    shown = {name: line[name] for name in ("form", "visit", "row", "old", "new", "why", "entry", "action", "changed")}
    assert shown == {
        "form": "labs",
        "visit": "SCR",
        "row": "1",
        "old": "69",
        "new": "96",
        "why": "digits swapped",
        "entry": str(first.seq),
        "action": "correction",
        "changed": "yes",
    }
    again = write(record, Correction(target=first.seq, replace={"items.value": "95"}), why="read again")
    last = next(row for row in rows(record) if row["event"] == str(again.seq) and row["field"] == "items.value")
    assert (last["old"], last["new"]) == ("96", "95")
    record.close()


def test_times_are_in_utc_and_on_the_sites_clock(tmp_path):
    """The same moment twice, each with its zone."""
    record = new_record(tmp_path)
    line = rows(record)[0]
    assert line["recorded_at_utc"] == "2026-01-05T08:00:00.000000Z"
    assert line["recorded_at_site"] == "2026-01-05T16:00:00.000000+08:00"
    record.close()


def test_a_participants_trail_has_what_speaks_of_their_events(tmp_path):
    """A signature without a subject over two people's events is in the trail of both; the others' events are not."""
    record = new_record(tmp_path)
    hers, other = write(record, consent()), write(record, consent(), BERTA)
    both = write(
        record, Signature(covers=(hers.seq, other.seq), meaning="seen", printed_name="Li", content_hash="0"), None
    )
    trail = list_trail(Chronicle(record.state()), ANNA)
    assert [event.seq for event in trail.events] == [hers.seq, both.seq]
    assert trail.about == (both.seq,)
    record.close()


def test_a_later_start_leaves_earlier_values_beside_the_new(tmp_path):
    """Only what was recorded since; the old value is still told."""
    record = new_record(tmp_path)
    first = write(record, lab("69"))
    change = write(record, Correction(target=first.seq, replace={"items.value": "96"}), why="digits swapped")
    since = list_trail(Chronicle(record.state())).recorded_from(change.recorded_at)
    assert [event.seq for event in since.events] == [change.seq]
    assert [(line.old, line.new) for line in since.lines if line.field == "items.value"] == [("69", "96")]
    record.close()
