"""How results combine: all of, any of, none of, when ... then; and how an open question lies over a result.

A part that is not due yet decides nothing: its parents are decided by the parts that are due. A hint decides nothing
either, and is shown. Bases combine with the verdicts: what needs all its parts is as weak as its weakest part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from celltrial.eligibility.language import Node
from celltrial.eligibility.result import Need, Result, earliest, latest
from celltrial.eligibility.truth import Basis, Cost, Unknown, Verdict, Why, all_of, any_of, implies, negate

__all__ = ["by_cost", "combine_all", "combine_any", "combine_none", "combine_when", "lay_questions"]


def combine_all(node: Node, children: Sequence[Result]) -> Result:
    """Met when every part that is due is met."""
    due = _deciding(children)
    verdict = all_of(each.verdict for each in due)
    expires = earliest(each.expires for each in due) if verdict is Verdict.MET else None
    basis = _weakest(due) if verdict is Verdict.MET else _strongest(due, Verdict.NOT_MET)
    return _group(node, children, verdict, all_of(each.reading for each in due), basis, expires)


def combine_any(node: Node, children: Sequence[Result]) -> Result:
    """Met when one part that is due is met."""
    due = _deciding(children)
    verdict = any_of(each.verdict for each in due)
    holding = [each.expires for each in due if each.verdict is Verdict.MET]
    expires = latest(holding) if verdict is Verdict.MET else None
    basis = _weakest(due) if verdict is Verdict.NOT_MET else _strongest(due, Verdict.MET)
    return _group(node, children, verdict, any_of(each.reading for each in due), basis, expires)


def combine_none(node: Node, children: Sequence[Result]) -> Result:
    """Met when no part is met."""
    due = _deciding(children)
    verdict = negate(any_of(each.verdict for each in due))
    reading = negate(any_of(each.reading for each in due))
    basis = _weakest(due) if verdict is Verdict.MET else _strongest(due, Verdict.MET)
    return _group(node, children, verdict, reading, basis, None, deciding=negate(verdict))


def combine_when(node: Node, when: Result, then: Result) -> Result:
    """Not applicable when the condition is not met; otherwise as the consequence says."""
    if when.verdict is Verdict.NOT_MET:
        reasons = tuple(f"does not apply: {reason}" for reason in when.reasons)
        return _result(
            node, (when, then), Verdict.MET, Verdict.MET, Basis.NOT_APPLICABLE, reasons, when.source_events, ()
        )
    verdict = implies(when.verdict, then.verdict)
    parts = [each for each in (when, then) if each.verdict is Verdict.UNKNOWN] if verdict is Verdict.UNKNOWN else [then]
    reasons = tuple(f"{each.id}: {reason}" for each in parts for reason in each.reasons)
    events = _events((when, then))
    needs = by_cost(need for each in parts for need in each.needs) if verdict is Verdict.UNKNOWN else ()
    basis = None if verdict is Verdict.UNKNOWN else then.basis
    reading = implies(when.reading, then.reading)
    result = _result(node, (when, then), verdict, reading, basis, reasons, events, needs)
    expires = then.expires if verdict is Verdict.MET else None
    questions = tuple(dict.fromkeys((*when.open_questions, *then.open_questions)))
    return replace(result, expires=expires, is_due=then.is_due, open_questions=questions)


def lay_questions(node: Node, result: Result, answered: frozenset[str], other: Result | None) -> Result:
    """An open question keeps a result from being met, and from being not met where the other reading says otherwise."""
    asked = tuple(question for question in node.questions if question not in answered)
    if not asked or not result.is_due or result.basis is Basis.NOT_APPLICABLE:
        return result
    questions = tuple(dict.fromkeys((*asked, *result.open_questions)))
    is_settled = result.verdict is Verdict.NOT_MET and (other is None or other.verdict is Verdict.NOT_MET)
    if is_settled:
        return replace(result, open_questions=questions)
    problem = Unknown(
        why=Why.OPEN_QUESTION,
        about=f"{', '.join(asked)}; under our reading: {result.verdict.words}",
        do=f"the sponsor answers {', '.join(asked)} (questions.yaml)",
        cost=Cost.SPONSOR,
    )
    other_needs = other.needs if other and result.verdict is Verdict.NOT_MET else ()
    return replace(
        result,
        verdict=Verdict.UNKNOWN,
        basis=None,
        reasons=(str(problem), *result.reasons),
        unknown=(*result.unknown, problem),
        needs=by_cost((*result.needs, *other_needs, Need(leaf=node.id, unknown=problem))),
        expires=None,
        open_questions=questions,
    )


def by_cost(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Each need once, the cheapest first, otherwise in the order of the file."""
    return tuple(sorted(dict.fromkeys(needs), key=lambda need: need.unknown.cost))


def _deciding(children: Sequence[Result]) -> list[Result]:
    return [each for each in children if each.is_due and not each.is_hint]


def _group(
    node: Node,
    children: Sequence[Result],
    verdict: Verdict,
    reading: Verdict,
    basis: Basis | None,
    expires: date | None,
    *,
    deciding: Verdict | None = None,
) -> Result:
    due = _deciding(children)
    if not due:
        verdict, reading, basis, expires = Verdict.UNKNOWN, Verdict.UNKNOWN, None, None
    wanted = verdict if deciding is None else deciding
    parts = [each for each in due or children if each.verdict is wanted]
    reasons = [f"{each.id}: {reason}" for each in parts for reason in each.reasons]
    reasons += [f"{each.id} is asked before a later stage" for each in children if due and not each.is_due]
    reasons += [f"to ask about ({each.id}): {text}" for each in children if _raises(each) for text in each.reasons]
    needs = by_cost(need for each in parts for need in each.needs) if verdict is Verdict.UNKNOWN else ()
    events = _events(due if verdict is Verdict.UNKNOWN else parts)
    result = _result(node, tuple(children), verdict, reading, basis, tuple(reasons), events, needs)
    questions = tuple(dict.fromkeys(question for each in due for question in each.open_questions))
    return replace(result, expires=expires, is_due=bool(due), open_questions=questions)


def _raises(child: Result) -> bool:
    return child.is_hint and child.verdict is Verdict.MET


def _result(
    node: Node,
    children: tuple[Result, ...],
    verdict: Verdict,
    reading: Verdict,
    basis: Basis | None,
    reasons: tuple[str, ...],
    events: tuple[int, ...],
    needs: tuple[Need, ...],
) -> Result:
    is_unknown = verdict is Verdict.UNKNOWN
    return Result(
        id=node.id,
        says=node.says,
        verdict=verdict,
        basis=basis,
        reading=reading,
        reasons=reasons,
        unknown=tuple(each for child in children for each in child.unknown) if is_unknown else (),
        needs=needs,
        expires=None,
        source_events=events,
        children=children,
        open_questions=(),
        is_hint=node.is_hint,
    )


def _events(results: Iterable[Result]) -> tuple[int, ...]:
    return tuple(sorted({event for each in results for event in each.source_events}))


def _weakest(results: Sequence[Result]) -> Basis | None:
    """The weakest basis of those that apply; "not applicable" only where none applies."""
    bases = [each.basis for each in results if each.basis is not None]
    applicable = [basis for basis in bases if basis is not Basis.NOT_APPLICABLE]
    return min(applicable or bases, key=lambda basis: basis.strength, default=None)


def _strongest(results: Sequence[Result], verdict: Verdict) -> Basis | None:
    """The strongest basis of those that decide."""
    bases = [each.basis for each in results if each.verdict is verdict and each.basis is not None]
    return max(bases, key=lambda basis: basis.strength, default=None)
