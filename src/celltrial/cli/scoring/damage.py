"""The sheet of the damage index."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from celltrial.cli.scoring.sheet import Sheet, pairs, read_wholes, whole
from celltrial.missing import NotEvaluable

if TYPE_CHECKING:
    from celltrial.instruments import DamageForm

__all__ = ["sheets"]


def sheets() -> dict[str, Sheet]:
    """The damage index, by the name of the command line."""
    from celltrial.instruments import slicc_damage_items

    items = tuple(item.item for item in slicc_damage_items())
    return {
        "slicc-di": Sheet(
            label="SLICC/ACR damage index (points of each item; form 41 or 39, blank = 41)",
            columns=items,
            optional=("form", *(f"{item}_before" for item in items)),
            added=("total", "lower_bound", "by_domain", "contributing", "fallen", "reason"),
            score=_score_damage_row,
        )
    }


def _score_damage_row(row: Mapping[str, str]) -> Sequence[object]:
    from celltrial.instruments import check_damage_course, score_slicc_damage, slicc_damage_items

    form = cast("DamageForm", row.get("form", "") or "41")
    items = [item.item for item in slicc_damage_items(form)]
    read = read_wholes(row, [*items, *(f"{item}_before" for item in items)])
    now = {item: read[item] for item in items}
    before = {item: read[f"{item}_before"] for item in items}
    fallen = ";".join(finding.where for finding in check_damage_course(before, now, form=form))
    result = score_slicc_damage(now, form=form)
    if isinstance(result, NotEvaluable):
        return (None, whole(result.lower_bound), None, None, fallen, result.reason)
    return (result.total, None, pairs(result.by_domain), ";".join(result.contributing), fallen, None)
