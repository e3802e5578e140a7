"""The limits of a study's own criteria, each asked just on it and just beside it.

For every leaf with a number (a laboratory limit, an age, a score) a made-up candidate stands on the limit, one step
below and one step above. What must come out follows from the words of the file (`at least`, `below`) and arithmetic
alone. The leaf is asked by itself, so that nothing else decides; other leaves are told as not covered.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from celltrial.codes import AnalyteCode
from celltrial.eligibility import Coverage, Criteria, Facts, Measurement, Node, Person, Score, Verdict, screen
from celltrial.eligibility.language import AgeAt, LabTest, Limit, ScoreAtLeast
from celltrial.study import Study
from celltrial.studyday import PartialDate, parse_partial_date
from celltrial.units import analytes
from celltrial.validation.outcome import Check, Status

__all__ = ["check_boundaries"]

# any days in the right order would do: the leaves only count from them
_ANCHORS = {
    "consent": "2026-03-01T09:00",
    "screening": "2026-03-02",
    "lymphodepletion": "2026-03-09T09:00",
    "infusion": "2026-03-14T10:00",
}
# upper limits of normal that a result may have: of a ratio such as INR, and of anything else
_RATIO_LIMIT, _UPPER_LIMIT = Decimal("1.2"), Decimal(40)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vector:
    leaf: Node
    says: str
    facts: Facts
    expected: Verdict


def check_boundaries(study: Study) -> Check:
    """Every limit of the study's criteria, on it and beside it."""
    title, expected = "Eligibility limits, on and beside", "met and not met as the words of the criteria file say"
    criteria = study.eligibility
    if not isinstance(criteria, Criteria):
        return Check(id="CQ-7", title=title, status=Status.NOT_RUN, found="the study has no criteria")
    vectors, wrong, without = 0, list[str](), list[str]()
    for leaf in criteria.leaves:
        own = tuple(_vectors(leaf, study))
        if not own:
            without.append(f"{leaf.id} ({type(leaf.body).__name__})")
        for vector in own:
            vectors += 1
            found = _ask(criteria, vector, study)
            if found is not vector.expected:
                wrong.append(f"{leaf.id}: {vector.says}: {found.words}, expected {vector.expected.words}")
    limits = len(criteria.leaves) - len(without)
    return Check(
        id="CQ-7",
        title=title,
        status=Status.FAILED if wrong else Status.PASSED,
        found=f"{vectors} candidates at {limits} limits, {len(wrong)} wrong; {len(without)} leaves not covered",
        expected=expected,
        details=(*wrong[:20], "not covered: " + ", ".join(without)),
    )


def _ask(criteria: Criteria, vector: _Vector, study: Study) -> Verdict:
    alone = replace(criteria, inclusion=(replace(vector.leaf, due="screening"),), exclusion=(), complete=True)
    anchors: dict[str, PartialDate | None] = {name: _day(text, study) for name, text in _ANCHORS.items()}
    answered = frozenset(question for node in criteria.walk() for question in node.questions)
    as_of = datetime(2026, 3, 20, tzinfo=UTC)
    stage = next(iter(criteria.stages))
    result = screen(alone, vector.facts, stage=stage, anchors=anchors, as_of=as_of, answered=answered)
    return result.results[0].verdict


def _vectors(leaf: Node, study: Study) -> Iterator[_Vector]:
    match leaf.body:
        case LabTest(goal=Limit(op=op, number=number) as goal):
            for value in _beside(number):
                yield _Vector(
                    leaf=leaf,
                    says=f"{value} where {goal} is asked",
                    facts=_with_result(leaf.body, goal, value, study),
                    expected=_holds(op, value, number),
                )
        case ScoreAtLeast(score=score, at_least=least, flags=flags):
            for total in (least - 1, least, least + 1):
                assessed = Score(
                    score=score,
                    total=total,
                    flags=dict.fromkeys(flags, "yes"),
                    assessed=_day(_ANCHORS["screening"], study),
                )
                says = f"{score} of {total} where at least {least} is asked"
                expected = Verdict.MET if total >= least else Verdict.NOT_MET
                yield _Vector(leaf=leaf, says=says, facts=Facts(scores=(assessed,)), expected=expected)
        case AgeAt(anchor=anchor, low=low, high=high):
            at = date.fromisoformat(_ANCHORS[anchor][:10])
            # the birthday on the anchor's day, and the day after it, at both ends
            for years, days in ((low, 0), (low, 1), (high + 1, 1), (high + 1, 0)):
                born = at.replace(year=at.year - years) + timedelta(days=days)
                age = years if days == 0 else years - 1
                facts = Facts(person=Person(birth=_day(born.isoformat(), study), sex="F"))
                expected = Verdict.MET if low <= age <= high else Verdict.NOT_MET
                yield _Vector(leaf=leaf, says=f"born {born}, {age} on {at}", facts=facts, expected=expected)


def _beside(number: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """One in the next decimal place below the limit, the limit, and one above."""
    exponent = number.as_tuple().exponent
    step = Decimal(1).scaleb((exponent if isinstance(exponent, int) else 0) - 1)
    return number - step, number, number + step


def _holds(op: str, value: Decimal, number: Decimal) -> Verdict:
    held = {
        "at_least": value >= number,
        "at_most": value <= number,
        "above": value > number,
        "below": value < number,
    }[op]
    return Verdict.MET if held else Verdict.NOT_MET


def _with_result(test: LabTest, goal: Limit, value: Decimal, study: Study) -> Facts:
    """One result in its window, in the way asked for, on a chart that was reviewed and is silent about the rest."""
    unit = analytes()[AnalyteCode(test.analyte)].unit if goal.times_uln else goal.unit
    normal = _RATIO_LIMIT if unit == "1" else _UPPER_LIMIT
    result = Measurement(
        analyte=test.analyte,
        value=str(value * normal if goal.times_uln else value),
        unit=unit,
        uln=str(normal),
        collected=_day(_ANCHORS["screening"], study),
        method=test.method,
        condition=test.condition,
    )
    reviewed = Coverage(covers_from=_day("2025-01-01", study), covers_to=_day(_ANCHORS["screening"], study))
    return Facts(measurements=(result,), coverage=(reviewed,))


def _day(text: str, study: Study) -> PartialDate:
    return parse_partial_date(text, study.site.zone)
