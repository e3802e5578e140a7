"""SLICC/ACR damage index: its items as data (`items.csv`), its score, and the check that damage never falls."""

from celltrial.instruments.slicc_damage.score import (
    DamageForm,
    DamageItem,
    DamageScore,
    check_damage_course,
    score_slicc_damage,
    slicc_damage_items,
)

__all__ = [
    "DamageForm",
    "DamageItem",
    "DamageScore",
    "check_damage_course",
    "score_slicc_damage",
    "slicc_damage_items",
]
