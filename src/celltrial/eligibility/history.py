"""Leaves on the course of things: a condition since when, a condition or a drug in a window, a finding."""

from celltrial.eligibility.context import (
    Context,
    Exposure,
    condition_exposures,
    drug_exposures,
    is_observed,
    no_anchor,
)
from celltrial.eligibility.facts import ClinicalFinding
from celltrial.eligibility.language import ActiveDuring, FindingIsOneOf, FirstBefore, GivenDuring, Silence
from celltrial.eligibility.result import Outcome, met, not_met, unknown
from celltrial.eligibility.truth import Basis, Cost, Unknown, Verdict, Why, any_of
from celltrial.eligibility.windows import Bound, Window, days_of, is_before, place_bound

__all__ = ["LN_CLASSES", "evaluate_active", "evaluate_finding", "evaluate_first", "evaluate_given", "normal_class"]

LN_CLASSES = ("I", "II", "III", "IV", "V", "VI")
"""Classes of lupus nephritis, ISN/RPS 2003 (2018 revision)."""


def evaluate_first(test: FirstBefore, ctx: Context) -> Outcome:
    """The first onset on record lies at least the span before the anchor (calendar, clamped to the month's end)."""
    window = Window(text=f"at least {test.span} before {test.anchor}", start=None, end=Bound(test.anchor))
    if test.anchor not in ctx.anchors:
        return unknown(no_anchor(window, ctx))
    label = test.condition.replace("_", " ")
    recorded = [each for each in ctx.facts.conditions if each.code == test.condition]
    if not recorded:
        do = f"record {label} with its onset"
        return unknown(Unknown(why=Why.NO_RECORD, about=f"{label} is not recorded", do=do, cost=Cost.CHART))
    edge = place_bound(Bound(test.anchor, test.span, -1), ctx.anchors)
    verdicts = [is_before(days_of(each.onset), edge) for each in recorded]
    verdict = any_of(verdicts)
    shown = [each for each, held in zip(recorded, verdicts, strict=True) if held is verdict]
    onset = ", ".join(str(each.onset) if each.onset else "onset not recorded" for each in shown)
    reason = f"{label} since {onset}; needs {window.text}{_on(ctx, test.anchor)}"
    events = [each.event for each in shown]
    if verdict is Verdict.MET:
        return met(Basis.RECORDED, reason, events=events)
    if verdict is Verdict.NOT_MET:
        return not_met(Basis.RECORDED, reason, events=events)
    why = Why.NO_RECORD if all(each.onset is None for each in shown) else Why.COARSE_DATE
    return unknown(Unknown(why=why, about=reason, do=f"{label}: complete the onset", cost=Cost.CHART), events=events)


def _on(ctx: Context, anchor: str) -> str:
    return f" ({ctx.anchors[anchor].when})"


def evaluate_active(test: ActiveDuring, ctx: Context) -> Outcome:
    """The condition is present at some moment of the window; silence only as far as the criterion allows."""
    if (placed := ctx.place(test.window)) is None:
        return unknown(no_anchor(test.window, ctx))
    recorded = tuple(each for each in ctx.facts.conditions if each.code == test.condition)
    exposures = condition_exposures(recorded, in_hours=placed.in_hours)
    return _touching(test.condition, exposures, test.window, test.silence, ctx)


def evaluate_given(test: GivenDuring, ctx: Context) -> Outcome:
    """A drug of the class is given at some moment of the window; silence only as far as the criterion allows."""
    if (placed := ctx.place(test.window)) is None:
        return unknown(no_anchor(test.window, ctx))
    recorded = tuple(each for each in ctx.facts.medications if each.drug_class == test.drug_class)
    exposures = drug_exposures(recorded, in_hours=placed.in_hours)
    return _touching(test.drug_class, exposures, test.window, test.silence, ctx)


