"""Cellular kinetics and B cells of a virtual participant.

Transgene: exponential expansion to a peak, then biexponential contraction and persistence (Stein et al. 2019, CPT
Pharmacometrics Syst Pharmacol 8:285). The half-life of persistence is set shorter than in leukaemia, because in lupus
the cells leave the blood in about two months (rapcabtagene autoleucel: ACR 2025, abstract 2696). B cells return after
110 +/- 32 days (Mackensen et al. 2022, Nat Med 28:2124). The spread between people is our assumption.
"""

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["LLOQ", "Kinetics", "at_dose", "b_cells_at", "observe_transgene", "simulate_kinetics", "transgene_at"]

LLOQ = 50.0  # copies/ug genomic DNA, the commonest limit of the assay
_MIDDLE_DOSE_CELLS = 4.5e8
_RESIDUAL = 0.30  # standard deviation of the log of a result


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinetics:
    """One person's true kinetics; days since infusion, copies/ug, rates per day."""

    is_expander: bool
    cmax: float
    tmax: float
    foldx: float
    alpha: float
    beta: float
    persisting_fraction: float
    b_cell_baseline: float
    b_cell_gone_day: float
    b_cell_back_day: float


def simulate_kinetics(rng: np.random.Generator, *, non_expander: float) -> Kinetics:
    """Draw one person's kinetics at the middle dose; `at_dose` gives those of another."""
    is_expander = bool(rng.random() >= non_expander)
    cmax = 25_000.0 * float(np.exp(rng.normal(0.0, 1.15)))
    cmax_small = 180.0 * float(np.exp(rng.normal(0.0, 0.6)))
    tmax = float(np.clip(9.8 * np.exp(rng.normal(0.0, 0.17)), 6.8, 14.2))
    gone = float(rng.uniform(4.0, 12.0))
    back = float(np.clip(rng.normal(112.0, 30.0), 58.0, 182.0))
    return Kinetics(
        is_expander=is_expander,
        cmax=cmax if is_expander else cmax_small,
        tmax=tmax,
        foldx=(3_900.0 if is_expander else 12.0) * float(np.exp(rng.normal(0.0, 0.8))),
        alpha=float(np.clip(0.17 * np.exp(rng.normal(0.0, 0.30)), 0.10, 0.40)),
        beta=float(0.030 * np.exp(rng.normal(0.0, 0.45))),
        persisting_fraction=float(np.clip(0.0079 * np.exp(rng.normal(0.0, 0.8)), 0.0005, 0.08)),
        b_cell_baseline=float(np.clip(120.0 * np.exp(rng.normal(0.0, 0.45)), 25.0, 420.0)),
        b_cell_gone_day=gone,
        b_cell_back_day=back if is_expander else back * 0.5,
    )


def at_dose(kinetics: Kinetics, cells: float) -> Kinetics:
    """The same person's kinetics at a dose in cells: the peak rises weakly with it (power 0.1, an assumption)."""
    return replace(kinetics, cmax=kinetics.cmax * (cells / _MIDDLE_DOSE_CELLS) ** 0.1)


def transgene_at(kinetics: Kinetics, day: float) -> float:
    """True copies/ug at `day` since infusion; 0 before it."""
    if day <= 0:
        return 0.0
    k = kinetics
    if day < k.tmax:
        growth = np.log(k.foldx) / k.tmax
        return float(k.cmax / k.foldx * np.exp(growth * day))
    since = day - k.tmax
    fast = (1.0 - k.persisting_fraction) * np.exp(-k.alpha * since)
    return float(k.cmax * (fast + k.persisting_fraction * np.exp(-k.beta * since)))


def observe_transgene(rng: np.random.Generator, kinetics: Kinetics, day: float) -> str:
    """The result as the laboratory reports it, copies/ug; blank = below the limit of quantification."""
    value = transgene_at(kinetics, day) * float(np.exp(rng.normal(0.0, _RESIDUAL)))
    return f"{value:.0f}" if value >= LLOQ else ""


def b_cells_at(kinetics: Kinetics, day: float | None) -> float:
    """True CD19+ B cells per uL; `day` None before lymphodepletion. They fall to none, stay away, and come back."""
    k = kinetics
    floor = 0.0 if k.is_expander else 0.06 * k.b_cell_baseline
    if day is None or day <= -5:
        return k.b_cell_baseline
    if day < k.b_cell_gone_day:
        return max(floor, k.b_cell_baseline * float(np.exp(-5.5 * (day + 5) / (k.b_cell_gone_day + 5))))
    if day < k.b_cell_back_day:
        return floor
    return max(floor, 0.75 * k.b_cell_baseline * (1.0 - float(np.exp(-(day - k.b_cell_back_day + 4) / 75.0))))
