"""`celltrial new`, `check` and `trace`: output, JSON and exit codes."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import study as commands
from celltrial.errors import InputError, RefusedError

app = typer.Typer()
commands.register(app)
run = CliRunner().invoke


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("studies") / "mine"
    result = run(app, ["new", str(target), "--from", "ct1192"])
    assert result.exit_code == 0
    return target


@pytest.fixture
def broken(folder: Path, tmp_path: Path) -> Path:
    for path in folder.iterdir():
        text = path.read_bytes().replace(b"Sex: All", b"Sex: Female") if path.name == "registry-record.txt" else None
        (tmp_path / path.name).write_bytes(text or path.read_bytes())
    return tmp_path


def test_new_leaves_study_files_and_an_empty_record(folder: Path) -> None:
    """The record is there and holds its opening only."""
    from celltrial.decisions.trial import open_trial

    assert open_trial(folder).record.length == 1


def test_new_takes_its_files_back_when_the_record_is_refused(tmp_path: Path) -> None:
    """A role that may not open a record leaves no half-made folder behind."""
    result = run(app, ["new", str(tmp_path / "mine"), "--role", "monitor"])
    assert isinstance(result.exception, RefusedError)
    assert not (tmp_path / "mine").exists()


def test_check_of_a_sound_study(folder: Path) -> None:
    """Exit code 0, and JSON without findings."""
    assert run(app, ["check", str(folder)]).exit_code == 0
    document = json.loads(run(app, ["check", str(folder), "--json"]).stdout)
    assert (document["ok"], document["findings"]) == (True, [])


def test_check_of_a_broken_study_names_both_files(broken: Path) -> None:
    """Exit code 1; the changed line of the record and the binding that quotes it."""
    result = run(app, ["check", str(broken), "--json"])
    places = {(each["file"], each["line"]) for each in json.loads(result.stdout)["findings"]}
    assert result.exit_code == 1
    assert ("registry-record.txt", 14) in places
    assert "trace.yaml" in {file for file, _ in places}
    assert "registry-record.txt:14" in run(app, ["check", str(broken)]).stdout


def test_trace_json_is_the_public_shape(folder: Path) -> None:
    """Sentences with id, text, bound_to and status; the number unbound."""
    result = run(app, ["trace", str(folder), "--json"])
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert document["unbound"] == 0
    assert {frozenset(each) for each in document["sentences"]} == {frozenset({"id", "text", "bound_to", "status"})}
    assert document["sentences"][13]["bound_to"] == ["study:registry.eligibility.maximum_age", "criterion:I02b"]


def test_trace_of_an_unbound_sentence_exits_1(broken: Path) -> None:
    """The table counts it."""
    result = run(app, ["trace", str(broken)])
    assert result.exit_code == 1
    assert "1 unbound" in result.stdout


def test_a_wrong_path_is_wrong_use(tmp_path: Path) -> None:
    """Not a study with every file missing."""
    result = run(app, ["check", str(tmp_path / "nowhere")])
    assert isinstance(result.exception, InputError)
