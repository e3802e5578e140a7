"""`celltrial validate`: a pack of one test run from the shell, the report checked again, and wrong use."""

import json

import pytest
from typer.testing import CliRunner

from celltrial.cli.main import app
from celltrial.errors import InputError, UsageError
from celltrial.validation import running
from celltrial.validation.pack import Pack, find_pack

URS = """
a group:
  - id: URS-001
    text: One is one.
    source: "house: arithmetic"
    risk: high
    why: else two
    tests: [tests/test_one.py]
"""


@pytest.fixture
def pack(tmp_path, monkeypatch):
    """A pack whose only test asserts what `claim` says."""

    def make(claim: str) -> None:
        for name in ("validation", "tests"):
            (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / "validation" / "urs.yaml").write_text(URS)
        (tmp_path / "validation" / "pytest.ini").write_bytes(find_pack().settings.read_bytes())
        (tmp_path / "tests" / "test_one.py").write_text(f"def test_one():\n    assert {claim}\n")
        made = Pack(root=tmp_path, is_shipped=True)
        monkeypatch.setattr("celltrial.validation.pack.find_pack", lambda: made)

    return make


def run(*words: object):
    return CliRunner().invoke(app, ["validate", *map(str, words)], catch_exceptions=False)


@pytest.mark.parametrize(("claim", "code", "word"), [("1 == 1", 0, "PASSED"), ("1 == 2", 1, "FAILED")])
def test_the_exit_code_and_the_first_word_say_the_result(pack, tmp_path, claim, code, word):
    """And the report can be checked; a changed one is refused."""
    pack(claim)
    out = tmp_path / "out"
    done = run("-o", out, "--workers", 1, "--person", "qa.sun")
    assert (done.exit_code, done.stdout.split()[0]) == (code, word)
    assert "UNSIGNED" in done.stdout
    document = json.loads((out / "validation.json").read_text())
    assert document["run_by"]["person"] == "qa.sun"
    assert [each["status"] for each in document["requirements"]] == [word.lower()]
    assert (out / "junit.xml").is_file()
    assert run("--verify", out).exit_code == 0
    (out / "validation-report.html").write_text("all is well")
    checked = run("--verify", out, "--json")
    assert checked.exit_code == 1
    assert json.loads(checked.stdout)["ok"] is False


def test_wrong_use_is_told(pack, tmp_path, monkeypatch):
    """No place for the report, a key that is none, a folder without a report, tests that cannot run."""
    pack("True")
    with pytest.raises(UsageError, match="where to write"):
        run()
    with pytest.raises(InputError, match="cannot be used"):
        run("-o", tmp_path / "out", "--key", tmp_path / "none.pem")
    with pytest.raises(InputError, match="no report here"):
        run("--verify", tmp_path)
    monkeypatch.setattr(running, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"celltrial\[validation\]"):
        run("-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()
