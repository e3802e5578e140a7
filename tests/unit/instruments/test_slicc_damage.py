"""SLICC/ACR damage index: domains and maxima, the renal rule, unknown items, and damage that falls."""

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import DamageScore, check_damage_course, score_slicc_damage, slicc_damage_items
from celltrial.missing import NotEvaluable

NONE: dict[str, int | None] = {each.item: 0 for each in slicc_damage_items()}
MOST: dict[str, int | None] = {each.item: max(each.points) for each in slicc_damage_items()}


def score(**points: int | None) -> DamageScore | NotEvaluable:
    return score_slicc_damage(NONE | points)


def test_the_two_forms_and_their_maxima() -> None:
    """41 items and 47 points; 39 items and 45 points."""
    full, short = score_slicc_damage(MOST), score_slicc_damage(MOST, form="39")
    assert isinstance(full, DamageScore)
    assert isinstance(short, DamageScore)
    assert (len(slicc_damage_items()), full.total) == (41, 47)
    assert (len(slicc_damage_items("39")), short.total) == (39, 45)
    assert len(full.by_domain) == 12


def test_no_damage_is_a_definite_zero() -> None:
    """All 41 items known and absent."""
    result = score()
    assert isinstance(result, DamageScore)
    assert (result.total, result.contributing) == (0, ())


@pytest.mark.parametrize(
    ("points", "renal"),
    [
        ({"gfr_under_half": 1}, 1),
        ({"gfr_under_half": 1, "proteinuria": 1}, 2),
        ({"end_stage_renal_disease": 3}, 3),
        ({"gfr_under_half": 1, "proteinuria": 1, "end_stage_renal_disease": 3}, 3),
        ({"gfr_under_half": None, "proteinuria": None, "end_stage_renal_disease": 3}, 3),
    ],
)
def test_end_stage_renal_disease_is_three_regardless(points: dict[str, int | None], renal: int) -> None:
    """In place of the other two renal items, known or not."""
    result = score_slicc_damage(NONE | points)
    assert isinstance(result, DamageScore)
    assert (result.by_domain["renal"], result.total) == (renal, renal)


def test_an_unknown_item_leaves_a_lower_bound() -> None:
    """Unknown and missing alike."""
    assert score(cataract=None, diabetes=1) == NotEvaluable("not known: cataract", lower_bound=1)
    without = {item: points for item, points in NONE.items() if item != "malignancy"}
    assert score_slicc_damage(without) == NotEvaluable("not known: malignancy", lower_bound=0)


def test_points_that_an_item_cannot_have() -> None:
    """Both sides: one too many, one too few, and end-stage disease is 0 or 3."""
    with pytest.raises(UsageError) as caught:
        score(cataract=2, cerebrovascular_accident=3, end_stage_renal_disease=1, diabetes=-1)
    assert [each.where for each in caught.value.findings] == [
        "cataract",
        "cerebrovascular_accident",
        "end_stage_renal_disease",
        "diabetes",
    ]
    assert "0 or 3" in str(caught.value)
    with pytest.raises(UsageError, match="form"):
        slicc_damage_items("40")  # type: ignore[arg-type]  # a wrong word on purpose


def test_items_of_the_longer_form_are_not_read_by_the_shorter() -> None:
    """Tendon rupture is no item of the form of 39."""
    result = score_slicc_damage({**NONE, "tendon_rupture": None}, form="39")
    assert isinstance(result, DamageScore)


def test_damage_that_falls_is_a_finding() -> None:
    """Item by item; what is not known is not compared."""
    before = NONE | {"cataract": 1, "avascular_necrosis": 2, "diabetes": 1}
    findings = check_damage_course(before, NONE | {"avascular_necrosis": 1, "cataract": 1, "diabetes": None})
    assert [(each.where, each.found) for each in findings] == [("avascular_necrosis", "2, then 1")]


def test_damage_that_stays_or_grows_is_no_finding() -> None:
    """Nor are renal items that end-stage disease replaces."""
    before = NONE | {"gfr_under_half": 1, "proteinuria": 1}
    assert check_damage_course(before, before) == ()
    assert check_damage_course(before, NONE | {"end_stage_renal_disease": 3}) == ()
    assert [each.where for each in check_damage_course(NONE | {"end_stage_renal_disease": 3}, NONE)] == [
        "end_stage_renal_disease"
    ]
