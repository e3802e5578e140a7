"""The sheet of the HScore."""

from collections.abc import Mapping, Sequence
from typing import Any

from celltrial.cli.scoring.sheet import Sheet, read_cells
from celltrial.missing import NotEvaluable

__all__ = ["sheets"]

_SIGNS = ("immunosuppression", "hepatomegaly", "splenomegaly", "haemophagocytosis")
_NUMBERS = (
    "temperature_c",
    "hemoglobin_g_l",
    "leukocytes_10e9_l",
    "platelets_10e9_l",
    "ferritin_ug_l",
    "triglycerides_mmol_l",
    "fibrinogen_g_l",
    "ast_u_l",
)


def sheets() -> dict[str, Sheet]:
    """The HScore, by the name of the command line."""
    return {
        "hscore": Sheet(
            label="HScore of reactive haemophagocytic syndrome (signs yes, no or unknown; cut-off 169)",
            columns=(*_SIGNS, *_NUMBERS),
            added=("total", "lowest", "highest", "reaches_cutoff", "points", "reason", "flags"),
            score=_score_hscore_row,
        )
    }


def _score_hscore_row(row: Mapping[str, str]) -> Sequence[object]:
    from celltrial.safety.hscore import HScoreFindings, score_hscore

    given: dict[str, Any] = dict(read_cells(row, _NUMBERS))
    given |= {name: row.get(name) or "unknown" for name in _SIGNS}
    result = score_hscore(HScoreFindings(**given))
    total = result.total
    is_known = not isinstance(total, NotEvaluable)
    points = ";".join(
        f"{item}={low}" if low == high else f"{item}={low}-{high}"
        for item, (low, high) in result.points.items()
        if high
    )
    return (
        total if is_known else None,
        result.lowest,
        result.highest,
        result.reaches_cutoff,
        points,
        getattr(total, "reason", None),
        "; ".join(result.flags),
    )
