"""Figures from outside the project: each CSV here, with its source and tolerance in SOURCE.toml."""

import csv
import math
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import kinetics as kinetics_commands
from celltrial.kinetics import Estimate, Profile, Sample, compute_nca
from celltrial.missing import NotEstimable

HERE = Path(__file__).parent
SOURCES = tomllib.loads((HERE / "SOURCE.toml").read_text(encoding="utf-8"))


def rows(name: str) -> list[dict[str, str]]:
    """The rows of an oracle file."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


EXPECTED = {row["parameter"]: float(row["value"]) for row in rows("tcellnca_expected.csv")}
TOLERANCE = SOURCES["tcellnca_expected.csv"]["tolerance"]


def test_every_file_has_its_source() -> None:
    """No figure without a citation, and no citation without its figures."""
    assert {path.name for path in HERE.glob("*.csv")} == set(SOURCES)
    assert all({"citation", "how_obtained", "version", "tolerance"} <= set(source) for source in SOURCES.values())


def test_tcellnca() -> None:
    """The area agrees; the slope agrees as a fit and is refused, because its adjusted R2 is -0.04."""
    samples = tuple(Sample(day=float(row["day"]), value=float(row["value"])) for row in rows("tcellnca.csv"))
    result = compute_nca(Profile(samples=samples, unit="copies/ug"))
    assert result["auc_0_28"] == Estimate(pytest.approx(EXPECTED["auc_0_28"], abs=TOLERANCE), "copies*day/ug")
    assert not isinstance(result.fit, NotEstimable)
    assert result.fit.lambda_z == pytest.approx(EXPECTED["lambda_z"], abs=5e-8)
    assert result.fit.n == EXPECTED["lambda_z_n"]
    assert result["lambda_z"] == NotEstimable(
        "lambda_z 0.0159032 1/day (4 points, day 29 to 168) not reported: adjusted R2 -0.04142 is below 0.8"
    )


def test_tcellnca_by_the_command(tmp_path: Path) -> None:
    """`celltrial kinetics nca` writes the same, in its columns."""
    app = typer.Typer()
    kinetics_commands.register(app)
    out = tmp_path / "out.csv"
    answer = CliRunner().invoke(app, ["kinetics", "nca", str(HERE / "tcellnca.csv"), "-o", str(out)])
    assert answer.exit_code == 0, answer.output
    with out.open(newline="", encoding="utf-8") as file:
        found = {row["parameter"]: row for row in csv.DictReader(file)}
    assert float(found["auc_0_28"]["value"]) == pytest.approx(EXPECTED["auc_0_28"], abs=TOLERANCE)
    assert found["lambda_z"]["value"] == ""
    assert "adjusted R2 -0.04142 is below 0.8" in found["lambda_z"]["reason"]
    assert found["lambda_z_n"]["value"] == "4"


@pytest.mark.parametrize("row", rows("stein_2019.csv"))
def test_stein_2019(row: dict[str, str]) -> None:
    """The area to day 28 of the published curve, approached by dense sampling."""
    p = {name: float(text) for name, text in row.items()}
    rho = math.log(p["foldx"]) / p["tmax"]

    def value(day: float) -> float:
        if day < p["tmax"]:
            return p["cmax"] / p["foldx"] * math.exp(rho * day)
        since = day - p["tmax"]
        return p["cmax"] * ((1 - p["fb"]) * math.exp(-p["alpha"] * since) + p["fb"] * math.exp(-p["beta"] * since))

    days = sorted({k / 50 for k in range(1401)} | {p["tmax"]})
    result = compute_nca(Profile(samples=tuple(Sample(day=day, value=value(day)) for day in days), unit="copies/ug"))
    found = result["auc_0_28"]
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(p["auc_0_28"], rel=SOURCES["stein_2019.csv"]["tolerance"])
