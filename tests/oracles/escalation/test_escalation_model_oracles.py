"""Figures from outside on the model-based designs and BOIN12: CSV files here, sources in SOURCE.toml."""

import csv
import tomllib
from math import sqrt
from pathlib import Path

import pytest

from celltrial.escalation.boin12 import Boin12, count_pairs, desirability_table
from celltrial.escalation.crm import WorkingModel, fit_crm

HERE = Path(__file__).parent
SOURCES = tomllib.loads((HERE / "SOURCE.toml").read_text(encoding="utf-8"))


def rows(name: str) -> list[dict[str, str]]:
    """The rows of an oracle file."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_cheung_table_3_2() -> None:
    """Beta after each of twenty participants, printed to two decimals; and each level is the one recommended."""
    model = WorkingModel(skeleton=(0.05, 0.12, 0.25, 0.40, 0.55), form="logistic")
    table, n, dlt = rows("crm_cheung_table_3_2.csv"), [0] * 5, [0] * 5
    recommended = 3
    for row in table:
        assert int(row["level"]) == recommended
        n[recommended - 1] += 1
        dlt[recommended - 1] += int(row["dlt"])
        fit = fit_crm(model, target=0.25, n=n, dlt=dlt, prior_sd=sqrt(1.34))
        assert fit.beta == pytest.approx(float(row["beta"]), abs=SOURCES["crm_cheung_table_3_2.csv"]["tolerance"])
        recommended = fit.level


@pytest.mark.parametrize("skeleton", ["A", "B"])
def test_neuenschwander_table_1(skeleton: str) -> None:
    """Posterior mean and standard deviation of every DLT rate; 18 participants, two DLTs at 25 mg."""
    table = [row for row in rows("crm_neuenschwander_table_1.csv") if row["skeleton"] == skeleton]
    evaluable = {1.0: 3, 2.5: 4, 5.0: 5, 10.0: 4, 25.0: 2}
    n = [evaluable.get(float(row["dose"]), 0) for row in table]
    dlt = [2 if float(row["dose"]) == 25 else 0 for row in table]
    model = WorkingModel(skeleton=tuple(float(row["guess"]) for row in table))
    fit = fit_crm(model, target=0.30, n=n, dlt=dlt, prior_sd=1.34)
    tolerance = SOURCES["crm_neuenschwander_table_1.csv"]["tolerance"]
    assert list(fit.means) == pytest.approx([float(row["mean"]) for row in table], abs=tolerance)
    assert list(fit.means_sd) == pytest.approx([float(row["sd"]) for row in table], abs=tolerance)


def test_boin12_rank_based_desirability() -> None:
    """Table 3 of the paper, the cells there are."""
    table = {(row.n, row.dlts, row.responses): row.rank for row in desirability_table(Boin12(), (0, 3, 6, 9))}
    for row in rows("boin12_rds.csv"):
        expected = None if row["rank"] == "E" else float(row["rank"])
        assert table[int(row["n"]), int(row["dlts"]), int(row["responses"])] == expected, row


@pytest.mark.parametrize("row", rows("boin12_decisions.csv"), ids=lambda row: row["outcomes"])
def test_boin12_decisions(row: dict[str, str]) -> None:
    """The next level of the paper's examples and of the authors' application."""
    proposal = Boin12().propose(count_pairs(row["outcomes"], levels=5))
    assert (proposal.level, proposal.stop) == (int(row["level"]), False)
