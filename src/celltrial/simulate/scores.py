"""Scores of a visit beside SLEDAI-2K, drawn so that they tell the same story: the same organs, the same course.

The global assessment rises with the clinical items of SLEDAI-2K; a BILAG grade is A to C where the system has an item
and D or E where it has none; a flare is new in the system that SLEDAI-2K shows it in; damage stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from celltrial.instruments.bilag_2004 import bilag_systems
from celltrial.instruments.sfi import sfi_criteria
from celltrial.instruments.sledai_2k import sledai_2k_items
from celltrial.instruments.slicc_damage import slicc_damage_items
from celltrial.simulate.disease import Disease, activity_at

__all__ = [
    "ORGANS",
    "Past",
    "fill_bilag",
    "fill_damage",
    "fill_flare_index",
    "fill_lupus_extra",
    "fill_pga",
    "organ_rows",
    "simulate_past",
]

# the organs of the form, with how often lupus has affected one that is not active now: our assumptions
ORGANS = {
    "skin": 0.45,
    "joints": 0.50,
    "muscle": 0.05,
    "kidney": 0.10,
    "lung": 0.05,
    "serosa": 0.12,
    "heart": 0.06,
    "vessels": 0.05,
    "nervous system": 0.08,
    "gut": 0.03,
    "liver": 0.03,
    "blood": 0.35,
    "eye": 0.02,
}
_ORGANS_OF_ITEM = {
    "urinary_casts": ("kidney",),
    "hematuria": ("kidney",),
    "proteinuria": ("kidney",),
    "pyuria": ("kidney",),
    "arthritis": ("joints",),
    # who has myositis has mostly had pain in the joints, too
    "myositis": ("muscle", "joints"),
    "vasculitis": ("vessels", "skin"),
    "pleurisy": ("serosa", "lung"),
    "pericarditis": ("serosa", "heart"),
    "thrombocytopenia": ("blood",),
    "leukopenia": ("blood",),
    "rash": ("skin",),
    "alopecia": ("skin",),
    # the mouth counts as skin, as it does for LICATS
    "mucosal_ulcers": ("skin",),
}
# damage item: how often it is there at screening; those that long lupus and glucocorticoids leave
_DAMAGE = {
    "cataract": 0.08,
    "gfr_under_half": 0.03,
    "deforming_or_erosive_arthritis": 0.05,
    "osteoporosis_with_fracture": 0.04,
    "avascular_necrosis": 0.08,
    "scarring_alopecia": 0.06,
    "pleural_fibrosis": 0.03,
    "premature_gonadal_failure": 0.04,
    "diabetes": 0.03,
}
_SYSTEMS = {
    "constitutional": ("fever",),
    "mucocutaneous": ("rash", "alopecia", "mucosal_ulcers", "vasculitis"),
    "neuropsychiatric": (
        *("seizure", "psychosis", "organic_brain_syndrome", "cranial_nerve", "lupus_headache", "cva"),
    ),
    "musculoskeletal": ("arthritis", "myositis"),
    "cardiorespiratory": ("pleurisy", "pericarditis"),
    "gastrointestinal": (),
    "ophthalmic": ("visual_disturbance",),
    "renal": ("urinary_casts", "hematuria", "proteinuria", "pyuria"),
    "haematological": ("thrombocytopenia", "leukopenia"),
}
_ORGANS_OF_SYSTEM = {
    "mucocutaneous": ("skin",),
    "neuropsychiatric": ("nervous system",),
    "musculoskeletal": ("joints", "muscle"),
    "cardiorespiratory": ("serosa", "heart", "lung"),
    "gastrointestinal": ("gut", "liver"),
    "ophthalmic": ("eye",),
    "renal": ("kidney",),
    "haematological": ("blood",),
}
# what a flare is put down as, by the SLEDAI-2K item that has come back
_FLARE = {
    "rash": "skin",
    "arthritis": "arthritis",
    "proteinuria": "nephritis",
    "mucosal_ulcers": "nasopharyngeal_ulcers",
}
_GRADES = "ABC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What one person brings along. organs: organ -> `yes`, `no` or `unknown` ever; severity: system -> A, B or C when
    it is fully active; damage: item -> points.
    """

    organs: Mapping[str, Literal["yes", "no", "unknown"]]
    severity: Mapping[str, str]
    damage: Mapping[str, int]


