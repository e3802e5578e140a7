"""Corrections: a new event with a reason; what was written stays; what cannot be corrected is refused."""

import pytest

from celltrial.errors import RefusedError
from celltrial.record import Consent, Correction, DltAssessment, FormEntry, Signature, verify_record
from unit.record.support import ANNA, BERTA, START, adverse_event, consent, lab, later, new_record, write


def correct(record, target, why="typed wrongly", subject=ANNA, void="no", **replace):
    """Append a correction."""
    paths = {path.replace("__", "."): text for path, text in replace.items()}
    return write(record, Correction(target=target, replace=paths, entered_in_error=void), subject, why=why)


def test_an_item_and_a_field_take_new_values(tmp_path):
    """The entry stands with its new values; the events that changed it are named; the old text stays stored."""
    record = new_record(tmp_path)
    write(record, lab("69"))
    first = correct(record, 2, "digits swapped", items__value="96")
    second = correct(record, 2, "wrong visit", visit="D14", items__comment="moved")
    entry = record.state().entry(2)
    assert entry.body == lab("96", visit="D14", comment="moved")
    assert entry.corrections == (first, second)
    assert [event.why for event in entry.corrections] == ["digits swapped", "wrong visit"]
    assert entry.event.payload["items"]["value"] == "69"
    assert verify_record(tmp_path / "record.db").ok


def test_before_the_correction_the_old_value_stood(tmp_path):
    """As of a time before it, the correction has not happened."""
    record = new_record(tmp_path)
    event = write(record, lab("69"))
    correct(record, 2, items__value="96")
    assert record.state(as_of=event.recorded_at).entry(2).body.items["value"] == "69"
    assert record.state().entry(2).body.items["value"] == "96"


def test_entered_in_error_leaves_the_state_but_not_the_record(tmp_path):
    """The entry no longer stands, can be looked up among the voided, and its key is free again."""
    record = new_record(tmp_path)
    write(record, lab())
    correct(record, 2, "another patient's sheet", void="yes")
    state = record.state()
    assert state.entry(2) is None
    assert state.entries(FormEntry) == state.forms("labs", ANNA) == ()
    assert [(entry.seq, entry.corrections[-1].why) for entry in state.voided] == [(2, "another patient's sheet")]
    assert [event.type for event in record.events()] == ["study_opened", "form", "correction"]
    assert write(record, lab("97")).seq == 4
    with pytest.raises(RefusedError, match=r"no standing event to correct.*entered in error"):
        correct(record, 2, items__value="1")


@pytest.mark.parametrize(
    ("target", "replace", "message"),
    [
        (9, {"items__value": "1"}, "no standing event to correct"),
        (0, {"items__value": "1"}, "no standing event to correct"),
        (5, {"items__value": "1"}, "no standing event to correct"),
        (2, {"values": "1"}, "cannot be replaced"),
        (2, {"items": "1"}, "cannot be replaced"),
        (2, {"form": "vitals"}, "cannot be replaced"),
        (2, {"visit__x": "1"}, "cannot be replaced"),
        (2, {"items__colour": "red"}, "the form has no such item"),
        (2, {"items__value": "9,6"}, "not a valid result"),
        (2, {"items__collected": ""}, "a required item is missing"),
        (2, {"row": "2"}, "there is such an entry already"),
        (2, {}, "either replaces fields or marks"),
        (1, {"study": "OTHER"}, "a study_opened event is not corrected"),
        (4, {"entered_in_error": "yes"}, "a correction event is not corrected"),
    ],
)
def test_corrections_that_are_refused(tmp_path, target, replace, message):
    """An unknown target or field, a value the form does not allow, a correction of a correction."""
    record = new_record(tmp_path)
    write(record, lab())
    write(record, lab("97", row="2"))
    correct(record, 3, items__value="98")
    with pytest.raises(RefusedError, match=message):
        correct(record, target, subject=None if target == 1 else ANNA, **replace)
    assert record.length == 4


