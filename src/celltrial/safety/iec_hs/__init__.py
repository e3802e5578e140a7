"""IEC-HS: the evidence for it (`evidence.py`, `criteria.csv`) and its grade (`grade.py`, `grades.csv`)."""

from celltrial.safety.iec_hs.evidence import (
    IecHsCriterion,
    IecHsEvidence,
    assess_iec_hs,
    iec_hs_numbers,
    iec_hs_signs,
)
from celltrial.safety.iec_hs.grade import IecHsObservation, grade_iec_hs, iec_hs_episodes, iec_hs_grading_signs

__all__ = [
    "IecHsCriterion",
    "IecHsEvidence",
    "IecHsObservation",
    "assess_iec_hs",
    "grade_iec_hs",
    "iec_hs_episodes",
    "iec_hs_grading_signs",
    "iec_hs_numbers",
    "iec_hs_signs",
]
