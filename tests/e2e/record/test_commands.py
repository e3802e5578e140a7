"""The commands of the record on the reference study: import, verify, cut, and the example that is shipped."""

import csv
import json
import re
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import main, redact
from celltrial.cli import record as commands
from celltrial.codes import PersonId
from celltrial.decisions.trial import create_trial, open_trial
from celltrial.errors import CelltrialError
from celltrial.record import Author, DataCut
from celltrial.study import new_study

EXAMPLE = Path(__file__).parents[3] / "examples" / "one-candidate"
WU = Author(person=PersonId("datamanager.wu"), role="data_manager", site="01")

app = typer.Typer(pretty_exceptions_enable=False)
commands.register(app)
redact.register(app)


def run(*words):
    """A command's exit code, stdout, and the findings it ended with, as `cli.main` would."""
    result = CliRunner().invoke(app, [str(word) for word in words], env={"CELLTRIAL_PERSON": "coordinator.chen"})
    if isinstance(result.exception, CelltrialError):
        return result.exception.exit_code, result.stdout, result.exception.findings
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, ()


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """A study folder of CT1192 with a record of one event."""
    folder = new_study(tmp_path_factory.mktemp("shipped") / "study", "ct1192")
    # an hour ago: a second that is not over yet cannot be frozen
    create_trial(folder, author=WU, at=datetime.now(UTC) - timedelta(hours=1))
    return folder


@pytest.fixture
def study(shipped, tmp_path):
    """A copy of it."""
    folder = tmp_path / "study"
    folder.mkdir()
    for path in shipped.iterdir():
        if path.suffix in (".yaml", ".txt"):
            folder.joinpath(path.name).write_bytes(path.read_bytes())
    source, target = sqlite3.connect(shipped / "record.db"), sqlite3.connect(folder / "record.db")
    source.backup(target)
    source.close()
    target.close()
    return folder


def files_of_the_readme():
    """The files in the order in which the example's README imports them."""
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    return re.findall(r"import my-trial examples/one-candidate/(\S+)", text)


def test_the_example_is_whole(study):
    """Every file of the folder is in the README, imports as it is, and the record verifies; rows in = events out."""
    names = files_of_the_readme()
    assert sorted(names) == sorted(path.name for path in EXAMPLE.iterdir() if path.suffix in (".csv", ".json"))
    rows = 0
    for name in names:
        text = (EXAMPLE / name).read_text(encoding="utf-8")
        rows += len(json.loads(text)) if name.endswith(".json") else len(list(csv.DictReader(text.splitlines())))
        code, out, findings = run("import", study, EXAMPLE / name)
        assert (code, findings) == (0, ()), findings
        assert re.match(rf"{re.escape(name)}: (\d+) rows read, \1 events written", out)
    trial = open_trial(study)
    assert trial.record.length == rows + 1
    assert {event.author.person for event in trial.record.events()[1:]} == {"coordinator.chen"}
    code, out, _ = run("verify", study)
    assert (code, out.startswith(f"the record is whole: {rows + 1} events")) == (0, True)


def test_import_json_output(study, monkeypatch, capsys):
    """One JSON document: counts on success, findings with file and line on refusal."""
    code, out, _ = run("import", study, EXAMPLE / "events.json", "--json")
    document = json.loads(out)
    assert (code, document["rows_read"], document["events_written"], document["findings"]) == (0, 2, 2, [])
    assert document["head"] == open_trial(study).record.head
    length = open_trial(study).record.length
    monkeypatch.setattr(sys, "argv", ["celltrial", "import", str(study), str(EXAMPLE / "events.json"), "--json"])
    with pytest.raises(SystemExit) as ended:
        main.run()
    document = json.loads(capsys.readouterr().out)
    assert (ended.value.code, document["ok"], open_trial(study).record.length) == (1, False, length)
    assert (document["findings"][0]["file"], document["findings"][0]["line"]) == ("events.json", 2)


def test_nothing_before_consent(study):
    """The gates judge imported rows: labs of someone without consent are refused, line by line."""
    code, _, findings = run("import", study, EXAMPLE / "labs.csv")
    assert code == 1
    assert [str(finding.source) for finding in findings] == [f"labs.csv:{line}" for line in range(2, 27)]
    assert open_trial(study).record.length == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.93])
def test_a_half_written_file_writes_nothing(study, tmp_path, share):
    """Cut off in the middle: exit code 2, and the record is as it was."""
    run("import", study, EXAMPLE / "events.json")
    for name in ("labs.csv", "events.json"):
        content = (EXAMPLE / name).read_bytes()
        cut_off = tmp_path / name
        cut_off.write_bytes(content[: int(len(content) * share)])
        code, _, findings = run("import", study, cut_off)
        assert (code, bool(findings)) == (2, True)
    assert open_trial(study).record.length == 3


