"""`celltrial key`, `checkpoint`, `evidence`, `export`: from the first key to what an inspector holds in hand."""

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

import celltrial.cli
from celltrial.cli.main import app
from celltrial.errors import CelltrialError
from celltrial.record.evidence.folder import read_checkpoints
from celltrial.record.verifier import verify_record as alone

AS_DATA_MANAGER = {"CELLTRIAL_PERSON": "datamanager.wu", "CELLTRIAL_ROLE": "data_manager"}


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty record; keys in a folder of their own."""
    monkeypatch.setenv("CELLTRIAL_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("CELLTRIAL_CHECKPOINTS", raising=False)
    for name, value in AS_DATA_MANAGER.items():
        monkeypatch.setenv(name, value)
    run("new", str(tmp_path / "study"), "--from", "ct1192")
    return tmp_path / "study"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def fails(*arguments: str) -> str:
    with pytest.raises(CelltrialError) as caught:
        CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    return str(caught.value)


def bare(script: Path, *arguments: str) -> tuple[int, str]:
    """The verifier under an interpreter without site packages, environment or this program."""
    command = [sys.executable, "-I", "-S", str(script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def fingerprints(study: Path) -> list[str]:
    return [each["fingerprint"] for each in json.loads(run("key", "show", str(study), "--json"))["keys"]]


def test_from_the_first_key_to_the_inspector(study: Path, tmp_path: Path) -> None:
    """A key, a cut that signs itself, a rotation; the first printed fingerprint still vouches for all of it."""
    said = run("key", "create", str(study))
    (printed,) = fingerprints(study)
    assert printed in said
    assert printed in run("cut", str(study))
    run("key", "rotate", str(study))
    document = json.loads(run("checkpoint", str(study), "--json"))
    assert document["key"] == fingerprints(study)[1]
    verified = json.loads(run("verify", str(study), "--json", "--trust", printed))
    assert (verified["ok"], verified["root"], verified["signed_events"]) == (True, document["root"], document["size"])
    assert [verified["events"], verified["notes"]] == [document["size"], []]
    run("evidence", str(study), "-o", str(tmp_path / "evidence"))
    code, text = bare(tmp_path / "evidence" / "verify_record.py", "--key", printed)
    assert code == 0, text
    assert "everything that can be checked holds" in text
    assert bare(tmp_path / "evidence" / "verify_record.py", "--key", "0000" * 8)[0] == 1


def test_evidence_as_a_zip_and_the_proof_of_one_event(study: Path, tmp_path: Path) -> None:
    """Both are checked by the same file; a changed proof does not hold, and what is none cannot be checked."""
    run("key", "create", str(study))
    run("cut", str(study))
    run("evidence", str(study), "-o", str(tmp_path / "record.zip"))
    with zipfile.ZipFile(tmp_path / "record.zip") as archive:
        (tmp_path / "verify_record.py").write_bytes(archive.read("evidence/verify_record.py"))
    script = tmp_path / "verify_record.py"
    assert bare(script, str(tmp_path / "record.zip"))[0] == 0
    proof = tmp_path / "event-1.json"
    run("evidence", str(study), "--event", "1", "-o", str(proof))
    code, text = bare(script, str(proof), "--key", *fingerprints(study))
    assert (code, "event 1 (study_opened) is one of the 3 events" in text) == (0, True), text
    document = json.loads(proof.read_text(encoding="utf-8"))
    document["event"]["opening"] = document["event"]["opening"].replace('"CT1192"', '"CT9999"')
    proof.write_text(json.dumps(document), encoding="utf-8")
    assert bare(script, str(proof))[0] == 1
    proof.write_text("{}", encoding="utf-8")
    assert bare(script, str(proof))[0] == 2
    assert bare(script, str(tmp_path / "nowhere"))[0] == 2
    assert "no checkpoint covers" in fails("evidence", str(study), "--event", "99")


def test_every_export_has_its_evidence_with_the_data_in_its_manifest(study: Path, tmp_path: Path) -> None:
    """A changed data file is found by the verifier that was shipped with it."""
    run("key", "create", str(study))
    run("export", str(study), "sdtm", "-o", str(tmp_path / "out"))
    script = tmp_path / "out" / "evidence" / "verify_record.py"
    assert bare(script)[0] == 0
    (data,) = (tmp_path / "out").glob("ta.json")
    data.write_bytes(data.read_bytes() + b" ")
    code, text = bare(script)
    assert code == 1
    assert "../ta.json: it is not the file that was exported" in text


def test_checkpoints_go_elsewhere_where_the_environment_says_so(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By study, and `verify` finds them there."""
    monkeypatch.setenv("CELLTRIAL_CHECKPOINTS", str(tmp_path / "mount"))
    run("key", "create", str(study))
    kept = len(read_checkpoints(tmp_path / "mount" / "CT1192"))
    assert kept >= 1
    assert not (study / "checkpoints").exists()
    assert json.loads(run("verify", str(study), "--json"))["checkpoints"] == kept
    run("checkpoint", str(study), "--to", str(tmp_path / "stick"))
    there = json.loads(run("verify", str(study), "--json", "--checkpoints", str(tmp_path / "stick")))
    assert (there["checkpoints"], there["ok"]) == (1, True)


def test_a_lost_key_is_retired_and_a_stolen_one_needs_a_reason(study: Path) -> None:
    """Then a new first key; without one there is nothing to sign with."""
    run("key", "create", str(study))
    assert "already" in fails("key", "create", str(study))
    assert "say what happened" in fails("key", "retire", str(study), "--compromised")
    run("key", "retire", str(study), "--compromised", "--why", "the laptop was stolen")
    assert "no key in use" in fails("checkpoint", str(study))
    run("key", "create", str(study))
    assert len(fingerprints(study)) == 2
    assert json.loads(run("verify", str(study), "--json"))["ok"]


def test_without_a_key_verify_says_what_it_cannot_see(study: Path) -> None:
    """No finding, but no silence either."""
    assert "no checkpoints: a cut tail or a rebuilt chain cannot be seen" in run("verify", str(study))


def test_the_verifier_is_one_file_of_the_standard_library() -> None:
    """It imports nothing else, parses as Python 3.9, and never names this program's package."""
    path = Path(alone.__file__)
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))


def test_no_command_opens_a_trial_past_the_automatic_checkpoints() -> None:
    """Every command opens it by `cli.trials`, so that no append goes unsigned where there is a key."""
    folder = Path(celltrial.cli.__path__[0])
    for path in folder.rglob("*.py"):
        if path.name == "trials.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("celltrial.decisions"):
                assert "open_trial" not in {each.name for each in node.names}, path


def test_keys_lie_outside_the_study_folder(study: Path, tmp_path: Path) -> None:
    """Nothing of the private key is in what is copied as the study."""
    run("key", "create", str(study))
    assert [path.suffix for path in (tmp_path / "keys").iterdir()] == [".pem"]
    assert not any(b"PRIVATE KEY" in path.read_bytes() for path in study.rglob("*") if path.is_file())
