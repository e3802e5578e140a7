"""The table of a participant's life: whole, without dead ends, and what the gate really does."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from celltrial.codes import SubjectId
from celltrial.decisions.life import allowance, check_life, life_rows, life_states, moves, steps
from celltrial.decisions.life.table import FINAL_GROUPS, LOCKED, about
from celltrial.record.bodies import (
    AdverseEvent,
    Body,
    Completion,
    Consent,
    DltAssessment,
    DoseAssignment,
    EligibilitySignature,
    Enrolment,
    Infusion,
    Lymphodepletion,
    ProductRelease,
    Screening,
    Withdrawal,
)
from celltrial.record.keys import SUBJECT_RULE
from celltrial.study.vocabulary import EVENT_TYPES
from event_samples import DAY, SAMPLES, WHO, sample
from trial_builder import INVESTIGATOR, Story, ct1192

WALKED = [state for state in life_rows() if state != LOCKED]


def verdict(stage: str, word: str = "eligible") -> EligibilitySignature:
    return EligibilitySignature(stage=stage, verdict=word, criteria_hash="a", content_hash="b")  # type: ignore[arg-type]  # literals as text


def leaving(scope: str, reason: str = "participant's wish") -> Withdrawal:
    return Withdrawal(on=DAY, scope=scope, reason=reason)  # type: ignore[arg-type]  # literals as text


# one way into each state, as a clinician would tell it
_TO_ASSIGNED = (
    SAMPLES["consent"],
    SAMPLES["screening"],
    verdict("screening"),
    SAMPLES["enrolment"],
    SAMPLES["dose_assignment"],
)
_TO_DEPLETED = (*_TO_ASSIGNED, verdict("lymphodepletion"), SAMPLES["lymphodepletion"])
_TO_INFUSED = (*_TO_DEPLETED, SAMPLES["product_release"], verdict("infusion"), SAMPLES["infusion"])
WAYS: dict[str, tuple[Body, ...]] = {
    "none": (),
    "consented": _TO_ASSIGNED[:1],
    "screening": _TO_ASSIGNED[:2],
    "not eligible": (*_TO_ASSIGNED[:2], verdict("screening", "not eligible")),
    "eligible": _TO_ASSIGNED[:3],
    "enrolled": _TO_ASSIGNED[:4],
    "assigned": _TO_ASSIGNED,
    "cleared for lymphodepletion": _TO_DEPLETED[:6],
    "lymphodepleted": _TO_DEPLETED,
    "product released": _TO_INFUSED[:8],
    "cleared for infusion": (*_TO_DEPLETED, verdict("infusion")),
    "ready for infusion": _TO_INFUSED[:9],
    "infused": _TO_INFUSED,
    "follow-up": (*_TO_INFUSED, SAMPLES["dlt_assessment"]),
    "off treatment": (*_TO_ASSIGNED, leaving("treatment")),
    "completed": (*_TO_INFUSED, SAMPLES["dlt_assessment"], SAMPLES["completion"]),
    "withdrawn": (*_TO_ASSIGNED, leaving("study")),
    "died": (*_TO_INFUSED, leaving("study", "death")),
}


def story_in(state: str) -> Story:
    story = Story().at(5)
    for body in WAYS[state]:
        story.write(body, WHO)
    return story


def test_every_state_has_an_owner_of_the_study_and_a_next_step() -> None:
    """Nobody is left to nobody: the owner is a role of study.yaml that may write the step it owes."""
    roles = {each.id: each.writes for each in ct1192().roles}
    owed = {
        "none": "consent",
        "consented": "screening",
        "screening": "eligibility_signature",
        "not eligible": "withdrawal",
        "eligible": "enrolment",
        "enrolled": "dose_assignment",
        "assigned": "eligibility_signature",
        "cleared for lymphodepletion": "lymphodepletion",
        "lymphodepleted": "product_release",
        "product released": "eligibility_signature",
        "cleared for infusion": "product_release",
        "ready for infusion": "infusion",
        "infused": "dlt_assessment",
        "follow-up": "completion",
        "off treatment": "completion",
        "completed": "data_lock",
        "withdrawn": "data_lock",
        "died": "data_lock",
        "locked": "data_lock",
    }
    assert set(owed) == set(life_rows())
    for row in life_rows().values():
        assert row.next_step
        assert row.source
        assert owed[row.state] in roles[row.owner], row.state


def test_no_state_is_a_dead_end_and_every_state_is_reached() -> None:
    """From each state but the final ones the table leads on, in the end to a final one; each has a way in."""
    ways: dict[str, set[str]] = {state: set() for state in life_rows()}
    for several in moves().values():
        for move in several:
            for origin in move.origins:
                ways[origin].add(move.to)
    for row in life_rows().values():
        if row.group in FINAL_GROUPS:
            continue
        reached, edge = {row.state}, {row.state}
        while edge := {to for state in edge for to in ways[state]} - reached:
            reached |= edge
        assert ways[row.state] - {row.state}, row.state
        assert any(life_rows()[state].group in FINAL_GROUPS for state in reached), row.state
    assert {to for several in ways.values() for to in several} | {"none", LOCKED} == set(life_rows())


def test_a_move_starts_only_where_its_event_is_allowed() -> None:
    """The two files agree: an event that leads on from a state is allowed in it."""
    for (event, what), several in moves().items():
        row = allowance(event, what)
        assert row is not None, event
        for move in several:
            assert move.origins <= row.allowed | row.late, (event, what)


def test_a_type_is_in_the_table_exactly_if_it_can_name_a_participant() -> None:
    """A new event type without a row fails here."""
    words = {"eligibility_signature": "screening", "withdrawal": "study"}
    for event in EVENT_TYPES:
        has_row = allowance(event, words.get(event, "")) is not None
        never = SUBJECT_RULE.get(event, "always") == "never"
        assert has_row != never, event


@pytest.mark.parametrize("state", WALKED)
def test_the_way_into_each_state(state: str) -> None:
    """Told event by event, without a skipped step."""
    story = story_in(state)
    walked = steps(story.state, WHO)
    assert walked[-1].state == state
    assert not [each.skipped for each in walked if each.skipped]


def _bodies() -> Iterator[Body]:
    yield from (SAMPLES[event] for event in EVENT_TYPES if allowance(event, about(SAMPLES[event])) is not None)
    yield verdict("lymphodepletion")
    yield verdict("infusion")
    yield leaving("screening")
    yield leaving("treatment")
    yield leaving("study", "death")


@pytest.mark.parametrize("state", WALKED)
def test_every_event_in_every_state_is_judged_as_the_table_says(state: str) -> None:
    """Refused: with the state, who moves it on, and by which step. Allowed: no word."""
    story = story_in(state)
    for body in _bodies():
        row = allowance(body.TYPE, about(body))
        assert row is not None
        draft = replace(sample(body.TYPE), body=body, subject=WHO)
        found = check_life(story.study, story.state, draft, INVESTIGATOR, story.now)
        assert bool(found) != (state in row.allowed or state in row.late), (state, body.TYPE, about(body))
        if found and "already" not in found[0].message:
            assert repr(state) in found[0].found
            assert found[0].next_step == f"{life_rows()[state].owner}: {life_rows()[state].next_step}"


@pytest.mark.parametrize(
    ("state", "body", "is_allowed"),
    [
        # what the protocol and ICH E6(R3) ask for, told without the table
        ("none", Screening(screened_on=DAY), False),
        ("screening", Enrolment(enrolled_on=DAY), False),
        ("not eligible", Enrolment(enrolled_on=DAY), False),
        ("eligible", Enrolment(enrolled_on=DAY), True),
        ("enrolled", SAMPLES["lymphodepletion"], False),
        ("assigned", SAMPLES["lymphodepletion"], False),
        ("cleared for lymphodepletion", SAMPLES["lymphodepletion"], True),
        ("lymphodepleted", SAMPLES["infusion"], False),
        ("cleared for infusion", SAMPLES["infusion"], False),
        ("product released", SAMPLES["infusion"], False),
        ("ready for infusion", SAMPLES["infusion"], True),
        ("infused", SAMPLES["infusion"], False),
        ("infused", Completion(on=DAY), False),
        ("follow-up", Completion(on=DAY), True),
        ("withdrawn", SAMPLES["infusion"], False),
        ("withdrawn", SAMPLES["adverse_event"], True),
        ("died", Completion(on=DAY), False),
        ("completed", DoseAssignment(level="DL1", planned_cells="300000000", decision="1"), False),
    ],
)
def test_the_sequence_that_the_protocol_asks_for(state: str, body: Body, is_allowed: bool) -> None:
    """Consent, verdict, enrolment, dose, verdict, lymphodepletion, release and verdict, infusion, adjudication."""
    story = story_in(state)
    found = check_life(story.study, story.state, replace(sample(body.TYPE), body=body), INVESTIGATOR, story.now)
    assert bool(found) != is_allowed


def test_a_record_that_skipped_a_step_still_tells_where_someone_stands() -> None:
    """Release 0.1.0 asked for no product release: infused is infused, and the skipped step is named."""
    story = Story()
    story.decide("start", "DL1", day=0)
    story.dose("01-001", "DL1", day=30)
    stand = life_states(story.study, story.state, as_of=story.now)[0]
    assert stand.state == "infused"
    assert stand.owner == "investigator"
    assert any("infusion in the state" in note for note in stand.notes)
    assert stand.waits_for == (f"the end of the DLT window on {story.day(58)}",)


def test_a_fatal_event_ends_a_life_and_a_late_entry_does_not_begin_it_anew() -> None:
    """Dead is dead: a screening visit entered late changes nothing."""
    story = story_in("follow-up")
    fatal = replace(SAMPLES["adverse_event"], outcome="fatal", grade="5")  # type: ignore[type-var]  # a body
    assert isinstance(fatal, AdverseEvent)
    story.write(fatal, WHO)
    assert steps(story.state, WHO)[-1].state == "died"
    story.write(Screening(screened_on=DAY, attempt="2"), WHO)
    assert steps(story.state, WHO)[-1].state == "died"


def test_types_that_lead_on_are_those_of_the_walk() -> None:
    """Every event of moves.csv is one that `steps` looks at."""
    from celltrial.decisions.life.walk import LIFE_EVENTS

    looked_at = {each.TYPE for each in LIFE_EVENTS}
    assert {event for event, _ in moves()} == looked_at
    assert {Consent, Lymphodepletion, ProductRelease, Infusion, DltAssessment} <= set(LIFE_EVENTS)
    assert isinstance(WHO, SubjectId)
