"""How the study reads the published grades and scores: versions, cut-offs and windows that a print leaves open.

Every value has a default, so that a study file may leave it out; what a study file says rests on an assumption that it
names. The methods themselves stand in `safety` and `instruments`; here is only which reading of them this study uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from celltrial.codes import FormId
from celltrial.safety.ctcae import Version

__all__ = [
    "AccessSettings",
    "CrsReading",
    "DorisReading",
    "IcahtReading",
    "LldasReading",
    "ReleaseSettings",
    "ResponseSettings",
    "SriReading",
    "ToxicitySettings",
]

_PRIOR_ORGANS = FormId("organ_involvement")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsReading:
    """What ASTCT 2019 leaves open of CRS. quiet_hours: how long the signs must be gone for an episode to be over."""

    quiet_hours: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class IcahtReading:
    """How the days of ICAHT are counted: named and meant as in `safety.icaht`, with what ends its late window early.

    counted_days is that of neutrophils; T-ICAHT counts cumulative days as published.
    """

    counted_days: Literal["longest run", "cumulative"] = "longest run"
    interpolate_up_to_days: int = 7
    late_last_day: int = 100
    censor_at: tuple[Literal["lymphodepletion", "withdrawal"], ...] = ("lymphodepletion", "withdrawal")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToxicitySettings:
    """How toxicity is graded in this study.

    prior_organs: the form that says which organs lupus has ever affected, for LICATS. b_cell_aplasia_below_per_ul:
    fewer CD19+ B cells per microlitre are B-cell aplasia. igg_replacement_below_g_l: IgG, g/L, under which
    immunoglobulin is given.
    """

    ctcae_version: Version = "5.0"
    crs: CrsReading = field(default_factory=CrsReading)
    icaht: IcahtReading = field(default_factory=IcahtReading)
    prior_organs: FormId = _PRIOR_ORGANS
    b_cell_aplasia_below_per_ul: Decimal = Decimal(5)
    igg_replacement_below_g_l: Decimal = Decimal(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class DorisReading:
    """DORIS 2021: the limits of the glucocorticoid (mg prednisone-equivalent a day) and of the global assessment, and
    whether a value exactly at the limit still is remission: prints differ.
    """

    gc_max_mg: Decimal = Decimal(5)
    gc_inclusive: bool = True
    pga_max: Decimal = Decimal("0.5")
    pga_inclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LldasReading:
    """LLDAS: the limit of the glucocorticoid, mg prednisone-equivalent a day, at which it is still met."""

    gc_max_mg: Decimal = Decimal("7.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class SriReading:
    """The responder index: which index must fall, and by how many points."""

    index: Literal["SLEDAI-2K", "SELENA-SLEDAI"] = "SLEDAI-2K"
    points: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSettings:
    """How response is judged in this study.

    lookback_days: the SLEDAI-2K window that counts; a score with another one is not mixed in. together_days: how many
    days apart the assessments of one visit may be and still be judged together.
    """

    doris: DorisReading = field(default_factory=DorisReading)
    lldas: LldasReading = field(default_factory=LldasReading)
    sri: SriReading = field(default_factory=SriReading)
    lookback_days: int = 30
    together_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSettings:
    """What a role asks for: the topics its people must be trained in, and how early the review warns of an end."""

    training: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notice_days: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSettings:
    """What the release of a product must show: the cells released, in per cent of the planned dose, above or below."""

    cells_within_percent: Decimal = Decimal(10)
