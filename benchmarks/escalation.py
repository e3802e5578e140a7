"""Exact operating characteristics by counts beside a straightforward loop, one trial at a time, in the same run.

Run: python benchmarks/escalation.py. Each line gives the time, the loop's time for the Monte Carlo result that stands
for it, and their ratio; nothing here is a timed test. The loop is plain Python that looks up a decision table for every
cohort, as the R packages BOIN and Keyboard do; 10,000 trials, whose standard error is printed: exact has none.
"""

import random
import time
from collections.abc import Callable

import numpy as np

from celltrial.escalation import (
    Design,
    Enumeration,
    calibrate_design,
    compare_designs,
    compute_oc,
    decision_table,
    design_named,
    enumerate_trials,
    scenario_grid,
    select_mtd,
)

TRUTH = (0.05, 0.10, 0.20, 0.30, 0.45, 0.60)
COHORTS, COHORT = 12, 3
SIZE = {"levels": len(TRUTH), "cohort_size": COHORT, "max_n": COHORTS * COHORT}
TRIALS = 10_000
SCENARIOS = 1_000


def timed(what: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """Seconds of the first call, cold, and of the best of `times`."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        what()
        seconds.append(time.perf_counter() - start)
    return seconds[0], min(seconds)


def simulate_by_loop(design: Design, truth: tuple[float, ...], trials: int, seed: int) -> list[float]:
    """The share of trials that select each level (first: none), one trial at a time."""
    draw = random.Random(seed).random
    table = decision_table(design, COHORTS * COHORT)
    letters = {(cell.dlts, cell.n): cell.letter for cell in table.cells}
    selected = [0] * (len(truth) + 1)
    for _ in range(trials):
        n, dlt = _one_trial(truth, letters, draw)
        selected[select_mtd(n, dlt, target=design.target).level or 0] += 1
    return [times / trials for times in selected]


def _one_trial(
    truth: tuple[float, ...], letters: dict[tuple[int, int], str], draw: Callable[[], float]
) -> tuple[list[int], list[int]]:
    n, dlt, level, highest = [0] * len(truth), [0] * len(truth), 0, len(truth) - 1
    for cohort in range(COHORTS):
        n[level] += COHORT
        dlt[level] += sum(draw() < truth[level] for _ in range(COHORT))
        letter = letters[dlt[level], n[level]]
        if cohort == COHORTS - 1 or (letter == "DU" and level == 0):
            break
        if letter == "DU":
            highest = level - 1
        if letter == "E" and level < highest:
            level += 1
        elif letter in ("D", "DU") and level > 0:
            level -= 1
    return n, dlt


def report(name: str, seconds: float, reference: float) -> None:
    print(f"{name:<58} {seconds:>9.3f} s   loop {reference:>9.2f} s   ratio {reference / seconds:>9,.0f}")


def print_agreement(trials: Enumeration, simulated: list[float]) -> None:
    oc = compute_oc(trials, TRUTH)
    exact = [oc.none, *oc.selection]
    errors = [(share * (1 - share) / TRIALS) ** 0.5 for share in exact]
    print(f"BOIN, {len(TRUTH)} levels, {COHORTS} cohorts of {COHORT}: {trials.states:,} states, {trials.paths:,} paths")
    print("selection %, exact   ", "  ".join(f"{100 * share:6.2f}" for share in exact))
    print("by loop, 10,000      ", "  ".join(f"{100 * share:6.2f}" for share in simulated))
    print("its standard error   ", "  ".join(f"{100 * error:6.2f}" for error in errors), "\n")


def bench_scenarios(trials: Enumeration, loop: float) -> None:
    scenarios = np.sort(np.random.default_rng(1).random((SCENARIOS, len(TRUTH))), axis=1)
    first, best = timed(lambda: trials.compute(scenarios))
    report(f"{SCENARIOS:,} scenarios more, first call", first, loop * SCENARIOS)
    report("the same, best of three", best, loop * SCENARIOS)
    first, _ = timed(lambda: trials.compute(scenarios, distributions=True), times=1)
    report("the same with all distributions", first, loop * SCENARIOS)


def bench_designs(loop: float) -> None:
    designs = {
        f"{name} exact": design_named(name, target=0.30) for name in ("keyboard", "mtpi", "mtpi-2", "tpi", "i3+3")
    }
    designs["BOIN with titration exact"] = design_named("boin", target=0.30, parameters={"titration": 3})
    designs["3+3 exact, state by state"] = design_named("3+3", target=0.30)
    for name, design in designs.items():
        cold, _ = timed(lambda design=design: compute_oc(enumerate_trials(design, **SIZE), TRUTH), times=1)
        report(f"{name}, first call", cold, loop)


def bench_search(loop: float) -> None:
    grid, size = scenario_grid(len(TRUTH), 0.30, steps=(0.5, 0.9)), {"cohort_size": COHORT, "max_n": COHORTS * COHORT}
    designs = {name: design_named(name, target=0.30) for name in ("boin", "keyboard", "mtpi", "i3+3")}
    cold, _ = timed(lambda: compare_designs(designs, grid, **size), times=1)
    report(f"4 designs compared in {len(grid)} scenarios", cold, loop * 4 * len(grid))
    start = time.perf_counter()
    found = calibrate_design(
        lambda parameters: design_named("boin", target=0.30, parameters=parameters),
        {"p_saf": (0.10, 0.29), "p_tox": (0.31, 0.60)},
        start={"p_saf": 0.18, "p_tox": 0.42},
        scenarios=grid,
        **size,
    )
    seconds = time.perf_counter() - start
    report(f"BOIN calibrated, {len(found.tried)} points", seconds, loop * len(grid) * len(found.tried))


def main() -> None:
    boin = design_named("boin", target=0.30)
    cold, best = timed(lambda: compute_oc(enumerate_trials(boin, **SIZE), TRUTH))
    start = time.perf_counter()
    simulated = simulate_by_loop(boin, TRUTH, TRIALS, seed=6)
    loop = time.perf_counter() - start
    trials = enumerate_trials(boin, **SIZE)
    print_agreement(trials, simulated)
    report("BOIN exact, enumeration and one scenario, first call", cold, loop)
    report("the same, best of three", best, loop)
    bench_scenarios(trials, loop)
    bench_designs(loop)
    bench_search(loop)


if __name__ == "__main__":
    main()
