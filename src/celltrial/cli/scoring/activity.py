"""The sheets of the instruments of disease activity and classification."""

from collections.abc import Mapping, Sequence

from celltrial.cli.scoring.sheet import Sheet, pairs, whole
from celltrial.missing import NotEvaluable

__all__ = ["sheets"]


def sheets() -> dict[str, Sheet]:
    """The instruments of disease activity and classification, by the name of the command line."""
    from celltrial.instruments import eular_acr_2019_items, sledai_2k_items

    sledai = tuple(item.item for item in sledai_2k_items())
    return {
        "sledai-2k": Sheet(
            label="SLEDAI-2K (items yes, no or unknown; attribution sle, other or unknown)",
            columns=sledai,
            optional=tuple(f"{item}_attribution" for item in sledai),
            added=("total", "clinical", "lower_bound", "contributing", "excluded", "by_system", "reason"),
            score=_score_sledai_row,
        ),
        "eular-acr-2019": Sheet(
            label="EULAR/ACR 2019 classification (yes, no or unknown)",
            columns=("entry_ana", *(item.item for item in eular_acr_2019_items())),
            optional=(),
            added=("total", "clinical", "classified", "lower_bound", "contributing", "by_domain", "reason"),
            score=_score_eular_row,
        ),
    }


def _score_sledai_row(row: Mapping[str, str]) -> Sequence[object]:
    from celltrial.instruments import score_clinical_sledai_2k, score_sledai_2k, sledai_2k_items

    attributions = {item.item: row.get(f"{item.item}_attribution", "") for item in sledai_2k_items()}
    result = score_sledai_2k(row, attributions)
    if isinstance(result, NotEvaluable):
        clinical = score_clinical_sledai_2k(row, attributions)
        known = None if isinstance(clinical, NotEvaluable) else clinical
        return (None, known, whole(result.lower_bound), None, None, None, result.reason)
    return (
        result.total,
        result.clinical,
        None,
        ";".join(result.contributing),
        ";".join(result.excluded),
        pairs(result.by_system),
        None,
    )


def _score_eular_row(row: Mapping[str, str]) -> Sequence[object]:
    from celltrial.instruments import score_eular_acr_2019

    result = score_eular_acr_2019(row.get("entry_ana", ""), row)
    is_known = not isinstance(result.total, NotEvaluable)
    return (
        result.total if is_known else None,
        result.has_clinical_item,
        result.classified,
        None if is_known else whole(getattr(result.total, "lower_bound", None)),
        ";".join(result.counted),
        pairs(result.by_domain),
        result.reason,
    )
