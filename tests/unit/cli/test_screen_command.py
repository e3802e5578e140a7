"""`celltrial screen`: table and explanation for people, JSON for programs, exit code by the verdicts."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import screen
from celltrial.codes import PersonId, SubjectId
from celltrial.decisions.trial import create_trial
from celltrial.errors import CelltrialError
from celltrial.record import Author, Consent, Draft
from celltrial.record.bodies import Screening
from celltrial.study import new_study

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
INVESTIGATOR = Author(person=PersonId("investigator.li"), role="investigator", site="01")
MANAGER = Author(person=PersonId("datamanager.wu"), role="data_manager", site="01")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with two candidates of whom little is known."""
    target = tmp_path_factory.mktemp("studies") / "study"
    new_study(target)
    trial = create_trial(target, author=MANAGER, at=START)
    for n, name in enumerate(("01-001", "01-002"), start=1):
        at = START + timedelta(days=n)
        consent = Consent(signed_at=f"{at:%Y-%m-%d}T08:00", document_version="1.0")
        trial.record.append([Draft(body=consent, subject=SubjectId(name))], author=INVESTIGATOR, at=at)
        visit = Screening(screened_on=f"{at:%Y-%m-%d}")
        trial.record.append(
            [Draft(body=visit, subject=SubjectId(name))], author=INVESTIGATOR, at=at + timedelta(hours=1)
        )
    return target


def invoke(*arguments: str) -> tuple[int, str, BaseException | None]:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    screen.register(app)
    outcome = CliRunner().invoke(app, ["screen", *arguments])
    return outcome.exit_code, outcome.stdout, outcome.exception


def test_all_candidates_as_a_table(folder: Path) -> None:
    """One line a candidate, the note about exclusions, the open questions; nobody is eligible: exit code 1."""
    code, text, _ = invoke(str(folder))
    assert code == 1
    assert "inclusion criteria only: the record lists no exclusions" in text
    assert "open questions (questions.yaml): Q04, Q01" in text
    assert "01-002  unknown" in text


def test_all_candidates_as_json(folder: Path) -> None:
    """A list of documents, one a candidate, in the order of the record."""
    code, text, _ = invoke(str(folder), "--json")
    documents = json.loads(text)
    assert (code, [each["subject"] for each in documents]) == (1, ["01-001", "01-002"])
    assert [len(each["criteria"]) for each in documents] == [10, 10]
    assert {each["overall"] for each in documents} == {"unknown"}


def test_one_candidate(folder: Path) -> None:
    """JSON is one document; in words, the verdict comes first."""
    code, text, _ = invoke(str(folder), "01-002", "--json")
    assert (code, json.loads(text)["subject"]) == (1, "01-002")
    code, text, _ = invoke(str(folder), "01-002", "--stage", "lymphodepletion")
    assert code == 1
    assert text.startswith("01-002: UNKNOWN at stage lymphodepletion (ct1192-sle)")


def test_as_of_a_day_means_its_end(folder: Path) -> None:
    """On the day of the first consent only the first candidate is there."""
    _, text, _ = invoke(str(folder), "--json", "--as-of", "2026-03-03")
    assert [each["subject"] for each in json.loads(text)] == ["01-001"]
    code, text, _ = invoke(str(folder), "--json", "--as-of", "2026-03-02")
    assert (code, json.loads(text)) == (1, [])


@pytest.mark.parametrize("arguments", [("01-009",), ("--as-of", "yesterday")])
def test_wrong_use_is_an_error_with_findings(folder: Path, arguments: tuple[str, ...]) -> None:
    """A candidate the record does not know, a time that is none: findings, exit code 2 by the main program."""
    _, _, error = invoke(str(folder), *arguments)
    assert isinstance(error, CelltrialError)
    assert error.exit_code == 2
    assert error.findings[0].found
