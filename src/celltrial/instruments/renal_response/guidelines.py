"""Renal response by guidelines: KDIGO 2024, and the targets of EULAR/ERA-EDTA 2019.

Where a guideline prints a range (function within 10 to 15 % of baseline, proteinuria below 0.5 to 0.7 g), the strict
end is the default, so that a response is not claimed on the loose one; a flag says where the ends answer differently.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from celltrial.answers import Conclusion, Condition, YesNoUnknown, conclude
from celltrial.instruments.renal_function.checks import check_positive, require
from celltrial.instruments.renal_function.exact import Exact, show_exact
from celltrial.instruments.renal_response.conditions import (
    KidneyCourse,
    either,
    fell_by,
    hold,
    no_event,
    not_below,
    on_limit,
    require_answers,
)

__all__ = ["EularTargets", "KdigoResponse", "judge_eular_era_edta_2019", "judge_kdigo_2024"]

_HALF, _SEVEN_TENTHS = Decimal("0.5"), Decimal("0.7")
_STRICT_PERCENT, _LOOSE_PERCENT = Decimal(10), Decimal(15)


@dataclass(frozen=True, slots=True, kw_only=True)
class KdigoResponse:
    """KDIGO 2024: each response on its own, and the category they make.

    category: `complete`; `partial`; `none` (neither, once the time allowed has passed); `not yet` (neither, before
    that); `unknown`. primary: the primary efficacy renal response of trials, printed beside the others.
    """

    category: Literal["complete", "partial", "none", "not yet", "unknown"]
    complete: Conclusion
    partial: Conclusion
    primary: Conclusion
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EularTargets:
    """EULAR/ERA-EDTA 2019: whether the values meet each target, and which targets are due by now.

    due: the months (3, 6, 12) whose time has come; None where the time since the start is not known.
    complete_by_months: 12, or 24 where the baseline was nephrotic (the guideline allows 6 to 12 months more).
    """

    by_3_months: Conclusion
    by_6_months: Conclusion
    by_12_months: Conclusion
    due: tuple[int, ...] | None
    complete_by_months: int
    flags: tuple[str, ...]


def judge_kdigo_2024(
    course: KidneyCourse,
    *,
    rescue: YesNoUnknown,
    is_24h_collection: YesNoUnknown = "unknown",
    stable_within_percent: Exact = _STRICT_PERCENT,
    none_after_months: Exact = 12,
) -> KdigoResponse:
    """Complete, partial and primary efficacy renal response, or none.

    Args:
        course: upcr, baseline_upcr, egfr, baseline_egfr, pre_flare_egfr and months are read.
        rescue: rescue therapy for treatment failure was given (read by the primary response).
        is_24h_collection: the ratio is from a 24-hour collection, as the guideline asks; else a flag says so.
        stable_within_percent: how far eGFR may be below baseline and count as stable; printed "10 to 15 %".
        none_after_months: when a missing response is "no kidney response"; printed "within 6 to 12 months".
    Source: KDIGO 2024 guideline for lupus nephritis, Kidney Int 2024;105(1S):S1-69, definitions of response. That
        kidney function is read as eGFR, and that an improvement of any size counts, is our reading.
    """
    require_answers("KDIGO 2024", [("rescue", rescue), ("is_24h_collection", is_24h_collection)])
    numbers = {"stable_within_percent": stable_within_percent, "none_after_months": none_after_months}
    require(check_positive("KDIGO 2024", numbers, or_zero=numbers))
    stable = not_below("kidney function", course.egfr, course.baseline_egfr, stable_within_percent, "baseline")
    complete = conclude([hold("UPCR", course.upcr, "<", _HALF), stable])
    partial = conclude([fell_by(course.upcr, course.baseline_upcr, 50), hold("UPCR", course.upcr, "<", 3), stable])
    kept = either(
        "eGFR",
        [
            hold("eGFR", course.egfr, ">=", 60, "mL/min/1.73 m2"),
            not_below("eGFR", course.egfr, course.pre_flare_egfr, 20, "pre-flare"),
        ],
    )
    primary = conclude([hold("UPCR", course.upcr, "<=", _SEVEN_TENTHS), kept, no_event("rescue therapy", rescue)])
    flags = [
        *_stable_flags(course, stable),
        *on_limit("UPCR", course.upcr, _HALF, "KDIGO asks for below 0.5 (trials also use 0.5 or less)"),
        *([] if is_24h_collection == "yes" else ["KDIGO asks for the ratio of a 24-hour collection"]),
    ]
    category = _kdigo_category(complete, partial, course.months, none_after_months)
    return KdigoResponse(category=category, complete=complete, partial=partial, primary=primary, flags=tuple(flags))


def judge_eular_era_edta_2019(
    course: KidneyCourse,
    *,
    complete_below_g: Exact = _HALF,
    normal_egfr: Exact = 90,
    near_normal_percent: Exact = 10,
    nephrotic_from_g: Exact = 3,
) -> EularTargets:
    """The targets of treatment: UPCR down by 25 % at 3 months, by 50 % at 6, complete response at 12.

    Args:
        course: upcr, baseline_upcr, egfr and months are read.
        complete_below_g: printed "below 0.5 to 0.7 g/24 h"; the ratio in g/g stands for g/24 h.
        normal_egfr, near_normal_percent: "(near-)normal GFR" is printed without a number: within 10 % of 90 is our
            reading.
        nephrotic_from_g: a baseline from here on is nephrotic, and the complete response may take 6 to 12 months more.
    Source: Fanouriakis A et al., Ann Rheum Dis 2020;79:713-23, recommendations on targets.
    """
    numbers = {"complete_below_g": complete_below_g, "normal_egfr": normal_egfr, "nephrotic_from_g": nephrotic_from_g}
    require(check_positive("EULAR/ERA-EDTA 2019", numbers))
    normal = not_below("(near-)normal eGFR", course.egfr, normal_egfr, near_normal_percent, "normal")
    complete = conclude([hold("UPCR", course.upcr, "<", complete_below_g), normal])
    is_nephrotic = course.baseline_upcr is not None and course.baseline_upcr >= nephrotic_from_g
    flags = _range_flags(course, complete, complete_below_g)
    if is_nephrotic:
        flags.append("nephrotic at baseline: the complete response may take 6 to 12 months more")
    if course.baseline_upcr is None:
        flags.append("baseline UPCR not known: whether the complete response may take longer is not known")
    complete_by = 24 if is_nephrotic else 12
    due = None if course.months is None else tuple(each for each in (3, 6, complete_by) if course.months >= each)
    return EularTargets(
        by_3_months=conclude([fell_by(course.upcr, course.baseline_upcr, 25)]),
        by_6_months=conclude([fell_by(course.upcr, course.baseline_upcr, 50)]),
        by_12_months=complete,
        due=due,
        complete_by_months=complete_by,
        flags=tuple(flags),
    )


def _kdigo_category(
    complete: Conclusion, partial: Conclusion, months: Exact | None, none_after: Exact
) -> Literal["complete", "partial", "none", "not yet", "unknown"]:
    if complete.answer == "yes":
        return "complete"
    if complete.answer == "unknown":
        return "unknown"
    if partial.answer == "yes":
        return "partial"
    if partial.answer == "unknown" or months is None:
        return "unknown"
    return "none" if months >= none_after else "not yet"


def _stable_flags(course: KidneyCourse, stable: Condition) -> list[str]:
    ends = [
        not_below("", course.egfr, course.baseline_egfr, percent, "baseline").answer
        for percent in (_STRICT_PERCENT, _LOOSE_PERCENT)
    ]
    if stable.answer == "unknown" or ends[0] == ends[1]:
        return []
    return ["eGFR is 10 to 15 % below baseline: stable by one end of the printed range, not by the other"]


def _range_flags(course: KidneyCourse, complete: Conclusion, limit: Exact) -> list[str]:
    if course.upcr is None or not _HALF <= course.upcr < _SEVEN_TENTHS:
        return []
    others: Sequence[Condition] = complete.conditions[1:]
    if any(each.answer == "no" for each in others):
        return []
    return [f"UPCR lies in the printed range 0.5 to 0.7 g: decided at {show_exact(limit)} g"]
