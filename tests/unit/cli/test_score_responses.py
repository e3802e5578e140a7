"""`score doris`, `lldas`, `sri-k`, `bicla`: a real CSV in, the answer with its conditions and reason out."""

import csv
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import scoring
from celltrial.errors import CelltrialError
from celltrial.instruments import bilag_systems

app = typer.Typer(pretty_exceptions_enable=False)
scoring.register(app)
app.callback()(lambda: None)


def score(name: str, file: Path, out: Path) -> list[dict[str, str]]:
    """Run the command and give back the rows it wrote; a known error is raised."""
    result = CliRunner().invoke(app, ["score", name, str(file), "-o", str(out)])
    if isinstance(result.exception, CelltrialError):
        raise result.exception
    assert result.exit_code == 0, result.output
    with out.open(newline="", encoding="utf-8") as made:
        return list(csv.DictReader(made))


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "in.csv"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.csv"


DORIS = {
    "subject": "1",
    "clinical_sledai": "0",
    "pga": "0.4",
    "prednisone_mg_per_day": "5",
    "is_treatment_stable": "yes",
}


def test_doris_keeps_the_rows_and_tells_conditions_flags_and_reason(file: Path, out: Path) -> None:
    write(file, [DORIS, DORIS | {"subject": "2", "pga": "0.5"}, DORIS | {"subject": "3", "clinical_sledai": ""}])
    made = score("doris", file, out)
    assert list(made[0]) == [*DORIS, "met", "conditions", "flags", "reason"]
    assert [(row["subject"], row["met"]) for row in made] == [("1", "yes"), ("2", "no"), ("3", "unknown")]
    assert made[1]["conditions"] == "clinical SLEDAI=yes;PGA=no;glucocorticoid=yes;stable treatment=yes"
    assert made[1]["flags"].split(" | ")[0].startswith("PGA is exactly 0.5")
    assert made[1]["reason"] == "PGA: 0.5, needs < 0.5"
    assert made[2]["reason"] == "clinical SLEDAI: not known; needs <= 0"


def test_doris_reads_a_lower_bound_and_the_drugs_where_they_are_columns(file: Path, out: Path) -> None:
    none = {"on_antimalarial": "no", "on_immunosuppressive": "no", "on_biologic": "no"}
    row = DORIS | none | {"is_treatment_stable": "", "clinical_sledai_lower_bound": ""}
    write(file, [row, row | {"clinical_sledai": "", "clinical_sledai_lower_bound": "4"}])
    assert [each["met"] for each in score("doris", file, out)] == ["yes", "no"]


@pytest.mark.parametrize(
    ("name", "met"),
    [
        ("doris-2017-clinical", "yes"),
        ("doris-2017-complete", "no"),
        ("doris-2017-clinical-off", "yes"),
        ("doris-2017-complete-off", "no"),
        ("doris-drug-free", "no"),
    ],
)
def test_the_variants_of_doris_have_names(name: str, met: str, file: Path, out: Path) -> None:
    """Serologically active, on hydroxychloroquine alone."""
    drugs = {"on_antimalarial": "yes", "on_immunosuppressive": "no", "on_biologic": "no"}
    serology = {"high_anti_dsdna": "yes", "low_complement": "no"}
    write(file, [DORIS | drugs | serology | {"prednisone_mg_per_day": "0"}])
    assert score(name, file, out)[0]["met"] == met


LLDAS = {
    "sledai_2k": "4",
    "pga": "1.0",
    "prednisone_mg_per_day": "7.5",
    "new_activity": "no comparator",
    "major_organ_activity": "no",
    "haemolytic_anaemia": "no",
    "gastrointestinal_activity": "no",
    "standard_doses": "yes",
    "on_investigational_drug": "no",
}


def test_lldas_and_its_stricter_form(file: Path, out: Path) -> None:
    write(file, [LLDAS, LLDAS | {"haemolytic_anaemia": ""}, LLDAS | {"new_activity": "yes"}])
    made = score("lldas", file, out)
    assert [row["met"] for row in made] == ["yes", "unknown", "no"]
    assert made[0]["flags"] == "no earlier assessment: no new activity read here as met"
    assert [row["met"] for row in score("lldas-5", file, out)] == ["no", "no", "no"]
    drugs = {"on_antimalarial": "no", "on_immunosuppressive": "no", "on_biologic": "no"}
    free = LLDAS | drugs | {"prednisone_mg_per_day": "0"}
    write(file, [free, free | {"on_antimalarial": "yes"}, free | {"on_biologic": ""}])
    assert [row["met"] for row in score("lldas-drug-free", file, out)] == ["yes", "no", "unknown"]


