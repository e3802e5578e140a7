"""CTCAE: laboratory criteria as data (one file a version) and the one engine that reads them."""

from celltrial.safety.ctcae.calcium import compute_corrected_calcium
from celltrial.safety.ctcae.grade import GradeResult, Mode, grade_lab
from celltrial.safety.ctcae.table import CTCAE_VERSIONS, Circumstance, Direction, LabTerm, Version, lab_terms

__all__ = [
    "CTCAE_VERSIONS",
    "Circumstance",
    "Direction",
    "GradeResult",
    "LabTerm",
    "Mode",
    "Version",
    "compute_corrected_calcium",
    "grade_lab",
    "lab_terms",
]
