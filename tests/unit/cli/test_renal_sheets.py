"""`score` for the kidney and for glucocorticoids: columns in and out, three values, units never assumed."""

import csv
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import scoring
from celltrial.errors import CelltrialError

app = typer.Typer(pretty_exceptions_enable=False)
scoring.register(app)
app.callback()(lambda: None)


def score(name: str, tmp_path: Path, *lines: str) -> list[dict[str, str]]:
    given, out = tmp_path / "in.csv", tmp_path / "out.csv"
    out.unlink(missing_ok=True)
    given.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["score", name, str(given), "-o", str(out)])
    if isinstance(result.exception, CelltrialError):
        assert not out.exists()
        raise result.exception
    assert result.exit_code == 0, result.output
    with out.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_cockcroft_gault(tmp_path: Path) -> None:
    rows = score(
        "cockcroft-gault",
        tmp_path,
        "site,age_years,sex,weight_kg,creatinine,creatinine_unit,weight_basis,height_cm",
        "A,40,M,72,2,mg/dL,,",
        "B,40,M,72,176.8,umol/L,,",
        "C,40,M,120,2,mg/dL,adjusted,177.8",
        "D,,M,72,2,mg/dL,,",
    )
    assert [row["clearance_ml_min"] for row in rows] == ["50", "50", "63.75", ""]
    assert rows[2]["weight_used_kg"] == "91.8"
    assert rows[3]["reason"] == "not known: age_years"
    assert [row["site"] for row in rows] == ["A", "B", "C", "D"]


def test_a_unit_is_never_assumed(tmp_path: Path) -> None:
    with pytest.raises(CelltrialError, match="creatinine has no unit") as caught:
        score(
            "cockcroft-gault",
            tmp_path,
            "age_years,sex,weight_kg,creatinine,creatinine_unit",
            "40,M,72,2,",
            "40.5,M,72,2,mg/dL",
            "40,W,72,0,mg/dL",
        )
    lines = [finding.source.line for finding in caught.value.findings if finding.source]
    assert lines == [2, 3, 4, 4]


def test_ckd_epi_2021(tmp_path: Path) -> None:
    rows = score(
        "ckd-epi-2021",
        tmp_path,
        "age_years,sex,creatinine,creatinine_unit,weight_kg,height_cm,surface_formula",
        "65,F,1.2,mg/dL,80,180,",
        "65,F,1.2,mg/dL,80,180,dubois",
        "17,F,1.2,mg/dL,,,",
        "65,F,1.2,mg/dL,,,",
    )
    assert float(rows[0]["egfr_ml_min_1_73m2"]) == pytest.approx(50.2347, abs=1e-4)
    assert float(rows[0]["egfr_ml_min"]) == pytest.approx(58.0748, abs=1e-4)
    assert rows[0]["body_surface_m2"] == "2.0"
    assert float(rows[1]["body_surface_m2"]) == pytest.approx(1.9964, abs=1e-3)
    assert (rows[2]["egfr_ml_min_1_73m2"], rows[2]["reason"]) == ("", "CKD-EPI 2021 is for adults: age 17")
    assert rows[3]["egfr_ml_min"] == ""


def test_upcr(tmp_path: Path) -> None:
    rows = score(
        "upcr",
        tmp_path,
        "urine_protein,urine_protein_unit,urine_creatinine,urine_creatinine_unit",
        "60,mg/dL,120,mg/dL",
        "56.56,mg/L,1,mmol/L",
        "60,mg/dL,,",
    )
    assert [(row["upcr_g_g"], row["upcr_mg_g"], row["upcr_mg_mmol"]) for row in rows[:2]] == [
        ("0.5", "500", "56.56")
    ] * 2
    assert (rows[2]["upcr_g_g"], rows[2]["reason"]) == ("", "not known: urine_creatinine")


def test_kdigo_2024(tmp_path: Path) -> None:
    rows = score(
        "kdigo-2024",
        tmp_path,
        "upcr_g_g,baseline_upcr_g_g,egfr,baseline_egfr,pre_flare_egfr,months,rescue,stable_within_percent",
        "0.4,3,88,100,100,12,no,",
        "0.4,3,88,100,100,12,no,15",
        "1.4,3,95,100,100,12,no,",
        "0.4,3,,100,100,12,,",
    )
    assert [row["category"] for row in rows] == ["none", "complete", "partial", "unknown"]
    assert [row["perr"] for row in rows] == ["yes", "yes", "no", "unknown"]
    assert "10 to 15 %" in rows[0]["flags"]
    assert "not known: eGFR" in rows[3]["reason"]


