"""Small-sample statistics against figures from outside; data and sources stand beside the other kinetics oracles."""

import csv
from pathlib import Path

import pytest

from celltrial.kinetics import compute_rank_correlation, fit_firth
from celltrial.missing import NotEstimable

HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    """The rows of an oracle file."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_firth_on_data_that_separate() -> None:
    """Estimates and profile intervals of logistf; ordinary logistic regression gives NV no finite estimate."""
    names = ("NV", "PI", "EH")
    data = rows("endometrial.csv")
    fit = fit_firth([[float(row[n]) for n in names] for row in data], [row["HG"] == "1" for row in data], names=names)
    assert not isinstance(fit, NotEstimable)
    assert (fit.n, fit.events) == (79, 30)
    for row in rows("endometrial_expected.csv"):
        found = fit[row["name"]]
        expected = [float(row[column]) for column in ("estimate", "low", "high")]
        assert [found.estimate, found.low, found.high] == pytest.approx(expected, rel=1e-5)


def test_the_exact_distribution_of_spearman() -> None:
    """S = 36 of ten pairs: twice the one-sided probability of the published table."""
    data = rows("spearman_exact.csv")
    x, y = [float(row["x"]) for row in data], [float(row["y"]) for row in data]
    assert sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) == 36
    found = compute_rank_correlation(x, y)
    assert not isinstance(found, NotEstimable)
    assert found.p == pytest.approx(2 * float(data[0]["one_sided"]), abs=1e-9)
