"""Figures from outside the project: each CSV here, with its source and tolerance in SOURCE.toml."""

import csv
import tomllib
from pathlib import Path

import pytest

from celltrial.escalation import count_cohorts, decision_table, design_named, exact_oc, parse_outcomes

HERE = Path(__file__).parent
SOURCES = tomllib.loads((HERE / "SOURCE.toml").read_text(encoding="utf-8"))


def rows(name: str) -> list[dict[str, str]]:
    """The rows of an oracle file."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def floats(text: str) -> list[float]:
    return [float(word) for word in text.split()]


def test_every_file_has_its_source() -> None:
    """No figure without a citation, and no citation without its figures."""
    assert {path.name for path in HERE.glob("*.csv")} == set(SOURCES)
    assert all({"citation", "how_obtained", "version", "tolerance"} <= set(source) for source in SOURCES.values())


@pytest.mark.parametrize("row", rows("boin_lambda.csv"))
def test_boin_lambda(row: dict[str, str]) -> None:
    """lambda_e and lambda_d as printed elsewhere."""
    figures = dict(design_named("boin", target=float(row["target"])).base.figures)
    expected = {name: float(row[name]) for name in ("lambda_e", "lambda_d")}
    assert figures == pytest.approx(expected, abs=SOURCES["boin_lambda.csv"]["tolerance"])


@pytest.mark.parametrize("row", rows("boin_boundaries.csv"), ids=lambda row: f"n={row['n']}")
def test_boin_boundaries(row: dict[str, str]) -> None:
    """The protocol template's table."""
    table = decision_table(design_named("boin", target=float(row["target"])), int(row["n"]))
    columns = ("n", "escalate_le", "deescalate_ge", "eliminate_ge")
    assert [getattr(table.rows[-1], column) for column in columns] == [int(row[column]) for column in columns]


@pytest.mark.parametrize("row", rows("three_plus_three.csv"), ids=lambda row: row["variant"])
def test_three_plus_three(row: dict[str, str]) -> None:
    """Selection probabilities of 3+3, printed to two decimals."""
    truth = floats(row["truth"])
    design = design_named("3+3", target=0.30, parameters={"variant": row["variant"]})
    oc = exact_oc(design, truth, cohort_size=3, max_n=6 * len(truth))
    expected = [float(row["none"]), *floats(row["selection"])]
    assert [oc.none, *oc.selection] == pytest.approx(expected, abs=SOURCES["three_plus_three.csv"]["tolerance"])


@pytest.mark.parametrize("row", rows("boin_example.csv"), ids=lambda row: row["outcomes"])
def test_boin_example(row: dict[str, str]) -> None:
    """The recommended level along the tutorial's trial."""
    counts = count_cohorts(parse_outcomes(row["outcomes"]), levels=int(row["levels"]))
    assert design_named("boin", target=float(row["target"])).decide(counts).level == int(row["level"])
