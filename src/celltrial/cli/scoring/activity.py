"""The sheets of the instruments of disease activity and classification."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from celltrial.cli.scoring.sheet import Sheet, pairs, read_cells, read_wholes, whole
from celltrial.errors import Finding, InputError
from celltrial.missing import NotEvaluable

if TYPE_CHECKING:
    from celltrial.instruments import PgaScale, ProteinuriaRule, SfiRules, SledaiItem, SledaiScore

__all__ = ["sheets"]

Row = Mapping[str, str]

_SLEDAI_ADDED = ("total", "clinical", "nonlaboratory", "lower_bound", "contributing", "excluded", "by_system", "reason")
_SFI_WHOLES = ("sledai_before", "sledai_after")
_SFI_NUMBERS = (
    "pga_before",
    "pga_after",
    "prednisone_before_mg_day",
    "prednisone_after_mg_day",
    "weight_kg",
    "platelets_10e9_l",
    "hemoglobin_before_g_l",
    "hemoglobin_after_g_l",
)
_SFI_SWITCHES = ("count_mycophenolate", "count_medication", "count_pga")


def sheets() -> dict[str, Sheet]:
    """The instruments of disease activity and classification, by the name of the command line."""
    return _sledai_sheets() | _other_sheets()


def _sledai_sheets() -> dict[str, Sheet]:
    from celltrial.instruments import NEW_PROTEINURIA, eular_acr_2019_items, sledai_2k_items

    sledai = tuple(item.item for item in sledai_2k_items())
    causes = tuple(f"{item}_attribution" for item in sledai)
    return {
        "sledai-2k": Sheet(
            label="SLEDAI-2K (items yes, no or unknown; attribution sle, other or unknown)",
            columns=sledai,
            optional=("window_days", *causes),
            added=_SLEDAI_ADDED,
            score=_score_sledai_row,
        ),
        "selena-sledai": Sheet(
            label="SELENA-SLEDAI (as sledai-2k; proteinuria_rule selena or 2k, blank = selena)",
            columns=(*sledai, NEW_PROTEINURIA),
            optional=("proteinuria_rule", *causes),
            added=_SLEDAI_ADDED,
            score=_score_selena_row,
        ),
        "eular-acr-2019": Sheet(
            label="EULAR/ACR 2019 classification (yes, no or unknown)",
            columns=("entry_ana", *(item.item for item in eular_acr_2019_items())),
            added=("total", "clinical", "classified", "lower_bound", "contributing", "by_domain", "reason"),
            score=_score_eular_row,
        ),
    }


def _other_sheets() -> dict[str, Sheet]:
    from celltrial.instruments import bilag_systems, sfi_criteria

    return {
        "sfi": Sheet(
            label="SELENA flare index between two visits (criteria yes, no or unknown; rules classic or modified)",
            columns=(*_SFI_WHOLES, *_SFI_NUMBERS, *(each.criterion for each in sfi_criteria() if each.is_asked)),
            optional=("rules", *_SFI_SWITCHES),
            added=("flare", "lowest", "highest", "criteria", "reason"),
            score=_score_sfi_row,
        ),
        "bilag-2004": Sheet(
            label="BILAG-2004 (grade A to E of each system; of the visit before in SYSTEM_before)",
            columns=bilag_systems(),
            optional=tuple(f"{system}_before" for system in bilag_systems()),
            added=("total", "lower_bound", "by_system", "new_a", "new_b", "improved", "open", "reason"),
            score=_score_bilag_row,
        ),
        "pga": Sheet(
            label="PGA, physician's global assessment (scale 0-3 or 0-100 mm, blank = 0-3)",
            columns=("pga",),
            optional=("scale",),
            added=("pga_0_3", "band", "reason"),
            score=_score_pga_row,
        ),
    }


def _score_sledai_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import (
        score_clinical_sledai_2k,
        score_nonlaboratory_sledai_2k,
        score_sledai_2k,
        sledai_2k_items,
    )

    causes = _attributions(row, sledai_2k_items())
    window = read_wholes(row, ("window_days",))["window_days"]
    return _sledai_cells(
        score_sledai_2k(row, causes, window_days=window),
        lambda: score_clinical_sledai_2k(row, causes),
        lambda: score_nonlaboratory_sledai_2k(row, causes),
    )


def _score_selena_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import (
        score_clinical_selena_sledai,
        score_nonlaboratory_sledai_2k,
        score_selena_sledai,
        selena_sledai_items,
    )

    causes = _attributions(row, selena_sledai_items())
    rule = cast("ProteinuriaRule", row.get("proteinuria_rule", "") or "selena")
    return _sledai_cells(
        score_selena_sledai(row, causes, proteinuria_rule=rule),
        lambda: score_clinical_selena_sledai(row, causes, proteinuria_rule=rule),
        # the bedside items and their weights are the same; proteinuria is not among them
        lambda: score_nonlaboratory_sledai_2k(row, causes),
    )


def _attributions(row: Row, items: Sequence["SledaiItem"]) -> dict[str, str]:
    return {item.item: row.get(f"{item.item}_attribution", "") for item in items}


def _sledai_cells(
    result: "SledaiScore | NotEvaluable",
    clinical: Callable[[], int | NotEvaluable],
    nonlaboratory: Callable[[], int | NotEvaluable],
) -> Sequence[object]:
    if isinstance(result, NotEvaluable):
        parts = [None if isinstance(part, NotEvaluable) else part for part in (clinical(), nonlaboratory())]
        return (None, *parts, whole(result.lower_bound), None, None, None, result.reason)
    return (
        result.total,
        result.clinical,
        result.nonlaboratory,
        None,
        ";".join(result.contributing),
        ";".join(result.excluded),
        pairs(result.by_system),
        None,
    )


def _score_eular_row(row: Row) -> Sequence[object]:
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


def _score_sfi_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import FlareValues, assess_flare, sfi_criteria

    rules = _read_sfi_rules(row)
    answers = {each.criterion: row.get(each.criterion, "") for each in sfi_criteria() if each.is_asked}
    numbers = read_cells(row, (*_SFI_WHOLES, *_SFI_NUMBERS))
    totals = read_wholes(row, _SFI_WHOLES)
    values = FlareValues(
        sledai_before=totals["sledai_before"],
        sledai_after=totals["sledai_after"],
        pga_before=numbers["pga_before"],
        pga_after=numbers["pga_after"],
        prednisone_before_mg_day=numbers["prednisone_before_mg_day"],
        prednisone_after_mg_day=numbers["prednisone_after_mg_day"],
        weight_kg=numbers["weight_kg"],
        platelets_10e9_l=numbers["platelets_10e9_l"],
        hemoglobin_before_g_l=numbers["hemoglobin_before_g_l"],
        hemoglobin_after_g_l=numbers["hemoglobin_after_g_l"],
        answers=answers,
    )
    result = assess_flare(values, rules)
    return (result.flare, result.lowest, result.highest, ";".join(result.criteria_met), result.reason)


def _read_sfi_rules(row: Row) -> "SfiRules":
    from celltrial.instruments import SFI_CLASSIC, SFI_MODIFIED

    named = {"": SFI_CLASSIC, "classic": SFI_CLASSIC, "modified": SFI_MODIFIED}
    asked = [("rules", tuple(named)), *((column, ("", "yes", "no")) for column in _SFI_SWITCHES)]
    findings = [
        Finding(
            message=f"{where} cannot be read",
            where=where,
            found=repr(row[where]),
            expected=" or ".join(word or "blank" for word in allowed),
            next_step="correct the cell",
        )
        for where, allowed in asked
        if row.get(where, "") not in allowed
    ]
    if findings:
        raise InputError(findings)
    mycophenolate, medication, pga = (row.get(column, "") != "no" for column in _SFI_SWITCHES)
    return replace(
        named[row.get("rules", "")], count_mycophenolate=mycophenolate, count_medication=medication, count_pga=pga
    )


def _score_bilag_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import bilag_systems, score_bilag_2004

    before = {system: row.get(f"{system}_before", "") for system in bilag_systems()}
    result = score_bilag_2004(row)
    changes = _bilag_changes(before, row) if any(before.values()) else (None, None, None, None)
    if isinstance(result, NotEvaluable):
        return (None, whole(result.lower_bound), None, *changes, result.reason)
    return (result.total, None, pairs(result.by_system), *changes, None)


def _bilag_changes(before: Row, after: Row) -> Sequence[str]:
    """The systems that are certainly new A, new B, improved; then those of which one of the three is not known."""
    from celltrial.instruments import bilag_change, bilag_systems

    change = bilag_change(before, after)
    kinds = (change.new_a, change.new_b, change.improved)
    certain = [";".join(system for system, answer in kind.items() if answer == "yes") for kind in kinds]
    not_known = [system for system in bilag_systems() if any(kind.get(system) == "unknown" for kind in kinds)]
    return (*certain, ";".join(not_known))


def _score_pga_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import score_pga

    scale = cast("PgaScale", row.get("scale", "") or "0-3")
    result = score_pga(read_cells(row, ("pga",))["pga"], scale=scale)
    if isinstance(result, NotEvaluable):
        return (None, None, result.reason)
    return (result.value, result.band, None)
