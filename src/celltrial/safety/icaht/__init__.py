"""ICAHT and T-ICAHT: haematotoxicity of immune effector cells, by depth and duration of low counts (`grades.csv`)."""

from celltrial.safety.icaht.days import Count, DailyCounts, Run
from celltrial.safety.icaht.grade import IcahtResult, grade_icaht, grade_t_icaht
from celltrial.safety.icaht.rules import ICAHT_RULES, REFERENCE_RULES, T_ICAHT_RULES, Band, IcahtRules, bands
from celltrial.safety.icaht.window import DayRange, WindowGrade

__all__ = [
    "ICAHT_RULES",
    "REFERENCE_RULES",
    "T_ICAHT_RULES",
    "Band",
    "Count",
    "DailyCounts",
    "DayRange",
    "IcahtResult",
    "IcahtRules",
    "Run",
    "WindowGrade",
    "bands",
    "grade_icaht",
    "grade_t_icaht",
]
