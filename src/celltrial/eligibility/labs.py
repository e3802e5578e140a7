"""Leaves on measurements: a limit in a unit, a multiple of the upper limit of normal, a positive or negative result."""

from fractions import Fraction

from celltrial.eligibility.context import Context, Exposure, is_observed, no_anchor, used_before, with_sample
from celltrial.eligibility.facts import Measurement
from celltrial.eligibility.language import Flag, LabTest, Limit, NotDuring
from celltrial.eligibility.result import Outcome, met, not_met, unknown
from celltrial.eligibility.samples import Search, find_samples, settle, why_none
from celltrial.eligibility.truth import Basis, Cost, Unknown, Verdict, Why
from celltrial.eligibility.values import (
    Range,
    compare,
    cost_of,
    format_number,
    in_unit,
    is_possible,
    parse_flag,
    parse_range,
)
from celltrial.eligibility.windows import expiry
from celltrial.errors import UnitError
from celltrial.units import parse_number

__all__ = ["evaluate_lab", "read_range", "unaided"]


def evaluate_lab(test: LabTest, ctx: Context) -> Outcome:
    """The latest qualifying result of the window against the goal."""
    search = Search(analyte=test.analyte, window=test.window, method=test.method, condition=test.condition)
    if ctx.place(test.window) is None:
        return unknown(no_anchor(test.window, ctx))
    samples = find_samples(search, ctx)
    if not samples:
        return unknown(why_none(search, ctx))
    return settle(samples, lambda measurement: _judge(test, measurement, ctx), test.same_day, search)


def _judge(test: LabTest, measurement: Measurement, ctx: Context) -> Outcome:
    if isinstance(test.goal, Flag):
        outcome = _judge_flag(test, test.goal, measurement, ctx)
    elif test.goal.times_uln:
        outcome = _judge_ratio(test, test.goal, measurement, ctx)
    else:
        outcome = _judge_limit(test, test.goal, measurement, ctx)
    if test.not_during is None or outcome.verdict is not Verdict.MET:
        return outcome
    return unaided(test.not_during, outcome, measurement, ctx)


def _judge_limit(test: LabTest, goal: Limit, measurement: Measurement, ctx: Context) -> Outcome:
    value = read_range(measurement)
    if isinstance(value, Unknown):
        return unknown(value, events=[measurement.event])
    converted = in_unit(value, measurement.unit, goal.unit, test.analyte)
    if converted is None:
        return unknown(_unit_problem(measurement, goal.unit), events=[measurement.event])
    shown = _shown(measurement)
    if measurement.unit != goal.unit and converted.low is not None and converted.low == converted.high:
        shown += f" = {format_number(converted.low)} {goal.unit}"
    return _compared(test, converted, goal, Fraction(goal.number), measurement, shown, ctx)


def _judge_ratio(test: LabTest, goal: Limit, measurement: Measurement, ctx: Context) -> Outcome:
    value = read_range(measurement)
    if isinstance(value, Unknown):
        return unknown(value, events=[measurement.event])
    normal = _upper_limit(measurement)
    if normal is None:
        about = f"{_shown(measurement)}{ctx.distance(measurement.collected, test.window)}: no upper limit of normal"
        do = f"{_label(measurement)}: {Why.NO_ULN.action}"
        return unknown(Unknown(why=Why.NO_ULN, about=about, do=do, cost=Cost.CHART), events=[measurement.event])
    shown = f"{_shown(measurement)}, ULN {measurement.uln}"
    if value.low is not None and value.low == value.high:
        shown += f" = {format_number(value.low / normal)} x ULN"
    return _compared(test, value, goal, Fraction(goal.number) * normal, measurement, shown, ctx)


def _compared(
    test: LabTest, value: Range, goal: Limit, limit: Fraction, measurement: Measurement, shown: str, ctx: Context
) -> Outcome:
    where = ctx.distance(measurement.collected, test.window)
    reason = f"{shown}{where}; needs {goal}; window {test.window}"
    match compare(value, goal.op, limit):
        case Verdict.MET:
            expires = expiry(measurement.collected, test.window)
            return met(Basis.RECORDED, reason, events=[measurement.event], expires=expires)
        case Verdict.NOT_MET:
            return not_met(Basis.RECORDED, reason, events=[measurement.event])
        case Verdict.UNKNOWN:
            do = f"{_label(measurement)}: {Why.STRADDLES.action}"
            problem = Unknown(why=Why.STRADDLES, about=reason, do=do, cost=cost_of(test.analyte))
            return unknown(problem, events=[measurement.event])


def _judge_flag(test: LabTest, goal: Flag, measurement: Measurement, ctx: Context) -> Outcome:
    """A word is the laboratory's own; a number is positive at or above the laboratory's own cut-off (in `uln`)."""
    positive = parse_flag(measurement.value)
    reason = f"{_shown(measurement)}{ctx.distance(measurement.collected, test.window)}"
    if positive is None:
        found = _positive_by_cut_off(measurement)
        if isinstance(found, Unknown):
            return unknown(found, events=[measurement.event])
        positive = found
        reason += f", cut-off {measurement.uln}: {'positive' if positive else 'negative'}"
    reason += f"; needs {goal}; window {test.window}"
    if positive is goal.positive:
        return met(
            Basis.RECORDED, reason, events=[measurement.event], expires=expiry(measurement.collected, test.window)
        )
    return not_met(Basis.RECORDED, reason, events=[measurement.event])


