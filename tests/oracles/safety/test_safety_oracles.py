"""Figures from outside the project: each CSV here, with its source in SOURCE.toml, through the commands."""

import csv
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import grading as grade_commands

HERE = Path(__file__).parent
SOURCES = tomllib.loads((HERE / "SOURCE.toml").read_text(encoding="utf-8"))


def test_every_file_has_its_source() -> None:
    """No figure without a citation, and no citation without its figures."""
    assert {path.name for path in HERE.glob("*.csv")} == set(SOURCES)
    assert all({"citation", "how_obtained", "version", "tolerance"} <= set(source) for source in SOURCES.values())


@pytest.mark.parametrize(
    ("name", "command"),
    [("crs.csv", ["crs"]), ("icans.csv", ["icans"]), ("ctcae_5.csv", ["ctcae", "--version", "5.0"])],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_published_tables(name: str, command: list[str], tmp_path: Path) -> None:
    """Every row gets the grade of the published table; the rows keep their order."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    given, out = tmp_path / "in.csv", tmp_path / "out.csv"
    columns = [column for column in rows[0] if column != "grade"]
    with given.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    app = typer.Typer()
    grade_commands.register(app)
    answer = CliRunner().invoke(app, ["grade", *command, str(given), "-o", str(out)])
    assert answer.exit_code == 0, answer.output
    with out.open(newline="", encoding="utf-8") as file:
        graded = list(csv.DictReader(file))
    assert [row["grade"] for row in graded] == [row["grade"] for row in rows]
