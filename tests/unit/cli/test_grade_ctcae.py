"""`grade ctcae` on small and large files: the same bytes either way, and the same findings."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import grading
from celltrial.cli.grading import ctcae
from celltrial.cli.grading.ctcae_large import grade_large
from celltrial.errors import CelltrialError, InputError

app = typer.Typer(pretty_exceptions_enable=False)
grading.register(app)

HEADER = "term,direction,value,unit,lln,uln,baseline,baseline_flag,percent_change,note"
Run = Callable[..., bytes]


def invoke(*arguments: object) -> None:
    result = CliRunner().invoke(app, ["grade", "ctcae", *(str(each) for each in arguments)])
    if isinstance(result.exception, CelltrialError):
        raise result.exception
    assert result.exit_code == 0, result.output


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Grade a file row by row and in columns; the bytes, which have to be the same."""

    def run(content: str | bytes, *options: str, is_regular: bool = True) -> bytes:
        file = tmp_path / "in.csv"
        file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        went: list[bool] = []
        monkeypatch.setattr(ctcae, "_LARGE_BYTES", 10**9)
        invoke(file, "-o", tmp_path / "rows.csv", *options)
        monkeypatch.setattr(ctcae, "_LARGE_BYTES", 0)
        monkeypatch.setattr(
            "celltrial.cli.grading.ctcae_large.grade_large", lambda *given: went.append(grade_large(*given)) or went[-1]
        )
        invoke(file, "-o", tmp_path / "columns.csv", *options)
        assert went == [is_regular]
        assert (tmp_path / "rows.csv").read_bytes() == (tmp_path / "columns.csv").read_bytes()
        return (tmp_path / "rows.csv").read_bytes()

    return run


def lines(*rows: str, header: str = HEADER, end: str = "\n") -> str:
    return end.join((header, *rows)) + end


def test_both_ways_write_the_same(both: Run) -> None:
    """Numbers plain and not, terms and units that are not there, blanks, white space, quotes, other alphabets."""
    text = both(
        lines(
            "Anemia,L,79,g/L,120,,,,,",
            " anemia ,l, 79.0 ,g/L,120,,,,,  kept ",
            "Anemia,L,<5,g/L,120,,,,,",
            "Anemia,L,7.9e1,g/L,120,,,,,",
            "Anemia,L,79.00000000000000000001,g/L,120,,,,,",
            "Anemia,L,1_00,g/L,120,,,,,",
            "Anemia,L,nan,g/L,120,,,,,",
            "Anemia,L,+79,g/L,+120,,,,,",
            "Anemia,X,79,g/L,120,,,,,",
            ",,,,,,,,,血红蛋白",
            "Nothing,L,79,g/L,120,,,,,",
            "Anemia,L,79,g/cL,120,,,,,",
            "Alanine aminotransferase increased,H,120.3,U/L,,40.1,,,,",
            "Alanine aminotransferase increased,H,120.30001,U/L,,40.1,80,high,,",
            "Fibrinogen decreased,L,1.7,g/L,2.0,,,,-51,",
            '"Anemia",L,79,g/L,120,,,,,"say ""no"", twice"',
            'Anemia,L,79,g/L,120,,,,,"two\nlines"',
            "Anemia,L,79,g/L,120,,,,,\u00a0\u3000",
        )
    )
    rows = list(csv.DictReader(text.decode("utf-8").splitlines(keepends=True)))
    assert [row["grade"] for row in rows] == [
        "3",
        "3",
        "",
        "3",
        "3",
        "1",
        "",
        "3",
        *[""] * 4,
        "1",
        "1",
        "3",
        *["3"] * 3,
    ]
    assert rows[2]["reason"] == "value '<5' is not a number"
    assert rows[9]["note"] == "血红蛋白"
    assert rows[15]["note"] == 'say "no", twice'
    assert rows[1]["note"] == "kept"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_the_mark_of_the_encoding(both: Run, end: str, mark: bytes) -> None:
    """Windows line ends and a byte order mark are read, and not written."""
    text = both(mark + lines("Anemia,L,79,g/L,120,,,,,x", "", "Anemia,L,99,g/L,120,,,,,", end=end).encode() + b"\n\n")
    assert text.startswith(b"term,")
    assert b"\r" not in text
    assert text.count(b"\n") == 3


@pytest.mark.parametrize(
    "row",
    [
        'Anemia,L,79,g/L,120,,,,,5" tube',
        'Anemia,L,79,g/L,120,,,,, "a"',
        "Anemia,L,79,g/L,120,,,,,a\x1cb",
        "Anemia,L,79,g/L,120,,,,,a\r\nAnemia,L,79,g/L,120,,,,,b",
    ],
)
def test_what_is_not_regular_goes_row_by_row(both: Run, row: str) -> None:
    """A stray quote, a control character, mixed line ends: the same result, more slowly."""
    is_regular = "\r" in row and '"' not in row
    text = both(lines(row, "Anemia,L,99,g/L,120,,,,,"), is_regular=is_regular)
    assert b",3,value < 80" in text


