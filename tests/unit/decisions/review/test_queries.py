"""Queries: asked about what is there, answered by words or by a correction, closed by another person."""

import pytest

from celltrial.decisions.review import queries, query_named
from celltrial.record import Correction
from unit.decisions.review.ward import LI, LIN, WU, Ward, refusal


@pytest.fixture
def ward():
    return Ward()


def test_a_query_waits_is_answered_and_is_closed_by_another(ward):
    """Each step with who and when; the age runs until it is closed."""
    number = ward.ask(ward.lab(), to_role="coordinator")
    (thread,) = queries(ward.state)
    assert (thread.number, thread.status, thread.where, thread.value) == ("Q1", "open", "01-001/SCR/labs/value", "96")
    ward.wait(2).answer(number)
    assert queries(ward.state)[0].status == "answered"
    ward.close(number)
    (thread,) = queries(ward.state)
    assert (thread.status, thread.outcome) == ("closed", "confirmed as it is")
    assert [(item.kind, item.by) for item in thread.items] == [
        ("asked", "monitor.lin"),
        ("answered", "coordinator.chen"),
        ("closed", "monitor.lin"),
    ]
    assert thread.age_days == pytest.approx(2 + 2 / 24)
    ward.wait(10).lab(row="2")
    assert queries(ward.state)[0].age_days == thread.age_days


def test_a_correction_of_the_field_answers(ward):
    """It shows in the thread, old and new; a correction of another field does not answer."""
    result = ward.lab()
    number = ward.ask(result)
    ward.fix(result, comment="haemolysed")
    assert query_named(ward.state, number).status == "open"
    ward.fix(result, value="69")
    thread = query_named(ward.state, number)
    assert thread.status == "answered"
    assert thread.items[-1].text == "items.value: 96 → 69 (misread on the report)"
    assert "nobody has answered" in refusal(ward.close, number, "confirmed as it is")
    ward.close(number, "corrected")


def test_an_entry_in_error_answers(ward):
    result = ward.lab()
    number = ward.ask(result)
    ward.void(result)
    assert query_named(ward.state, number).items[-1].kind == "entered in error"
    ward.close(number, "corrected")


def test_what_is_asked_about_must_be_there(ward):
    """An event, and a field of it; a blank item of the form may be asked about."""
    result = ward.lab()
    assert "no entry to ask about" in refusal(ward.ask, 99)
    assert "no such field" in refusal(ward.ask, result, "items.colour")
    ward.ask(result, "items.comment")
    assert "no entry to ask about" in refusal(ward.ask, ward.state.length, "")
    assert "may not answer" in refusal(ward.ask, result, to_role="sponsor")


def test_numbers_run_on(ward):
    """A number that is not the next is refused."""
    from celltrial.record.bodies import Query

    result = ward.lab()
    body = Query(number="Q7", target=result, text="?")
    assert "expected: Q1" in refusal(ward.write, body, author=LIN)
    assert [ward.ask(result), ward.ask(result)] == ["Q1", "Q2"]


def test_who_may_answer_and_close(ward):
    """The role that was asked answers; who answered does not close; who did not ask does not withdraw."""
    result = ward.lab()
    number = ward.ask(result, to_role="investigator")
    assert "waits for another role" in refusal(ward.answer, number)
    ward.answer(number, LI)
    assert "by the person who answered" in refusal(ward.close, number, author=LI)
    assert "cannot be closed as 'corrected'" in refusal(ward.close, number, "corrected")
    assert "cannot be closed as 'withdrawn'" in refusal(ward.close, number, "withdrawn", WU)
    ward.close(number, "withdrawn", LIN)
    assert "the query is closed" in refusal(ward.answer, number, LI)


def test_a_closed_query_is_asked_again_by_a_new_one(ward):
    """It names the old one, once, about the same field; a closing is never corrected."""
    result = ward.lab()
    first = ward.ask(result)
    assert "asked again" in refusal(ward.ask, result, reopens=first)
    ward.answer(first)
    closing = ward.close(first)
    assert "is not corrected" in refusal(
        ward.write, Correction(target=closing, entered_in_error="yes"), why="no", author=WU
    )
    assert "asked again" in refusal(ward.ask, result, "items.unit", reopens=first)
    second = ward.ask(result, reopens=first)
    old, new = queries(ward.state)
    assert (old.reopened_by, new.reopens, new.status) == (second, first, "open")
    assert old.items[-1].kind == "asked again"
    assert "asked again already" in refusal(ward.ask, result, reopens=first)
