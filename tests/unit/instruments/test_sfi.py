"""The SELENA flare index: every criterion on both sides, what severe needs, the variants, and what is not known."""

from dataclasses import replace
from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import (
    SFI_CLASSIC,
    SFI_MODIFIED,
    FlareValues,
    SfiRules,
    assess_flare,
    sfi_criteria,
)
from celltrial.missing import NotEvaluable

NO = {each.criterion: "no" for each in sfi_criteria() if each.is_asked}
QUIET = FlareValues(
    sledai_before=4,
    sledai_after=4,
    pga_before=Decimal("0.5"),
    pga_after=Decimal("0.5"),
    prednisone_before_mg_day=Decimal(5),
    prednisone_after_mg_day=Decimal(5),
    weight_kg=Decimal(60),
    platelets_10e9_l=Decimal(200),
    hemoglobin_before_g_l=Decimal(120),
    hemoglobin_after_g_l=Decimal(120),
    answers=NO,
)


def flare(rules: SfiRules = SFI_CLASSIC, *yes: str, **values: object) -> str:
    """The flare of a quiet visit with these values and these criteria answered yes."""
    return assess_flare(replace(QUIET, answers=NO | dict.fromkeys(yes, "yes"), **values), rules).flare


def test_a_quiet_visit_is_no_flare() -> None:
    """Everything known, nothing met."""
    result = assess_flare(QUIET)
    assert (result.flare, result.criteria_met, result.reason) == ("none", (), "no criterion is met")
    assert (len(result.mild_moderate), len(result.severe)) == (11, 14)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (4, 6, "none"),
        (4, 7, "mild-moderate"),
        (4, 12, "mild-moderate"),
        (4, 13, "severe"),
        (12, 13, "severe"),
        (13, 13, "none"),
        (14, 13, "none"),
        (10, 12, "none"),
        (7, 4, "none"),
    ],
)
def test_the_score(before: int, after: int, expected: str) -> None:
    """3 points or more; to more than 12."""
    assert flare(sledai_before=before, sledai_after=after) == expected


@pytest.mark.parametrize(("before", "after", "expected"), [(12, 13, "none"), (11, 13, "none"), (10, 13, "severe")])
def test_a_rise_to_over_12_may_be_asked_to_be_of_3_points(before: int, after: int, expected: str) -> None:
    """The other reading of the same line."""
    assert flare(SfiRules(least_rise_to_severe=3), sledai_before=before, sledai_after=after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("0.5", "1.49", "none"),
        ("0.5", "1.5", "mild-moderate"),
        ("1.5", "2.5", "mild-moderate"),
        ("1.4", "2.51", "severe"),
        ("2.4", "2.5", "none"),
        ("2.4", "2.51", "severe"),
        ("2.6", "2.6", "none"),
        ("2.7", "2.6", "none"),
    ],
)
def test_the_global_assessment(before: str, after: str, expected: str) -> None:
    """1.0 or more; to more than 2.5."""
    assert flare(pga_before=Decimal(before), pga_after=Decimal(after)) == expected
    without = SfiRules(count_pga=False)
    assert flare(without, pga_before=Decimal(before), pga_after=Decimal(after)) == "none"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("5", "5", "none"),
        ("5", "4", "none"),
        ("5", "5.1", "mild-moderate"),
        ("5", "30", "mild-moderate"),
        ("5", "30.1", "severe"),
        ("40", "40", "none"),
        ("50", "40", "none"),
        ("40", "41", "severe"),
    ],
)
def test_prednisone(before: str, after: str, expected: str) -> None:
    """Raised; raised to more than 0.5 mg/kg/day (30 mg at 60 kg)."""
    doses = {"prednisone_before_mg_day": Decimal(before), "prednisone_after_mg_day": Decimal(after)}
    assert flare(**doses) == expected
    assert flare(SfiRules(count_medication=False), **doses) == "none"


MILD = ("skin", "nasopharyngeal_ulcers", "pleuritis", "pericarditis", "arthritis", "sle_fever")


@pytest.mark.parametrize("criterion", [*MILD, "new_nsaid", "new_hydroxychloroquine"])
def test_each_mild_criterion_is_enough(criterion: str) -> None:
    """Manifestations and drugs."""
    assert flare(SFI_CLASSIC, criterion) == "mild-moderate"


@pytest.mark.parametrize(
    "criterion",
    ["new_cyclophosphamide", "new_azathioprine", "new_methotrexate", "new_mycophenolate", "hospitalised_for_sle"],
)
def test_each_severe_criterion_is_enough(criterion: str) -> None:
    """New immunosuppressants and hospitalisation."""
    assert flare(SFI_CLASSIC, criterion) == "severe"


def test_what_can_be_left_out() -> None:
    """Mycophenolate; all drugs, but not hospitalisation and manifestations."""
    assert flare(SfiRules(count_mycophenolate=False), "new_mycophenolate") == "none"
    assert flare(SfiRules(count_mycophenolate=False), "new_azathioprine") == "severe"
    without = SfiRules(count_medication=False)
    for drug in ("new_cyclophosphamide", "new_nsaid", "new_mycophenolate"):
        assert flare(without, drug) == "none"
    assert flare(without, "hospitalised_for_sle") == "severe"
    assert flare(without, "arthritis") == "mild-moderate"


