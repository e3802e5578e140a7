"""Corrections pass the gates of what they correct, and leave nothing hanging; what is harmless is let in."""

from datetime import timedelta

from celltrial.codes import SubjectId
from celltrial.decisions.gates import gates
from celltrial.decisions.gates_corrections import state_before
from celltrial.errors import Finding
from celltrial.record import Author, Draft
from celltrial.record.bodies import (
    Body,
    Consent,
    Correction,
    DoseAssignment,
    Enrolment,
    Infusion,
    Lymphodepletion,
    ProductRelease,
    Screening,
)
from event_samples import writer
from trial_builder import INVESTIGATOR, Story

WRITERS = {"pharmacist": writer("pharmacist"), "investigator": INVESTIGATOR}


def treated() -> Story:
    """Consent on day 10, screened on 12, lymphodepleted from 25 to 27, released and infused on 30."""
    story = Story()
    story.decide("start", "DL1", day=0)
    for day, body in (
        (10, Consent(signed_at=story.day(10), document_version="1.0")),
        (12, Screening(screened_on=story.day(12))),
        (20, Enrolment(enrolled_on=story.day(20))),
        (21, DoseAssignment(level="DL1", planned_cells="300000000", decision="1")),
        (25, story.lymphodepletion(25)),
        (30, ProductRelease(released_at=story.day(30), lot="L01", donor="DN1", cells="300000000")),
        (30, story.infusion("DL1", 30)),
    ):
        story.at(day).write(body, "01-001")
    return story


def seq_of(story: Story, kind: type[Body]) -> int:
    entry = story.state.latest(kind, SubjectId("01-001"))
    assert entry is not None
    return entry.seq


def correct(
    story: Story, kind: type[Body], author: Author = INVESTIGATOR, void: bool = False, **fields: str
) -> list[str]:
    """What the guards of the record say to the correction."""
    body = Correction(target=seq_of(story, kind), replace=fields, entered_in_error="yes" if void else "no")
    draft = Draft(body=body, subject=SubjectId("01-001"), why="misread")
    at = story.now + timedelta(hours=1)
    found: list[Finding] = [each for gate in gates(story.study) for each in gate(story.state, draft, author, at)]
    return [each.message for each in found]


def test_a_date_before_the_consent_does_not_come_in_by_a_correction() -> None:
    """The gate of the screening visit judges the corrected date too."""
    story = treated()
    assert correct(story, Screening, screened_on=story.day(9)) == ["the screening visit lies before the consent"]
    assert correct(story, Screening, screened_on=story.day(11)) == []


def test_what_followed_is_judged_again() -> None:
    """A consent moved behind the screening, a lymphodepletion behind the infusion: refused, and what is named."""
    story = treated()
    assert "the screening visit lies before the consent" in correct(story, Consent, signed_at=story.day(13))
    assert correct(story, Consent, signed_at=story.day(9)) == []
    assert "the infusion is not after the lymphodepletion" in correct(story, Lymphodepletion, ended_on=story.day(30))


def test_nothing_is_left_without_what_it_rests_on() -> None:
    """A consent cannot be entered in error while a screening stands on it; the event left hanging is named."""
    story = treated()
    told = " ".join(correct(story, Consent, void=True))
    assert f"event {seq_of(story, Screening)} would be left without what it rests on" in told


def test_a_value_that_no_gate_would_let_in_is_refused() -> None:
    """Another level than the one assigned, another lot than the one released, a day that lies ahead."""
    story = treated()
    assert any("DL1 is assigned" in each for each in correct(story, Infusion, level="DL2", planned_cells="450000000"))
    assert "the lot infused is not the lot released" in correct(story, Infusion, lot="L99")
    assert "infused_at lies after the time of writing" in correct(story, Infusion, infused_at=f"{story.day(33)}T08:00")


def test_a_harmless_correction_is_let_in_though_the_gates_would_refuse_today() -> None:
    """The cells actually given were mistyped: eligibility has long expired, but that is not this correction's doing."""
    story = treated().at(200)
    assert correct(story, Infusion, actual_cells="291000000") == []


def test_who_could_not_write_an_event_does_not_correct_it() -> None:
    """A pharmacist corrects an infusion, not a consent."""
    story = treated()
    pharmacist = WRITERS["pharmacist"]
    assert correct(story, Infusion, pharmacist, actual_cells="291000000") == []
    assert correct(story, Consent, pharmacist, document_version="2") == [
        "the role 'pharmacist' may not write 'consent'"
    ]


def test_a_released_product_fits_the_dose_and_is_not_expired() -> None:
    """The gates of the release hold for its correction as for its first entry."""
    story = treated()
    pharmacist = WRITERS["pharmacist"]
    assert "the release names no lot" in correct(story, ProductRelease, pharmacist, cells="320000000", lot="")
    assert correct(story, ProductRelease, pharmacist, cells="329000000") == []
    assert "the cells released are not within 10 % of the planned dose" in correct(
        story, ProductRelease, pharmacist, cells="331000000"
    )
    assert "the product had expired at its release" in correct(
        story, ProductRelease, pharmacist, expires_at=story.day(29)
    )


def test_the_state_before_an_event_is_what_was_known_then_as_corrected_since() -> None:
    """Nothing written later is in it; a later correction of something earlier is."""
    story = treated()
    story.write(Correction(target=seq_of(story, Consent), replace={"document_version": "3"}), "01-001", why="misread")
    before = state_before(story.state, seq_of(story, Infusion))
    consent = before.latest(Consent, SubjectId("01-001"))
    assert consent is not None
    assert consent.body.document_version == "3"
    assert before.entries(Infusion) == ()