def test_eular_2019_renal(tmp_path: Path) -> None:
    rows = score(
        "eular-2019-renal",
        tmp_path,
        "upcr_g_g,baseline_upcr_g_g,egfr,months,complete_below_g",
        "0.6,2,95,6,",
        "0.6,2,95,6,0.7",
        ",2,95,,",
        "0.6,2,95,1,",
    )
    assert [row["by_12_months"] for row in rows] == ["no", "yes", "unknown", "no"]
    assert [row["by_6_months"] for row in rows] == ["yes", "yes", "unknown", "yes"]
    assert [row["due"] for row in rows] == ["3;6", "3;6", "", "none"]


def test_aurora(tmp_path: Path) -> None:
    low = ";".join(["5"] * 56)
    head = "upcr_g_g,baseline_upcr_g_g,egfr,egfr_repeat,baseline_egfr,rescue,prednisone_mg"
    rows = score(
        "aurora",
        tmp_path,
        f"{head},adequate_response,post_response_upcr_g_g,window_days,kidney_related_event",
        f"0.5,3,60,,100,no,{low},,,,",
        "0.5,3,60,,100,no,11;11;11,,,,",
        "0.5,3,60,,100,no,5;;5,,,3,",
        "2.5,3,60,,100,no,,yes,0.4,,",
        f"0.5,3,40,40,100,no,{low},,,,no",
    )
    assert [row["crr"] for row in rows] == ["yes", "no", "yes", "no", "yes"]
    assert [row["renal_flare"] for row in rows] == ["unknown", "unknown", "unknown", "yes", "unknown"]
    assert [row["prr"] for row in rows] == ["yes", "yes", "yes", "no", "yes"]
    with pytest.raises(CelltrialError, match="prednisone_mg of day 2 is not a number"):
        score("aurora", tmp_path, head, "0.5,3,60,,100,no,5;x")


def test_bliss_ln(tmp_path: Path) -> None:
    rows = score(
        "bliss-ln",
        tmp_path,
        "upcr_g_g,egfr,pre_flare_egfr,treatment_failure",
        "0.4,95,100,no",
        "0.5,95,100,no",
        "0.4,95,100,",
    )
    assert [(row["crr"], row["perr"]) for row in rows] == [("yes", "yes"), ("no", "yes"), ("unknown", "unknown")]


def test_a_word_that_no_rule_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CelltrialError, match="treatment_failure"):
        score("bliss-ln", tmp_path, "upcr_g_g,egfr,pre_flare_egfr,treatment_failure", "0.4,95,100,none")


def test_isn_rps(tmp_path: Path) -> None:
    rows = score(
        "isn-rps",
        tmp_path,
        "ln_class,fibrinoid_necrosis,involved_percent,globally_sclerosed_percent,membranous",
        "V + III (A/C),1,30,0,yes",
        "IV,1,,,",
        "IV (C),,60,,",
        ",,,,no",
    )
    assert [row["class"] for row in rows] == ["III+V", "IV", "IV", ""]
    assert [row["active_iii_or_iv"] for row in rows] == ["yes", "yes", "no", "unknown"]
    assert [row["derived_class"] for row in rows] == ["III+V", "", "", ""]
    assert [row["activity_lower_bound"] for row in rows] == ["2", "2", "0", "0"]
    assert "globally_sclerosed_percent" in rows[2]["reason"]


def test_prednisone_equivalent(tmp_path: Path) -> None:
    rows = score(
        "prednisone-equivalent",
        tmp_path,
        "drug,dose_mg,per_day,route,interval_days,weight_kg,equivalent_mg",
        "prednisone,15,1,oral,2,60,",
        "betamethasone,0.6,1,oral,,,0.75",
        "budesonide,1,2,inhaled,,,",
        "prednisone,,1,oral,,,",
    )
    assert [row["prednisone_mg_per_day"] for row in rows] == ["7.5", "4", "0", ""]
    assert [row["counted"] for row in rows] == ["yes", "yes", "no", "unknown"]
    assert rows[0]["prednisone_mg_per_kg_per_day"] == "0.125"
    assert rows[3]["reason"] == "mg not known"
