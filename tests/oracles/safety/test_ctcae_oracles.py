"""CTCAE thresholds, three values each, worked from the printed grade texts: by row, by column, and none left out."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from celltrial.missing import NotGradable
from celltrial.safety.ctcae import GradeResult, Version, grade_lab, grade_labs, term_names
from celltrial.safety.ctcae.table import Rule, rules_for, units_of

HERE = Path(__file__).parent
FILES: dict[Version, str] = {
    "4.03": "ctcae_thresholds_4.csv",
    "5.0": "ctcae_thresholds_5.csv",
    "6.0": "ctcae_thresholds_6.csv",
}
NUMBERS = ("lln", "uln", "baseline", "mi_limit")

Case = dict[str, str]


def cases(version: Version) -> list[Case]:
    with (HERE / FILES[version]).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def told(case: Case) -> dict[Any, Any]:
    return dict(part.split("=") for part in case["told"].split(";") if part)


def grade(version: Version, case: Case) -> GradeResult | NotGradable:
    numbers: Any = {name: Decimal(case[name]) for name in NUMBERS if case[name]}
    mode: Any = case["mode"] or "worst-case"
    direction: Any = case["direction"]
    return grade_lab(
        case["term"],
        direction,
        Decimal(case["value"]),
        case["unit"],
        version=version,
        baseline_flag=case["baseline_flag"],
        mode=mode,
        circumstances=told(case),
        **numbers,
    )


@pytest.mark.parametrize("version", FILES)
def test_every_value_has_the_printed_grade(version: Version) -> None:
    """Below, at and above every threshold."""
    wrong = []
    for case in cases(version):
        result = grade(version, case)
        if isinstance(result, NotGradable) or str(result.value) != case["grade"]:
            wrong.append((case, result))
    assert not wrong


@pytest.mark.parametrize("version", FILES)
@pytest.mark.parametrize("mode", ["worst-case", "clinical"])
def test_columns_give_the_printed_grades_too(version: Version, mode: Any) -> None:
    """The same cases in one call for each mode."""
    rows = [case for case in cases(version) if (case["mode"] or "worst-case") == mode]
    names = sorted({name for case in rows for name in told(case)})
    circumstances: Any = {name: [told(case).get(name, "") for case in rows] for name in names}
    numbers: Any = {name: [float(case[name]) if case[name] else None for case in rows] for name in NUMBERS}
    texts: Any = {name: [case[name] for case in rows] for name in ("term", "direction", "unit", "baseline_flag")}
    found = grade_labs(
        value=[float(case["value"]) for case in rows],
        version=version,
        mode=mode,
        circumstances=circumstances,
        **texts,
        **numbers,
    )
    assert found.grades.tolist() == [int(case["grade"]) for case in rows]


def systems(version: Version) -> Iterator[tuple[str, str, tuple[Rule, ...]]]:
    """Every term of the rule files with the rules of each of its unit systems."""
    for each in term_names(version):
        for unit in units_of(version, each.term, each.direction) or ("",):
            yield each.term, each.direction, rules_for(version, each.term, each.direction, unit)


@pytest.mark.parametrize("version", FILES)
def test_no_threshold_of_the_rule_files_is_left_out(version: Version) -> None:
    """Each criterion that gives a grade decides at least one of the cases, in every unit it is printed for."""
    reasons: dict[tuple[str, str, tuple[Rule, ...]], set[str]] = {}
    for case in cases(version):
        rules = rules_for(version, case["term"], case["direction"], case["unit"])
        reasons.setdefault((case["term"], case["direction"], rules), set()).add(grade(version, case).reason)
    unmet = [
        (term, str(rule))
        for term, direction, rules in systems(version)
        for rule in rules
        if rule.grade is not None and not any(str(rule) in why for why in reasons.get((term, direction, rules), ()))
    ]
    assert not unmet
