"""The ten synthetic patients of the published ICAHT algorithm (Liang), days and both grades (`make oracles`)."""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from celltrial.missing import NotGradable
from celltrial.safety.icaht import ICAHT_RULES, REFERENCE_RULES, Count, IcahtRules, WindowGrade, grade_icaht

FOLDER = Path(__file__).parents[2] / "shared" / "oracles"
INPUT, EXPECTED = (FOLDER / f"icaht_liang_synthetic_{name}.csv" for name in ("input", "expected"))
pytestmark = pytest.mark.skipif(not EXPECTED.exists(), reason=f"the vectors from outside are not there: {EXPECTED}")


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file; none without it (all skipped)."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def patients() -> dict[str, list[dict[str, str]]]:
    """The counts of each patient."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(INPUT):
        found[row["patient_id"]].append(row)
    return found


def censor_day(row: dict[str, str]) -> int | None:
    """The first of progression, next therapy and end of follow-up, in days since the infusion."""
    texts = (row[name] for name in ("progression_date", "subsequent_therapy_date", "last_fu_date"))
    start = date.fromisoformat(row["cart_date"])
    return min(((date.fromisoformat(text) - start).days for text in texts if text), default=None)


def shown(window: WindowGrade) -> str:
    """The grade as the file writes it: blank where there is none."""
    return "" if isinstance(window.grade, NotGradable) else str(window.grade.value)


@pytest.mark.parametrize("rules", [ICAHT_RULES, REFERENCE_RULES], ids=["default", "reference"])
@pytest.mark.parametrize("expected", [pytest.param(row, id=row["patient_id"]) for row in rows(EXPECTED)])
def test_patient(expected: dict[str, str], rules: IcahtRules) -> None:
    """Longest days at or under 500 and 100, as far as they are known, early and late grade."""
    given = patients()[expected["patient_id"]]
    counts = [Count(day=int(row["day"]), value=Decimal(row["anc_per_uL"])) for row in given]
    result = grade_icaht(counts, censor_day=censor_day(given[0]), rules=rules)
    days = [str(result.early.days[Decimal(limit)].least) for limit in (500, 100)]
    assert [*days, shown(result.early), shown(result.late)] == [
        expected["longest_days_anc_le_500"],
        expected["longest_days_anc_le_100"],
        expected["early_grade"],
        expected["late_grade"],
    ], result
