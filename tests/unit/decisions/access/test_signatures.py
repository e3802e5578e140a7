"""Signing and falling: authenticated first, over what was shown; a change takes the ground away, and it is seen."""

from datetime import timedelta
from pathlib import Path

import pytest

from celltrial.codes import PersonId, SubjectId
from celltrial.decisions import signed_decisions
from celltrial.decisions.access import (
    SigningRequest,
    is_signed,
    list_signatures,
    sign,
    signable_hash,
    signature_status,
)
from celltrial.decisions.access.signing import check_signer
from celltrial.decisions.gates import gates
from celltrial.decisions.screening import answered_questions
from celltrial.errors import RefusedError
from celltrial.record import Author, Draft, Record
from celltrial.record.bodies import Correction, DltAssessment, QuestionAnswer, Signature, SrcDecision
from event_samples import SAMPLES, WHO, sample, writer
from trial_builder import CHAIR, COORDINATOR, INVESTIGATOR, START, Story, ct1192

AT = START + timedelta(days=3)
LI = Author(person=PersonId("li"), role="investigator", site="01", printed_name="Li Min")


def yes(person: PersonId, request: SigningRequest) -> str:
    return f"password of {person}"


def no(person: PersonId, _request: SigningRequest) -> str:
    raise RefusedError(f"{person} is not who they say")


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Consent and one laboratory row: events 2 and 3."""
    study = ct1192()
    record = Record.create(tmp_path / "r.db", study, author=writer("sponsor"), at=START, guards=gates(study))
    record.append([sample("consent"), sample("form")], author=LI, at=START + timedelta(days=2))
    return record


def correct(record: Record, target: int, **fields: str) -> None:
    replaced = {f"items.{name}": text for name, text in fields.items()}
    body = Correction(target=target, replace=replaced, entered_in_error="no" if fields else "yes")
    record.append([Draft(body=body, subject=WHO, why="misread")], author=LI, at=AT)


def sign_form(record: Record) -> int:
    return sign(record, [3], meaning="I have seen the report", author=LI, at=AT, reauthenticate=yes).seq


def test_a_signature_carries_meaning_name_content_head_and_proof(record: Record) -> None:
    """21 CFR 11.50 and 11.70: all of it is in the event, which stands under the participant."""
    head = record.head
    seq = sign_form(record)
    entry = record.state().entry(seq)
    assert entry is not None
    body = entry.body
    covered = record.state().entry(3)
    assert covered is not None
    assert (body.meaning, body.printed_name, body.head) == ("I have seen the report", "Li Min", head)
    assert body.content_hash == signable_hash([covered])
    assert body.authenticated_by == "password of li"
    assert entry.subject == WHO


def test_who_does_not_prove_who_they_are_signs_nothing(record: Record) -> None:
    """The hook refuses before anything is written."""
    length = record.length
    with pytest.raises(RefusedError, match="not who they say"):
        sign(record, [3], meaning="seen", author=LI, at=AT, reauthenticate=no)
    assert record.length == length


def test_a_role_signs_only_what_its_signs_has(record: Record) -> None:
    """A monitor signs no form, and nobody signs what is not in the record."""
    with pytest.raises(RefusedError, match="may not sign 'form'"):
        sign(record, [3], meaning="seen", author=writer("monitor"), at=AT, reauthenticate=yes)
    with pytest.raises(RefusedError, match="only events that stand are signed"):
        sign(record, [99], meaning="seen", author=LI, at=AT, reauthenticate=yes)


@pytest.mark.parametrize("is_void", [False, True])
def test_a_signature_falls_when_what_it_covers_changes_and_stays_visible(record: Record, is_void: bool) -> None:
    """Corrected or entered in error: fallen, with the event and the field; signing again is a new event."""
    seq = sign_form(record)
    correct(record, 3, **({} if is_void else {"value": "21"}))
    state = record.state()
    entry = state.entry(seq)
    assert entry is not None
    status = signature_status(state, entry)
    assert not status.is_standing
    assert ("entered in error" if is_void else "changed items.value of event 3") in status.reason
    assert status.fallen_by == seq + 1
    line = next(each for each in list_signatures(ct1192(), state) if each.seq == seq)
    assert line.told().startswith("fallen: ")
    if not is_void:
        again = sign_form(record)
        new = record.state().entry(again)
        assert new is not None
        assert signature_status(record.state(), new).is_standing
        assert new.body.content_hash != entry.body.content_hash


def test_a_head_of_another_record_or_of_before_is_refused() -> None:
    """What was shown must be this record, with all that is signed in it."""
    story = Story().at(5)
    head = story.state.head
    story.write(SAMPLES["consent"], "01-001")
    seq = story.write(SAMPLES["adverse_event"], "01-001")
    entry = story.state.entry(seq)
    assert entry is not None

    def ask(shown: str) -> str:
        body = Signature(
            covers=(entry.seq,), meaning="seen", printed_name="Li", content_hash=signable_hash([entry]), head=shown
        )
        draft = Draft(body=body, subject=SubjectId("01-001"))
        return " ".join(each.message for each in check_signer(story.study, story.state, draft, INVESTIGATOR, story.now))

    assert ask(story.state.head) == ""
    assert "head signed" in ask(head)
    assert "head signed" in ask("f" * 64)


def test_a_decision_whose_signature_fell_is_no_longer_in_force() -> None:
    """Corrected after it was signed: it opens no level until it is signed again."""
    story = Story()
    story.decide("start", "DL1", day=0)
    decision = story.state.entries(SrcDecision)[0].seq
    assert [each.seq for each in signed_decisions(story.state)] == [decision]
    fix = Correction(target=decision, replace={"override_reason": "none"})
    story.write(fix, author=CHAIR, why="the reason was left out")
    assert signed_decisions(story.state) == ()
    story.sign(decision)
    assert [each.seq for each in signed_decisions(story.state)] == [decision]


def test_answers_and_adjudications_lose_their_signature_too() -> None:
    """An answered question is open again; an assessment is unsigned again."""
    story = Story()
    answer = story.write(QuestionAnswer(question="Q01", answer="yes"))
    story.sign(answer, author=INVESTIGATOR)
    assert "Q01" in answered_questions(story.study, story.state)
    story.write(Correction(target=answer, replace={"answer": "no"}), why="misheard")
    assert "Q01" not in answered_questions(story.study, story.state)
    story.decide("start", "DL1", day=1)
    story.dose("01-001", "DL1", day=30)
    story.adjudicate("01-001", day=60)
    entry = story.state.latest(DltAssessment, SubjectId("01-001"))
    assert entry is not None
    story.sign(entry.seq, author=INVESTIGATOR)
    assert is_signed(story.state, entry)
    story.write(Correction(target=entry.seq, replace={"rationale": "see letter"}), "01-001", why="completed")
    assert not is_signed(story.state, entry)


def test_once_there_is_a_delegation_log_head_and_proof_are_asked_for() -> None:
    """And the printed name is the one of the person's event."""
    story = Story().at(5)
    story.write(SAMPLES["person"])
    story.write(SAMPLES["role_grant"])
    seq = story.write(SAMPLES["consent"], "01-001")
    consent = story.state.entry(seq)
    assert consent is not None
    body = Signature(covers=(consent.seq,), meaning="seen", printed_name="Chen", content_hash=signable_hash([consent]))
    nurse = Author(person=PersonId("nurse.qin"), role="coordinator", site="01")
    found = check_signer(story.study, story.state, Draft(body=body), nurse, story.now)
    told = " ".join(each.message for each in found)
    assert "no head" in told
    assert "no authenticated_by" in told
    assert "printed name is not the signer's" in told
    assert "may not sign 'consent'" in told
    assert COORDINATOR.role == nurse.role
