"""The rules on whole columns: the same first rule that holds as for one row, for a million rows at once.

Numbers are float64 of at most 15 significant digits, which keeps their order exactly. A product with a limit, or a
change from the baseline, may be off in its last bits: where it comes near the threshold, that row is compared in
Decimal, as `grade_lab` does it. What a rule gives, and its reason, comes from `verdict` for both.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.missing import NotGradable
from celltrial.safety.ctcae.conditions import Condition, Operator
from celltrial.safety.ctcae.grade import Mode, compare, measure, why_no_rules
from celltrial.safety.ctcae.table import Raise, Rule, Version, raises_for, rules_for
from celltrial.safety.ctcae.verdict import Completion, GradeResult, Guard, complete, conclude, outcome, reads
from celltrial.safety.grades import YesNoUnknown

__all__ = ["FLAG_CODES", "NumberColumns", "Verdicts", "grade_group"]

Floats: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Codes: TypeAlias = npt.NDArray[np.int32]

LOW, HIGH = np.int8(1), np.int8(3)
FLAG_CODES = {"": 0, "LOW": 1, "NORMAL": 2, "HIGH": 3, "LOW LOW": 1, "HIGH HIGH": 3}

# far above the error of a few float operations (1e-15) and far below what a laboratory prints
_NEAR = 1e-12
_COMPARE: Mapping[str, Callable[[Floats, Floats | float], Mask]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_GUARDS: tuple[Guard, ...] = ("no", "yes", "unknown", "graded")


@dataclass(frozen=True, kw_only=True)
class NumberColumns:
    """The numbers of the rows, NaN where not known; `flag`: which of FLAG_CODES the baseline has, as told."""

    value: Floats
    lln: Floats
    uln: Floats
    baseline: Floats
    percent_change: Floats
    mi_limit: Floats
    flag: npt.NDArray[np.int8]

    def take(self, rows: npt.NDArray[np.intp]) -> "NumberColumns":
        """Only these rows."""
        return NumberColumns(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    @cached_property
    def own_flag(self) -> npt.NDArray[np.int8]:
        """Which of FLAG_CODES: as told, else of the baseline against this result's limits."""
        own = np.where(self.baseline > self.uln, HIGH, np.where(self.baseline < self.lln, LOW, np.int8(0)))
        return np.where(self.flag == 0, own, self.flag)

    @cached_property
    def change(self) -> Floats:
        return self.value - self.baseline

    @cached_property
    def all_percent_change(self) -> Floats:
        """As told, else from the baseline; NaN where there is none or it is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.where(self.baseline != 0, (self.value - self.baseline) / self.baseline * 100, np.nan)
        return np.where(np.isnan(self.percent_change), own, self.percent_change)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """For each row the place of its result in `results`."""

    codes: Codes
    results: tuple[GradeResult | NotGradable, ...]


def grade_group(
    columns: NumberColumns,
    term: str,
    direction: str,
    unit: str,
    *,
    version: Version,
    mode: Mode,
    told: Mapping[str, YesNoUnknown],
) -> Verdicts:
    """The results of rows that share term, direction, unit and what was told of the circumstances."""
    rows = len(columns.value)
    rules = rules_for(version, term, direction, unit)
    if not rules:
        return Verdicts(np.zeros(rows, np.int32), (NotGradable(why_no_rules(version, term, direction, unit)),))
    holds = [_holds(rule, columns) for rule in rules]
    if mode == "worst-case":
        key, results = _distinct([_first(rules, holds, {})], lambda row: _worst(rules, row))
    else:
        raises = raises_for(version, term, direction)
        parts = [_first(rules, holds, completion) for completion in complete(rules, told)]
        parts += [_guard(each, columns) for each in raises]
        key, results = _distinct(parts, lambda row: _clinical(rules, raises, told, row))
    missing = np.isnan(columns.value)
    return Verdicts(np.where(missing, np.int32(len(results)), key), (*results, NotGradable("no value")))


def _worst(rules: Sequence[Rule], row: Sequence[int]) -> GradeResult | NotGradable:
    return outcome(rules, row[0], {}, is_worst_case=True)


def _clinical(
    rules: Sequence[Rule], raises: Sequence[Raise], told: Mapping[str, YesNoUnknown], row: Sequence[int]
) -> GradeResult | NotGradable:
    indexes = row[: len(row) - len(raises)]
    return conclude(rules, raises, told, indexes, [_GUARDS[code] for code in row[len(indexes) :]])


def _distinct(
    parts: Sequence[Codes], result: Callable[[Sequence[int]], GradeResult | NotGradable]
) -> tuple[Codes, tuple[GradeResult | NotGradable, ...]]:
    """The rows by what makes their result: its number for each row, and each result once."""
    key = np.zeros(len(parts[0]), np.int64)
    for part in parts:
        base = int(part.max(initial=0)) + 1
        key = key * base + part
        # renumbered at each step, so that the key never overflows
        _, at, key = np.unique(key, return_index=True, return_inverse=True)
    results = tuple(result([int(part[row]) for part in parts]) for row in at)
    return key.astype(np.int32), results


def _first(rules: Sequence[Rule], holds: Sequence[Mask], assumed: Completion) -> Codes:
    """For each row the number of the first rule that holds; len(rules) where none does."""
    first = np.full(len(holds[0]), len(rules), np.int32)
    for index in reversed(range(len(rules))):
        if reads(rules[index], assumed):
            first[holds[index]] = index
    return first


def _guard(each: Raise, columns: NumberColumns) -> Codes:
    """Which of _GUARDS, for each row."""
    rows = len(columns.value)
    if each.guard is None or each.is_any:
        return np.full(rows, _GUARDS.index("yes" if each.is_any else "graded"), np.int32)
    code = _holds(each.guard, columns).astype(np.int32)
    if each.guard.of != "absolute":
        code[np.isnan(_operand(each.guard, columns))] = _GUARDS.index("unknown")
    return code


def _operand(rule: Rule, columns: NumberColumns) -> Floats:
    name = "all_percent_change" if rule.of == "percent_change" else rule.of
    operand: Floats = getattr(columns, name)
    return operand


def _holds(rule: Rule, columns: NumberColumns) -> Mask:
    """Where the rule holds, whatever the rules before it; a comparison with a number that is missing does not."""
    given = np.ones(len(columns.value), np.bool_)
    for condition in rule.given:
        given &= _is_given(condition, columns)
    if rule.of == "absolute":
        return given & _COMPARE[rule.operator](columns.value, float(rule.factor))
    operand = _operand(rule, columns)
    if rule.operator == "missing":
        return given & np.isnan(operand)
    if rule.of == "percent_change":
        return given & _percent_holds(columns, rule.operator, rule.factor)
    if rule.of == "change":
        return given & _change_holds(columns, rule.operator, rule.factor)
    if rule.factor == 1 and not rule.plus:
        return given & _COMPARE[rule.operator](columns.value, operand)
    product, plus = operand * float(rule.factor), float(rule.plus)
    target = product + plus
    near = given & (np.abs(columns.value - target) <= _NEAR * (np.abs(product) + abs(plus)))
    exact = (
        compare(value, rule.operator, limit * rule.factor + rule.plus)
        for value, limit in zip(_decimals(columns.value, near), _decimals(operand, near), strict=True)
    )
    return given & _settle(_COMPARE[rule.operator](columns.value, target), near, exact)


def _change_holds(columns: NumberColumns, operator: Operator, limit: Decimal) -> Mask:
    scale = np.abs(columns.value) + np.abs(columns.baseline) + abs(float(limit))
    near = np.abs(columns.change - float(limit)) <= _NEAR * scale
    pairs = zip(_decimals(columns.value, near), _decimals(columns.baseline, near), strict=True)
    exact = (compare(value - baseline, operator, limit) for value, baseline in pairs)
    return _settle(_COMPARE[operator](columns.change, float(limit)), near, exact)


def _percent_holds(columns: NumberColumns, operator: Operator, limit: Decimal) -> Mask:
    """A percent change that was told is compared as it is; one from the baseline may need Decimal."""
    percent = columns.all_percent_change
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 100 * (1 + np.abs(columns.value / columns.baseline))
        near = np.isnan(columns.percent_change) & (np.abs(percent - float(limit)) <= _NEAR * scale)
    pairs = zip(_decimals(columns.value, near), _decimals(columns.baseline, near), strict=True)
    exact = (_percent_compare(value, baseline, operator, limit) for value, baseline in pairs)
    return _settle(_COMPARE[operator](percent, float(limit)), near, exact)


def _percent_compare(value: Decimal, baseline: Decimal, operator: Operator, limit: Decimal) -> bool:
    percent = measure(value, None, None, baseline, "", None, None).percent_change
    return percent is not None and compare(percent, operator, limit)


def _decimals(numbers: Floats, rows: Mask) -> Iterator[Decimal]:
    """The numbers as they were printed: a float of 15 digits has them as its shortest text."""
    return (Decimal(repr(each)) for each in numbers[rows].tolist())


def _is(holds: Mask, wanted: bool) -> Mask:
    return holds if wanted else ~holds


def _settle(holds: Mask, near: Mask, exact: Iterator[bool]) -> Mask:
    holds[near] = np.fromiter(exact, np.bool_, int(near.sum()))
    return holds


def _is_given(condition: Condition, columns: NumberColumns) -> Mask:
    """As `grade.is_given`, for all rows."""
    value, uln, baseline = columns.value, columns.uln, columns.baseline
    match condition.word:
        case "baseline_high" | "baseline_not_high":
            return _is(columns.own_flag == HIGH, condition.word == "baseline_high")
        case "baseline_low" | "baseline_not_low":
            return _is(columns.own_flag == LOW, condition.word == "baseline_low")
        case "baseline_missing":
            return np.isnan(baseline)
        case "uln_missing":
            return np.isnan(uln)
        case "mi_limit_missing":
            return np.isnan(columns.mi_limit)
        case "baseline_above_uln" | "baseline_not_above_uln":
            return _is(baseline > uln, condition.word == "baseline_above_uln")
        case "above_baseline":
            return value > baseline
        case "below_lln":
            return value < columns.lln
        case None:
            if condition.name == "change":
                return _change_holds(columns, condition.operator or "<", condition.limit)
            number = baseline if condition.name == "baseline" else value
            return _COMPARE[condition.operator or "<"](number, float(condition.limit))
