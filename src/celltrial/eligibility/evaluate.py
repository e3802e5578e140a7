"""The reference evaluator: one candidate against the criteria at one stage, with a reason for every verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never

from celltrial.eligibility.combine import by_cost, combine_all, combine_any, combine_none, combine_when, lay_questions
from celltrial.eligibility.context import Context
from celltrial.eligibility.derived import evaluate_derived
from celltrial.eligibility.drugs import evaluate_daily_dose, evaluate_stable_dose, evaluate_therapy
from celltrial.eligibility.facts import Facts
from celltrial.eligibility.history import evaluate_active, evaluate_finding, evaluate_first, evaluate_given
from celltrial.eligibility.labs import evaluate_lab
from celltrial.eligibility.language import (
    ActiveDuring,
    AgeAt,
    AllOf,
    AnyOf,
    Attested,
    Criteria,
    DailyDose,
    DerivedLimit,
    FindingIsOneOf,
    FirstBefore,
    GivenDuring,
    Judged,
    LabTest,
    Node,
    NoneOf,
    ScoreAtLeast,
    SexIs,
    StableDose,
    Test,
    TherapyFor,
    When,
)
from celltrial.eligibility.people import (
    evaluate_age,
    evaluate_attested,
    evaluate_judged,
    evaluate_score,
    evaluate_sex,
)
from celltrial.eligibility.result import Need, Outcome, Overall, Result, Screening, earliest, unknown
from celltrial.eligibility.truth import Cost, Unknown, Verdict, Why, all_of
from celltrial.eligibility.windows import AnchorTime, Window
from celltrial.errors import Finding, UsageError
from celltrial.studyday import PartialDate

__all__ = ["INCLUSION_ONLY", "screen"]

INCLUSION_ONLY = "inclusion criteria only: the record lists no exclusions"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    ctx: Context
    stages: tuple[str, ...]
    answered: frozenset[str]


def screen(
    criteria: Criteria,
    facts: Facts,
    *,
    stage: str,
    anchors: Mapping[str, PartialDate | None],
    as_of: datetime,
    answered: frozenset[str] = frozenset(),
) -> Screening:
    """One candidate against the criteria at a stage.

    Args:
        criteria: The checked criteria file.
        facts: What is known of the candidate.
        stage: A stage of the file: `screening`, `lymphodepletion`, `infusion`.
        anchors: The date of each anchor, None while it has none.
        as_of: When the question is asked; named in the result, not used in it.
        answered: Ids of the questions that are answered; any other question keeps its criterion from being met.
    Raises:
        UsageError: a stage the file does not name.
    """
    if stage not in criteria.stages:
        names = ", ".join(criteria.stages)
        raise UsageError(Finding(message="unknown stage", found=repr(stage), expected=f"one of: {names}"))
    times = {
        name: AnchorTime(when, name in criteria.lasting_anchors) for name, when in anchors.items() if when is not None
    }
    run = _Run(ctx=Context(facts=facts, anchors=times, stage=stage), stages=tuple(criteria.stages), answered=answered)
    results = tuple(_evaluate(node, run) for node in (*criteria.inclusion, *criteria.exclusion))
    due = [each for each in results if each.is_due]
    overall = _overall(due)
    return Screening(
        criteria=criteria.id,
        criteria_hash=criteria.hash,
        stage=stage,
        as_of=as_of,
        anchors={name: str(time.when) for name, time in times.items()},
        verdict=overall,
        because=_because(overall, due),
        notes=() if criteria.complete else (INCLUSION_ONLY,),
        results=results,
        needs=by_cost(need for each in due for need in each.needs),
        open_questions=tuple(dict.fromkeys(question for each in due for question in each.open_questions)),
        # a window of hours belongs to the hour of its anchor and outlives nothing
        expires=earliest(each for each in _expiries(due) if not isinstance(each, datetime)),
    )


def _expiries(results: Sequence[Result]) -> Iterator[date]:
    """Every expiry that a result which is met rests on."""
    for each in results:
        if each.children:
            yield from _expiries(each.children if each.expires else ())
        elif each.expires and each.verdict is Verdict.MET:
            yield each.expires


def _overall(results: Sequence[Result]) -> Overall:
    match all_of(each.verdict for each in results):
        case Verdict.MET:
            return "eligible"
        case Verdict.NOT_MET:
            return "not eligible"
        case Verdict.UNKNOWN:
            return "unknown"


def _because(overall: Overall, results: Sequence[Result]) -> tuple[str, ...]:
    if overall == "eligible":
        return ("every criterion that is due is met",)
    deciding = Verdict.NOT_MET if overall == "not eligible" else Verdict.UNKNOWN
    lines = []
    for each in results:
        if each.verdict is deciding:
            questions = [question for question in each.open_questions if overall == "unknown"]
            other = [need for need in each.needs if need.unknown.why is not Why.OPEN_QUESTION]
            if questions:
                lines.append(f"{each.id}: question {', '.join(questions)} open")
            if deciding is Verdict.NOT_MET:
                lines.append(f"{each.id} not met: {'; '.join(each.reasons)}")
            elif other:
                lines.append(f"{each.id}: {len(other)} answer(s) missing, first {other[0]}")
    return tuple(lines)


def _evaluate(node: Node, run: _Run) -> Result:
    """A node with everything below it; then the open questions are laid over its verdict."""
    match node.body:
        case AllOf(children=children):
            result = combine_all(node, [_evaluate(child, run) for child in children])
        case AnyOf(children=children):
            result = combine_any(node, [_evaluate(child, run) for child in children])
        case NoneOf(children=children):
            result = combine_none(node, [_evaluate(child, run) for child in children])
        case When(when=when, then=then):
            result = combine_when(node, _evaluate(when, run), _evaluate(then, run))
        case _:
            result = _leaf(node, node.body, run)
    other = _evaluate(node.other_reading, run) if node.other_reading else None
    return lay_questions(node, result, run.answered, other)


def _leaf(node: Node, test: Test, run: _Run) -> Result:
    is_due = run.stages.index(node.due) <= run.stages.index(run.ctx.stage)
    if not is_due:
        about = f"asked before {node.due}"
        outcome = unknown(Unknown(why=Why.NOT_DUE, about=about, do=Why.NOT_DUE.action, cost=Cost.CHART))
    else:
        again = node.recheck.get(run.ctx.stage)
        outcome = _test(_rechecked(test, again) if again else test, run.ctx)
    assumed = (f"ours, not the record's: {', '.join(node.assumed)}",) if node.assumed and is_due else ()
    return Result(
        id=node.id,
        says=node.says,
        verdict=outcome.verdict,
        basis=outcome.basis,
        reading=outcome.verdict,
        reasons=(*outcome.reasons, *assumed),
        unknown=outcome.unknown,
        needs=by_cost(Need(leaf=node.id, unknown=each) for each in outcome.unknown if is_due and not node.is_hint),
        expires=outcome.expires,
        source_events=outcome.events,
        children=(),
        open_questions=(),
        is_due=is_due,
        is_hint=node.is_hint,
    )


def _rechecked(test: Test, window: Window) -> Test:
    """The test over the window of a later stage; further inputs move to that stage's anchor with their own length."""
    match test:
        case LabTest() | ActiveDuring() | GivenDuring() | ScoreAtLeast():
            return replace(test, window=window)
        case DerivedLimit(inputs=inputs):
            moved = {name: _moved(each, window) for name, each in inputs.items()}
            return replace(test, window=window, inputs=moved)
        case _:
            return test


