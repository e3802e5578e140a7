"""2019 EULAR/ACR classification of lupus: its items as data (`items.csv`) and its score (`score.py`)."""

from celltrial.instruments.eular_acr_2019.score import (
    EularAcrItem,
    EularAcrScore,
    eular_acr_2019_items,
    score_eular_acr_2019,
)

__all__ = ["EularAcrItem", "EularAcrScore", "eular_acr_2019_items", "score_eular_acr_2019"]
