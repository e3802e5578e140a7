"""`celltrial dose paths|fit|table|next|designs` from the shell: documents, tables, files and findings."""

import csv
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli.dose import register
from celltrial.errors import InputError, UsageError

BOIN = ["--design", "boin", "--target", "0.30"]
PATHS = ["paths", *BOIN, "--doses", "3", "--cohort-size", "3", "--max-n", "9"]


def run(*words: str) -> str:
    """Standard output of `celltrial dose ...`, which must end well."""
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["dose", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_paths_as_json() -> None:
    document = json.loads(run(*PATHS, "--json"))
    assert (document["design"], document["doses"], document["count"]) == ("boin", 3, 40)
    assert document["rules"] == ["eliminate(cutoff=0.95, min_n=3)"]
    assert document["paths"][-1]["outcomes"] == "1TTT"


def test_paths_for_people() -> None:
    text = run(*PATHS, "--all")
    assert "40 pathways of up to 3 cohorts, 52 steps" in text
    row = next(line.split() for line in text.splitlines() if line.split()[:3] == ["1NNN", "2NNT", "2NTT"])
    assert row == ["1NNN", "2NNT", "2NTT", "full:", "MTD", "2"]


def test_a_long_list_is_cut_and_says_so() -> None:
    words = ["paths", *BOIN, "--doses", "4", "--cohort-size", "3", "--max-n", "12"]
    assert "more: --all prints them" in run(*words)
    assert "more: --all prints them" in run(*words, "--reasons")


def test_paths_with_reasons_from_a_trial_in_progress() -> None:
    text = run(*PATHS[:-1], "12", "--outcomes", "1NNN 2NNT", "--reasons", "--cohorts", "1")
    assert "after 6 participants" in text
    assert "lambda_d 0.359" in text


def test_paths_are_written(tmp_path: Path) -> None:
    out = tmp_path / "paths"
    text = run(*PATHS, "-o", str(out))
    assert "pathways.html" in text
    assert {each.name for each in out.iterdir()} == {
        f"pathways.{kind}" for kind in ("csv", "json", "svg", "png", "html")
    }
    with (out / "pathways.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 52
    row = next(row for row in rows if row["outcomes"] == "1NNN 2NNT 2NTT")
    assert row["reasons"] == "3/6: 0.500 > lambda_d 0.359; Pr(p > 0.30) = 0.87 < 0.95, so not eliminated"
    assert (row["seen"], row["ends"], row["selected"]) == ("level 1 0/3, level 2 3/6", "full", "2")
    assert json.loads((out / "pathways.json").read_text(encoding="utf-8"))["count"] == 40


def test_a_folder_that_cannot_be_written_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="the folder cannot be written"):
        run(*PATHS, "-o", str(tmp_path / "taken"))


COUNTS = "level,dose,n,dlt,remark\n1,3.0,3,0,\n2,4.5,6,1,x\n3,6.0,0,0,\n"


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    path = tmp_path / "counts.csv"
    path.write_text(COUNTS, encoding="utf-8")
    return path


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("level,dlt,follow_up\n1,no,\n1,0,28\n1,N,40\n2,yes,9\n2,0,14\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("design", ["crm", "blrm", "boin", "i3+3", "3+3", "keyboard", "mtpi-2", "titecrm", "titeboin"])
def test_every_design_fits_counts(design: str, counts: Path) -> None:
    document = json.loads(run("fit", "--design", design, "--data", str(counts), "--json"))
    assert (document["n"], document["dlt"], document["target"]) == ([3, 6, 0], [0, 1, 0], 0.30)
    assert document["decision"]["action"] in ("escalate", "stay", "de-escalate", "stop")
    assert document["decision"]["reasons"]
    assert f"level {document['decision']['level']}" in run("fit", "--design", design, "--data", str(counts))


def test_participants_in_follow_up(people: Path) -> None:
    words = ["fit", "--design", "titecrm", "--data", str(people), "--window", "28", "--doses", "3"]
    document = json.loads(run(*words, "--json"))
    assert (document["n"], document["dlt"]) == ([3, 2, 0], [0, 1, 0])
    assert "1 in follow-up count 0.50 together" in document["decision"]["reasons"]


def test_outcomes_stand_for_a_file() -> None:
    words = ["fit", "--design", "crm", "--target", "0.25", "--parameter", "skeleton=0.1,0.2,0.35", "--json"]
    document = json.loads(run(*words, "--outcomes", "1NNN 2NNT", "--doses", "3"))
    assert (document["n"], document["skeleton"]) == ([3, 3, 0], [0.1, 0.2, 0.35])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("level,dlt\n", "the file has no rows"),
        ("dlt\n0\n", "columns are missing"),
        ("level,dlt\n0,0\n", "level is not a whole number from 1"),
        ("level,dlt\n1,perhaps\n", "dlt cannot be read"),
        ("level,dlt,weight\n1,0,1.5\n", "weight cannot be"),
        ("level,dlt,follow_up\n1,0,12\n", "a follow-up without a window"),
        ("level,dlt\n4,0\n", "a level beyond --doses"),
        ("level,n,dlt\n1,3,0\n1,3,0\n", "a level has two rows"),
        ("level,n,dlt\n1,3,x\n", "dlt is not a whole number from 0"),
        ("level,n,dlt\n1,3,4\n", "impossible counts of DLTs"),
        ("level,n,dlt,dose\n1,3,0,a\n", "dose cannot be"),
    ],
)
def test_data_that_cannot_be_read_are_findings(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        run("fit", "--design", "crm", "--data", str(path), "--doses", "3")


def test_a_finding_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("level,dlt\n1,0\n1,perhaps\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        run("fit", "--design", "boin", "--data", str(path))
    assert [finding.source.line for finding in raised.value.findings if finding.source] == [3]


def test_a_table_of_a_model_is_conditional() -> None:
    words = ["table", "--design", "crm", "--target", "0.30", "--max-n", "3", "--doses", "3", "--level", "2"]
    document = json.loads(run(*words, "--outcomes", "1NNN", "--json", "--cells"))
    assert document["given"] == {"n": [3, 0, 0], "dlt": [0, 0, 0]}
    assert document["level"] == 2
    assert list(document["rows"][0]) == ["n", "escalate_le", "deescalate_ge", "eliminate_ge", "stop_ge"]
    assert document["cells"][0]["reasons"]
    text = run(*words, "--outcomes", "1NNN", "--cells")
    assert "for level 2 of 3; seen at the others: level 1 0/3" in text


def test_the_next_dose_of_outcomes() -> None:
    words = ["next", *BOIN, "--doses", "3", "--outcomes", "1NNN 2NNT 2NTT"]
    document = json.loads(run(*words, "--json"))
    assert (document["action"], document["level"]) == ("de-escalate", 1)
    text = run(*words)
    assert "boin proposes: de-escalate at level 1. A person decides." in text
    assert "3/6: 0.500 > lambda_d 0.359" in text


def test_the_next_dose_from_responses_too() -> None:
    """The example of the BOIN12 paper's application: level 2 after these outcomes."""
    words = ["next", "--design", "boin12", "--target", "0.35", "--doses", "5", "--outcomes", "1NNN 2ENT 3ETT 2EEN"]
    document = json.loads(run(*words, "--json"))
    assert (document["action"], document["level"], document["inputs"]["response"]) == ("stay", 2, [0, 3, 1, 0, 0])
    assert "boin12 proposes: stay at level 2." in run(*words)


def test_designs_are_listed() -> None:
    document = json.loads(run("designs", "--json"))
    names = {each["name"] for each in document["designs"]}
    assert {"3+3", "a+b", "i3+3", "boin", "tite-boin", "bf-boin", "keyboard", "mtpi", "mtpi-2", "tpi"} <= names
    assert {"rolling-6", "crm", "tite-crm", "blrm", "boin12"} <= names
    assert "Rules around them" in run("designs")


@pytest.mark.parametrize(
    ("spelt", "name"), [("TITEBOIN", "tite-boin"), ("rolling-six", "rolling-6"), ("mTPI2", "mtpi-2")]
)
def test_other_spellings_are_known(spelt: str, name: str) -> None:
    document = json.loads(run("next", "--design", spelt, "--target", "0.3", "--doses", "3", "--json"))
    assert document["inputs"]["design"] == name


def test_oc_with_more() -> None:
    words = ["oc", *BOIN, "--truth", "0.5", "--cohort-size", "3", "--max-n", "3", "--more"]
    document = json.loads(run(*words, "--json"))
    assert document["overdosed"] == 3.0
    assert document["distributions"]["size"] == [0.0, 0.0, 0.0, 1.0]
    assert document["distributions"]["dlts"] == [0.125, 0.375, 0.375, 0.125]
    assert "Of all trials, % with so many" in run(*words)
    simulated = json.loads(run(*words, "--method", "simulate", "--trials", "50", "--seed", "7", "--json"))
    assert (simulated["trials"], simulated["seed"]) == (50, 7)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["table", "--design", "crm", "--target", "0.3", "--max-n", "3"], "decides on all levels together"),
        (["table", *BOIN, "--max-n", "3", "--outcomes", "1N"], "the number of dose levels is not known"),
        (["next"], "neither a study nor a design is given"),
        (["next", *BOIN], "the number of dose levels is not known"),
        (["next", *BOIN, "--doses", "3", "--outcomes", "1NX"], "a cohort cannot be read"),
        (["next", "--design", "boin12", "--target", "0.35", "--doses", "3", "--parameter", "p=1"], "of boin12"),
        (["next", "study", "--outcomes", "1N"], "a study and outcomes are both given"),
        (["fit", "--design", "crm"], "no data, or two kinds of them"),
        ([*PATHS[:-2], "--max-n", "0"], "maximum sample size"),
    ],
)
def test_mistakes_are_findings(words: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(*words)