def test_a_corrected_payload_is_validated_by_its_type(tmp_path):
    """A grade of 7 is no grade, by correction either."""
    record = new_record(tmp_path)
    write(record, adverse_event())
    with pytest.raises(RefusedError, match="after the correction: Input should be '1', '2'"):
        correct(record, 2, grade="7")
    with pytest.raises(RefusedError, match="not a date"):
        correct(record, 2, onset="soon")


def test_a_list_is_not_corrected_in_part(tmp_path):
    """A field that holds a list is entered in error and written anew; the finding says what can be replaced."""
    record = new_record(tmp_path)
    body = DltAssessment(assessed_on="2026-02-10", evaluable="yes", dlt="no", window_complete="yes", rationale="none")
    write(record, body)
    with pytest.raises(RefusedError, match="one of assessed_on, evaluable, dlt, window_complete, rationale"):
        correct(record, 2, adverse_events="1")


@pytest.mark.parametrize("why", ["first entry", " "])
def test_a_correction_needs_its_own_reason(tmp_path, why):
    """The default reason of a first entry is none for a correction."""
    record = new_record(tmp_path)
    write(record, lab())
    with pytest.raises(RefusedError, match=r"a correction needs its reason|no reason given"):
        correct(record, 2, why, items__value="1")


def test_a_correction_stands_under_its_targets_subject(tmp_path):
    """Another subject, or none, is refused."""
    record = new_record(tmp_path)
    write(record, lab())
    for subject in (BERTA, None):
        with pytest.raises(RefusedError, match="stands under the subject"):
            correct(record, 2, subject=subject, items__value="1")


def test_both_ways_at_once_are_refused(tmp_path):
    """Entered in error and new values exclude one another."""
    record = new_record(tmp_path)
    write(record, lab())
    with pytest.raises(RefusedError, match="either replaces fields or marks"):
        correct(record, 2, void="yes", items__value="1")


def test_signatures_of_an_event(tmp_path):
    """A signature is found by what it covers; one entered in error is not."""
    record = new_record(tmp_path)
    write(record, consent())
    write(record, lab())
    body = Signature(covers=(2, 3), meaning="reviewed", printed_name="Li Na", content_hash="c" * 64)
    write(record, body)
    assert [entry.seq for entry in record.state().signatures_of(3)] == [4]
    assert record.state().signatures_of(1) == ()
    correct(record, 4, "signed by mistake", void="yes")
    assert record.state().signatures_of(3) == ()


def test_the_state_answers_by_type_and_subject(tmp_path):
    """Subjects in the order they came; entries by type, by subject, the latest; nothing of nobody."""
    record = new_record(tmp_path)
    write(record, consent(), BERTA)
    write(record, consent(), ANNA)
    write(record, lab(), ANNA)
    write(record, lab(), BERTA)
    write(record, lab(row="2"), ANNA)
    state = record.state()
    assert state.subjects == (BERTA, ANNA)
    assert [entry.seq for entry in state.entries(Consent)] == [2, 3]
    assert [entry.seq for entry in state.entries(FormEntry)] == [4, 5, 6]
    assert [entry.seq for entry in state.entries(FormEntry, ANNA)] == [4, 6]
    assert state.latest(FormEntry, ANNA).seq == 6
    assert state.latest(Consent, "01-009") is None
    assert [entry.seq for entry in state.all_entries()] == [1, 2, 3, 4, 5, 6]
    assert state.entry(3).subject == ANNA
    assert state.entry(0) is state.entry(7) is None


def test_as_of_is_inclusive_and_named(tmp_path):
    """An event recorded at T is part of the state as of T; before the first event there is nothing."""
    record = new_record(tmp_path)
    at = later()
    write(record, consent(), at=at)
    write(record, lab())
    assert record.state(as_of=at).length == 2
    assert record.state(as_of=at).as_of == at
    assert len(record.events(as_of=at)) == 2
    before = record.state(as_of=START.replace(year=2000))
    assert (before.length, before.subjects, before.head) == (0, (), "0" * 64)
    assert record.state().as_of == record.events()[-1].recorded_at
