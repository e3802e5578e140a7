"""Renal response as trials defined it: AURORA 1 (complete, partial), BLISS-LN (complete, primary), AURORA 2 (flare)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from celltrial.answers import Conclusion, Condition, YesNoUnknown, conclude
from celltrial.instruments.renal_function.checks import check_positive, require
from celltrial.instruments.renal_function.exact import Exact, show_exact
from celltrial.instruments.renal_response.conditions import (
    KidneyCourse,
    either,
    fell_by,
    hold,
    judge_prednisone_limit,
    no_event,
    not_below,
    on_limit,
    require_answers,
)

__all__ = ["AuroraResponse", "BlissResponse", "judge_aurora_1", "judge_bliss_ln", "judge_renal_flare"]

_EGFR = "mL/min/1.73 m2"
_HALF, _SEVEN_TENTHS = Decimal("0.5"), Decimal("0.7")
_LOW = Decimal("0.2")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuroraResponse:
    """AURORA 1 at week 24 or 52: complete and partial renal response."""

    complete: Conclusion
    partial: Conclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class BlissResponse:
    """BLISS-LN at week 104: complete and primary efficacy renal response."""

    complete: Conclusion
    primary: Conclusion


def judge_aurora_1(
    course: KidneyCourse,
    *,
    rescue: YesNoUnknown,
    prednisone_mg: Sequence[Exact | None],
    window_days: int = 56,
    kidney_related_event: YesNoUnknown | None = None,
) -> AuroraResponse:
    """Complete: UPCR 0.5 or less, function kept, no rescue, low prednisone. Partial: UPCR down by 50 %.

    Args:
        course: upcr, baseline_upcr, egfr, egfr_repeat and baseline_egfr are read.
        prednisone_mg: dose of each day of the window before the assessment; see judge_prednisone_limit.
        kidney_related_event: None as published. The registry record adds that a low eGFR fails only with an adverse
            event of treatment or disease that affected it; an answer here applies that.
    Source: Rovin BH et al., Lancet 2021;397:2070-80 (complete response); NCT03021499 (registry record). A fall of eGFR
        by more than 20 % counts only when confirmed: without a repeat it is unknown. That the partial response asks for
        the fall of UPCR alone is general knowledge, not verified in print.
    """
    require_answers("AURORA 1", [("rescue", rescue), ("kidney_related_event", kidney_related_event)])
    conditions = [
        hold("UPCR", course.upcr, "<=", _HALF),
        _function_kept(course, kidney_related_event),
        no_event("rescue medication", rescue),
        judge_prednisone_limit(prednisone_mg, window_days=window_days),
    ]
    flags = on_limit("UPCR", course.upcr, _HALF, "AURORA 1 includes 0.5, KDIGO and BLISS-LN do not")
    return AuroraResponse(
        complete=conclude(conditions, flags),
        partial=conclude([fell_by(course.upcr, course.baseline_upcr, 50)]),
    )


def judge_bliss_ln(course: KidneyCourse, *, treatment_failure: YesNoUnknown) -> BlissResponse:
    """Complete: UPCR below 0.5, eGFR 90 or more or at most 10 % below pre-flare. Primary: 0.7 or less, 60 or 20 %.

    Args:
        course: upcr, egfr and pre_flare_egfr are read.
        treatment_failure: rescue or prohibited therapy, as the protocol defines it; fails both.
    Source: Furie R et al., N Engl J Med 2020;383:1117-28.
    """
    require_answers("BLISS-LN", [("treatment_failure", treatment_failure)])
    no_failure = no_event("treatment failure", treatment_failure)
    flags = on_limit("UPCR", course.upcr, _HALF, "BLISS-LN asks for below 0.5, AURORA 1 for 0.5 or less")
    return BlissResponse(
        complete=conclude([hold("UPCR", course.upcr, "<", _HALF), _egfr_or(course, 90, 10), no_failure], flags),
        primary=conclude([hold("UPCR", course.upcr, "<=", _SEVEN_TENTHS), _egfr_or(course, 60, 20), no_failure]),
    )


def judge_renal_flare(
    *, upcr: Exact | None, post_response_upcr: Exact | None, adequate_response: YesNoUnknown
) -> Conclusion:
    """A renal flare after an adequate response: UPCR above 1 from below 0.2, or above 2 from 0.2 to 1.0 (g/g).

    Args:
        post_response_upcr: the ratio after the response, from which the rise is counted; above 1.0 nothing is defined.
        adequate_response: a sustained fall to 0.7 g/g or less came first; how long "sustained" is, is not printed.
    Source: AURORA 2, Lupus Sci Med 2024;11(Suppl 2):A85.1 (abstract). Flares were adjudicated there by a committee:
        this is a proposal.
    """
    require_answers("renal flare", [("adequate_response", adequate_response)])
    numbers = {"upcr": upcr, "post_response_upcr": post_response_upcr}
    require(check_positive("renal flare", numbers, or_zero=numbers))
    first = Condition(name="adequate response", answer=adequate_response, reason=f"{adequate_response}; needs yes")
    return conclude([first, _rise(upcr, post_response_upcr)])


def _rise(upcr: Exact | None, start: Exact | None) -> Condition:
    name = "rise of UPCR"
    if start is None:
        return Condition(name=name, answer="unknown", reason="not known: UPCR after the response")
    if start > 1:
        reason = f"UPCR after the response {show_exact(start)} g/g: the definition covers up to 1.0"
        return Condition(name=name, answer="unknown", reason=reason)
    limit = 1 if Fraction(start) < Fraction(_LOW) else 2
    found = hold(name, upcr, ">", limit)
    return Condition(name=name, answer=found.answer, reason=f"from {show_exact(start)} g/g: {found.reason}")


def _egfr_or(course: KidneyCourse, least: int, percent: int) -> Condition:
    return either(
        "eGFR",
        [
            hold("eGFR", course.egfr, ">=", least, _EGFR),
            not_below("eGFR", course.egfr, course.pre_flare_egfr, percent, "pre-flare"),
        ],
    )


def _function_kept(course: KidneyCourse, related_event: YesNoUnknown | None) -> Condition:
    """60 or more, or no confirmed fall by more than 20 %: a first low value fails only with a second one."""
    first = _kept(course.egfr, course)
    if first.answer == "yes":
        return first
    if course.egfr_repeat is None:
        reason = f"{first.reason}; a fall needs a second measurement to count"
        return Condition(name=first.name, answer="unknown", reason=reason)
    both = either(first.name, [first, _kept(course.egfr_repeat, course)])
    if both.answer != "no" or related_event is None or related_event == "yes":
        return both
    reason = f"{both.reason}; adverse event of treatment or disease that affected it: {related_event}"
    return Condition(name=first.name, answer="yes" if related_event == "no" else "unknown", reason=reason)


def _kept(egfr: Exact | None, course: KidneyCourse) -> Condition:
    return either(
        "eGFR",
        [hold("eGFR", egfr, ">=", 60, _EGFR), not_below("eGFR", egfr, course.baseline_egfr, 20, "baseline")],
    )
