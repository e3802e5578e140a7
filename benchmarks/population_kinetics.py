"""How well population kinetics are learnt from 12 participants: SAEM with M3, full Bayes, and ignoring BLQ results.

Run: python benchmarks/population_kinetics.py [--replicates 60] [--only METHOD] [--out FILE.csv] [--print FILE.csv ...]

Truth: the typical values, between-subject SDs (published values read as SDs) and residual SD of Stein et al. (2019),
the same in every replicate. Design: 14 samples to a year, LLOQ 50, which leaves about 30 % of the samples BLQ. Printed
for each population parameter: bias, root mean squared error and coverage of the 90 % interval, on its fitted scale.
Coverage counts the fits that gave an interval; `none` says how many did not. Full Bayes needs celltrial[population].
"""

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from celltrial.kinetics.population import (
    BayesSettings,
    Design,
    Population,
    PopulationData,
    PopulationFit,
    fit_bayes,
    fit_saem,
    read_priors,
    simulate_population,
    to_natural,
)
from celltrial.missing import NotEstimable

MODEL = "stein2019"
DESIGN = Design(days=(0, 1, 2, 3, 5, 9, 14, 21, 28, 60, 90, 180, 270, 365), lloq=50.0, day_sd=0.2)
N = 12

Method = Callable[[PopulationData, int], PopulationFit]


METHODS: dict[str, Method] = {
    "NUTS M3": lambda data, seed: fit_bayes(data, MODEL, seed=seed, settings=BayesSettings()),
    "SAEM M3": lambda data, seed: fit_saem(data, MODEL, rng=np.random.default_rng(seed)),
    "SAEM, BLQ dropped (M1)": lambda data, seed: fit_saem(data, MODEL, rng=np.random.default_rng(seed), blq="m1"),
}


def truth() -> tuple[Population, dict[str, float]]:
    """The population, and each parameter's true value on the scale of its interval."""
    priors = read_priors(MODEL)
    population = Population(
        model=MODEL,
        means=tuple(priors.locations.tolist()),
        spreads=tuple(priors.spreads("sd").tolist()),
        sigma=priors.sigma,
    )
    values = {each.name: each.location for each in priors.parameters}
    values |= {f"{each.name} spread": each.spread("sd") for each in priors.parameters}
    return population, {**values, "sigma": priors.sigma}


def rows_of(name: str, replicate: int, fit: PopulationFit, seconds: tuple[float, float]) -> list[dict[str, object]]:
    """One row a parameter: error on the transformed scale, and whether the interval holds the truth."""
    priors, (_, true) = read_priors(MODEL), truth()
    rows: list[dict[str, object]] = []
    for each in fit.parameters:
        value = true[each.name]
        shown = to_natural(value, priors[each.name].transform) if each.kind == "mean" else value
        held: object = ""
        if not isinstance(each.interval, NotEstimable):
            held = int(each.interval[0] <= shown <= each.interval[1])
        rows.append(
            {
                "method": name,
                "replicate": replicate,
                "parameter": each.name,
                "error": each.centre - value,
                "sd": "" if isinstance(each.sd, NotEstimable) else each.sd,
                "held": held,
                "blq": fit.data.blq_share,
                "wall": seconds[0],
                "cpu": seconds[1],
                "converged": int(fit.converged),
                **{key: fit.diagnostics.get(key, "") for key in ("min_ess_bulk", "max_r_hat", "divergences")},
            }
        )
    return rows


def run(replicates: int, seed: int, *, only: str, out: Path | None) -> list[dict[str, object]]:
    """All fits of all replicates; written to `out` after each, so that a stopped run is not lost."""
    population, _ = truth()
    rows: list[dict[str, object]] = []
    for replicate in range(replicates):
        data, _ = simulate_population(population, DESIGN, n=N, rng=np.random.default_rng([seed, replicate]))
        for name, fit in METHODS.items():
            if only and name != only:
                continue
            wall, cpu = time.perf_counter(), time.process_time()
            fitted = fit(data, seed + replicate)
            taken = (time.perf_counter() - wall, time.process_time() - cpu)
            rows += rows_of(name, replicate, fitted, taken)
        if out is not None:
            write(out, rows)
    return rows


def write(out: Path, rows: list[dict[str, object]]) -> None:
    """The rows as CSV."""
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def number(row: dict[str, object], key: str) -> float:
    """The number in a row; NaN where blank."""
    return float("nan") if row[key] == "" else float(str(row[key]))


def report(rows: list[dict[str, object]]) -> None:
    """Bias, RMSE and coverage of each parameter, the methods side by side."""
    names = list(dict.fromkeys(str(row["method"]) for row in rows))
    count = len({row["replicate"] for row in rows})
    blq = np.mean([number(row, "blq") for row in rows if "M1" not in str(row["method"])])
    print(f"{count} replicates of {N} participants, {len(DESIGN.days)} samples each, {blq:.0%} BLQ; truth: Stein 2019")
    print(f"{'':16}" + "".join(f"{name:^40}" for name in names))
    print(f"{'parameter':16}" + "".join(f"{'bias':>9}{'rmse':>8}{'cover 90%':>11}{'none':>6}{'':6}" for _ in names))
    for parameter in dict.fromkeys(str(row["parameter"]) for row in rows):
        line = f"{parameter:16}"
        for name in names:
            own = [row for row in rows if row["parameter"] == parameter and row["method"] == name]
            error = np.array([number(row, "error") for row in own])
            held = np.array([number(row, "held") for row in own])
            given = held[~np.isnan(held)]
            cover = f"{given.mean():.2f}" if given.size else "-"
            line += (
                f"{error.mean():>9.2f}{np.sqrt((error**2).mean()):>8.2f}{cover:>11}{held.size - given.size:>6}{'':6}"
            )
        print(line)
    for name in names:
        own = [row for row in rows if row["method"] == name and row["parameter"] == "sigma"]
        wall, cpu = (np.array([number(row, key) for row in own]) for key in ("wall", "cpu"))
        print(f"{name}: median wall {np.median(wall):.1f} s, CPU {np.median(cpu):.1f} s (first {cpu[0]:.1f} s)")
        if name == "NUTS M3":
            ess, r_hat, divergent = (
                [number(row, k) for row in own] for k in ("min_ess_bulk", "max_r_hat", "divergences")
            )
            print(
                f"  min ESS {min(ess):.0f} (median {np.median(ess):.0f}), max R-hat {max(r_hat):.3f}, "
                f"fits with a divergence {sum(each > 0 for each in divergent)}, "
                f"converged {sum(number(row, 'converged') for row in own):.0f} of {len(own)}"
            )


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", choices=["", *METHODS])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--print", type=Path, nargs="*", default=[], help="print the results of earlier runs")
    given = parser.parse_args()
    if given.print:
        rows: list[dict[str, object]] = []
        for path in given.print:
            with path.open(newline="", encoding="utf-8") as file:
                rows += csv.DictReader(file)
        report(rows)
    else:
        report(run(given.replicates, given.seed, only=given.only, out=given.out))


if __name__ == "__main__":
    main()
