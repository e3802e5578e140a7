"""The parts that the renal response sets share: proteinuria, its fall, filtration against a reference, prednisone.

Everything is compared unrounded, in g/g and mL/min/1.73 m2. What is not known leaves a part unknown unless the rest
of it decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import ge, gt, le, lt
from typing import Literal

from celltrial.answers import Condition, YesNoUnknown, any_of
from celltrial.errors import Finding, UsageError
from celltrial.instruments.renal_function.checks import check_positive, check_words, require
from celltrial.instruments.renal_function.exact import Exact, show_exact

__all__ = [
    "KidneyCourse",
    "either",
    "fell_by",
    "hold",
    "judge_prednisone_limit",
    "no_event",
    "not_below",
    "on_limit",
    "require_answers",
]

_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge}
_UPCR = "g/g"


@dataclass(frozen=True, slots=True, kw_only=True)
class KidneyCourse:
    """What a response is judged from; None is not known. Ratios in g/g, eGFR in mL/min/1.73 m2, all unrounded.

    upcr, egfr: at the assessment. baseline_: at the start of treatment. pre_flare_egfr: before the flare treated.
    egfr_repeat: a second measurement that confirms (or not) a low first one.
    months: since the start of treatment.
    Raises UsageError where a number cannot be.
    """

    upcr: Exact | None = None
    baseline_upcr: Exact | None = None
    egfr: Exact | None = None
    egfr_repeat: Exact | None = None
    baseline_egfr: Exact | None = None
    pre_flare_egfr: Exact | None = None
    months: Exact | None = None

    def __post_init__(self) -> None:
        numbers = {
            "upcr": self.upcr,
            "baseline_upcr": self.baseline_upcr,
            "egfr": self.egfr,
            "egfr_repeat": self.egfr_repeat,
            "baseline_egfr": self.baseline_egfr,
            "pre_flare_egfr": self.pre_flare_egfr,
            "months": self.months,
        }
        require(check_positive("renal response", numbers, or_zero=("upcr", "baseline_upcr", "months")))


def hold(
    name: str, value: Exact | None, operator: Literal["<", "<=", ">", ">="], limit: Exact, unit: str = _UPCR
) -> Condition:
    """The condition `value <operator> limit`, exactly; unknown where there is no value.

    >>> from decimal import Decimal
    >>> hold("UPCR", Decimal("0.5"), "<", Decimal("0.5"))
    Condition(name='UPCR', answer='no', reason='0.5 g/g, needs < 0.5 g/g')
    """
    goal = f"needs {operator} {show_exact(limit)} {unit}"
    if value is None:
        return Condition(name=name, answer="unknown", reason=f"not known; {goal}")
    holds = _COMPARE[operator](Fraction(value), Fraction(limit))
    return Condition(name=name, answer="yes" if holds else "no", reason=f"{show_exact(value)} {unit}, {goal}")


def fell_by(now: Exact | None, before: Exact | None, percent: Exact) -> Condition:
    """UPCR is down by at least `percent` of its baseline; a baseline of 0 has nothing to fall from: unknown.

    >>> fell_by(Fraction(3, 2), 3, 50).answer
    'yes'
    """
    name, goal = "fall of UPCR", f"needs {show_exact(percent)} % or more"
    if now is None or before is None:
        lacking = [part for part, value in (("UPCR", now), ("baseline UPCR", before)) if value is None]
        return Condition(name=name, answer="unknown", reason=f"not known: {', '.join(lacking)}; {goal}")
    if before == 0:
        return Condition(name=name, answer="unknown", reason=f"baseline UPCR is 0: nothing to fall from; {goal}")
    fall = (1 - Fraction(now) / Fraction(before)) * 100
    reason = f"{show_exact(before)} to {show_exact(now)} g/g is a fall of {show_exact(fall)} %, {goal}"
    return Condition(name=name, answer="yes" if fall >= Fraction(percent) else "no", reason=reason)


def not_below(name: str, egfr: Exact | None, reference: Exact | None, percent: Exact, of: str) -> Condition:
    """eGFR is not more than `percent` below the reference: at least (100 - percent) % of it.

    >>> not_below("eGFR", 80, 100, 20, "pre-flare").answer
    'yes'
    """
    goal = f"needs no more than {show_exact(percent)} % below {of}"
    if egfr is None or reference is None:
        lacking = [part for part, value in (("eGFR", egfr), (f"{of} eGFR", reference)) if value is None]
        return Condition(name=name, answer="unknown", reason=f"not known: {', '.join(lacking)}; {goal}")
    least = Fraction(reference) * (100 - Fraction(percent)) / 100
    reason = f"{show_exact(egfr)} against {show_exact(reference)} ({of}), {goal}"
    return Condition(name=name, answer="yes" if Fraction(egfr) >= least else "no", reason=reason)


def either(name: str, parts: Sequence[Condition]) -> Condition:
    """The "or" of several conditions as one."""
    answer = any_of(each.answer for each in parts)
    shown = [each for each in parts if each.answer == answer] if answer == "yes" else parts
    return Condition(name=name, answer=answer, reason=" or ".join(each.reason for each in shown))


def no_event(name: str, happened: YesNoUnknown) -> Condition:
    """The condition that something did not happen."""
    answers: dict[YesNoUnknown, tuple[YesNoUnknown, str]] = {
        "yes": ("no", "it happened"),
        "no": ("yes", "none"),
        "unknown": ("unknown", "not known"),
    }
    answer, reason = answers[happened]
    return Condition(name=name, answer=answer, reason=reason)


def judge_prednisone_limit(
    daily_mg: Sequence[Exact | None],
    *,
    window_days: int = 56,
    limit_mg: Exact = 10,
    consecutive_days: int = 3,
    total_days: int = 7,
) -> Condition:
    """Not above the limit for `consecutive_days` or more in a row, nor on `total_days` or more, in the window.

    Args:
        daily_mg: the dose of each day of the window in mg of prednisone, in order; None where it is not known. Days of
            the window that it does not reach are not known.
        window_days: 56 are weeks 44 to 52 of AURORA 1 (our reading: the 8 weeks before the assessment).
    Raises:
        UsageError: more doses than days, a dose below 0.

    >>> judge_prednisone_limit([5] * 54 + [20] * 2).answer
    'yes'
    """
    doses = {f"dose of day {day}": each for day, each in enumerate(daily_mg, start=1)}
    too_many = [
        Finding(message="more daily doses than days in the window", found=str(len(daily_mg)), expected=str(window_days))
    ]
    require(
        check_positive("prednisone limit", doses, or_zero=doses),
        too_many if len(daily_mg) > window_days else [],
    )
    filled = [*daily_mg, *[None] * (window_days - len(daily_mg))]
    sure = [each is not None and each > limit_mg for each in filled]
    possible = [each is None or each > limit_mg for each in filled]
    name = "prednisone limit"
    goal = f"needs under {consecutive_days} days in a row and under {total_days} in all above {show_exact(limit_mg)} mg"
    if _exceeds(sure, consecutive_days, total_days):
        answer: YesNoUnknown = "no"
    else:
        answer = "unknown" if _exceeds(possible, consecutive_days, total_days) else "yes"
    unknown = filled.count(None)
    shown = f"{sum(sure)} days above, longest run {_longest(sure)}, {unknown} of {window_days} days not known"
    return Condition(name=name, answer=answer, reason=f"{shown}; {goal}")


def on_limit(name: str, value: Exact | None, limit: Exact, text: str) -> list[str]:
    """A flag where the value lies exactly on a limit whose inclusion the answer depends on."""
    if value is None or Fraction(value) != Fraction(limit):
        return []
    return [f"{name} is exactly {show_exact(limit)}: {text}"]


def require_answers(instrument: str, given: Iterable[tuple[str, str | None]]) -> None:
    """Raise UsageError with every answer that is not yes, no or unknown; None passes."""
    findings = check_words(instrument, [(name, word, ("yes", "no", "unknown")) for name, word in given])
    if findings:
        raise UsageError(findings)


def _exceeds(above: Sequence[bool], consecutive_days: int, total_days: int) -> bool:
    return sum(above) >= total_days or _longest(above) >= consecutive_days


def _longest(flags: Iterable[bool]) -> int:
    longest = run = 0
    for is_above in flags:
        run = run + 1 if is_above else 0
        longest = max(longest, run)
    return longest
