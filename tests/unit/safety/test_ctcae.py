"""The CTCAE engine: units as reported, missing limits, baseline rules, circumstances; and the tables themselves.

Over 400 lines: one page for the rules of one instrument, a behaviour a test.
"""

import csv
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotGradable
from celltrial.safety.ctcae import (
    CIRCUMSTANCES,
    CTCAE_VERSIONS,
    GradeResult,
    bound_lab_grade,
    compute_corrected_calcium,
    grade_lab,
    grade_labs,
    lab_terms,
    term_names,
)
from celltrial.safety.ctcae.conditions import read_condition
from celltrial.safety.ctcae.table import has_term
from celltrial.units import analytes

NUMBERS = ("lln", "uln", "baseline", "percent_change", "mi_limit")


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
        "of": {"absolute", "lln", "uln", "baseline", "percent_change", "change", "mi_limit"},
        "assumes": {"", *CIRCUMSTANCES},
        "status": {"", "unverified"},
    }
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        assert all(row[column] in words for column, words in known.items()), row
        assert None not in row, row
        for condition in row["given"].split(" and ") if row["given"] else []:
            assert str(read_condition(condition)) == condition.replace("_", " ")


def test_a_condition_nobody_knows_is_refused() -> None:
    """A misspelt word in a rule table never reads as "always"."""
    with pytest.raises(UsageError, match="does not know"):
        read_condition("baseline_hgih")


