"""The history of one datum: every value with who, when and why, and what has touched it since."""

import pytest

from celltrial.errors import UsageError
from celltrial.record import Draft
from celltrial.record.bodies import (
    Correction,
    Query,
    QueryAnswer,
    Redaction,
    RedactionApproval,
    Signature,
    SourceVerification,
)
from celltrial.record.chronicle import Chronicle
from celltrial.record.history import history
from unit.record.support import ANNA, BERTA, LI, STUDY, adverse_event, consent, lab, later, new_record, write


@pytest.fixture
def record(tmp_path):
    opened = new_record(tmp_path)
    yield opened
    opened.close()


def told(record, path, subject=ANNA, **options):
    found = history(STUDY, Chronicle(record.state(options.pop("as_of", None))), subject, path, **options)
    return {
        each.name: [(value.text, value.how, value.event.seq, value.stands) for value in each.values] for each in found
    }


def test_a_corrected_item_has_both_values(record):
    """First entry and correction, in order; the last one stands."""
    first = write(record, lab("69"))
    second = write(record, Correction(target=first.seq, replace={"items.value": "96"}), why="digits swapped")
    assert told(record, "labs/SCR/1/value") == {
        "labs/SCR/1/value": [
            ("69", "first entry", first.seq, False),
            ("96", "correction", second.seq, True),
        ]
    }
    assert told(record, "labs/SCR/1/value", as_of=first.recorded_at)["labs/SCR/1/value"][-1][0] == "69"


def test_a_name_that_stops_earlier_asks_for_all_below_it(record):
    """A row, a visit, a form: all their items, and nothing of a row whose number only begins alike."""
    write(record, lab("96"))
    write(record, lab("97", row="10"))
    assert set(told(record, "labs/SCR/1")) == {
        f"labs/SCR/1/{item}" for item in ("analyte", "collected", "unit", "value")
    }
    assert len(told(record, "labs")) == 8


def test_a_follow_up_goes_on_with_the_same_datum(record):
    """An adverse event of the same number: the datum has the value of each report."""
    one = write(record, adverse_event("1", "2"))
    two = write(record, adverse_event("1", "3"))
    assert told(record, "adverse_event/1/grade")["adverse_event/1/grade"] == [
        ("2", "first entry", one.seq, False),
        ("3", "follow-up", two.seq, True),
    ]


def test_an_entry_in_error_has_no_standing_value_until_it_is_entered_again(record):
    """The first value, the mark, and the second entry at the same place."""
    first = write(record, lab("69"))
    mark = write(record, Correction(target=first.seq, entered_in_error="yes"), why="another participant's")
    assert told(record, "labs/SCR/1/value")["labs/SCR/1/value"] == [
        ("69", "first entry", first.seq, False),
        ("", "entered in error", mark.seq, False),
    ]
    again = write(record, lab("96"))
    assert told(record, "labs/SCR/1/value")["labs/SCR/1/value"][-1] == ("96", "entered again", again.seq, True)


def test_an_entry_that_was_moved_is_found_by_both_names(record):
    """A visit that was corrected moves the row; who asks by the former visit is led to it."""
    first = write(record, lab("96"))
    write(record, Correction(target=first.seq, replace={"visit": "D14"}), why="wrong visit")
    expected = told(record, "labs/D14/1/value")
    assert told(record, "labs/SCR/1/value") == expected
    assert [value for value, *_ in told(record, "labs/D14/1")["labs/D14/1/visit"]] == ["SCR", "D14"]


def test_what_touched_a_datum_is_told_and_how_it_stands(record):
    """A signature that fell, a broken verification, a query on the field with its answer; not another field's."""
    first = write(record, lab("69"))
    write(record, Signature(covers=(first.seq,), meaning="seen", printed_name="Li", content_hash="0"))
    write(record, SourceVerification(target=first.seq, source="print-out", result="verified", fields=("items.value",)))
    write(record, Query(number="Q1", target=first.seq, field="items.value", text="Right?"))
    write(record, QueryAnswer(number="Q1", text="No: 96"))
    change = write(record, Correction(target=first.seq, replace={"items.value": "96"}), why="digits swapped")
    value, unit = (
        history(STUDY, Chronicle(record.state()), ANNA, f"labs/SCR/1/{item}")[0].touches for item in ("value", "unit")
    )
    assert [(each.kind, each.says, each.state) for each in value] == [
        ("signature", "seen", f"fell with event {change.seq}"),
        ("source verification", "verified, source: print-out", f"before event {change.seq} changed it"),
        ("query Q1", "Right?", ""),
        ("answer to query Q1", "No: 96", ""),
    ]
    assert [each.kind for each in unit] == ["signature"]


def test_a_redacted_text_is_shown_as_such_with_its_approval(record):
    """The text is gone, the events that took it away are named."""
    first = write(record, lab("96", comment="her name"))
    asked = write(record, Redaction(target=first.seq, fields=("items.comment",)), why="a name")
    draft = Draft(body=RedactionApproval(redaction=asked.seq), subject=ANNA)
    (approved,) = record.append([draft], author=LI, at=later())
    (datum,) = history(STUDY, Chronicle(record.state()), ANNA, "labs/SCR/1/comment")
    assert [value.text for value in datum.values] == ["[redacted]"]
    assert datum.values[0].redacted_by is not None
    assert datum.values[0].redacted_by.seq == approved.seq
    assert [each.kind for each in datum.touches] == ["redaction asked for", "redaction approved"]


def test_by_its_event_an_entry_is_found_and_by_its_correction(record):
    """`event` names the entry it made or corrected; another participant's event is refused."""
    first = write(record, lab("69"))
    change = write(record, Correction(target=first.seq, replace={"items.value": "96"}), why="digits swapped")
    assert told(record, "", event=change.seq) == told(record, "labs/SCR/1")
    with pytest.raises(UsageError, match="is not about 01-002"):
        told(record, "", subject=BERTA, event=first.seq)


def test_a_name_that_leads_nowhere_is_answered_with_what_there_is(record):
    """The names that go on from what was right."""
    write(record, consent())
    write(record, lab("96"))
    with pytest.raises(UsageError, match=r"expected: one of labs/SCR$|expected: one of labs/SCR \|"):
        told(record, "labs/D99/1")
    with pytest.raises(UsageError, match="nothing is recorded of this subject"):
        told(record, "", subject=BERTA)
