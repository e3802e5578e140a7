"""Eligibility against figures from outside: SQL's three-valued logic, printed examples of Cockcroft-Gault."""

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from celltrial.eligibility.truth import Verdict, all_of, any_of, negate
from celltrial.instruments.renal_function import cockcroft_gault

HERE = Path(__file__).parent
SQL = {"TRUE": Verdict.MET, "FALSE": Verdict.NOT_MET, "NULL": Verdict.UNKNOWN}


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows("sql_three_valued.csv"))
def test_connectives_are_those_of_sql(row: dict[str, str]) -> None:
    """AND, OR and NOT on all nine pairs."""
    a, b = SQL[row["a"]], SQL[row["b"]]
    assert (all_of((a, b)), any_of((a, b)), negate(a)) == (SQL[row["and"]], SQL[row["or"]], SQL[row["not_a"]])


@pytest.mark.parametrize("row", rows("cockcroft_gault.csv"))
def test_creatinine_clearance_as_printed(row: dict[str, str]) -> None:
    """Each worked example within the tolerance of its page."""
    found = cockcroft_gault(
        age=int(row["age"]),
        weight_kg=Fraction(row["weight_kg"]),
        creatinine_mg_dl=Fraction(row["creatinine_mg_dl"]),
        is_female=row["sex"] == "F",
    )
    assert float(found) == pytest.approx(float(row["clearance_ml_min"]), abs=0.1)
