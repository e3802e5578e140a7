"""Figures from outside the project: each CSV here, with its source and tolerance in SOURCE.toml."""

import csv
import tomllib
from pathlib import Path

import pytest

from celltrial.instruments import (
    SledaiScore,
    eular_acr_2019_items,
    score_eular_acr_2019,
    score_sledai_2k,
    sledai_2k_items,
)

HERE = Path(__file__).parent
SOURCES = tomllib.loads((HERE / "SOURCE.toml").read_text(encoding="utf-8"))


def rows(name: str) -> list[dict[str, str]]:
    """The rows of an oracle file."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_file_has_its_source() -> None:
    """No figure without a citation, and no citation without its figures."""
    assert {path.name for path in HERE.glob("*.csv")} == set(SOURCES)
    assert all({"citation", "how_obtained", "version", "tolerance"} <= set(source) for source in SOURCES.values())


@pytest.mark.parametrize("row", rows("sledai_2k.csv"), ids=lambda row: row["total"])
def test_sledai_2k(row: dict[str, str]) -> None:
    """The printed groups of weights."""
    present = dict.fromkeys(row["present"].split(), "yes")
    result = score_sledai_2k({i.item: "no" for i in sledai_2k_items()} | present, dict.fromkeys(present, "sle"))
    assert isinstance(result, SledaiScore)
    assert result.total == int(row["total"])


@pytest.mark.parametrize("row", rows("eular_acr_2019.csv"), ids=lambda row: row["total"])
def test_eular_acr_2019(row: dict[str, str]) -> None:
    """Totals and verdicts as printed."""
    absent = {each.item: "no" for each in eular_acr_2019_items()}
    result = score_eular_acr_2019("yes", absent | dict.fromkeys(row["present"].split(), "yes"))
    assert (result.total, result.classified) == (int(row["total"]), row["classified"])
