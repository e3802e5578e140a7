"""Grade a result by CTCAE: the rules of the term in order, on the numbers and in the unit as reported.

Results are never converted: the thresholds that CTCAE prints for two unit systems do not agree exactly. Numbers are
compared at 15 significant digits, so that 3 x 40.1 is 120.3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from operator import ge, gt, le, lt
from typing import Literal, get_args

from celltrial.missing import NotGradable
from celltrial.safety.ctcae.conditions import Condition, Operator
from celltrial.safety.ctcae.table import (
    CIRCUMSTANCES,
    Circumstance,
    Direction,
    Raise,
    Rule,
    Version,
    has_term,
    raises_for,
    require_version,
    rules_for,
    units_of,
)
from celltrial.safety.ctcae.verdict import Completion, GradeResult, Guard, complete, conclude, outcome, reads
from celltrial.safety.grades import YesNoUnknown, require_words

__all__ = [
    "FLAGS",
    "Measured",
    "Mode",
    "compare",
    "grade_lab",
    "is_given",
    "measure",
    "require_readable",
    "rule_holds",
    "why_no_rules",
]

Mode = Literal["worst-case", "clinical"]

_SIGNIFICANT = Context(prec=15, rounding=ROUND_HALF_EVEN)
_COMPARE: Mapping[str, Callable[[Decimal, Decimal], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
FLAGS = ("", "LOW", "NORMAL", "HIGH", "LOW LOW", "HIGH HIGH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the rules are held against; None where not known."""

    value: Decimal
    lln: Decimal | None
    uln: Decimal | None
    baseline: Decimal | None
    percent_change: Decimal | None
    change: Decimal | None
    mi_limit: Decimal | None
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
    mi_limit: Decimal | None = None,
    mode: Mode = "worst-case",
    circumstances: Mapping[Circumstance, YesNoUnknown] | None = None,
) -> GradeResult | NotGradable:
    """The CTCAE grade of one result, or why there is none; not graded is never grade 0.

    Args:
        term, direction: as CTCAE names it (case does not matter), `L` or `H`. Calcium means corrected for albumin;
            ionised calcium has terms of its own, `Hypocalcemia (Ionized)`; so have the two blood pressures.
        unit: of value, limits and baseline alike; one the thresholds are printed for, unless the term is a ratio.
        baseline_flag: LOW, NORMAL or HIGH of the baseline against its own range; without it the baseline is held
            against this result's limits, and counts as normal without those.
        percent_change: from baseline; without it, computed from the baseline.
        mi_limit: of troponin, the level of myocardial infarction as the assay's manufacturer defines it.
        mode: `worst-case` takes symptoms and the like as present where a criterion asks for them; `clinical` reads
            `circumstances`: no grade where those not known leave more than one. One that raises a grade by itself
            ("; transfusion indicated") counts if `yes`; not named, the number decides and the reason names it.
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
    told = {str(name): answer for name, answer in (circumstances or {}).items()}
    require_readable([baseline_flag], mode, told)
    if not (rules := rules_for(known, term, direction, unit)):
        return NotGradable(why_no_rules(known, term, direction, unit))
    if value is None:
        return NotGradable("no value")
    result = measure(value, lln, uln, baseline, baseline_flag, percent_change, mi_limit)
    if mode == "worst-case":
        return outcome(rules, _first(rules, result, {}), {}, is_worst_case=True)
    return _grade_clinically(rules, raises_for(known, term, direction), result, told)


def _grade_clinically(
    rules: Sequence[Rule], raises: Sequence[Raise], result: Measured, told: Mapping[str, YesNoUnknown]
) -> GradeResult | NotGradable:
    indexes = [_first(rules, result, completion) for completion in complete(rules, told)]
    return conclude(rules, raises, told, indexes, [_guard(each, result) for each in raises])


def measure(
    value: Decimal,
    lln: Decimal | None,
    uln: Decimal | None,
    baseline: Decimal | None,
    baseline_flag: str,
    percent_change: Decimal | None,
    mi_limit: Decimal | None,
) -> Measured:
    """The numbers as the rules ask for them: change and percent change from the baseline, and its flag."""
    if percent_change is None and baseline:
        percent_change = (value - baseline) / baseline * 100
    return Measured(
        value=value,
        lln=lln,
        uln=uln,
        baseline=baseline,
        percent_change=percent_change,
        change=None if baseline is None else value - baseline,
        mi_limit=mi_limit,
        flag=(baseline_flag or _own_flag(baseline, lln, uln)).split(" ")[0],
    )


def require_readable(flags: Sequence[str], mode: str, told: Mapping[str, YesNoUnknown]) -> None:
    """Raise UsageError for a flag, mode or circumstance that no rule knows."""
    words = [("baseline_flag", flag, FLAGS) for flag in flags]
    require_words("CTCAE", [*words, ("mode", mode, get_args(Mode))])
    require_words("CTCAE", [("circumstances", name, CIRCUMSTANCES) for name in told])
    require_words("CTCAE", [(name, told[name], ("yes", "no", "unknown")) for name in told])


def why_no_rules(version: Version, term: str, direction: str, unit: str) -> str:
    """Why a term, direction and unit cannot be graded: no such term, or a unit without thresholds."""
    if not has_term(version, term, direction):
        side = {"L": "low", "H": "high"}.get(direction, repr(direction))
        return f"CTCAE {version} has no laboratory criterion for {term or 'a blank term'!r} ({side})"
    expected = ", ".join(units_of(version, term, direction))
    return f"unit {unit!r} is not one the thresholds are printed for ({expected})"


def compare(left: Decimal, operator: Operator, right: Decimal) -> bool:
    """The comparison at 15 significant digits."""
    return _COMPARE[operator](_SIGNIFICANT.plus(left), _SIGNIFICANT.plus(right))


def _first(rules: Sequence[Rule], result: Measured, assumed: Completion) -> int:
    """The number of the first rule that holds; len(rules) where none does."""
    for index, rule in enumerate(rules):
        if reads(rule, assumed) and rule_holds(rule, result):
            return index
    return len(rules)


def _guard(each: Raise, result: Measured) -> Guard:
    if each.is_any:
        return "yes"
    if each.guard is None:
        return "graded"
    if each.guard.of != "absolute" and getattr(result, each.guard.of) is None:
        return "unknown"
    return "yes" if rule_holds(each.guard, result) else "no"


def rule_holds(rule: Rule, result: Measured) -> bool:
    """Whether the rule holds, whatever the rules before it; one on a number that is not known does not."""
    if not all(is_given(each, result) for each in rule.given):
        return False
    operand = None if rule.of == "absolute" else getattr(result, rule.of)
    if rule.operator == "missing":
        return operand is None
    if rule.of == "absolute":
        return compare(result.value, rule.operator, rule.factor)
    if operand is None:
        return False
    if rule.of in ("percent_change", "change"):
        return compare(operand, rule.operator, rule.factor)
    return compare(result.value, rule.operator, operand * rule.factor + rule.plus)


def is_given(condition: Condition, result: Measured) -> bool:
    """Whether the condition of a rule holds; one on a number that is not known does not."""
    value, lln, uln, baseline = result.value, result.lln, result.uln, result.baseline
    is_above_uln = baseline is not None and uln is not None and compare(baseline, ">", uln)
    match condition.word:
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
        case "mi_limit_missing":
            return result.mi_limit is None
        case "baseline_above_uln":
            return is_above_uln
        case "baseline_not_above_uln":
            return not is_above_uln
        case "above_baseline":
            return baseline is not None and compare(value, ">", baseline)
        case "below_lln":
            return lln is not None and compare(value, "<", lln)
        case None:
            number = {"value": value, "baseline": baseline, "change": result.change}[condition.name or "value"]
            return number is not None and compare(number, condition.operator or "<", condition.limit)


def _own_flag(baseline: Decimal | None, lln: Decimal | None, uln: Decimal | None) -> str:
    """The baseline against this result's limits, where it came without a flag."""
    if baseline is None:
        return ""
    if uln is not None and compare(baseline, ">", uln):
        return "HIGH"
    return "LOW" if lln is not None and compare(baseline, "<", lln) else ""
