"""Toxicity of a virtual participant after a dose: which events, from when to when, of which grade.

Published series in lupus give the range: CRS in most, of grade 1-2 almost always; ICANS rare; LICATS in 77 % with a
median onset on day 10 and a median length of 11 days (Hagen et al., Lancet Rheumatol 2025). Whether there is a DLT is
drawn with the scenario's probability at the dose given; which of three kinds it is, is our assumption.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from celltrial.simulate.disease import Disease, organs_of
from celltrial.tables import read_package_table

__all__ = ["DLT_KINDS", "PlannedEvent", "simulate_crs", "simulate_events", "simulate_icans", "simulate_licats"]

Yes = Literal["yes", "no"]

DLT_KINDS = ("crs", "icans", "liver")

# organ: term, class and relative frequency of LICATS (skin 35 %, kidney 22 % published; the rest by us)
_LICATS = {
    "skin": ("Rash maculo-papular", "Skin and subcutaneous tissue disorders", 0.35),
    "kidney": ("Proteinuria", "Renal and urinary disorders", 0.22),
    "musculoskeletal": ("Arthritis", "Musculoskeletal and connective tissue disorders", 0.20),
    "lung": ("Pleuritic pain", "Respiratory, thoracic and mediastinal disorders", 0.08),
    "mucosa": ("Mucositis oral", "Gastrointestinal disorders", 0.15),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEvent:
    """An adverse event to come. `steps` are (day since infusion, grade) in time; the record gets the worst so far."""

    term: str
    soc: str
    steps: tuple[tuple[int, int], ...]
    end_day: int
    related_product: Yes
    related_lymphodepletion: Yes = "no"
    is_licats: Literal["yes", "no", "unknown"] = "no"
    comment: str = ""


def simulate_crs(
    rng: np.random.Generator, rates: Mapping[str, float], *, is_expander: bool, dlt: bool
) -> tuple[int, ...]:
    """The true CRS grade of each day 0, 1, ... after infusion; empty without CRS."""
    chance = rates["any"] if is_expander else 0.35 * rates["any"]
    draws = rng.random(2)
    onset = int(np.clip(rng.normal(6.0, 2.2), 1, 11))
    length = int(rng.integers(2, 6))
    if dlt:
        course = (1, 2, 4, 4, 3, 2, 1) if rng.random() < 0.5 else (1, 3, 3, 3, 3, 3, 2, 1)
        return (0,) * onset + course
    if draws[0] >= chance:
        return ()
    if draws[1] < rates["grade_3"]:
        return (0,) * onset + (1, 3, 2, 1)
    if draws[1] < rates["grade_3"] + rates["grade_2"]:
        return (0,) * onset + (1,) + (2,) * (length // 2) + (1,) * (length // 2)
    return (0,) * onset + (1,) * length


def simulate_icans(rng: np.random.Generator, probability: float, *, crs: tuple[int, ...], dlt: bool) -> tuple[int, ...]:
    """The true ICANS grade of each day after infusion; it follows CRS. Empty without ICANS."""
    onset = (len(crs) if crs else 8) + int(rng.integers(0, 3))
    course = (1, 2, 1) if rng.random() < 0.35 else (1, 1)
    if dlt:
        return (0,) * onset + (1, 3, 3, 3, 2, 1)
    return (0,) * onset + course if crs and rng.random() < probability else ()


def simulate_licats(rng: np.random.Generator, probability: float, disease: Disease) -> PlannedEvent | None:
    """A local toxicity in an organ that lupus has affected before, or none."""
    organs = [organ for organ in organs_of(disease) if organ in _LICATS]
    draws = rng.random(3)
    onset = int(np.clip(10.0 * np.exp(rng.normal(0.0, 0.6)), 3, 60))
    length = int(np.clip(11.0 * np.exp(rng.normal(0.0, 0.4)), 3, 40))
    if not organs or draws[0] >= probability:
        return None
    weights = np.array([_LICATS[organ][2] for organ in organs])
    organ = organs[int(np.searchsorted(np.cumsum(weights / weights.sum()), draws[1], side="right"))]
    term, soc, _ = _LICATS[organ]
    grade = 1 if draws[2] < 0.67 else 2 if draws[2] < 0.97 else 3
    return PlannedEvent(
        term=term,
        soc=soc,
        steps=((onset, grade),),
        end_day=onset + length,
        related_product="yes",
        is_licats="yes",
        comment=f"local, in {organ} affected by lupus before; B cells absent",
    )


def simulate_events(rng: np.random.Generator) -> tuple[PlannedEvent, ...]:
    """The events of `adverse_events.csv` that come, each drawn whether or not another does."""
    planned = []
    for row in _table():
        draws = rng.random(2)
        onset = int(rng.integers(int(row["first_day"]), int(row["last_day"]) + 1))
        length = max(1, int(float(row["duration"]) * np.exp(rng.normal(0.0, 0.35))))
        if draws[0] >= float(row["probability"]):
            continue
        first, second = float(row["grade_1"]), float(row["grade_2"])
        grade = 1 if draws[1] < first else 2 if draws[1] < first + second else 3
        planned.append(
            PlannedEvent(
                term=row["term"],
                soc=row["soc"],
                steps=((onset, grade),),
                end_day=onset + length,
                related_product="yes" if row["related_product"] == "yes" else "no",
                related_lymphodepletion="yes" if row["related_lymphodepletion"] == "yes" else "no",
            )
        )
    return tuple(planned)


@cache
def _table() -> tuple[Mapping[str, str], ...]:
    return read_package_table("celltrial.simulate", "adverse_events.csv")
