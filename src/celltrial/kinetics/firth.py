"""Logistic regression for few participants: Firth's penalty, with intervals from the profile of the likelihood.

With 12 participants the ordinary estimate is biased away from 0, and infinite where an exposure separates those with
the event from those without. Firth D (1993), Biometrika 80:27-38, adds half the logarithm of the information to the
log likelihood: the estimate is finite, its bias of first order gone. Wald intervals fail just there; these are the
profile penalised-likelihood ones of Heinze G, Schemper M (2002), Stat Med 21:2409-2419.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEstimable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]

__all__ = ["FirthCoefficient", "FirthFit", "fit_firth"]

_ROUNDS, _HALVINGS = 200, 30
_TOLERANCE, _LONGEST, _DIFFERENCE = 1e-10, 5.0, 1e-5
# how near to the critical value the end of an interval must be, in twice the log likelihood
_CLOSE = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class FirthCoefficient:
    """A log odds ratio with its interval, and the p value of the penalised likelihood ratio test against 0."""

    name: str
    estimate: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FirthFit:
    """Each covariate's log odds ratio a unit; `n` participants, `events` of them with the event."""

    coefficients: tuple[FirthCoefficient, ...]
    n: int
    events: int
    level: float

    def __getitem__(self, name: str) -> FirthCoefficient:
        return next(each for each in self.coefficients if each.name == name)


def fit_firth(
    covariates: Sequence[Sequence[float]], outcomes: Sequence[bool], *, names: Sequence[str] = (), level: float = 0.95
) -> FirthFit | NotEstimable:
    """Log odds of the outcome on the covariates; NotEstimable where the data cannot tell a coefficient.

    Args:
        covariates: One row a participant, all of one length; the intercept is added.
        outcomes: Whether the participant had the event.
        names: Of the covariates; by default x1, x2, ...
    Raises:
        UsageError: rows of different lengths, or not one outcome a row.
    """
    import numpy as np

    _require_table(covariates, outcomes)
    width = len(covariates[0]) if covariates else 0
    labels = names or tuple(f"x{index}" for index in range(1, width + 1))
    events = sum(outcomes)
    if events in (0, len(outcomes)):
        who = "nobody" if events == 0 else "everybody"
        return NotEstimable(f"{who} had the event ({events} of {len(outcomes)})")
    x = np.column_stack([np.ones(len(outcomes)), np.asarray(covariates, dtype=float).reshape(len(outcomes), width)])
    y = np.asarray(outcomes, dtype=float)
    if np.linalg.matrix_rank(x) < x.shape[1]:
        return NotEstimable("a covariate is the same for all, or follows from the others")
    # about their means and in their own spread, so that a slope can move without dragging the intercept along
    centre, scale = x[:, 1:].mean(axis=0), x[:, 1:].std(axis=0)
    z = np.column_stack([x[:, 0], (x[:, 1:] - centre) / scale])
    found = [_coefficient(z, y, index, level) for index in range(1, width + 1)]
    if any(each is None for each in found):
        return NotEstimable("the penalised likelihood, or an end of an interval, is not reached")
    coefficients = tuple(
        FirthCoefficient(name=name, estimate=each.estimate / unit, low=each.low / unit, high=each.high / unit, p=each.p)
        for name, each, unit in zip(labels, found, scale.tolist(), strict=True)
        if each is not None
    )
    return FirthFit(coefficients=coefficients, n=len(y), events=events, level=level)


class _Found(NamedTuple):
    estimate: float
    low: float
    high: float
    p: float


def _coefficient(x: "Floats", y: "Floats", index: int, level: float) -> _Found | None:
    """One coefficient with its interval and p value; None where the search does not end."""
    import numpy as np

    start = _maximise(x, y, np.zeros(x.shape[1]), ())
    if start is None:
        return None
    beta, peak = start
    critical = NormalDist().inv_cdf((1 + level) / 2) ** 2
    # the information of this coefficient: where to begin to look for the ends of its interval
    step = float(np.sqrt(np.linalg.inv(_information(x, beta)[0])[index, index]))
    low, high = (_end(x, y, beta, peak, index, sign * step, critical) for sign in (-1, 1))
    at_zero = _walk(x, y, beta, index, 0.0)
    if at_zero is None or low is None or high is None:
        return None
    p = math.erfc(math.sqrt(max(peak - at_zero[1], 0.0)))
    return _Found(float(beta[index]), low, high, p)


def _information(x: "Floats", beta: "Floats") -> "tuple[Floats, Floats]":
    """Fisher information, and the chances of the event."""
    import numpy as np

    chance = 1 / (1 + np.exp(-np.clip(x @ beta, -700, 700)))
    return (x * (chance * (1 - chance))[:, None]).T @ x, chance


def _penalised(x: "Floats", y: "Floats", beta: "Floats") -> float:
    import numpy as np

    line = x @ beta
    sign, log_determinant = np.linalg.slogdet(_information(x, beta)[0])
    likelihood = float((y * line - np.logaddexp(0, line)).sum())
    return likelihood + 0.5 * float(log_determinant) if sign > 0 else -np.inf


