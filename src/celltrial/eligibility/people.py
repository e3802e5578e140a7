"""Leaves on the person and on what people say: sex, age, instruments' scores, statements and judgements."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from celltrial.eligibility.context import Context, no_anchor
from celltrial.eligibility.facts import Attestation, Judgement, Score
from celltrial.eligibility.labs import evaluate_lab
from celltrial.eligibility.language import AgeAt, Attested, Judged, ScoreAtLeast, SexIs
from celltrial.eligibility.result import Outcome, met, not_met, unknown
from celltrial.eligibility.truth import Basis, Cost, Unknown, Verdict, Why, all_of
from celltrial.eligibility.values import Range, compare
from celltrial.eligibility.windows import Bound, Interval, Window, days_of, is_after, is_before
from celltrial.studyday import PartialDate, completed_years

__all__ = ["evaluate_age", "evaluate_attested", "evaluate_judged", "evaluate_score", "evaluate_sex"]

T = TypeVar("T", Attestation, Judgement)


def evaluate_sex(test: SexIs, ctx: Context) -> Outcome:
    """The recorded sex."""
    person = ctx.facts.person
    if person.sex is None:
        return unknown(Unknown(why=Why.NO_RECORD, about="sex is not recorded", do="record the sex", cost=Cost.CHART))
    sex = {"F": "female", "M": "male"}[person.sex]
    build = met if sex == test.sex else not_met
    return build(Basis.RECORDED, f"sex: {sex}", events=[person.event])


def evaluate_age(test: AgeAt, ctx: Context) -> Outcome:
    """Completed years at the anchor, both ends included; an incomplete birth date gives two ages."""
    anchor, person = ctx.anchors.get(test.anchor), ctx.facts.person
    if anchor is None:
        bound = Bound(test.anchor)
        return unknown(no_anchor(Window(text=f"at {test.anchor}", start=bound, end=bound), ctx))
    if person.birth is None:
        problem = Unknown(
            why=Why.NO_RECORD, about="date of birth is not recorded", do="record the date of birth", cost=Cost.CHART
        )
        return unknown(problem)
    ages = _ages(person.birth, anchor.when)
    shown = str(ages.lo) if ages.lo == ages.hi else f"{ages.lo} or {ages.hi}"
    reason = f"age {shown} at {test.anchor} ({anchor.when}), born {person.birth}; needs {test.low} to {test.high}"
    match all_of((is_after(ages, Interval(test.low, test.low)), is_before(ages, Interval(test.high, test.high)))):
        case Verdict.MET:
            return met(Basis.DERIVED, reason, events=[person.event])
        case Verdict.NOT_MET:
            return not_met(Basis.DERIVED, reason, events=[person.event])
        case Verdict.UNKNOWN:
            problem = Unknown(why=Why.COARSE_DATE, about=reason, do="complete the date of birth", cost=Cost.CHART)
            return unknown(problem, events=[person.event])


def _ages(birth: PartialDate, on: PartialDate) -> Interval:
    return Interval(
        completed_years(birth.latest.date(), on.earliest.date()),
        completed_years(birth.earliest.date(), on.latest.date()),
    )


def evaluate_score(test: ScoreAtLeast, ctx: Context) -> Outcome:
    """The latest assessment in the window: its total, and the parts of it that must be present."""
    if ctx.place(test.window) is None:
        return unknown(no_anchor(test.window, ctx))
    label = test.score
    placed = [(ctx.is_within(each.assessed, test.window), each) for each in ctx.facts.scores if each.score == label]
    inside = [(held, each) for held, each in placed if held is not Verdict.NOT_MET]
    if not inside:
        return unknown(_no_score(test, [each for _, each in placed], ctx))
    newest = max((days_of(each.assessed).lo for held, each in inside if held is Verdict.MET), default=None)
    latest = [(held, each) for held, each in inside if newest is None or days_of(each.assessed).hi >= newest]
    outcomes = [_reaches(test, each, ctx) for _, each in latest]
    if newest is not None:
        exact = [each for _, each in latest if days_of(each.assessed).lo == days_of(each.assessed).hi == newest]
        # several assessments of one day: the worst counts
        if len(exact) == len(latest) or len({outcome.verdict for outcome in outcomes}) == 1:
            return min(outcomes, key=lambda outcome: outcome.verdict)
    about = f"{label} on {', '.join(str(each.assessed or 'no date') for _, each in latest)}; window {test.window}"
    problem = Unknown(why=Why.COARSE_DATE, about=about, do=f"{label}: complete the date", cost=Cost.CHART)
    return unknown(problem, events=[each.event for _, each in latest])


def _no_score(test: ScoreAtLeast, others: list[Score], ctx: Context) -> Unknown:
    do = f"{test.score}: assess it in the window {test.window}"
    if not others:
        about = f"{test.score}: not assessed; window {test.window}"
        return Unknown(why=Why.NO_RECORD, about=about, do=do, cost=Cost.ASK)
    last = max(others, key=lambda each: (days_of(each.assessed).lo, each.event or 0))
    about = f"{test.score} = {_shown(last)}{ctx.distance(last.assessed, test.window)}; window {test.window}"
    return Unknown(why=Why.OUTSIDE_WINDOW, about=about, do=do, cost=Cost.ASK)


def _reaches(test: ScoreAtLeast, score: Score, ctx: Context) -> Outcome:
    low, high = (score.total, score.total) if score.total is not None else (score.lower, score.upper)
    parts = [(flag, score.flags.get(flag, "")) for flag in test.flags]
    flags = all_of({"yes": Verdict.MET, "no": Verdict.NOT_MET}.get(answer, Verdict.UNKNOWN) for _, answer in parts)
    total = compare(Range(low=_exact(low), high=_exact(high)), "at_least", Fraction(test.at_least))
    listed = "".join(f", {flag.replace('_', ' ')}: {answer or 'not recorded'}" for flag, answer in parts)
    reason = f"{test.score} = {_shown(score)}{listed}{ctx.distance(score.assessed, test.window)}"
    reason += f"; needs at least {test.at_least}"
    reason += f" and {' and '.join(flag.replace('_', ' ') for flag in test.flags)}" if test.flags else ""
    reason += f"; window {test.window}"
    basis = Basis.RECORDED if score.total is not None and test.flags else Basis.DERIVED
    match all_of((total, flags)):
        case Verdict.MET:
            return met(basis, reason, events=[score.event])
        case Verdict.NOT_MET:
            return not_met(basis, reason, events=[score.event])
        case Verdict.UNKNOWN:
            do = f"{test.score}: complete it{': ' + score.incomplete if score.incomplete else ''}"
            return unknown(Unknown(why=Why.INCOMPLETE, about=reason, do=do, cost=Cost.ASK), events=[score.event])


def _exact(number: Decimal | None) -> Fraction | None:
    return None if number is None else Fraction(number)


def _shown(score: Score) -> str:
    if score.total is not None:
        return str(score.total)
    if score.lower is None and score.upper is None:
        return "not known"
    upper = f", at most {score.upper}" if score.upper is not None else ""
    incomplete = f" ({score.incomplete})" if score.incomplete else ""
    return f"at least {score.lower if score.lower is not None else '?'}{upper}{incomplete}"


def evaluate_attested(test: Attested, ctx: Context) -> Outcome:
    """The latest statement by the person asked for; a commitment must also cover its span, as far as that is dated."""
    label = test.statement.replace("_", " ")
    given = _latest(
        [each for each in ctx.facts.attestations if (each.statement, each.given_by) == (test.statement, test.by)]
    )
    if given is None:
        about = f"{label}: no statement by the {test.by}"
        do = f"ask the {test.by} about {label}, and record the answer"
        return unknown(Unknown(why=Why.NOT_ASKED, about=about, do=do, cost=Cost.ASK))
    reason = f"{label}: {given.answer}, stated by the {test.by} on {given.given_on or 'an unknown day'}"
    if given.answer == "no":
        return not_met(Basis.ATTESTED, reason, events=[given.event])
    if test.covers is None:
        return met(Basis.ATTESTED, reason, events=[given.event])
    return _covering(test, test.covers, given, reason, ctx)


def _covering(test: Attested, span: Window, given: Attestation, reason: str, ctx: Context) -> Outcome:
    """From when to when: a commitment without a beginning begins when it is given, one without an end stands open."""
    label = test.statement.replace("_", " ")
    checks: list[Verdict] = []
    undated = [anchor for anchor in span.anchors if anchor not in ctx.anchors]
    start = span.start
    if start is not None and start.anchor in ctx.anchors:
        placed = ctx.place(Window(text=span.text, start=start, end=start))
        began = days_of(given.covers_from) if given.covers_from else Interval(-(10**12), days_of(given.given_on).hi)
        checks += [is_before(began, placed.start)] if placed else []
    if given.covers_to is not None and span.end.anchor in ctx.anchors:
        placed = ctx.place(Window(text=span.text, start=span.end, end=span.end))
        checks += [is_after(days_of(given.covers_to), placed.end)] if placed else []
    covered = f" from {given.covers_from or given.given_on} to {given.covers_to or 'the end as worded'}"
    reason += f", covering{covered}; needs {span}"
    if undated:
        reason += f" (checked once dated: {', '.join(undated)})"
    match all_of(checks):
        case Verdict.MET:
            return met(Basis.ATTESTED, reason, events=[given.event])
        case Verdict.NOT_MET:
            return not_met(Basis.ATTESTED, reason, events=[given.event])
        case Verdict.UNKNOWN:
            do = f"ask the {test.by} from when to when {label} holds, and record it"
            return unknown(Unknown(why=Why.NOT_ASKED, about=reason, do=do, cost=Cost.ASK), events=[given.event])


def evaluate_judged(test: Judged, ctx: Context) -> Outcome:
    """The latest judgement by the person asked for; evidence to look at is shown with it and decides nothing."""
    label = test.question.replace("_", " ")
    given = _latest(
        [each for each in ctx.facts.judgements if (each.question, each.given_by) == (test.question, test.by)]
    )
    evidence = evaluate_lab(test.look_at, ctx) if test.look_at else None
    seen = [f"to look at: {reason}" for reason in evidence.reasons] if evidence else []
    if given is None:
        problem = Unknown(
            why=Why.AWAITS_JUDGEMENT,
            about=f"{label}: awaits the {test.by}",
            do=f"the {test.by} judges {label}, and records it",
            cost=Cost.ASK,
        )
        return unknown(problem, also=seen)
    reason = f"{label}: {given.answer}, judged by the {test.by} on {given.given_on or 'an unknown day'}"
    verdict = _answers(test, given.answer)
    if verdict is Verdict.MET:
        return met(Basis.JUDGED, reason, *seen, events=[given.event])
    if verdict is Verdict.NOT_MET:
        why_not = f"{reason}; {', '.join(test.not_only)} alone do not suffice" if test.not_only else reason
        return not_met(Basis.JUDGED, why_not, *seen, events=[given.event])
    expected = ", ".join((*test.any_of, *test.not_only)) or "yes or no"
    problem = Unknown(
        why=Why.UNREADABLE,
        about=f"{reason}; expected {expected}",
        do=f"correct the answer: {expected}",
        cost=Cost.CHART,
    )
    return unknown(problem, events=[given.event], also=seen)


def _answers(test: Judged, answer: str) -> Verdict:
    words = [word.strip().lower() for word in answer.split(";") if word.strip()]
    if not test.any_of:
        return Verdict.MET if words == ["yes"] else Verdict.NOT_MET if words == ["no"] else Verdict.UNKNOWN
    if words in (["no"], ["none"]):
        return Verdict.NOT_MET
    if any(word in test.any_of for word in words):
        return Verdict.MET
    return Verdict.NOT_MET if words and all(word in test.not_only for word in words) else Verdict.UNKNOWN


def _latest(given: Sequence[T]) -> T | None:
    """The latest by day, then by event; one without a day counts as given when it was recorded, so by its event."""
    return max(given, key=lambda each: (_day(each.given_on), each.event or 0), default=None)


def _day(when: PartialDate | None) -> int:
    return days_of(when).lo
