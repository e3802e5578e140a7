"""Renal response sets: each threshold on both sides, three values, ranges as options with flags."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest

from celltrial.answers import YesNoUnknown
from celltrial.errors import UsageError
from celltrial.instruments import (
    KidneyCourse,
    judge_aurora_1,
    judge_bliss_ln,
    judge_eular_era_edta_2019,
    judge_kdigo_2024,
    judge_prednisone_limit,
    judge_renal_flare,
)

LOW = [5] * 56


def course(**changes: object) -> KidneyCourse:
    """A complete responder by every set."""
    given: dict[str, object] = {
        "upcr": Decimal("0.3"),
        "baseline_upcr": 2,
        "egfr": 95,
        "baseline_egfr": 100,
        "pre_flare_egfr": 100,
        "months": 12,
    }
    numbers = {name: Decimal(str(each)) if isinstance(each, float) else each for name, each in changes.items()}
    return KidneyCourse(**(given | numbers))  # type: ignore[arg-type]


@pytest.mark.parametrize(("upcr", "answer"), [(0.499, "yes"), (0.5, "no"), (0.501, "no"), (None, "unknown")])
def test_kdigo_complete_asks_for_below_half_a_gram(upcr: float | None, answer: str) -> None:
    assert judge_kdigo_2024(course(upcr=upcr), rescue="no").complete.answer == answer


def test_kdigo_decides_unrounded() -> None:
    """52 mg/mmol is 0.4597 g/g: complete, though above the printed 50 mg/mmol."""
    assert judge_kdigo_2024(course(upcr=Fraction(5200, 11312)), rescue="no").category == "complete"
    assert judge_kdigo_2024(course(upcr=Fraction(1, 2) - Fraction(1, 10**30)), rescue="no").complete.answer == "yes"


@pytest.mark.parametrize(
    ("egfr", "percent", "answer", "is_flagged"),
    [
        (90, 10, "yes", False),
        (89, 10, "no", True),
        (85, 15, "yes", True),
        (84, 15, "no", False),
        (130, 10, "yes", False),
    ],
)
def test_kdigo_function_within_ten_or_fifteen_percent(egfr: int, percent: int, answer: str, is_flagged: bool) -> None:
    result = judge_kdigo_2024(course(egfr=egfr), rescue="no", stable_within_percent=percent)
    assert result.complete.answer == answer
    assert any("10 to 15 %" in flag for flag in result.flags) is is_flagged


@pytest.mark.parametrize(
    ("upcr", "baseline", "answer"),
    [(1.0, 2, "yes"), (1.001, 2, "no"), (2.99, 8, "yes"), (3.0, 8, "no"), (2.0, None, "unknown"), (3.5, None, "no")],
)
def test_kdigo_partial_asks_for_half_and_below_three_grams(upcr: float, baseline: int | None, answer: str) -> None:
    result = judge_kdigo_2024(course(upcr=upcr, baseline_upcr=baseline), rescue="no")
    assert result.partial.answer == answer


@pytest.mark.parametrize(
    ("changes", "rescue", "answer"),
    [
        ({"upcr": 0.7}, "no", "yes"),
        ({"upcr": 0.701}, "no", "no"),
        ({"egfr": 60, "pre_flare_egfr": None}, "no", "yes"),
        ({"egfr": 59, "pre_flare_egfr": None}, "no", "unknown"),
        ({"egfr": 48, "pre_flare_egfr": 60}, "no", "yes"),
        ({"egfr": 47, "pre_flare_egfr": 60}, "no", "no"),
        ({}, "yes", "no"),
        ({}, "unknown", "unknown"),
    ],
)
def test_kdigo_primary_response(changes: dict[str, object], rescue: YesNoUnknown, answer: str) -> None:
    assert judge_kdigo_2024(course(**changes), rescue=rescue).primary.answer == answer


@pytest.mark.parametrize(
    ("changes", "category"),
    [
        ({}, "complete"),
        ({"upcr": 0.9}, "partial"),
        ({"upcr": 1.5}, "none"),
        ({"upcr": 1.5, "months": 11.9}, "not yet"),
        ({"upcr": 1.5, "months": None}, "unknown"),
        ({"egfr": None}, "unknown"),
        ({"upcr": 0.9, "baseline_upcr": None}, "unknown"),
    ],
)
def test_kdigo_category(changes: dict[str, object], category: str) -> None:
    assert judge_kdigo_2024(course(**changes), rescue="no").category == category


def test_kdigo_flags_the_sample_and_the_boundary() -> None:
    assert judge_kdigo_2024(course(), rescue="no", is_24h_collection="yes").flags == ()
    flags = judge_kdigo_2024(course(upcr=0.5), rescue="no").flags
    assert any("exactly 0.5" in flag for flag in flags)
    assert any("24-hour" in flag for flag in flags)


@pytest.mark.parametrize(("upcr", "three", "six"), [(1.5, "yes", "no"), (1.501, "no", "no"), (1.0, "yes", "yes")])
def test_eular_falls_of_25_and_50_percent(upcr: float, three: str, six: str) -> None:
    result = judge_eular_era_edta_2019(course(upcr=upcr))
    assert (result.by_3_months.answer, result.by_6_months.answer) == (three, six)


@pytest.mark.parametrize(
    ("upcr", "limit", "answer", "is_flagged"),
    [(0.49, 0.5, "yes", False), (0.5, 0.5, "no", True), (0.69, 0.7, "yes", True), (0.7, 0.7, "no", False)],
)
def test_eular_complete_at_either_end_of_the_range(upcr: float, limit: float, answer: str, is_flagged: bool) -> None:
    result = judge_eular_era_edta_2019(course(upcr=upcr), complete_below_g=Decimal(str(limit)))
    assert result.by_12_months.answer == answer
    assert any("printed range" in flag for flag in result.flags) is is_flagged


def test_eular_near_normal_function() -> None:
    assert judge_eular_era_edta_2019(course(egfr=81)).by_12_months.answer == "yes"
    assert judge_eular_era_edta_2019(course(egfr=80.9)).by_12_months.answer == "no"
    assert judge_eular_era_edta_2019(course(egfr=80.9, upcr=0.6)).flags == ()


def test_eular_nephrotic_baseline_has_more_time() -> None:
    nephrotic = judge_eular_era_edta_2019(course(baseline_upcr=3, months=12))
    assert (nephrotic.complete_by_months, nephrotic.due) == (24, (3, 6))
    other = judge_eular_era_edta_2019(course(baseline_upcr=2.99, months=12))
    assert (other.complete_by_months, other.due) == (12, (3, 6, 12))
    assert judge_eular_era_edta_2019(course(months=2.9)).due == ()
    assert judge_eular_era_edta_2019(course(months=None)).due is None
    unknown = judge_eular_era_edta_2019(course(baseline_upcr=None))
    assert unknown.by_3_months.answer == "unknown"
    assert any("longer is not known" in flag for flag in unknown.flags)


def test_a_baseline_without_protein_has_nothing_to_fall_from() -> None:
    assert judge_eular_era_edta_2019(course(baseline_upcr=0)).by_3_months.answer == "unknown"


def aurora(
    doses: Sequence[int | None] = LOW,
    rescue: YesNoUnknown = "no",
    related: YesNoUnknown | None = None,
    **changes: object,
) -> str:
    return judge_aurora_1(
        course(**changes), rescue=rescue, prednisone_mg=doses, kidney_related_event=related
    ).complete.answer


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, "yes"),
        ({"upcr": 0.5}, "yes"),
        ({"upcr": 0.501}, "no"),
        ({"upcr": None}, "unknown"),
        ({"egfr": 60, "baseline_egfr": 100}, "yes"),
        ({"egfr": 48, "baseline_egfr": 60}, "yes"),
        ({"egfr": 47, "baseline_egfr": 60}, "unknown"),
        ({"egfr": 47, "baseline_egfr": 60, "egfr_repeat": 48}, "yes"),
        ({"egfr": 47, "baseline_egfr": 60, "egfr_repeat": 47}, "no"),
        ({"egfr": 59, "baseline_egfr": None}, "unknown"),
        ({"egfr": 59, "baseline_egfr": None, "egfr_repeat": 60}, "yes"),
    ],
)
def test_aurora_complete(changes: dict[str, object], answer: str) -> None:
    assert aurora(**changes) == answer


def test_aurora_rescue_and_the_event_of_the_registry() -> None:
    assert aurora(rescue="yes") == "no"
    assert aurora(rescue="unknown") == "unknown"
    low = {"egfr": 40, "baseline_egfr": 100, "egfr_repeat": 41}
    answers = [aurora(related=each, **low) for each in (None, "yes", "no", "unknown")]  # type: ignore[arg-type]
    assert answers == ["no", "no", "yes", "unknown"]


@pytest.mark.parametrize(
    ("doses", "answer"),
    [
        ([10] * 56, "yes"),
        ([11, 11, *[5] * 54], "yes"),
        ([11, 11, 11, *[5] * 53], "no"),
        ([*[11, 5] * 6, *[5] * 44], "yes"),
        ([*[11, 5] * 7, *[5] * 42], "no"),
        ([11, 11, None, *[5] * 53], "unknown"),
        ([11, None, *[5] * 54], "yes"),
        ([*[5] * 54], "yes"),
        ([*[5] * 53], "unknown"),
        ([11] * 3, "no"),
        ([], "unknown"),
    ],
)
def test_prednisone_over_ten_for_three_in_a_row_or_seven_in_all(doses: list[int | None], answer: str) -> None:
    assert judge_prednisone_limit(doses).answer == answer


def test_prednisone_doses_that_cannot_be() -> None:
    with pytest.raises(UsageError) as caught:
        judge_prednisone_limit([-1] + [5] * 56)
    assert len(caught.value.findings) == 2


@pytest.mark.parametrize(("upcr", "answer"), [(1.0, "yes"), (1.001, "no"), (None, "unknown")])
def test_aurora_partial_is_half_of_the_baseline(upcr: float | None, answer: str) -> None:
    assert judge_aurora_1(course(upcr=upcr), rescue="no", prednisone_mg=LOW).partial.answer == answer


def test_aurora_flags_half_a_gram() -> None:
    assert judge_aurora_1(course(upcr=0.5), rescue="no", prednisone_mg=LOW).complete.flags
    assert not judge_aurora_1(course(), rescue="no", prednisone_mg=LOW).complete.flags


@pytest.mark.parametrize(
    ("changes", "failure", "complete", "primary"),
    [
        ({}, "no", "yes", "yes"),
        ({"upcr": 0.5}, "no", "no", "yes"),
        ({"upcr": 0.7}, "no", "no", "yes"),
        ({"upcr": 0.701}, "no", "no", "no"),
        ({"egfr": 90, "pre_flare_egfr": 150}, "no", "yes", "yes"),
        ({"egfr": 89, "pre_flare_egfr": 150}, "no", "no", "yes"),
        ({"egfr": 45, "pre_flare_egfr": 50}, "no", "yes", "yes"),
        ({"egfr": 44, "pre_flare_egfr": 50}, "no", "no", "yes"),
        ({"egfr": 40, "pre_flare_egfr": 50}, "no", "no", "yes"),
        ({"egfr": 39, "pre_flare_egfr": 50}, "no", "no", "no"),
        ({"egfr": 70, "pre_flare_egfr": None}, "no", "unknown", "yes"),
        ({}, "yes", "no", "no"),
        ({}, "unknown", "unknown", "unknown"),
    ],
)
def test_bliss_ln(changes: dict[str, object], failure: YesNoUnknown, complete: str, primary: str) -> None:
    result = judge_bliss_ln(course(**changes), treatment_failure=failure)
    assert (result.complete.answer, result.primary.answer) == (complete, primary)


@pytest.mark.parametrize(
    ("upcr", "after", "adequate", "answer"),
    [
        ("1", "0.19", "yes", "no"),
        ("1.01", "0.19", "yes", "yes"),
        ("1.01", "0.2", "yes", "no"),
        ("2", "0.2", "yes", "no"),
        ("2.01", "0.2", "yes", "yes"),
        ("2.01", "1.0", "yes", "yes"),
        ("2.01", "1.01", "yes", "unknown"),
        ("2.01", "0.5", "no", "no"),
        ("2.01", "0.5", "unknown", "unknown"),
        (None, "0.5", "yes", "unknown"),
        ("2.01", None, "yes", "unknown"),
    ],
)
def test_flare_of_aurora_2(upcr: str | None, after: str | None, adequate: YesNoUnknown, answer: str) -> None:
    result = judge_renal_flare(
        upcr=None if upcr is None else Decimal(upcr),
        post_response_upcr=None if after is None else Decimal(after),
        adequate_response=adequate,
    )
    assert result.answer == answer


def test_numbers_and_words_that_cannot_be() -> None:
    with pytest.raises(UsageError) as caught:
        KidneyCourse(upcr=-1, egfr=0)
    assert len(caught.value.findings) == 2
    with pytest.raises(UsageError, match="rescue"):
        judge_kdigo_2024(course(), rescue="maybe")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="treatment_failure"):
        judge_bliss_ln(course(), treatment_failure="")  # type: ignore[arg-type]
