"""Kidney function: creatinine clearance, estimated filtration, protein/creatinine ratio; results unrounded."""

from celltrial.instruments.renal_function.clearance import (
    Clearance,
    cockcroft_gault,
    compute_adjusted_weight,
    compute_creatinine_clearance,
    compute_ideal_weight,
)
from celltrial.instruments.renal_function.exact import Exact, show_exact
from celltrial.instruments.renal_function.filtration import (
    Filtration,
    compute_body_surface,
    compute_ckd_epi_2021,
    compute_deindexed,
)
from celltrial.instruments.renal_function.proteinuria import UPCR_UNITS, compute_upcr, convert_upcr

__all__ = [
    "UPCR_UNITS",
    "Clearance",
    "Exact",
    "Filtration",
    "cockcroft_gault",
    "compute_adjusted_weight",
    "compute_body_surface",
    "compute_ckd_epi_2021",
    "compute_creatinine_clearance",
    "compute_deindexed",
    "compute_ideal_weight",
    "compute_upcr",
    "convert_upcr",
    "show_exact",
]