def test_wrong_use_has_a_next_step(study, tmp_path):
    """A file that is not there, a folder without a record, a person's id that is none."""
    assert run("import", study, tmp_path / "absent.csv")[0] == 2
    assert run("verify", tmp_path)[0] == 2
    assert run("import", study, EXAMPLE / "events.json", "--person", "No One")[0] == 2
    assert run("import", study, EXAMPLE / "events.json", "--role", "king")[0] == 1


def test_verify_names_the_event(study):
    """Exit code 1, the event in the finding, the same in JSON."""
    run("import", study, EXAMPLE / "events.json")
    said = json.loads(run("verify", study, "--json")[1])
    contract = {"ok": True, "events": 3, "head": open_trial(study).record.head, "findings": []}
    # what the checkpoints say comes beside it: tests/e2e/record/test_evidence_commands.py
    assert {name: said[name] for name in contract} == contract
    database = sqlite3.connect(study / "record.db")
    database.execute("DROP TRIGGER event_is_never_changed")
    database.execute("DROP TRIGGER opening_only_loses")
    (lines,) = database.execute("SELECT lines FROM opening WHERE seq = 3").fetchone()
    changed = lines.replace(b"2025-09-15", b"2025-09-16")
    assert changed != lines
    database.execute("UPDATE opening SET lines = ? WHERE seq = 3", (changed,))
    database.commit()
    database.close()
    code, out, _ = run("verify", study)
    assert (code, "NOT whole" in out) == (1, True)
    code, out, _ = run("verify", study, "--json")
    document = json.loads(out)
    assert (code, document["ok"], document["events"]) == (1, False, 3)
    assert document["findings"][0]["where"].startswith("event 3 (screening, 01-901, 20")


def test_a_cut_freezes_the_record(study):
    """The cut names length and head of what it froze, is an event itself, and leaves room for a signature."""
    run("import", study, EXAMPLE / "events.json")
    head = open_trial(study).record.head
    code, out, _ = run("cut", study, "--json", "--purpose", "first look")
    document = json.loads(out)
    assert (code, document["cut"], document["events"], document["head"]) == (0, "CUT-001", 3, head)
    assert document["counts"] == {"consent": 1, "screening": 1, "study_opened": 1, "entered in error": 0}
    assert document["signature"]["covers"] == [document["event"]] == [4]
    code, out, _ = run("cut", study)
    assert (code, out.startswith("CUT-002: 4 events")) == (0, True)
    assert "Signature of event 5" in out
    cuts = open_trial(study).record.state().entries(DataCut)
    assert [(entry.body.events, entry.body.purpose) for entry in cuts] == [("3", "first look"), ("4", "data review")]


def test_a_cut_of_the_past_and_of_the_future(study):
    """As of a time before the first event there is nothing; tomorrow is not recorded yet."""
    for moment in ("2001-01-01", "2999-01-01", "yesterday"):
        code, _, findings = run("cut", study, "--as-of", moment)
        assert (code, bool(findings)) == (2, True)
    recorded = open_trial(study).record.state().as_of
    code, out, _ = run("cut", study, "--as-of", recorded.strftime("%Y-%m-%dT%H:%M:%S+00:00"))
    assert (code, out.startswith("CUT-001: 1 events")) == (0, True)


def test_two_people_redact_a_text(study):
    """Ask, approve; one alone is refused; the text is out of the record, and the record is whole."""
    run("import", study, EXAMPLE / "events.json")
    ask = ("redact", "ask", study, "3", "--field", "@why", "--why", "a name in the reason", "--person", "wu")
    code, out, _ = run(*ask, "--json")
    asked = json.loads(out)["redaction"]
    assert (code, json.loads(out)["fields"]) == (0, ["@why"])
    assert run("redact", "approve", study, str(asked), "--person", "wu")[0] == 1
    code, out, _ = run("redact", "approve", study, str(asked), "--person", "li", "--json")
    assert (code, json.loads(out)["redaction"]) == (0, asked)
    assert open_trial(study).record.state().entry(3).event.why == "[redacted]"
    assert run("verify", study)[0] == 0


def test_the_projection_is_written_anew(study):
    """A changed projection is a finding with its mend, and the mend works."""
    run("import", study, EXAMPLE / "events.json")
    database = sqlite3.connect(study / "record.db")
    database.execute("DELETE FROM standing WHERE entry = 2")
    database.commit()
    database.close()
    code, out, _ = run("verify", study, "--json")
    assert code == 1
    assert "--rebuild" in json.loads(out)["findings"][0]["next_step"]
    assert run("verify", study, "--rebuild")[0] == 0
    assert run("verify", study)[0] == 0
