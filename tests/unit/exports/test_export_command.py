"""`celltrial export`."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import export
from celltrial.decisions.trial import create_trial
from celltrial.errors import UsageError
from celltrial.study import new_study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from datetime import UTC, datetime

    from small_trial import AUTHOR

    target = new_study(tmp_path / "study")
    create_trial(target, author=AUTHOR, at=datetime(2025, 7, 11, tzinfo=UTC))
    return target


def run(*arguments: str):
    app = typer.Typer()
    app.callback()(lambda: None)
    export.register(app)
    return CliRunner().invoke(app, ["export", *arguments])


def test_export_writes_what_there_is(folder, tmp_path):
    """A record without participants still has its trial design."""
    result = run(str(folder), "sdtm", "-o", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    names = ["evidence", "manifest.json", "ta.json", "te.json", "ts.json", "tv.json"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    assert json.loads((tmp_path / "out" / "ta.json").read_text(encoding="utf-8"))["records"] == 12


@pytest.mark.parametrize(("kind", "form"), [("define", "dataset-json"), ("fhir", "csv"), ("sdtm", "xpt")])
def test_what_comes_later_says_so(folder, tmp_path, kind, form):
    """Wrong use, exit code 2, nothing written."""
    result = run(str(folder), kind, "-o", str(tmp_path / "out"), "--format", form)
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    assert "later release" in str(result.exception)
    assert not (tmp_path / "out").exists()