def test_every_circumstance_that_raises_a_grade_belongs_to_a_term_of_its_version() -> None:
    """raises.csv names terms the versions have, circumstances there are, and grades above 0."""
    text = resources.files("celltrial.safety.ctcae").joinpath("raises.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        assert row["needs"] in CIRCUMSTANCES, row
        assert row["grade"] in "1234", row
        for version in row["versions"].split(";"):
            assert has_term(version, row["term"], row["direction"]), row  # type: ignore[arg-type]  # that is the test


HEMOGLOBIN = {"unit": "g/L", "lln": "120", "mode": "clinical"}


@pytest.mark.parametrize(
    ("term", "direction", "value", "facts", "told", "expected"),
    [
        ("Anemia", "L", "90", HEMOGLOBIN, {"transfusion_indicated": "yes"}, 3),
        ("Anemia", "L", "90", HEMOGLOBIN, {"transfusion_indicated": "no", "life_threatening": "no"}, 2),
        ("Anemia", "L", "90", HEMOGLOBIN, {"life_threatening": "yes"}, 4),
        ("Anemia", "L", "70", HEMOGLOBIN, {"transfusion_indicated": "yes"}, 3),
        ("Hypokalemia", "L", "3.2", {"unit": "mmol/L", "lln": "3.5"}, {"hospitalisation_indicated": "yes"}, 3),
        ("Hyperkalemia", "H", "5.3", {"unit": "mmol/L", "uln": "5.1"}, {"intervention_indicated": "yes"}, 2),
        ("Hypocalcemia", "L", "2.05", {"unit": "mmol/L", "lln": "2.1"}, {"symptomatic": "yes"}, 2),
        ("Hypoglycemia", "L", "3.5", {"unit": "mmol/L", "lln": "3.9"}, {"seizures": "yes"}, 4),
        ("Leukocytosis", "H", "90", {"unit": "10^9/L", "uln": "10"}, {"leucostasis": "yes"}, 4),
        ("Activated partial thromboplastin time prolonged", "H", "40", {"uln": "36"}, {"bleeding": "yes"}, 3),
        ("Hypoxia", "L", "95", {"unit": "%"}, {"intermittent_oxygen": "yes"}, 2),
        ("Chronic kidney disease", "L", "20", {"unit": "mL/min/1.73 m2"}, {"dialysis_indicated": "yes"}, 4),
        ("Weight loss", "L", "75", {"unit": "kg", "baseline": "80"}, {"tube_feeding_indicated": "yes"}, 3),
    ],
)
def test_a_circumstance_raises_the_grade(
    term: str, direction: str, value: str, facts: dict[str, str], told: dict[str, str], expected: int
) -> None:
    """Where the criterion says "; or" - and only in clinical mode."""
    facts = {**facts, "mode": "clinical"}
    assert grade(term, direction, value, circumstances=told, **facts) == expected


def test_a_circumstance_does_not_grade_a_normal_result() -> None:
    """A transfusion on a day of a normal haemoglobin is not about the haemoglobin."""
    assert grade("Anemia", "L", "130", circumstances={"transfusion_indicated": "yes"}, **HEMOGLOBIN) == 0
    assert (
        grade("Leukocytosis", "H", "9", "10^9/L", uln="10", mode="clinical", circumstances={"leucostasis": "yes"}) == 0
    )


def test_a_circumstance_does_not_replace_a_limit() -> None:
    """Whether a haemoglobin of 110 is low at all is not known without the limit, transfusion or not."""
    told = {"transfusion_indicated": "yes"}
    assert grade("Anemia", "L", "110", "g/L", mode="clinical", circumstances=told) == "lln missing"


def test_a_baseline_at_the_limit_is_normal() -> None:
    """By row and by column: only from above the limit on do multiples of the baseline count."""
    for baseline, reason in (
        ("40", "value > 1.5 x ULN (baseline not high)"),
        ("40.1", "value > 1.5 x baseline (baseline high)"),
    ):
        term, limits = "Blood bilirubin increased", {"uln": Decimal(40), "baseline": Decimal(baseline)}
        columns: Any = {name: [float(limit)] for name, limit in limits.items()}
        assert grade_lab(term, "H", Decimal(61), "umol/L", **limits) == GradeResult(2, reason)
        assert grade_labs([term], ["H"], [61], ["umol/L"], **columns).reason(0) == reason


def test_the_worst_case_does_not_assume_what_raises_a_grade() -> None:
    """Nobody is taken to be transfused; nor is it read there."""
    assert grade("Anemia", "L", "90", "g/L", lln="120", circumstances={"transfusion_indicated": "yes"}) == 2


def test_a_circumstance_not_told_leaves_the_number_and_is_named() -> None:
    """Blank: the criterion by number stands, and the reason says what could raise it; `unknown`: the range."""
    result = grade_lab("Anemia", "L", Decimal(90), "g/L", lln=Decimal(120), mode="clinical")
    assert result == GradeResult(2, "value < 100; not told: transfusion_indicated (3), life_threatening (4)")
    assert grade("Anemia", "L", "90", circumstances={"transfusion_indicated": "unknown"}, **HEMOGLOBIN) == (
        "grade 2 to 3: not known whether transfusion_indicated"
    )
    both: Any = {"transfusion_indicated": "yes", "life_threatening": "no"}
    raised = grade_lab("Anemia", "L", Decimal(90), "g/L", lln=Decimal(120), mode="clinical", circumstances=both)
    assert raised == GradeResult(3, "transfusion indicated (value < 100)")


def test_a_circumstance_grades_what_its_limit_cannot_lower() -> None:
    """Oxygen saturation without its limit is grade 0 or 1; continuous oxygen is grade 3 either way, in 6.0."""
    facts = {"unit": "%", "version": "6.0", "mode": "clinical"}
    assert grade("Hypoxia", "L", "93", **facts) == "lln missing"
    assert grade("Hypoxia", "L", "93", circumstances={"continuous_oxygen": "yes"}, **facts) == 3
    assert grade("Leukocytosis", "H", "90", "10^9/L", mode="clinical", circumstances={"leucostasis": "yes"}) == (
        "grade 0 to 4: not known whether leucostasis counts"
    )


def test_fever_over_a_day() -> None:
    """Above 40 degrees the duration decides."""
    assert grade("Fever", "H", "40.1", "°C", mode="clinical") == "grade 3 to 4: not known whether over_24_hours"
    assert grade("Fever", "H", "40.0", "degC", mode="clinical") == 2
    result = grade_lab("Fever", "H", Decimal("104.1"), "F")
    assert result == GradeResult(4, "value > 104, taken as over 24 hours")


def test_a_change_that_cannot_be_known_is_not_graded() -> None:
    """A QTc below 501 ms may be grade 3 by its change; an ejection fraction by its drop."""
    qtc = "Electrocardiogram QT corrected interval prolonged"
    assert grade(qtc, "H", "440", "ms") == "baseline missing"
    assert grade(qtc, "H", "501", "ms") == 3
    assert grade(qtc, "H", "440", "ms", baseline="379") == 3
    assert grade("Ejection fraction decreased", "L", "45", "%") == "baseline missing"
    assert grade("Ejection fraction decreased", "L", "39", "%") == 3
    assert grade("Left ventricular dysfunction", "L", "38", "%", version="6.0", baseline="38") == (
        "value < 40 (baseline < 40)"
    )


def test_troponin_needs_the_manufacturers_limit() -> None:
    """Above the upper limit: grade 1 or 3, by the level of infarction of the assay."""
    troponin = "Cardiac troponin T increased"
    assert grade(troponin, "H", "20", "ng/L", uln="14") == "value > ULN (mi limit missing)"
    assert grade(troponin, "H", "20", "ng/L", uln="14", mi_limit="52") == 1
    assert grade(troponin, "H", "52", "ng/L", uln="14", mi_limit="52") == 3
    assert grade(troponin, "H", "14", "ng/L", uln="14") == 0
    assert grade(troponin, "H", "60", "ng/L", mi_limit="52") == 3


def test_a_criterion_that_was_not_held_against_the_print_says_so() -> None:
    """Weight loss of 6.0 is carried over from 5.0."""
    result = grade_lab("Weight loss", "L", Decimal(72), "kg", version="6.0", baseline=Decimal(80))
    assert result == GradeResult(2, "percent_change <= -10, criterion unverified".replace("_", " "))
    assert grade_lab("Weight loss", "L", Decimal(72), "kg", baseline=Decimal(80)).reason == "percent change <= -10"


@pytest.mark.parametrize(
    ("term", "direction", "value", "unit", "expected"),
    [
        ("Chronic kidney disease", "L", "29", "mL/min/1.73 m²", 3),
        ("Chronic kidney disease", "L", "29", "mL/min/{1.73_m2}", 3),
        ("Proteinuria", "H", "3.5", "g/24 hrs", 3),
        ("Proteinuria", "H", "3500", "mg/day", 3),
        ("Hypertension (Systolic)", "H", "160", "mm[Hg]", 3),
        ("Hypertension (Systolic)", "H", "160", "mm Hg", 3),
        ("Urine output decreased", "L", "200", "mL/day", 4),
        ("Hypothermia", "L", "82.4", "Fahrenheit", 4),
        ("Forced expiratory volume decreased", "L", "49", "% pred", 4),
        ("Carbon monoxide diffusing capacity decreased", "L", "30", "mL/min/mm Hg", "lln missing (baseline missing)"),
    ],
)
def test_units_of_vital_signs_and_function_tests(
    term: str, direction: str, value: str, unit: str, expected: int | str
) -> None:
    """As they are printed, and their other spellings."""
    assert grade(term, direction, value, unit) == expected


def bound(term: str, direction: Any, value: str, unit: str, **facts: Any) -> tuple[int, int] | str:
    facts = {name: Decimal(fact) if name in NUMBERS else fact for name, fact in facts.items()}
    result = bound_lab_grade(term, direction, Decimal(value) if value else None, unit, **facts)
    return result.reason if isinstance(result, NotGradable) else (result.lower, result.upper)


def test_the_range_of_a_grade() -> None:
    """Over limits, baselines, flags and circumstances that are not known."""
    assert bound("Anemia", "L", "90", "g/L") == (2, 4)
    assert bound("Anemia", "L", "110", "g/L") == (0, 4)
    settled: Any = {"transfusion_indicated": "no", "life_threatening": "no"}
    assert bound("Anemia", "L", "110", "g/L", circumstances=settled) == (0, 1)
    assert bound("Anemia", "L", "110", "g/L", lln="120", circumstances=settled) == (1, 1)
    assert bound("Alanine aminotransferase increased", "H", "130", "U/L", uln="40", baseline_flag="NORMAL") == (2, 2)
    assert bound("Alanine aminotransferase increased", "H", "130", "U/L", uln="40") == (0, 4)
    # the baseline's own range is not known: 1.5 x a low baseline is grade 2, 1.5 x the limit is not reached
    creatinine = {"unit": "umol/L", "version": "6.0", "uln": "100", "lln": "60", "baseline": "50"}
    assert bound("Creatinine increased", "H", "80", **creatinine) == (0, 2)
    assert bound("Creatinine increased", "H", "80", baseline_flag="LOW", **creatinine) == (2, 2)
    assert bound("Cardiac troponin I increased", "H", "20", "ng/L", uln="14") == (1, 3)
    assert bound("Anemia", "L", "", "g/L") == (0, 4)
    assert bound("Anemia", "L", "90", "g/cL").startswith("unit 'g/cL'")  # type: ignore[union-attr]  # a reason


def test_columns_of_results() -> None:
    """A grade and a reason for each row; -1 is not gradable; None, NaN and blank are missing."""
    found = grade_labs(
        ["Anemia", "Anemia", "Nothing", "Hypokalemia"],
        ["L", "L", "L", "L"],
        [79, None, 1, 3.2],
        ["g/L", "g/L", "", "mmol/L"],
        lln=[None, 120, None, 3.5],
        mode="clinical",
        circumstances={"symptomatic": ["", None, "", "no"]},
    )
    assert found.grades.tolist() == [3, -1, -1, 1]
    assert found.reason(1) == "no value"
    assert found.reason(3).startswith("value < LLN; not told: intervention_indicated (2)")


def test_columns_of_nothing() -> None:
    """No rows, no grades."""
    assert grade_labs([], [], [], []).grades.tolist() == []


def test_columns_tell_how_far_they_are() -> None:
    """The share that is done rises to 1."""
    shares: list[float] = []
    grade_labs(["Anemia", "Acidosis"], ["L", "L"], [79, 7.2], ["g/L", ""], progress=shares.append)
    assert shares == [0.5, 1.0]


def test_wrong_use_of_columns() -> None:
    """Columns of unlike length, and words that no rule knows, with every finding."""
    with pytest.raises(UsageError, match="another length"):
        grade_labs(["Anemia"], ["L"], [79, 80], ["g/L"])
    for facts in (
        {"version": "3.0"},
        {"mode": "best"},
        {"baseline_flag": ["UP"]},
        {"circumstances": {"symptomatic": ["maybe"]}},
        {"circumstances": {"awake": ["no"]}},
    ):
        with pytest.raises(UsageError):
            grade_labs(["Anemia"], ["L"], [79], ["g/L"], **facts)  # type: ignore[arg-type]  # that is the test


def test_the_terms_of_a_version() -> None:
    """Every numeric term, each direction once."""
    terms = [(each.term, each.direction) for each in term_names("6.0")]
    assert len(terms) == len(set(terms))
    assert ("Thrombocytopenia", "L") in terms
    assert ("Platelet count decreased", "L") not in terms
    assert [each.term for each in lab_terms("lvef", "6.0")] == ["Left ventricular dysfunction"]
    assert [each.direction for each in lab_terms("temperature")] == ["H", "L"]
