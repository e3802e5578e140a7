"""SRI and BICLA: evaluability, windows, incomplete scores, grades that are not known, flags."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import (
    BICLA_EMBLEM,
    BICLA_TULIP,
    BiclaRules,
    ResponderConclusion,
    ResponderVisit,
    SriRules,
    assess_bicla,
    assess_sri,
    bilag_systems,
)
from celltrial.missing import NotEvaluable

QUIET = dict.fromkeys(bilag_systems(), "D")
BEFORE = ResponderVisit(sledai=12, bilag=QUIET | {"renal": "A"}, pga=Decimal("2.0"), window_days=30)
AFTER = ResponderVisit(sledai=4, bilag=QUIET, pga=Decimal("0.5"), window_days=30)


def sri(before: ResponderVisit = BEFORE, after: ResponderVisit = AFTER, **changes: object) -> ResponderConclusion:
    return assess_sri(before, after, **({"broke_medication_rules": "no", "discontinued_early": "no"} | changes))


def bicla(
    before: ResponderVisit = BEFORE, after: ResponderVisit = AFTER, rules: BiclaRules = BICLA_TULIP
) -> ResponderConclusion:
    return assess_bicla(before, after, broke_medication_rules="no", discontinued_early="no", rules=rules)


def grades(**systems: str) -> Mapping[str, str]:
    return QUIET | systems


def test_a_clear_response_meets_both_without_a_flag() -> None:
    assert (sri().answer, sri().evaluable.answer, sri().flags) == ("yes", "yes", ())
    assert (bicla().answer, bicla().evaluable.answer, bicla().flags) == ("yes", "yes", ())


@pytest.mark.parametrize(("baseline", "evaluable"), [(4, "yes"), (3, "no"), (None, "unknown")])
def test_a_baseline_that_cannot_fall_enough_is_neither_yes_nor_no(baseline: int | None, evaluable: str) -> None:
    found = sri(replace(BEFORE, sledai=baseline), replace(AFTER, sledai=0))
    assert found.evaluable.answer == evaluable
    assert found.answer == ("yes" if evaluable == "yes" else "unknown")


def test_the_organ_door_is_flagged_even_where_another_condition_fails() -> None:
    found = sri(replace(BEFORE, sledai=2), replace(AFTER, sledai=2, pga=Decimal(3)))
    assert found.answer == "unknown"
    assert found.flags[0] == found.reason == "not evaluable: baseline SLEDAI-2K 2, needs >= 4"


def test_an_incomplete_baseline_may_be_evaluable_but_shows_no_fall() -> None:
    found = sri(replace(BEFORE, sledai=NotEvaluable("fever", lower_bound=12)))
    assert (found.evaluable.answer, found.answer) == ("yes", "unknown")
    open_baseline = sri(replace(BEFORE, sledai=NotEvaluable("fever", lower_bound=3)))
    assert (open_baseline.evaluable.answer, open_baseline.answer) == ("unknown", "unknown")
    assert open_baseline.reason.startswith("not known whether evaluable")


@pytest.mark.parametrize(("bound", "met"), [(8, "unknown"), (9, "no"), (None, "unknown")])
def test_an_incomplete_score_at_the_visit_decides_only_where_it_is_too_high(bound: int | None, met: str) -> None:
    assert sri(after=replace(AFTER, sledai=NotEvaluable("fever", lower_bound=bound))).answer == met


@pytest.mark.parametrize(("bound", "met"), [(12, "unknown"), (13, "no")])
def test_bicla_sees_a_rise_in_an_incomplete_score(bound: int, met: str) -> None:
    assert bicla(after=replace(AFTER, sledai=NotEvaluable("fever", lower_bound=bound))).answer == met
    assert bicla(replace(BEFORE, sledai=None)).answer == "unknown"


@pytest.mark.parametrize(("sledai", "met"), [(12, "yes"), (13, "no")])
def test_bicla_bears_the_same_score_and_no_point_more(sledai: int, met: str) -> None:
    assert bicla(after=replace(AFTER, sledai=sledai)).answer == met


def test_forms_and_windows_of_sledai_are_not_mixed() -> None:
    with pytest.raises(UsageError) as told:
        sri(after=replace(AFTER, index="SELENA-SLEDAI", window_days=10))
    assert len(told.value.findings) == 2
    with pytest.raises(UsageError, match="form of SLEDAI"):
        sri(
            replace(BEFORE, index="SELENA-SLEDAI"),
            replace(AFTER, index="SELENA-SLEDAI, proteinuria by the rule of the 2K"),
        )
    with pytest.raises(UsageError, match="window"):
        bicla(after=replace(AFTER, window_days=10))
    both = [replace(each, index="SELENA-SLEDAI", window_days=10) for each in (BEFORE, AFTER)]
    assert sri(*both).conclusion.conditions[0].name == "SELENA-SLEDAI fall"


def test_a_window_that_is_not_told_is_flagged() -> None:
    assert "window of SLEDAI-2K not told" in sri(after=replace(AFTER, window_days=None)).flags[0]


def test_e_after_activity_is_flagged_and_read_as_not_active() -> None:
    found = bicla(after=replace(AFTER, bilag=grades(renal="E")))
    assert found.answer == "yes"
    assert "BILAG renal: A, then E" in found.flags[0]


def test_a_system_without_a_grade_leaves_it_open_even_where_it_could_not_matter() -> None:
    """Renal was A, so no grade of it could be a new A or B; nothing is met all the same."""
    found = sri(after=replace(AFTER, bilag=grades(renal="")))
    assert found.answer == "unknown"
    assert "not graded: renal" in found.reason
    assert sri(replace(BEFORE, bilag=grades(renal="A", ophthalmic=""))).answer == "unknown"


def test_a_system_at_a_decides_whatever_its_baseline_was() -> None:
    """From A it is not improved, from anything else it is a new A."""
    unsure = replace(BEFORE, bilag=grades(renal="A", mucocutaneous=""))
    assert bicla(unsure, replace(AFTER, bilag=grades(mucocutaneous="A"))).answer == "no"
    assert bicla(unsure, replace(AFTER, bilag=grades(mucocutaneous="B"))).answer == "unknown"
    assert bicla(unsure).conclusion.conditions[0].answer == "unknown"


def test_a_certain_new_a_decides_beside_systems_without_a_grade() -> None:
    assert sri(after=replace(AFTER, bilag=grades(renal="", mucocutaneous="A"))).answer == "no"


@pytest.mark.parametrize("word", ["broke_medication_rules", "discontinued_early"])
@pytest.mark.parametrize(("answer", "met"), [("yes", "no"), ("unknown", "unknown")])
def test_adherence_to_the_protocol_is_a_condition(word: str, answer: str, met: str) -> None:
    assert sri(**{word: answer}).answer == met
    assert sri(**{word: answer}, rules=SriRules(needs_adherence=False)).answer == "yes"


def test_words_and_numbers_that_no_rule_knows_are_refused() -> None:
    with pytest.raises(UsageError, match="discontinued_early"):
        sri(discontinued_early="perhaps")
    with pytest.raises(UsageError, match="at least 1 point"):
        SriRules(points=0)
    with pytest.raises(UsageError) as told:
        replace(BEFORE, sledai=200, pga=Decimal(4), window_days=28, index="BILAG")
    assert len(told.value.findings) == 4
    with pytest.raises(UsageError, match="renal"):
        replace(BEFORE, bilag={"renal": "F"})


@pytest.mark.parametrize(
    ("baseline", "fewest", "evaluable"),
    [
        (grades(renal="B", musculoskeletal="B"), 2, "yes"),
        (grades(renal="B"), 2, "no"),
        (grades(renal="B"), 1, "yes"),
        (grades(), 1, "no"),
        (grades(renal="B", musculoskeletal=""), 2, "unknown"),
        (grades(renal="A", musculoskeletal=""), 2, "yes"),
    ],
)
def test_bicla_needs_activity_at_baseline(baseline: Mapping[str, str], fewest: int, evaluable: str) -> None:
    found = bicla(replace(BEFORE, bilag=baseline), rules=replace(BICLA_TULIP, fewest_b_at_baseline=fewest))
    assert found.evaluable.answer == evaluable


@pytest.mark.parametrize(
    ("rise", "tulip", "emblem"), [("0.29", "yes", "yes"), ("0.3", "no", "yes"), ("0.31", "no", "no")]
)
def test_the_wordings_of_bicla_differ_at_a_tenth_of_the_scale(rise: str, tulip: str, emblem: str) -> None:
    after = replace(AFTER, pga=Decimal(2) + Decimal(rise))
    found = [bicla(after=after, rules=rules) for rules in (BICLA_TULIP, BICLA_EMBLEM)]
    assert [each.answer for each in found] == [tulip, emblem]
    assert [any("exactly 0.3" in flag for flag in each.flags) for each in found] == [rise == "0.3"] * 2


def test_reasons_name_the_systems() -> None:
    found = bicla(after=replace(AFTER, bilag=grades(renal="A", mucocutaneous="B", musculoskeletal="B")))
    assert found.reason == (
        "every BILAG A and B improved: not improved: renal; "
        "at most 1 new BILAG B: 2 certain (mucocutaneous, musculoskeletal)"
    )
