"""The SELENA-SLEDAI flare index: its criteria as data (`criteria.csv`), the values it reads, and its judgement."""

from celltrial.instruments.sfi.assess import (
    SFI_CLASSIC,
    SFI_MODIFIED,
    Flare,
    FlareJudgement,
    SfiRules,
    assess_flare,
)
from celltrial.instruments.sfi.values import FlareValues, SfiCriterion, sfi_criteria

__all__ = [
    "SFI_CLASSIC",
    "SFI_MODIFIED",
    "Flare",
    "FlareJudgement",
    "FlareValues",
    "SfiCriterion",
    "SfiRules",
    "assess_flare",
    "sfi_criteria",
]
