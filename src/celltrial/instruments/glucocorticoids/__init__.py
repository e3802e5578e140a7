"""Glucocorticoids in prednisone: daily doses, and exposure over time from dated courses."""

from celltrial.instruments.glucocorticoids.courses import PULSE_FROM_MG_PER_DAY, GlucocorticoidCourse
from celltrial.instruments.glucocorticoids.equivalents import (
    DoseTotal,
    PrednisoneDose,
    compute_prednisone_equivalent,
    compute_prednisone_per_kg,
    convert_glucocorticoid,
    glucocorticoid_equivalents,
    glucocorticoid_routes,
    total_prednisone_equivalent,
)
from celltrial.instruments.glucocorticoids.exposure import (
    DoseBounds,
    GlucocorticoidExposure,
    compute_glucocorticoid_exposure,
)

__all__ = [
    "PULSE_FROM_MG_PER_DAY",
    "DoseBounds",
    "DoseTotal",
    "GlucocorticoidCourse",
    "GlucocorticoidExposure",
    "PrednisoneDose",
    "compute_glucocorticoid_exposure",
    "compute_prednisone_equivalent",
    "compute_prednisone_per_kg",
    "convert_glucocorticoid",
    "glucocorticoid_equivalents",
    "glucocorticoid_routes",
    "total_prednisone_equivalent",
]