def responder(**changes: str) -> dict[str, str]:
    """A participant whose kidney improves from A to C."""
    grades = {f"bilag_{system}{when}": "D" for when in ("_baseline", "") for system in bilag_systems()}
    row = {"sledai_2k_baseline": "10", "sledai_2k": "6", "pga_baseline": "2.0", "pga": "1.0", **grades}
    row |= {"bilag_renal_baseline": "A", "bilag_renal": "C", "broke_medication_rules": "no", "discontinued_early": "no"}
    return row | {"window_days_baseline": "30", "window_days": "30"} | changes


def test_sri_tells_who_is_evaluable(file: Path, out: Path) -> None:
    rows = [responder(), responder(sledai_2k="7"), responder(sledai_2k_baseline="3"), responder(pga="2.3")]
    write(file, [*rows, responder(bilag_renal="")])
    made = score("sri-4", file, out)
    found = [(row["met"], row["evaluable"]) for row in made]
    assert found == [("yes", "yes"), ("no", "yes"), ("unknown", "no"), ("no", "yes"), ("unknown", "yes")]
    assert made[0]["flags"] == ""
    assert made[2]["flags"] == made[2]["reason"] == "not evaluable: baseline SLEDAI-2K 3, needs >= 4"


@pytest.mark.parametrize(("points", "met"), [(4, "yes"), (5, "yes"), (6, "yes"), (7, "no"), (8, "no")])
def test_sri_comes_in_five_strengths(points: int, met: str, file: Path, out: Path) -> None:
    write(file, [responder(sledai_2k="4")])
    assert score(f"sri-{points}", file, out)[0]["met"] == met


def test_bicla_in_both_wordings(file: Path, out: Path) -> None:
    write(file, [responder(pga="2.3"), responder(bilag_renal="A"), responder(bilag_renal_baseline="C")])
    made = score("bicla", file, out)
    assert [(row["met"], row["evaluable"]) for row in made] == [("no", "yes"), ("no", "yes"), ("unknown", "no")]
    assert "wordings differ" in made[0]["flags"]
    assert [row["met"] for row in score("bicla-emblem", file, out)] == ["yes", "no", "unknown"]


def test_selena_sledai_stands_in_its_own_columns(file: Path, out: Path) -> None:
    row = responder(sledai_2k_baseline="", sledai_2k="") | {"selena_sledai_baseline": "10", "selena_sledai": "6"}
    write(file, [row])
    assert score("sri-4", file, out)[0]["conditions"].startswith("SELENA-SLEDAI fall=yes")
    write(file, [row | {"sledai_2k": "6"}])
    with pytest.raises(CelltrialError, match="two forms of SLEDAI"):
        score("sri-4", file, out)


def test_a_lower_bound_at_the_visit_may_decide(file: Path, out: Path) -> None:
    bounded = responder(sledai_2k="") | {"sledai_2k_lower_bound": "7"}
    write(file, [bounded, bounded | {"sledai_2k_lower_bound": "6"}])
    assert [row["met"] for row in score("sri-4", file, out)] == ["no", "unknown"]


def test_all_problems_of_a_file_are_told_with_their_lines_and_nothing_is_written(file: Path, out: Path) -> None:
    rows = [responder(pga="low", sledai_2k="6.5"), responder(bilag_renal="F"), responder(window_days="10")]
    write(file, [*rows, responder(discontinued_early="maybe")])
    with pytest.raises(CelltrialError) as told:
        score("sri-4", file, out)
    assert [finding.source.line for finding in told.value.findings if finding.source] == [2, 2, 3, 4, 5]
    assert not out.exists()
    write(file, [DORIS | {"pga": "x", "is_treatment_stable": "1", "clinical_sledai": "0.5"}, DORIS | {"pga": "35"}])
    with pytest.raises(CelltrialError) as told:
        score("doris", file, out)
    assert len(told.value.findings) == 4
