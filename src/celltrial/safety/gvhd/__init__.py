"""Graft-versus-host disease: acute by MAGIC (`acute.py`, `staging.py`), chronic by NIH 2014 (`chronic.py`)."""

from celltrial.safety.gvhd.acute import AcuteGvhd, acute_gvhd_episodes, grade_acute_gvhd, grade_organ_stages
from celltrial.safety.gvhd.chronic import (
    CHRONIC_ORGANS,
    ChronicScore,
    ChronicSeverity,
    grade_chronic_gvhd,
    score_chronic_lungs,
    score_chronic_skin,
)
from celltrial.safety.gvhd.staging import AcuteGvhdObservation, OrganStage, stage_acute_gvhd

__all__ = [
    "CHRONIC_ORGANS",
    "AcuteGvhd",
    "AcuteGvhdObservation",
    "ChronicScore",
    "ChronicSeverity",
    "OrganStage",
    "acute_gvhd_episodes",
    "grade_acute_gvhd",
    "grade_chronic_gvhd",
    "grade_organ_stages",
    "score_chronic_lungs",
    "score_chronic_skin",
    "stage_acute_gvhd",
]
