"""A record behaves the same on every store: append, look back, stale writes, redaction, the projection."""

from dataclasses import replace
from datetime import timedelta

import pytest

from celltrial.errors import InputError, RefusedError, StaleError, TamperedError
from celltrial.record import Correction, Draft, FormEntry, Record, verify_record
from celltrial.record.bodies import Redaction, RedactionApproval
from celltrial.record.envelope import seal
from celltrial.record.projection import project
from unit.record.support import ANNA, BERTA, CHEN, LI, START, STUDY, lab, make_study, write


@pytest.fixture
def record(place):
    """A record with its first event and a lab of each of two participants: events 2 and 3."""
    made = Record.create(place, STUDY, author=CHEN, at=START)
    write(made, lab(comment="Anna Musterfrau"), at=START)
    write(made, lab("101"), BERTA, at=START + timedelta(hours=1))
    yield made
    made.close()


def fix(value, target=2):
    return Correction(target=target, replace={"items.value": value})


def test_what_is_appended_is_read_by_others(record, place):
    """Another program sees the same events, texts as typed, and the same head; it goes on where this one ended."""
    other = Record.open(place, STUDY)
    assert (other.events(), other.head) == (record.events(), record.head)
    assert other.state().forms("labs", ANNA)[0].body.items["comment"] == "Anna Musterfrau"
    event = write(other, lab("97", row="2"), at=START + timedelta(hours=2))
    assert record.events()[-1] == event
    other.close()
    assert verify_record(place).ok


def test_all_or_nothing(record, place):
    """One draft of a batch is refused: none is written."""
    drafts = [Draft(body=lab("97", row="2"), subject=ANNA), Draft(body=lab("97", row="2"), subject=ANNA)]
    with pytest.raises(RefusedError):
        record.append(drafts, author=CHEN, at=START + timedelta(hours=2))
    assert record.length == 3
    assert verify_record(place).events == 3


def test_looking_back(record):
    """The state as of a time is what was recorded by then."""
    write(record, fix("69"), why="misread", at=START + timedelta(hours=2))
    values = [
        [entry.body.items["value"] for entry in record.state(as_of=START + timedelta(hours=hours)).forms("labs", ANNA)]
        for hours in (-1, 0, 1, 2)
    ]
    assert values == [[], ["96"], ["96"], ["69"]]


def test_a_stale_write_is_refused(record, place):
    """Over another connection the entry was corrected: both versions are named, nothing is written."""
    other = Record.open(place, STUDY)
    write(other, fix("69"), why="misread", at=START + timedelta(hours=2))
    with pytest.raises(StaleError, match=r"items\.value '69'.*items\.value '95'"):
        write(record, fix("95"), why="misread", at=START + timedelta(hours=2), base_seq=3)
    assert record.length == 4
    other.close()


def test_the_projection_is_what_the_events_give(record, place):
    """Written with each append, compared by `verify`, and the same after it was written anew."""
    write(record, fix("69"), why="misread", at=START + timedelta(hours=2))
    write(record, Correction(target=3, entered_in_error="yes"), BERTA, why="other", at=START + timedelta(hours=2))
    last = {line.entry: line for line in record._store.standing()}
    assert sorted(last.values()) == project(record.state())
    assert record.rebuild() == len(last)
    assert record._store.standing() == project(record.state())
    assert verify_record(place).ok
    with record._store.writing():
        record._store.keep([max(last.values())._replace(event=99, body="{}")])
    (finding,) = verify_record(place).findings
    assert finding.message == "the projection is not what the events give"
    record.rebuild()
    assert verify_record(place).ok


def test_a_redaction_by_two_people(record, place):
    """The text is gone for everybody, who, when and why stay, the chain verifies."""
    head = record.head
    write(record, Redaction(target=2, fields=("items.comment",)), why="a name", at=START + timedelta(hours=2))
    approval = Draft(body=RedactionApproval(redaction=4), subject=ANNA, why="it is a name")
    record.append([approval], author=LI, at=START + timedelta(hours=2))
    other = Record.open(place, STUDY)
    assert "Musterfrau" not in str(other.events())
    assert other.state().forms("labs", ANNA)[0].body.items["value"] == "96"
    assert other.events()[2].hash == head
    assert not any("Musterfrau" in line.body for line in other._store.standing())
    assert verify_record(place).ok
    other.close()


def test_another_studys_record_is_refused(record, place):
    """Opened with a study that it is not of."""
    with pytest.raises(InputError, match="not the record of this study"):
        Record.open(place, replace(make_study(), id="OTHER"))


def test_a_record_that_cannot_begin_leaves_the_place_free(place):
    """The first event is refused: the next attempt begins."""
    with pytest.raises(RefusedError):
        Record.create(place, STUDY, author=CHEN, at=START, guards=[lambda *_: InputError("not now").findings])
    record = Record.create(place, STUDY, author=CHEN, at=START)
    assert record.length == 1
    record.close()


def test_values_that_are_not_those_that_were_hashed(record, place, monkeypatch):
    """An event whose values were exchanged before they reached the store is found by reading and by verifying."""

    def seal_otherwise(draft, at_place):
        event, row = seal(draft, at_place)
        return event, row._replace(opening=row.opening.replace(b'"97"', b'"79"'))

    monkeypatch.setattr("celltrial.record.accept.seal", seal_otherwise)
    body = FormEntry(form="labs", visit="SCR", row="2", items=dict(lab("97").items))
    write(record, body, at=START + timedelta(hours=2))
    with pytest.raises(TamperedError, match="event 4"):
        Record.open(place, STUDY)
    assert [each.message for each in verify_record(place).findings] == ["the values are not those that were hashed"]
