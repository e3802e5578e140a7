"""What a result below the limit of quantification counts as in an area; in the terminal slope it never counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from celltrial.kinetics.areas import Point
from celltrial.kinetics.profile import Measured

__all__ = [
    "BLQ_DROP_ALL",
    "BLQ_HALF_LLOQ",
    "BLQ_ICH_M13A",
    "BLQ_KEEP_ZERO",
    "BLQ_PKANALIX",
    "BlqRule",
    "substitute_blq",
]

Substitute = Literal["zero", "drop", "half"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlqRule:
    """What a BLQ result counts as, by its place: 0, dropped, or half the limit of quantification."""

    before_first: Substitute
    embedded_before_tmax: Substitute
    embedded_after_tmax: Substitute
    after_last: Substitute


# ICH M13A: 0 before the first quantifiable result, embedded ones left out, 0 after the last for areas
BLQ_ICH_M13A = BlqRule(before_first="zero", embedded_before_tmax="drop", embedded_after_tmax="drop", after_last="zero")
BLQ_KEEP_ZERO = BlqRule(before_first="zero", embedded_before_tmax="zero", embedded_after_tmax="zero", after_last="zero")
BLQ_DROP_ALL = BlqRule(before_first="drop", embedded_before_tmax="drop", embedded_after_tmax="drop", after_last="drop")
BLQ_HALF_LLOQ = BlqRule(before_first="half", embedded_before_tmax="half", embedded_after_tmax="half", after_last="half")
BLQ_PKANALIX = BlqRule(before_first="zero", embedded_before_tmax="zero", embedded_after_tmax="half", after_last="half")


def substitute_blq(points: Sequence[Measured], rule: BlqRule, *, tmax: float | None) -> tuple[Point, ...] | str:
    """The points (day, value) that areas are made of; or why not, where half an unknown limit would be needed.

    `tmax` is None where no result is quantifiable; every BLQ is then before the first.
    """
    quantified = [point.day for point in points if point.value is not None]
    first, last = (quantified[0], quantified[-1]) if quantified else (float("inf"), float("inf"))
    kept: list[Point] = []
    for point in points:
        if point.value is not None:
            kept.append((point.day, point.value))
            continue
        match _substitute(point.day, rule, first, last, tmax):
            case "zero":
                kept.append((point.day, 0.0))
            case "half":
                if point.lloq is None:
                    return f"half the limit of quantification is asked for, and day {point.day:g} has no limit"
                kept.append((point.day, point.lloq / 2))
            case "drop":
                pass
    return tuple(kept)


def _substitute(day: float, rule: BlqRule, first: float, last: float, tmax: float | None) -> Substitute:
    if day < first:
        return rule.before_first
    if day > last:
        return rule.after_last
    return rule.embedded_before_tmax if tmax is not None and day < tmax else rule.embedded_after_tmax
