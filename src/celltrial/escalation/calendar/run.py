"""Operating characteristics in calendar time: trials cut into pieces, run on any executor, put together, summarised."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from celltrial.errors import Finding, UsageError
from celltrial.escalation.calendar.conduct import Arrivals, Conduct, DropOut, Onset, Scenario, Stagger
from celltrial.escalation.calendar.lockstep import runs_in_lockstep, simulate_lockstep
from celltrial.escalation.calendar.one_by_one import simulate_one_by_one
from celltrial.escalation.calendar.outcomes import (
    CalendarOC,
    Estimate,
    Outcomes,
    estimate,
    join_outcomes,
    nearest_levels,
    share_above,
    summarise,
)
from celltrial.escalation.design import Design
from celltrial.escalation.exact import check_trial

__all__ = [
    "CalendarComparison",
    "CalendarDifference",
    "compare_in_time",
    "plan_conduct",
    "simulate_calendar",
    "simulate_trials",
]

_PIECE = 2_500


def simulate_trials(
    design: Design,
    scenario: Scenario,
    conduct: Conduct,
    *,
    trials: int,
    seed: int,
    executor: Executor | None = None,
    piece: int | None = None,
) -> Outcomes:
    """Simulated trials, one row each.

    Args:
        executor: any `concurrent.futures` executor, that of a Dask client too (`client.get_executor()`); None: here.
        piece: how many trials go to a worker at a time. Neither changes a result.
    Raises:
        UsageError: a trial that cannot be.
    """
    _check(design, scenario, conduct, trials, piece)
    pieces = list(_cut(trials, piece or _PIECE))
    if executor is None:
        return join_outcomes([_run_piece(design, scenario, conduct, seed, *each) for each in pieces])
    futures = [executor.submit(_run_piece, design, scenario, conduct, seed, *each) for each in pieces]
    return join_outcomes([future.result() for future in futures])


def simulate_calendar(
    design: Design,
    scenario: Scenario,
    conduct: Conduct,
    *,
    trials: int,
    seed: int,
    executor: Executor | None = None,
    piece: int | None = None,
) -> CalendarOC:
    """Operating characteristics in calendar time, each with its Monte Carlo standard error; see `simulate_trials`.

    >>> from celltrial.escalation.named import design_named
    >>> oc = simulate_calendar(
    ...     design_named("boin", target=0.30),
    ...     Scenario(name="steep", truth=(0.05, 0.30, 0.60)),
    ...     Conduct(cohort_size=3, max_n=12, window_days=28, arrivals=Arrivals(kind="fixed", mean_gap_days=14)),
    ...     trials=400, seed=1,
    ... )
    >>> oc.trials, oc.selection[1].standard_error > 0
    (400, True)
    """
    outcomes = simulate_trials(design, scenario, conduct, trials=trials, seed=seed, executor=executor, piece=piece)
    return summarise(outcomes, scenario, design=design.name, target=design.target, seed=seed)


def _run_piece(design: Design, scenario: Scenario, conduct: Conduct, seed: int, first: int, trials: int) -> Outcomes:
    run = simulate_lockstep if runs_in_lockstep(design) else simulate_one_by_one
    return run(design, scenario, conduct, seed=seed, first=first, trials=trials)


def _cut(trials: int, piece: int) -> Iterator[tuple[int, int]]:
    for first in range(0, trials, piece):
        yield first, min(piece, trials - first)


def _check(design: Design, scenario: Scenario, conduct: Conduct, trials: int, piece: int | None) -> None:
    findings = [
        each
        for each in check_trial(
            design,
            levels=len(scenario.truth),
            cohort_size=conduct.cohort_size,
            max_n=conduct.max_n,
            start=conduct.start,
            bound_mtd=False,
        )
        if "depends on when participants arrive" not in each.message
    ]
    for name, number in (("trials", trials), ("trials in a piece", 1 if piece is None else piece)):
        if number < 1:
            findings.append(Finding(message="nothing to simulate", found=f"{number} {name}", expected="1 or more"))
    if findings:
        raise UsageError(findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDifference:
    """A design less the reference design, on the same patients; the standard errors are of the paired differences."""

    design: str
    scenario: str
    duration_days: Estimate
    correct: Estimate
    enrolled: Estimate
    dlts: Estimate
    overdosed: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarComparison:
    """Designs on the same patients: the operating characteristics, and the differences to the first design."""

    reference: str
    results: tuple[CalendarOC, ...]
    differences: tuple[CalendarDifference, ...]


def compare_in_time(
    designs: Mapping[str, Design],
    scenarios: Sequence[Scenario],
    conduct: Conduct | Mapping[str, Conduct],
    *,
    trials: int,
    seed: int,
    executor: Executor | None = None,
) -> CalendarComparison:
    """Designs side by side on the same patients, in every scenario.

    Args:
        designs: by the name they are to have in the result; the first is the reference of the differences.
        conduct: one for all designs, or one for each by name (a design that decides before every participant, like
            rolling six, has cohorts of one).
    Raises:
        UsageError: no design, or a design without its conduct.
    """
    plans = dict(conduct) if isinstance(conduct, Mapping) else dict.fromkeys(designs, conduct)
    if not designs or set(plans) != set(designs):
        raise UsageError(
            Finding(
                message="designs to compare and their conduct do not fit",
                found=f"designs {', '.join(designs) or 'none'}; conduct for {', '.join(plans) or 'none'}",
                expected="one or more designs, and a conduct for each of them",
            )
        )
    reference = next(iter(designs))
    results: list[CalendarOC] = []
    differences: list[CalendarDifference] = []
    for scenario in scenarios:
        first: Outcomes | None = None
        for name, design in designs.items():
            outcomes = simulate_trials(design, scenario, plans[name], trials=trials, seed=seed, executor=executor)
            results.append(summarise(outcomes, scenario, design=name, target=design.target, seed=seed))
            if first is None:
                first = outcomes
            else:
                differences.append(_subtract(outcomes, first, scenario, design.target, name))
    return CalendarComparison(reference=reference, results=tuple(results), differences=tuple(differences))


def _subtract(ours: Outcomes, first: Outcomes, scenario: Scenario, target: float, name: str) -> CalendarDifference:
    best = nearest_levels(scenario.truth, target)
    correct = [np.isin(each.selected, best).astype(np.float64) for each in (ours, first)]
    over = [share_above(each, scenario, target) for each in (ours, first)]
    return CalendarDifference(
        design=name,
        scenario=scenario.name,
        duration_days=estimate(ours.duration_days - first.duration_days),
        correct=estimate(correct[0] - correct[1]),
        enrolled=estimate(ours.enrolled.sum(axis=1) - first.enrolled.sum(axis=1)),
        dlts=estimate(ours.dlt.sum(axis=1) - first.dlt.sum(axis=1)),
        overdosed=estimate(over[0] - over[1]),
    )


def plan_conduct(
    *,
    cohort_size: int,
    max_n: int,
    patients_per_month: float,
    window_days: float = 28.0,
    sentinel_days: float = 14.0,
    late_share: float = 0.5,
    drop_out_share: float = 0.0,
    start: int = 1,
    patience_days: float = 0.0,
) -> Conduct:
    """A conduct from the few numbers a protocol has: window, sentinel pause, accrual; DLTs by a Weibull time.

    >>> plan = plan_conduct(cohort_size=3, max_n=12, patients_per_month=2)
    >>> plan.window_days, plan.stagger.sentinel_days, round(plan.arrivals.mean_gap_days, 2)
    (28.0, 14.0, 15.22)
    """
    return Conduct(
        cohort_size=cohort_size,
        max_n=max_n,
        window_days=window_days,
        arrivals=Arrivals.per_month(patients_per_month),
        start=start,
        onset=Onset(kind="weibull", late_share=late_share),
        drop_out=DropOut(share=drop_out_share),
        stagger=Stagger(sentinel_days=sentinel_days),
        patience_days=patience_days,
    )
