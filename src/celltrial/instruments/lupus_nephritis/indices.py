"""The modified NIH activity and chronicity indices: weighted sums; a component not known leaves a lower bound."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from celltrial.errors import Finding
from celltrial.instruments.renal_function.checks import check_positive, require
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = ["NihComponent", "NihIndices", "nih_components", "score_nih_extent", "score_nih_indices"]

_MAXIMUM = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NihComponent:
    """One lesion of an index, with its weight."""

    index: Literal["activity", "chronicity"]
    component: str
    weight: int
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NihIndices:
    """activity: 0 to 24; chronicity: 0 to 12; either may be NotEvaluable with its lower bound."""

    activity: int | NotEvaluable
    chronicity: int | NotEvaluable
    contributing: tuple[str, ...]


@cache
def nih_components() -> tuple[NihComponent, ...]:
    """The ten components of `nih_indices.csv`, in their published order."""
    return tuple(
        NihComponent(
            index="activity" if row["index"] == "activity" else "chronicity",
            component=row["component"],
            weight=int(row["weight"]),
            definition=row["definition"],
        )
        for row in read_package_table("celltrial.instruments.lupus_nephritis", "nih_indices.csv")
    )


def score_nih_extent(percent: Decimal) -> int:
    """The score of a lesion from its extent: 0 absent, 1 below 25 %, 2 from 25 to 50 %, 3 above 50 %.

    Raises UsageError outside 0 to 100.

    >>> [score_nih_extent(Decimal(each)) for each in (0, 24, 25, 50, 51)]
    [0, 1, 2, 2, 3]
    """
    over = [Finding(message="a lesion covers more than all", found=str(percent), expected="0 to 100")]
    require(check_positive("NIH indices", {"percent": percent}, or_zero=("percent",)), over if percent > 100 else [])
    if percent == 0:
        return 0
    return 1 if percent < 25 else 2 if percent <= 50 else 3


def score_nih_indices(components: Mapping[str, int | None]) -> NihIndices:
    """Both indices of one biopsy.

    Args:
        components: component -> 0 to 3; missing or None is not known. Other keys are not read.
    Raises:
        UsageError: scores outside 0 to 3, all at once.
    Source: `nih_indices.csv`.

    >>> all_at_most = {each.component: 3 for each in nih_components()}
    >>> result = score_nih_indices(all_at_most)
    >>> result.activity, result.chronicity
    (24, 12)
    """
    require(
        [
            Finding(
                message=f"NIH indices: {each.component} cannot be",
                where=each.component,
                found=str(components[each.component]),
                expected=f"0 to {_MAXIMUM}",
                next_step="correct the entry",
            )
            for each in nih_components()
            if (score := components.get(each.component)) is not None and not 0 <= score <= _MAXIMUM
        ]
    )
    return NihIndices(
        activity=_sum("activity", components),
        chronicity=_sum("chronicity", components),
        contributing=tuple(each.component for each in nih_components() if components.get(each.component)),
    )


def _sum(index: str, components: Mapping[str, int | None]) -> int | NotEvaluable:
    own = [each for each in nih_components() if each.index == index]
    total = sum(each.weight * (components.get(each.component) or 0) for each in own)
    unknown = [each.component for each in own if components.get(each.component) is None]
    return NotEvaluable(f"not known: {', '.join(unknown)}", lower_bound=total) if unknown else total