def simulate_past(rng: np.random.Generator, disease: Disease) -> Past:
    """Draw what came before: organs once affected, how severe each system is when active, damage."""
    active = _active_organs(disease)
    organs: dict[str, Literal["yes", "no", "unknown"]] = {}
    for organ, share in ORGANS.items():
        before, unknown = rng.random(2)
        organs[organ] = "yes" if organ in active or before < share else "unknown" if unknown < 0.02 else "no"
    severity = {system: str(rng.choice(list(_GRADES), p=(0.2, 0.65, 0.15))) for system in bilag_systems()}
    damage = {item: int(rng.random() < share) for item, share in _DAMAGE.items()}
    return Past(organs=organs, severity=severity, damage=damage)


def fill_pga(rng: np.random.Generator, sledai: Mapping[str, str]) -> dict[str, str]:
    """The physician's global assessment, 0 to 3: about 0.1 without a clinical item, 1.0 at 4 points, 2.0 at 12."""
    points = sum(
        each.weight for each in sledai_2k_items() if not each.is_serology and each.item in _due_to_lupus(sledai)
    )
    value = 0.1 + 2.6 * (1.0 - float(np.exp(-points / 9.0))) + 0.1 * float(rng.normal())
    return {"value": f"{min(3.0, max(0.0, value)):.1f}"}


def fill_bilag(
    rng: np.random.Generator, disease: Disease, past: Past, day: float | None, sledai: Mapping[str, str]
) -> dict[str, str]:
    """The grades of the nine systems; now and then nobody looks into the eyes (`ND`)."""
    present, fades = _due_to_lupus(sledai), activity_at(disease, day) < 0.6
    grades: dict[str, str] = {}
    for system in bilag_systems():
        if present & set(_SYSTEMS[system]):
            worst = _GRADES.index(past.severity[system])
            grades[system] = _GRADES[min(2, worst + 1)] if fades else _GRADES[worst]
        else:
            known = any(past.organs[organ] == "yes" for organ in _ORGANS_OF_SYSTEM.get(system, ()))
            grades[system] = "D" if known else "E"
    if rng.random() < 0.02:
        grades["ophthalmic"] = "ND"
    return grades


def fill_lupus_extra() -> dict[str, str]:
    """No virtual participant has haemolysis or lupus of the gut."""
    return {"haemolytic_anaemia": "no", "gastrointestinal_activity": "no"}


def fill_flare_index(
    disease: Disease, day: float | None, previous_day: float | None, sledai: Mapping[str, str]
) -> dict[str, str]:
    """The flare index: all `no`, but at the first visit after a flare has begun, in the systems that show it."""
    answers = {each.criterion: "no" for each in sfi_criteria() if each.is_asked}
    began = disease.flare_day
    if began is not None and day is not None and (previous_day or 0) < began <= day:
        answers |= {_FLARE[item]: "yes" for item in _due_to_lupus(sledai) & set(_FLARE)}
    return answers


def fill_damage(past: Past) -> dict[str, str]:
    """The points of every item; they stay as they are, since a new one has to last six months."""
    return {each.item: str(past.damage.get(each.item, 0)) for each in slicc_damage_items()}


def organ_rows(disease: Disease, past: Past) -> tuple[dict[str, str], ...]:
    """A row for each organ: ever affected, and active at screening."""
    active = _active_organs(disease)
    return tuple(
        {"organ": organ, "ever_involved": ever, "active_at_baseline": "yes" if organ in active else "no"}
        for organ, ever in past.organs.items()
    )


def _active_organs(disease: Disease) -> set[str]:
    return {organ for item in disease.items for organ in _ORGANS_OF_ITEM.get(item, ())}


def _due_to_lupus(sledai: Mapping[str, str]) -> set[str]:
    """The items of a SLEDAI-2K form that are there and put down to lupus."""
    return {
        each.item
        for each in sledai_2k_items()
        if sledai.get(each.item) == "yes" and sledai.get(f"{each.item}_attribution") == "sle"
    }
