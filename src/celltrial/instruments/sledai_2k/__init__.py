"""SLEDAI-2K: its 24 items as data (`items.csv`), its scores, their change, the items that values decide."""

from celltrial.instruments.sledai_2k.change import SledaiChange, band_sledai, compare_sledai
from celltrial.instruments.sledai_2k.descriptors import SledaiItem, SledaiScore
from celltrial.instruments.sledai_2k.measurements import LaboratoryValues, derive_arthritis, derive_laboratory_items
from celltrial.instruments.sledai_2k.score import (
    score_clinical_sledai_2k,
    score_nonlaboratory_sledai_2k,
    score_sledai_2k,
    sledai_2k_items,
)

__all__ = [
    "LaboratoryValues",
    "SledaiChange",
    "SledaiItem",
    "SledaiScore",
    "band_sledai",
    "compare_sledai",
    "derive_arthritis",
    "derive_laboratory_items",
    "score_clinical_sledai_2k",
    "score_nonlaboratory_sledai_2k",
    "score_sledai_2k",
    "sledai_2k_items",
]
