"""Lupus nephritis on biopsy: ISN/RPS classes, modified NIH indices, and the trial's active class III or IV."""

from celltrial.instruments.lupus_nephritis.classes import (
    GlomerularFindings,
    NephritisBiopsy,
    derive_isn_rps_class,
    judge_active_class_iii_or_iv,
    parse_isn_rps_class,
)
from celltrial.instruments.lupus_nephritis.indices import (
    NihComponent,
    NihIndices,
    nih_components,
    score_nih_extent,
    score_nih_indices,
)

__all__ = [
    "GlomerularFindings",
    "NephritisBiopsy",
    "NihComponent",
    "NihIndices",
    "derive_isn_rps_class",
    "judge_active_class_iii_or_iv",
    "nih_components",
    "parse_isn_rps_class",
    "score_nih_extent",
    "score_nih_indices",
]
