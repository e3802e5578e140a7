"""ICAHT, T-ICAHT, CAR-HEMATOTOX and ICE against the published tables, worked by hand."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import scoring
from celltrial.missing import NotGradable
from celltrial.safety.icaht import IcahtResult, WindowGrade, grade_icaht, grade_t_icaht
from icaht_notation import counts_of

HERE = Path(__file__).parent


def cases(name: str, label: str = "case") -> list[object]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return [pytest.param(row, id=row.get(label) or str(place)) for place, row in enumerate(csv.DictReader(file))]


def day(text: str) -> int | None:
    return int(text) if text else None


def shown(window: WindowGrade) -> str:
    """A grade, the range of one that is not known, or blank without any count."""
    if isinstance(window.grade, NotGradable):
        return "" if window.lower_bound is None else f"{window.lower_bound} to {window.upper_bound}"
    return str(window.grade.value)


def check(result: IcahtResult, row: dict[str, str], limits: tuple[int, int]) -> None:
    days = [str(result.early.days[Decimal(limit)]) for limit in limits]
    assert [shown(result.early), *days] == [row["early"], *(row[f"days_{limit}"] for limit in limits)], result.early
    if row["late"]:
        assert shown(result.late) == row["late"], result.late


@pytest.mark.parametrize("row", cases("icaht.csv"))
def test_icaht(row: dict[str, str]) -> None:
    """Days and grades by the consensus table."""
    result = grade_icaht(counts_of(row["counts"]), censor_day=day(row["censor_day"]), death_day=day(row["death_day"]))
    check(result, row, (500, 100))


@pytest.mark.parametrize("row", cases("t_icaht.csv"))
def test_t_icaht(row: dict[str, str]) -> None:
    """Days and grades by table 1 of the paper."""
    result = grade_t_icaht(counts_of(row["counts"]), censor_day=day(row["censor_day"]), death_day=day(row["death_day"]))
    check(result, row, (50, 20))


@pytest.mark.parametrize(
    ("name", "command", "added"),
    [("car_hematotox.csv", "car-hematotox", ("total", "risk", "points")), ("ice.csv", "ice", ("total",))],
)
def test_scores(name: str, command: str, added: tuple[str, ...], tmp_path: Path) -> None:
    """Every row gets the points of the published table, through the command."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    given, out = tmp_path / "in.csv", tmp_path / "out.csv"
    with given.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [c for c in rows[0] if c not in added], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    app = typer.Typer()
    scoring.register(app)
    app.command("other")(lambda: None)
    answer = CliRunner().invoke(app, ["score", command, str(given), "-o", str(out)])
    assert answer.exit_code == 0, answer.output
    with out.open(newline="", encoding="utf-8") as file:
        scored = list(csv.DictReader(file))
    assert [[row[name] for name in added] for row in scored] == [[row[name] for name in added] for row in rows]