def test_the_modified_index_does_not_take_the_score_for_severe() -> None:
    """A rise to over 12 is then a rise of 3 or more; other severe criteria stand."""
    assert flare(SFI_MODIFIED, sledai_before=4, sledai_after=16) == "mild-moderate"
    assert flare(SFI_MODIFIED, sledai_before=12, sledai_after=13) == "none"
    assert flare(SFI_MODIFIED, "new_azathioprine") == "severe"


TREATED = ("cns_lupus", "vasculitis", "nephritis", "myositis")


@pytest.mark.parametrize("criterion", TREATED)
@pytest.mark.parametrize(
    ("before", "after", "in_hospital", "expected"),
    [
        ("5", "5", "no", "none"),
        ("5", "9.9", "no", "mild-moderate"),
        ("5", "10", "no", "severe"),
        ("0", "0", "no", "none"),
        ("0", "2", "no", "severe"),
        ("29", "30", "no", "mild-moderate"),
        ("40", "30.1", "no", "severe"),
        ("5", "5", "yes", "severe"),
    ],
)
def test_severe_manifestations_need_treatment(
    criterion: str, before: str, after: str, in_hospital: str, expected: str
) -> None:
    """Prednisone doubled, prednisone over 0.5 mg/kg/day, or hospitalisation."""
    values = replace(
        QUIET,
        prednisone_before_mg_day=Decimal(before),
        prednisone_after_mg_day=Decimal(after),
        answers=NO | {criterion: "yes", "hospitalised_for_sle": in_hospital},
    )
    assert assess_flare(values).flare == expected


@pytest.mark.parametrize(("platelets", "is_met"), [("59.9", True), ("60", False), ("61", False)])
def test_platelets_below_60(platelets: str, is_met: bool) -> None:
    """Strictly; only where new or worse, and treated."""
    treated = {"prednisone_after_mg_day": Decimal(10), "platelets_10e9_l": Decimal(platelets)}
    assert flare(SFI_CLASSIC, "thrombocytopenia", **treated) == ("severe" if is_met else "mild-moderate")
    assert flare(SFI_CLASSIC, **treated) == "mild-moderate"


@pytest.mark.parametrize(
    ("before", "after", "is_met"),
    [("75", "69.9", True), ("75", "70", False), ("120", "90", False), ("120", "89.9", True), ("120", "110", False)],
)
def test_hemoglobin_below_70_or_more_than_30_lower(before: str, after: str, is_met: bool) -> None:
    """A fall of more than 30 g/L (3 g/dL), not of 3."""
    values = {
        "prednisone_after_mg_day": Decimal(10),
        "hemoglobin_before_g_l": Decimal(before),
        "hemoglobin_after_g_l": Decimal(after),
    }
    assert flare(SFI_CLASSIC, "haemolytic_anaemia", **values) == ("severe" if is_met else "mild-moderate")


def test_nothing_known_is_neither_none_nor_severe() -> None:
    """All of it is open."""
    result = assess_flare(FlareValues(answers={}))
    assert (result.flare, result.lowest, result.highest) == ("unknown", "none", "severe")
    assert "nephritis" in result.reason


def test_what_cannot_change_the_flare_does_not_open_it() -> None:
    """A severe flare stands without weight, PGA or counts; an absent thrombocytopenia needs no count."""
    known = replace(QUIET, weight_kg=None, pga_after=None, answers=NO | {"new_azathioprine": "yes"})
    assert assess_flare(known).flare == "severe"
    assert (
        assess_flare(replace(QUIET, platelets_10e9_l=None, weight_kg=None, hemoglobin_after_g_l=None)).flare == "none"
    )


def test_an_unknown_severe_criterion_leaves_a_mild_flare_open() -> None:
    """At least mild/moderate; the reason names only what could make it severe."""
    result = assess_flare(replace(QUIET, sledai_after=8, answers=NO | {"new_nsaid": "", "new_methotrexate": ""}))
    assert (result.flare, result.lowest, result.highest) == ("unknown", "mild-moderate", "severe")
    assert result.reason == "may be mild-moderate to severe; not known: new_methotrexate"


def test_an_incomplete_score_is_read_by_its_lower_bound() -> None:
    """13 points at least is over 12, whatever else; 5 at least may be anything."""
    surely = replace(QUIET, sledai_after=NotEvaluable("not known whether present: fever", lower_bound=13))
    assert assess_flare(surely).flare == "severe"
    perhaps = replace(QUIET, sledai_after=NotEvaluable("not known whether present: cva", lower_bound=5))
    assert (assess_flare(perhaps).lowest, assess_flare(perhaps).highest) == ("none", "severe")
    before = replace(QUIET, sledai_before=NotEvaluable("not known whether present: cva", lower_bound=4))
    assert assess_flare(before).flare == "none"


def test_values_that_make_no_sense_are_told_all_at_once() -> None:
    """Outside their range, words that cannot be read, criteria that are not asked."""
    with pytest.raises(UsageError) as caught:
        FlareValues(
            sledai_after=106,
            pga_after=Decimal(35),
            weight_kg=Decimal(0),
            hemoglobin_after_g_l=Decimal(-1),
            answers={"nephritis": "Y", "sledai_over_12": "yes"},
        )
    assert [each.where for each in caught.value.findings] == [
        "sledai_after",
        "pga_after",
        "weight_kg",
        "hemoglobin_after_g_l",
        "sledai_over_12",
        "nephritis",
    ]
