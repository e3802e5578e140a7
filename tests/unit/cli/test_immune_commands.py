"""`grade gvhd|cgvhd|iec-hs` and `score hscore`: columns in and out, episodes, findings with their lines."""

from pathlib import Path

import pytest

from celltrial.errors import CelltrialError
from csv_commands import read, run, write

GVHD = (
    "subject,at,rash_bsa_percent,bullae,upper_gi_symptoms,severe_abdominal_pain,grossly_bloody_stool,"
    "bilirubin_mg_dl,stool_ml_per_day,stool_episodes_per_day"
)
IEC_HS = (
    "subject,at,diagnosed,intervention_indicated,bleeding_needing_transfusion,"
    "hospitalised_for_aki_hypotension_or_distress,life_threatening,ventilation,dialysis,ferritin_ug_l,ferritin_uln"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "in.csv"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.csv"


def test_gvhd_adds_stages_grade_and_reason(file: Path, out: Path) -> None:
    """Skin 3 alone is II; lower GI 2 alone is III, with its note; what is not known leaves no grade."""
    write(
        file,
        GVHD + ",ward",
        "1,2026-03-01,60,no,none,no,no,1,200,1,A",
        "1,2026-03-04,0,no,none,no,no,1,1200,3,B",
        "1,2026-03-06,10,no,,no,no,1,200,1,C",
    )
    run("grade", "gvhd", file, "-o", out)
    rows = read(out)
    assert list(rows[0])[-8:] == ["ward", "skin", "liver", "upper_gi", "lower_gi", "grade", "reason", "flags"]
    told = [[row[name] for name in ("ward", "skin", "liver", "upper_gi", "lower_gi", "grade")] for row in rows]
    assert told == [
        ["A", "3", "0", "0", "0", "2"],
        ["B", "0", "0", "0", "2", "3"],
        ["C", "1", "0", "", "0", ""],
    ]
    assert rows[1]["flags"] == "stage 2 by volume, 1 by number of episodes: the higher counts"
    assert rows[2]["reason"] == "not known: upper_gi; the grade may be 1 to 2"


def test_gvhd_reads_other_units_and_causes(file: Path, out: Path) -> None:
    """Bilirubin in micromoles, one stool column, organs with another cause."""
    write(
        file,
        "rash_bsa_percent,bullae,upper_gi_symptoms,severe_abdominal_pain,grossly_bloody_stool,bilirubin_umol_l,"
        "stool_episodes_per_day,not_gvhd,other_cause",
        "0,no,persistent,no,no,102.6,1,upper_gi,",
        "0,no,persistent,no,no,102.7,1,upper_gi;liver,no",
        "60,no,persistent,no,no,20,9,,yes",
    )
    run("grade", "gvhd", file, "-o", out)
    assert [(row["liver"], row["grade"]) for row in read(out)] == [("2", "3"), ("0", "0"), ("0", "0")]


def test_episodes_of_gvhd(file: Path, out: Path, tmp_path: Path) -> None:
    """One row an episode and subject, rows in any order; what could not be graded is counted."""
    write(
        file,
        GVHD,
        "1,2026-03-01,60,no,none,no,no,1,200,1",
        "2,2026-03-02,10,no,none,no,no,1,200,1",
        "1,2026-03-06,10,no,,no,no,1,200,1",
        "1,2026-03-04,0,no,none,no,no,1,1200,5",
        "1,2026-03-09,0,no,none,no,no,1,200,1",
    )
    episodes = tmp_path / "episodes.csv"
    run("grade", "gvhd", file, "-o", out, "--episodes", episodes)
    first, second = read(episodes)
    assert (first["subject"], first["maximum"], first["not_gradable"]) == ("1", "3", "1")
    assert (first["onset"][:10], first["resolution"][:10], float(first["days"])) == ("2026-03-01", "2026-03-09", 8.0)
    assert (second["subject"], second["maximum"], second["resolution"]) == ("2", "1", "")


def test_episodes_need_subject_and_time(file: Path, out: Path, tmp_path: Path) -> None:
    """Every row without one is told with its line, and nothing is written."""
    episodes = tmp_path / "episodes.csv"
    write(file, GVHD, "1,2026-03-01,0,no,none,no,no,1,1,1", "2,1 March,0,no,none,no,no,1,1,1")
    with pytest.raises(CelltrialError, match="at is not a date and time") as caught:
        run("grade", "gvhd", file, "-o", out, "--episodes", episodes)
    assert [finding.source.line for finding in caught.value.findings if finding.source] == [3]
    write(file, GVHD, "1,2026-03-01,0,no,none,no,no,1,1,1", ",2026-03-01,0,no,none,no,no,1,1,1")
    with pytest.raises(CelltrialError, match="subject is blank"):
        run("grade", "gvhd", file, "-o", out, "--episodes", episodes)
    write(file, GVHD.replace("subject,at,", ""), "0,no,none,no,no,1,1,1")
    with pytest.raises(CelltrialError, match="add: subject, at"):
        run("grade", "gvhd", file, "-o", out, "--episodes", episodes)
    assert not out.exists()
    assert not episodes.exists()


def test_findings_of_a_file_are_told_all_at_once_and_nothing_is_written(file: Path, out: Path) -> None:
    """A bad word, a text for a number, an impossible number: each with its line."""
    write(
        file,
        GVHD,
        "1,2026-03-01,60,perhaps,none,no,no,1,200,1",
        "1,2026-03-01,sixty,no,none,no,no,much,200,1",
        "1,2026-03-01,160,no,none,no,no,1,200,1",
    )
    with pytest.raises(CelltrialError) as caught:
        run("grade", "gvhd", file, "-o", out)
    assert [(finding.source.line, finding.where) for finding in caught.value.findings if finding.source] == [
        (2, "bullae"),
        (3, "rash_bsa_percent"),
        (3, "bilirubin_mg_dl"),
        (4, "rash_bsa_percent"),
    ]
    assert not out.exists()


@pytest.mark.parametrize("lacking", ["bilirubin_mg_dl,", "stool_ml_per_day,stool_episodes_per_day", "bullae,"])
def test_a_file_without_the_columns_of_an_organ_is_another_file(file: Path, out: Path, lacking: str) -> None:
    """One of the two bilirubins and one of the two stool columns must be there."""
    write(file, GVHD.replace(lacking, "").removesuffix(","))
    with pytest.raises(CelltrialError, match="columns are missing"):
        run("grade", "gvhd", file, "-o", out)


def test_cgvhd_adds_the_severity(file: Path, out: Path) -> None:
    """Eight scores to a severity; a blank score is not 0; a score of 4 is a finding."""
    columns = "skin,mouth,eyes,gi,liver,lungs,joints_fascia,genital"
    write(file, columns, "1,1,0,0,0,0,0,0", "0,0,0,0,0,1,0,0", "1,1,0,0,0,,0,0", "3,,,,,,,")
    run("grade", "cgvhd", file, "-o", out)
    rows = read(out)
    assert [row["severity"] for row in rows] == ["mild", "moderate", "", "severe"]
    assert rows[2]["reason"] == "not known: lungs; the severity may be mild to severe"
    write(file, columns, "4,0,0,0,0,0,0,0.5")
    with pytest.raises(CelltrialError) as caught:
        run("grade", "cgvhd", file, "-o", out)
    assert [finding.where for finding in caught.value.findings] == ["skin", "genital"]


def test_iec_hs_adds_grade_and_evidence(file: Path, out: Path, tmp_path: Path) -> None:
    """The grade comes from the diagnosis and the signs, never from the evidence beside it."""
    write(
        file,
        IEC_HS,
        "1,2026-03-01,no,no,no,no,no,no,no,9000,300",
        "1,2026-03-02,yes,yes,no,no,no,no,no,9000,300",
        "1,2026-03-03,yes,yes,yes,no,no,no,no,,300",
        "1,2026-03-04,yes,,no,no,no,no,no,,",
        "1,2026-03-05,no,no,no,no,no,no,no,,",
    )
    episodes = tmp_path / "episodes.csv"
    run("grade", "iec-hs", file, "-o", out, "--episodes", episodes)
    rows = read(out)
    assert list(rows[0])[-6:] == ["grade", "required_met", "evidence", "unknown", "reason", "flags"]
    assert [(row["grade"], row["required_met"]) for row in rows] == [
        ("0", "yes"),
        ("2", "yes"),
        ("3", "unknown"),
        ("", "unknown"),
        ("0", "unknown"),
    ]
    assert rows[0]["evidence"] == "ferritin (ferritin_ug_l 9000 ug/L, needs > 600 ug/L (2 x uln))"
    assert rows[0]["unknown"].startswith("onset; transaminases; fibrinogen")
    assert rows[3]["reason"] == "not known: intervention_indicated; the grade may be 1 to 2"
    (episode,) = read(episodes)
    assert (episode["onset"][:10], episode["maximum"], episode["resolution"][:10]) == ("2026-03-02", "3", "2026-03-05")


def test_hscore_sheet(file: Path, out: Path) -> None:
    """A total where all is known; else the range, and whether the cut-off is reached all the same."""
    columns = (
        "immunosuppression,temperature_c,hepatomegaly,splenomegaly,hemoglobin_g_l,leukocytes_10e9_l,platelets_10e9_l,"
    )
    columns += "ferritin_ug_l,triglycerides_mmol_l,fibrinogen_g_l,ast_u_l,haemophagocytosis"
    write(
        file,
        columns,
        "yes,39.5,no,yes,90,4,100,7000,4.1,2.0,40,no",
        "yes,39.5,no,yes,90,4,100,,4.1,2.0,40,",
        "no,37,no,no,,,,,,,,no",
    )
    run("score", "hscore", file, "-o", out)
    rows = read(out)
    assert [(row["total"], row["lowest"], row["highest"], row["reaches_cutoff"]) for row in rows] == [
        ("287", "287", "287", "yes"),  # 18 + 49 + 23 + 34 + 50 + 64 + 30 + 19
        ("", "237", "322", "yes"),
        ("", "0", "197", "unknown"),  # 34 + 50 + 64 + 30 + 19
    ]
    assert rows[1]["reason"] == "not known: ferritin_ug_l, haemophagocytosis; the score may be 237 to 322"
    assert rows[1]["points"] == (
        "immunosuppression=18;temperature=49;organomegaly=23;cytopenias=34;ferritin=0-50;triglycerides=64;fibrinogen=30;"
        "ast=19;haemophagocytosis=0-35"
    )
    assert rows[0]["flags"].endswith("poor specificity")
