"""Redaction: two people, on the record; the text is gone from the file, the chain holds, nothing else changes."""

import sqlite3

import pytest

from celltrial.codes import PersonId
from celltrial.errors import RefusedError
from celltrial.record import (
    AdverseEvent,
    Author,
    Correction,
    Draft,
    FormEntry,
    Record,
    Redaction,
    RedactionApproval,
    verify_record,
)
from celltrial.record.opening import REDACTED
from unit.record.support import ANNA, CHEN, LI, STUDY, adverse_event, consent, lab, later, new_record, write

SECRET = "Zhang Wei, 138-0000-0000"
OTHER = "Wang Fang, ward 7"


@pytest.fixture
def record(tmp_path):
    """Consent, a laboratory row with a name in its comment."""
    made = new_record(tmp_path)
    write(made, consent())
    write(made, lab("5", comment=SECRET))
    yield made
    made.close()


def ask(record, target, *fields, why="a name in a comment", subject=ANNA):
    """The first person asks."""
    return write(record, Redaction(target=target, fields=fields), subject, why=why)


def approve(record, redaction, author=LI):
    """The second person approves."""
    draft = Draft(body=RedactionApproval(redaction=redaction))
    return record.append([draft], author=author, at=later())[0]


def files(record_folder):
    """Every byte of the record's files."""
    return b"".join(path.read_bytes() for path in record_folder.glob("record.db*"))


def test_a_redacted_text_is_gone_and_the_chain_holds(record, tmp_path):
    """From state, projection, past states and every byte of the files; the head of each event stays what it was."""
    before = [event.hash for event in record.events()]
    text = SECRET.encode()
    assert text in files(tmp_path)
    asked = ask(record, 3, "items.comment")
    assert record.state().forms("labs", ANNA)[0].body.items["comment"] == SECRET
    approve(record, asked.seq)
    entry = record.state().forms("labs", ANNA)[0]
    assert "comment" not in entry.body.items
    assert entry.body.items["value"] == "5"
    assert entry.event.redacted == ("items.comment",)
    assert "comment" not in record.state(as_of=entry.event.recorded_at).forms("labs", ANNA)[0].body.items
    assert [event.hash for event in record.events()][:3] == before
    assert text not in files(tmp_path)
    assert verify_record(tmp_path / "record.db").findings == ()
    record.close()
    assert Record.open(tmp_path / "record.db", STUDY).state().entry(3).event.redacted == ("items.comment",)


def test_the_reason_of_an_event_can_be_redacted(record, tmp_path):
    """People write names into reasons, too."""
    write(record, Correction(target=3, replace={"items.value": "6"}), why=f"told by {OTHER}")
    approve(record, ask(record, 4, "@why").seq)
    assert record.state().entry(4).event.why == REDACTED
    assert record.state().forms("labs", ANNA)[0].body.items["value"] == "6"
    assert OTHER.encode() not in files(tmp_path)
    assert verify_record(tmp_path / "record.db").ok


def test_a_redacted_correction_does_not_bring_the_first_value_back(record, tmp_path):
    """The corrected item is missing then, and says so; the earlier text is not what was last known."""
    write(record, lab("7", row="2", comment="haemolysed"))
    write(record, Correction(target=4, replace={"items.comment": OTHER}), why="more detail")
    write(record, Correction(target=4, replace={"items.value": "8"}), why="misread")
    approve(record, ask(record, 5, "replace.items.comment").seq)
    entry = record.state().entry(4)
    assert "comment" not in entry.body.items
    assert entry.body.items["value"] == "8"
    assert OTHER.encode() not in files(tmp_path)
    assert verify_record(tmp_path / "record.db").ok


def test_a_field_that_cannot_be_left_out_says_that_it_was_redacted(record, tmp_path):
    """The comment of an adverse event; grade and dates cannot be redacted at all."""
    event = write(record, adverse_event(comment=SECRET))
    approve(record, ask(record, event.seq, "comment").seq)
    assert record.state().latest(AdverseEvent, ANNA).body.comment == REDACTED
    for path in ("grade", "onset", "number", "colour"):
        with pytest.raises(RefusedError, match="this cannot be redacted"):
            ask(record, event.seq, path)
    assert verify_record(tmp_path / "record.db").ok


def test_one_person_alone_redacts_nothing(record):
    """The asker does not approve; nothing is approved twice; nothing that was not asked for."""
    asked = ask(record, 3, "items.comment")
    with pytest.raises(RefusedError, match="a second person"):
        approve(record, asked.seq, author=CHEN)
    with pytest.raises(RefusedError, match="no redaction was asked for"):
        approve(record, 3)
    assert record.state().forms("labs", ANNA)[0].body.items["comment"] == SECRET
    approve(record, asked.seq)
    with pytest.raises(RefusedError, match="approved already"):
        approve(record, asked.seq, author=Author(person=PersonId("pi.wu"), role="investigator", site="01"))


@pytest.mark.parametrize(
    ("target", "fields", "why", "message"),
    [
        (99, ("items.comment",), "a name", "no event to redact"),
        (3, (), "a name", "no text is named"),
        (3, ("items.comment",), "first entry", "needs its reason"),
        (2, ("signed_at",), "a name", "cannot be redacted"),
    ],
)
def test_what_is_asked_for_must_make_sense(record, target, fields, why, message):
    """The event, the text, the reason."""
    with pytest.raises(RefusedError, match=message):
        ask(record, target, *fields, why=why)


def test_a_text_blanked_without_a_redaction_is_found(record, tmp_path):
    """Who can write to the file can blank a text so that the hashes hold; that nobody approved it shows."""
    from celltrial.record.opening import redact_opening

    record.close()
    database = sqlite3.connect(tmp_path / "record.db")
    database.execute("DROP TRIGGER opening_only_loses")
    (lines,) = database.execute("SELECT lines FROM opening WHERE seq = 3").fetchone()
    blanked = redact_opening(lines, ["items.comment"])
    database.execute("UPDATE opening SET lines = ? WHERE seq = 3", (blanked,))
    database.commit()
    database.close()
    findings = {finding.message for finding in verify_record(tmp_path / "record.db").findings}
    assert "a text is gone, and no approved redaction says so" in findings


def test_an_approved_text_that_was_put_back_is_found(record, tmp_path):
    """From a backup, by someone who can write to the file."""
    database = sqlite3.connect(tmp_path / "record.db")
    (lines,) = database.execute("SELECT lines FROM opening WHERE seq = 3").fetchone()
    approve(record, ask(record, 3, "items.comment").seq)
    record.close()
    database.execute("UPDATE opening SET lines = ? WHERE seq = 3", (lines,))
    database.commit()
    database.close()
    findings = {finding.message for finding in verify_record(tmp_path / "record.db").findings}
    assert "a text whose redaction was approved can still be read" in findings


def test_salts_keep_a_short_value_from_being_guessed(record):
    """Two entries of the same value have different commitments: nobody finds the value by trying them all."""
    write(record, lab("5", row="2"))
    first, second = (entry.event for entry in record.state().entries(FormEntry))
    assert first.payload["items"]["value"] == second.payload["items"]["value"]
    lines = [dict(_commitments(record, seq)) for seq in (first.seq, second.seq)]
    assert lines[0].keys() >= {b'"items.value":"5"'}
    assert lines[0][b'"items.value":"5"'] != lines[1][b'"items.value":"5"']


def _commitments(record, seq):
    (row,) = record._store.read(after=seq - 1)[:1]
    return [(line[32:], line[:32]) for line in row.opening.split(b"\n")]
