"""What was signed or decided on data that changed since, told with both answers; and what rests on one entry."""

import pytest

from celltrial.decisions.review import dependents, stale
from celltrial.record import Consent, Correction, EligibilitySignature, FormEntry, Screening
from celltrial.record.bodies import AdverseEvent, Transfer
from trial_builder import Story


@pytest.fixture
def story():
    story = Story()
    story.decide("start", "DL1", day=1)
    story.dose("01-001", "DL1", day=25)
    return story


def report(grade="2", **fields):
    values = {
        "number": "1",
        "term": "Pyrexia",
        "soc": "General disorders",
        "onset": "2025-08-10",
        "serious": "no",
        "related_product": "yes",
        "ended": "2025-08-25",
        "outcome": "resolved",
    }
    return AdverseEvent(grade=grade, **(values | fields))


def test_a_dlt_assessment_whose_evidence_was_corrected(story):
    """A grade that was 2 and is 4 changes what the rule proposes; both are told."""
    event = story.at(30).write(report(), "01-001")
    story.adjudicate("01-001", day=60)
    assert stale(story.study, story.state) == ()
    adjudicated = story.state.length
    story.at(61).write(Correction(target=event, replace={"grade": "2", "comment": "seen again"}), "01-001")
    (found,) = stale(story.study, story.state)
    assert (found.kind, found.event, found.inputs, found.is_different) == (
        "DLT assessment",
        adjudicated,
        (event,),
        False,
    )
    changed = story.write(Correction(target=event, replace={"grade": "4"}), "01-001")
    (found,) = stale(story.study, story.state)
    assert found.since == changed - 1
    assert found.before != found.now
    assert found.is_different


def test_a_signed_verdict_whose_laboratory_result_was_corrected():
    """Neutrophils of 0.5 in place of 2.0 x 10^9/L: the record gives "not eligible" with what is known now."""
    story = Story()
    story.write(Consent(signed_at=story.day(0), document_version="1"), "01-001")
    story.write(Screening(screened_on=story.day(0)), "01-001")
    items = {"analyte": "neutrophils", "value": "2.0", "unit": "10*9/L", "collected": story.day(0)}
    count = story.write(FormEntry(form="labs", visit="SCR", items=items), "01-001")
    story.at(1)
    verdict = EligibilitySignature(stage="screening", verdict="eligible", criteria_hash="c", content_hash="c")
    signed = story.write(verdict, "01-001")
    assert stale(story.study, story.state) == ()
    assert signed in {each.event for each in dependents(story.study, story.state, count)}
    changed = story.at(2).write(Correction(target=count, replace={"items.value": "0.5"}), "01-001")
    (found,) = stale(story.study, story.state)
    assert (found.kind, found.event, found.since, found.inputs) == ("eligibility", signed, changed, (count,))
    assert (found.before, found.now) == ("unknown", "not eligible")


def test_what_comes_late_is_told_only_where_the_answer_changes(story):
    """A mild event entered after the assessment changes nothing; a grave one within the window does."""
    story.adjudicate("01-001", day=60)
    mild = story.write(report("1"), "01-001")
    assert stale(story.study, story.state) == ()
    grave = story.write(report("4", number="2", term="Hepatic failure", soc="Hepatobiliary disorders"), "01-001")
    (found,) = stale(story.study, story.state)
    assert found.inputs == (mild, grave)
    assert (found.since, found.is_different) == (mild, True)


def test_a_dose_decision_whose_counts_changed(story):
    """Counts at the cut, and of the same participants now; a later participant changes nothing."""
    story.adjudicate("01-001", day=60)
    story.decide("stay", "DL1", day=61, override="one more cohort")
    story.dose("01-002", "DL1", day=90, decision="2")
    story.adjudicate("01-002", day=130, dlt="yes")
    assert [each for each in stale(story.study, story.state) if each.kind == "dose decision"] == []
    story.adjudicate("01-001", day=131, dlt="yes")
    decision = [each for each in stale(story.study, story.state) if each.kind == "dose decision"]
    assert [(each.what, each.before, each.now) for each in decision] == [
        ("dose decision 2 on cut-2", "DLT/evaluable DL1 0/1", "DLT/evaluable DL1 1/1")
    ]


def test_an_export_whose_entries_were_corrected(story):
    """Only the last of its kind; what came after it is no change of it."""
    event = story.at(30).write(report(), "01-001")
    sent = Transfer(direction="export", what="sdtm", sha256="0" * 64, records="9", counted="9", through=event)
    story.write(sent)
    assert stale(story.study, story.state) == ()
    story.at(31).write(Correction(target=event, replace={"grade": "1"}), "01-001")
    (found,) = stale(story.study, story.state)
    assert (found.kind, found.inputs) == ("export", (event,))
    story.write(Transfer(direction="export", what="sdtm", sha256="1" * 64, records="9", counted="9", through=event + 2))
    assert stale(story.study, story.state) == ()


def test_what_rests_on_an_entry(story):
    """The assessment whose evidence names it, the cut that holds it, the signature over it."""
    event = story.at(30).write(report(), "01-001")
    story.sign(event)
    signed = story.state.length
    story.adjudicate("01-001", day=60)
    adjudicated = story.state.length
    story.at(61)
    found = {each.event: each.what for each in dependents(story.study, story.state, event)}
    assert "signature of src.chair" in found[signed]
    assert found[adjudicated] == "DLT assessment of 01-001: DLT no, evaluable yes"
    assert dependents(story.study, story.state, 10_000) == ()
