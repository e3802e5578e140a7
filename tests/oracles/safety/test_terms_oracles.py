"""The dictionary of terms, infections and LICATS against what was published (SOURCE.toml)."""

import csv
from pathlib import Path
from typing import Any

import pytest

from celltrial.safety.grades import Grade
from celltrial.safety.infections import InfectionObservation, grade_infection, judge_severe_infection
from celltrial.safety.licats import grade_licats
from celltrial.safety.terms import ae_term

HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows("ae_terms.csv"), ids=lambda row: f"{row['version']} {row['term']}")
def test_code_class_and_grades_of_a_term(row: dict[str, str]) -> None:
    term = ae_term(row["term"], row["version"])
    assert (term.term, term.code, term.soc) == (row["term"], row["code"], row["soc"])
    assert "".join(str(grade) for grade, words in term.grades.items() if words) == row["grades"]
    assert term.is_in_ctcae


@pytest.mark.parametrize("row", rows("infections.csv"), ids=lambda row: row["case"])
def test_grade_of_an_infection(row: dict[str, str]) -> None:
    facts: dict[str, Any] = {name: word for name, word in row.items() if name not in ("case", "grade", "severe")}
    seen = InfectionObservation(**facts)
    result = grade_infection(seen)
    assert isinstance(result, Grade)
    assert (str(result.value), judge_severe_infection(seen).answer) == (row["grade"], row["severe"])


@pytest.mark.parametrize("row", rows("licats.csv"), ids=lambda row: "-".join(row.values()))
def test_grade_of_licats(row: dict[str, str]) -> None:
    facts: dict[str, Any] = {name: word for name, word in row.items() if name != "grade"}
    result = grade_licats(**facts)
    assert isinstance(result, Grade)
    assert str(result.value) == row["grade"]
