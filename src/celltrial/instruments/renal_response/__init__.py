"""Renal response of lupus nephritis: by guidelines (KDIGO 2024, EULAR/ERA-EDTA 2019) and as trials defined it."""

from celltrial.instruments.renal_response.conditions import KidneyCourse, judge_prednisone_limit
from celltrial.instruments.renal_response.guidelines import (
    EularTargets,
    KdigoResponse,
    judge_eular_era_edta_2019,
    judge_kdigo_2024,
)
from celltrial.instruments.renal_response.trials import (
    AuroraResponse,
    BlissResponse,
    judge_aurora_1,
    judge_bliss_ln,
    judge_renal_flare,
)

__all__ = [
    "AuroraResponse",
    "BlissResponse",
    "EularTargets",
    "KdigoResponse",
    "KidneyCourse",
    "judge_aurora_1",
    "judge_bliss_ln",
    "judge_eular_era_edta_2019",
    "judge_kdigo_2024",
    "judge_prednisone_limit",
    "judge_renal_flare",
]
