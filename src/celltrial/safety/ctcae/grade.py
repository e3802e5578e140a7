"""Grade a laboratory result by CTCAE: the rules of the term in order, on the numbers and in the unit as reported.

Results are never converted: the thresholds that CTCAE prints for two unit systems do not agree exactly. Numbers are
compared at 15 significant digits, so that 3 x 40.1 is 120.3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from operator import ge, gt, le, lt
from typing import Literal, get_args

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotGradable
from celltrial.safety.ctcae.table import Circumstance, Direction, Rule, has_term, require_version, rules_for, units_of
from celltrial.safety.grades import YesNoUnknown, require_words

__all__ = ["GradeResult", "Mode", "grade_lab"]

Mode = Literal["worst-case", "clinical"]

_SIGNIFICANT = Context(prec=15, rounding=ROUND_HALF_EVEN)
_COMPARE: Mapping[str, Callable[[Decimal, Decimal], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_FLAGS = ("", "LOW", "NORMAL", "HIGH", "LOW LOW", "HIGH HIGH")


@dataclass(frozen=True, slots=True)
class GradeResult:
    """A laboratory grade, 0 to 4, and the criterion that gave it."""

    value: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What the rules are held against; the flags as booleans, None where not known."""

    value: Decimal
    lln: Decimal | None
    uln: Decimal | None
    baseline: Decimal | None
    percent_change: Decimal | None
    flag: str


def grade_lab(
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
    mode: Mode = "worst-case",
    circumstances: Mapping[Circumstance, YesNoUnknown] | None = None,
) -> GradeResult | NotGradable:
    """The CTCAE grade of one result, or why there is none; not graded is never grade 0.

    Args:
        term, direction: as CTCAE names it (case does not matter), `L` or `H`. Calcium means corrected for albumin;
            ionised calcium has terms of its own, `Hypocalcemia (Ionized)`.
        unit: of value, limits and baseline alike; one the thresholds are printed for, unless the term is a ratio.
        baseline_flag: LOW, NORMAL or HIGH of the baseline against its own range; without it the baseline is held
            against this result's limits, and counts as normal without those.
        percent_change: from baseline; without it, computed from the baseline.
        mode: `worst-case` takes symptoms and the like as present where a criterion asks for them; `clinical` reads them
            from `circumstances` and gives no grade where that leaves more than one.
    Returns:
        GradeResult, or NotGradable: no such term, no value, wrong unit, a limit that is needed is missing. Absolute
        thresholds grade without limits; only grade 1 and 0 cannot be told apart then. Never grade 5.
    Raises:
        UsageError: an unknown version, flag, mode or circumstance.
    Source: NCI CTCAE; order of rules and missing limits as pharmaverse admiral 1.5, derive_var_atoxgr (worst case).

    >>> grade_lab("Anemia", "L", Decimal(79), "g/L")
    GradeResult(value=3, reason='value < 80')
    """
    known = require_version(version)
    told = circumstances or {}
    _require_readable(baseline_flag, mode, told)
    rules = rules_for(known, term, direction, unit)
    if not rules:
        return NotGradable(_why_no_rules(known, term, direction, unit))
    if value is None:
        return NotGradable("no value")
    if percent_change is None and baseline:
        percent_change = (value - baseline) / baseline * 100
    flag = (baseline_flag or _own_flag(baseline, lln, uln)).split(" ")[0]
    result = _Result(value=value, lln=lln, uln=uln, baseline=baseline, percent_change=percent_change, flag=flag)
    return _first(rules, result, assumed={}) if mode == "worst-case" else _within_circumstances(rules, result, told)


def _require_readable(baseline_flag: str, mode: str, told: Mapping[Circumstance, YesNoUnknown]) -> None:
    require_words("CTCAE", [("baseline_flag", baseline_flag, _FLAGS), ("mode", mode, get_args(Mode))])
    require_words("CTCAE", [("circumstances", name, get_args(Circumstance)) for name in told])
    require_words("CTCAE", [(name, told[name], ("yes", "no", "unknown")) for name in told])


