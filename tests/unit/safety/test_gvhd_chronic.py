"""Chronic GvHD by NIH 2014: global severity, skin and lung scores, what is not known."""

from decimal import Decimal
from itertools import combinations

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotGradable
from celltrial.safety.gvhd import (
    CHRONIC_ORGANS,
    ChronicScore,
    ChronicSeverity,
    grade_chronic_gvhd,
    score_chronic_lungs,
    score_chronic_skin,
)

NONE: dict[str, int | None] = dict.fromkeys(CHRONIC_ORGANS, 0)


def severity(**scores: int | None) -> str:
    found = grade_chronic_gvhd(NONE | scores)
    return found.value if isinstance(found, ChronicSeverity) else found.reason


def test_the_number_of_organs_of_score_1_decides_between_mild_and_moderate() -> None:
    """Any two organs but the lungs are mild, any three moderate."""
    others = [organ for organ in CHRONIC_ORGANS if organ != "lungs"]
    assert {severity(**dict.fromkeys(chosen, 1)) for chosen in combinations(others, 2)} == {"mild"}
    assert {severity(**dict.fromkeys(chosen, 1)) for chosen in combinations(others, 3)} == {"moderate"}


def test_the_lungs_weigh_more() -> None:
    """1 is moderate, 2 severe; another organ of score 2 is moderate."""
    assert [severity(lungs=score) for score in range(4)] == ["none", "moderate", "severe", "severe"]
    assert [severity(eyes=score) for score in range(4)] == ["none", "mild", "moderate", "severe"]


def test_reasons_name_the_organs_that_made_it() -> None:
    """The rule's organs with their scores."""
    found = grade_chronic_gvhd(NONE | {"skin": 1, "lungs": 2})
    assert found == ChronicSeverity(value="severe", reasons=("lungs 2",))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"skin": 3, "eyes": None}, "severe"),
        ({"eyes": None}, "not known: eyes; the severity may be none to severe"),
        ({"eyes": 1, "mouth": 2, "lungs": None}, "not known: lungs; the severity may be moderate to severe"),
    ],
)
def test_a_missing_organ_is_tried_each_way(scores: dict[str, int | None], expected: str) -> None:
    """It stands, or the range is told."""
    assert severity(**scores) == expected


def test_an_absent_organ_is_not_known() -> None:
    """Never score 0."""
    assert isinstance(grade_chronic_gvhd({"skin": 1}), NotGradable)
    found = grade_chronic_gvhd({"skin": 3})
    assert isinstance(found, ChronicSeverity)
    assert found.reasons[-1] == "whatever the score of: mouth, eyes, gi, liver, lungs, joints_fascia, genital"


def test_organs_and_scores_that_do_not_exist_are_told_all_at_once() -> None:
    """A ninth organ, a score of 4."""
    with pytest.raises(UsageError) as caught:
        grade_chronic_gvhd({"kidney": 1, "skin": 4})
    assert [finding.where for finding in caught.value.findings] == ["kidney", "skin"]


@pytest.mark.parametrize(
    ("extent", "features", "score"),
    [
        ("0", "none", 0),
        ("0.5", "none", 1),
        ("18", "none", 1),
        ("18.5", "none", 2),
        ("19", "none", 2),
        ("50", "none", 2),
        ("50.1", "none", 3),
        ("0", "superficial sclerosis", 2),
        ("60", "superficial sclerosis", 3),
        ("0", "deep sclerosis", 3),
        ("60", "unknown", 3),
        (None, "deep sclerosis", 3),
    ],
)
def test_the_skin_score_is_the_higher_of_extent_and_features(extent: str | None, features: str, score: int) -> None:
    """Each side of every limit."""
    found = score_chronic_skin(None if extent is None else Decimal(extent), features)  # type: ignore[arg-type]  # words of the table
    assert isinstance(found, ChronicScore)
    assert found.value == score


def test_a_skin_score_that_is_not_known_tells_its_range() -> None:
    """Extent known, features not; and the other way round."""
    assert score_chronic_skin(Decimal(10), "unknown") == NotGradable(
        "not known: skin_features; the score may be 1 to 3"
    )
    assert score_chronic_skin(None, "superficial sclerosis") == NotGradable(
        "not known: skin_bsa_percent; the score may be 2 to 3"
    )


@pytest.mark.parametrize(
    ("fev1", "symptoms", "score"),
    [
        ("80", "none", 0),
        ("79.9", "none", 1),
        ("79", "none", 1),
        ("60", "none", 1),
        ("59", "none", 2),
        ("40", "none", 2),
        ("39.9", "none", 3),
        ("39", "none", 3),
        ("85", "rest or oxygen", 0),
        ("45", "unknown", 2),
        (None, "none", 0),
        (None, "one flight of stairs", 1),
        (None, "flat ground", 2),
        (None, "rest or oxygen", 3),
    ],
)
def test_fev1_decides_over_symptoms(fev1: str | None, symptoms: str, score: int) -> None:
    """Each side of every limit; symptoms only where FEV1 was not measured."""
    found = score_chronic_lungs(None if fev1 is None else Decimal(fev1), symptoms)  # type: ignore[arg-type]  # words of the table
    assert isinstance(found, ChronicScore)
    assert found.value == score


def test_lungs_without_any_measure() -> None:
    """Not known, and what of."""
    assert score_chronic_lungs(None, "unknown") == NotGradable(
        "not known: fev1_percent_predicted, lung_symptoms; the score may be 0 to 3"
    )
    found = score_chronic_lungs(Decimal(70), "rest or oxygen")
    assert isinstance(found, ChronicScore)
    assert found.reason == "FEV1 70 % of predicted, which decides over shortness of breath (rest or oxygen: 3)"


def test_numbers_and_words_that_make_no_sense() -> None:
    """Refused with the name of the scale."""
    with pytest.raises(UsageError, match="skin_bsa_percent"):
        score_chronic_skin(Decimal(101), "none")
    with pytest.raises(UsageError, match="fev1_percent_predicted"):
        score_chronic_lungs(Decimal(-1), "none")
    with pytest.raises(UsageError, match="lung_symptoms"):
        score_chronic_lungs(None, "stairs")  # type: ignore[arg-type]  # the point of the test