def _touching(
    what: str, exposures: tuple[Exposure, ...], window: Window, silence: Silence | None, ctx: Context
) -> Outcome:
    placed = ctx.place(window)
    assert placed is not None  # the callers have placed it
    label = what.replace("_", " ")
    touches = [(each.touches(placed), each) for each in exposures]
    verdict = any_of(touch for touch, _ in touches)
    shown = [each for touch, each in touches if touch is verdict]
    events = [each.event for each in shown]
    listed = "; ".join(str(each) for each in shown)
    if verdict is Verdict.MET:
        return met(Basis.RECORDED, f"{label} in the {window}: {listed}", events=events)
    if verdict is Verdict.UNKNOWN:
        about = f"whether {label} was present in the {window}: {listed}"
        problem = Unknown(why=Why.COARSE_DATE, about=about, do=f"{label}: complete the dates", cost=Cost.CHART)
        return unknown(problem, events=events)
    is_silent, reviews = is_observed(silence, window, ctx)
    before = f"; on record outside the window: {listed}" if shown else ""
    if is_silent:
        reason = f"no {label} in the {window}: presumed, the chart covers the window and shows none{before}"
        return not_met(Basis.PRESUMED, reason, events=[*events, *reviews])
    why = Why.CHART_GAP if silence else Why.NO_RECORD
    about = f"{label}: none on record in the {window}, and no review of the chart covers it{before}"
    do = f"review the chart for {label} in the {silence.over or window if silence else window}, and record the review"
    return unknown(Unknown(why=why, about=about, do=do, cost=Cost.CHART), events=events)


def evaluate_finding(test: FindingIsOneOf, ctx: Context) -> Outcome:
    """The latest finding found in the way asked for: its value and its activity are among those named."""
    label = test.finding.replace("_", " ")
    recorded = [each for each in ctx.facts.findings if each.finding == test.finding and each.by in ("", test.by)]
    placed = [(ctx.is_within(each.found, test.window), each) for each in recorded]
    candidates = [each for inside, each in placed if inside is not Verdict.NOT_MET]
    if not candidates:
        return _no_finding(test, ctx, label)
    # a finding whose day is not known may be the latest: all that may be it must agree
    newest = max(days_of(each.found).lo for each in candidates)
    latest = [each for each in candidates if days_of(each.found).hi >= newest]
    is_sure = any(inside is Verdict.MET and each in latest and each.by for inside, each in placed)
    outcomes = [_has(test, each, label) for each in latest]
    if is_sure and len({outcome.verdict for outcome in outcomes}) == 1:
        return outcomes[0]
    about = f"{label}: " + ", ".join(f"{each.value} on {each.found or 'no date'}" for each in latest)
    problem = Unknown(
        why=Why.COARSE_DATE if all(each.by for each in latest) else Why.CIRCUMSTANCES,
        about=about,
        do=f"{label}: complete date and method",
        cost=Cost.CHART,
    )
    return unknown(problem, events=[each.event for each in latest])


def _no_finding(test: FindingIsOneOf, ctx: Context, label: str) -> Outcome:
    is_silent, reviews = is_observed(test.silence, test.window, ctx)
    if is_silent:
        reason = f"no {label} by {test.by} on record: presumed, the chart was reviewed and shows none"
        return not_met(Basis.PRESUMED, reason, events=reviews)
    do = f"{test.by}, or a review of the chart that shows there was none"
    return unknown(Unknown(why=Why.NO_RECORD, about=f"{label}: no {test.by} on record", do=do, cost=Cost.PROCEDURE))


def _has(test: FindingIsOneOf, finding: ClinicalFinding, label: str) -> Outcome:
    reason = f"{label} {finding.value}, {finding.activity or 'activity not recorded'}, by {finding.by or test.by}"
    reason += f" on {finding.found or 'an unknown day'}; needs {', '.join(test.values)}"
    reason += f" and {' or '.join(each.replace('_', ' ') for each in test.activity)}" if test.activity else ""
    if normal_class(finding.value) not in {normal_class(each) for each in test.values}:
        return not_met(Basis.RECORDED, reason, events=[finding.event])
    if test.activity and not finding.activity:
        problem = Unknown(
            why=Why.INCOMPLETE, about=reason, do=f"{label}: record the activity from the report", cost=Cost.CHART
        )
        return unknown(problem, events=[finding.event])
    if test.activity and finding.activity not in test.activity:
        return not_met(Basis.RECORDED, reason, events=[finding.event])
    return met(Basis.RECORDED, reason, events=[finding.event])


def normal_class(text: str) -> str:
    """A class, or several joined by `+`, in one spelling: `V + III` is `III+V`.

    >>> normal_class("V + III")
    'III+V'
    """
    parts = [part.strip().upper() for part in text.split("+")]
    if all(part in LN_CLASSES for part in parts):
        parts.sort(key=LN_CLASSES.index)
    return "+".join(parts)
