"""The LICATS flag: each condition alone, on both sides; what is not known; the published grades."""

from datetime import date, timedelta
from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotEvaluable, NotGradable
from celltrial.safety.b_cell_aplasia import BCellState
from celltrial.safety.grades import Grade
from celltrial.safety.licats import EXPLANATIONS, LicatsFlag, flag_licats, grade_licats, licats_onset, organs_of_event
from celltrial.safety.terms import ae_terms
from celltrial.tables import read_package_table

INFUSION = date(2026, 1, 1)
APLASIA = BCellState(state="aplasia", reason="sample")
NOTHING_ELSE = dict.fromkeys(EXPLANATIONS, "no")


def flag(**changes: Any) -> LicatsFlag:
    facts: dict[str, Any] = {
        "term": "Rash maculo-papular",
        "onset": INFUSION + timedelta(days=10),
        "infusion": INFUSION,
        "prior_organs": {"skin": "yes"},
        "b_cells_at_onset": APLASIA,
        "explained_by": NOTHING_ELSE,
    }
    return flag_licats(**(facts | changes))


def state(name: Any) -> BCellState:
    return BCellState(state=name, reason="")


def test_an_event_with_every_feature() -> None:
    found = flag()
    assert (found.answer, found.organs) == ("yes", ("skin",))
    assert len(found.conditions) == 4 + len(EXPLANATIONS)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"prior_organs": {"skin": "no"}}, "no"),
        ({"prior_organs": {"skin": "unknown"}}, "unknown"),
        ({"prior_organs": {"kidney": "yes"}}, "unknown"),
        ({"b_cells_at_onset": state("recovered")}, "no"),
        ({"b_cells_at_onset": state("not depleted")}, "no"),
        ({"b_cells_at_onset": state("recovering")}, "unknown"),
        ({"b_cells_at_onset": state("unknown")}, "unknown"),
        ({"onset": None}, "unknown"),
        ({"onset": INFUSION}, "yes"),
        ({"onset": INFUSION - timedelta(days=1)}, "no"),
        ({"term": "Fever"}, "no"),
        ({"term": "Skin infection"}, "no"),
        ({"term": "Graft versus host disease"}, "no"),
        ({"term": "a word nobody knows"}, "unknown"),
        ({"explained_by": {}}, "unknown"),
    ],
)
def test_each_condition(changes: dict[str, Any], answer: str) -> None:
    assert flag(**changes).answer == answer


@pytest.mark.parametrize("name", EXPLANATIONS)
def test_each_explanation_alone_speaks_against_it(name: str) -> None:
    assert flag(explained_by=NOTHING_ELSE | {name: "yes"}).answer == "no"
    assert flag(explained_by=NOTHING_ELSE | {name: "unknown"}).answer == "unknown"


@pytest.mark.parametrize(("day", "answer"), [(99, "yes"), (100, "yes"), (101, "no")])
def test_a_window_may_be_set(day: int, answer: str) -> None:
    assert flag(onset=INFUSION + timedelta(days=day), last_day=100).answer == answer
    assert flag(onset=INFUSION + timedelta(days=day)).answer == "yes"


def test_a_no_stands_whatever_is_not_known() -> None:
    found = flag(prior_organs={"skin": "no"}, explained_by={}, b_cells_at_onset=state("unknown"))
    assert found.answer == "no"
    assert found.reason == "organ affected by lupus before: skin: no"


def test_an_event_of_several_organs_needs_one_of_them() -> None:
    assert flag(term="Pleural effusion", prior_organs={"serosa": "no", "lung": "yes"}).answer == "yes"
    assert flag(term="Pleural effusion", prior_organs={"serosa": "no"}).answer == "unknown"
    assert flag(term="Pleural effusion", prior_organs={"serosa": "no", "lung": "no"}).answer == "no"


def test_the_term_goes_before_its_class() -> None:
    assert organs_of_event("Myositis") == ("muscle",)
    assert organs_of_event("Nephrotic syndrome") == ("kidney",)
    assert organs_of_event("Creatinine increased") == ("kidney",)
    assert organs_of_event("itching") == ("skin",)
    assert organs_of_event("Ferritin increased") == NotEvaluable(
        "no organ is known for 'Ferritin increased' in 'Investigations'"
    )


def test_the_class_told_serves_a_term_outside_the_dictionary() -> None:
    assert organs_of_event("odd nails", "Skin and subcutaneous tissue disorders") == ("skin",)
    assert isinstance(organs_of_event("odd nails"), NotEvaluable)


def test_the_map_names_terms_and_classes_of_the_dictionary() -> None:
    rows = read_package_table("celltrial.safety", "licats.csv")
    terms, classes = {each.term for each in ae_terms()}, {each.soc for each in ae_terms()}
    assert {row["name"] for row in rows if row["kind"] == "term"} <= terms
    assert {row["name"] for row in rows if row["kind"] == "soc"} <= classes
    assert {row["kind"] for row in rows} == {"term", "soc"}


def test_words_and_keys_that_are_not_known_are_refused() -> None:
    with pytest.raises(UsageError, match="an organ that is not known"):
        flag(prior_organs={"soul": "yes"})
    with pytest.raises(UsageError, match="an explanation that is not known"):
        flag(explained_by={"bad luck": "yes"})
    with pytest.raises(UsageError, match="cannot be read"):
        flag(prior_organs={"skin": "maybe"})


@pytest.mark.parametrize(
    ("steroids", "admitted", "icu", "grade"),
    [("no", "no", "no", 1), ("yes", "no", "no", 2), ("no", "yes", "no", 3), ("yes", "yes", "yes", 4)],
)
def test_the_published_grades(steroids: Any, admitted: Any, icu: Any, grade: int) -> None:
    result = grade_licats(glucocorticoids=steroids, hospitalised=admitted, intensive_care=icu)
    assert isinstance(result, Grade)
    assert result.value == grade


def test_a_grade_with_something_not_known() -> None:
    assert grade_licats(glucocorticoids="unknown", hospitalised="no", intensive_care="no") == NotGradable(
        "not known: glucocorticoids; the grade may be 1 to 2"
    )
    assert grade_licats(glucocorticoids="unknown", hospitalised="unknown", intensive_care="yes") == Grade(
        4, ("intensive care", "whatever the value of: glucocorticoids, hospitalised")
    )


def test_an_onset_before_infusion_has_no_class() -> None:
    assert licats_onset(0) == "early"
    assert licats_onset(-1) == NotEvaluable("day -1 is before infusion")
