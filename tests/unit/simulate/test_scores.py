"""Scores of a virtual participant: the same story as SLEDAI-2K, and words that the instruments read."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import numpy as np

from celltrial.instruments.bilag_2004 import score_bilag_2004
from celltrial.instruments.sfi import sfi_criteria
from celltrial.instruments.slicc_damage import DamageScore, score_slicc_damage
from celltrial.missing import NotEvaluable
from celltrial.simulate.disease import ITEMS, Disease, fill_sledai
from celltrial.simulate.laboratory import limits, true_values
from celltrial.simulate.population import Person, simulate_person
from celltrial.simulate.scenario import scenario_named
from celltrial.simulate.scores import ORGANS, fill_bilag, fill_damage, fill_flare_index, fill_pga, organ_rows

OPENED = date(2025, 7, 11)
DAYS = (None, 28, 60, 90, 180, 270, 360)
# the items of SLEDAI-2K that a BILAG system has, written out here again
ITEMS_OF_SYSTEM = {
    "mucocutaneous": {"rash", "alopecia", "mucosal_ulcers", "vasculitis"},
    "musculoskeletal": {"arthritis", "myositis"},
    "cardiorespiratory": {"pleurisy", "pericarditis"},
    "renal": {"urinary_casts", "hematuria", "proteinuria", "pyuria"},
    "haematological": {"thrombocytopenia", "leukopenia"},
}
ORDER = "EDCBA"


def people(n: int = 40) -> list[Person]:
    """Candidates of the default scenario."""
    return [simulate_person(2, index, scenario_named("default"), opened_on=OPENED) for index in range(n)]


def scored(person: Person, day: int | None) -> dict[str, str]:
    """The SLEDAI-2K form of a visit."""
    values = true_values(2, person, None, day=day, occasion=0 if day is None else day)
    return fill_sledai(person.disease, day, values, limits())


def visits(person: Person) -> Iterator[tuple[int | None, dict[str, str]]]:
    for day in DAYS:
        yield day, scored(person, day)


def due_to_lupus(sledai: dict[str, str]) -> set[str]:
    return {item for item in ITEMS if sledai[item] == "yes" and sledai[f"{item}_attribution"] == "sle"}


def test_global_assessment_follows_the_clinical_items() -> None:
    """In the range of remission without a clinical item, moderate with 12 points; 0 to 3 always."""
    rng = np.random.default_rng(1)
    quiet = {f"{item}{part}": word for item in ITEMS for part, word in (("", "no"), ("_attribution", ""))}
    active = quiet | {
        f"{item}{part}": word
        for item in ("vasculitis", "arthritis")
        for part, word in (("", "yes"), ("_attribution", "sle"))
    }
    serology = quiet | {"low_complement": "yes", "low_complement_attribution": "sle"}
    assert max(float(fill_pga(rng, quiet)["value"]) for _ in range(200)) < 0.5
    assert max(float(fill_pga(rng, serology)["value"]) for _ in range(200)) < 0.5
    drawn = [float(fill_pga(rng, active)["value"]) for _ in range(200)]
    assert 1.5 < min(drawn) <= max(drawn) <= 3.0


def test_what_is_not_due_to_lupus_raises_nothing() -> None:
    """Low counts after lymphodepletion change neither the global assessment nor the haematological grade."""
    person = next(each for each in people() if "thrombocytopenia" not in each.disease.items)
    counts = {"leukocytes": 1.2, "platelets": 60.0}
    quiet = Disease(
        items=("rash",), gone={"rash": 5}, nephritis_class="", response="complete", flare_day=None,
        half_life_days=20.0, floor=0.05,
    )  # fmt: skip
    sledai = fill_sledai(quiet, 10, counts, limits())
    assert sledai["thrombocytopenia"] == "yes"
    rng = np.random.default_rng(3)
    assert float(fill_pga(rng, sledai)["value"]) < 0.5
    assert fill_bilag(rng, quiet, person.past, 10, sledai)["haematological"] in "DE"


def test_a_bilag_grade_is_active_where_sledai_has_an_item() -> None:
    """A to C with an item of the system, D where lupus was there before, E where it never was."""
    rng = np.random.default_rng(4)
    for person in people():
        for day, sledai in visits(person):
            grades = fill_bilag(rng, person.disease, person.past, day, sledai)
            assert len(grades) == 9
            for system, items in ITEMS_OF_SYSTEM.items():
                assert (grades[system] in "ABC") == bool(items & due_to_lupus(sledai)), (person.index, day, system)
            if person.past.organs["kidney"] == "no":
                assert grades["renal"] != "D"
            score = score_bilag_2004({key: value.replace("ND", "") for key, value in grades.items()})
            assert isinstance(score, NotEvaluable) == ("ND" in grades.values())


def test_a_system_that_stays_active_does_not_get_worse_without_a_flare() -> None:
    """From visit to visit the grade of a system with an item stays or falls while the disease does."""
    rng = np.random.default_rng(5)
    for person in people():
        if person.disease.response == "flare":
            continue
        last = dict.fromkeys(ITEMS_OF_SYSTEM, "A")
        for day, sledai in visits(person):
            grades = fill_bilag(rng, person.disease, person.past, day, sledai)
            for system in set(ITEMS_OF_SYSTEM) - {"haematological", "renal"}:
                assert ORDER.index(grades[system]) <= ORDER.index(last[system])
            last = grades


def test_organs_that_are_active_have_been_affected() -> None:
    """Thirteen rows; an active organ was ever affected; who has nephritis has an affected kidney."""
    words = set()
    for person in people():
        rows = {row["organ"]: row for row in organ_rows(person.disease, person.past)}
        assert list(rows) == list(ORGANS)
        assert all(row["ever_involved"] == "yes" for row in rows.values() if row["active_at_baseline"] == "yes")
        assert (rows["kidney"]["active_at_baseline"] == "yes") == ("proteinuria" in person.disease.items)
        words |= {row["ever_involved"] for row in rows.values()}
    assert words == {"yes", "no", "unknown"}


def test_damage_is_complete_and_the_instrument_reads_it() -> None:
    """Every item has points, and the index is a number; some have none, some a little."""
    totals = []
    for person in people():
        score = score_slicc_damage({item: int(points) for item, points in fill_damage(person.past).items()})
        assert isinstance(score, DamageScore)
        assert score.total == sum(person.past.damage.values())
        totals.append(score.total)
    assert min(totals) == 0
    assert 0 < max(totals) < 6


def test_a_flare_is_told_once() -> None:
    """All answers are no, but at the first visit after the flare began, in a system that SLEDAI-2K shows."""
    asked = {each.criterion for each in sfi_criteria() if each.is_asked}
    told = 0
    for person in people(80):
        began = person.disease.flare_day
        for previous, day in pairwise((0, 28, 60, 90, 180, 270, 360)):
            answers = fill_flare_index(person.disease, day, previous, scored(person, day))
            assert set(answers) == asked
            if began is None or not previous < began <= day:
                assert set(answers.values()) == {"no"}
            told += "yes" in answers.values()
    flares = sum(each.disease.flare_day is not None for each in people(80))
    assert flares / 2 < told <= flares
