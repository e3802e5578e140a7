"""Simulated operating characteristics, with their error: for trials that are too large to enumerate."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

from celltrial.errors import Finding, UsageError
from celltrial.escalation.counts import Counts
from celltrial.escalation.design import Design
from celltrial.escalation.exact import OperatingCharacteristics, check_trial, require_truth, select_level

if TYPE_CHECKING:
    import numpy as np

__all__ = ["simulate_oc"]

_State = tuple[tuple[int, ...], tuple[int, ...], int]


def simulate_oc(
    design: Design,
    truth: Sequence[float],
    *,
    cohort_size: int,
    max_n: int,
    trials: int,
    rng: "np.random.Generator",
    start: int = 1,
    bound_mtd: bool = False,
) -> OperatingCharacteristics:
    """Operating characteristics from simulated trials, with the Monte Carlo standard error of each selection.

    Every participant has one uniform tolerance; a DLT occurs where the true rate of the level exceeds it. So two
    designs simulated with generators of the same seed meet the same participants.

    Raises:
        UsageError: sizes or rates that cannot be.
    """
    rates = require_truth(truth, len(truth))
    findings = check_trial(
        design, levels=len(rates), cohort_size=cohort_size, max_n=max_n, start=start, bound_mtd=bound_mtd
    )
    if trials < 1:
        findings += (Finding(message="nothing to simulate", found=f"{trials} trials", expected="1 or more"),)
    if findings:
        raise UsageError(findings)
    next_level: dict[_State, int | None] = {}
    tolerances = rng.random((trials, max_n)).tolist()
    ends = Counter(_simulate_one(design, rates, each, cohort_size, start, next_level) for each in tolerances)
    return _summarise(design, rates, ends, max_n=max_n, bound_mtd=bound_mtd)


def _simulate_one(
    design: Design,
    rates: tuple[float, ...],
    tolerances: list[float],
    cohort_size: int,
    start: int,
    next_level: dict[_State, int | None],
) -> _State:
    """The counts at the end of one trial; `next_level` remembers decisions already made for equal counts."""
    n, dlt, level = [0] * len(rates), [0] * len(rates), start
    for first in range(0, len(tolerances), cohort_size):
        cohort = tolerances[first : first + cohort_size]
        n[level - 1] += len(cohort)
        dlt[level - 1] += sum(tolerance < rates[level - 1] for tolerance in cohort)
        state = (tuple(n), tuple(dlt), level)
        if first + cohort_size >= len(tolerances):
            break
        if state not in next_level:
            next_level[state] = design.decide(Counts(n=state[0], dlt=state[1], current=level)).level
        following = next_level[state]
        if following is None:
            break
        level = following
    return state


def _summarise(
    design: Design, rates: tuple[float, ...], ends: "Counter[_State]", *, max_n: int, bound_mtd: bool
) -> OperatingCharacteristics:
    trials = ends.total()
    levels = range(1, len(rates) + 1)
    selected: Counter[int | None] = Counter()
    for (n, dlt, current), times in ends.items():
        selected[select_level(design, Counts(n=n, dlt=dlt, current=current), bound_mtd=bound_mtd)] += times
    selection = tuple(selected[level] / trials for level in levels)
    patients = tuple(sum(n[level - 1] * times for (n, _, _), times in ends.items()) / trials for level in levels)
    return OperatingCharacteristics(
        truth=rates,
        selection=selection,
        none=selected[None] / trials,
        patients=patients,
        dlts=tuple(sum(dlt[level - 1] * times for (_, dlt, _), times in ends.items()) / trials for level in levels),
        expected_n=sum(patients),
        stopped_early=sum(times for (n, _, _), times in ends.items() if sum(n) < max_n) / trials,
        standard_error=tuple(sqrt(share * (1 - share) / trials) for share in selection),
    )
