"""Eligibility: a criterion language as data, three-valued verdicts with reasons, a plain-Python reference evaluator.

`parse_criteria` reads the file, `facts` holds what is known of one candidate, `screen` evaluates, `render_explanation`
puts the result into words. Knows no trial record, no file but its own tables, and no clock.
"""

from celltrial.eligibility.evaluate import INCLUSION_ONLY, screen
from celltrial.eligibility.explain import render_explanation
from celltrial.eligibility.facts import (
    Attestation,
    ClinicalFinding,
    Condition,
    Coverage,
    Facts,
    Judgement,
    Measurement,
    Medication,
    Person,
    Procedure,
    Score,
)
from celltrial.eligibility.language import Criteria, Node
from celltrial.eligibility.parse import parse_criteria
from celltrial.eligibility.result import Need, Result, Screening
from celltrial.eligibility.truth import Basis, Cost, Unknown, Verdict, Why

__all__ = [
    "INCLUSION_ONLY",
    "Attestation",
    "Basis",
    "ClinicalFinding",
    "Condition",
    "Cost",
    "Coverage",
    "Criteria",
    "Facts",
    "Judgement",
    "Measurement",
    "Medication",
    "Need",
    "Node",
    "Person",
    "Procedure",
    "Result",
    "Score",
    "Screening",
    "Unknown",
    "Verdict",
    "Why",
    "parse_criteria",
    "render_explanation",
    "screen",
]
