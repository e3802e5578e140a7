"""The sheet of the risk of haematotoxicity before treatment."""

from collections.abc import Mapping, Sequence

from celltrial.cli.scoring.sheet import Sheet, pairs, read_cells, whole
from celltrial.missing import NotEvaluable

__all__ = ["sheets"]

_COLUMNS = ("platelets_10e9_l", "anc_per_ul", "hemoglobin_g_l", "crp_mg_l", "ferritin_ug_l")


def sheets() -> dict[str, Sheet]:
    """CAR-HEMATOTOX, by the name of the command line."""
    return {
        "car-hematotox": Sheet(
            label="CAR-HEMATOTOX before lymphodepletion (not validated in lupus)",
            columns=_COLUMNS,
            added=("total", "risk", "lower_bound", "upper_bound", "points", "reason", "flags"),
            score=_score_row,
        )
    }


def _score_row(row: Mapping[str, str]) -> Sequence[object]:
    from celltrial.safety.car_hematotox import score_car_hematotox

    platelets, anc, hemoglobin, crp, ferritin = read_cells(row, _COLUMNS).values()
    result = score_car_hematotox(
        platelets_10e9_l=platelets,
        anc_per_ul=anc,
        hemoglobin_g_l=hemoglobin,
        crp_mg_l=crp,
        ferritin_ug_l=ferritin,
    )
    is_open = isinstance(result.total, NotEvaluable)
    return (
        None if isinstance(result.total, NotEvaluable) else result.total,
        None if isinstance(result.risk, NotEvaluable) else result.risk,
        whole(result.range[0]) if is_open else None,
        whole(result.range[1]) if is_open else None,
        pairs(result.points),
        result.total.reason if isinstance(result.total, NotEvaluable) else None,
        "; ".join(result.flags),
    )