def _within_circumstances(
    rules: Sequence[Rule], result: _Result, told: Mapping[Circumstance, YesNoUnknown]
) -> GradeResult | NotGradable:
    """The grade where what is not known of the circumstances does not change it; else the range."""
    open_ones = [name for name in get_args(Circumstance) if told.get(name, "unknown") == "unknown"]
    fixed = {str(name): answer == "yes" for name, answer in told.items() if answer != "unknown"}
    worst = _first(rules, result, assumed={**fixed, **dict.fromkeys(open_ones, True)})
    best = _first(rules, result, assumed={**fixed, **dict.fromkeys(open_ones, False)})
    if worst == best or (
        isinstance(worst, GradeResult) and isinstance(best, GradeResult) and worst.value == best.value
    ):
        return worst
    asked = sorted({rule.assumes for rule in rules} & set(open_ones))
    lower, upper = (str(each.value) if isinstance(each, GradeResult) else "not gradable" for each in (best, worst))
    return NotGradable(f"grade {lower} to {upper}: not known whether {' or '.join(asked)}")


def _first(rules: Sequence[Rule], result: _Result, *, assumed: Mapping[str, bool]) -> GradeResult | NotGradable:
    """The outcome of the first rule that holds; `assumed` says which circumstances hold (all, where not named)."""
    for rule in rules:
        is_so = not rule.assumes or assumed.get(rule.assumes, True)
        grade = rule.grade if is_so else rule.otherwise
        if (not is_so and grade is None) or not _holds(rule, result):
            continue
        given = f" ({rule.given.replace('_', ' ')})" if rule.given else ""
        if grade is None:
            return NotGradable(f"{rule}{given}")
        taken = f", taken as {rule.assumes.replace('_', ' ')}" if rule.assumes and is_so and not assumed else ""
        return GradeResult(grade, f"{rule}{given}{taken}")
    return GradeResult(0, "no criterion of the term is met")


def _holds(rule: Rule, result: _Result) -> bool:
    if not _is_given(rule.given, result):
        return False
    operand = None if rule.of == "absolute" else getattr(result, rule.of)
    if rule.operator == "missing":
        return operand is None
    if rule.of == "percent_change":
        return operand is not None and _compare(operand, rule.operator, rule.factor)
    if rule.of == "absolute":
        return _compare(result.value, rule.operator, rule.factor)
    return operand is not None and _compare(result.value, rule.operator, operand * rule.factor + rule.plus)


def _compare(left: Decimal, operator: str, right: Decimal) -> bool:
    return _COMPARE[operator](_SIGNIFICANT.plus(left), _SIGNIFICANT.plus(right))


def _is_given(given: str, result: _Result) -> bool:
    """Whether the condition of a rule holds; the words of the column `given`."""
    value, lln, uln, baseline = result.value, result.lln, result.uln, result.baseline
    is_baseline_above_uln = baseline is not None and uln is not None and _compare(baseline, ">", uln)
    match given:
        case "":
            return True
        case "baseline_high":
            return result.flag == "HIGH"
        case "baseline_not_high":
            return result.flag != "HIGH"
        case "baseline_low":
            return result.flag == "LOW"
        case "baseline_not_low":
            return result.flag != "LOW"
        case "baseline_missing":
            return baseline is None
        case "uln_missing":
            return uln is None
        case "baseline_above_uln":
            return is_baseline_above_uln
        case "baseline_not_above_uln":
            return not is_baseline_above_uln
        case "above_baseline":
            return baseline is not None and _compare(value, ">", baseline)
        case "below_lln":
            return lln is not None and _compare(value, "<", lln)
    raise UsageError(Finding(message="a condition in the CTCAE table that the engine does not know", found=given))


def _own_flag(baseline: Decimal | None, lln: Decimal | None, uln: Decimal | None) -> str:
    """The baseline against this result's limits, where it came without a flag."""
    if baseline is None:
        return ""
    if uln is not None and _compare(baseline, ">", uln):
        return "HIGH"
    return "LOW" if lln is not None and _compare(baseline, "<", lln) else ""


def _why_no_rules(version: Literal["4.03", "5.0", "6.0"], term: str, direction: str, unit: str) -> str:
    if not has_term(version, term, direction):
        side = {"L": "low", "H": "high"}.get(direction, repr(direction))
        return f"CTCAE {version} has no laboratory criterion for {term or 'a blank term'!r} ({side})"
    expected = ", ".join(units_of(version, term, direction))
    return f"unit {unit!r} is not one the thresholds are printed for ({expected})"
