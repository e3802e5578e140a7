"""The dose rule of a study, looked at twice: its table cell by cell, its characteristics by two ways of counting.

ICH E6(R3) 4.3.4 names dosing and dose titration among what the validation of a trial's own configuration must cover.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import comb, prod

from celltrial.decisions.next_dose import design_of
from celltrial.errors import UsageError
from celltrial.escalation import Action, Counts, DecisionTable, Design, decision_table, enumerate_trials, scenario_grid
from celltrial.escalation.pathways import Pathways, find_pathways
from celltrial.escalation.rules import Eliminate
from celltrial.study import Study
from celltrial.validation.outcome import Check, Status

__all__ = ["check_courses", "check_table"]

_LETTERS = {"E": Action.ESCALATE, "S": Action.STAY, "D": Action.DE_ESCALATE, "DU": Action.DE_ESCALATE}
_NEAR = 1e-9
_MOST_COURSES = 100_000


def check_table(study: Study) -> Check:
    """Every cell of the printed table against the decision taken at a middle level with these counts."""
    title, expected = "Dose decision table, every cell", "the table says what the design decides"
    design = design_of(study)
    try:
        table = decision_table(design, study.escalation.max_participants)
    except UsageError as error:
        found = f"{design.name} has no table by counts at one level: {error}"
        return Check(id="CQ-5", title=title, status=Status.NOT_RUN, found=found, expected=expected)
    wrong = tuple(_different_cells(design, table))
    return Check(
        id="CQ-5",
        title=title,
        status=Status.FAILED if wrong else Status.PASSED,
        found=f"{design.name}, target {design.target}: {len(table.cells)} cells, {len(wrong)} differ",
        expected=expected,
        details=wrong[:20],
    )


def _different_cells(design: Design, table: DecisionTable) -> list[str]:
    # the table shows the base rule and what eliminates; other rules look beyond the level
    shown = replace(design, rules=tuple(rule for rule in design.rules if isinstance(rule, Eliminate)))
    wrong = []
    for cell in table.cells:
        decision = shown.decide(Counts(n=(3, cell.n, 0), dlt=(0, cell.dlts, 0), current=2))
        expected = _LETTERS.get(cell.letter)
        if expected is not None and decision.action is not expected:
            wrong.append(f"{cell.dlts} of {cell.n}: the table says {cell.letter}, decided was {decision.action.value}")
        if (cell.letter == "DU") != (2 in decision.eliminated):
            wrong.append(f"{cell.dlts} of {cell.n}: table and decision differ on elimination")
    return wrong


def check_courses(study: Study) -> Check:
    """Chances of selection and sizes: merged states and matrix products against every course walked one by one."""
    title, expected = "Dose rule, every course of the trial", f"both ways of counting agree within {_NEAR}"
    settings, design = study.escalation, design_of(study)
    levels = len(study.levels)
    start = [level.id for level in study.levels].index(settings.start_level) + 1
    size = {"levels": levels, "cohort_size": settings.cohort_size, "max_n": settings.max_participants, "start": start}
    try:
        enumeration = enumerate_trials(design, **size)  # type: ignore[arg-type]  # whole numbers only
        courses = find_pathways(design, **size, max_nodes=_MOST_COURSES)  # type: ignore[arg-type]
    except UsageError as error:
        found = "; ".join(str(each) for each in error.findings)
        return Check(id="CQ-6", title=title, status=Status.NOT_RUN, found=found, expected=expected)
    wrong: list[str] = []
    scenarios: list[list[float]] = scenario_grid(levels, design.target).tolist()
    for truth in scenarios:
        exact = enumeration.compute([truth]).scenario(0)
        walked = _walk(courses, truth)
        for name, first, second in (
            ("selection", (*exact.selection, exact.none), walked[0]),
            ("participants", exact.patients, walked[1]),
        ):
            if any(abs(a - b) > _NEAR for a, b in zip(first, second, strict=True)):
                wrong.append(f"true rates {truth}: {name} {first} by states, {second} by courses")
    return Check(
        id="CQ-6",
        title=title,
        status=Status.FAILED if wrong else Status.PASSED,
        found=f"{courses.count} courses, {enumeration.states} states, {len(scenarios)} scenarios of true rates",
        expected=expected,
        details=tuple(wrong[:20]),
    )


def _walk(courses: Pathways, truth: Sequence[float]) -> tuple[list[float], list[float]]:
    """Chance of each selection (none at the end) and expected participants a level, course by course."""
    selection, patients = [0.0] * (len(truth) + 1), [0.0] * len(truth)
    for course in courses.paths():
        chance = prod(_chance(node.n, node.dlts, truth[node.level - 1]) for node in course.nodes)
        selection[len(truth) if course.last.selected is None else course.last.selected - 1] += chance
        for node in course.nodes:
            patients[node.level - 1] += chance * node.n
    return selection, patients


def _chance(n: int, dlts: int, rate: float) -> float:
    return comb(n, dlts) * rate**dlts * (1 - rate) ** (n - dlts)
