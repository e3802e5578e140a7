"""Kidney function, renal response, biopsy and glucocorticoids against cases worked by hand from the printed rules."""

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from celltrial.answers import Conclusion
from celltrial.instruments import (
    Clearance,
    Filtration,
    GlomerularFindings,
    KidneyCourse,
    NephritisBiopsy,
    PrednisoneDose,
    compute_ckd_epi_2021,
    compute_creatinine_clearance,
    compute_prednisone_equivalent,
    compute_upcr,
    convert_upcr,
    derive_isn_rps_class,
    judge_aurora_1,
    judge_bliss_ln,
    judge_kdigo_2024,
)
from celltrial.units import Quantity

HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    """The rows of an oracle file."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@pytest.mark.parametrize("row", rows("ckd_epi_2021.csv"), ids=lambda row: row["egfr"])
def test_ckd_epi_2021(row: dict[str, Any]) -> None:
    """To the two decimals that were worked out."""
    sample = Quantity(Decimal(row["creatinine"]), row["unit"])
    found = compute_ckd_epi_2021(age_years=int(row["age"]), sex=row["sex"], creatinine=sample)
    assert isinstance(found, Filtration)
    assert found.ml_min_1_73m2 == pytest.approx(float(row["egfr"]), abs=0.005)


@pytest.mark.parametrize("row", rows("cockcroft_gault.csv"), ids=lambda row: row["note"])
def test_cockcroft_gault(row: dict[str, Any]) -> None:
    """Exactly."""
    found = compute_creatinine_clearance(
        age_years=int(row["age"]),
        sex=row["sex"],
        weight_kg=Decimal(row["weight_kg"]),
        creatinine=Quantity(Decimal(row["creatinine"]), row["unit"]),
        form=row["form"],
    )
    assert isinstance(found, Clearance)
    assert found.ml_min == Fraction(int(row["numerator"]), int(row["denominator"]))


@pytest.mark.parametrize("row", rows("prednisone_equivalent.csv"), ids=lambda row: f"{row['drug']} {row['mg']}")
def test_prednisone_equivalent(row: dict[str, str]) -> None:
    """Exactly."""
    found = compute_prednisone_equivalent(
        drug=row["drug"], mg=Decimal(row["mg"]), per_day=Decimal(1), route="intravenous"
    )
    assert isinstance(found, PrednisoneDose)
    assert found.mg_per_day == Fraction(int(row["numerator"]), int(row["denominator"]))


@pytest.mark.parametrize("row", rows("upcr.csv"), ids=lambda row: row["note"])
def test_upcr(row: dict[str, str]) -> None:
    """Exactly, in g/g and in mg/mmol."""
    found = compute_upcr(
        Quantity(Decimal(row["protein"]), row["protein_unit"]),
        Quantity(Decimal(row["creatinine"]), row["creatinine_unit"]),
    )
    assert found == Fraction(int(row["numerator"]), int(row["denominator"]))
    assert convert_upcr(found, "g/g", "mg/mmol") == Fraction(row["mg_per_mmol"])


@pytest.mark.parametrize("row", rows("isn_rps.csv"), ids=lambda row: row["found"])
def test_isn_rps(row: dict[str, Any]) -> None:
    """The class of the printed table."""
    found = derive_isn_rps_class(
        GlomerularFindings(
            involved_percent=Decimal(row["involved_percent"]),
            globally_sclerosed_percent=Decimal(row["sclerosed_percent"]),
            membranous=row["membranous"],
            residual_activity=row["residual_activity"],
        )
    )
    assert isinstance(found, NephritisBiopsy)
    assert "+".join(found.classes) == row["class"]


@pytest.mark.parametrize("row", rows("renal_response.csv"), ids=lambda row: f"{row['set']}: {row['source_line']}")
def test_renal_response(row: dict[str, Any]) -> None:
    """The answer of the printed definition."""
    course = KidneyCourse(
        upcr=number(row["upcr"]),
        baseline_upcr=number(row["baseline_upcr"]),
        egfr=number(row["egfr"]),
        egfr_repeat=number(row["egfr_repeat"]),
        baseline_egfr=number(row["baseline_egfr"]),
        pre_flare_egfr=number(row["pre_flare_egfr"]),
    )
    family, which = row["set"].split("_")
    found: Any
    if family == "kdigo":
        found = judge_kdigo_2024(course, rescue=row["failure"])
    elif family == "aurora":
        found = judge_aurora_1(course, rescue=row["failure"], prednisone_mg=[5] * 56)
    else:
        found = judge_bliss_ln(course, treatment_failure=row["failure"])
    conclusion: Conclusion = getattr(found, which)
    assert conclusion.answer == row["expected"]
