"""Every laboratory grade of admiral's own tests, CTCAE 4.03, 5.0 and 6.0, one test a row (`make oracles`)."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from celltrial.missing import NotGradable
from celltrial.safety.ctcae import grade_lab

VECTORS = Path(__file__).parents[2] / "shared" / "oracles" / "ctcae_admiral.csv"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason=f"the vectors from outside are not there: {VECTORS}")

VERSIONS = {"v4": "4.03", "v5": "5.0", "v6": "6.0"}


def vectors() -> list[object]:
    """The rows, named by version, term and place; none without the file (all skipped)."""
    if not VECTORS.exists():
        return []
    with VECTORS.open(newline="", encoding="utf-8") as file:
        return [
            pytest.param(row, id=f"{row['ctcae']}-{place}-{row['term']}")
            for place, row in enumerate(csv.DictReader(file))
        ]


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
