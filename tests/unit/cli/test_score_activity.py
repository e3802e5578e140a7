"""`score` of activity and damage, through a CSV: columns, order, blanks, and findings with their line."""

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import scoring
from celltrial.errors import CelltrialError
from celltrial.instruments import bilag_systems, sfi_criteria, sledai_2k_items, slicc_damage_items

app = typer.Typer(pretty_exceptions_enable=False)
scoring.register(app)

SLEDAI = [item.item for item in sledai_2k_items()]
ASKED = [each.criterion for each in sfi_criteria() if each.is_asked]
DAMAGE = [each.item for each in slicc_damage_items()]


def score(
    name: str, folder: Path, columns: Iterable[str], *rows: dict[str, str], fill: str = "no"
) -> list[dict[str, str]]:
    """Score these rows; a cell that a row does not name has the value `fill`."""
    columns = ["subject", *columns]
    path, out = folder / "in.csv", folder / "out.csv"
    out.unlink(missing_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(dict.fromkeys(columns, fill) | row for row in rows)
    result = CliRunner().invoke(app, [name, str(path), "-o", str(out)])
    if isinstance(result.exception, CelltrialError):
        assert not out.exists()
        raise result.exception
    assert result.exit_code == 0, result.output
    with out.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_sledai_2k_with_its_window(tmp_path: Path) -> None:
    """Three scores; the window passes through and is checked."""
    sick = {"pyuria": "yes", "pyuria_attribution": "sle", "rash": "yes", "rash_attribution": "sle"}
    columns = [*SLEDAI, "window_days", "pyuria_attribution", "rash_attribution"]
    known, open_score = score(
        "sledai-2k",
        tmp_path,
        columns,
        sick | {"window_days": "30"},
        sick | {"window_days": "", "leukopenia": ""},
    )
    assert (known["total"], known["clinical"], known["nonlaboratory"], known["window_days"]) == ("6", "6", "2", "30")
    assert (open_score["total"], open_score["nonlaboratory"], open_score["lower_bound"]) == ("", "2", "6")


@pytest.mark.parametrize("window", ["28", "3.5", "thirty"])
def test_a_window_that_is_none_is_a_finding(tmp_path: Path, window: str) -> None:
    """With its line, and nothing written."""
    with pytest.raises(CelltrialError) as caught:
        score("sledai-2k", tmp_path, [*SLEDAI, "window_days"], {"window_days": "10"}, {"window_days": window})
    assert [(each.where, each.source and each.source.line) for each in caught.value.findings] == [("window_days", 3)]


def test_selena_sledai(tmp_path: Path) -> None:
    """Stable proteinuria by both rules, and one that may be new."""
    columns = [*SLEDAI, "proteinuria_new_or_increased", "proteinuria_rule", "proteinuria_attribution"]
    stable = {"proteinuria": "yes", "proteinuria_attribution": "sle", "proteinuria_rule": ""}
    first, second, third = score(
        "selena-sledai",
        tmp_path,
        columns,
        stable,
        stable | {"proteinuria_rule": "2k"},
        stable | {"proteinuria_new_or_increased": ""},
    )
    assert [row["total"] for row in (first, second, third)] == ["0", "4", ""]
    assert (third["lower_bound"], third["clinical"], third["nonlaboratory"]) == ("0", "", "0")
    assert third["reason"] == "not known whether present: proteinuria"
    with pytest.raises(CelltrialError, match="proteinuria_rule"):
        score("selena-sledai", tmp_path, columns, stable | {"proteinuria_rule": "bliss"})


SFI = {
    "sledai_before": "4",
    "sledai_after": "13",
    "pga_before": "0.5",
    "pga_after": "0.5",
    "prednisone_before_mg_day": "5",
    "prednisone_after_mg_day": "5",
    "weight_kg": "60",
    "platelets_10e9_l": "200",
    "hemoglobin_before_g_l": "120",
    "hemoglobin_after_g_l": "120",
    "rules": "",
    "count_medication": "",
    "count_mycophenolate": "",
    "count_pga": "",
}


def test_sfi(tmp_path: Path) -> None:
    """The flare, the variants, and the range where something is not known."""
    drug = SFI | {"sledai_after": "4", "new_mycophenolate": "yes"}
    rows = score(
        "sfi",
        tmp_path,
        [*SFI, *ASKED],
        SFI,
        SFI | {"rules": "modified"},
        drug,
        drug | {"count_medication": "no"},
        drug | {"count_mycophenolate": "no"},
        SFI | {"sledai_after": "4", "pga_after": "2.6", "count_pga": "no"},
        SFI | {"sledai_after": ""},
    )
    assert [row["flare"] for row in rows] == ["severe", "mild-moderate", "severe", "none", "none", "none", "unknown"]
    assert rows[0]["criteria"] == "sledai_rise_3;sledai_over_12"
    assert (rows[-1]["lowest"], rows[-1]["highest"]) == ("none", "severe")
    assert rows[-1]["reason"] == "may be none to severe; not known: sledai_rise_3, sledai_over_12"


def test_sfi_findings(tmp_path: Path) -> None:
    """Rules, numbers and words that cannot be read, each with its line."""
    with pytest.raises(CelltrialError) as caught:
        score(
            "sfi",
            tmp_path,
            [*SFI, *ASKED],
            SFI | {"rules": "revised", "count_pga": "x"},
            SFI | {"pga_after": "high", "weight_kg": "sixty"},
            SFI | {"sledai_after": "4.5"},
            SFI | {"nephritis": "maybe"},
        )
    assert [(each.where, each.source and each.source.line) for each in caught.value.findings] == [
        ("rules", 2),
        ("count_pga", 2),
        ("pga_after", 3),
        ("weight_kg", 3),
        ("sledai_after", 4),
        ("nephritis", 5),
    ]


def test_bilag_2004(tmp_path: Path) -> None:
    """The number; what changed where the visit before is there."""
    before = [f"{system}_before" for system in bilag_systems()]
    blank = dict.fromkeys(before, "")
    rows = score(
        "bilag-2004",
        tmp_path,
        [*bilag_systems(), *before],
        blank | {"renal": "B", "mucocutaneous": "A"},
        {"renal": "B", "renal_before": "C", "mucocutaneous": "B", "mucocutaneous_before": "A", "ophthalmic_before": ""},
        blank | {"renal": ""},
        {"renal": "B", "renal_before": ""},
        fill="E",
    )
    first, second, third, fourth = rows
    assert (first["total"], first["by_system"], first["new_b"], first["open"]) == (
        "20",
        "mucocutaneous=12;renal=8",
        "",
        "",
    )
    assert (second["new_a"], second["new_b"], second["improved"]) == ("", "renal", "mucocutaneous")
    assert second["open"] == "ophthalmic"
    assert (third["total"], third["lower_bound"], third["reason"]) == ("", "0", "no grade for: renal")
    assert (fourth["new_b"], fourth["open"]) == ("", "renal")
    with pytest.raises(CelltrialError, match="'b'"):
        score("bilag-2004", tmp_path, bilag_systems(), {"renal": "b"}, fill="E")


def test_pga(tmp_path: Path) -> None:
    """Both scales; a missing one keeps its reason; one off its scale is a finding."""
    rows = score(
        "pga",
        tmp_path,
        ["pga", "scale"],
        {"pga": "0.5"},
        {"pga": "50", "scale": "0-100 mm"},
        {"pga": "", "subject": "c"},
        fill="",
    )
    assert [(row["pga_0_3"], row["band"]) for row in rows] == [("0.5", "mild"), ("1.5", "moderate"), ("", "")]
    assert rows[2]["reason"] == "no PGA"
    with pytest.raises(CelltrialError, match="not on its scale"):
        score("pga", tmp_path, ["pga"], {"pga": "50"}, fill="")


def test_slicc_di(tmp_path: Path) -> None:
    """Both forms, an unknown item, and damage that falls."""
    rows = score(
        "slicc-di",
        tmp_path,
        [*DAMAGE, "form", "cataract_before"],
        {"end_stage_renal_disease": "3", "proteinuria": "1", "cataract": "1", "form": "", "cataract_before": ""},
        {"tendon_rupture": "1", "form": "39"},
        {"malignancy": "", "diabetes": "1", "form": "41"},
        {"cataract_before": "1", "form": ""},
        fill="0",
    )
    assert [row["total"] for row in rows] == ["4", "0", "", "0"]
    assert rows[0]["by_domain"] == "ocular=1;renal=3"
    assert (rows[2]["lower_bound"], rows[2]["reason"]) == ("1", "not known: malignancy")
    assert [row["fallen"] for row in rows] == ["", "", "", "cataract"]


def test_slicc_di_findings(tmp_path: Path) -> None:
    """Points that an item cannot have, and what is not whole."""
    with pytest.raises(CelltrialError) as caught:
        score("slicc-di", tmp_path, DAMAGE, {"cataract": "2"}, {"cataract": "0.5"}, {"cataract": "yes"}, fill="0")
    assert [each.source and each.source.line for each in caught.value.findings] == [2, 3, 4]
