"""The CTCAE engine: units as reported, missing limits, baseline rules, circumstances; and the tables themselves."""

import csv
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotGradable
from celltrial.safety.ctcae import CTCAE_VERSIONS, compute_corrected_calcium, grade_lab, lab_terms
from celltrial.units import analytes

NUMBERS = ("lln", "uln", "baseline", "percent_change")


def grade(term: str, direction: Any, value: str, unit: str = "", **facts: Any) -> int | str:
    """The grade, numbers given as texts; the reason where there is none."""
    facts = {name: Decimal(fact) if name in NUMBERS else fact for name, fact in facts.items()}
    result = grade_lab(term, direction, Decimal(value) if value else None, unit, **facts)
    return result.reason if isinstance(result, NotGradable) else result.value


def test_units_are_graded_as_reported() -> None:
    """The same haemoglobin may grade differently by the printed pair of units, and is never converted."""
    assert grade("Anemia", "L", "100", "g/L", lln="120") == 1
    assert grade("Anemia", "L", "6.21", "mmol/L", lln="7.5") == 1  # 6.206 mmol/L is 100 g/L
    assert grade("Anemia", "L", "6.19", "mmol/L", lln="7.5") == 2


@pytest.mark.parametrize("unit", ["10^9/L", "10*9/L", "10⁹/L", "×10^9/L", "x10*9/L", "10^3/uL", "10^3/µL", "K/uL"])
def test_spellings_of_a_unit(unit: str) -> None:
    """Other spellings of the same unit are read."""
    assert grade("Neutrophil count decreased", "L", "0.49", unit) == 4


@pytest.mark.parametrize("unit", ["/uL", "cells/uL", "/mm3", "10^3/mL", "10*6/L"])
def test_cells_per_microlitre(unit: str) -> None:
    """Counts per microlitre have thresholds of their own."""
    assert grade("Neutrophil count decreased", "L", "490", unit) == 4


@pytest.mark.parametrize("unit", ["", "g/cL", "G/L"])
def test_a_wrong_unit_is_not_graded(unit: str) -> None:
    """Missing or strange units are refused with the ones that would do."""
    reason = grade("Platelet count decreased", "L", "20", unit)
    assert reason == f"unit {unit!r} is not one the thresholds are printed for (10^9/L, 10^3/uL, 10^3/mL, 1/uL)"


def test_missing_limits() -> None:
    """Absolute grades stand without a limit; grade 1 or 0 cannot be told apart then; ratios need it."""
    assert grade("Anemia", "L", "99", "g/L") == 2
    assert grade("Anemia", "L", "101", "g/L") == "lln missing"
    assert grade("Alanine aminotransferase increased", "H", "900") == "uln missing"
    assert grade("INR increased", "H", "1.3") == 1


def test_exactly_at_a_threshold() -> None:
    """The value at the cut has the lower grade; 3 x 40.1 is 120.3 and not a hair above."""
    assert grade("Platelet count decreased", "L", "50", "10^9/L") == 2
    assert grade("Alanine aminotransferase increased", "H", "120.3", uln="40.1") == 1
    assert grade("Alanine aminotransferase increased", "H", "120.300001", uln="40.1") == 2


def test_abnormal_baseline() -> None:
    """From a high baseline, multiples of the baseline count: twice the upper limit is no change."""
    usual = {"uln": "40", "baseline": "80"}
    assert grade("Alanine aminotransferase increased", "H", "80", **usual) == 0
    assert grade("Alanine aminotransferase increased", "H", "120", baseline_flag="HIGH", **usual) == 1
    assert grade("Alanine aminotransferase increased", "H", "120", baseline_flag="NORMAL", **usual) == 1
    assert grade("Alanine aminotransferase increased", "H", "121", baseline_flag="NORMAL", **usual) == 2


def test_high_baseline_without_its_value() -> None:
    """A high baseline whose value is not known cannot be graded; it is not grade 0."""
    reason = grade("Alanine aminotransferase increased", "H", "900", uln="40", baseline_flag="HIGH")
    assert reason == "baseline missing (baseline high)"


def test_percent_change_is_computed_from_the_baseline() -> None:
    """Fibrinogen down by half from a normal baseline is grade 3."""
    assert grade("Fibrinogen decreased", "L", "1.7", "g/L", lln="2.0", baseline="3.4") == 3
    assert grade("Fibrinogen decreased", "L", "1.7", "g/L", lln="2.0", percent_change="-10") == 1


def test_versions_differ() -> None:
    """The same neutrophils and platelets: grade 4 by version 5.0, grade 3 by 6.0, whose term is another."""
    assert grade("Neutrophil count decreased", "L", "0.3", "10^9/L") == 4
    assert grade("Neutrophil count decreased", "L", "0.3", "10^9/L", version="6.0") == 3
    assert grade("Thrombocytopenia", "L", "20", "10^9/L", version="6.0") == 3
    assert grade("Thrombocytopenia", "L", "20", "10^9/L") == (
        "CTCAE 5.0 has no laboratory criterion for 'Thrombocytopenia' (low)"
    )