def _positive_by_cut_off(measurement: Measurement) -> bool | Unknown:
    value, cut_off = read_range(measurement), parse_range(measurement.uln)
    if isinstance(value, Unknown):
        return value
    label = _label(measurement)
    if cut_off is None or cut_off.low is None or cut_off.low != cut_off.high:
        about = f"{_shown(measurement)} on {measurement.collected}: the laboratory's cut-off is not recorded"
        do = f"{label}: enter the laboratory's cut-off, or its word positive or negative"
        return Unknown(why=Why.NO_ULN, about=about, do=do, cost=Cost.CHART)
    match compare(value, "at_least", cut_off.low):
        case Verdict.MET:
            return True
        case Verdict.NOT_MET:
            return False
        case Verdict.UNKNOWN:
            about = f"{_shown(measurement)}, cut-off {measurement.uln}"
            do = f"{label}: {Why.STRADDLES.action}"
            return Unknown(why=Why.STRADDLES, about=about, do=do, cost=cost_of(measurement.analyte))


def unaided(rule: NotDuring, outcome: Outcome, measurement: Measurement, ctx: Context) -> Outcome:
    """A met result stays met only where nothing forbidden helped it: what was used before the sample fails it."""
    ctx = with_sample(ctx, measurement.collected)
    label = rule.code.replace("_", " ")
    used, exposures = used_before(rule, ctx)
    events = [*outcome.events, *(each.event for each in exposures)]
    if used is Verdict.MET:
        reason = (
            f"not to be met with {label} in the {_before_sample(rule)}: {_listed(exposures)}; repeat the test later"
        )
        return not_met(Basis.RECORDED, *outcome.reasons, reason, events=events)
    if used is Verdict.UNKNOWN:
        about = (
            f"whether {label} was used in the {_before_sample(rule)}: {_listed(exposures) or 'the sample is undated'}"
        )
        do = f"{label}: {Why.COARSE_DATE.action}"
        problem = Unknown(why=Why.COARSE_DATE, about=about, do=do, cost=Cost.CHART)
        return unknown(problem, events=events, also=outcome.reasons)
    is_silent, reviews = is_observed(rule.silence, rule.window, ctx)
    if is_silent:
        reason = f"no {label} in the {_before_sample(rule)}: presumed, the chart covers it"
        basis = Basis.PRESUMED
        return met(basis, *outcome.reasons, reason, events=[*events, *reviews], expires=outcome.expires)
    about = f"no review of the chart covers the {_before_sample(rule)}, so {label} cannot be ruled out"
    do = f"review the chart for {label} in the {_before_sample(rule)}, and record the review"
    problem = Unknown(why=Why.CHART_GAP, about=about, do=do, cost=Cost.CHART)
    return unknown(problem, events=events, also=outcome.reasons)


def _before_sample(rule: NotDuring) -> str:
    return rule.window.text.replace("before sample", "before the sample")


def _listed(exposures: tuple[Exposure, ...]) -> str:
    return "; ".join(str(each) for each in exposures)


def read_range(measurement: Measurement) -> Range | Unknown:
    """The number a result stands for, or why it cannot be used."""
    value = parse_range(measurement.value)
    if value is None:
        about = f"{_label(measurement)} {measurement.value!r} on {measurement.collected}"
        do = f"{_label(measurement)}: {Why.UNREADABLE.action}"
        return Unknown(why=Why.UNREADABLE, about=about, do=do, cost=Cost.CHART)
    if not is_possible(value, measurement.unit, measurement.analyte):
        about = f"{_shown(measurement)} on {measurement.collected}"
        do = f"{_label(measurement)}: {Why.IMPLAUSIBLE.action}"
        return Unknown(why=Why.IMPLAUSIBLE, about=about, do=do, cost=Cost.CHART)
    return value


def _upper_limit(measurement: Measurement) -> Fraction | None:
    """The result's own upper limit, in the result's own unit; None where it is missing or no positive number."""
    try:
        normal = Fraction(parse_number(measurement.uln))
    except UnitError:
        return None
    return normal if normal > 0 else None


def _unit_problem(measurement: Measurement, unit: str) -> Unknown:
    about = f"{_shown(measurement)} on {measurement.collected}: "
    about += f"cannot be converted to {unit}" if measurement.unit else f"no unit; the limit is in {unit}"
    return Unknown(why=Why.UNIT, about=about, do=f"{_label(measurement)}: {Why.UNIT.action}", cost=Cost.CHART)


def _label(measurement: Measurement) -> str:
    return measurement.analyte.replace("_", " ")


def _shown(measurement: Measurement) -> str:
    unit = "" if measurement.unit == "1" else measurement.unit
    return f"{_label(measurement)} {measurement.value} {unit}".strip()
