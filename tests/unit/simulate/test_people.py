"""Candidates, their disease, their results: plausible, and each failing what its card says."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from celltrial.errors import InputError
from celltrial.simulate.disease import ITEMS, activity_at, fill_sledai, organs_of
from celltrial.simulate.laboratory import assays, limits, print_result, true_values
from celltrial.simulate.population import Person, simulate_person
from celltrial.simulate.scenario import scenario_named, scenarios

OPENED = date(2025, 7, 11)
DEFAULT = scenario_named("default")


def candidates(n: int, seed: int = 1) -> list[Person]:
    """The first candidates of a seed."""
    return [simulate_person(seed, index, DEFAULT, opened_on=OPENED) for index in range(n)]


def with_card(card: str) -> Person:
    """A candidate with that card."""
    return next(each for seed in range(5) for each in candidates(20, seed) if each.card == card)


def screening_results(person: Person) -> dict[str, float]:
    """The results of the screening visit."""
    return true_values(1, person, None, day=None, occasion=0)


def clearance(person: Person, creatinine: float) -> float:
    """Cockcroft-Gault, mL/min, written out here again (Nephron 1976;16:31)."""
    age = (person.referred_on - person.birth_date).days / 365.25
    female = 0.85 if person.sex == "F" else 1.0
    return (140 - age) * person.weight_kg * female / (72 * creatinine / 88.4)


def test_every_block_deals_every_card_once() -> None:
    """Twenty candidates in a row hold each kind of screening failure."""
    cards = Counter(each.card for each in candidates(20))
    assert cards == Counter(DEFAULT.deck)
    assert cards["eligible"] == 10


def test_people_are_adults_of_the_trials_age_and_mostly_women() -> None:
    """Age 18 to 60, mostly women, body size plausible."""
    people = [each for seed in range(10) for each in candidates(20, seed)]
    ages = [(each.referred_on - each.birth_date).days / 365.25 for each in people]
    assert min(ages) > 18.5
    assert max(ages) < 58
    assert 0.8 < sum(each.sex == "F" for each in people) / len(people) < 0.95
    assert all(35 < each.weight_kg < 110 for each in people)


def test_referrals_come_in_order_about_two_a_month() -> None:
    """A Poisson process: in order, with the scenario's mean gap within sampling error."""
    spans = []
    for seed in range(20):
        days = [(each.referred_on - OPENED).days for each in candidates(20, seed)]
        assert days == sorted(days)
        spans.append(days[-1] / 20)
    mean = sum(spans) / len(spans)
    assert abs(mean - DEFAULT.days_between_candidates) < 4 * DEFAULT.days_between_candidates / (20 * 20) ** 0.5


def test_one_more_person_changes_nobody_else() -> None:
    """The fifth candidate is the same whether five or fifteen are drawn."""
    assert candidates(5)[4] == candidates(15)[4]


@pytest.mark.parametrize(
    ("card", "fails"),
    [
        ("clearance_low", lambda p, r: clearance(p, r["creatinine"]) < 50),
        ("neutrophils_low", lambda p, r: r["neutrophils"] < 1.0),
        ("oxygen_low", lambda p, r: p.oxygen_saturation < 92),
        ("ejection_low", lambda p, r: p.lvef < 50),
        ("mucocutaneous_only", lambda p, r: set(organs_of(p.disease)) <= {"skin", "mucosa"}),
        ("sledai_low", lambda p, r: not p.disease.nephritis_class and len(p.disease.items) == 2),
    ],
)
def test_each_card_fails_its_criterion(card: str, fails: object) -> None:
    """What the card promises is in the person or in the results."""
    person = with_card(card)
    assert callable(fails)
    assert fails(person, screening_results(person))


