"""The lowest and the highest grade that a result may have, over everything that is not known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from celltrial.missing import NotGradable
from celltrial.safety.ctcae.conditions import Condition
from celltrial.safety.ctcae.grade import (
    Measured,
    compare,
    is_given,
    measure,
    require_readable,
    rule_holds,
    why_no_rules,
)
from celltrial.safety.ctcae.table import Circumstance, Direction, Raise, Rule, raises_for, require_version, rules_for
from celltrial.safety.ctcae.verdict import Completion, complete
from celltrial.safety.grades import YesNoUnknown

__all__ = ["GradeRange", "bound_lab_grade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRange:
    """From `lower` to `upper`, both possible as far as is known; one grade where they are the same."""

    lower: int
    upper: int


def bound_lab_grade(
    term: str,
    direction: Direction,
    value: Decimal | None,
    unit: str,
    *,
    version: str = "5.0",
    lln: Decimal | None = None,
    uln: Decimal | None = None,
    baseline: Decimal | None = None,
    baseline_flag: str = "",
    percent_change: Decimal | None = None,
    mi_limit: Decimal | None = None,
    circumstances: Mapping[Circumstance, YesNoUnknown] | None = None,
) -> GradeRange | NotGradable:
    """Between which grades a result lies in clinical mode: arguments as `grade_lab`.

    A limit, a baseline or a circumstance that is not given may be anything; so may the value. A circumstance that is
    not named is as open as one that is `unknown`. Whatever is then learned, the grade stays within the range.

    Returns:
        GradeRange, or NotGradable: no such term, or a unit without thresholds.
    Raises:
        UsageError: an unknown version, flag or circumstance.

    >>> bound_lab_grade("Hypokalemia", "L", Decimal("3.2"), "mmol/L", circumstances={"symptomatic": "no"})
    GradeRange(lower=0, upper=4)
    """
    known = require_version(version)
    told = {str(name): answer for name, answer in (circumstances or {}).items()}
    require_readable([baseline_flag], "clinical", told)
    rules, raises = rules_for(known, term, direction, unit), raises_for(known, term, direction)
    if not rules:
        return NotGradable(why_no_rules(known, term, direction, unit))
    if value is None:
        every = [grade for rule in rules for grade in (rule.grade, rule.otherwise) if grade is not None]
        return GradeRange(lower=0, upper=max([*every, *(each.grade for each in raises)]))
    result = measure(value, lln, uln, baseline, baseline_flag, percent_change, mi_limit)
    # the baseline has a range of its own: held against this result's limits it may come out otherwise
    flag_is_known = bool(baseline_flag)
    numbers = {
        grade
        for completion in complete(rules, told)
        for grade in _possible_grades(rules, result, completion, flag_is_known)
    }
    lower = min(_raise(grade, raises, told, result, ("yes",), is_certain=True) for grade in numbers)
    upper = max(_raise(grade, raises, told, result, ("yes", "unknown", None), is_certain=False) for grade in numbers)
    return GradeRange(lower=lower, upper=upper)


def _possible_grades(rules: Sequence[Rule], result: Measured, assumed: Completion, flag_is_known: bool) -> set[int]:
    """What the rules may come to: those that may hold, down to the first that surely does."""
    grades: set[int] = set()
    for rule in rules:
        is_so = not rule.assumes or assumed.get(rule.assumes, True)
        grade = rule.grade if is_so else rule.otherwise
        holds = None if rule.operator == "missing" else _may_hold(rule, result, flag_is_known)
        if grade is None or holds is False or rule.operator == "missing":
            continue
        grades.add(grade)
        if holds:
            return grades
    return grades | {0}


def _may_hold(rule: Rule, result: Measured, flag_is_known: bool) -> bool | None:
    """Whether the rule holds; None where that hangs on something not known."""
    givens = [_may_be_given(each, result, flag_is_known) for each in rule.given]
    if False in givens:
        return False
    if rule.of != "absolute" and getattr(result, rule.of) is None:
        return None
    without = Rule(
        grade=rule.grade,
        given=(),
        operator=rule.operator,
        factor=rule.factor,
        of=rule.of,
        plus=rule.plus,
        assumes="",
        otherwise=None,
    )
    return rule_holds(without, result) and (None if None in givens else True)


def _may_be_given(condition: Condition, result: Measured, flag_is_known: bool) -> bool | None:
    baseline = result.baseline
    match condition.word:
        case "baseline_high" | "baseline_not_high" | "baseline_low" | "baseline_not_low":
            return is_given(condition, result) if flag_is_known else None
        case "baseline_missing" | "uln_missing" | "mi_limit_missing":
            # what is missing may turn up, and then the rule for its absence is none
            return False if is_given(condition, result) is False else None
        case "baseline_above_uln" | "baseline_not_above_uln":
            return None if baseline is None or result.uln is None else is_given(condition, result)
        case "above_baseline":
            return None if baseline is None else compare(result.value, ">", baseline)
        case "below_lln":
            return None if result.lln is None else compare(result.value, "<", result.lln)
        case None:
            number = {"value": result.value, "baseline": baseline, "change": result.change}[condition.name or "value"]
            return None if number is None else is_given(condition, result)


def _raise(
    grade: int,
    raises: Sequence[Raise],
    told: Mapping[str, YesNoUnknown],
    result: Measured,
    answers: Sequence[str | None],
    *,
    is_certain: bool,
) -> int:
    """The grade with what was told; `is_certain`: only by circumstances that surely count."""
    for each in raises:
        if told.get(each.needs) not in answers:
            continue
        holds = _counts(each, grade, result)
        if holds or (holds is None and not is_certain):
            grade = max(grade, each.grade)
    return grade


def _counts(each: Raise, grade: int, result: Measured) -> bool | None:
    if each.is_any:
        return True
    if each.guard is None:
        return grade >= 1
    return _may_hold(each.guard, result, flag_is_known=True)
