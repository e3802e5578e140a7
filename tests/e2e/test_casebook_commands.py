"""`celltrial history`, `trail` and `casebook` on a record in a study folder."""

import json

import pytest
from typer.testing import CliRunner

from celltrial.cli.main import app
from celltrial.codes import SubjectId
from celltrial.decisions.trial import create_trial
from celltrial.errors import UsageError
from celltrial.record import Consent, Correction, Draft
from celltrial.record.trail_table import read_trail_csv
from celltrial.study import new_study
from trial_builder import COORDINATOR, START

WHO = SubjectId("01-901")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study folder with one participant's consent, once corrected."""
    folder = new_study(tmp_path_factory.mktemp("casebook") / "study")
    record = create_trial(folder, author=COORDINATOR, at=START).record
    consent = Draft(body=Consent(signed_at="2025-07-10T10:20", document_version="1.0"), subject=WHO)
    (event,) = record.append([consent], author=COORDINATOR, at=START)
    change = Correction(target=event.seq, replace={"document_version": "2.0 第二版"})
    record.append([Draft(body=change, subject=WHO, why="version misread")], author=COORDINATOR, at=START)
    record.close()
    return folder


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_history_prints_every_value_and_one_document(study):
    """For people: both values, who and why, nothing cut off at the edge; as JSON: the same."""
    told = run("history", study, WHO, "consent/document_version").output
    assert "was  1.0" in told
    assert "is   2.0 第二版" in told
    assert "why: version misread" in told
    document = json.loads(run("history", study, WHO, "consent/document_version", "--json").output)
    assert [value["value"] for value in document["data"][0]["values"]] == ["1.0", "2.0 第二版"]
    assert document["data"][0]["standing"] == "2.0 第二版"


def test_history_of_nothing_is_wrong_use(study):
    """A name that leads nowhere is an error, not an empty table."""
    assert isinstance(run("history", study, WHO, "labs/SCR/1").exception, UsageError)


def test_trail_is_counted_and_written_in_each_format(study, tmp_path):
    """CSV, JSON and HTML hold the same lines; events and lines are told."""
    files = {ending: tmp_path / f"trail.{ending}" for ending in ("csv", "json", "html")}
    outputs = {ending: run("trail", study, WHO, "-o", path) for ending, path in files.items()}
    assert all(each.exit_code == 0 for each in outputs.values()), outputs
    rows = read_trail_csv(files["csv"].read_bytes())
    document = json.loads(files["json"].read_text(encoding="utf-8"))
    assert document["trail"] == rows
    assert (document["events"], document["lines"]) == (2, len(rows))
    assert f"2 events, {len(rows)} lines" in outputs["csv"].stderr.replace("\n", "")
    assert "2.0 第二版" in files["html"].read_text(encoding="utf-8")


def test_trail_may_be_logged_with_its_counts(study, tmp_path):
    """The export is an event of its own: file, hash, lines, read back."""
    path = tmp_path / "trail.csv"
    assert run("trail", study, WHO, "-o", path, "--log", "--person", "manager.wu").exit_code == 0
    document = json.loads(run("history", study, "STUDY", "transfer", "--json").output)
    fields = {each["path"]: each["standing"] for each in document["data"]}
    assert fields["records"] == fields["counted"] == str(len(read_trail_csv(path.read_bytes())))
    assert fields["what"] == "trail.csv"


def test_casebook_writes_a_page_that_stands_alone(study, tmp_path):
    """One file with the participant, both values, and what verification said."""
    result = run("casebook", study, WHO, "-o", tmp_path, "--format", "html")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "casebook-01-901.html").read_text(encoding="utf-8")
    assert "2.0 第二版" in page
    assert "first “1.0”" in page
    assert "whole: " in page
    assert "<script" not in page
    assert "src=" not in page


def test_casebook_asks_whose(study, tmp_path):
    """Nobody, or everybody and somebody: wrong use; so is a format it does not know."""
    assert isinstance(run("casebook", study, "-o", tmp_path).exception, UsageError)
    assert isinstance(run("casebook", study, WHO, "--all", "-o", tmp_path).exception, UsageError)
    assert isinstance(run("casebook", study, WHO, "-o", tmp_path, "--format", "docx").exception, UsageError)
    assert isinstance(run("casebook", study, "01-999", "-o", tmp_path).exception, UsageError)


def test_the_blank_casebook_needs_no_record(tmp_path):
    """Paper is for when the record cannot be reached."""
    folder = new_study(tmp_path / "study")
    (folder / "record.db").unlink(missing_ok=True)
    result = run("casebook", folder, "--blank", "-o", tmp_path / "paper", "--format", "html")
    assert result.exit_code == 0, result.output
    assert "[birth_date]" in (tmp_path / "paper" / "casebook-blank.html").read_text(encoding="utf-8")