def test_the_eligible_are_within_the_organ_limits() -> None:
    """The registry record: CrCl 50, ANC 1.0, Hb 60 at least; liver 2 ULN, INR and aPTT 1.5 ULN at most."""
    for person in [each for seed in range(8) for each in candidates(20, seed) if each.card == "eligible"]:
        results = screening_results(person)
        assert clearance(person, results["creatinine"]) >= 50
        assert results["neutrophils"] >= 1.0
        assert results["hemoglobin"] >= 60
        assert all(results[each] <= 2 * limits()[each][1] for each in ("alt", "ast", "bilirubin_total"))
        assert all(results[each] <= 1.5 * limits()[each][1] for each in ("inr", "aptt"))
        assert set(organs_of(person.disease)) - {"skin", "mucosa"}


def test_form_and_results_agree() -> None:
    """SLEDAI-2K items that a laboratory decides follow the results of the same visit."""
    for person in candidates(20):
        results = screening_results(person)
        items = fill_sledai(person.disease, None, results, limits())
        assert list(items)[::2] == list(ITEMS)
        assert (items["proteinuria"] == "yes") == (results["urine_protein_creatinine_ratio"] > 500)
        assert (items["high_dna_binding"] == "yes") == (results["anti_dsdna"] > 100)
        assert all(bool(items[f"{item}_attribution"]) == (items[item] == "yes") for item in ITEMS)


def test_low_counts_after_lymphodepletion_are_not_put_down_to_lupus() -> None:
    """A leukocyte count under 3 in the weeks after lymphodepletion is attributed to another cause."""
    person = candidates(1)[0]
    items = fill_sledai(person.disease, 10, {"leukocytes": 1.2, "platelets": 60.0}, limits())
    assert items["leukopenia_attribution"] == "other"
    assert items["thrombocytopenia_attribution"] == "other"


def test_activity_falls_and_a_flare_brings_it_back() -> None:
    """Activity is 1 until infusion, falls after it, and rises from the day of a flare."""
    people = [each.disease for seed in range(8) for each in candidates(20, seed)]
    flare = next(each for each in people if each.flare_day is not None)
    assert flare.flare_day is not None
    assert activity_at(flare, None) == activity_at(flare, 0) == 1.0
    assert activity_at(flare, 150) < 0.3
    assert activity_at(flare, flare.flare_day + 60) > activity_at(flare, flare.flare_day - 1) + 0.4
    complete = next(each for each in people if each.response == "complete")
    assert activity_at(complete, 180) < 0.2


def test_second_laboratory_prints_other_units() -> None:
    """Haemoglobin 96 g/L is 9.6 g/dL, creatinine 88.4 umol/L is 1.00 mg/dL (JAMA SI table)."""
    people = [each for seed in range(5) for each in candidates(20, seed)]
    second = next(each for each in people if each.second_laboratory)
    assert (print_result(second, "hemoglobin", 96.0).value, print_result(second, "hemoglobin", 96.0).unit) == (
        "9.6",
        "g/dL",
    )
    assert (print_result(second, "creatinine", 88.4).value, print_result(second, "creatinine", 88.4).unit) == (
        "1.00",
        "mg/dL",
    )
    first = next(each for each in people if not each.second_laboratory)
    assert print_result(first, "hemoglobin", 96.0).unit == "g/L"


def test_printed_results_are_numbers_with_a_range() -> None:
    """Every printed result reads as a decimal between plausible bounds, with its range."""
    person = candidates(1)[0]
    results = screening_results(person)
    for analyte in assays():
        printed = print_result(person, analyte, results[analyte])
        assert Decimal(printed.value) >= 0
        assert Decimal(printed.lln) < Decimal(printed.uln)


def test_scenarios_are_data() -> None:
    """The four scenarios load; an unknown one is refused with the names there are."""
    assert list(scenarios()) == ["default", "toxic", "benign", "slow accrual"]
    assert scenario_named("toxic").dlt_probability_at(4.5e8) == 0.45
    assert scenario_named("default").dlt_probability_at(3.75e8) == pytest.approx(0.07)
    with pytest.raises(InputError, match="default, toxic, benign, slow accrual"):
        scenario_named("cruel")
