"""The audit trail looked through: each kind of row by the story that makes it, and the review that is recorded."""

from datetime import timedelta

import pytest

from celltrial.decisions.review import audit_counts, audit_rows, lateness
from celltrial.record import Consent, Correction
from celltrial.record.bodies import AuditReview, DataCut
from unit.decisions.review.ward import ANNA, CHEN, HE, LI, WU, Ward, refusal


@pytest.fixture
def ward():
    return Ward()


def rows(ward, kind):
    return [row for row in audit_rows(ward.study, ward.state) if row.kind == kind]


def test_nothing_to_see_in_a_plain_day(ward):
    ward.lab()
    assert audit_rows(ward.study, ward.state) == ()


def test_a_late_entry_counts_from_the_paper_where_there_is_one(ward):
    """From when it happened, else from when it was written down; late after seven days."""
    ward.wait(9)
    late = ward.lab()
    (row,) = rows(ward, "late entry")
    assert (row.event, row.old, row.new) == (late, "2026-01-05", "2026-01-14")
    assert "recorded 9 days after it happened" in row.what
    ward.lab("97", row="2", source="2026-01-14T09:00")
    assert len(rows(ward, "late entry")) == 1
    ward.lab("98", row="3", source="2026-01-06", collected="2026-01-13")
    assert "after it was written down" in rows(ward, "late entry")[-1].what
    entry = ward.state.entry(late)
    assert lateness(ward.study, ward.state, entry).limit_days == 7


def test_source_time_is_a_day_that_is_over(ward):
    """Read to the day; not after the time of writing."""
    assert "not known to the day" in refusal(ward.lab, source="2026-01")
    assert "first written down after" in refusal(ward.lab, source="2026-01-06T10:00")
    assert "not a date" in refusal(ward.lab, source="yesterday")
    written = ward.lab(source="2026-01-05T09:30+08:00")
    assert ward.state.entry(written).event.source_at == "2026-01-05T09:30+08:00"


def test_a_change_after_a_signature_and_after_a_comparison(ward):
    """Old and new, who and why, and whose work fell."""
    result = ward.lab()
    signed = ward.sign(result)
    compared = ward.compare(result)
    changed = ward.fix(result, value="69")
    (row,) = rows(ward, "changed after signature")
    assert (row.event, row.old, row.new, row.by, row.why) == (changed, "96", "69", CHEN.person, "misread on the report")
    assert f"signed by investigator.li in event {signed}" in row.what
    (row,) = rows(ward, "changed after verification")
    assert f"compared with its source by monitor.lin in event {compared}" in row.what


def test_what_follows_a_lifted_lock(ward):
    """An unlock counts from its signature."""
    result = ward.lab()
    ward.lock("lock", form="labs")
    asked = ward.lock("unlock", form="labs", why="report corrected by the laboratory")
    ward.sign(asked, HE)
    changed, new = ward.fix(result, value="69"), ward.lab("97", row="2")
    found = rows(ward, "changed after lifted lock")
    assert [row.event for row in found] == [changed, new]
    assert "report corrected by the laboratory" in found[0].rule


def test_a_change_shortly_before_a_data_cut(ward):
    """Within 48 hours of it; picked from the cut on, so that a review in between misses nothing."""
    early, late = ward.lab(), ward.lab("97", row="2")
    ward.fix(early, value="95")
    ward.wait(3)
    changed = ward.fix(late, value="79")
    assert rows(ward, "changed shortly before decision") == []
    cut = ward.write(
        DataCut(cut="CUT-1", as_of=ward.now.isoformat(), head=ward.state.head, events="1", purpose="review"), None, WU
    )
    (row,) = rows(ward, "changed shortly before decision")
    assert (row.event, row.at_event) == (changed, cut)
    assert "1.0 hours before CUT-1" in row.what


def test_one_field_again_and_again_and_many_by_one_person(ward):
    """The third change of one field; the tenth of one person on one day."""
    results = [ward.lab(str(90 + n), row=str(n + 1)) for n in range(8)]
    ward.wait(1)
    ward.now = ward.now.replace(hour=0)
    for value in ("71", "72", "73"):
        third = ward.fix(results[0], value=value)
    assert [(row.event, row.old, row.new) for row in rows(ward, "changed repeatedly")] == [(third, "72", "73")]
    assert rows(ward, "many changes by one person") == []
    for result in results[1:8]:
        tenth = ward.fix(result, comment="see report")
    (row,) = rows(ward, "many changes by one person")
    assert (row.event, row.by) == (tenth, CHEN.person)
    assert row.what.startswith("10 corrections on 2026-01-06")


def test_out_of_hours_by_the_clock_of_the_site(ward):
    """23:30 in Wuhan is 15:30 UTC; entries of one person in one hour are one row."""
    ward.now = ward.now.replace(hour=15, minute=0)
    first = ward.lab()
    ward.now -= timedelta(minutes=30)
    ward.lab("97", row="2")
    (row,) = rows(ward, "out of hours")
    assert row.event == first
    assert row.what == "2 events from form on, 2026-01-05 23:00 at the site"


def test_an_entry_in_error(ward):
    result = ward.lab()
    ward.void(result)
    (row,) = rows(ward, "entered in error")
    assert (row.why, row.new) == ("wrong patient", "entered in error")


def test_a_consent_that_bears_an_earlier_day(ward):
    """Recorded on a later day than it bears, or moved by a correction."""
    ward.wait(2)
    late = ward.write(Consent(signed_at="2026-01-05T15:00", document_version="1"), "01-002", CHEN)
    moved = ward.write(
        Correction(target=ward.consent, replace={"signed_at": "2026-01-04T09:00"}), ANNA, CHEN, why="misread the form"
    )
    found = {row.event: row for row in rows(ward, "backdated consent")}
    assert set(found) == {late, moved}
    assert "earlier time" in found[moved].what


def test_a_review_is_recorded_with_the_counts_of_the_record(ward):
    """Other counts are refused; the next review goes on where the last one ended."""
    ward.void(ward.lab())
    through = ward.state.length
    counts = dict(audit_counts(ward.study, ward.state, through=through))
    assert counts == {"events": str(through), "entered in error": "1"}
    wrong = AuditReview(through=through, counts={"events": "4"}, conclusion="fine")
    assert "not what the record gives" in refusal(ward.write, wrong, None, WU)
    assert "no conclusion" in refusal(ward.write, AuditReview(through=through, counts=counts, conclusion=" "), None, WU)
    ward.write(AuditReview(through=through, counts=counts, conclusion="one row, entered for another patient"), None, WU)
    again = AuditReview(through=through, counts=counts, conclusion="fine")
    assert "no events to review" in refusal(ward.write, again, None, WU)
    assert dict(audit_counts(ward.study, ward.state, through=ward.state.length)) == {"events": "1"}
    assert refusal(ward.write, again, None, LI)
