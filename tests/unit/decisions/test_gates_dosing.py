"""Gates on the dose: each refusal says which rule, which participant, until when."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from celltrial.codes import SubjectId
from celltrial.decisions import gates_dosing
from celltrial.decisions.gates import Gate
from celltrial.decisions.life import check_life
from celltrial.errors import Finding
from celltrial.record import Draft
from celltrial.record.bodies import AdverseEvent, Body, DoseAssignment
from trial_builder import INVESTIGATOR, Story


def ask(gate: Gate, story: Story, body: Body, subject: str) -> Sequence[Finding]:
    draft = Draft(body=body, subject=SubjectId(subject))
    return gate(story.study, story.state, draft, INVESTIGATOR, story.now)


def started() -> Story:
    """SRC decision 1 is signed: DL1 is open; 01-001 was infused there on day 30."""
    story = Story()
    story.decide("start", "DL1", day=0)
    story.dose("01-001", "DL1", day=30)
    return story


def ready(story: Story, subject: str, *, day: int, level: str = "DL1", decision: str = "1") -> None:
    """Assign a level to a subject on a day."""
    story.at(day)
    cells = f"{story.study.level(level).cells:.1E}"
    story.write(DoseAssignment(level=level, planned_cells=cells, decision=decision), subject)


@pytest.mark.parametrize(("day", "is_refused"), [(43, True), (44, False)])
def test_the_sentinel_interval_is_fourteen_days(day: int, is_refused: bool) -> None:
    """Infused on day 30: the next of the dose group may be infused 14 days later, not 13."""
    story = started()
    ready(story, "01-002", day=day)
    findings = ask(gates_dosing.check_sentinel, story, story.infusion("DL1", day), "01-002")
    assert bool(findings) == is_refused
    if is_refused:
        assert findings[0].message == (
            f"01-002 cannot be dosed at DL1: the sentinel period of 01-001 runs until {story.day(44)}"
        )
        assert findings[0].next_step == f"infuse on or after {story.day(44)}"


@pytest.mark.parametrize(("day", "is_refused"), [(38, True), (39, False)])
def test_lymphodepletion_waits_so_that_the_infusion_can_follow(day: int, is_refused: bool) -> None:
    """Nobody is lymphodepleted for an infusion that the sentinel interval would then refuse (5 days later)."""
    story = started()
    ready(story, "01-002", day=day)
    findings = ask(gates_dosing.check_sentinel, story, story.lymphodepletion(day), "01-002")
    assert bool(findings) == is_refused


def test_only_one_is_prepared_as_the_first_of_a_dose_group() -> None:
    """While the sentinel is lymphodepleted but not infused, nobody else of the group begins."""
    story = Story()
    story.decide("start", "DL1", day=0)
    ready(story, "01-001", day=10)
    story.write(story.lymphodepletion(10), "01-001")
    ready(story, "01-002", day=11)
    findings = ask(gates_dosing.check_sentinel, story, story.lymphodepletion(11), "01-002")
    assert "01-001 is to be the first of this dose group" in findings[0].message


def test_a_possible_dlt_of_the_sentinel_holds_the_next_one() -> None:
    """After 14 days with a possible DLT the committee decides first."""
    story = started()
    story.at(35)
    story.write(
        AdverseEvent(
            number="1",
            term="Graft versus host disease",
            soc="Immune system disorders",
            onset=story.day(35),
            grade="3",
            serious="yes",
            related_product="yes",
        ),
        "01-001",
    )
    ready(story, "01-002", day=46)
    body = story.infusion("DL1", 46)
    findings = ask(gates_dosing.check_sentinel, story, body, "01-002")
    assert findings[0].message == "01-002 cannot be dosed: the sentinel 01-001 has a possible DLT (yes)"
    assert "AE 1" in findings[0].found
    story.adjudicate("01-001", day=60, dlt="no")
    assert ask(gates_dosing.check_sentinel, story, body, "01-002") == ()


def test_a_later_unrelated_follow_up_does_not_close_the_level_again() -> None:
    """The DLT of the sentinel was adjudicated and the committee decided: what else is followed up changes nothing."""
    story = started()
    story.at(35)
    gvhd = AdverseEvent(
        number="1",
        term="Graft versus host disease",
        soc="Immune system disorders",
        onset=story.day(35),
        grade="3",
        serious="yes",
        related_product="yes",
    )
    story.write(gvhd, "01-001")
    story.adjudicate("01-001", day=60, dlt="yes")
    story.decide("stay", "DL1", day=61, override="one more at this level")
    ready(story, "01-002", day=62, decision="2")
    story.at(63).write(replace(gvhd, number="2", term="Headache", grade="1", serious="no"), "01-001")
    assert ask(gates_dosing.check_sentinel, story, story.infusion("DL1", 68), "01-002") == ()


def test_a_second_infusion_is_refused() -> None:
    """The study has no rule for re-infusion."""
    story = started()
    findings = ask(check_life, story, story.infusion("DL1", 60), "01-001")
    assert findings[0].message == "01-001 has an infusion already"
    assert "one infusion a participant" in findings[0].rule


def test_no_level_is_assigned_before_a_signed_decision() -> None:
    """An unsigned decision opens nothing."""
    story = Story()
    story.decide("start", "DL1", day=0, sign=False)
    body = DoseAssignment(level="DL1", planned_cells="3.0e8", decision="1")
    findings = ask(gates_dosing.check_signed_decision, story, body, "01-001")
    assert findings[0].message == "no signed SRC decision opens a dose level"
    story.sign(story.state.length)
    assert ask(gates_dosing.check_signed_decision, story, body, "01-001") == ()


def test_the_assignment_is_under_the_decision_in_force() -> None:
    """Another level or an older decision is refused; the decision in force is named."""
    story = started()
    body = DoseAssignment(level="DL2", planned_cells="4.5e8", decision="1")
    findings = ask(gates_dosing.check_signed_decision, story, body, "01-002")
    assert findings[0].expected == "decision 1 in force: start DL1"


@pytest.mark.parametrize(
    ("cells", "is_refused"), [("3.0e8", False), ("300000000", False), ("4.5e8", True), ("?", True)]
)
def test_the_planned_dose_is_the_levels(cells: str, is_refused: bool) -> None:
    """However the number is written, it is the level's number of cells."""
    story = started()
    body = DoseAssignment(level="DL1", planned_cells=cells, decision="1")
    assert bool(ask(gates_dosing.check_planned_dose, story, body, "01-002")) == is_refused


