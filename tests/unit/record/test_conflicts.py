"""Both versions of what two people changed, side by side: only the fields that differ, with who and when."""

import pytest

from celltrial.record import Correction, Draft, Signature
from celltrial.record.conflicts import conflicts
from unit.record.support import ANNA, adverse_event, consent, lab, new_record, write


@pytest.fixture
def record(tmp_path):
    """Consent, a row of labs and an adverse event: events 2 to 4."""
    record = new_record(tmp_path)
    for body in (consent(), lab("96"), adverse_event("1", "1")):
        write(record, body)
    return record


def differences(record, body, base_seq=4):
    found = conflicts(record.state(), Draft(body=body, subject=ANNA, why="misread"), base_seq)
    return [(each.field, each.base, each.theirs, each.yours, each.is_clash) for each in found]


def test_nothing_differs_where_nothing_moved(record):
    assert differences(record, Correction(target=3, replace={"items.value": "69"})) == []


def test_the_same_field_changed_by_both_is_a_clash(record):
    """Base, theirs, yours; the other person's event, name and time."""
    theirs = write(
        record, Correction(target=3, replace={"items.value": "69", "items.comment": "repeated"}), why="misread"
    )
    body = Correction(target=3, replace={"items.value": "95", "items.unit": "g/dL"})
    assert differences(record, body) == [
        ("items.value", "96", "69", "95", True),
        ("items.unit", "g/L", "g/L", "g/dL", False),
        ("items.comment", "", "repeated", "", False),
    ]
    (first, *_) = conflicts(record.state(), Draft(body=body, subject=ANNA, why="misread"), 4)
    assert (first.target, first.event, first.by, first.at) == (3, theirs.seq, "coordinator.chen", theirs.recorded_at)


def test_theirs_is_gone_where_it_was_entered_in_error(record):
    write(record, Correction(target=3, entered_in_error="yes"), why="wrong patient")
    found = differences(record, Correction(target=3, replace={"items.value": "95"}))
    assert ("items.value", "96", "", "95", True) in found
    assert {theirs for _, _, theirs, _, _ in found} == {""}


def test_a_follow_up_is_compared_with_the_report_that_was_read(record):
    """The report before is the base, the one written since is theirs."""
    write(record, adverse_event("1", "2"))
    assert differences(record, adverse_event("1", "3")) == [("grade", "1", "2", "3", True)]


def test_a_signer_wants_what_was_read(record):
    write(record, Correction(target=3, replace={"items.value": "69"}), why="misread")
    body = Signature(covers=(3,), meaning="reviewed", printed_name="Li", content_hash="c")
    assert differences(record, body) == [("items.value", "96", "69", "96", False)]
