"""Simulated operating characteristics, with their error: for trials that are too large to enumerate."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import sqrt
from typing import TYPE_CHECKING, TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.counts import Counts
from celltrial.escalation.design import Design
from celltrial.escalation.exact import (
    LastCohort,
    OperatingCharacteristics,
    check_trial,
    require_truth,
    select_level,
)

if TYPE_CHECKING:
    import numpy as np

__all__ = ["simulate_oc"]

_State: TypeAlias = tuple[tuple[int, ...], tuple[int, ...], int, tuple[int, int] | None]


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
    last_cohort: LastCohort = "select",
) -> OperatingCharacteristics:
    """Operating characteristics from simulated trials, with the Monte Carlo standard error of each selection.

    Every participant has one uniform tolerance; a DLT occurs where the true rate of the level exceeds it. So two
    designs simulated with generators of the same seed meet the same participants. Decisions are remembered per state,
    so a model-based design is fitted once for each.

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
    decide = _remembering(design, cohort_size, start)
    tolerances = rng.random((trials, max_n)).tolist()
    ends = Counter(_simulate_one(decide, rates, each, start, last_cohort == "decide") for each in tolerances)
    return _summarise(design, rates, ends, max_n=max_n, bound_mtd=bound_mtd)


def _remembering(design: Design, cohort_size: int, start: int) -> Callable[[_State], tuple[int | None, int]]:
    """The next level (None: stop) and cohort size for a state; each state is decided once."""
    known: dict[_State, tuple[int | None, int]] = {}
    keeps_last = bool(getattr(design.base, "looks_at_last_cohort", False))

    def decide(state: _State) -> tuple[int | None, int]:
        n, dlt, level, last = state
        key = (n, dlt, level, last if keeps_last else None)
        if key not in known:
            decision = design.decide(Counts(n=n, dlt=dlt, current=level, last=key[3]))
            # the first cohort goes to the start, whatever a model would say without data
            known[key] = (decision.level if any(n) else start, decision.size or cohort_size)
        return known[key]

    return decide


def _simulate_one(
    decide: Callable[[_State], tuple[int | None, int]],
    rates: tuple[float, ...],
    tolerances: list[float],
    start: int,
    decides_last: bool,
) -> tuple[_State, bool]:
    """The state at the end of one trial, and whether the design stopped it."""
    n, dlt, treated = [0] * len(rates), [0] * len(rates), 0
    state: _State = (tuple(n), tuple(dlt), start, None)
    while treated < len(tolerances) or decides_last:
        level, size = decide(state)
        if level is None:
            return state, True
        if treated == len(tolerances):
            break
        cohort = tolerances[treated : treated + size]
        treated += len(cohort)
        dlts = sum(tolerance < rates[level - 1] for tolerance in cohort)
        n[level - 1] += len(cohort)
        dlt[level - 1] += dlts
        state = (tuple(n), tuple(dlt), level, (dlts, len(cohort)))
    return state, False


def _summarise(
    design: Design, truth: tuple[float, ...], ends: "Counter[tuple[_State, bool]]", *, max_n: int, bound_mtd: bool
) -> OperatingCharacteristics:
    """The endings weighted with how often they came; numbers of DLTs are those that were drawn."""
    import numpy as np

    from celltrial.escalation.enumeration import Columns
    from celltrial.escalation.scenario_results import tally

    states, times = [state for state, _ in ends], np.array(list(ends.values()))
    counts = [Counts(n=n, dlt=dlt, current=current, last=last) for n, dlt, current, last in states]
    selected = [select_level(design, each, bound_mtd=bound_mtd) or 0 for each in counts]
    nothing = np.zeros(len(counts), np.int64)
    endings = Columns(
        n=np.array([each.n for each in counts]),
        dlt=np.array([each.dlt for each in counts]),
        current=np.array([each.current for each in counts]),
        last_n=nothing,
        last_dlt=nothing,
        ways=times,
        paths=times,
        selected=np.array(selected),
        early=np.array([early for _, early in ends]),
    )
    weighted = [(endings, times[:, None] / times.sum())]
    results = tally(weighted, np.array([truth]), target=design.target, max_n=max_n, distributions=True)
    oc, trials = results.scenario(0), ends.total()
    return replace(oc, standard_error=tuple(sqrt(each * (1 - each) / trials) for each in oc.selection))
