"""`grade terms` prints what was found or what is near; `grade infection` goes through a CSV file."""

import csv
import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from celltrial.cli import grading
from celltrial.errors import CelltrialError

app = typer.Typer(pretty_exceptions_enable=False)
grading.register(app)

HEAD = (
    "subject,treatment,invasive_intervention,hospitalised,intensive_care,life_threatening,death_due_to_infection,"
    "site,days_since_infusion"
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["grade", *(str(each) for each in arguments)])


def grade_rows(tmp_path: Path, *lines: str) -> list[dict[str, str]]:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")
    result = run("infection", file, "-o", out)
    if isinstance(result.exception, CelltrialError):
        assert not out.exists()
        raise result.exception
    assert result.exit_code == 0, result.output
    with out.open(newline="", encoding="utf-8") as written:
        return list(csv.DictReader(written))


def test_a_term_is_printed_with_its_grades() -> None:
    result = run("terms", "anaemia")
    assert result.exit_code == 0
    assert "Anemia" in result.stdout
    assert "贫血" in result.stdout
    assert "Hb <100 to 80 g/L" in result.stdout


def test_a_missing_grade_is_a_dash() -> None:
    lines = [line.split() for line in run("terms", "bacteremia").stdout.splitlines()]
    assert ["1", "–"] in lines
    assert ["2", "positive", "culture,", "no", "signs"] in lines


def test_json_is_one_document() -> None:
    result = run("terms", "low", "platelets", "--version", "6.0", "--json")
    document = json.loads(result.stdout)
    assert document["version"] == "6.0"
    assert document["terms"][0]["term"] == "Thrombocytopenia"
    assert document["terms"][0]["grades"]["5"] == "death"
    assert document["suggestions"] == []


def test_json_keeps_what_is_not_there_as_null() -> None:
    icaht = json.loads(run("terms", "ICAHT", "--json").stdout)["terms"][0]
    assert (icaht["code"], icaht["in_ctcae"], icaht["grades"]["5"]) == (None, False, None)
    assert icaht["reported_under"] == "Investigations - Other, specify"


def test_a_class_may_be_chosen() -> None:
    document = json.loads(run("terms", "--soc", "eye", "--json").stdout)
    assert {each["soc"] for each in document["terms"]} == {"Eye disorders"}
    assert run("terms", "anemia", "--soc", "eye").exit_code == 1


def test_nothing_found_is_exit_1_with_suggestions() -> None:
    result = run("terms", "lung", "infection", "hospital")
    assert result.exit_code == 1
    assert "Lung infection" in result.output
    document = json.loads(run("terms", "lung", "infection", "hospital", "--json").stdout)
    assert document["terms"] == []
    assert document["suggestions"][0] == "Lung infection"


def test_a_version_that_does_not_exist_is_refused() -> None:
    result = run("terms", "anemia", "--version", "7")
    assert isinstance(result.exception, CelltrialError)
    assert result.exception.exit_code == 2


def test_infections_are_graded_row_by_row(tmp_path: Path) -> None:
    rows = grade_rows(
        tmp_path,
        "001,oral,no,no,no,no,no,lung,28",
        "002,intravenous,no,yes,,no,no,lung,29",
        "003,local,no,no,no,no,no,lung,-1",
        "004,,,,,,yes,,",
    )
    assert [row["subject"] for row in rows] == ["001", "002", "003", "004"]
    assert [row["grade"] for row in rows] == ["2", "", "1", "5"]
    assert rows[1]["reason"] == "not known: intensive_care; the grade may be 3 to 4"
    assert [row["severe"] for row in rows] == ["no", "yes", "no", "yes"]
    assert [row["window"] for row in rows] == ["0-28", "29-90", "", ""]
    assert [row["ctcae_term"] for row in rows] == ["Lung infection"] * 3 + [""]
    assert rows[2]["note"] == "CTCAE 5.0 Lung infection begins at grade 2: judge which term fits"


def test_all_bad_words_of_a_file_are_told_with_their_lines(tmp_path: Path) -> None:
    with pytest.raises(CelltrialError) as error:
        grade_rows(tmp_path, "001,iv,no,no,no,no,no,lung,3", "002,oral,no,no,no,no,no,elbow,x")
    told = [(finding.source.line, finding.where) for finding in error.value.findings if finding.source]
    assert told == [(2, "treatment"), (3, "days_since_infusion")]
