"""A grid of scenarios to compare designs on: true DLT rates per level, which levels are right, and why it is there.

The rates follow from the target by odds, so that a grid for another target or another number of levels asks the same
questions: from one level to the next the odds of a DLT grow by a factor of 2 (moderate) or 4 (steep) around the level
that has the target rate itself. Rates are rounded to two decimals; the level with the target rate keeps it exactly.
The choice of the grid is ours; a protocol may add scenarios of its own. Our reasons stand with each scenario.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import check_rate

__all__ = ["GridScenario", "find_right_levels", "make_grid"]

_MODERATE, _STEEP = 2.0, 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GridScenario:
    """True DLT rates per level, lowest first.

    right: the levels whose selection is right; empty where the right answer is that no level is.
    reason: why the scenario is in the grid.
    """

    name: str
    truth: tuple[float, ...]
    right: tuple[int, ...]
    reason: str


def find_right_levels(truth: tuple[float, ...], target: float) -> tuple[int, ...]:
    """The levels nearest the target, of equally near ones those at or below it; none where the lowest is far above.

    Far above is at 1.4 times the target or more, where BOIN's default calls a rate too toxic (Liu & Yuan 2015).

    >>> find_right_levels((0.18, 0.30, 0.46), 0.30), find_right_levels((0.46, 0.63, 0.77), 0.30)
    ((2,), ())
    """
    if truth[0] >= 1.4 * target - 1e-12:
        return ()
    distance = [abs(rate - target) for rate in truth]
    near = [level for level, each in enumerate(distance, start=1) if each <= min(distance) + 1e-9]
    below = [level for level in near if truth[level - 1] <= target + 1e-9]
    return tuple(below or near)


def make_grid(target: float, levels: int) -> tuple[GridScenario, ...]:
    """The grid for a target and a number of levels.

    Raises:
        UsageError: a target that is not a rate, or no level.

    >>> [(each.name, each.truth, each.right) for each in make_grid(0.30, 3)][1]
    ('MTD at level 2, moderate', (0.18, 0.3, 0.46), (2,))
    """
    problems = check_rate("the target DLT rate", target)
    if levels < 1:
        problems += (Finding(message="no dose level", found=str(levels), expected="1 or more"),)
    if problems:
        raise UsageError(problems)
    return tuple(_scenarios(target, levels))


def _scenarios(target: float, levels: int) -> Iterator[GridScenario]:
    for level in range(1, levels + 1):
        yield _at_level(target, levels, level, _MODERATE, "moderate")
    for level in range(1, levels + 1):
        yield _at_level(target, levels, level, _STEEP, "steep")
    yield _make(
        "all safe",
        _ladder(target / 3, levels, 1, 1.25),
        target,
        "no level comes near the target: does the trial reach the highest level?",
    )
    yield _make(
        "flat, low",
        (round(target / 3, 2),) * levels,
        target,
        "the dose makes no difference, as cell products may have it once cells expand: is a level left for chance?",
    )
    yield _make(
        "flat, at the target",
        (target,) * levels,
        target,
        "the dose makes no difference and every level is just tolerable: how often is nothing selected?",
    )
    yield _make(
        "all too toxic",
        _ladder(_odds_rate(target, _MODERATE), levels, 1, _MODERATE),
        target,
        "the lowest level is above the target: does the trial stop, and after how many participants?",
    )
    yield _make(
        "all far too toxic",
        _ladder(_odds_rate(target, _STEEP), levels, 1, _STEEP),
        target,
        "the lowest level is far above the target: the stop that must not fail",
    )


def _at_level(target: float, levels: int, level: int, factor: float, word: str) -> GridScenario:
    reason = {
        "moderate": "the odds of a DLT double from level to level: neighbours are hard to tell apart",
        "steep": "the odds of a DLT grow fourfold from level to level: a wrong level is a large error",
    }[word]
    return _make(f"MTD at level {level}, {word}", _ladder(target, levels, level, factor), target, reason)


def _ladder(rate: float, levels: int, level: int, factor: float) -> tuple[float, ...]:
    """`rate` at `level`; the odds grow by `factor` from each level to the next."""
    return tuple(
        rate if each == level and rate == round(rate, 4) else round(_odds_rate(rate, factor ** (each - level)), 2)
        for each in range(1, levels + 1)
    )


def _odds_rate(rate: float, factor: float) -> float:
    odds = rate / (1 - rate) * factor
    return odds / (1 + odds)


def _make(name: str, truth: tuple[float, ...], target: float, reason: str) -> GridScenario:
    """What is right follows from the rates, but where the scenario itself is meant to ask for something else."""
    meant = {"all safe": (len(truth),), "all too toxic": (), "all far too toxic": ()}
    return GridScenario(name=name, truth=truth, right=meant.get(name, find_right_levels(truth, target)), reason=reason)
