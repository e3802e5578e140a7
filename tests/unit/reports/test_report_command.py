"""`celltrial report`: a report of a study folder's record, or a clear refusal."""

import sqlite3
from contextlib import closing

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import report as report_command
from celltrial.errors import InputError, UsageError
from celltrial.study import new_study


@pytest.fixture
def app():
    made = typer.Typer()
    report_command.register(made)
    made.command("other")(lambda: None)
    return made


@pytest.fixture
def folder(tmp_path, record):
    """A study folder that holds the small record."""
    path = new_study(tmp_path / "study", "ct1192")
    # a copy by the database itself: the file alone may lack what was written last
    with (
        closing(sqlite3.connect(record_path(record))) as source,
        closing(sqlite3.connect(path / "record.db")) as target,
    ):
        source.backup(target)
    return path


def record_path(record):
    return record._store.path


def test_report_is_written(app, folder, tmp_path):
    """Page and figures in the folder asked for; the end says how much was read."""
    result = CliRunner().invoke(app, ["report", str(folder), "-o", str(tmp_path / "out")], catch_exceptions=False)
    assert result.exit_code == 0
    assert "events, head" in result.stdout
    assert (tmp_path / "out" / "report.html").exists()
    assert (tmp_path / "out" / "figures" / "swimmer.svg").exists()


def test_kinds_of_later_versions_are_refused(app, folder, tmp_path):
    """A kind that does not exist yet is named, with what to do."""
    with pytest.raises(UsageError, match="the csr report is not part of this version"):
        CliRunner().invoke(
            app, ["report", str(folder), "--kind", "csr", "-o", str(tmp_path / "out")], catch_exceptions=False
        )
    assert not (tmp_path / "out").exists()


def test_before_the_first_event_there_is_nothing(app, folder, tmp_path):
    """No empty report for a day before the record began."""
    arguments = ["report", str(folder), "--as-of", "2024-01-01", "-o", str(tmp_path / "out")]
    with pytest.raises(InputError, match="nothing was recorded by then"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert not (tmp_path / "out").exists()
