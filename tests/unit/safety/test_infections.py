"""Infections by severity, on both sides of every step, with what is not known."""

from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotEvaluable, NotGradable
from celltrial.safety.grades import Grade
from celltrial.safety.infections import (
    InfectionObservation,
    ctcae_term_of_site,
    grade_infection,
    infection_sites,
    infection_window,
    judge_severe_infection,
)
from celltrial.safety.terms import ae_term

FLAGS = ("invasive_intervention", "hospitalised", "intensive_care", "life_threatening", "death_due_to_infection")


def seen(treatment: Any = "none", **flags: Any) -> InfectionObservation:
    return InfectionObservation(treatment=treatment, **(dict.fromkeys(FLAGS, "no") | flags))


def value(observation: InfectionObservation) -> int | None:
    result = grade_infection(observation)
    return result.value if isinstance(result, Grade) else None


@pytest.mark.parametrize(("treatment", "grade"), [("none", 1), ("local", 1), ("oral", 2), ("intravenous", 3)])
def test_the_route_of_treatment(treatment: str, grade: int) -> None:
    assert value(seen(treatment)) == grade


@pytest.mark.parametrize(
    ("flag", "grade"),
    [
        ("invasive_intervention", 3),
        ("hospitalised", 3),
        ("intensive_care", 4),
        ("life_threatening", 4),
        ("death_due_to_infection", 5),
    ],
)
def test_each_flag_raises_an_oral_treatment(flag: str, grade: int) -> None:
    assert value(seen("oral", **{flag: "yes"})) == grade


def test_the_worst_decides_and_is_the_reason() -> None:
    result = grade_infection(seen("intravenous", hospitalised="yes", life_threatening="yes"))
    assert result == Grade(4, ("life-threatening",))
    assert grade_infection(seen("intravenous", hospitalised="yes")) == Grade(
        3, ("procedure or admission", "treatment: intravenous")
    )


def test_intensive_care_may_count_as_an_admission() -> None:
    ill = seen("intravenous", intensive_care="yes")
    assert grade_infection(ill, intensive_care_grade=3) == Grade(3, ("intensive care", "treatment: intravenous"))


def test_what_is_not_known_and_matters_is_named() -> None:
    result = grade_infection(seen("unknown", hospitalised="unknown"))
    assert result == NotGradable("not known: treatment, hospitalised; the grade may be 1 to 3")


def test_what_is_not_known_and_does_not_matter_leaves_the_grade() -> None:
    result = grade_infection(seen("unknown", hospitalised="unknown", death_due_to_infection="yes"))
    assert result == Grade(5, ("death due to the infection", "whatever the value of: treatment, hospitalised"))
    assert value(seen("intravenous", invasive_intervention="unknown")) == 3


@pytest.mark.parametrize(
    ("observation", "answer"),
    [
        (seen("oral"), "no"),
        (seen("intravenous"), "yes"),
        (seen("oral", hospitalised="yes"), "yes"),
        (seen("oral", hospitalised="unknown"), "unknown"),
        (seen("intravenous", intensive_care="unknown", death_due_to_infection="unknown"), "yes"),
        (seen("unknown"), "unknown"),
    ],
)
def test_severe_is_grade_3_or_more(observation: InfectionObservation, answer: str) -> None:
    assert judge_severe_infection(observation).answer == answer


def test_severe_tells_the_grades_it_may_be() -> None:
    assert judge_severe_infection(seen("intravenous", intensive_care="unknown")).reason == "grade 3 to 4, needs >= 3"
    assert judge_severe_infection(seen("unknown")).reason == "grade 1 to 3; not known: treatment"
    assert judge_severe_infection(seen("oral")).reason == "grade 2, needs >= 3"


@pytest.mark.parametrize(
    ("day", "window"),
    [(0, "0-28"), (28, "0-28"), (29, "29-90"), (90, "29-90"), (91, ">90"), (4000, ">90")],
)
def test_windows_after_infusion(day: int, window: str) -> None:
    assert str(infection_window(day)) == window


def test_no_window() -> None:
    assert infection_window(-1) == NotEvaluable("day -1 is in no window after infusion")
    assert infection_window(None) == NotEvaluable("the days since infusion are not known")
    assert infection_window(31, windows=((0, 30),)) == NotEvaluable("day 31 is in no window after infusion")


def test_the_term_of_a_site_is_in_the_dictionary_with_its_first_grade() -> None:
    for site in infection_sites():
        grades = ae_term(site.term, "5.0").grades
        assert min(grade for grade, words in grades.items() if words) == site.first_grade, site


def test_an_unknown_site_is_refused() -> None:
    with pytest.raises(UsageError, match="no such site"):
        ctcae_term_of_site("elbow")


def test_words_that_no_rule_knows_are_refused_together() -> None:
    with pytest.raises(UsageError) as error:
        seen("iv", hospitalised="maybe", site="elbow", organism="prion")
    assert [finding.where for finding in error.value.findings] == ["treatment", "organism", "site", "hospitalised"]
