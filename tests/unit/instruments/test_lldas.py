"""LLDAS and its neighbours: boundaries, major organs, new activity, doses, what is not known."""

from dataclasses import replace
from decimal import Decimal

import pytest

from celltrial.answers import YesNoUnknown
from celltrial.errors import UsageError
from celltrial.instruments import (
    LLDAS_5,
    LLDAS_2016,
    LLDAS_DRUG_FREE,
    LldasVisit,
    Medication,
    assess_hdas,
    assess_lldas,
    assess_mda,
    assess_toronto_lda,
    find_major_organ_activity,
    find_new_sledai_activity,
    judge_standard_doses,
    sledai_2k_items,
)
from celltrial.missing import NotEvaluable

VISIT = LldasVisit(
    sledai_2k=4,
    pga=Decimal(1),
    prednisone_mg_per_day=Decimal("7.5"),
    major_organ_activity="no",
    haemolytic_anaemia="no",
    gastrointestinal_activity="no",
    new_activity="no",
    standard_doses="yes",
    on_investigational_drug="no",
)
ABSENT = {item.item: "no" for item in sledai_2k_items()}
# as printed in the paper by name, as numbered in SLEDAI-2K
MAJOR = {*range(1, 9), *range(11, 15), 18, 19, 22}


@pytest.mark.parametrize(
    ("change", "met"),
    [
        ({}, "yes"),
        ({"sledai_2k": 5}, "no"),
        ({"pga": Decimal("1.01")}, "no"),
        ({"prednisone_mg_per_day": Decimal("7.51")}, "no"),
        ({"sledai_2k": NotEvaluable("rash", lower_bound=4)}, "unknown"),
        ({"sledai_2k": NotEvaluable("rash", lower_bound=5)}, "no"),
        ({"sledai_2k": None}, "unknown"),
    ],
)
def test_limits_are_inclusive(change: dict[str, object], met: str) -> None:
    assert assess_lldas(replace(VISIT, **change)).answer == met


@pytest.mark.parametrize(("dose", "met"), [("5", "yes"), ("5.01", "no")])
def test_lldas_5_has_a_lower_ceiling(dose: str, met: str) -> None:
    assert assess_lldas(replace(VISIT, prednisone_mg_per_day=Decimal(dose)), LLDAS_5).answer == met


@pytest.mark.parametrize("organ", ["major_organ_activity", "haemolytic_anaemia", "gastrointestinal_activity"])
@pytest.mark.parametrize(("present", "met"), [("yes", "no"), ("unknown", "unknown")])
def test_activity_of_an_organ_outranks_a_low_score(organ: str, present: str, met: str) -> None:
    assert assess_lldas(replace(VISIT, sledai_2k=0, **{organ: present})).answer == met


def test_first_assessment_is_met_or_unknown_as_told_and_flagged() -> None:
    first = replace(VISIT, new_activity="no comparator")
    assert assess_lldas(first).answer == "yes"
    assert assess_lldas(first, replace(LLDAS_2016, first_visit="unknown")).answer == "unknown"
    assert assess_lldas(first).flags == ("no earlier assessment: no new activity read here as met",)
    assert assess_lldas(replace(VISIT, new_activity="unknown")).answer == "unknown"


def test_infused_cells_are_counted_only_where_the_protocol_says_so() -> None:
    treated = replace(VISIT, had_cell_product="yes")
    counting = replace(LLDAS_2016, is_cell_product_counted=True)
    assert assess_lldas(treated).answer == "yes"
    assert "other than the infused cells" in assess_lldas(treated).conditions[-1].reason
    assert assess_lldas(treated, counting).answer == "no"
    assert assess_lldas(replace(VISIT, had_cell_product="unknown"), counting).answer == "unknown"


def test_drug_free_takes_nothing_but_what_is_allowed() -> None:
    free = replace(VISIT, prednisone_mg_per_day=Decimal(0), on_antimalarial="no", on_immunosuppressive="no")
    free = replace(free, on_biologic="no", standard_doses="unknown")
    assert assess_lldas(free, LLDAS_DRUG_FREE).answer == "yes"
    taking = replace(free, on_antimalarial="yes")
    assert assess_lldas(taking, LLDAS_DRUG_FREE).answer == "no"
    assert assess_lldas(taking, replace(LLDAS_DRUG_FREE, is_antimalarial_allowed=True)).answer == "yes"
    assert assess_lldas(replace(free, on_biologic="unknown"), LLDAS_DRUG_FREE).answer == "unknown"
    assert assess_lldas(replace(free, prednisone_mg_per_day=Decimal(1)), LLDAS_DRUG_FREE).answer == "no"
    counted = replace(LLDAS_DRUG_FREE, is_cell_product_counted=True)
    assert assess_lldas(replace(free, had_cell_product="yes"), counted).answer == "no"


