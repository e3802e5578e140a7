"""`celltrial kinetics fit`: files in, files out, and findings where the data cannot carry a model."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import kinetics as commands
from celltrial.errors import InputError, UsageError
from celltrial.kinetics.population import saem
from unit.kinetics.population.support import QUICK, group

HEADER = ("subject", "analyte", "day", "value", "unit", "lloq", "blq", "lot")


@pytest.fixture
def app() -> typer.Typer:
    """The kinetics commands alone."""
    app = typer.Typer()
    commands.register(app)
    return app


@pytest.fixture(autouse=True)
def few_iterations(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's default is accurate; here a few iterations do."""
    short = replace(QUICK, burn_in=25, annealed=15, smoothing=15, importance_draws=300)
    monkeypatch.setattr("celltrial.kinetics.population.fit.SaemSettings", lambda: short)
    assert saem.SaemSettings().burn_in == 300


def write_samples(path: Path, *, n: int = 6, analyte: str = "transgene", lot: str = "AB") -> Path:
    """A simulated group as a file."""
    data = group(n=n)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row, subject in enumerate(data.subjects):
            for day, value, is_blq in zip(data.day[row], data.log_value[row], data.is_blq[row], strict=True):
                number = "" if is_blq else f"{np.exp(value):.2f}"
                writer.writerow(
                    [subject, analyte, day, number, "copies/ug", 50, str(bool(is_blq)).lower(), lot[row % len(lot)]]
                )
    return path


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a written table."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def run(app: typer.Typer, *arguments: str | Path) -> tuple[int, str]:
    """The exit code and the standard output; an error of ours is raised."""
    result = CliRunner().invoke(app, ["kinetics", "fit", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_a_fit_leaves_tables_diagnostics_and_figures(app: typer.Typer, tmp_path: Path) -> None:
    """Every file is there, the tables agree with the JSON, a lot is a covariate of its own."""
    file, out = write_samples(tmp_path / "samples.csv"), tmp_path / "out"
    code, printed = run(app, file, "--model", "stein2019", "--effect", "cmax~lot", "-o", out, "--json")
    found = json.loads(printed)
    assert code == (0 if found["converged"] else 1)
    assert {path.name for path in out.iterdir()} == {
        "parameters.csv", "individuals.csv", "vpc.csv", "diagnostics.json",
        *(f"{name}.{kind}" for name in ("individuals", "vpc", "prior_posterior") for kind in ("svg", "png")),
    }  # fmt: skip
    assert json.loads((out / "diagnostics.json").read_text(encoding="utf-8")) == found
    rows = read_rows(out / "parameters.csv")
    assert [row["parameter"] for row in rows] == [each["parameter"] for each in found["parameters"]]
    assert "cmax~lot=B" in {row["parameter"] for row in rows}
    assert len(read_rows(out / "individuals.csv")) == 6 * 6
    assert (out / "vpc.png").read_bytes().startswith(b"\x89PNG")
    assert "copies/ug" in (out / "individuals.svg").read_text(encoding="utf-8")


def test_equal_seeds_print_the_same(app: typer.Typer, tmp_path: Path) -> None:
    """The table for people, twice the same; another seed, another Monte Carlo error."""
    file = write_samples(tmp_path / "samples.csv", n=4)
    first, second = (run(app, file, "--model", "stein2019", "-o", tmp_path / "out", "--seed", "3") for _ in range(2))
    assert first == second
    assert "foldx spread" in first[1]
    assert "share within the simulated 90 % interval" in " ".join(first[1].split())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--model", "stein"), "no such kinetic model"),
        (("--model", "stein2019", "--method", "foce"), "no such method"),
        (("--model", "stein2019", "--blq", "zero"), "no such treatment of BLQ"),
        (("--model", "stein2019", "--method", "bayes", "--blq", "m1"), "no such treatment of BLQ"),
        (("--model", "stein2019", "--effect", "cmax"), "an effect that cannot be read"),
        (("--model", "stein2019", "--effect", "cmax~weight"), "columns are missing"),
        (("--model", "stein2019", "--analyte", "flow"), "no such analyte"),
    ],
)
def test_wrong_use_is_named(app: typer.Typer, tmp_path: Path, arguments: tuple[str, ...], expected: str) -> None:
    """Before anything is fitted."""
    file = write_samples(tmp_path / "samples.csv", n=4)
    with pytest.raises(UsageError, match=expected):
        run(app, file, *arguments, "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_participants_are_too_few(app: typer.Typer, tmp_path: Path) -> None:
    """The finding leads to what can be done with two."""
    file = write_samples(tmp_path / "samples.csv", n=2)
    with pytest.raises(UsageError, match="too few participants") as raised:
        run(app, file, "--model", "stein2019", "-o", tmp_path / "out")
    assert raised.value.findings[0].next_step == "describe them with `celltrial kinetics nca`"


def test_a_covariate_that_changes_within_a_participant_is_refused(app: typer.Typer, tmp_path: Path) -> None:
    """With the line of the file."""
    file = write_samples(tmp_path / "samples.csv", n=4)
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace(",A", ",B")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"samples.csv:3: lot changes within a participant"):
        run(app, file, "--model", "stein2019", "--effect", "cmax~lot", "-o", tmp_path / "out")
