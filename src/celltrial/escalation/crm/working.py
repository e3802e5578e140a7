"""The working model of the CRM: a skeleton of first guesses, bent up or down by one parameter beta.

Sources: O'Quigley, Pepe & Fisher (1990), Biometrics 46:33-48; Cheung (2011), Dose Finding by the Continual
Reassessment Method, chapter 3 (the two forms and the scaled doses).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from typing import Literal, TypeAlias, get_args

from celltrial.errors import Finding, UsageError

__all__ = ["Form", "WorkingModel", "scale_doses"]

Form: TypeAlias = Literal["empiric", "logistic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingModel:
    """DLT rate per level as a function of beta; at beta = 0 it is the skeleton, and every rate falls as beta grows.

    skeleton:  first guess of the DLT rate per level, lowest first, strictly rising.
    form:      `empiric` (power): rate = skeleton ** exp(beta); `logistic`: logit(rate) = intercept + exp(beta) * x,
               with scaled doses x = logit(skeleton) - intercept, which must be negative.
    intercept: of the logistic form; the empiric form has none.

    Raises:
        UsageError: a skeleton that does not rise within (0, 1), an unknown form, an intercept that is too small.

    >>> [round(rate, 3) for rate in WorkingModel(skeleton=(0.1, 0.2, 0.35)).rates(0.5)]
    [0.022, 0.07, 0.177]
    """

    skeleton: tuple[float, ...]
    form: Form = "empiric"
    intercept: float = 3.0

    def __post_init__(self) -> None:
        if problems := tuple(_check(self.skeleton, self.form, self.intercept)):
            raise UsageError(problems)

    @property
    def levels(self) -> int:
        """How many dose levels it describes."""
        return len(self.skeleton)

    @property
    def scaled_doses(self) -> tuple[float, ...]:
        """The skeleton itself (empiric) or logit(skeleton) - intercept (logistic)."""
        return scale_doses(self.skeleton, self.form, self.intercept)

    def rate(self, level: int, beta: float) -> float:
        """DLT rate of a level (1-based) at beta."""
        dose = self.scaled_doses[level - 1]
        if self.form == "empiric":
            return exp(log(dose) * exp(beta))
        return _expit(self.intercept + exp(beta) * dose)

    def rates(self, beta: float) -> tuple[float, ...]:
        """DLT rate of every level at beta."""
        return tuple(self.rate(level, beta) for level in range(1, self.levels + 1))

    def beta_where(self, level: int, rate: float) -> float:
        """The beta at which the level has this DLT rate: above it the rate is lower.

        Minus infinity where the logistic form, which stays under expit(intercept), cannot reach the rate: then the rate
        is lower at every beta.
        """
        dose = self.scaled_doses[level - 1]
        if self.form == "empiric":
            return log(log(rate) / log(dose))
        ratio = (_logit(rate) - self.intercept) / dose
        return log(ratio) if ratio > 0 else -float("inf")


def scale_doses(skeleton: Sequence[float], form: Form, intercept: float) -> tuple[float, ...]:
    """The doses on the scale of the form; see `WorkingModel`."""
    if form == "empiric":
        return tuple(skeleton)
    return tuple(_logit(guess) - intercept for guess in skeleton)


def _check(skeleton: tuple[float, ...], form: Form, intercept: float) -> list[Finding]:
    if form not in get_args(Form):
        return [Finding(message="no such working model", found=repr(form), expected=", ".join(get_args(Form)))]
    if not skeleton or not all(0 < guess < 1 for guess in skeleton):
        found = ", ".join(map(str, skeleton)) or "nothing"
        return [
            Finding(message="the skeleton is not a list of rates", found=found, expected="rates above 0 and below 1")
        ]
    if any(low >= high for low, high in pairwise(skeleton)):
        found = ", ".join(map(str, skeleton))
        return [Finding(message="the skeleton does not rise with the level", found=found, expected="rising rates")]
    if form == "logistic" and scale_doses(skeleton, form, intercept)[-1] >= 0:
        return [
            Finding(
                message="the intercept of the logistic model is too small",
                found=f"intercept {intercept}, highest guess {skeleton[-1]}",
                expected="logit(highest guess) < intercept, so that every rate falls as beta grows",
            )
        ]
    return []


def _logit(rate: float) -> float:
    return log(rate / (1 - rate))


def _expit(eta: float) -> float:
    return 1 / (1 + exp(-eta)) if eta >= 0 else exp(eta) / (1 + exp(eta))
