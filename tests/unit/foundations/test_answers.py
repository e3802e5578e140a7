"""Three-valued answers and the conclusions drawn from them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celltrial.answers import Condition, all_of, any_of, conclude, hold_against, negate

ANSWERS = st.sampled_from(["yes", "no", "unknown"])


@given(st.lists(ANSWERS))
def test_or_is_the_and_of_the_negations(answers: list[str]) -> None:
    assert any_of(answers) == negate(all_of(negate(each) for each in answers))


@given(st.lists(ANSWERS))
def test_an_unknown_answer_that_becomes_known_never_contradicts_what_was_concluded(answers: list[str]) -> None:
    before = all_of(answers)
    for word in ("yes", "no"):
        after = all_of(word if each == "unknown" else each for each in answers)
        assert before in ("unknown", after)


@pytest.mark.parametrize(
    ("value", "operator", "answer"),
    [("0.49", "<", "yes"), ("0.50", "<", "no"), ("0.50", "<=", "yes"), ("0.51", "<=", "no"), (None, "<", "unknown")],
)
def test_a_limit_is_held_against_the_unrounded_value(value: str | None, operator: str, answer: str) -> None:
    number = None if value is None else Decimal(value)
    assert hold_against("PGA", number, operator, Decimal("0.5")).answer == answer


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (("yes", "no", "unknown"), "b: 1"),
        (("yes", "unknown", "yes"), "b: 1"),
        (("yes", "yes", "yes"), "a: 0; b: 1; c: 2"),
    ],
)
def test_the_reason_names_what_decides(answers: tuple[str, ...], reason: str) -> None:
    conditions = [
        Condition(name=n, answer=a, reason=str(i)) for i, (n, a) in enumerate(zip("abc", answers, strict=True))
    ]
    assert conclude(conditions).reason == reason
