"""Remission, low disease activity, responder indices and times: cases worked by hand from the printed definitions."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from celltrial.instruments import (
    BICLA_EMBLEM,
    BICLA_TULIP,
    DORIS_2017_CLINICAL_OFF,
    DORIS_2017_COMPLETE,
    DORIS_2017_COMPLETE_OFF,
    DORIS_2021,
    DORIS_DRUG_FREE,
    LLDAS_5,
    LLDAS_2016,
    LldasVisit,
    RemissionVisit,
    ResponderVisit,
    SriRules,
    TimeToEvent,
    assess_bicla,
    assess_doris,
    assess_lldas,
    assess_sri,
    bilag_systems,
    compute_duration_of_response,
    compute_flare_free_survival,
    compute_time_to_first_response,
    compute_time_to_loss_of_response,
)

HERE = Path(__file__).parent

DORIS = {
    "2021": DORIS_2021,
    "2017-complete": DORIS_2017_COMPLETE,
    "2017-clinical-off": DORIS_2017_CLINICAL_OFF,
    "2017-complete-off": DORIS_2017_COMPLETE_OFF,
    "drug-free": DORIS_DRUG_FREE,
}
LLDAS = {"lldas": LLDAS_2016, "lldas-5": LLDAS_5}
WORDINGS = {"TULIP": BICLA_TULIP, "EMBLEM": BICLA_EMBLEM}
MEASURES = {
    "first response": compute_time_to_first_response,
    "loss": compute_time_to_loss_of_response,
    "confirmed loss": lambda visits: compute_time_to_loss_of_response(visits, confirm=2),
    "duration": compute_duration_of_response,
    "flare free": compute_flare_free_survival,
}


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def cells(row: dict[str, str], numbers: list[str], words: list[str]) -> dict[str, object]:
    """Numbers as decimals, blank is not known; words, blank is unknown."""
    read: dict[str, object] = {name: Decimal(row[name]) if row[name] else None for name in numbers}
    return read | {name: row[name] or "unknown" for name in words}


def responder(row: dict[str, str], when: str) -> ResponderVisit:
    grades = dict(zip(bilag_systems(), row[f"bilag{when}"].replace("-", " "), strict=True))
    return ResponderVisit(
        sledai=int(row[f"sledai{when}"]),
        bilag={system: grade.strip() for system, grade in grades.items()},
        pga=Decimal(row[f"pga{when}"]) if row[f"pga{when}"] else None,
        window_days=30,
    )


@pytest.mark.parametrize("row", rows("doris.csv"), ids=lambda row: row["case"])
def test_doris(row: dict[str, str]) -> None:
    words = ["on_antimalarial", "on_immunosuppressive", "on_biologic", "is_treatment_stable"]
    read = cells(row, ["pga", "prednisone_mg_per_day"], [*words, "high_anti_dsdna", "low_complement"])
    visit = RemissionVisit(clinical_sledai=int(row["clinical_sledai"]), **read)
    assert assess_doris(visit, DORIS[row["variant"]]).answer == row["met"]


@pytest.mark.parametrize("row", rows("lldas.csv"), ids=lambda row: row["case"])
def test_lldas(row: dict[str, str]) -> None:
    words = ["major_organ_activity", "haemolytic_anaemia", "gastrointestinal_activity", "new_activity"]
    read = cells(row, ["pga", "prednisone_mg_per_day"], [*words, "standard_doses", "on_investigational_drug"])
    visit = LldasVisit(sledai_2k=int(row["sledai_2k"]), **read)
    assert assess_lldas(visit, LLDAS[row["variant"]]).answer == row["met"]


@pytest.mark.parametrize("row", rows("sri.csv"), ids=lambda row: row["case"])
def test_sri(row: dict[str, str]) -> None:
    result = assess_sri(
        responder(row, "_baseline"),
        responder(row, ""),
        broke_medication_rules=row["broke_medication_rules"],
        discontinued_early=row["discontinued_early"],
        rules=SriRules(points=int(row["points"])),
    )
    assert (result.evaluable.answer, result.answer) == (row["evaluable"], row["met"])


@pytest.mark.parametrize("row", rows("bicla.csv"), ids=lambda row: row["case"])
def test_bicla(row: dict[str, str]) -> None:
    result = assess_bicla(
        responder(row, "_baseline"),
        responder(row, ""),
        broke_medication_rules=row["treatment_failure"],
        discontinued_early="no",
        rules=WORDINGS[row["wording"]],
    )
    assert (result.evaluable.answer, result.answer) == (row["evaluable"], row["met"])


@pytest.mark.parametrize("row", rows("response_time.csv"), ids=lambda row: f"{row['measure']}: {row['visits']}")
def test_response_time(row: dict[str, str]) -> None:
    visits = [(int(day), answer) for day, answer in (each.split(":") for each in row["visits"].split())]
    found = MEASURES[row["measure"]](visits)
    assert isinstance(found, TimeToEvent)
    expected = (int(row["day"]), row["is_event"] == "yes")
    assert (found.day, found.is_event) == expected
    assert found.known_free_until == (int(row["known_free_until"]) if row["known_free_until"] else None)
    assert found.unknown_days == tuple(int(day) for day in row["unknown_days"].split())
