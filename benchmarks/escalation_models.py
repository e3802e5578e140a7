"""Exact operating characteristics of the CRM and the BLRM beside a plain loop that simulates one trial at a time.

Run: .venv/bin/python benchmarks/escalation_models.py. Six doses, twelve cohorts of three. The loop is written as one
would first write it: every decision fits the model to the counts so far. Its time for 10,000 trials is that of a few,
multiplied; exact results have no Monte Carlo error, so the ratio favours the loop.
"""

import random
import time
from collections.abc import Callable
from math import exp, log

import numpy as np

from celltrial.escalation import Design, compute_oc, enumerate_trials
from celltrial.escalation.blrm import BlrmModel, normal_prior
from celltrial.escalation.blrm.design import Blrm
from celltrial.escalation.crm import calibrate_skeleton
from celltrial.escalation.crm.design import Crm

TRUTH = (0.05, 0.10, 0.20, 0.30, 0.45, 0.60)
TARGET, COHORTS, SIZE = 0.30, 12, 3
SKELETON = calibrate_skeleton(0.05, TARGET, 3, len(TRUTH))
DOSES, REFERENCE, MEAN, SD = (10.0, 20.0, 40.0, 60.0, 80.0, 100.0), 60.0, (-0.85, 0.4), (2.0, 1.0)
EQUIVALENT = 10_000


def crm_level(n: list[int], dlt: list[int]) -> int:
    """The CRM's recommendation by a plain sum over 121 nodes."""
    total = first = 0.0
    for step in range(-60, 61):
        beta = step * 0.1
        weight = exp(-beta * beta / (2 * 1.34))
        for guess, evaluable, dlts in zip(SKELETON, n, dlt, strict=True):
            if evaluable:
                rate = min(guess ** exp(beta), 1 - 1e-12)
                weight *= rate**dlts * (1 - rate) ** (evaluable - dlts)
        total += weight
        first += beta * weight
    rates = [guess ** exp(first / total) for guess in SKELETON]
    return min(range(len(rates)), key=lambda place: abs(rates[place] - TARGET))


AXES = np.meshgrid(np.linspace(-11, 9, 121), np.linspace(-4.5, 5.5, 61), indexing="ij")
PRIOR = -0.5 * (((AXES[0] - MEAN[0]) / SD[0]) ** 2 + ((AXES[1] - MEAN[1]) / SD[1]) ** 2)


def blrm_level(n: list[int], dlt: list[int]) -> int:
    """The BLRM's recommendation on a plain grid; -1 where no dose is safe."""
    etas = [AXES[0] + np.exp(AXES[1]) * log(dose / REFERENCE) for dose in DOSES]
    weight = PRIOR.copy()
    for eta, evaluable, dlts in zip(etas, n, dlt, strict=True):
        weight -= dlts * np.logaddexp(0, -eta) + (evaluable - dlts) * np.logaddexp(0, eta)
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    best, most = -1, -1.0
    for place, eta in enumerate(etas):
        over = float(weight[eta > log(0.35 / 0.65)].sum())
        inside = float(weight[(eta > log(0.2 / 0.8)) & (eta <= log(0.35 / 0.65))].sum())
        if over < 0.25 and inside > most:
            best, most = place, inside
    return best


def one_trial(recommend: Callable[[list[int], list[int]], int], rng: random.Random) -> int:
    n, dlt, level = [0] * len(TRUTH), [0] * len(TRUTH), 0
    for _ in range(COHORTS):
        n[level] += SIZE
        dlt[level] += sum(rng.random() < TRUTH[level] for _ in range(SIZE))
        wanted = recommend(n, dlt)
        if wanted < 0:
            return -1
        level = min(wanted, level + 1)
    return level


def seconds_per_trial(recommend: Callable[[list[int], list[int]], int], trials: int) -> float:
    rng, start = random.Random(20261122), time.perf_counter()
    for _ in range(trials):
        one_trial(recommend, rng)
    return (time.perf_counter() - start) / trials


def seconds_exact(design: Design, *, cohort_size: int = SIZE, runs: int = 3) -> tuple[float, int, str]:
    """The best of some runs, from the design to the operating characteristics; the number of endings; the selection."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        enumeration = enumerate_trials(
            design, levels=len(TRUTH), cohort_size=cohort_size, max_n=30 if cohort_size == 1 else 36, max_states=10**8
        )
        oc = compute_oc(enumeration, TRUTH)
        best = min(best, time.perf_counter() - start)
    return best, len(enumeration.endings), " ".join(f"{100 * share:.2f}" for share in oc.selection)


def report(name: str, exact: tuple[float, int, str], plain: float) -> None:
    seconds, endings, selection = exact
    loop = plain * EQUIVALENT
    print(
        f"{name:<34} exact {seconds:8.3f} s   {EQUIVALENT:,} plain trials {loop:9.1f} s   ratio {loop / seconds:8.0f}"
    )
    print(f"{'':<34} {endings:,} endings; selection % {selection}")


def main() -> None:
    crm_plain, blrm_plain = seconds_per_trial(crm_level, 40), seconds_per_trial(blrm_level, 8)
    free = Design(base=Crm(target=TARGET, skeleton=SKELETON, coherence="off"))
    report("CRM, 6 doses, 12 x 3", seconds_exact(free), crm_plain)
    coherent = Design(base=Crm(target=TARGET, skeleton=SKELETON))
    report("CRM, coherent, 6 doses, 12 x 3", seconds_exact(coherent), crm_plain)
    blrm = Blrm(target=TARGET, model=BlrmModel(doses=DOSES, reference=REFERENCE, prior=normal_prior(MEAN, SD)))
    report("BLRM with EWOC, 6 doses, 12 x 3", seconds_exact(Design(base=blrm), runs=1), blrm_plain)
    report("CRM, coherent, 30 one at a time", seconds_exact(coherent, cohort_size=1, runs=1), crm_plain * 30 / COHORTS)


if __name__ == "__main__":
    main()
