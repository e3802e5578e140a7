"""What the record says of toxicity, one participant at a time: assessments graded, counts, infections, LICATS flags.

series.py reads laboratory results as series; graded.py grades CRS, ICANS, IEC-HS and GvHD; haematotoxicity.py ICAHT and
T-ICAHT; infections.py and licats.py look at reported events. Each result keeps the entries that it comes from.
"""

from celltrial.record.toxicity.graded import (
    SYNDROMES,
    GradedAssessment,
    Syndrome,
    SyndromeCourse,
    grade_syndrome,
    grade_syndromes,
)
from celltrial.record.toxicity.haematotoxicity import CountWindow, LowRun, grade_haematotoxicity
from celltrial.record.toxicity.infections import Infection, is_infection, read_infections
from celltrial.record.toxicity.licats import LicatsProposal, propose_licats
from celltrial.record.toxicity.series import immunoglobulin_days

__all__ = [
    "SYNDROMES",
    "CountWindow",
    "GradedAssessment",
    "Infection",
    "LicatsProposal",
    "LowRun",
    "Syndrome",
    "SyndromeCourse",
    "grade_haematotoxicity",
    "grade_syndrome",
    "grade_syndromes",
    "immunoglobulin_days",
    "is_infection",
    "propose_licats",
    "read_infections",
]
