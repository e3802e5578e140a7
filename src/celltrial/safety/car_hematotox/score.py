"""CAR-HEMATOTOX: the risk of long cytopenia, from five blood values before lymphodepletion (about day -5).

It was developed and validated in large B-cell lymphoma treated with CD19 CAR-T cells. Nobody has validated it in lupus,
whose cytopenias, ferritin and CRP have other reasons: every result says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = ["CarHematotoxItem", "CarHematotoxScore", "car_hematotox_items", "score_car_hematotox"]

NOT_VALIDATED = "validated in large B-cell lymphoma; not validated in systemic lupus erythematosus"
_HIGH_FROM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CarHematotoxItem:
    """One item of `items.csv`, its limits in our unit."""

    item: str
    unit: str
    direction: Literal["low", "high"]
    mild: Decimal
    at_mild: int
    severe: Decimal | None
    is_disputed: bool
    plausible: tuple[Decimal, Decimal]

    @property
    def most(self) -> int:
        """The most points it can give."""
        return 1 if self.severe is None else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CarHematotoxScore:
    """risk: `low` (0 to 1 points), `high` (2 or more), or why it is open. total: 0 to 7, or why it is not known.

    points: what each known item gives. range: the least and the most the total can be.
    flags: that it is not validated here, and values exactly at a limit on which the prints differ.
    """

    risk: Literal["low", "high"] | NotEvaluable
    total: int | NotEvaluable
    points: Mapping[str, int]
    range: tuple[int, int]
    flags: tuple[str, ...] = field(default=(NOT_VALIDATED,))


@cache
def car_hematotox_items() -> tuple[CarHematotoxItem, ...]:
    """The five items of `items.csv`, in their published order."""
    return tuple(
        CarHematotoxItem(
            item=row["item"],
            unit=row["unit"],
            direction="low" if row["direction"] == "low" else "high",
            mild=Decimal(row["mild"]) * Decimal(row["factor"]),
            at_mild=int(row["at_mild"]),
            severe=Decimal(row["severe"]) * Decimal(row["factor"]) if row["severe"] else None,
            is_disputed=row["disputed"] == "yes",
            plausible=(Decimal(row["low"]), Decimal(row["high"])),
        )
        for row in read_package_table("celltrial.safety.car_hematotox", "items.csv")
    )


def score_car_hematotox(
    *,
    platelets_10e9_l: Decimal | None,
    anc_per_ul: Decimal | None,
    hemoglobin_g_l: Decimal | None,
    crp_mg_l: Decimal | None,
    ferritin_ug_l: Decimal | None,
    points_at_limit: Mapping[str, int] = MappingProxyType({}),
) -> CarHematotoxScore:
    """Score one participant; None is a value not known.

    Args:
        crp_mg_l, hemoglobin_g_l: a tenth of these is what the published table prints (mg/dL, g/dL).
        points_at_limit: `anc`, `hemoglobin`, `crp` -> the points of a value exactly at 1200/uL, 90 g/L, 30 mg/L, where
            prints of the table differ. Default: 0, 0, 1. Such a value is flagged.
    Returns:
        High risk as soon as the known items give 2 points; low risk once no unknown one could reach them.
    Raises:
        UsageError: values that cannot be in the unit asked for, or points for another item; all of them at once.
    Source: Rejeski K et al., Blood 2021;138:2499-513.

    >>> score_car_hematotox(platelets_10e9_l=Decimal(60), anc_per_ul=None, hemoglobin_g_l=None, crp_mg_l=None,
    ...                     ferritin_ug_l=None).risk
    'high'
    """
    values = dict(
        zip(
            (each.item for each in car_hematotox_items()),
            (platelets_10e9_l, anc_per_ul, hemoglobin_g_l, crp_mg_l, ferritin_ug_l),
            strict=True,
        )
    )
    _require(values, points_at_limit)
    points: dict[str, int] = {}
    flags = [NOT_VALIDATED]
    for each in car_hematotox_items():
        value = values[each.item]
        if value is None:
            continue
        points[each.item] = _points(each, value, points_at_limit.get(each.item, each.at_mild))
        if each.is_disputed and value == each.mild:
            flags.append(
                f"{each.item} exactly {each.mild} {each.unit}, where prints of the score differ: "
                f"taken as {points[each.item]} of 0 or 1"
            )
    least = sum(points.values())
    missing = [each for each in car_hematotox_items() if each.item not in points]
    return _conclude(points, (least, least + sum(each.most for each in missing)), [m.item for m in missing], flags)


def _conclude(
    points: Mapping[str, int], span: tuple[int, int], missing: list[str], flags: list[str]
) -> CarHematotoxScore:
    least, most = span
    unknown = NotEvaluable(f"not known: {', '.join(missing)}; {least} to {most} points", lower_bound=least)
    risk: Literal["low", "high"] | NotEvaluable = unknown
    if least >= _HIGH_FROM:
        risk = "high"
    elif most < _HIGH_FROM:
        risk = "low"
    total = unknown if missing else least
    return CarHematotoxScore(risk=risk, total=total, points=points, range=span, flags=tuple(flags))


def _points(item: CarHematotoxItem, value: Decimal, at_mild: int) -> int:
    # how far beyond the limit, in the direction that is worse
    worse = 1 if item.direction == "high" else -1
    if item.severe is not None and (value - item.severe) * worse > 0:
        return 2
    if value == item.mild:
        return at_mild
    return 1 if (value - item.mild) * worse > 0 else 0


def _require(values: Mapping[str, Decimal | None], points_at_limit: Mapping[str, int]) -> None:
    findings = [
        Finding(
            message="CAR-HEMATOTOX: a value that cannot be in this unit",
            where=each.item,
            found=str(value),
            expected=f"{each.plausible[0]} to {each.plausible[1]} {each.unit}",
            next_step="correct the value or convert its unit",
        )
        for each in car_hematotox_items()
        if (value := values[each.item]) is not None
        and not (value.is_finite() and each.plausible[0] <= value <= each.plausible[1])
    ]
    disputed = [each.item for each in car_hematotox_items() if each.is_disputed]
    findings += [
        Finding(
            message="CAR-HEMATOTOX: points at a limit that are not open to choice",
            where=name,
            found=str(points),
            expected=f"0 or 1 for {', '.join(disputed)}",
            next_step="correct the option",
        )
        for name, points in points_at_limit.items()
        if name not in disputed or points not in (0, 1)
    ]
    if findings:
        raise UsageError(findings)
