"""`celltrial dose boundaries|stopping`: the table of a rule, with its prior."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli.dose import register
from celltrial.errors import UsageError
from celltrial.study import shipped_study

RULE = ["--limit", "0.30", "--cutoff", "0.95"]


def run(*words: str) -> str:
    """Standard output of `celltrial dose ...`, which must end well."""
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["dose", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped study."""
    return Path(shutil.copytree(shipped_study("ct1192"), tmp_path / "study"))


def test_boundaries_as_json() -> None:
    """Uniform prior by default; null where no number of events stops; 1 - L^3 at 2 of 2."""
    document = json.loads(run("boundaries", *RULE, "--max-n", "2", "--json"))
    assert (document["limit"], document["cutoff"], document["prior"]) == (0.3, 0.95, [1.0, 1.0])
    first, second = document["rows"]
    assert first == {"n": 1, "events": None, "probability": None, "probability_below": pytest.approx(0.91)}
    assert second == {
        "n": 2,
        "events": 2,
        "probability": pytest.approx(0.973),
        "probability_below": pytest.approx(0.784),
    }


def test_boundaries_as_a_table() -> None:
    """The prior is told; a dash for never."""
    text = run("boundaries", *RULE, "--max-n", "3", "--prior", "1,2")
    assert "prior Beta(1, 2)" in text
    lines = [line.split() for line in text.splitlines()]
    assert ["2", "-", "-", "0.9163"] in lines
    assert ["3", "3", "0.9692", "0.8369"] in lines


@pytest.mark.parametrize("prior", ["1", "1,x", "1,2,3"])
def test_a_prior_that_cannot_be_read(prior: str) -> None:
    """Two numbers with a comma."""
    with pytest.raises(UsageError, match="not a prior"):
        run("boundaries", *RULE, "--max-n", "3", "--prior", prior)


def test_a_prior_that_makes_no_sense() -> None:
    """Both numbers are above 0."""
    with pytest.raises(UsageError, match="above 0"):
        run("boundaries", *RULE, "--max-n", "3", "--prior", "0,1")


def test_the_rules_of_a_study(folder: Path) -> None:
    """A table up to its largest size for the rate; the other rules as text."""
    document = json.loads(run("stopping", str(folder), "--json"))
    first, *others = document["rules"]
    assert (first["id"], first["limit"], first["cutoff"], first["prior"]) == ("ST01", 0.3, 0.95, [1.0, 1.0])
    assert [row["events"] for row in first["rows"][:6]] == [None, 2, 3, 3, 4, 4]
    assert len(first["rows"]) == 12
    assert [rule["id"] for rule in others] == ["ST02", "ST03", "ST04"]
    text = run("stopping", str(folder), "--max-n", "2")
    assert "ST01: Pause when the probability" in text
    assert "ST02: Pause at any death" in text


def test_the_prior_of_the_study_file_is_used(folder: Path) -> None:
    """Beta(1, 2): 2 of 2 does not stop (0.9163), 3 of 3 does."""
    study = folder / "study.yaml"
    text = study.read_text(encoding="utf-8")
    given = "{rate: 0.30, cutoff: 0.95}"
    assert given in text
    study.write_text(text.replace(given, "{rate: 0.30, cutoff: 0.95, prior_a: 1, prior_b: 2}"), encoding="utf-8")
    (first, *_) = json.loads(run("stopping", str(folder), "--max-n", "3", "--json"))["rules"]
    assert first["prior"] == [1.0, 2.0]
    assert [row["events"] for row in first["rows"]] == [None, None, 3]
