"""`grade`, `score` and `kinetics`: columns in and out, order kept, nothing overwritten, all problems at once."""

import csv
from pathlib import Path

import pytest

from celltrial.errors import CelltrialError
from celltrial.instruments import eular_acr_2019_items, sledai_2k_items
from csv_commands import read, run, write

SLEDAI = [item.item for item in sledai_2k_items()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "in.csv"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "out.csv"


def test_grade_ctcae(file: Path, out: Path) -> None:
    """Grades at the right, rows and extra columns kept; what cannot be graded is blank with a reason."""
    write(
        file,
        "site,term,direction,value,unit,lln,uln,baseline,baseline_flag,percent_change",
        "Wuhan,Anemia,L,79,g/L,120,,,,",
        "Wuhan,anemia,l,<5,g/L,120,,,,",
        '"W, 2",Fibrinogen decreased,L,1.7,g/L,2.0,,,,-51',
        ",Creatinine increased,H,,umol/L,,100,,high,",
    )
    run("grade", "ctcae", file, "--version", "5.0", "-o", out)
    rows = read(out)
    assert list(rows[0])[-2:] == ["grade", "reason"]
    assert [(row["site"], row["grade"]) for row in rows] == [("Wuhan", "3"), ("Wuhan", ""), ("W, 2", "3"), ("", "")]
    assert rows[1]["reason"] == "value '<5' is not a number"
    assert rows[3]["reason"] == "no value"


def test_grade_ctcae_modes(file: Path, out: Path) -> None:
    """Clinical mode reads the circumstances that are columns of the file."""
    write(
        file,
        "term,direction,value,unit,lln,symptomatic",
        "Hypokalemia,L,3.2,mmol/L,3.5,no",
        "Hypokalemia,L,3.2,mmol/L,3.5,",
    )
    run("grade", "ctcae", file, "--mode", "clinical", "-o", out)
    assert [row["grade"] for row in read(out)] == ["1", ""]
    with pytest.raises(CelltrialError, match="mode"):
        run("grade", "ctcae", file, "--mode", "best", "-o", out.with_name("other.csv"))
    with pytest.raises(CelltrialError, match="no such version"):
        run("grade", "ctcae", file, "--version", "7", "-o", out.with_name("other.csv"))
    assert not out.with_name("other.csv").exists()


def test_grade_crs(file: Path, out: Path) -> None:
    """Vasopressors are separated by semicolons; blank is not known, and a bad number is a reason."""
    write(
        file,
        "subject,temperature_c,hypotension,vasopressors,oxygen,antipyretic_or_anticytokine,other_cause",
        "01-001,38.4,yes,noradrenaline; adrenaline,low-flow,no,",
        "01-002,38.4,,none,none,no,no",
        "01-003,warm,no,,none,no,no",
    )
    run("grade", "crs", file, "-o", out)
    assert [(row["subject"], row["grade"], row["reason"]) for row in read(out)] == [
        ("01-001", "4", "several vasopressors besides vasopressin: adrenaline, noradrenaline"),
        ("01-002", "", "not known: hypotension; the grade may be 1 to 2"),
        ("01-003", "", "temperature_c 'warm' is not a number"),
    ]


def test_grade_icans(file: Path, out: Path) -> None:
    """A blank ICE score is one that was not tested."""
    write(
        file,
        "ice,consciousness,seizure,deep_focal_weakness,cerebral_oedema",
        ",unarousable,none,no,none",
        "7.5,awake,none,no,none",
        "8,awake,none,no,none",
    )
    run("grade", "icans", file, "-o", out)
    assert [row["grade"] for row in read(out)] == ["4", "", "1"]


def test_words_that_cannot_be_read_are_found_with_their_line(file: Path, out: Path) -> None:
    """Every row's problem at once, and nothing is written."""
    write(
        file,
        "temperature_c,hypotension,vasopressors,oxygen,antipyretic_or_anticytokine",
        "38.4,y,,none,no",
        "38.4,no,,mask,no",
    )
    with pytest.raises(CelltrialError) as caught:
        run("grade", "crs", file, "-o", out)
    assert [(each.where, each.source and each.source.line) for each in caught.value.findings] == [
        ("hypotension", 2),
        ("oxygen", 3),
    ]
    assert not out.exists()


def sledai_file(path: Path, *rows: dict[str, str]) -> Path:
    """A SLEDAI-2K file with every item absent unless a row says otherwise."""
    columns = ["subject", *SLEDAI, *(f"{item}_attribution" for item in SLEDAI)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows:
            writer.writerow(dict.fromkeys(columns, "") | dict.fromkeys(SLEDAI, "no") | row)
    return path


def test_score_sledai(file: Path, out: Path) -> None:
    """A score, an open one with what is certain, and a clinical score where only serology is open."""
    sledai_file(
        file,
        {
            "subject": "b",
            "rash": "yes",
            "rash_attribution": "sle",
            "leukopenia": "yes",
            "leukopenia_attribution": "other",
        },
        {"subject": "a", "fever": "", "arthritis": "yes", "arthritis_attribution": "sle"},
        {"subject": "c", "high_dna_binding": "unknown"},
    )
    run("score", "sledai-2k", file, "-o", out)
    first, second, third = read(out)
    assert (first["subject"], first["total"], first["clinical"], first["excluded"]) == ("b", "2", "2", "leukopenia")
    assert (first["contributing"], first["by_system"], first["reason"]) == ("rash", "mucocutaneous=2", "")
    assert (second["total"], second["clinical"], second["lower_bound"]) == ("", "", "4")
    assert second["reason"] == "not known whether present: fever"
    assert (third["total"], third["clinical"]) == ("", "0")


def test_score_eular(file: Path, out: Path) -> None:
    """Total, clinical item and verdict."""
    items = [each.item for each in eular_acr_2019_items()]
    write(
        file,
        ",".join(["entry_ana", *items]),
        ",".join(["yes", *("yes" if item in ("joint_involvement", "proteinuria") else "no" for item in items)]),
        ",".join(["no", *("no" for _ in items)]),
    )
    run("score", "eular-acr-2019", file, "-o", out)
    met, absent = read(out)
    assert (met["total"], met["clinical"], met["classified"]) == ("10", "yes", "yes")
    assert met["by_domain"] == "musculoskeletal=6;renal=4"
    assert (absent["total"], absent["classified"]) == ("", "no")


def test_score_without_a_column(file: Path, out: Path) -> None:
    """An item without a column is not known; a file with none of the items is refused."""
    write(file, ",".join(SLEDAI[:-1]), ",".join(["no"] * 23))
    run("score", "sledai-2k", file, "-o", out)
    assert read(out)[0]["reason"] == "not known whether present: leukopenia"
    write(file, "subject,total_score", "a,3")
    with pytest.raises(CelltrialError, match="columns are missing"):
        run("score", "sledai-2k", file, "-o", out)


def test_score_list() -> None:
    """The instruments with their columns."""
    printed = run("score", "list")
    assert "sledai-2k" in printed
    assert "entry_ana" in printed


def test_score_wrong_use(file: Path, out: Path) -> None:
    """An unknown instrument and a missing file are told."""
    with pytest.raises(CelltrialError, match="no such instrument"):
        run("score", "bilag", file, "-o", out)
    with pytest.raises(CelltrialError, match="are needed"):
        run("score", "sledai-2k")
    sledai_file(file, {"rash": "maybe"}, {"fever": "x"})
    with pytest.raises(CelltrialError) as caught:
        run("score", "sledai-2k", file, "-o", out)
    assert [each.source and each.source.line for each in caught.value.findings] == [2, 3]


NCA = "subject,analyte,day,value,unit,lloq,blq"


def test_kinetics_nca(file: Path, out: Path) -> None:
    """One row a parameter, subject by subject in the order of the file, the partial areas last."""
    write(
        file,
        NCA,
        "s2,t,0,,copies/ug,50,true",
        "s1,t,0,,copies/ug,50,yes",
        "s2,t,7,1000,copies/ug,50,false",
        "s2,t,14,500,copies/ug,50,",
        "s2,t,21,250,copies/ug,50,",
        "s2,t,28,125,copies/ug,50,",
        "s2,t,35,62.5,copies/ug,50,",
    )
    run("kinetics", "nca", file, "--auc-method", "linear", "--partial", "0-28, 0-35", "-o", out)
    rows = read(out)
    names = ["cmax", "tmax", "clast", "tlast", "auc_last", "auc_0_28", "auc_inf", "lambda_z", "lambda_z_n", "adj_r2"]
    assert [row["parameter"] for row in rows[:14]] == [*names, "half_life", "span_ratio", "mrt", "auc_0_35"]
    assert [row["subject"] for row in rows] == ["s2"] * 14 + ["s1"] * 14
    found = {row["parameter"]: row for row in rows[:14]}
    assert (found["cmax"]["value"], found["cmax"]["unit"]) == ("1000", "copies/ug")
    assert float(found["half_life"]["value"]) == pytest.approx(7)
    assert float(found["auc_0_28"]["value"]) == pytest.approx(7 * (500 + 750 + 375 + 187.5))
    assert rows[14]["reason"] == "none of 1 sample(s) is quantifiable"


def test_kinetics_findings(file: Path, out: Path) -> None:
    """Days, values, units and BLQ that do not fit, all at once with their lines."""
    write(
        file,
        NCA,
        "s,t,,5,copies/ug,,",
        "s,t,1,5,cells/uL,,",
        "s,t,2,many,copies/ug,,",
        "s,t,3,5,copies/ug,50,true",
        "s,t,4,5,copies/ug,,perhaps",
    )
    with pytest.raises(CelltrialError) as caught:
        run("kinetics", "nca", file, "-o", out)
    assert [(each.source and each.source.line, each.message) for each in caught.value.findings] == [
        (2, "a sample without a day"),
        (3, "a second unit in one profile"),
        (4, "value is not a number"),
        (5, "a value, and below the limit"),
        (6, "blq cannot be read"),
    ]


def test_kinetics_wrong_use(file: Path, out: Path) -> None:
    """A method and a window that are not there."""
    write(file, NCA, "s,t,0,1,copies/ug,,")
    with pytest.raises(CelltrialError, match="no such method"):
        run("kinetics", "nca", file, "--auc-method", "log", "-o", out)
    for window in ("28-0", "0", "a-b", "0-inf"):
        with pytest.raises(CelltrialError, match="not a partial area"):
            run("kinetics", "nca", file, "--partial", window, "-o", out)


def test_tables_that_cannot_be_used(file: Path, out: Path, tmp_path: Path) -> None:
    """Missing, empty, not text; columns missing, twice or taken; rows of another length; nowhere to write."""
    with pytest.raises(CelltrialError, match="cannot be read"):
        run("kinetics", "nca", tmp_path / "none.csv", "-o", out)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CelltrialError, match="not UTF-8"):
        run("kinetics", "nca", file, "-o", out)
    file.write_bytes(b"")
    with pytest.raises(CelltrialError, match="empty"):
        run("kinetics", "nca", file, "-o", out)
    write(file, "term,direction,term,grade", "a,b,c", "")
    with pytest.raises(CelltrialError) as caught:
        run("grade", "ctcae", file, "-o", out)
    assert [each.message for each in caught.value.findings] == [
        "columns that occur twice",
        "columns are missing",
        "the file has columns of results already; nothing is overwritten",
        "a row has another number of cells than the header",
    ]
    write(file, NCA, "", "s,t,0,1,copies/ug,,")
    with pytest.raises(CelltrialError, match="cannot be written"):
        run("kinetics", "nca", file, "-o", file / "out.csv")
