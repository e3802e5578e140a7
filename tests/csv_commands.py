"""Commands on CSV files, as tests run them: a real file in, a real file out, a known error raised."""

import csv
from pathlib import Path

import typer
from typer.testing import CliRunner

from celltrial.cli import grading, kinetics, scoring
from celltrial.errors import CelltrialError

_APP = typer.Typer(pretty_exceptions_enable=False)
for _topic in (grading, kinetics, scoring):
    _topic.register(_APP)


def run(*arguments: object) -> str:
    """Run a command and give back what it printed; a known error is raised."""
    result = CliRunner().invoke(_APP, [str(each) for each in arguments])
    if isinstance(result.exception, CelltrialError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def write(path: Path, *lines: str) -> Path:
    """A file of these lines."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a file by column."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