def _score(x: "Floats", y: "Floats", beta: "Floats") -> "Floats":
    """The slope of the penalised likelihood: Firth's modified score."""
    import numpy as np

    information, chance = _information(x, beta)
    weight = chance * (1 - chance)
    leverage = weight * np.einsum("ij,ij->i", x @ np.linalg.inv(information), x)
    return np.asarray(x.T @ (y - chance + leverage * (0.5 - chance)))


def _curvature(x: "Floats", y: "Floats", beta: "Floats", free: list[int]) -> "Floats":
    """How the score falls, by differences; the information where that is not positive definite.

    Far out, where an interval ends, the penalty bends the likelihood as much as the data do, and steps of the
    information alone go back and forth.
    """
    import numpy as np

    bend = np.zeros((len(free), len(free)))
    for column, index in enumerate(free):
        move = np.zeros_like(beta)
        move[index] = _DIFFERENCE * (1 + abs(float(beta[index])))
        change = _score(x, y, beta + move) - _score(x, y, beta - move)
        bend[:, column] = -change[free] / (2 * move[index])
    bend = (bend + bend.T) / 2
    if float(np.linalg.eigvalsh(bend).min()) > 0:
        return bend
    return np.asarray(_information(x, beta)[0][np.ix_(free, free)])


def _maximise(x: "Floats", y: "Floats", beta: "Floats", held: tuple[int, ...]) -> "tuple[Floats, float] | None":
    """The maximum with the coefficients in `held` as they are; None where it is not reached."""
    import numpy as np

    free = [index for index in range(x.shape[1]) if index not in held]
    best = _penalised(x, y, beta)
    for _ in range(_ROUNDS):
        step = np.zeros_like(beta)
        try:
            score = _score(x, y, beta)
            step[free] = np.linalg.solve(_curvature(x, y, beta, free), score[free])
        except np.linalg.LinAlgError:
            return None
        step *= min(1.0, _LONGEST / max(float(np.abs(step).max()), _LONGEST))
        for _ in range(_HALVINGS):
            if (reached := _penalised(x, y, beta + step)) >= best + 0.25 * float(score @ step) - 1e-12:
                break
            step = step / 2
        else:
            return None
        beta, best = beta + step, reached
        if float(np.abs(score[free]).max(initial=0.0)) < 1e-9 or float(np.abs(step).max()) < _TOLERANCE:
            return beta, best
    return None


def _end(
    x: "Floats", y: "Floats", beta: "Floats", peak: float, index: int, step: float, critical: float
) -> float | None:
    """Where the profile of one coefficient has fallen by the critical value, in the direction of `step`."""

    at = beta.copy()

    def excess(value: float) -> float | None:
        nonlocal at
        found = _walk(x, y, at, index, value)
        if found is None:
            return None
        at = found[0]
        return 2 * (peak - found[1]) - critical

    near, below, jump = float(beta[index]), -critical, step
    for _ in range(_ROUNDS):
        there = excess(near + jump)
        if there is None:
            # too far for the others to follow
            jump /= 2
        elif there < 0:
            near, below, jump = near + jump, there, 1.5 * jump
        else:
            return _root(excess, (near, below), (near + jump, there))
    return None


def _walk(x: "Floats", y: "Floats", at: "Floats", index: int, value: float) -> "tuple[Floats, float] | None":
    """The maximum with one coefficient at a value, from one near by; in smaller steps where one is too long."""
    for pieces in (1, 4, 16, 64):
        here, found = at, None
        for piece in range(1, pieces + 1):
            goal = float(at[index]) + (value - float(at[index])) * piece / pieces
            found = _maximise(x, y, _moved(x, here, index, goal), (index,))
            if found is None:
                break
            here = found[0]
        if found is not None:
            return found
    return None


def _moved(x: "Floats", at: "Floats", index: int, value: float) -> "Floats":
    """The coefficients with one of them set, the others moved along as the information says: a start near its goal."""
    import numpy as np

    free = [each for each in range(x.shape[1]) if each != index]
    information = _information(x, at)[0]
    moved = at.copy()
    moved[index] = value
    try:
        pull = np.linalg.solve(information[np.ix_(free, free)], information[free, index])
    except np.linalg.LinAlgError:
        return moved
    moved[free] -= pull * (value - at[index])
    return moved


def _root(excess: Callable[[float], float | None], low: tuple[float, float], high: tuple[float, float]) -> float | None:
    """Where a function crosses 0 between two points of opposite sign: false position, halving an end that stays."""
    (a, below), (b, above) = low, high
    stayed = 0
    for _ in range(_ROUNDS):
        middle = (a * above - b * below) / (above - below)
        value = excess(middle)
        if value is None:
            return None
        if abs(value) < _CLOSE or abs(b - a) < _TOLERANCE * max(1.0, abs(b)):
            return middle
        if value < 0:
            a, below, above, stayed = middle, value, above / 2 if stayed < 0 else above, -1
        else:
            b, above, below, stayed = middle, value, below / 2 if stayed > 0 else below, 1
    return None


def _require_table(covariates: Sequence[Sequence[float]], outcomes: Sequence[bool]) -> None:
    if len(covariates) != len(outcomes) or len({len(row) for row in covariates}) > 1:
        text = f"{len(covariates)} rows of {sorted({len(row) for row in covariates})} values, {len(outcomes)} outcomes"
        raise UsageError(Finding(message="covariates and outcomes do not fit", found=text, expected="one row each"))
