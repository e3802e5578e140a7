"""GvHD, IEC-HS, HScore and Bayesian stopping against tables worked by hand from their publications (SOURCE.toml)."""

import csv
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from celltrial.safety import Grade, probability_rate_exceeds
from celltrial.safety.gvhd import (
    CHRONIC_ORGANS,
    AcuteGvhdObservation,
    ChronicSeverity,
    grade_chronic_gvhd,
    grade_organ_stages,
    stage_acute_gvhd,
)
from celltrial.safety.hscore import HScoreFindings, score_hscore
from celltrial.safety.iec_hs import IecHsObservation, assess_iec_hs, grade_iec_hs

HERE = Path(__file__).parent
SOURCES = tomllib.loads((HERE / "SOURCE.toml").read_text(encoding="utf-8"))

SIGNS = ("immunosuppression", "hepatomegaly", "splenomegaly", "haemophagocytosis")
# nothing of the HScore
HEALTHY: dict[str, Any] = dict.fromkeys(SIGNS, "no") | {
    "temperature_c": Decimal(37),
    "hemoglobin_g_l": Decimal(140),
    "leukocytes_10e9_l": Decimal(7),
    "platelets_10e9_l": Decimal(250),
    "ferritin_ug_l": Decimal(100),
    "triglycerides_mmol_l": Decimal(1),
    "fibrinogen_g_l": Decimal(3),
    "ast_u_l": Decimal(20),
}


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows("gvhd_stages.csv"), ids=lambda row: f"{row['organ']} {row['stage']} {row['note']}")
def test_organ_stages_of_acute_gvhd(row: dict[str, str]) -> None:
    """Each side of every limit."""
    numbers: dict[str, Any] = {
        name: Decimal(row[name]) if row[name] else None
        for name in row
        if name.endswith(("_percent", "_dl", "_l", "_per_day"))
    }
    words: dict[str, Any] = {name: row[name] for name in ("bullae", "severe_abdominal_pain", "grossly_bloody_stool")}
    seen = AcuteGvhdObservation(**numbers, **words, upper_gi=row["upper_gi_symptoms"])  # type: ignore[arg-type]  # words of the table
    staged = {each.organ: each.stage for each in stage_acute_gvhd(seen)}
    assert staged == dict.fromkeys(staged, 0) | {row["organ"]: int(row["stage"])}


@pytest.mark.parametrize("row", rows("gvhd_grades.csv"), ids=lambda row: row["note"])
def test_overall_grade_of_acute_gvhd(row: dict[str, str]) -> None:
    """The pattern of the stages, not the highest of them."""
    stages = {organ: int(row[organ]) for organ in ("skin", "liver", "upper_gi", "lower_gi")}
    grade = grade_organ_stages(**stages)
    assert isinstance(grade, Grade)
    assert grade.value == int(row["grade"])


@pytest.mark.parametrize("row", rows("cgvhd.csv"), ids=lambda row: row["note"])
def test_global_severity_of_chronic_gvhd(row: dict[str, str]) -> None:
    """Mild, moderate and severe."""
    severity = grade_chronic_gvhd({organ: int(row[organ]) for organ in CHRONIC_ORGANS})
    assert isinstance(severity, ChronicSeverity)
    assert severity.value == row["severity"]


@pytest.mark.parametrize("row", rows("iec_hs.csv"), ids=lambda row: row["grade"])
def test_grade_of_iec_hs(row: dict[str, str]) -> None:
    """Each statement of the grading."""
    signs: Any = {name: word for name, word in row.items() if name != "grade"}
    grade = grade_iec_hs(IecHsObservation(**signs))
    assert isinstance(grade, Grade)
    assert grade.value == int(row["grade"])


@pytest.mark.parametrize("row", rows("iec_hs_criteria.csv"), ids=lambda row: f"{row['criterion']} {row['value']}")
def test_criteria_of_iec_hs(row: dict[str, str]) -> None:
    """Each side of every limit; the other values of the criterion are normal."""
    normal = {"ast_u_l": 10, "ast_uln": 40, "ast_baseline": 10, "alt_u_l": 10, "alt_uln": 40, "alt_baseline": 10}
    normal |= {"pt_s": 12, "pt_uln": 14, "aptt_s": 30, "aptt_uln": 40}
    numbers: dict[str, Decimal | None] = {name: Decimal(value) for name, value in normal.items()}
    numbers[row["input"]] = Decimal(row["value"])
    for name, value in (("reference", "reference_value"), ("second_reference", "second_value")):
        if row[name]:
            numbers[row[name]] = Decimal(row[value])
    evidence = assess_iec_hs(numbers, {"ferritin_rapidly_rising": "no"})
    assert {each.criterion: each.answer for each in evidence.criteria}[row["criterion"]] == row["answer"]


@pytest.mark.parametrize("row", rows("hscore.csv"), ids=lambda row: f"{row['item']} {row['value']}")
def test_points_of_the_hscore(row: dict[str, str]) -> None:
    """One item at a time, each side of every limit."""
    names, values = row["item"].split("+"), row["value"].split("+")
    values = values if len(values) == len(names) else values * len(names)
    given = {name: value if name in SIGNS else Decimal(value) for name, value in zip(names, values, strict=True)}
    assert score_hscore(HScoreFindings(**(HEALTHY | given))).total == int(row["points"])


@pytest.mark.parametrize("row", rows("stopping.csv"), ids=lambda row: row["worked"])
def test_probability_of_bayesian_stopping(row: dict[str, str]) -> None:
    """Closed forms of the Beta integral, with uniform, whole and half priors."""
    probability = probability_rate_exceeds(
        float(row["limit"]),
        events=int(row["events"]),
        n=int(row["n"]),
        prior=(float(row["prior_a"]), float(row["prior_b"])),
    )
    assert probability == pytest.approx(float(row["probability"]), abs=SOURCES["stopping.csv"]["tolerance"])