def _moved(window: Window, target: Window) -> Window:
    if window.start is None or window.start.anchor != window.end.anchor:
        return window
    old, new = window.end.anchor, target.end.anchor
    text = f"{window.text.replace(old, new)}"
    start = replace(window.start, anchor=new)
    return replace(window, text=text, start=start, end=replace(window.end, anchor=new))


def _test(test: Test, ctx: Context) -> Outcome:
    match test:
        case SexIs():
            return evaluate_sex(test, ctx)
        case AgeAt():
            return evaluate_age(test, ctx)
        case ScoreAtLeast():
            return evaluate_score(test, ctx)
        case FirstBefore():
            return evaluate_first(test, ctx)
        case ActiveDuring():
            return evaluate_active(test, ctx)
        case GivenDuring():
            return evaluate_given(test, ctx)
        case Attested():
            return evaluate_attested(test, ctx)
        case Judged():
            return evaluate_judged(test, ctx)
        case LabTest():
            return evaluate_lab(test, ctx)
        case DerivedLimit():
            return evaluate_derived(test, ctx)
        case TherapyFor():
            return evaluate_therapy(test, ctx)
        case DailyDose():
            return evaluate_daily_dose(test, ctx)
        case StableDose():
            return evaluate_stable_dose(test, ctx)
        case FindingIsOneOf():
            return evaluate_finding(test, ctx)
        case _:
            assert_never(test)
