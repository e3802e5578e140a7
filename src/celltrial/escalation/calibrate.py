"""Calibration: the parameters of a design that do best over a set of scenarios, found without derivatives or chance.

A design by tables changes only where a parameter moves a decision across a count, so what it achieves is a step
function of its parameters: derivatives are zero, and a simplex or a line search stops on the first plateau. A grid does
not mind: it is laid over the whole box, then again and finer around its best point. The results are exact, so two
parameters differ when their designs do and never by the noise of a simulation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.compare import Measures, measure
from celltrial.escalation.design import Design
from celltrial.escalation.exact import enumerate_trials
from celltrial.escalation.table import decision_table

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Calibration", "calibrate_design", "search_grid"]

Point: TypeAlias = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The best parameters found, with their score (the higher the better) and that of the start.

    tried: every point with its score, in the order tried.
    """

    parameters: Mapping[str, float]
    score: float
    start_score: float
    tried: tuple[tuple[Point, float], ...]


def search_grid(
    score: Callable[[Point], float],
    box: Mapping[str, tuple[float, float]],
    *,
    start: Mapping[str, float],
    points: int = 5,
    rounds: int = 4,
) -> Calibration:
    """The point of a box with the highest score: a grid, then finer ones around the best point so far.

    Of points with the same score the one nearest to `start` is kept, so parameters that change nothing stay as they
    were. Each round lays `points` values on every side and shrinks the box by 2 / (points - 1); the cost is
    rounds x points ^ (number of parameters) scores.

    Raises:
        UsageError: a box without room, or a start outside it.
    """
    _check_box(box, start, points)
    names = tuple(box)
    origin = tuple(start[name] for name in names)
    spans = [box[name][1] - box[name][0] for name in names]
    tried: dict[Point, float] = {origin: score(origin)}

    def rank(point: Point) -> tuple[float, float]:
        moved = sum(((x - x0) / span) ** 2 for x, x0, span in zip(point, origin, spans, strict=True))
        return tried[point], -moved

    sides = [box[name] for name in names]
    for _ in range(rounds):
        axes = [[low + (high - low) * step / (points - 1) for step in range(points)] for low, high in sides]
        for point in product(*axes):
            if point not in tried:
                tried[point] = score(point)
        best = max(tried, key=rank)
        reach = [(high - low) / (points - 1) for low, high in sides]
        limits = zip(best, reach, (box[name] for name in names), strict=True)
        sides = [(max(x - width, low), min(x + width, high)) for x, width, (low, high) in limits]
    best = max(tried, key=rank)
    return Calibration(
        parameters=dict(zip(names, best, strict=True)),
        score=tried[best],
        start_score=tried[origin],
        tried=tuple(tried.items()),
    )


def _check_box(box: Mapping[str, tuple[float, float]], start: Mapping[str, float], points: int) -> None:
    findings = [
        Finding(message=f"the box of {name} has no room", found=f"{low} to {high}", expected="low < high")
        for name, (low, high) in box.items()
        if not low < high
    ]
    findings += [
        Finding(
            message=f"the start of {name} is not in its box", found=str(start.get(name)), expected=f"{low} to {high}"
        )
        for name, (low, high) in box.items()
        if low < high and not low <= start.get(name, low - 1) <= high
    ]
    if points < 3:
        findings.append(Finding(message="a grid needs points", found=str(points), expected="3 or more a side"))
    if findings:
        raise UsageError(findings)


def calibrate_design(
    build: Callable[[Mapping[str, float]], Design],
    box: Mapping[str, tuple[float, float]],
    *,
    start: Mapping[str, float],
    scenarios: "Sequence[Sequence[float]] | np.ndarray",
    cohort_size: int,
    max_n: int,
    start_level: int = 1,
    tolerance: float = 0.05,
    score: Callable[[Measures], float] | None = None,
    points: int = 5,
    rounds: int = 4,
) -> Calibration:
    """The parameters in the box whose design scores highest over the scenarios, exact.

    Args:
        build: the design for a set of parameters, e.g. `lambda p: design_named("boin", target=0.3, parameters=p)`.
            Parameters it refuses (UsageError) score minus infinity.
        score: of the measures over all scenarios; by default the mean probability of a correct selection minus that of
            one too high.
    Raises:
        UsageError: a box without room, a start outside it or that makes no design; sizes or rates that cannot be.
    """
    import numpy as np

    truth = np.array(scenarios, np.float64, ndmin=2)
    known: dict[object, float] = {}

    def score_of(point: Point) -> float:
        try:
            design = build(dict(zip(box, point, strict=True)))
        except UsageError:
            return float("-inf")
        signature = _signature(design, max_n)
        if signature not in known:
            trials = enumerate_trials(
                design, levels=truth.shape[1], cohort_size=cohort_size, max_n=max_n, start=start_level
            )
            measures = measure(trials.compute(truth), target=design.target, tolerance=tolerance)
            known[signature] = _default_score(measures) if score is None else score(measures)
        return known[signature]

    build(dict(start))
    return search_grid(score_of, box, start=start, points=points, rounds=rounds)


def _default_score(measures: Measures) -> float:
    return float((measures.correct - measures.too_high).mean())


def _signature(design: Design, max_n: int) -> object:
    """What tells two designs apart: the cells of a design by tables and its wrappers, else all its parameters."""
    rules = tuple(rule.describe() for rule in design.rules)
    if hasattr(design.base, "select") or getattr(design.base, "declares_mtd", False):
        return design.name, design.base.parameters, rules
    letters = "".join(cell.letter for cell in decision_table(design, max_n).cells)
    fixed = tuple(pair for pair in design.base.parameters if pair[0] == "titration")
    return design.name, design.target, letters, fixed, rules
