"""SLICC/ACR damage index: the points of lasting damage since the onset of lupus; unknown items leave a lower bound.

Damage counts whatever its cause and stays: an index that falls is a finding, not an improvement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = ["DamageForm", "DamageItem", "DamageScore", "check_damage_course", "score_slicc_damage", "slicc_damage_items"]

DamageForm = Literal["41", "39"]

_FORMS = ("41", "39")
_RENAL, _END_STAGE = "renal", "end_stage_renal_disease"
_RULE = "Gladman 1996: damage is irreversible and cumulative since the onset of lupus"


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageItem:
    """One item: its domain, the points it may have, and how long it must have lasted (6 months or ever)."""

    number: int
    domain: str
    item: str
    points: tuple[int, ...]
    lasting: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageScore:
    """A definite index: 0 to 47 (form of 41 items) or 45 (39 items). by_domain: all 12. contributing: what scores."""

    total: int
    by_domain: Mapping[str, int]
    contributing: tuple[str, ...]
    form: DamageForm


@cache
def slicc_damage_items(form: DamageForm = "41") -> tuple[DamageItem, ...]:
    """The items of a form, in order; the form of 39 lacks pancreatic insufficiency and tendon rupture.

    >>> len(slicc_damage_items()), len(slicc_damage_items("39"))
    (41, 39)
    """
    if form not in _FORMS:
        raise UsageError(_senseless("form", repr(form), "41 or 39"))
    return tuple(
        DamageItem(
            number=int(row["number"]),
            domain=row["domain"],
            item=row["item"],
            points=tuple(int(points) for points in row["points"].split(";")),
            lasting=row["lasting"],
            definition=row["definition"],
        )
        for row in read_package_table("celltrial.instruments.slicc_damage", "items.csv")
        if form in row["forms"].split(";")
    )


def score_slicc_damage(items: Mapping[str, int | None], *, form: DamageForm = "41") -> DamageScore | NotEvaluable:
    """The damage index of one assessment.

    Args:
        items: item id -> its points; None or missing is not known. Other keys are not read. The rater has counted only
            what came after the onset of lupus and has lasted 6 months, or happened ever where `items.csv` says so.
        form: 41 items (the default) or 39.
    Returns:
        DamageScore; NotEvaluable naming the unknown items that could add points, with what is certain as lower bound.
    Raises:
        UsageError: points that an item cannot have, all of them at once (end-stage renal disease: 0 or 3).
    Source: Gladman D et al., Arthritis Rheum 1996;39:363-9.

    >>> none = {each.item: 0 for each in slicc_damage_items()}
    >>> score_slicc_damage(none | {"end_stage_renal_disease": 3, "proteinuria": 1, "cataract": 1}).total
    4
    """
    scored = slicc_damage_items(form)
    _require_points(scored, items)
    end_stage = items.get(_END_STAGE) == 3
    counted = [item for item in scored if not (end_stage and item.domain == _RENAL and item.item != _END_STAGE)]
    domains = dict.fromkeys((item.domain for item in scored), 0)
    for item in counted:
        domains[item.domain] += items.get(item.item) or 0
    total = sum(domains.values())
    unknown = [item.item for item in counted if items.get(item.item) is None]
    if unknown:
        return NotEvaluable(f"not known: {', '.join(unknown)}", lower_bound=total)
    contributing = tuple(item.item for item in counted if items[item.item])
    return DamageScore(total=total, by_domain=domains, contributing=contributing, form=form)


def check_damage_course(
    before: Mapping[str, int | None], after: Mapping[str, int | None], *, form: DamageForm = "41"
) -> tuple[Finding, ...]:
    """Each item that has fewer points than before; damage does not go away. Items not known are not compared.

    With end-stage renal disease the other renal items no longer count, and may be left at 0.
    """
    scored = slicc_damage_items(form)
    _require_points(scored, before)
    _require_points(scored, after)
    end_stage = after.get(_END_STAGE) == 3
    return tuple(
        Finding(
            message="SLICC/ACR damage index: damage has fallen between two assessments",
            where=item.item,
            found=f"{was}, then {now}",
            expected=f"{was} or more",
            rule=_RULE,
            next_step="correct one of the two entries",
        )
        for item in scored
        if not (end_stage and item.domain == _RENAL)
        for was, now in ((before.get(item.item), after.get(item.item)),)
        if was is not None and now is not None and now < was
    )


def _require_points(scored: tuple[DamageItem, ...], items: Mapping[str, int | None]) -> None:
    findings = [
        _senseless(item.item, str(points), " or ".join(str(each) for each in item.points) + ", or blank")
        for item in scored
        for points in (items.get(item.item),)
        if points is not None and points not in item.points
    ]
    if findings:
        raise UsageError(findings)


def _senseless(where: str, found: str, expected: str) -> Finding:
    return Finding(
        message=f"SLICC/ACR damage index: {where} cannot have this value",
        where=where,
        found=found,
        expected=expected,
        next_step="correct the entry",
    )
