"""Gates on the person's way in: role, consent, signed eligibility, places, leaving, order of dates."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from celltrial.codes import SubjectId
from celltrial.decisions import gates_people
from celltrial.decisions.gates import GATES, Gate
from celltrial.decisions.screening import screen_subject
from celltrial.errors import Finding
from celltrial.record import Author, Draft
from celltrial.record.bodies import (
    AdverseEvent,
    Body,
    Consent,
    EligibilitySignature,
    Enrolment,
    FormEntry,
    Infusion,
    Lymphodepletion,
    Screening,
    Withdrawal,
)
from trial_builder import INVESTIGATOR, Story, ct1192


def ask(
    gate: Gate, story: Story, body: Body, subject: str = "01-001", author: Author = INVESTIGATOR
) -> Sequence[Finding]:
    return gate(story.study, story.state, Draft(body=body, subject=SubjectId(subject)), author, story.now)


def consented() -> Story:
    story = Story().at(10)
    story.write(Consent(signed_at=story.day(5), document_version="1.0"), "01-001")
    return story


def lab(collected: str) -> FormEntry:
    items = {"analyte": "alt", "value": "20", "unit": "U/L", "uln": "40", "collected": collected}
    return FormEntry(form="labs", items=items)


@pytest.mark.parametrize(("day", "is_refused"), [(4, True), (5, False), (9, False)])
def test_screening_is_not_before_consent(day: int, is_refused: bool) -> None:
    """The same day is right."""
    story = consented()
    findings = ask(gates_people.check_screening_after_consent, story, Screening(screened_on=story.day(day)))
    assert bool(findings) == is_refused


def test_what_is_recorded_has_happened() -> None:
    """A date after the time of writing is refused; the day of writing is right."""
    story = consented()
    assert ask(gates_people.check_not_in_future, story, Screening(screened_on=story.day(10))) == ()
    findings = ask(gates_people.check_not_in_future, story, Screening(screened_on=story.day(11)))
    assert findings[0].message == "screened_on lies after the time of writing"
    assert ask(gates_people.check_not_in_future, story, Screening(screened_on="11/07/2025"))[0].message == (
        "screened_on is not a date"
    )


def test_after_leaving_only_late_entries_and_outcomes_are_recorded() -> None:
    """What happened before the last day may still be entered; what happened after may not."""
    story = consented().at(30)
    story.write(Withdrawal(on=story.day(20), scope="study", reason="participant's wish"), "01-001")
    assert ask(gates_people.check_not_withdrawn, story, lab(story.day(20))) == ()
    assert "left the study" in ask(gates_people.check_not_withdrawn, story, lab(story.day(21)))[0].message
    outcome = AdverseEvent(
        number="1",
        term="Anemia",
        soc="Blood and lymphatic system disorders",
        onset=story.day(19),
        grade="2",
        serious="no",
        related_product="no",
        outcome="resolved",
        ended=story.day(28),
    )
    assert ask(gates_people.check_not_withdrawn, story, outcome) == ()


def test_a_signed_verdict_is_the_computed_one() -> None:
    """Nobody signs "eligible" where the record does not give it: there is no waiver."""
    story = consented()
    story.write(Screening(screened_on=story.day(9)), "01-001")
    shown = screen_subject(story.study, story.state, SubjectId("01-001"), stage="screening", as_of=story.now)
    body = EligibilitySignature(
        stage="screening", verdict="eligible", criteria_hash=shown.criteria_hash, content_hash=shown.content_hash
    )
    findings = ask(gates_people.check_verdict_is_computed, story, body)
    assert findings[0].message == "the signed verdict is not what the record gives for stage screening"
    assert findings[0].expected.startswith("unknown over")
    assert ask(gates_people.check_verdict_is_computed, story, replace(body, verdict="not eligible")) == ()


@pytest.mark.parametrize(
    ("body", "stage"),
    [
        (Enrolment(enrolled_on="2025-07-20"), "screening"),
        (Story().lymphodepletion(10), "lymphodepletion"),
        (Story().infusion("DL1", 10), "infusion"),
    ],
)
def test_each_step_needs_its_stage_signed(body: Body, stage: str) -> None:
    """Enrolment, lymphodepletion and infusion each have their own signature."""
    findings = ask(gates_people.check_eligible, consented(), body)
    assert f"eligibility is not signed for stage {stage}" in findings[0].message
    assert findings[0].found == "no signature"


def test_a_signature_falls_when_the_record_no_longer_gives_it() -> None:
    """Signed eligible, but what is on the record now is not: refused."""
    story = consented()
    story.write(Screening(screened_on=story.day(9)), "01-001")
    story.write(
        EligibilitySignature(stage="screening", verdict="eligible", criteria_hash="c", content_hash="d"), "01-001"
    )
    findings = ask(gates_people.check_eligible, story, Enrolment(enrolled_on=story.day(10)))
    assert findings[0].message == "the record no longer gives 01-001 as eligible for stage screening"


def test_there_are_as_many_places_as_the_protocol_says() -> None:
    """Twelve; a participant who leaves before the infusion gives the place back."""
    story = Story().at(60)
    for number in range(12):
        subject = f"01-{number + 1:03d}"
        story.write(Consent(signed_at=story.day(1), document_version="1.0"), subject)
        story.write(Enrolment(enrolled_on=story.day(20)), subject)
    body = Enrolment(enrolled_on=story.day(60))
    assert ask(gates_people.check_places, story, body, "01-013")[0].message == "all 12 places are taken"
    story.write(Withdrawal(on=story.day(50), scope="study", reason="participant's wish"), "01-004")
    assert ask(gates_people.check_places, story, body, "01-013") == ()


def test_the_steps_of_a_participants_life_all_have_gates() -> None:
    """Every step after consent that commits a person has gates of its own beside those of every event."""
    for step in (Screening, EligibilitySignature, Enrolment, Lymphodepletion, Infusion):
        assert GATES[step], step
    assert ct1192().escalation.sentinel_days == 14
