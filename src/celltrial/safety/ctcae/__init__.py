"""CTCAE: numeric criteria as data (one file a version), and what reads them, by row and by column."""

from celltrial.safety.ctcae.bounds import GradeRange, bound_lab_grade
from celltrial.safety.ctcae.calcium import compute_corrected_calcium
from celltrial.safety.ctcae.grade import Mode, grade_lab
from celltrial.safety.ctcae.labs import LabGrades, grade_labs
from celltrial.safety.ctcae.table import (
    CIRCUMSTANCES,
    CTCAE_VERSIONS,
    Circumstance,
    Direction,
    LabTerm,
    Version,
    lab_terms,
    term_names,
)
from celltrial.safety.ctcae.verdict import GradeResult

__all__ = [
    "CIRCUMSTANCES",
    "CTCAE_VERSIONS",
    "Circumstance",
    "Direction",
    "GradeRange",
    "GradeResult",
    "LabGrades",
    "LabTerm",
    "Mode",
    "Version",
    "bound_lab_grade",
    "compute_corrected_calcium",
    "grade_lab",
    "grade_labs",
    "lab_terms",
    "term_names",
]
