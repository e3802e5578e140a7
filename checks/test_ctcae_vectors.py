"""Every laboratory grade of admiral's own tests, CTCAE 4.03, 5.0, 6.0: row by row and all at once (`make oracles`)."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from celltrial.missing import NotGradable
from celltrial.safety.ctcae import grade_lab, grade_labs

VECTORS = Path(__file__).parents[2] / "shared" / "oracles" / "ctcae_admiral.csv"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason=f"the vectors from outside are not there: {VECTORS}")

VERSIONS = {"v4": "4.03", "v5": "5.0", "v6": "6.0"}


def rows() -> list[dict[str, str]]:
    """The rows of the file; none without it (all skipped)."""
    if not VECTORS.exists():
        return []
    with VECTORS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def vectors() -> list[object]:
    """The rows, named by version, term and place."""
    return [pytest.param(row, id=f"{row['ctcae']}-{place}-{row['term']}") for place, row in enumerate(rows())]


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@pytest.mark.parametrize("row", vectors())
def test_grade(row: dict[str, str]) -> None:
    """Our worst-case grade, blank for not gradable, is admiral's."""
    result = grade_lab(
        row["term"],
        row["direction"],  # type: ignore[arg-type]  # L or H in the file
        number(row["aval"]),
        row["unit"],
        version=VERSIONS[row["ctcae"]],
        lln=number(row["anrlo"]),
        uln=number(row["anrhi"]),
        baseline=number(row["base"]),
        baseline_flag=row["bnrind"],
        percent_change=number(row["pchg"]),
    )
    assert ("" if isinstance(result, NotGradable) else str(result.value)) == row["expected_grade"], result


@pytest.mark.parametrize("ctcae", VERSIONS)
def test_grades_in_one_call(ctcae: str) -> None:
    """The engine of columns gives admiral's grades for all rows of a version at once."""
    table = [row for row in rows() if row["ctcae"] == ctcae]
    assert table
    texts: Any = {name: [row[name] for row in table] for name in ("term", "direction", "unit")}
    named = {"value": "aval", "lln": "anrlo", "uln": "anrhi", "baseline": "base", "percent_change": "pchg"}
    numbers: Any = {ours: [float(row[name]) if row[name] else None for row in table] for ours, name in named.items()}
    flags = [row["bnrind"] for row in table]
    found = grade_labs(**texts, **numbers, version=VERSIONS[ctcae], baseline_flag=flags)
    expected = [row["expected_grade"] for row in table]
    assert ["" if grade < 0 else str(grade) for grade in found.grades.tolist()] == expected
