"""Two writers: an entry is changed only by someone who has seen its last version."""

import pytest

from celltrial.errors import StaleError, UsageError
from celltrial.record import Correction, Record, Signature
from unit.record.support import ANNA, BERTA, STUDY, adverse_event, consent, lab, new_record, write


@pytest.fixture
def record(tmp_path):
    """Consent, two rows of labs and an adverse event: events 2 to 5."""
    record = new_record(tmp_path)
    for body in (consent(), lab("96"), lab("97", row="2"), adverse_event("1", "1")):
        write(record, body)
    return record


def fix(target, value, subject=ANNA):
    return {"body": Correction(target=target, replace={"items.value": value}), "subject": subject, "why": "misread"}


def test_the_second_of_two_corrections_is_refused(record, tmp_path):
    """Both versions are shown: what is in the record since, by whom, and what the writer wanted."""
    other = Record.open(tmp_path / "record.db", STUDY)
    write(other, **fix(3, "69"))
    with pytest.raises(StaleError) as refusal:
        write(record, **fix(3, "95"), base_seq=5)
    (finding,) = refusal.value.findings
    assert finding.found.startswith("theirs, in the record since event 6 of 2026-01-05")
    assert finding.found.endswith("by coordinator.chen: items.value '69' (was '96')")
    assert finding.expected == "yours, written on what event 5 left: items.value '95' (was '96')"
    assert write(record, **fix(3, "95"), base_seq=6).base_seq == 6


def test_what_others_wrote_elsewhere_does_not_matter(record):
    """Another row, another subject, another number: not stale."""
    write(record, **fix(3, "69"))
    write(record, lab(), BERTA)
    write(record, adverse_event("2"))
    assert write(record, **fix(4, "98"), base_seq=5).seq == 9
    assert write(record, adverse_event("1", "2"), base_seq=5).seq == 10


def test_a_follow_up_after_a_follow_up_is_stale(record):
    """The same adverse event was reported on since."""
    write(record, adverse_event("1", "2"))
    with pytest.raises(StaleError):
        write(record, adverse_event("1", "3"), base_seq=5)


def test_a_correction_and_a_voided_entry_count_as_touched(record):
    """A follow-up, or an entry anew, over something corrected or voided since."""
    write(record, Correction(target=5, replace={"grade": "2"}), why="regraded")
    with pytest.raises(StaleError):
        write(record, adverse_event("1", "3"), base_seq=5)
    write(record, Correction(target=3, entered_in_error="yes"), why="wrong patient")
    with pytest.raises(StaleError):
        write(record, lab("95"), base_seq=6)
    with pytest.raises(StaleError):
        write(record, **fix(3, "95"), base_seq=6)
    assert write(record, lab("95"), base_seq=7).seq == 8


def test_types_without_a_key_are_kept_per_subject(record):
    """A second consent over one that was written since."""
    with pytest.raises(StaleError):
        write(record, consent(), base_seq=1)
    assert write(record, consent(), BERTA, base_seq=1).seq == 6


def test_a_signature_is_stale_when_what_it_covers_was_corrected(record):
    """One signs what one saw; one's own new event may be covered."""
    write(record, **fix(3, "69"))
    body = Signature(covers=(3, 4), meaning="reviewed", printed_name="Li", content_hash="c")
    with pytest.raises(StaleError):
        write(record, body, base_seq=5)
    assert write(record, body, base_seq=6).seq == 7


def test_without_a_base_nothing_is_stale(record):
    """None appends at the end; the event's base is the record as it was."""
    write(record, adverse_event("1", "2"))
    assert write(record, adverse_event("1", "3")).base_seq == 6


@pytest.mark.parametrize("base", [-1, 6])
def test_a_base_beyond_the_record_is_wrong_use(record, base):
    """Nobody has seen what is not there."""
    with pytest.raises(UsageError, match="a base that the record does not have"):
        write(record, lab(row="5"), base_seq=base)
