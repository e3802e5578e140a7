"""`celltrial dose next`: the proposal for a study's record, as a table, as JSON, and its exit code."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import celltrial.decisions.next_dose
from celltrial.cli.dose import register
from celltrial.codes import PersonId, SubjectId
from celltrial.decisions.next_dose import DoseProposal
from celltrial.decisions.trial import create_trial
from celltrial.errors import Finding
from celltrial.record import Author
from celltrial.study import new_study

OPENED = datetime(2025, 7, 11, 1, tzinfo=UTC)

BLOCKED = DoseProposal(
    design="boin",
    action="stay",
    level="DL2",
    reasons=("2/6: 0.333 > lambda_e 0.236 and < lambda_d 0.359",),
    evaluable={"DL1": 3, "DL2": 6, "DL3": 0},
    dlts={"DL1": 0, "DL2": 2, "DL3": 0},
    not_evaluable=(),
    incomplete=(SubjectId("01-007"),),
    table_cell="2/6 at DL2: stay",
    blocked=(Finding(message="the DLT window of 01-007 is open", next_step="wait until 2026-03-14"),),
    source_events=(),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study folder whose record has been opened and holds nobody."""
    study = new_study(tmp_path / "study", "ct1192")
    sponsor = Author(person=PersonId("sponsor.rep"), role="sponsor", site="01")
    create_trial(study, author=sponsor, at=OPENED)
    return study


def run(*words: str) -> tuple[int, str]:
    """Exit code and standard output of `celltrial dose next ...`."""
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["dose", "next", *words], catch_exceptions=False)
    return result.exit_code, result.stdout


def test_a_trial_starts_at_its_starting_level(folder: Path) -> None:
    """Nobody dosed: start at DL1, nothing in the way."""
    code, text = run(str(folder), "--json")
    document = json.loads(text)
    assert (code, document["action"], document["level"], document["blocked"]) == (0, "start", "DL1", [])
    code, text = run(str(folder), "--as-of", "2025-07-11")
    assert code == 0
    assert "The design proposes: start at DL1. A person decides." in text


def test_what_blocks_a_decision_is_said_and_exits_with_1(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reasons, counts per level, open windows and findings, for people and as JSON."""
    monkeypatch.setattr(celltrial.decisions.next_dose, "propose_next_dose", lambda study, state, *, as_of: BLOCKED)
    code, text = run(str(folder))
    assert code == 1
    for part in (
        "The design proposes: stay at DL2.",
        "- 2/6: 0.333 > lambda_e 0.236 and < lambda_d 0.359",
        "DLT window or assessment open: 01-007",
        "Not to be decided yet:",
        "the DLT window of 01-007 is open",
        "wait until 2026-03-14",
    ):
        assert part in text
    row = next(line.split() for line in text.splitlines() if line.split()[:1] == ["DL2"])
    assert row == ["DL2", "2", "6"]
    code, text = run(str(folder), "--json")
    assert (code, json.loads(text)["blocked"][0]["next_step"]) == (1, "wait until 2026-03-14")