@pytest.mark.parametrize("item", sledai_2k_items(), ids=lambda item: item.item)
def test_major_organs_are_the_items_the_paper_names(item: object) -> None:
    number, name = item.number, item.item  # type: ignore[attr-defined] # parametrised
    present = ABSENT | {name: "yes"}
    expected = "yes" if number in MAJOR else "no"
    assert find_major_organ_activity(present, {name: "sle"}).answer == expected
    assert find_major_organ_activity(present, {name: "other"}).answer == "no"
    assert find_major_organ_activity(present, {}).answer == ("unknown" if number in MAJOR else "no")
    unknown = find_major_organ_activity(ABSENT | {name: ""}, {})
    assert unknown.answer == ("unknown" if number in MAJOR else "no")
    assert unknown.reason == (f"not known: {name}" if number in MAJOR else "none")


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ("no", "no", "no"),
        ("no", "unknown", "no"),
        ("yes", "yes", "no"),
        ("unknown", "yes", "no"),
        ("yes", "no", "yes"),
        ("yes", "unknown", "unknown"),
        ("unknown", "no", "unknown"),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_new_activity_is_an_item_that_did_not_score_before(now: str, before: str, expected: YesNoUnknown) -> None:
    found = find_new_sledai_activity(
        ABSENT | {"rash": now}, {"rash": "sle"}, ABSENT | {"rash": before}, {"rash": "sle"}
    )
    assert found.answer == expected


def test_new_serology_counts_unless_left_out() -> None:
    now, cause = ABSENT | {"low_complement": "yes"}, {"low_complement": "sle"}
    assert find_new_sledai_activity(now, cause, ABSENT, {}).reason == "low_complement"
    assert find_new_sledai_activity(now, cause, ABSENT, {}, is_serology_counted=False).answer == "no"


def test_bad_words_of_items_are_told_together() -> None:
    with pytest.raises(UsageError) as told:
        find_major_organ_activity({"rash": "1", "fever": "y"}, {"fever": "SLE"})
    assert len(told.value.findings) == 3


@pytest.mark.parametrize(
    ("drug", "limit", "per"),
    [
        ("hydroxychloroquine", 400, "day"),
        ("methotrexate", 30, "week"),
        ("azathioprine", 200, "day"),
        ("mycophenolate_mofetil", 3000, "day"),
        ("mycophenolic_acid", 2160, "day"),
        ("leflunomide", 20, "day"),
    ],
)
def test_doses_up_to_the_published_maximum_are_standard(drug: str, limit: int, per: str) -> None:
    at, over = Decimal(limit), Decimal(limit) + Decimal("0.1")
    assert judge_standard_doses([Medication(drug=drug, dose_mg=at, per=per)]).answer == "yes"  # type: ignore[arg-type]
    assert judge_standard_doses([Medication(drug=drug, dose_mg=over, per=per)]).answer == "no"  # type: ignore[arg-type]


def test_doses_are_compared_over_the_same_time() -> None:
    assert judge_standard_doses([Medication(drug="methotrexate", dose_mg=Decimal(5), per="day")]).answer == "no"
    assert judge_standard_doses([Medication(drug="methotrexate", dose_mg=Decimal(4), per="day")]).answer == "yes"
    weekly = Medication(drug="hydroxychloroquine", dose_mg=Decimal(2800), per="week")
    assert judge_standard_doses([weekly]).answer == "yes"


def test_a_drug_without_a_maximum_or_a_dose_is_as_the_investigator_says() -> None:
    assert judge_standard_doses([]).reason == "no medicine"
    assert judge_standard_doses([Medication(drug="belimumab", dose_mg=Decimal(200), per="week")]).answer == "unknown"
    assert judge_standard_doses([Medication(drug="belimumab", is_standard="yes")]).answer == "yes"
    assert judge_standard_doses([Medication(drug="azathioprine")]).answer == "unknown"
    told = Medication(drug="azathioprine", dose_mg=Decimal(300), is_standard="yes")
    assert judge_standard_doses([told, Medication(drug="belimumab")]).answer == "no"


def test_medicines_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError) as told:
        Medication(drug="azathioprine", dose_mg=Decimal(-1), per="month", is_standard="?")  # type: ignore[arg-type]
    assert len(told.value.findings) == 3
    with pytest.raises(UsageError, match="new_activity"):
        replace(VISIT, new_activity="first")


@pytest.mark.parametrize(("total", "met"), [(1, "yes"), (2, "no"), (None, "unknown")])
def test_minimal_disease_activity(total: int | None, met: str) -> None:
    dose = Decimal(5)
    assert assess_mda(clinical_sledai=total, prednisone_mg_per_day=dose, standard_doses="yes").answer == met
    over = assess_mda(clinical_sledai=0, prednisone_mg_per_day=Decimal("5.1"), standard_doses="yes")
    assert over.answer == "no"


@pytest.mark.parametrize(
    ("total", "dose", "biologic", "met"),
    [(2, 0, "no", "yes"), (3, 0, "no", "no"), (2, 1, "no", "no"), (2, 0, "yes", "no"), (2, 0, "unknown", "unknown")],
)
def test_toronto_low_disease_activity(total: int, dose: int, biologic: YesNoUnknown, met: str) -> None:
    found = assess_toronto_lda(
        clinical_sledai=total, prednisone_mg_per_day=Decimal(dose), on_immunosuppressive="no", on_biologic=biologic
    )
    assert found.answer == met


@pytest.mark.parametrize(
    ("total", "met"),
    [
        (9, "no"),
        (10, "yes"),
        (NotEvaluable("rash", 10), "yes"),
        (NotEvaluable("rash", 9), "unknown"),
        (None, "unknown"),
    ],
)
def test_high_disease_activity_is_shown_by_what_is_certain(total: int | NotEvaluable | None, met: str) -> None:
    assert assess_hdas(total).answer == met
