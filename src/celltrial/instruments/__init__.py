"""Disease instruments: one folder each, its items as data and its score; missing items never score 0."""

from celltrial.instruments.eular_acr_2019 import (
    EularAcrItem,
    EularAcrScore,
    eular_acr_2019_items,
    score_eular_acr_2019,
)
from celltrial.instruments.sledai_2k import (
    SledaiItem,
    SledaiScore,
    score_clinical_sledai_2k,
    score_sledai_2k,
    sledai_2k_items,
)

__all__ = [
    "EularAcrItem",
    "EularAcrScore",
    "SledaiItem",
    "SledaiScore",
    "eular_acr_2019_items",
    "score_clinical_sledai_2k",
    "score_eular_acr_2019",
    "score_sledai_2k",
    "sledai_2k_items",
]
