"""Lupus of a virtual participant: which organs, the SLEDAI-2K items from visit to visit, how it answers.

Items that a laboratory decides (complement, anti-dsDNA, urine, blood counts) are read off the simulated results of the
same visit, so that form and results agree. Frequencies of manifestations are assumptions in the range of the published
series of lupus treated with CAR-T cells; the instrument is SLEDAI-2K (Gladman 2002).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

__all__ = ["ITEMS", "Disease", "activity_at", "clinical_items_at", "fill_sledai", "organs_of", "simulate_disease"]

# the item ids of the form, in the order of the instrument
ITEMS = (
    *("seizure", "psychosis", "organic_brain_syndrome", "visual_disturbance", "cranial_nerve", "lupus_headache"),
    *("cva", "vasculitis", "arthritis", "myositis", "urinary_casts", "hematuria", "proteinuria", "pyuria", "rash"),
    *("alopecia", "mucosal_ulcers", "pleurisy", "pericarditis", "low_complement", "high_dna_binding", "fever"),
    *("thrombocytopenia", "leukopenia"),
)

_ORGANS = {
    "kidney": ("urinary_casts", "hematuria", "proteinuria", "pyuria"),
    "musculoskeletal": ("arthritis", "myositis"),
    "vessels": ("vasculitis",),
    "lung": ("pleurisy",),
    "heart": ("pericarditis",),
    "blood": ("thrombocytopenia", "leukopenia"),
    "skin": ("rash", "alopecia"),
    "mucosa": ("mucosal_ulcers",),
}

# item: how often at baseline, and the median days from infusion until it is gone
_CLINICAL = {
    "vasculitis": (0.08, 24.0),
    "arthritis": (0.55, 14.0),
    "myositis": (0.06, 30.0),
    "urinary_casts": (0.12, 35.0),
    "rash": (0.45, 24.0),
    "alopecia": (0.35, 75.0),
    "mucosal_ulcers": (0.25, 14.0),
    "pleurisy": (0.10, 16.0),
    "pericarditis": (0.06, 16.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Disease:
    """One person's lupus; days since infusion.

    items: manifestations at baseline. gone: the day each clinical item is gone. response: complete, partial or flare
    (good at first, back from `flare_day` on). half_life_days: of what serology and urine show of the activity.
    """

    items: tuple[str, ...]
    gone: Mapping[str, int]
    nephritis_class: str
    response: str
    flare_day: int | None
    half_life_days: float
    floor: float


def simulate_disease(rng: np.random.Generator, *, card: str, complete: float, partial: float) -> Disease:
    """Draw one person's lupus. The card decides where it must fail a criterion (see `scenarios.yaml`)."""
    drawn = {item: bool(rng.random() < share) for item, (share, _) in _CLINICAL.items()}
    gone = {item: int(max(4.0, median * np.exp(rng.normal(0.0, 0.4)))) for item, (_, median) in _CLINICAL.items()}
    has_nephritis = bool(rng.random() < 0.6)
    nephritis_class = str(rng.choice(("III", "IV", "III+V", "IV+V"), p=(0.25, 0.40, 0.15, 0.20)))
    others = {
        item: bool(rng.random() < p) for item, p in (("pyuria", 0.3), ("thrombocytopenia", 0.15), ("leukopenia", 0.12))
    }
    answer = float(rng.random())
    flare_day = int(rng.integers(170, 300))
    response = "complete" if answer < complete else "partial" if answer < complete + partial else "flare"
    if not has_nephritis:
        drawn["arthritis"], drawn["urinary_casts"], others["pyuria"] = True, False, False
    items = {item for item, present in (drawn | others).items() if present} | {"low_complement", "high_dna_binding"}
    items |= {"hematuria", "proteinuria"} if has_nephritis else set()
    if card == "mucocutaneous_only":
        items = {"rash", "alopecia", "mucosal_ulcers", "low_complement", "high_dna_binding"}
    if card == "sledai_low":
        items = {"arthritis", "leukopenia"}
    return Disease(
        items=tuple(item for item in ITEMS if item in items),
        gone=gone,
        nephritis_class=nephritis_class if "proteinuria" in items else "",
        response=response,
        flare_day=flare_day if response == "flare" else None,
        half_life_days=float(26.0 * np.exp(rng.normal(0.0, 0.3))),
        floor=0.45 if response == "partial" else 0.05,
    )


def organs_of(disease: Disease) -> tuple[str, ...]:
    """The organs its baseline items stand in."""
    return tuple(organ for organ, items in _ORGANS.items() if set(items) & set(disease.items))


def activity_at(disease: Disease, day: float | None) -> float:
    """Activity as serology and urine show it: 1 before infusion, falling to a floor; up again with a flare."""
    if day is None or day <= 0:
        return 1.0
    value = disease.floor + (1.0 - disease.floor) * float(0.5 ** (day / disease.half_life_days))
    if disease.flare_day is not None and day >= disease.flare_day:
        value += 0.6 * (1.0 - float(np.exp(-(day - disease.flare_day + 5) / 25.0)))
    return value


def clinical_items_at(disease: Disease, day: float | None) -> tuple[str, ...]:
    """The items that a physician sees, not a laboratory: present from baseline until gone, and again in a flare."""
    baseline = [item for item in _CLINICAL if item in disease.items]
    if day is None or day <= 0:
        return tuple(baseline)
    if disease.flare_day is not None and day >= disease.flare_day:
        return tuple(item for item in baseline if item in ("arthritis", "rash"))
    lasting = baseline[:1] if disease.response == "partial" else []
    return tuple(item for item in baseline if item in lasting or day < disease.gone[item])


def fill_sledai(
    disease: Disease,
    day: float | None,
    results: Mapping[str, float],
    limits: Mapping[str, tuple[float, float]],
    *,
    not_assessed: str = "",
) -> dict[str, str]:
    """The 24 items and their attributions as typed at a visit.

    results: analyte -> value in the units of `laboratory.csv`; limits: analyte -> (lln, uln). Low counts in the weeks
    after lymphodepletion are not put down to lupus. not_assessed: an item that nobody looked at (`unknown`).
    """
    low = {analyte: results[analyte] < limits[analyte][0] for analyte in ("c3", "c4") if analyte in results}
    present = dict.fromkeys(clinical_items_at(disease, day), "sle")
    after_depletion = day is not None and -5 <= day <= 60
    counts = "other" if after_depletion else "sle"
    readings = {
        "low_complement": (any(low.values()), "sle"),
        "high_dna_binding": (results.get("anti_dsdna", 0.0) > limits["anti_dsdna"][1], "sle"),
        "proteinuria": (results.get("urine_protein_creatinine_ratio", 0.0) > 500.0, "sle"),
        "hematuria": (results.get("urine_erythrocytes", 0.0) > 5.0, "sle"),
        "pyuria": (results.get("urine_leukocytes", 0.0) > 5.0, "sle"),
        "thrombocytopenia": (results.get("platelets", 200.0) < 100.0, counts),
        "leukopenia": (results.get("leukocytes", 6.0) < 3.0, counts),
    }
    present |= {item: attribution for item, (is_present, attribution) in readings.items() if is_present}
    filled: dict[str, str] = {}
    for item in ITEMS:
        unknown = item == not_assessed and item not in present
        filled[item] = "unknown" if unknown else "yes" if item in present else "no"
        filled[f"{item}_attribution"] = present.get(item, "")
    return filled
