"""What simulated trials came to, trial by trial, and its summary: every mean with its Monte Carlo standard error."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from math import sqrt

import numpy as np

from celltrial.escalation.batch import Bools, Ints
from celltrial.escalation.calendar.conduct import Floats, Scenario

__all__ = [
    "CalendarOC",
    "Estimate",
    "Outcomes",
    "estimate",
    "join_outcomes",
    "nearest_levels",
    "share_above",
    "summarise",
]

_DAY_QUANTILES = (0.1, 0.5, 0.9)
_MOSTLY = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """One entry (or row) per trial.

    selected: the MTD, 0 for none. n, dlt: evaluable participants and DLTs per level, backfilled ones included.
    enrolled: participants dosed, per level. backfilled, dropped_out, turned_away: numbers of patients.
    held: patients who found the escalation closed because outcomes were pending; suspensions: runs of such patients.
    staggered: patients who came within a pause between doses. duration_days: from the first arrival to the last
    outcome. early: the design stopped the trial. unfinished: the last day or the end of the list of arrivals did.
    """

    selected: Ints
    n: Ints
    dlt: Ints
    enrolled: Ints
    backfilled: Ints
    dropped_out: Ints
    turned_away: Ints
    held: Ints
    suspensions: Ints
    staggered: Ints
    duration_days: Floats
    early: Bools
    unfinished: Bools

    def __len__(self) -> int:
        return len(self.selected)


def join_outcomes(parts: Sequence[Outcomes]) -> Outcomes:
    """One after the other."""
    return Outcomes(
        **{each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Outcomes)}
    )


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over simulated trials and its standard error."""

    value: float
    standard_error: float

    def __str__(self) -> str:
        return f"{self.value:.4g} +- {self.standard_error:.2g}"

    def is_near(self, other: float, errors: float = 3.0) -> bool:
        """Whether `other` lies within so many standard errors."""
        return abs(self.value - other) <= errors * self.standard_error


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarOC:
    """Operating characteristics from trials simulated in calendar time.

    selection, none: shares of trials. patients, dlts: evaluable participants and DLTs per level. overdosed: share of a
    trial's participants at levels above the target; mostly_overdosed: share of trials where that is over 60 %.
    correct: share of trials that select a level whose true rate is nearest the target. duration_quantiles: days that
    10, 50 and 90 % of the trials do not exceed. The others are means of what `Outcomes` has.
    """

    design: str
    scenario: str
    truth: tuple[float, ...]
    trials: int
    seed: int
    selection: tuple[Estimate, ...]
    none: Estimate
    correct: Estimate
    patients: tuple[Estimate, ...]
    dlts: tuple[Estimate, ...]
    expected_n: Estimate
    expected_dlts: Estimate
    overdosed: Estimate
    mostly_overdosed: Estimate
    duration_days: Estimate
    duration_sd: float
    duration_quantiles: tuple[float, ...]
    backfilled: Estimate
    dropped_out: Estimate
    turned_away: Estimate
    held: Estimate
    suspensions: Estimate
    staggered: Estimate
    stopped_early: Estimate
    unfinished: Estimate

    def to_json(self) -> dict[str, object]:
        """One JSON object; each estimate with its value and standard error."""
        return asdict(self)


def summarise(outcomes: Outcomes, scenario: Scenario, *, design: str, target: float, seed: int) -> CalendarOC:
    """Means, shares and their standard errors."""
    levels = range(1, len(scenario.truth) + 1)
    overdosed = share_above(outcomes, scenario, target)
    days = outcomes.duration_days
    means = {
        name: estimate(getattr(outcomes, name))
        for name in ("duration_days", "backfilled", "dropped_out", "turned_away", "held", "suspensions", "staggered")
    }
    return CalendarOC(
        design=design,
        scenario=scenario.name,
        truth=scenario.truth,
        trials=len(outcomes),
        seed=seed,
        selection=tuple(estimate(outcomes.selected == level) for level in levels),
        none=estimate(outcomes.selected == 0),
        correct=estimate(np.isin(outcomes.selected, nearest_levels(scenario.truth, target))),
        patients=tuple(estimate(outcomes.n[:, level - 1]) for level in levels),
        dlts=tuple(estimate(outcomes.dlt[:, level - 1]) for level in levels),
        expected_n=estimate(outcomes.n.sum(axis=1)),
        expected_dlts=estimate(outcomes.dlt.sum(axis=1)),
        overdosed=estimate(overdosed),
        mostly_overdosed=estimate(overdosed > _MOSTLY),
        duration_sd=float(np.std(days, ddof=1)) if len(days) > 1 else 0.0,
        duration_quantiles=tuple(float(each) for each in np.quantile(days, _DAY_QUANTILES)),
        stopped_early=estimate(outcomes.early),
        unfinished=estimate(outcomes.unfinished),
        **means,
    )


def estimate(numbers: Ints | Floats | Bools) -> Estimate:
    """The mean and its standard error; of one trial the error is not known and infinite."""
    count = len(numbers)
    error = float(np.std(numbers, ddof=1)) / sqrt(count) if count > 1 else float("inf")
    return Estimate(float(np.mean(numbers)), error)


def nearest_levels(truth: Sequence[float], target: float) -> list[int]:
    """The levels whose true rate is nearest the target; several where they are equally near."""
    distances = [round(abs(rate - target), 12) for rate in truth]
    return [level for level, distance in enumerate(distances, start=1) if distance == min(distances)]


def share_above(outcomes: Outcomes, scenario: Scenario, target: float) -> Floats:
    above = np.array(scenario.truth) > target
    total = outcomes.enrolled.sum(axis=1)
    return np.asarray(outcomes.enrolled[:, above].sum(axis=1) / np.maximum(total, 1), np.float64)
