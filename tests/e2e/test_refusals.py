"""A user's mistake, from the command line: a clear message, the right exit code, no traceback, nothing written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from celltrial.decisions import create_trial, open_trial
from celltrial.errors import InputError
from celltrial.study import new_study
from trial_builder import COORDINATOR, START

ENTRY = [sys.executable, "-c", "from celltrial.cli.main import run; run()"]


def celltrial(*words: object) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "200", "CELLTRIAL_PERSON": "coordinator.chen"}
    return subprocess.run([*ENTRY, *map(str, words)], capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study folder with a record that holds one consented candidate."""
    folder = new_study(tmp_path_factory.mktemp("refusals") / "study")
    create_trial(folder, author=COORDINATOR, at=START).record.close()
    events = folder.parent / "consent.json"
    events.write_text(
        json.dumps([{"type": "consent", "subject": "01-001", "signed_at": "2025-08-01", "document_version": "1"}])
    )
    assert celltrial("import", folder, events).returncode == 0
    return folder


LABS = "subject,analyte,value,unit,collected\n"
INFUSION = {
    "type": "infusion",
    "subject": "01-001",
    "infused_at": "2025-09-01T10:00",
    "level": "DL1",
    "planned_cells": "3.0e8",
    "actual_cells": "3.0e8",
    "lot": "L",
    "donor": "D",
}


@pytest.mark.parametrize(
    ("name", "text", "code", "says"),
    [
        ("labs.csv", LABS + "01-001,hemoglobine,96,g/L,2025-08-02\n", 1, "not a valid analyte"),
        ("labs.csv", LABS + "01-001,platelets,150,g/L,2025-08-02\n", 1, "a unit that cannot be converted"),
        ("labs.csv", LABS + "01-001,platelets,150,109/L,2025-08-02\n", 1, "not a valid unit"),
        ("labs.csv", LABS + "01-001,platelets,150,10*9/L,02/08/2025\n", 1, "not a valid date"),
        ("labs.csv", LABS + "01-001,platelets,150,10*9/L,2025-08-02\n01-001,alt,2", 2, "cut off or garbled"),
        ("labs.csv", LABS + "01-009,alt,20,U/L,2025-08-02\n", 1, "cannot be recorded before consent"),
        ("unheard_of.csv", LABS + "01-001,alt,20,U/L,2025-08-02\n", 1, "unheard_of"),
        ("e.json", json.dumps([INFUSION]), 1, "eligibility is not signed for stage infusion"),
        ("e.json", json.dumps([INFUSION])[:-20], 2, "JSON"),
        (
            "e.json",
            json.dumps([{"type": "screening", "subject": "01-001", "screened_on": "2025-07-31"}]),
            1,
            "the screening visit lies before the consent",
        ),
        (
            "e.json",
            json.dumps([{"type": "consent", "subject": "01-001", "signed_at": "2025-08-01", "document_version": "1"}]),
            1,
            "has a consent already",
        ),
    ],
)
def test_what_cannot_be_imported_says_why_and_writes_nothing(
    study: Path, tmp_path: Path, name: str, text: str, code: int, says: str
) -> None:
    """Unknown analyte, unit, date, cut-off file, gate, duplicate: named, and the record is as it was."""
    before = open_trial(study).record.head
    (tmp_path / name).write_text(text, encoding="utf-8")
    result = celltrial("import", study, tmp_path / name)
    assert (result.returncode, says in result.stderr) == (code, True), result.stderr
    assert "Traceback" not in result.stderr
    assert open_trial(study).record.head == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["screen", "nowhere"], "no such study folder"),
        (["screen", "STUDY", "01-999"], "no such candidate"),
        (["dose", "table", "--design", "4+4", "--target", "0.3", "--max-n", "6"], "4+4"),
        (["grade", "ctcae", "nowhere.csv", "-o", "out.csv"], "nowhere.csv"),
        (["export", "STUDY", "odm", "-o", "out"], "odm"),
        (["report", "STUDY", "--kind", "csr", "-o", "out"], "csr"),
    ],
)
def test_wrong_use_exits_with_2(study: Path, tmp_path: Path, words: list[str], says: str) -> None:
    """No traceback; the message names what was wrong."""
    result = celltrial(*[study if word == "STUDY" else word for word in words])
    assert (result.returncode, says in result.stderr) == (2, True), result.stderr
    assert "Traceback" not in result.stderr


def test_a_broken_study_file_is_found_with_file_and_line(study: Path, tmp_path: Path) -> None:
    """Check lists it and exits with 1; every other command refuses to go on and exits with 2."""
    folder = new_study(tmp_path / "study")
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  target: 0.30", "  targt: 0.30"), encoding="utf-8")
    line = text[: text.index("  target: 0.30")].count("\n") + 1
    found = json.loads(celltrial("check", folder, "--json").stdout)["findings"]
    assert ("study.yaml", line) in [(each["file"], each["line"]) for each in found]
    assert celltrial("check", folder).returncode == 1
    result = celltrial("dose", "next", folder)
    assert (result.returncode, f"study.yaml:{line}" in result.stderr) == (2, True), result.stderr


def test_a_record_is_never_overwritten_and_never_made_by_reading(study: Path, tmp_path: Path) -> None:
    """A second start is refused; a folder without a record is not given one by looking at it."""
    with pytest.raises(InputError, match="never overwritten"):
        create_trial(study, author=COORDINATOR, at=START)
    folder = new_study(tmp_path / "study")
    with pytest.raises(InputError, match="no record yet"):
        open_trial(folder)
    assert not (folder / "record.db").exists()
