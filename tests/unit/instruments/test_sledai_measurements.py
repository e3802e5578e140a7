"""SLEDAI-2K from measured values: strict thresholds on both sides, what prevails, and what is not known."""

from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import LaboratoryValues, derive_arthritis, derive_laboratory_items


def answers(**values: str) -> dict[str, str]:
    """The answers from values given as text."""
    numbers = {name: Decimal(value) for name, value in values.items()}
    return {name: each.answer for name, each in derive_laboratory_items(LaboratoryValues(**numbers)).items()}


@pytest.mark.parametrize(
    ("field", "value", "item", "expected"),
    [
        ("platelets_10e9_l", "99.9", "thrombocytopenia", "yes"),
        ("platelets_10e9_l", "100", "thrombocytopenia", "no"),
        ("platelets_10e9_l", "100.1", "thrombocytopenia", "no"),
        ("white_cells_10e9_l", "2.99", "leukopenia", "yes"),
        ("white_cells_10e9_l", "3.0", "leukopenia", "no"),
        ("white_cells_10e9_l", "3.01", "leukopenia", "no"),
        ("protein_g_24h", "0.51", "proteinuria", "yes"),
        ("protein_g_24h", "0.5", "proteinuria", "no"),
        ("protein_g_24h", "0.50001", "proteinuria", "yes"),
        ("upcr_g_g", "0.51", "proteinuria", "yes"),
        ("upcr_g_g", "0.50", "proteinuria", "no"),
        ("red_cells_per_hpf", "5", "hematuria", "no"),
        ("red_cells_per_hpf", "6", "hematuria", "yes"),
        ("white_cells_per_hpf", "5", "pyuria", "no"),
        ("white_cells_per_hpf", "6", "pyuria", "yes"),
        ("temperature_c", "38.0", "fever", "no"),
        ("temperature_c", "38.1", "fever", "yes"),
        ("temperature_c", "37.9", "fever", "no"),
    ],
)
def test_thresholds_are_strict(field: str, value: str, item: str, expected: str) -> None:
    """At the threshold exactly nothing scores."""
    assert answers(**{field: value})[item] == expected


def test_what_is_not_measured_is_unknown() -> None:
    """Nothing measured: all eight descriptors are unknown, none is absent."""
    assert set(answers().values()) == {"unknown"}
    assert len(answers()) == 8


def test_the_collection_prevails_over_the_ratio() -> None:
    """Whichever way they differ, the 24-hour value decides."""
    assert answers(protein_g_24h="0.4", upcr_g_g="0.9")["proteinuria"] == "no"
    assert answers(protein_g_24h="0.9", upcr_g_g="0.4")["proteinuria"] == "yes"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"c3": "0.79", "c3_lln": "0.8"}, "yes"),
        ({"c3": "0.8", "c3_lln": "0.8", "c4": "0.1", "c4_lln": "0.1"}, "no"),
        ({"c3": "0.9", "c3_lln": "0.8"}, "unknown"),
        ({"c4": "0.09", "c4_lln": "0.1"}, "yes"),
        ({"ch50": "30", "ch50_lln": "31"}, "yes"),
        ({"ch50": "31", "ch50_lln": "31"}, "unknown"),
        ({"c3": "0.9", "c3_lln": "0.8", "c4": "0.2", "c4_lln": "0.1", "ch50": "20"}, "unknown"),
        ({"c3": "0.9", "c4": "0.2", "c4_lln": "0.1"}, "unknown"),
    ],
)
def test_complement_is_low_by_one_component_and_normal_by_c3_and_c4(values: dict[str, str], expected: str) -> None:
    """One low component is enough; without C3 or C4, or without a limit, it is not known to be normal."""
    assert answers(**values)["low_complement"] == expected


def test_which_components_are_needed_is_an_option() -> None:
    """With CH50 needed, C3 and C4 alone are not enough; with CH50 alone needed, it decides."""
    normal = {"c3": Decimal(1), "c3_lln": Decimal("0.8"), "c4": Decimal("0.2"), "c4_lln": Decimal("0.1")}
    values = LaboratoryValues(**normal)
    derived = derive_laboratory_items(values, complement_needed=("c3", "c4", "ch50"))
    assert derived["low_complement"].answer == "unknown"
    assert "CH50 not known" in derived["low_complement"].reason
    nothing = derive_laboratory_items(LaboratoryValues(), complement_needed=())
    assert nothing["low_complement"].answer == "unknown"


@pytest.mark.parametrize(
    ("value", "multiple", "expected"),
    [("100", "1", "no"), ("101", "1", "yes"), ("200", "2", "no"), ("201", "2", "yes")],
)
def test_anti_dsdna_is_held_against_the_limit_of_its_laboratory(value: str, multiple: str, expected: str) -> None:
    """Above the limit, or above a multiple of it where a centre asks for that."""
    values = LaboratoryValues(anti_dsdna=Decimal(value), anti_dsdna_uln=Decimal(100))
    derived = derive_laboratory_items(values, anti_dsdna_multiple=Decimal(multiple))
    assert derived["high_dna_binding"].answer == expected


def test_anti_dsdna_without_its_limit_is_unknown() -> None:
    """The units differ by assay: no limit, no answer."""
    assert answers(anti_dsdna="500")["high_dna_binding"] == "unknown"
    assert answers(anti_dsdna_uln="100")["high_dna_binding"] == "unknown"


def test_each_answer_says_the_number_and_the_limit() -> None:
    """A reader sees why."""
    derived = derive_laboratory_items(LaboratoryValues(platelets_10e9_l=Decimal(95)))
    assert derived["thrombocytopenia"].reason == "95 x10*9/L, needs < 100 x10*9/L"


def test_values_that_make_no_sense_are_told_all_at_once() -> None:
    """Negative, not finite, degrees Fahrenheit."""
    with pytest.raises(UsageError) as caught:
        LaboratoryValues(c3=Decimal(-1), platelets_10e9_l=Decimal("NaN"))
    assert [each.where for each in caught.value.findings] == ["c3", "platelets_10e9_l"]
    with pytest.raises(UsageError, match="degrees Celsius"):
        LaboratoryValues(temperature_c=Decimal(101))


@pytest.mark.parametrize(
    ("joints", "at_least", "more_than"),
    [(None, "unknown", "unknown"), (0, "no", "no"), (1, "no", "no"), (2, "yes", "no"), (3, "yes", "yes")],
)
def test_the_two_wordings_of_arthritis_differ_at_two_joints(joints: int | None, at_least: str, more_than: str) -> None:
    """2 joints or more (2K), more than 2 (original and SELENA)."""
    assert derive_arthritis(joints).answer == at_least
    assert derive_arthritis(joints, wording="more than 2").answer == more_than


def test_a_negative_number_of_joints_is_refused() -> None:
    """It makes no sense."""
    with pytest.raises(UsageError, match="inflamed_joints"):
        derive_arthritis(-1)
