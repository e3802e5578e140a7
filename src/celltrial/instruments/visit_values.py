"""What the response definitions read at a visit: activity scores that may be incomplete, PGA, daily glucocorticoid.

A score that lacks items has a lower bound. The bound may show that a limit is passed; it never shows that one is kept:
a definition is met only where every value it reads is known.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import get_args

from celltrial.answers import Condition, YesNoUnknown
from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable

__all__ = ["ActivityTotal", "find_bad_values", "find_bad_words", "hold_total_at_most", "require_none", "total_text"]

ActivityTotal = int | NotEvaluable | None

_HIGHEST_SLEDAI = 105
_HIGHEST_PGA = 3


def hold_total_at_most(name: str, total: ActivityTotal, limit: int) -> Condition:
    """The condition `total <= limit`; an incomplete total whose lower bound is above the limit fails it.

    >>> hold_total_at_most("SLEDAI-2K", NotEvaluable("not known whether present: fever", lower_bound=8), 4).answer
    'no'
    >>> hold_total_at_most("SLEDAI-2K", NotEvaluable("not known whether present: fever", lower_bound=0), 4).answer
    'unknown'
    """
    goal = f"needs <= {limit}"
    match total:
        case None:
            return Condition(name=name, answer="unknown", reason=f"not known; {goal}")
        case NotEvaluable(reason=why, lower_bound=bound):
            answer: YesNoUnknown = "no" if bound is not None and bound > limit else "unknown"
            return Condition(name=name, answer=answer, reason=f"{total_text(total)} ({why}); {goal}")
        case _:
            return Condition(name=name, answer="yes" if total <= limit else "no", reason=f"{total}, {goal}")


def total_text(total: ActivityTotal) -> str:
    """The total as a reason prints it."""
    match total:
        case None:
            return "not known"
        case NotEvaluable(lower_bound=None):
            return "not evaluable"
        case NotEvaluable(lower_bound=bound):
            return f"at least {bound:g}"
        case _:
            return str(total)


def find_bad_values(
    where: str,
    *,
    totals: Mapping[str, ActivityTotal] | None = None,
    pga: Decimal | None = None,
    prednisone_mg_per_day: Decimal | None = None,
) -> list[Finding]:
    """Values outside what the instrument can be: totals 0 to 105, PGA 0 to 3, a daily dose that is not negative."""
    findings = []
    for name, total in (totals or {}).items():
        number = total.lower_bound if isinstance(total, NotEvaluable) else total
        if number is not None and not 0 <= number <= _HIGHEST_SLEDAI:
            findings.append(_outside(where, name, number, f"0 to {_HIGHEST_SLEDAI}"))
    if pga is not None and not (pga.is_finite() and 0 <= pga <= _HIGHEST_PGA):
        findings.append(_outside(where, "PGA", pga, "0 to 3; a scale of 0 to 100 mm is multiplied by 3/100 before"))
    dose = prednisone_mg_per_day
    if dose is not None and not (dose.is_finite() and dose >= 0):
        findings.append(_outside(where, "prednisone_mg_per_day", dose, "0 or more"))
    return findings


def find_bad_words(
    where: str, words: Mapping[str, str], allowed: Iterable[str] = get_args(YesNoUnknown)
) -> list[Finding]:
    """Words that are none of those allowed (yes, no, unknown)."""
    known = tuple(allowed)
    return [
        Finding(
            message=f"{name} has a word that no rule knows",
            where=where,
            found=repr(word),
            expected=", ".join(known),
            next_step="correct the entry",
        )
        for name, word in words.items()
        if word not in known
    ]


def require_none(findings: list[Finding]) -> None:
    """Raise UsageError with all findings, where there are any."""
    if findings:
        raise UsageError(findings)


def _outside(where: str, name: str, found: object, expected: str) -> Finding:
    return Finding(
        message=f"{name} is outside its range",
        where=where,
        found=str(found),
        expected=expected,
        next_step="correct the entry",
    )
