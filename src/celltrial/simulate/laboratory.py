"""Laboratory of the virtual site: true values from visit to visit, and results as printed, with unit and range.

What moves a value: lymphodepletion (counts), the disease (complement, anti-dsDNA, urine), the CAR-T cells (B cells and
immunoglobulins), cytokine release (C-reactive protein, ferritin, interleukin 6), and toxicity (liver, urine). The
shapes are assumptions in the range of published courses; they are not a model of anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np

from celltrial.simulate.course import Course
from celltrial.simulate.disease import activity_at
from celltrial.simulate.kinetics import b_cells_at
from celltrial.simulate.population import Person
from celltrial.simulate.streams import Topic, stream
from celltrial.tables import read_package_table
from celltrial.units import Quantity, convert

__all__ = ["Assay", "Printed", "assays", "limits", "print_result", "true_values"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assay:
    """A row of `laboratory.csv`."""

    analyte: str
    panel: str
    unit: str
    lln: Decimal
    uln: Decimal
    median: float
    between: float
    within: float
    lowest: float
    highest: float
    decimals: int
    second_unit: str
    second_decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """One result as printed: value, unit and reference range, all texts."""

    analyte: str
    value: str
    unit: str
    lln: str
    uln: str


@cache
def assays() -> Mapping[str, Assay]:
    """The laboratory's assays by analyte, in the order of the file."""
    rows = read_package_table("celltrial.simulate", "laboratory.csv")
    return {row["analyte"]: _assay(row) for row in rows}


@cache
def limits() -> Mapping[str, tuple[float, float]]:
    """Lower and upper limit of normal by analyte, in the laboratory's first unit."""
    return {each.analyte: (float(each.lln), float(each.uln)) for each in assays().values()}


def true_values(
    seed: int, person: Person, course: Course | None, *, day: float | None, occasion: int
) -> dict[str, float]:
    """What the samples of one visit hold, by analyte, in the laboratory's first unit.

    day: days since infusion (lymphodepletion at -5); None before it. occasion: tells visits apart for the noise.
    """
    noise = stream(seed, Topic.LABORATORY, person.index, occasion)
    values = {name: _baseline(seed, person, assay) for name, assay in assays().items()}
    values |= _disease_driven(values, person, day)
    values["cd19_b_cells"] = b_cells_at(person.kinetics, day)
    if day is not None and day >= -5:
        values |= _after_depletion(values, person, day)
        values |= _immunoglobulins(values, person, day)
    if course is not None and day is not None:
        values |= _toxicity_driven(values, course, day)
    for name, assay in assays().items():
        values[name] *= float(np.exp(noise.normal(0.0, assay.within)))
    values["leukocytes"] = values["neutrophils"] + values["lymphocytes"] + 0.08 * values["neutrophils"] + 0.1
    return values


def print_result(person: Person, analyte: str, value: float) -> Printed:
    """A result as the person's laboratory prints it: the second laboratory uses units common in the United States."""
    assay = assays()[analyte]
    number = Decimal(f"{value:.{assay.decimals}f}")
    if not (person.second_laboratory and assay.second_unit):
        return Printed(analyte=analyte, value=str(number), unit=assay.unit, lln=str(assay.lln), uln=str(assay.uln))
    texts = []
    for each in (Decimal(repr(value)), assay.lln, assay.uln):
        converted = convert(Quantity(each, assay.unit), assay.second_unit, analyte=analyte)
        texts.append(f"{converted.value:.{assay.second_decimals}f}")
    return Printed(analyte=analyte, value=texts[0], unit=assay.second_unit, lln=texts[1], uln=texts[2])


def _assay(row: Mapping[str, str]) -> Assay:
    numbers = {name: float(row[name]) for name in ("median", "between", "within", "lowest", "highest")}
    return Assay(
        analyte=row["analyte"],
        panel=row["panel"],
        unit=row["unit"],
        lln=Decimal(row["lln"]),
        uln=Decimal(row["uln"]),
        decimals=int(row["decimals"]),
        second_unit=row["second_unit"],
        second_decimals=int(row["second_decimals"] or 0),
        **numbers,
    )


def _baseline(seed: int, person: Person, assay: Assay) -> float:
    """The person's own level before anything of the trial; the creatinine follows from the drawn clearance."""
    if assay.analyte == "creatinine":
        return person.creatinine_umol_per_l
    draw = stream(seed, Topic.LABORATORY, person.index, 1_000, list(assays()).index(assay.analyte)).normal(
        0.0, assay.between
    )
    value = float(np.clip(assay.median * np.exp(draw), assay.lowest, assay.highest))
    items = person.disease.items
    match assay.analyte:
        case "neutrophils" if person.card == "neutrophils_low":
            return 0.70
        case "neutrophils" if "leukopenia" in items:
            return float(np.clip(value * 0.5, 1.5, 1.75))
        case "lymphocytes" if "leukopenia" in items:
            return min(value, 0.7)
        case "platelets" if "thrombocytopenia" in items:
            return float(np.clip(value * 0.3, 38.0, 85.0))
        case _:
            return value