def test_worst_case_says_what_it_assumes() -> None:
    """Potassium below the limit counts as symptomatic, and the reason says so."""
    result = grade_lab("Hypokalemia", "L", Decimal("3.2"), "mmol/L", lln=Decimal("3.5"))
    assert not isinstance(result, NotGradable)
    assert (result.value, result.reason) == (2, "value < LLN, taken as symptomatic")


def test_clinical_mode_needs_the_circumstances() -> None:
    """Not known: the range and what to ask; known: the grade."""
    potassium = {"unit": "mmol/L", "lln": "3.5", "mode": "clinical"}
    assert grade("Hypokalemia", "L", "3.2", **potassium) == "grade 1 to 2: not known whether symptomatic"
    assert grade("Hypokalemia", "L", "3.2", circumstances={"symptomatic": "no"}, **potassium) == 1
    assert grade("Hypokalemia", "L", "3.2", circumstances={"symptomatic": "yes"}, **potassium) == 2
    assert grade("Hypokalemia", "L", "2.4", **potassium) == 4
    sodium = {"unit": "mmol/L", "lln": "135", "mode": "clinical"}
    assert grade("Hyponatremia", "L", "124", **sodium) == 3
    assert grade("Hyponatremia", "L", "127", circumstances={"symptomatic": "no"}, **sodium) == 2
    urate = {"unit": "umol/L", "uln": "420", "mode": "clinical"}
    assert grade("Hyperuricemia", "H", "500", circumstances={"physiologic_consequences": "no"}, **urate) == 1


def test_inr_without_anticoagulation() -> None:
    """The baseline rule of INR is for anticoagulated participants: without it a missing baseline is no matter."""
    off = {"mode": "clinical", "circumstances": {"on_anticoagulation": "no"}}
    assert grade("INR increased", "H", "1.1", baseline="0.9", **off) == 0
    assert grade("INR increased", "H", "1.1", **off) == 0
    assert grade("INR increased", "H", "1.1", baseline="0.9") == 1
    assert grade("INR increased", "H", "1.1", mode="clinical") == (
        "grade 0 to not gradable: not known whether on_anticoagulation"
    )


def test_wrong_use() -> None:
    """Versions, flags, modes and circumstances that are not there are refused."""
    for facts in ({"version": "3.0"}, {"baseline_flag": "UP"}, {"mode": "best"}, {"circumstances": {"awake": "no"}}):
        with pytest.raises(UsageError):
            grade("Anemia", "L", "90", "g/L", **facts)


def test_no_value_and_no_term() -> None:
    """Both are reasons, not grade 0."""
    assert grade("Anemia", "L", "", "g/L") == "no value"
    assert grade("Anemia", "H", "90", "g/L") == "CTCAE 5.0 has no laboratory criterion for 'Anemia' (high)"


def test_corrected_calcium() -> None:
    """Both unit systems, around an albumin of 40 g/L."""
    assert compute_corrected_calcium(Decimal("8.0"), Decimal("2.0"), unit="mg/dL") == Decimal("9.6")
    assert compute_corrected_calcium(Decimal("2.30"), Decimal(45), unit="mmol/L") == Decimal("2.20")


@pytest.mark.parametrize("version", CTCAE_VERSIONS)
def test_every_mapped_term_is_in_its_version(version: Any) -> None:
    """The analyte table names analytes we have and terms the version has."""
    text = resources.files("celltrial.safety.ctcae").joinpath("analyte_terms.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    assert {row["analyte"] for row in rows} <= set(analytes())
    for row in rows:
        if version in row["versions"].split(";"):
            reason = grade(row["term"], row["direction"], "", "none", version=version)
            assert reason == "no value" or "not one the thresholds" in str(reason)


def test_terms_of_an_analyte() -> None:
    """Calcium as measured has no term; an unmapped analyte has none."""
    assert [(each.term, each.direction) for each in lab_terms("potassium")] == [
        ("Hypokalemia", "L"),
        ("Hyperkalemia", "H"),
    ]
    assert lab_terms("calcium") == ()


@pytest.mark.parametrize("name", ["v4.csv", "v5.csv", "v6.csv"])
def test_the_tables_hold_only_words_the_engine_knows(name: str) -> None:
    """Every row of a version's file can be evaluated."""
    text = resources.files("celltrial.safety.ctcae").joinpath(name).read_text(encoding="utf-8")
    known = {
        "grade": {"-", "1", "2", "3", "4"},
        "direction": {"L", "H"},
        "operator": {"<", "<=", ">", ">=", "missing"},
        "of": {"absolute", "lln", "uln", "baseline", "percent_change"},
        "assumes": {"", "symptomatic", "physiologic_consequences", "on_anticoagulation"},
        "given": {
            "",
            "above_baseline",
            "baseline_above_uln",
            "baseline_high",
            "baseline_low",
            "baseline_missing",
            "baseline_not_above_uln",
            "baseline_not_high",
            "baseline_not_low",
            "below_lln",
            "uln_missing",
        },
    }
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        assert all(row[column] in words for column, words in known.items()), row
