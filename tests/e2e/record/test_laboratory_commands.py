"""The hospital laboratory's example, by the commands: ranges, preview, import, import again, export."""

import csv
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import export, laboratory, log, record
from celltrial.codes import PersonId
from celltrial.decisions.trial import create_trial, open_trial
from celltrial.errors import CelltrialError
from celltrial.record import Author, verify_record
from celltrial.record.bodies import Transfer
from celltrial.study import new_study

EXAMPLES = Path(__file__).parents[3] / "examples"
HOSPITAL, CANDIDATE = EXAMPLES / "hospital-laboratory", EXAMPLES / "one-candidate"
WU = Author(person=PersonId("datamanager.wu"), role="data_manager", site="01")
FILE = (
    HOSPITAL / "results.csv",
    "--profile",
    HOSPITAL / "lab-hospital.yaml",
    "--links",
    HOSPITAL / "links.csv",
)

app = typer.Typer(pretty_exceptions_enable=False)
for topic in (record, laboratory, export, log):
    topic.register(app)


def run(*words, person="coordinator.chen"):
    """Exit code and stdout of a command; its findings' messages where it ends with them."""
    result = CliRunner().invoke(app, [str(word) for word in words], env={"CELLTRIAL_PERSON": person})
    if isinstance(result.exception, CelltrialError):
        return result.exception.exit_code, "; ".join(each.message for each in result.exception.findings)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study folder with the example's candidate: consent, screening, demographics."""
    folder = new_study(tmp_path_factory.mktemp("laboratory") / "study", "ct1192")
    create_trial(folder, author=WU, at=datetime.now(UTC) - timedelta(hours=1))
    for name in ("events.json", "demographics.csv"):
        assert run("import", folder, CANDIDATE / name)[0] == 0
    return folder


def test_the_example_from_ranges_to_export(study, tmp_path):
    """12 rows = 9 new + 3 left out; the second time 9 are there already; export and import are logged and verify."""
    assert run("ranges", "import", study, HOSPITAL / "ranges.csv")[0] == 0
    length = open_trial(study).record.length

    code, out = run("import", study, *FILE, "--preview", "--json")
    shown = json.loads(out)
    assert (code, shown["events_written"], open_trial(study).record.length) == (0, 0, length)
    assert shown["reconciliation"] == {"rows_read": 12, "new": 9, "already_there": 0, "refused": 0, "left_out": 3}
    assert "70.72 umol/L" in [each["canonical"] for each in shown["new"]]  # 0.80 mg/dL x 88.4
    assert shown["unread_columns"] == ["姓名"]
    assert "H0047711" not in out

    code, out = run("import", study, *FILE, "--log")
    assert code == 0
    assert "12 rows read = 9 new + 0 already there + 0 refused + 3 left out" in out
    trial = open_trial(study)
    assert trial.record.length == length + 10
    (moved,) = trial.record.state().entries(Transfer)
    digest = hashlib.sha256((HOSPITAL / "results.csv").read_bytes()).hexdigest()
    assert (moved.body.sha256, moved.body.records, moved.body.counted) == (digest, "9", "9")
    assert all(event.via == f"results.csv sha256:{digest}" for event in trial.record.events()[length : length + 9])

    code, out = run("import", study, *FILE)
    assert (code, "0 new + 9 already there" in out, "nothing was written" in out) == (0, True, True)
    assert open_trial(study).record.length == length + 10

    assert run("export", study, "sdtm", "-o", tmp_path / "out", "--log", "--role", "data_manager")[0] == 0
    moved = open_trial(study).record.state().entries(Transfer)[-1].body
    manifest = tmp_path / "out" / "manifest.json"
    assert (moved.direction, moved.sha256) == ("export", hashlib.sha256(manifest.read_bytes()).hexdigest())
    assert json.loads(manifest.read_text(encoding="utf-8"))["entries"]["form/labs"] == {"in_record": 9, "exported": 9}
    assert verify_record(study / "record.db").ok


def test_a_contradiction_is_refused_with_its_correction(study, tmp_path):
    """All or nothing: one row that contradicts the record keeps the others out; --json gives the correction."""
    assert run("import", study, *FILE)[0] == 0
    length = open_trial(study).record.length
    text = (HOSPITAL / "results.csv").read_bytes().decode("gb18030").replace("肌酐,68", "肌酐,86")
    changed = tmp_path / "results.csv"
    changed.write_bytes((text + "H0047711,张某,2025/9/23,7:40,血红蛋白,99,g/L,115-150\n").encode("gb18030"))
    code, out = run("import", study, changed, *FILE[1:], "--json")
    told = json.loads(out)
    assert (code, told["events_written"], told["reconciliation"]["new"], told["reconciliation"]["refused"]) == (
        1,
        0,
        1,
        1,
    )
    assert told["corrections"][0]["body"]["replace"] == {"items.value": "86"}
    assert open_trial(study).record.length == length

    correction = told["corrections"][0] | {"why": "the laboratory corrected its report"}
    (tmp_path / "correction.json").write_text(json.dumps([correction]), encoding="utf-8")
    assert run("import", study, tmp_path / "correction.json")[0] == 0
    assert run("import", study, changed, *FILE[1:])[0] == 0
    assert open_trial(study).record.length == length + 2


def test_ranges_are_listed_and_logged(study, tmp_path):
    """Two ranges on one day are refused; once the first has an end, both are written, with their transfer."""
    head = "laboratory,analyte,unit,low,high,valid_from,valid_to\n"
    (tmp_path / "two.csv").write_text(
        head + "Second,crp,mg/L,0,8,2024-01-01,\nSecond,crp,mg/L,0,6,2025-01-01,\n", encoding="utf-8"
    )
    assert run("ranges", "import", study, tmp_path / "two.csv") == (1, "two reference ranges hold on the same day")
    (tmp_path / "two.csv").write_text(
        head + "Second,crp,mg/L,0,8,2024-01-01,2024-12-31\nSecond,crp,mg/L,0,6,2025-01-01,\n", encoding="utf-8"
    )
    assert run("ranges", "import", study, tmp_path / "two.csv", "--log")[0] == 0
    moved = open_trial(study).record.state().entries(Transfer)[-1].body
    assert (moved.what, moved.records) == ("two.csv", "2")
    code, out = run("ranges", "list", study, "--json")
    shown = [each["low"] + "-" + each["high"] for each in json.loads(out)["ranges"] if each["laboratory"] == "Second"]
    assert (code, shown, json.loads(out)["findings"]) == (0, ["0-8", "0-6"], [])


def test_a_preview_needs_a_profile(study):
    """Wrong use, exit code 2."""
    assert run("import", study, CANDIDATE / "labs.csv", "--preview") == (
        2,
        "--links and --preview are for a laboratory's file",
    )


def test_the_logs_are_printed(study):
    """The candidate's medication log, in JSON too; the history in a table."""
    for name in ("medications.csv", "medical_history.csv"):
        assert run("import", study, CANDIDATE / name)[0] == 0
    code, out = run("log", "medications", study, "01-901", "--json")
    (person,) = json.loads(out)["participants"]
    with (CANDIDATE / "medications.csv").open(encoding="utf-8", newline="") as file:
        drugs = sorted(row["drug"] for row in csv.DictReader(file))
    assert (code, sorted(each["drug"] for each in person["lines"])) == (0, drugs)
    assert {each["prednisone_mg_per_day"] is None for each in person["lines"]} == {True, False}
    code, out = run("log", "history", study)
    assert (code, "01-901" in out) == (0, True)