def _disease_driven(base: Mapping[str, float], person: Person, day: float | None) -> dict[str, float]:
    """Complement, anti-dsDNA and urine between the value in full activity and a normal one."""
    items, activity = person.disease.items, activity_at(person.disease, day)
    has_nephritis = "proteinuria" in items
    peaks = {
        "c3": (base["c3"] if "low_complement" in items else 1.05, 1.05),
        "c4": (base["c4"] if "low_complement" in items else 0.24, 0.24),
        "anti_dsdna": (base["anti_dsdna"] if "high_dna_binding" in items else 35.0, 18.0),
        "urine_protein_creatinine_ratio": (
            base["urine_protein_creatinine_ratio"] * (18.0 if has_nephritis else 1.0),
            base["urine_protein_creatinine_ratio"],
        ),
        "urine_erythrocytes": (
            16.0 if "hematuria" in items else base["urine_erythrocytes"],
            base["urine_erythrocytes"],
        ),
        "urine_leukocytes": (13.0 if "pyuria" in items else base["urine_leukocytes"], base["urine_leukocytes"]),
        "albumin": (base["albumin"] - (5.0 if has_nephritis else 0.0), base["albumin"] + 3.0),
        "hemoglobin": (base["hemoglobin"], base["hemoglobin"] + 10.0),
    }
    return {name: normal + activity * (active - normal) for name, (active, normal) in peaks.items()}


def _after_depletion(values: Mapping[str, float], person: Person, day: float) -> dict[str, float]:
    """Counts after lymphodepletion: neutrophils and platelets dip and come back, lymphocytes take months."""
    depth, late = person.marrow_depth, person.marrow_delay_days
    dip = _bump(day, start=-3.0, bottom=7.0, end=21.0 + late)
    lymphocytes = 0.05 if day < 5 else 0.05 + 0.75 * (1.0 - float(np.exp(-(day - 5) / 55.0)))
    expansion = 0.5 * _bump(day, start=6.0, bottom=12.0, end=24.0) if person.kinetics.is_expander else 0.0
    start = min(1.0, max(0.0, (day + 5.0) / 3.0))
    return {
        "neutrophils": values["neutrophils"] * (1.0 - depth * dip),
        "platelets": values["platelets"] * (1.0 - 0.55 * depth * dip),
        "hemoglobin": values["hemoglobin"] - 22.0 * depth * _bump(day, start=-3.0, bottom=12.0, end=55.0),
        "lymphocytes": values["lymphocytes"] * (1.0 - start + start * (lymphocytes + expansion)),
    }


def _immunoglobulins(values: Mapping[str, float], person: Person, day: float) -> dict[str, float]:
    """They fall with the half-life of the immunoglobulin while B cells are away, and recover slowly afterwards."""
    back = person.kinetics.b_cell_back_day
    away = min(max(day, 0.0), back + 30.0)
    since = max(0.0, day - back - 30.0)
    fall = person.immunoglobulin_fall
    changes = {}
    for name, half_life in (("igg", 30.0), ("iga", 14.0), ("igm", 10.0)):
        left = 1.0 - fall * (1.0 - 0.5 ** (away / half_life))
        changes[name] = values[name] * (left + (1.0 - left) * (1.0 - float(np.exp(-since / 90.0))))
    return changes


def _toxicity_driven(values: Mapping[str, float], course: Course, day: float) -> dict[str, float]:
    """Inflammation with cytokine release and IEC-HS; liver and urine where a toxicity of theirs is under way."""
    heat = course.inflammation_at(day)
    liver_uln = course.liver_uln_at(day)
    hlh = course.iec_hs.strength_on(day) if course.iec_hs else 0.0
    return {
        "crp": values["crp"] * (1.0 + 9.0 * heat),
        "ferritin": values["ferritin"] * (1.0 + 4.0 * heat + 25.0 * hlh),
        "il6": values["il6"] * (1.0 + 40.0 * heat),
        "fibrinogen": values["fibrinogen"] * (1.0 - 0.08 * min(heat, 3.0)) * (1.0 - 0.6 * hlh),
        "alt": values["alt"] + (liver_uln + 1.5 * hlh) * limits()["alt"][1],
        "ast": values["ast"] + (0.7 * liver_uln + 2.0 * hlh) * limits()["ast"][1],
        "triglycerides": values["triglycerides"] * (1.0 + 1.6 * hlh),
        "ldh": values["ldh"] * (1.0 + 1.5 * hlh),
        "platelets": values["platelets"] * (1.0 - 0.5 * hlh),
        "urine_protein_creatinine_ratio": values["urine_protein_creatinine_ratio"] * course.urine_factor_at(day),
    }


def _bump(day: float, *, start: float, bottom: float, end: float) -> float:
    """0 at `start` and `end`, 1 at `bottom`, smooth between."""
    if not start < day < end:
        return 0.0
    share = (day - start) / (bottom - start) if day < bottom else (end - day) / (end - bottom)
    return float(np.sin(0.5 * np.pi * share) ** 2)
