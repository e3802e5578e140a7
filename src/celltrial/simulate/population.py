"""Candidates of a virtual trial: who comes, when, and what each is like.

A person is drawn from streams of their own, so the tenth candidate is the same whether or not an eleventh comes. What
goes wrong at screening is dealt from a shuffled deck (`scenarios.yaml`), so that each kind of failure comes up.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from celltrial.simulate.disease import Disease, simulate_disease
from celltrial.simulate.kinetics import Kinetics, simulate_kinetics
from celltrial.simulate.scenario import Scenario
from celltrial.simulate.scores import Past, simulate_past
from celltrial.simulate.streams import Topic, stream

__all__ = ["Person", "simulate_person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One candidate as nature has made them. What a dose does to them is drawn when it is given (`course.py`).

    card: `eligible`, or what will be found at screening. marrow_depth: share of neutrophils lost at the lowest point.
    past: what was there before: organs, damage. immunoglobulin_fall: share that is lost without B cells.
    """

    index: int
    referred_on: date
    card: str
    sex: str
    birth_date: date
    can_bear_children: bool
    is_fertile: bool
    weight_kg: float
    height_cm: float
    creatinine_umol_per_l: float
    oxygen_saturation: int
    lvef: int
    second_laboratory: bool
    sle_since: date
    disease: Disease
    past: Past
    kinetics: Kinetics
    marrow_depth: float
    marrow_delay_days: float
    immunoglobulin_fall: float


def simulate_person(seed: int, index: int, scenario: Scenario, *, opened_on: date) -> Person:
    """Candidate `index` (0, 1, ...) of the trial of `seed`; `opened_on` is the day the site opened."""
    rng = stream(seed, Topic.PERSON, index)
    card = _card(seed, index, scenario)
    referred_on = opened_on + timedelta(days=_arrival(seed, index, scenario))
    sex = "F" if rng.random() < 0.88 else "M"
    age_days = int(np.clip(rng.normal(33.0, 9.0), 19.0, 57.0) * 365.25)
    birth_date = referred_on - timedelta(days=age_days)
    height = float(rng.normal(160.0 if sex == "F" else 172.0, 5.5))
    weight = float(np.clip(rng.normal(21.8, 2.3), 17.5, 29.0) * (height / 100.0) ** 2)
    clearance = float(np.clip(92.0 * np.exp(rng.normal(0.0, 0.2)), 64.0, 150.0))
    clearance = float(rng.uniform(34.0, 44.0)) if card == "clearance_low" else clearance
    kinetics = simulate_kinetics(stream(seed, Topic.KINETICS, index), non_expander=scenario.non_expander)
    disease = simulate_disease(
        stream(seed, Topic.DISEASE, index),
        card=card,
        # cells that do not expand do little for the disease
        complete=scenario.complete_response * (1.0 if kinetics.is_expander else 0.2),
        partial=scenario.partial_response,
    )
    return Person(
        index=index,
        referred_on=referred_on,
        card=card,
        sex=sex,
        birth_date=birth_date,
        can_bear_children=sex == "F" and bool(rng.random() < 0.92),
        is_fertile=sex == "M" and bool(rng.random() < 0.95),
        weight_kg=weight,
        height_cm=height,
        creatinine_umol_per_l=_creatinine(sex, age_days / 365.25, weight, clearance),
        oxygen_saturation=int(rng.integers(88, 91)) if card == "oxygen_low" else int(rng.integers(96, 100)),
        lvef=int(rng.integers(40, 47)) if card == "ejection_low" else int(rng.integers(58, 71)),
        second_laboratory=bool(rng.random() < 0.15),
        sle_since=referred_on - timedelta(days=int(rng.integers(400, 4_200))),
        disease=disease,
        past=simulate_past(stream(seed, Topic.SCORES, index), disease),
        kinetics=kinetics,
        marrow_depth=float(rng.uniform(0.55, 0.93)),
        marrow_delay_days=float(rng.exponential(4.0)),
        immunoglobulin_fall=_immunoglobulin_fall(seed, index, is_expander=kinetics.is_expander),
    )


def _card(seed: int, index: int, scenario: Scenario) -> str:
    """The candidate's card of their block's shuffled deck."""
    block, place = divmod(index, len(scenario.deck))
    order = stream(seed, Topic.DECK, block).permutation(len(scenario.deck))
    return scenario.deck[int(order[place])]


def _arrival(seed: int, index: int, scenario: Scenario) -> int:
    """Days from opening to referral: the sum of exponential gaps, each from its own stream (a Poisson process)."""
    gaps = (
        stream(seed, Topic.ARRIVAL, each).exponential(scenario.days_between_candidates) for each in range(index + 1)
    )
    return int(sum(gaps))


def _immunoglobulin_fall(seed: int, index: int, *, is_expander: bool) -> float:
    """The share of the immunoglobulins that B cells and plasma cells, once gone, no longer make."""
    draw = float(np.exp(stream(seed, Topic.IMMUNE, index, 3).normal(0.0, 0.3)))
    return float(np.clip(0.45 * draw, 0.2, 0.75)) if is_expander else 0.15


def _creatinine(sex: str, age: float, weight_kg: float, clearance: float) -> float:
    """Serum creatinine, umol/L, that gives this Cockcroft-Gault clearance in mL/min (Nephron 1976;16:31)."""
    milligrams = (140.0 - age) * weight_kg * (0.85 if sex == "F" else 1.0) / (72.0 * clearance)
    return milligrams * 88.4
