"""Gates on review: adjudication, decisions, signatures, answers."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from celltrial.codes import SubjectId
from celltrial.decisions import gates_review
from celltrial.decisions.access.signing import check_signer
from celltrial.decisions.gates import Gate
from celltrial.errors import Finding
from celltrial.record import Author, Draft
from celltrial.record.bodies import (
    AssumptionConfirmation,
    Body,
    DataCut,
    DltAssessment,
    QuestionAnswer,
    Signature,
    SrcDecision,
)
from trial_builder import CHAIR, COORDINATOR, Story


def ask(gate: Gate, story: Story, body: Body, subject: str | None = None, author: Author = CHAIR) -> Sequence[Finding]:
    draft = Draft(body=body, subject=SubjectId(subject) if subject else None)
    return gate(story.study, story.state, draft, author, story.now)


def one_infused() -> Story:
    story = Story()
    story.decide("start", "DL1", day=0)
    story.dose("01-001", "DL1", day=30)
    return story


ASSESSMENT = DltAssessment(assessed_on="2025-09-10", evaluable="yes", dlt="no", window_complete="yes", rationale="ok")


@pytest.mark.parametrize(("day", "is_complete"), [(58, False), (59, True)])
def test_the_window_is_complete_on_the_day_after_day_28(day: int, is_complete: bool) -> None:
    """Infused on day 30; day 58 is day 28 of the window and still belongs to it."""
    story = one_infused().at(day)
    findings = ask(gates_review.check_dlt_assessment, story, ASSESSMENT, "01-001")
    assert bool(findings) != is_complete
    if not is_complete:
        assert findings[0].message == "the DLT window of 01-001 is not complete"
        assert story.day(58) in findings[0].expected


def test_an_adjudication_has_its_rationale() -> None:
    """Evaluability is explicit and logged."""
    story = one_infused().at(60)
    body = replace(ASSESSMENT, rationale=" ")
    assert ask(gates_review.check_dlt_assessment, story, body, "01-001")[0].message == (
        "the adjudication has no rationale"
    )


def test_one_who_had_a_dlt_is_evaluable() -> None:
    """A DLT counts, whether or not the window was completed."""
    story = one_infused().at(60)
    body = replace(ASSESSMENT, dlt="yes", evaluable="no")
    assert ask(gates_review.check_dlt_assessment, story, body, "01-001")[0].message == "one who had a DLT is evaluable"


def decision(**changes: object) -> SrcDecision:
    fields: dict[str, object] = {
        "number": "2",
        "cut": "cut-2",
        "design": "boin",
        "proposed_action": "escalate",
        "proposed_level": "DL2",
        "action": "escalate",
        "level": "DL2",
        "content_hash": "c",
    }
    return SrcDecision(**(fields | changes))  # type: ignore[arg-type]  # the fields of a body, by name


def one_adjudicated() -> Story:
    story = one_infused()
    story.adjudicate("01-001", day=60)
    story.write(DataCut(cut="cut-2", as_of="2025-09-10", head="h", events="9", purpose="dose decision"), author=CHAIR)
    return story


def test_a_decision_as_proposed_passes() -> None:
    """0/1 at DL1: BOIN escalates."""
    assert ask(gates_review.check_decision_as_proposed, one_adjudicated(), decision()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"action": "stay", "level": "DL1"}, "the decision departs from the proposal without a reason"),
        ({"proposed_level": "DL1", "proposed_action": "stay"}, "the proposal shown is not what the record gives"),
        ({"cut": "cut-9"}, "data cut 'cut-9' does not exist"),
        ({"number": "3"}, "decisions are numbered in order"),
        ({"level": "DL9", "override_reason": "because"}, "unknown dose level 'DL9'"),
    ],
)
def test_a_decision_that_does_not_stand_on_the_record_is_refused(changes: dict[str, str], message: str) -> None:
    """The proposal shown, its data cut, its number and its level are the record's."""
    findings = ask(gates_review.check_decision_as_proposed, one_adjudicated(), decision(**changes))
    assert message in [finding.message for finding in findings]


def test_an_override_with_its_reason_passes() -> None:
    """A person decides."""
    body = decision(action="stay", level="DL1", override_reason="one more at DL1 before going up")
    assert ask(gates_review.check_decision_as_proposed, one_adjudicated(), body) == []


def test_no_decision_on_an_incomplete_window_unless_recorded_why() -> None:
    """The open window is named; listing it with a reason lets the decision pass."""
    story = one_adjudicated()
    story.dose("01-002", "DL1", day=85)
    story.at(90)
    assert "open until" in ask(gates_review.check_incomplete_windows, story, decision())[0].message
    assert ask(gates_review.check_incomplete_windows, story, decision(incomplete_windows=("01-002",)))
    body = decision(incomplete_windows=("01-002",), incomplete_reason="de-escalation cannot wait")
    assert ask(gates_review.check_incomplete_windows, story, body) == ()


def test_a_decision_is_signed_by_the_committee_over_its_content() -> None:
    """A coordinator cannot sign it, another hash does not cover it, and the event must exist."""
    story = Story()
    story.decide("start", "DL1", day=0, sign=False)
    seq = story.state.length
    entry = story.state.entry(seq)
    assert entry is not None
    good = Signature(
        covers=(seq,), meaning="approved", printed_name="Chair", content_hash=gates_review.signable_hash([entry])
    )
    assert ask(gates_review.check_signature, story, good) == []
    assert "may not sign 'src_decision'" in ask(check_signer, story, good, author=COORDINATOR)[0].message
    assert "content hash" in ask(gates_review.check_signature, story, replace(good, content_hash="x"))[0].message
    assert "does not exist" in ask(gates_review.check_signature, story, replace(good, covers=(99,)))[0].message


def test_answers_and_confirmations_belong_to_the_study_files() -> None:
    """An unknown question or assumption, or another value than the one in use, is refused."""
    story = Story()
    assert (
        "unknown question"
        in ask(gates_review.check_question_exists, story, QuestionAnswer(question="Q99", answer="yes"))[0].message
    )
    known = story.study.assumptions[0]
    body = AssumptionConfirmation(assumption=known.id, value="something else")
    assert "not the value in use" in ask(gates_review.check_assumption_exists, story, body)[0].message
    assert ask(gates_review.check_assumption_exists, story, replace(body, value=known.value)) == ()
