"""BILAG-2004: nine systems with grades A to E as data, their number (`score.py`) and their change (`change.py`)."""

from celltrial.instruments.bilag_2004.change import BilagChange, bilag_change, check_bilag_course
from celltrial.instruments.bilag_2004.score import (
    BilagGrade,
    BilagScore,
    bilag_systems,
    read_bilag_grades,
    score_bilag_2004,
)

__all__ = [
    "BilagChange",
    "BilagGrade",
    "BilagScore",
    "bilag_change",
    "bilag_systems",
    "check_bilag_course",
    "read_bilag_grades",
    "score_bilag_2004",
]