def test_the_infusion_is_at_the_level_assigned() -> None:
    """A dose at another level than assigned is refused, and both are named."""
    story = started()
    ready(story, "01-002", day=60)
    findings = ask(gates_dosing.check_infusion_as_assigned, story, story.infusion("DL2", 60), "01-002")
    assert findings[0].message == "01-002 cannot be dosed at DL2: DL1 is assigned"


def test_the_infusion_follows_the_lymphodepletion() -> None:
    """Not before it has ended; that there is one at all is for the table of the participant's life."""
    story = started()
    ready(story, "01-002", day=60)
    body = story.infusion("DL1", 62)
    assert "comes after" in ask(check_life, story, body, "01-002")[0].message
    story.write(story.lymphodepletion(60), "01-002")
    assert (
        "is not after the lymphodepletion"
        in ask(gates_dosing.check_after_lymphodepletion, story, body, "01-002")[0].message
    )
    late = story.infusion("DL1", 63)
    assert ask(gates_dosing.check_after_lymphodepletion, story, late, "01-002") == ()


def test_a_level_that_has_been_left_is_closed() -> None:
    """Assigned under decision 1, not dosed yet, and decision 2 has opened another level."""
    story = started()
    ready(story, "01-002", day=50)
    story.adjudicate("01-001", day=60)
    story.decide("escalate", "DL2", day=61)
    findings = ask(gates_dosing.check_level_open, story, story.infusion("DL1", 62), "01-002")
    assert findings[0].message == "01-002 cannot be dosed at DL1: that level is closed"
    assert findings[0].expected == "decision 2 in force: escalate DL2"
