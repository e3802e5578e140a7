"""SLEDAI-2K: its 24 items as data (`items.csv`) and its score (`score.py`)."""

from celltrial.instruments.sledai_2k.score import (
    SledaiItem,
    SledaiScore,
    score_clinical_sledai_2k,
    score_sledai_2k,
    sledai_2k_items,
)

__all__ = ["SledaiItem", "SledaiScore", "score_clinical_sledai_2k", "score_sledai_2k", "sledai_2k_items"]
