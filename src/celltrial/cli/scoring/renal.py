"""The sheets of the kidney: its function, its response to treatment, its biopsy; and glucocorticoids in prednisone."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from celltrial.cli.scoring.sheet import Sheet, read_cells, read_wholes, whole
from celltrial.errors import Finding, InputError
from celltrial.missing import NotEvaluable

if TYPE_CHECKING:
    from celltrial.answers import Conclusion
    from celltrial.instruments import KidneyCourse
    from celltrial.units import Quantity

__all__ = ["sheets"]

Row = Mapping[str, str]

_UPCR = ("upcr_g_g", "baseline_upcr_g_g")
_LESIONS = (
    "membranous",
    "residual_activity",
    "mesangial_hypercellularity",
    "mesangial_deposits",
    "active_lesions",
    "chronic_lesions",
    "diffuse_wire_loops",
)
_PERCENTS = ("involved_percent", "globally_sclerosed_percent")


def sheets() -> dict[str, Sheet]:
    """The instruments of the kidney and of glucocorticoids, by the name of the command line."""
    return _function_sheets() | _response_sheets() | _other_sheets()


def _function_sheets() -> dict[str, Sheet]:
    serum = ("creatinine", "creatinine_unit")
    return {
        "cockcroft-gault": Sheet(
            label="creatinine clearance (sex F or M; weight_basis actual, ideal, adjusted; form mg/dL, umol/L)",
            columns=("age_years", "sex", "weight_kg", *serum),
            optional=("height_cm", "weight_basis", "form", "short_stature"),
            added=("clearance_ml_min", "weight_used_kg", "reason"),
            score=_score_clearance_row,
        ),
        "ckd-epi-2021": Sheet(
            label="CKD-EPI 2021 creatinine, without race (sex F or M; surface_formula mosteller, dubois)",
            columns=("age_years", "sex", *serum),
            optional=("weight_kg", "height_cm", "surface_formula"),
            added=("egfr_ml_min_1_73m2", "body_surface_m2", "egfr_ml_min", "reason"),
            score=_score_filtration_row,
        ),
        "upcr": Sheet(
            label="urine protein/creatinine ratio of a spot sample",
            columns=("urine_protein", "urine_protein_unit", "urine_creatinine", "urine_creatinine_unit"),
            added=("upcr_g_g", "upcr_mg_g", "upcr_mg_mmol", "reason"),
            score=_score_upcr_row,
        ),
    }


def _response_sheets() -> dict[str, Sheet]:
    return {
        "kdigo-2024": Sheet(
            label="KDIGO 2024 response (rescue yes, no, unknown; months since start of treatment)",
            columns=(*_UPCR, "egfr", "baseline_egfr", "pre_flare_egfr", "months", "rescue"),
            optional=("is_24h_collection", "stable_within_percent"),
            added=("category", "complete", "partial", "perr", "flags", "reason"),
            score=_score_kdigo_row,
        ),
        "eular-2019-renal": Sheet(
            label="EULAR/ERA-EDTA 2019 targets at 3, 6 and 12 months",
            columns=(*_UPCR, "egfr", "months"),
            optional=("complete_below_g",),
            added=("by_3_months", "by_6_months", "by_12_months", "due", "complete_by_months", "flags", "reason"),
            score=_score_eular_renal_row,
        ),
        "aurora": Sheet(
            label='AURORA 1 response, AURORA 2 flare (prednisone_mg: daily doses of the window, separated by ";")',
            columns=(*_UPCR, "egfr", "egfr_repeat", "baseline_egfr", "rescue", "prednisone_mg"),
            optional=("kidney_related_event", "adequate_response", "post_response_upcr_g_g", "window_days"),
            added=("crr", "prr", "renal_flare", "flags", "reason"),
            score=_score_aurora_row,
        ),
        "bliss-ln": Sheet(
            label="BLISS-LN response (treatment_failure yes, no, unknown)",
            columns=("upcr_g_g", "egfr", "pre_flare_egfr", "treatment_failure"),
            added=("crr", "perr", "flags", "reason"),
            score=_score_bliss_row,
        ),
    }


def _other_sheets() -> dict[str, Sheet]:
    from celltrial.instruments import nih_components

    return {
        "isn-rps": Sheet(
            label="ISN/RPS class, modified NIH indices (components 0 to 3), active class III or IV",
            columns=("ln_class", *(each.component for each in nih_components())),
            optional=(*_PERCENTS, *_LESIONS),
            added=(
                "class",
                "suffix",
                "derived_class",
                "activity_index",
                "activity_lower_bound",
                "chronicity_index",
                "chronicity_lower_bound",
                "active_iii_or_iv",
                "flags",
                "reason",
            ),
            score=_score_biopsy_row,
        ),
        "prednisone-equivalent": Sheet(
            label="one drug line in prednisone (interval_days 2 = every other day; equivalent_mg = own equivalence)",
            columns=("drug", "dose_mg", "per_day", "route"),
            optional=("interval_days", "weight_kg", "equivalent_mg"),
            added=("prednisone_mg_per_day", "prednisone_mg_per_kg_per_day", "counted", "reason"),
            score=_score_prednisone_row,
        ),
    }


def _score_clearance_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import compute_creatinine_clearance

    options: dict[str, Any] = {
        name: row[name] for name in ("weight_basis", "form", "short_stature") if row.get(name, "")
    }
    cells = read_cells(row, ("weight_kg", "height_cm"))
    result = compute_creatinine_clearance(
        age_years=read_wholes(row, ("age_years",))["age_years"],
        sex=_sex(row),
        weight_kg=cells["weight_kg"],
        creatinine=_quantity(row, "creatinine"),
        height_cm=cells["height_cm"],
        **options,
    )
    if isinstance(result, NotEvaluable):
        return (None, None, result.reason)
    return (_text(result.ml_min), _text(result.weight_kg), result.reason)


def _score_filtration_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import compute_body_surface, compute_ckd_epi_2021, compute_deindexed

    options: dict[str, Any] = {"formula": row["surface_formula"]} if row.get("surface_formula", "") else {}
    cells = read_cells(row, ("weight_kg", "height_cm"))
    surface = compute_body_surface(weight_kg=cells["weight_kg"], height_cm=cells["height_cm"], **options)
    result = compute_ckd_epi_2021(
        age_years=read_wholes(row, ("age_years",))["age_years"],
        sex=_sex(row),
        creatinine=_quantity(row, "creatinine"),
    )
    shown = None if isinstance(surface, NotEvaluable) else surface
    if isinstance(result, NotEvaluable):
        return (None, shown, None, result.reason)
    whole_body = None if shown is None else compute_deindexed(result.ml_min_1_73m2, body_surface_m2=shown)
    return (result.ml_min_1_73m2, shown, whole_body, result.reason)


def _score_upcr_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import compute_upcr, convert_upcr

    result = compute_upcr(_quantity(row, "urine_protein"), _quantity(row, "urine_creatinine"))
    if isinstance(result, NotEvaluable):
        return (None, None, None, result.reason)
    return (*(_text(convert_upcr(result, "g/g", unit)) for unit in ("g/g", "mg/g", "mg/mmol")), None)


def _score_kdigo_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import judge_kdigo_2024

    percent = read_cells(row, ("stable_within_percent",))["stable_within_percent"]
    options: dict[str, Any] = {} if percent is None else {"stable_within_percent": percent}
    result = judge_kdigo_2024(
        _course(row), rescue=_answer(row, "rescue"), is_24h_collection=_answer(row, "is_24h_collection"), **options
    )
    parts = {"complete": result.complete, "partial": result.partial, "perr": result.primary}
    return (result.category, *_answers(parts), "; ".join(result.flags), _reasons(parts))


def _score_eular_renal_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import judge_eular_era_edta_2019

    limit = read_cells(row, ("complete_below_g",))["complete_below_g"]
    options: dict[str, Any] = {} if limit is None else {"complete_below_g": limit}
    result = judge_eular_era_edta_2019(_course(row), **options)
    parts = {"by 3 months": result.by_3_months, "by 6 months": result.by_6_months, "by 12 months": result.by_12_months}
    due = None if result.due is None else ";".join(str(each) for each in result.due) or "none"
    return (*_answers(parts), due, result.complete_by_months, "; ".join(result.flags), _reasons(parts))


def _score_aurora_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import judge_aurora_1, judge_renal_flare

    days = read_wholes(row, ("window_days",))["window_days"]
    options: dict[str, Any] = {} if days is None else {"window_days": days}
    related: Any = row.get("kidney_related_event", "") or None
    course = _course(row)
    result = judge_aurora_1(
        course,
        rescue=_answer(row, "rescue"),
        prednisone_mg=_doses(row),
        kidney_related_event=related,
        **options,
    )
    flare = judge_renal_flare(
        upcr=course.upcr,
        post_response_upcr=read_cells(row, ("post_response_upcr_g_g",))["post_response_upcr_g_g"],
        adequate_response=_answer(row, "adequate_response"),
    )
    parts = {"crr": result.complete, "prr": result.partial, "renal flare": flare}
    return (*_answers(parts), "; ".join(result.complete.flags), _reasons(parts))


def _score_bliss_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import judge_bliss_ln

    result = judge_bliss_ln(_course(row), treatment_failure=_answer(row, "treatment_failure"))
    parts = {"crr": result.complete, "perr": result.primary}
    return (*_answers(parts), "; ".join(result.complete.flags), _reasons(parts))


def _score_biopsy_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import (
        GlomerularFindings,
        derive_isn_rps_class,
        judge_active_class_iii_or_iv,
        nih_components,
        parse_isn_rps_class,
        score_nih_indices,
    )

    indices = score_nih_indices(read_wholes(row, (each.component for each in nih_components())))
    biopsy = parse_isn_rps_class(row["ln_class"]) if row.get("ln_class", "") else None
    percents = read_cells(row, _PERCENTS)
    found: dict[str, Any] = {"membranous": "unknown"} | {name: row[name] for name in _LESIONS if row.get(name, "")}
    derived = derive_isn_rps_class(GlomerularFindings(**found, **cast("dict[str, Any]", percents)))
    active = judge_active_class_iii_or_iv(biopsy, indices)
    reasons = [f"active III or IV: {active.reason}"]
    if isinstance(derived, NotEvaluable) and any(value is not None for value in percents.values()):
        reasons.append(f"derived class: {derived.reason}")
    shown = [_index(indices.activity), _index(indices.chronicity)]
    return (
        None if biopsy is None else "+".join(biopsy.classes),
        None if biopsy is None else biopsy.suffix,
        None if isinstance(derived, NotEvaluable) else str(derived),
        *shown[0],
        *shown[1],
        active.answer,
        "; ".join(active.flags),
        "; ".join(reasons),
    )


def _score_prednisone_row(row: Row) -> Sequence[object]:
    from celltrial.instruments import compute_prednisone_equivalent, compute_prednisone_per_kg

    cells = read_cells(row, ("dose_mg", "per_day", "interval_days", "weight_kg", "equivalent_mg"))
    own = cells["equivalent_mg"]
    drug = row.get("drug", "") or None
    result = compute_prednisone_equivalent(
        drug=drug,
        mg=cells["dose_mg"],
        per_day=cells["per_day"],
        route=row.get("route", "") or None,
        interval_days=Decimal(1) if cells["interval_days"] is None else cells["interval_days"],
        equivalents={} if own is None or drug is None else {drug: own},
    )
    if isinstance(result, NotEvaluable):
        return (None, None, "unknown", result.reason)
    per_kg = compute_prednisone_per_kg(result.mg_per_day, cells["weight_kg"])
    shown = None if isinstance(per_kg, NotEvaluable) else _text(per_kg)
    return (_text(result.mg_per_day), shown, "yes" if result.is_counted else "no", result.reason)


def _course(row: Row) -> "KidneyCourse":
    from celltrial.instruments import KidneyCourse

    numbers = ("upcr_g_g", "baseline_upcr_g_g", "egfr", "egfr_repeat", "baseline_egfr", "pre_flare_egfr", "months")
    return KidneyCourse(**{name.removesuffix("_g_g"): number for name, number in read_cells(row, numbers).items()})


def _quantity(row: Row, name: str) -> "Quantity | None":
    """The number of a column in the unit of `<name>_unit`; None where there is no number."""
    from celltrial.units import Quantity

    number, unit = read_cells(row, (name,))[name], row.get(f"{name}_unit", "")
    if number is None:
        return None
    if not unit:
        raise InputError(
            Finding(
                message=f"{name} has no unit",
                where=f"{name}_unit",
                found=str(number),
                expected="mg/dL, umol/L, ...",
                next_step="give the unit of the laboratory: no unit is assumed",
            )
        )
    return Quantity(number, unit)


def _doses(row: Row) -> list[Decimal | None]:
    """The daily doses of `prednisone_mg`; a blank one is not known."""
    texts = row.get("prednisone_mg", "")
    days = enumerate(texts.split(";"), start=1) if texts else ()
    cells = {f"prednisone_mg of day {day}": text.strip() for day, text in days}
    return list(read_cells(cells, cells).values())


def _sex(row: Row) -> Any:
    return row.get("sex", "") or None


def _answer(row: Row, name: str) -> Any:
    return row.get(name, "") or "unknown"


def _answers(parts: Mapping[str, "Conclusion"]) -> list[str]:
    return [each.answer for each in parts.values()]


def _reasons(parts: Mapping[str, "Conclusion"]) -> str:
    return " | ".join(f"{name}: {each.reason}" for name, each in parts.items())


def _index(score: int | NotEvaluable) -> tuple[int | None, int | None]:
    return (None, whole(score.lower_bound)) if isinstance(score, NotEvaluable) else (score, None)


def _text(number: Fraction) -> str:
    from celltrial.instruments import show_exact

    return show_exact(number)
