"""PGA: the physician's global assessment of lupus activity, 0 to 3, over the month before the visit.

It leaves out damage, serology and complaints that have nothing to do with activity; the same experienced physician
rates it at each visit, before the SLEDAI is scored. That is the rater's part; here it is checked and brought to 0 to 3.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = ["PgaScale", "PgaScore", "score_pga"]

PgaScale = Literal["0-3", "0-100 mm"]

_TOPS: dict[str, Decimal] = {"0-3": Decimal(3), "0-100 mm": Decimal(100)}
_BELOW = "below mild"


@dataclass(frozen=True, slots=True, kw_only=True)
class PgaScore:
    """value: 0 to 3, unrounded. band: none, below mild, mild, moderate or severe. scale: the one it was rated on."""

    value: Decimal
    band: str
    scale: PgaScale


def score_pga(value: Decimal | None, *, scale: PgaScale = "0-3") -> PgaScore | NotEvaluable:
    """The PGA on 0 to 3 with its band.

    Args:
        value: as rated; None is not known.
        scale: `0-3`, or `0-100 mm` for a line of 100 mm, converted by x 3/100 (our reading: the line is linear).
    Raises:
        UsageError: a value outside its scale (a PGA of 35 is one in mm), or no such scale.
    Source: Piga M et al. (PISCOS), Lancet Rheumatol 2022;4:e441-9.

    >>> score_pga(Decimal("1.0")).band, score_pga(Decimal(50), scale="0-100 mm").value
    ('mild', Decimal('1.5'))
    """
    if scale not in _TOPS:
        raise UsageError(_finding("scale", repr(scale), "0-3 or 0-100 mm"))
    if value is None:
        return NotEvaluable("no PGA")
    top = _TOPS[scale]
    if not value.is_finite() or not 0 <= value <= top:
        raise UsageError(_finding("pga", str(value), f"0 to {top} (scale {scale})"))
    points = value if scale == "0-3" else value * 3 / 100
    return PgaScore(value=points, band=_band(points), scale=scale)


def _band(points: Decimal) -> str:
    for row in read_package_table("celltrial.instruments.pga", "bands.csv"):
        floor = points >= Decimal(row["at_least"]) if row["at_least"] else points > Decimal(row["over"])
        if floor and points <= Decimal(row["up_to"]):
            return row["band"]
    return _BELOW


def _finding(where: str, found: str, expected: str) -> Finding:
    return Finding(
        message="the PGA is not on its scale",
        where=where,
        found=found,
        expected=expected,
        next_step="correct the value, or name the scale it was rated on",
    )