def test_clinical_mode_reads_its_columns_either_way(both: Run) -> None:
    """Circumstances as columns; blank and unknown are not the same."""
    text = both(
        lines(
            "Hypokalemia,L,3.2,mmol/L,3.5,no,",
            "Hypokalemia,L,3.2,mmol/L,3.5,,",
            "Anemia,L,90,g/L,120,,yes",
            "Anemia,L,90,g/L,120,,unknown",
            "Anemia,L,90,g/L,120,,",
            header="term,direction,value,unit,lln,symptomatic,transfusion_indicated",
        ),
        "--mode",
        "clinical",
    )
    rows = list(csv.DictReader(text.decode().splitlines()))
    assert [row["grade"] for row in rows] == ["1", "", "3", "", "2"]


def test_troponin_with_its_limit(both: Run) -> None:
    """The column mi_limit is read."""
    rows = lines("Cardiac troponin I increased,H,60,ng/L,14,52", header="term,direction,value,unit,uln,mi_limit")
    assert b",3,value >= MI limit" in both(rows)


@pytest.mark.parametrize("version", ["4.03", "6.0"])
def test_versions_either_way(both: Run, version: str) -> None:
    """The version counts for columns too."""
    text = both(lines("Neutrophil count decreased,L,0.3,10^9/L,2,,,,,"), "--version", version)
    assert (b",4,value < 0.5" in text) == (version == "4.03")


@pytest.mark.parametrize("size", [0, 10**9])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lines("Anemia,L,79,g/L,120,,,,", "Anemia,L,79,g/L,120,,,,,"), "another number of cells"),
        (lines("Anemia,L,79,g/L,120,,,,,,"), "another number of cells"),
        (lines("Anemia,L,79", header="term,direction,value"), "columns are missing"),
        (lines("Anemia,L,79,g/L,1", header="term,direction,value,unit,unit"), "columns that occur twice"),
        (lines("Anemia,L,79,g/L,1", header="term,direction,value,unit,grade"), "columns of results already"),
        (lines("Anemia,L,79,g/L,120,,,SIDEWAYS,,"), "cannot be read"),
        ("", "the file is empty"),
        (lines("Anemia,L,79,g/L,120,,,,,").encode() + b"\xff,,,,,,,,,\n", "the file cannot be read"),
        (lines("Anemia,L,9,g/L,n", header="term,direction,value,unit,symptomatic"), "cannot be read"),
    ],
)
def test_findings_are_the_same_either_way(
    content: str | bytes, message: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that is wrong with a file is told, and nothing is written."""
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    monkeypatch.setattr(ctcae, "_LARGE_BYTES", size)
    with pytest.raises(InputError, match=message):
        invoke(file, "-o", out)
    assert not out.exists()


def test_a_large_file_that_is_irregular_names_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Line numbers survive the way in columns."""
    monkeypatch.setattr(ctcae, "_LARGE_BYTES", 0)
    file = tmp_path / "in.csv"
    file.write_text(lines("Anemia,L,79,g/L,120,,,,,", "Anemia,L,79"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        invoke(file, "-o", tmp_path / "out.csv")
    assert [str(finding.source) for finding in caught.value.findings] == [f"{file}:3"]


def test_a_result_that_cannot_be_written_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In columns as by row: a folder in the way."""
    monkeypatch.setattr(ctcae, "_LARGE_BYTES", 0)
    file = tmp_path / "in.csv"
    file.write_text(lines("Anemia,L,79,g/L,120,,,,,"), encoding="utf-8")
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        invoke(file, "-o", tmp_path / "out.csv")


def test_a_file_over_the_limit_goes_in_columns(tmp_path: Path) -> None:
    """20,000 rows, with a progress bar, in their order."""
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    rows = [f"Anemia,L,{60 + place % 70},g/L,120,,,,,a note of the site number {place}" for place in range(20_000)]
    file.write_text(lines(*rows), encoding="utf-8")
    result = CliRunner().invoke(app, ["grade", "ctcae", str(file), "-o", str(out)])
    assert result.exit_code == 0
    assert "100%" in result.output
    with out.open(newline="", encoding="utf-8") as written:
        graded = list(csv.DictReader(written))
    assert [row["note"] for row in graded] == [row.rsplit(",", 1)[1] for row in rows]
    assert {row["value"]: row["grade"] for row in graded}["79"] == "3"
    assert len(graded) == 20_000
