"""`celltrial dose`: the documents and tables it prints, and its exit codes."""

import json

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli.dose import register
from celltrial.errors import UsageError

BOIN = ["--design", "boin", "--target", "0.30"]


def run(*words: str) -> str:
    """Standard output of `celltrial dose ...`, which must end well."""
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["dose", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_table_as_json() -> None:
    """The contract: design, target, boundaries, rows with null for never."""
    document = json.loads(run("table", *BOIN, "--max-n", "3", "--json"))
    assert list(document) == ["design", "target", "lambda_e", "lambda_d", "rows"]
    assert document["rows"] == [
        {"n": 1, "escalate_le": 0, "deescalate_ge": 1, "eliminate_ge": None},
        {"n": 2, "escalate_le": 0, "deescalate_ge": 1, "eliminate_ge": None},
        {"n": 3, "escalate_le": 0, "deescalate_ge": 2, "eliminate_ge": 3},
    ]


def test_table_with_cells() -> None:
    """Every cell with its letter and its reason."""
    document = json.loads(run("table", *BOIN, "--max-n", "6", "--json", "--cells"))
    assert document["cells"][-4] == {
        "n": 6,
        "dlts": 3,
        "letter": "D",
        "reason": "3/6: 0.500 > lambda_d 0.359; Pr(p > 0.30) = 0.87 < 0.95, so not eliminated",
    }


def test_table_for_people() -> None:
    """A legend, and a dash for never."""
    text = run("table", *BOIN, "--max-n", "3", "--cells", "--rule", "extra_safe:offset=0.05")
    assert "lambda_e 0.2364907" in text
    assert "stop at lowest >=" in text
    assert "n: evaluable participants at the level." in text
    row = next(line.split() for line in text.splitlines() if line.split()[:1] == ["1"])
    assert row == ["1", "0", "1", "-", "-"]
    assert "DU" in text


def test_table_of_three_plus_three() -> None:
    """No boundaries of rates, a variant, a rule with no numbers."""
    words = ["--design", "3+3", "--target", "0.3", "--parameter", "variant=six", "--rule", "no_skip"]
    document = json.loads(run("table", *words, "--max-n", "6", "--json"))
    assert "lambda_e" not in document
    assert document["rows"][2] == {"n": 3, "escalate_le": 0, "deescalate_ge": 2, "eliminate_ge": None}


def test_oc_as_json() -> None:
    """The contract; exact has no standard error."""
    words = ["--truth", "0.5", "--cohort-size", "3", "--max-n", "3", "--json"]
    document = json.loads(run("oc", *BOIN, *words))
    assert document == {
        "design": "boin",
        "target": 0.3,
        "truth": [0.5],
        "method": "exact",
        "selection": [0.875],
        "none": 0.125,
        "patients": [3.0],
        "dlts": [1.5],
        "expected_n": 3.0,
        "stopped_early": 0.0,
        "standard_error": None,
    }


def test_oc_simulated() -> None:
    """With its standard error, and the same for the same seed."""
    words = ["--truth", "0.1,0.3", "--cohort-size", "3", "--max-n", "9", "--method", "simulate", "--trials", "200"]
    document = json.loads(run("oc", *BOIN, *words, "--seed", "3", "--json"))
    assert len(document["standard_error"]) == 2
    assert document == json.loads(run("oc", *BOIN, *words, "--seed", "3", "--json"))
    assert "+-" in run("oc", *BOIN, *words)


def test_oc_for_people() -> None:
    """One row a level, and what the rows do not show below them."""
    text = run("oc", *BOIN, "--truth", "0.5", "--cohort-size", "3", "--max-n", "3")
    assert "No level selected 12.50 %, stopped early 0.00 %, expected participants 3.00." in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["table", "--design", "rule-of-thumb", "--target", "0.3", "--max-n", "3"], "no such design"),
        (["table", *BOIN, "--max-n", "3", "--rule", "max_n:n"], "not a setting"),
        (["table", *BOIN, "--max-n", "3", "--parameter", "p_tox=high"], "parameter p_tox of boin is not a number"),
        (["oc", *BOIN, "--truth", "0.1;0.2", "--cohort-size", "3", "--max-n", "3"], "not a list of rates"),
    ],
)
def test_mistakes_are_findings(words: list[str], message: str) -> None:
    """They reach the command's one error handler, which exits with 2."""
    with pytest.raises(UsageError, match=message):
        run(*words)
