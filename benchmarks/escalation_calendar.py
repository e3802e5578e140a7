"""Calendar-time simulation beside one trial at a time in plain Python, in one run: absolute times and their ratio.

Run: make bench. BOIN, 6 doses, 12 cohorts of 3, arrivals, a DLT window and late DLTs; then designs without a fast way,
on one core and on two. Nothing here is a timed test.
"""

import random
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from math import log

from celltrial.escalation import Counts, Design, design_named
from celltrial.escalation.calendar import Arrivals, CalendarOC, Conduct, Onset, Scenario, simulate_calendar
from celltrial.escalation.crm.design import Crm
from celltrial.escalation.exact import select_level
from celltrial.escalation.titecrm_rule import TiteCrmRule

TRUTH = (0.05, 0.10, 0.20, 0.30, 0.45, 0.60)
WINDOW, GAP, COHORT, MAX_N = 28.0, 28 / 3, 3, 36
SCENARIO = Scenario(name="bench", truth=TRUTH)
CONDUCT = Conduct(
    cohort_size=COHORT,
    max_n=MAX_N,
    window_days=WINDOW,
    arrivals=Arrivals(mean_gap_days=GAP),
    onset=Onset(kind="weibull"),
)


def seconds(what: Callable[[], object], repeats: int = 3) -> float:
    """The best of some runs."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        what()
        best = min(best, time.perf_counter() - start)
    return best


def plain_loop(design: Design, trials: int) -> list[int | None]:
    """Straightforward: patients come one by one, the cohort is evaluated, the design is asked."""
    draw, selected = random.Random(1), []
    for _ in range(trials):
        n, dlt, level, now = [0] * len(TRUTH), [0] * len(TRUTH), 1, 0.0
        while sum(n) < MAX_N:
            ready = now
            for _ in range(COHORT):
                now += -GAP * log(1 - draw.random())
                has_dlt = draw.random() < TRUTH[level - 1]
                ready = max(ready, now + (WINDOW * draw.random() if has_dlt else WINDOW))
                n[level - 1] += 1
                dlt[level - 1] += has_dlt
            while now < ready:  # who comes before the outcomes are known goes elsewhere
                now += -GAP * log(1 - draw.random())
            following = design.decide(Counts(n=tuple(n), dlt=tuple(dlt), current=level)).level
            if following is None:
                break
            level = following
        selected.append(select_level(design, Counts(n=tuple(n), dlt=tuple(dlt), current=level)))
    return selected


def main() -> None:
    boin = design_named("boin", target=0.30)
    loop = seconds(lambda: plain_loop(boin, 300), 1) / 300
    print(f"{'one trial at a time, plain Python':<46} {loop * 1e3:>9.3f} ms a trial")
    for trials in (10_000, 100_000):
        ours = seconds(lambda count=trials: simulate_calendar(boin, SCENARIO, CONDUCT, trials=count, seed=1))
        ratio = loop * trials / ours
        print(f"{f'BOIN in calendar time, {trials:,} trials':<46} {ours:>9.3f} s           ratio {ratio:,.0f}")
    _time_the_others()


def _time_the_others() -> None:
    """Designs that run one by one, here and on two processes that are warm."""
    crm = Crm(target=0.30, no_skip="current", coherence="off")
    others = {
        "TITE-BOIN": (design_named("tite-boin", target=0.30), 3_000),
        "BF-BOIN with backfilling": (design_named("bf-boin", target=0.30, rules=[("backfill", {"n": 12})]), 3_000),
        "TITE-CRM": (Design(base=TiteCrmRule(crm=crm)), 600),
    }
    active = Scenario(name="bench", truth=TRUTH, activity=(0.2,) * len(TRUTH))
    with ProcessPoolExecutor(2) as processes:
        for name, (design, trials) in others.items():

            def run(count: int, executor: Executor | None, design: Design = design) -> CalendarOC:
                return simulate_calendar(
                    design, active, CONDUCT, trials=count, seed=1, executor=executor, piece=max(count // 4, 1)
                )

            run(4, processes)
            one = seconds(lambda r=run, t=trials: r(t, None), 1) / trials
            two = seconds(lambda r=run, t=trials: r(t, processes), 1) / trials
            print(f"{name:<46} {one * 1e3:>9.3f} ms a trial   on two processes {two * 1e3:.3f}, ratio {one / two:.2f}")


if __name__ == "__main__":
    main()
