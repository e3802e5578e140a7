"""SELENA-SLEDAI: its 24 items with their own definitions (`items.csv`) and its score with two rules of proteinuria."""

from celltrial.instruments.selena_sledai.score import (
    NEW_PROTEINURIA,
    ProteinuriaRule,
    derive_new_proteinuria,
    score_clinical_selena_sledai,
    score_selena_sledai,
    selena_sledai_items,
)

__all__ = [
    "NEW_PROTEINURIA",
    "ProteinuriaRule",
    "derive_new_proteinuria",
    "score_clinical_selena_sledai",
    "score_selena_sledai",
    "selena_sledai_items",
]
