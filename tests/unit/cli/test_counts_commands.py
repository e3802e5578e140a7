"""`grade icaht|t-icaht|crs|icans|crs-daily` and `score car-hematotox|ice` through real files."""

from pathlib import Path

import pytest

from celltrial.errors import CelltrialError
from csv_commands import read, run, write


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "in.csv"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "out.csv"


@pytest.fixture
def more(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "more.csv"


def series(subject: str, days: range, value: str, unit: str, tail: str = "") -> list[str]:
    return [f"{subject},{day},{value},{unit}{tail}" for day in days]


def test_grade_icaht(file: Path, out: Path, more: Path) -> None:
    """Rows keep their order and columns; every row of a subject bears its result; units and order of days are free."""
    write(
        file,
        "subject,day,value,unit,site",
        *series("B", range(10, 31), "2.1", "10^9/L", ",Wuhan"),
        *series("A", range(16), "0.4", "10*3/uL", ",Wuhan"),
        *series("B", range(10), "500", "/uL", ",Wuhan"),
        "B,40,0.9,G/L,Wuhan",
        "B,60,1.2,G/L,Wuhan",
        "B,70,,,Wuhan",
    )
    run("grade", "icaht", file, "-o", out, "--subjects", more)
    rows = read(out)
    added = ("days_at_or_under_500", "days_at_or_under_100", "early_grade", "late_grade")
    assert [row["subject"] for row in rows] == ["B"] * 21 + ["A"] * 16 + ["B"] * 13
    assert {tuple(row[name] for name in ("site", *added)) for row in rows if row["subject"] == "B"} == {
        ("Wuhan", "10", "0", "2", "2")
    }
    first, second = read(more)
    assert [first[name] for name in ("subject", *added, "nadir", "nadir_day")] == ["B", "10", "0", "2", "2", "500", "0"]
    assert [second[name] for name in ("subject", *added)] == ["A", "16", "0", "", ""]
    assert (second["early_lower_bound"], second["early_days_unknown"]) == ("3", "15")
    assert second["reason"] == (
        "early: no count that covers day 16 to 30; the grade may be 3 to 4 | late: no count from day 31 to 100"
    )


def test_grade_icaht_with_an_end(file: Path, out: Path) -> None:
    """A death without recovery; the day may stand on any row of the subject."""
    write(file, "subject,day,value,unit,death_day", "A,0,0.4,10^9/L,", "A,2,0.4,10^9/L,2", "A,1,0.4,10^9/L,")
    run("grade", "icaht", file, "-o", out)
    assert {row["early_grade"] for row in read(out)} == {"4"}


def test_grade_icaht_as_the_published_algorithm(file: Path, out: Path) -> None:
    """On request: unknown days are not low."""
    write(file, "subject,day,value,unit", "A,0,3,10^9/L")
    run("grade", "icaht", file, "-o", out, "--reference")
    assert read(out)[0]["early_grade"] == "0"
    run("grade", "icaht", file, "-o", out)
    assert (read(out)[0]["early_grade"], read(out)[0]["early_lower_bound"]) == ("", "0")


def test_grade_t_icaht(file: Path, out: Path, more: Path) -> None:
    """Platelets, cumulative days, transfusions among the flags."""
    write(
        file,
        "subject,day,value,unit,transfusion",
        *series("A", range(5), "120", "10^9/L", ","),
        "A,5,19000,/uL,yes",
        *series("A", range(6, 31), "120", "10^9/L", ",no"),
    )
    run("grade", "t-icaht", file, "-o", out, "--subjects", more)
    (row,) = read(more)
    assert [row[name] for name in ("days_under_50", "days_under_20", "early_grade", "late_grade")] == [
        "1",
        "1",
        "3",
        "",
    ]
    assert row["flags"].startswith("platelets transfused on day 5")


def test_counts_that_cannot_be_read_are_found_with_their_lines(file: Path, out: Path) -> None:
    """All at once, and nothing is written."""
    write(
        file,
        "subject,day,value,unit,growth_factor,censor_day",
        "A,one,0.4,10^9/L,,",
        "A,2,<0.1,10^9/L,perhaps,",
        "A,3,0.4,g/L,,1.5",
        ",4,0.4,10^9/L,,",
        "A,5,0.4,109/L,,",
    )
    with pytest.raises(CelltrialError) as caught:
        run("grade", "icaht", file, "-o", out)
    found = [(each.source.line, each.where) for each in caught.value.findings if each.source]
    assert found == [
        (2, "day"),
        (3, "growth_factor"),
        (3, "value"),
        (4, "censor_day"),
        (4, "unit"),
        (5, "subject"),
        (6, "unit"),
    ]
    assert not out.exists()


def test_subjects_that_contradict_themselves(file: Path, out: Path) -> None:
    """Two days of death; a negative count."""
    write(file, "subject,day,value,unit,death_day", "A,0,1,G/L,9", "A,1,1,G/L,8", "B,1,-1,G/L,")
    with pytest.raises(CelltrialError) as caught:
        run("grade", "icaht", file, "-o", out)
    assert [each.where for each in caught.value.findings] == ["A death_day", "B day 1"]
    assert not out.exists()


CRS = "subject,at,temperature_c,hypotension,vasopressors,oxygen,antipyretic_or_anticytokine"


def test_crs_episodes(file: Path, out: Path, more: Path) -> None:
    """One row an episode, beside the graded rows."""
    write(
        file,
        CRS,
        "A,2026-03-02T08:00,38.5,yes,none,none,no",
        "A,2026-03-01T20:00,38.5,no,,none,no",
        "B,2026-03-01T20:00,36.5,no,,none,no",
        "A,2026-03-02T20:00,38.5,,unknown,none,no",
        "A,2026-03-03T08:00,36.5,no,,none,no",
        "A,2026-03-03T20:00,38.5,no,,none,no",
    )
    run("grade", "crs", file, "-o", out, "--episodes", more)
    assert [row["grade"] for row in read(out)] == ["2", "1", "0", "", "0", "1"]
    assert [list(row.values()) for row in read(more)] == [
        ["A", "2026-03-01T20:00:00", "2", "2026-03-03T08:00:00", "1.5", "1"],
        ["A", "2026-03-03T20:00:00", "1", "", "", "0"],
    ]
    run("grade", "crs", file, "-o", out, "--episodes", more, "--quiet-hours", 24)
    assert [row["resolution"] for row in read(more)] == [""]


def test_icans_episodes(file: Path, out: Path, more: Path) -> None:
    """As for CRS; times with a zone."""
    write(
        file,
        "subject,at,ice,consciousness,seizure,deep_focal_weakness,cerebral_oedema",
        "A,2026-03-05T08:00+08:00,6,awake,none,no,none",
        "A,2026-03-06T08:00+08:00,10,awake,none,no,none",
    )
    run("grade", "icans", file, "-o", out, "--episodes", more)
    (episode,) = read(more)
    assert (episode["maximum"], episode["days"], episode["resolution"]) == ("2", "1.0", "2026-03-06T08:00:00+08:00")


def test_episodes_need_subject_and_time(file: Path, out: Path, more: Path) -> None:
    """Columns, readable times, one way to write them; nothing is written otherwise."""
    write(file, CRS.removeprefix("subject,at,"), "38.5,no,,none,no")
    with pytest.raises(CelltrialError, match="add: subject, at"):
        run("grade", "crs", file, "-o", out, "--episodes", more)
    write(file, CRS, "A,yesterday,38.5,no,,none,no", "A,,38.5,no,,none,no")
    with pytest.raises(CelltrialError) as caught:
        run("grade", "crs", file, "-o", out, "--episodes", more)
    assert [each.source.line for each in caught.value.findings if each.source] == [2, 3]
    write(file, CRS, "A,2026-03-01T08:00,38.5,no,,none,no", "A,2026-03-02T08:00Z,38.5,no,,none,no")
    with pytest.raises(CelltrialError, match="some times name a zone"):
        run("grade", "crs", file, "-o", out, "--episodes", more)
    assert not out.exists()
    assert not more.exists()


VITALS = "subject,at,temperature_c,systolic_mmhg,oxygen_device,oxygen_flow_l_min,vasopressors"


def test_crs_from_vital_signs(file: Path, out: Path, more: Path, tmp_path: Path) -> None:
    """Rows in any order; masked by tocilizumab; the episode names its treatment."""
    write(
        file,
        VITALS,
        "A,2026-03-03T08:00,36.9,118,none,,none",
        "A,2026-03-01T08:00,38.9,118,none,,",
        "A,2026-03-02T08:00,36.9,84,nasal cannula,8,",
        "A,2026-03-05T08:00,36.9,118,none,,none",
        "B,2026-03-01T08:00,36.9,118,none,,none",
    )
    doses = write(tmp_path / "doses.csv", "subject,at,kind", "A,2026-03-01T10:00,tocilizumab")
    run("grade", "crs-daily", file, "-o", out, "--episodes", more, "--medications", doses)
    assert [row["grade"] for row in read(out)] == ["0", "1", "3", "0", "0"]
    (episode,) = read(more)
    assert [episode[name] for name in ("subject", "maximum", "days", "tocilizumab_doses", "steroid_doses")] == [
        "A",
        "3",
        "2.0",
        "1",
        "0",
    ]
    run("grade", "crs-daily", file, "-o", out, "--episodes", more)
    assert [row["grade"] for row in read(out)] == ["0", "1", "", "0", "0"]
    assert read(more)[0]["tocilizumab_doses"] == ""
    run("grade", "crs-daily", file, "-o", out, "--medications", doses, "--hypotension-below", 0)
    assert read(out)[1]["reason"].startswith("not known: hypotension")


def test_vital_signs_that_cannot_be_read(file: Path, out: Path, tmp_path: Path) -> None:
    """Numbers and words with their lines; times of two files that cannot be compared."""
    write(
        file,
        VITALS,
        "A,2026-03-01T08:00,warm,118,none,,",
        "A,2026-03-02T08:00,38.9,118,mask,,",
        "A,2026-03-02T09:00,38.9,1180,none,,",
    )
    with pytest.raises(CelltrialError) as caught:
        run("grade", "crs-daily", file, "-o", out)
    assert [each.source.line for each in caught.value.findings if each.source] == [2, 3, 4]
    write(file, VITALS, "A,2026-03-01T08:00,38.9,118,none,,")
    doses = write(tmp_path / "doses.csv", "subject,at,kind", "A,2026-03-01T10:00Z,tocilizumab")
    with pytest.raises(CelltrialError, match="only one of the two files"):
        run("grade", "crs-daily", file, "-o", out, "--medications", doses)
    assert not out.exists()


def test_score_car_hematotox(file: Path, out: Path) -> None:
    """A missing value leaves the total open, not a risk that is certain; a mistaken unit is a finding."""
    columns = "subject,platelets_10e9_l,anc_per_ul,hemoglobin_g_l,crp_mg_l,ferritin_ug_l"
    write(file, columns, "A,60,,120,5,300", "B,200,3000,120,,300", "C,200,1200,120,,700")
    run("score", "car-hematotox", file, "-o", out)
    rows = read(out)
    assert [(row["total"], row["risk"], row["lower_bound"], row["upper_bound"]) for row in rows] == [
        ("", "high", "2", "3"),
        ("", "low", "0", "1"),
        ("", "", "1", "2"),
    ]
    assert "anc exactly 1200 /uL" in rows[2]["flags"]
    write(file, columns, "A,60,,12.0,5,300", "B,many,,120,5,300")
    with pytest.raises(CelltrialError) as caught:
        run("score", "car-hematotox", file, "-o", out.with_name("other.csv"))
    assert [each.source.line for each in caught.value.findings if each.source] == [2, 3]


def test_score_ice(file: Path, out: Path) -> None:
    """A column that is not there is an item that was not tested."""
    write(file, "subject,year,month,city,hospital,object_1,object_2,object_3,command,writing", "A" + ",yes" * 8 + ",no")
    run("score", "ice", file, "-o", out)
    (row,) = read(out)
    assert [row[name] for name in ("total", "lower_bound", "upper_bound", "lost", "reason")] == [
        "",
        "8",
        "9",
        "writing",
        "not known: attention; 8 to 9 points",
    ]
