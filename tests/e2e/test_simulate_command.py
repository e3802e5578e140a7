"""`celltrial simulate` on a folder made by `celltrial new`: only where nothing has been recorded."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from celltrial.cli.main import app
from celltrial.decisions import open_trial
from celltrial.errors import InputError, UsageError
from celltrial.record.bodies import StudyOpened


def test_a_new_folder_becomes_a_simulated_trial_once(tmp_path: Path) -> None:
    """The simulated record says so; a second run, or an unknown scenario, changes nothing."""
    folder = tmp_path / "study"
    assert CliRunner().invoke(app, ["new", str(folder), "--from", "ct1192"]).exit_code == 0
    with pytest.raises(UsageError, match="scenario"):
        CliRunner().invoke(app, ["simulate", str(folder), "--seed", "5", "--scenario", "x"], catch_exceptions=False)
    assert open_trial(folder).record.length == 1
    result = CliRunner().invoke(app, ["simulate", str(folder), "--seed", "5"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    trial = open_trial(folder)
    assert [entry.body.simulated for entry in trial.record.state().entries(StudyOpened)] == ["yes"]
    head = trial.record.head
    with pytest.raises(InputError, match="never overwritten"):
        CliRunner().invoke(app, ["simulate", str(folder), "--seed", "6"], catch_exceptions=False)
    assert open_trial(folder).record.head == head
