"""`access`, `life`, `sign` and `signatures` on a simulated trial whose delegation log is enforced."""

import getpass
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from celltrial.decisions import create_trial, open_trial
from celltrial.decisions.access import has_delegation_log
from celltrial.simulate import simulate_trial
from celltrial.study import new_study
from trial_builder import COORDINATOR, START

ENTRY = [sys.executable, "-c", "from celltrial.cli.main import run; run()"]


def celltrial(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = os.environ | {"COLUMNS": "200"} | environment
    return subprocess.run(
        [*ENTRY, *map(str, words)], capture_output=True, text=True, check=False, env=variables, stdin=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some weeks of a simulated trial."""
    folder = new_study(tmp_path_factory.mktemp("access") / "study")
    simulate_trial(folder, seed=1192, until=date(2025, 9, 1)).record.close()
    return folder


def test_access_prints_the_log_and_the_whole_table(study: Path) -> None:
    """Everyone with a role, and every cell with its reason; the review names the last write."""
    document = json.loads(celltrial("access", study, "--json").stdout)
    assert document["delegation_log"] is True
    assert {each["status"] for each in document["people"]} == {"active"}
    assert all(each["reason"] for each in document["permissions"] if not each["allowed"])
    review = json.loads(celltrial("access", "review", study, "--json").stdout)
    writers = {each["person"]: each["last_write"] for each in review["people"]}
    assert writers["coordinator.chen"]
    assert "src_member" in celltrial("access", study).stdout


def test_life_names_state_owner_and_next_step(study: Path) -> None:
    """Each participant; one alone when named; an unknown one is said."""
    people = json.loads(celltrial("life", study, "--json").stdout)["participants"]
    assert people
    assert all(each["next_step"] and (each["is_final"] or each["people"]) for each in people)
    one = json.loads(celltrial("life", study, people[0]["subject"], "--json").stdout)["participants"]
    assert one == people[:1]
    result = celltrial("life", study, "01-999")
    assert (result.returncode, "no such participant" in result.stderr) == (2, True)


def test_an_account_that_is_not_in_the_log_writes_nothing(study: Path) -> None:
    """The demo is enforced: a data cut by the account of this computer is refused, by the data manager it is made."""
    head = open_trial(study).record.head
    result = celltrial("cut", study, "--person", "somebody")
    assert (result.returncode, "no standing grant" in result.stderr) == (1, True), result.stderr
    assert open_trial(study).record.head == head
    assert celltrial("cut", study, "--person", "datamanager.wu").returncode == 0


def test_a_signature_is_made_shown_and_listed(study: Path) -> None:
    """In a simulated record the person is as claimed, and the signature says so."""
    cut = json.loads(celltrial("cut", study, "--person", "datamanager.wu", "--json").stdout)["event"]
    words = ("sign", study, cut, "--meaning", "I have checked this cut", "--role", "statistician")
    refused = celltrial(*words, "--person", "coordinator.chen")
    assert refused.returncode == 1
    signed = json.loads(celltrial(*words, "--person", "statistician.zhao", "--json").stdout)
    assert signed["signature"]["printed_name"] == "Zhao Rui"
    assert signed["signature"]["authenticated_by"].startswith("simulated record")
    lines = json.loads(celltrial("signatures", study, "--json").stdout)["signatures"]
    line = next(each for each in lines if each["event"] == signed["event"])
    assert (line["status"], line["covers"]) == ("standing", f"#{cut} data_cut")
    assert celltrial("signatures", study, "99-999").returncode == 2


def test_in_a_real_record_only_the_own_account_signs(tmp_path: Path) -> None:
    """Another person's name is refused; without a delegation log the roles are as claimed, and `access` says so."""
    folder = new_study(tmp_path / "study")
    create_trial(folder, author=COORDINATOR, at=START).record.close()
    assert not has_delegation_log(open_trial(folder).record.state())
    assert "roles are as claimed" in celltrial("access", folder).stdout
    cut = json.loads(celltrial("cut", folder, "--person", "wu", "--json").stdout)["event"]
    words = ("sign", folder, cut, "--meaning", "checked", "--role", "statistician")
    refused = celltrial(*words, "--person", "somebody.else")
    assert (refused.returncode, "only the own signature" in refused.stderr) == (1, True)
    own = celltrial(*words, "--json")
    assert own.returncode == 0, own.stderr
    assert getpass.getuser().lower() in json.loads(own.stdout)["signature"]["authenticated_by"]
