"""From the rule that holds to a grade and its reason; what circumstances that are not known leave open.

Both engines, of one row and of columns, end here, so that they cannot differ in what they say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from celltrial.missing import NotGradable
from celltrial.safety.ctcae.table import Raise, Rule
from celltrial.safety.grades import YesNoUnknown

__all__ = ["Completion", "GradeResult", "Guard", "complete", "conclude", "outcome", "reads"]

# which circumstances hold; one that is not named is taken to hold
Completion = Mapping[str, bool]
# whether what a raise asks of the number holds; `graded`: it asks for a grade of 1 or more
Guard = Literal["yes", "no", "unknown", "graded"]


@dataclass(frozen=True, slots=True)
class GradeResult:
    """A grade by number, 0 to 4, and the criterion that gave it."""

    value: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bounds:
    """What one completion gives: the grade (None: not gradable), up to which it may be raised, and by what."""

    low: int | None
    high: int
    reason: str
    open: tuple[str, ...]
    silent: tuple[tuple[int, str], ...]


def complete(rules: Sequence[Rule], told: Mapping[str, YesNoUnknown]) -> tuple[Completion, ...]:
    """Every way the circumstances that the rules ask for may be; the worst, all that is open taken to hold, first."""
    asked = sorted({rule.assumes for rule in rules if rule.assumes})
    ways = [{"yes": (True,), "no": (False,)}.get(told.get(name, "unknown"), (True, False)) for name in asked]
    return tuple(dict(zip(asked, way, strict=True)) for way in product(*ways))


def reads(rule: Rule, assumed: Completion) -> bool:
    """Whether the rule is tried at all under these circumstances."""
    return not rule.assumes or assumed.get(rule.assumes, True) or rule.otherwise is not None


def outcome(
    rules: Sequence[Rule], index: int, assumed: Completion, *, is_worst_case: bool
) -> GradeResult | NotGradable:
    """What rule number `index` gives, the first that holds; len(rules): none holds."""
    if index == len(rules):
        return GradeResult(0, "no criterion of the term is met")
    rule = rules[index]
    is_so = not rule.assumes or assumed.get(rule.assumes, True)
    grade = rule.grade if is_so else rule.otherwise
    given = f" ({' and '.join(str(each) for each in rule.given)})" if rule.given else ""
    unverified = "" if rule.is_verified else ", criterion unverified"
    if grade is None:
        return NotGradable(f"{rule}{given}{unverified}")
    taken = f", taken as {rule.assumes.replace('_', ' ')}" if rule.assumes and is_so and is_worst_case else ""
    return GradeResult(grade, f"{rule}{given}{taken}{unverified}")


def conclude(
    rules: Sequence[Rule],
    raises: Sequence[Raise],
    told: Mapping[str, YesNoUnknown],
    indexes: Sequence[int],
    guards: Sequence[Guard],
) -> GradeResult | NotGradable:
    """The grade in clinical mode, where everything that is open leaves only one; else the range.

    Args:
        indexes: for each completion, in order, the first rule that holds. guards: for each raise, what it asks.
    """
    completions = complete(rules, told)
    bounds = [
        _bound(rules, index, completion, raises, told, guards)
        for completion, index in zip(completions, indexes, strict=True)
    ]
    graded = [each.low for each in bounds if each.low is not None]
    if not graded:
        return NotGradable(bounds[0].reason)
    asked = sorted(set(completions[0]) - {name for name in completions[0] if told.get(name) in ("yes", "no")})
    if len(graded) < len(bounds):
        return NotGradable(f"grade {min(graded)} to not gradable: not known whether {' or '.join(asked)}")
    lowest, highest = min(graded), max(each.high for each in bounds)
    if lowest == highest:
        return GradeResult(lowest, bounds[0].reason + _not_told(lowest, bounds[0].silent))
    varying = asked if len({(each.low, each.high) for each in bounds}) > 1 else []
    named = list(dict.fromkeys([*varying, *(name for each in bounds for name in each.open)]))
    return NotGradable(f"grade {lowest} to {highest}: not known whether {' or '.join(named)}")


def _bound(
    rules: Sequence[Rule],
    index: int,
    assumed: Completion,
    raises: Sequence[Raise],
    told: Mapping[str, YesNoUnknown],
    guards: Sequence[Guard],
) -> _Bounds:
    base = outcome(rules, index, assumed, is_worst_case=False)
    grade = base.value if isinstance(base, GradeResult) else None
    # what the number may come to where it cannot be graded: no more than a later rule gives
    ceiling = grade if grade is not None else max((rule.grade or 0 for rule in rules[index + 1 :]), default=0)
    raised, reason, high = grade, base.reason, ceiling
    names: list[str] = []
    silent: list[tuple[int, str]] = []
    for each, guard in zip(raises, guards, strict=True):
        holds = _of_grade(grade) if guard == "graded" else guard
        answer = told.get(each.needs)
        if holds == "no" or answer == "no" or each.grade <= (raised or 0):
            continue
        if answer == "yes" and holds == "yes" and each.grade >= ceiling:
            raised, reason = each.grade, f"{each.needs.replace('_', ' ')} ({base.reason})"
            high = max(high, raised)
        elif answer is not None:
            high = max(high, each.grade)
            names.append(each.needs if answer == "unknown" else f"{each.needs} counts")
        else:
            silent.append((each.grade, each.needs))
    return _Bounds(low=raised, high=high, reason=reason, open=tuple(names), silent=tuple(silent))


def _of_grade(grade: int | None) -> Guard:
    return "unknown" if grade is None else "yes" if grade >= 1 else "no"


def _not_told(grade: int, silent: Sequence[tuple[int, str]]) -> str:
    """The circumstances nobody told that would raise the grade; the grade stands without them."""
    above = sorted((each, name) for each, name in silent if each > grade)
    return f"; not told: {', '.join(f'{name} ({each})' for each, name in above)}" if above else ""
