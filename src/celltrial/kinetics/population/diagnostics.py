"""Have the chains converged: rank-normalised split R-hat and bulk effective sample size.

Source: Vehtari A, Gelman A, Simpson D, Carpenter B, Bürkner PC (2021), Bayesian Analysis 16:667, sections 3 and 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.errors import Finding

__all__ = ["ESS_LIMIT", "R_HAT_LIMIT", "ChainDiagnostics", "check_chains", "compute_diagnostics"]

Floats: TypeAlias = npt.NDArray[np.float64]

R_HAT_LIMIT, ESS_LIMIT = 1.01, 400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainDiagnostics:
    """R-hat and bulk ESS of each number, by name."""

    r_hat: Mapping[str, float]
    ess_bulk: Mapping[str, float]


def compute_diagnostics(chains: Mapping[str, Floats]) -> ChainDiagnostics:
    """Diagnostics by name; arrays have shape (chains, draws, ...), numbers of further axes are named `name[i,j]`."""
    r_hat: dict[str, float] = {}
    ess: dict[str, float] = {}
    for name, draws in chains.items():
        for index in np.ndindex(*draws.shape[2:]):
            one = f"{name}[{','.join(map(str, index))}]" if index else name
            split = _split(np.asarray(draws[(slice(None), slice(None), *index)], dtype=np.float64))
            ranked = _rank_normalised(split)
            folded = _rank_normalised(np.abs(split - np.median(split)))
            r_hat[one] = max(_r_hat(ranked), _r_hat(folded))
            ess[one] = _effective_size(ranked)
    return ChainDiagnostics(r_hat=r_hat, ess_bulk=ess)


def check_chains(diagnostics: ChainDiagnostics, divergences: int) -> tuple[Finding, ...]:
    """Why the chains must not be called converged; nothing where they may."""
    findings = []
    worst = max(diagnostics.r_hat, key=lambda name: diagnostics.r_hat[name])
    least = min(diagnostics.ess_bulk, key=lambda name: diagnostics.ess_bulk[name])
    if not diagnostics.r_hat[worst] <= R_HAT_LIMIT:
        found = f"R-hat {diagnostics.r_hat[worst]:.3f} of {worst}"
        findings.append(Finding(message="the chains disagree", found=found, expected=f"at most {R_HAT_LIMIT}"))
    if not diagnostics.ess_bulk[least] >= ESS_LIMIT:
        found = f"bulk ESS {diagnostics.ess_bulk[least]:.0f} of {least}"
        findings.append(Finding(message="too few effective draws", found=found, expected=f"{ESS_LIMIT:.0f} or more"))
    if divergences:
        findings.append(
            Finding(
                message="divergent transitions: a part of the posterior was not explored",
                found=str(divergences),
                expected="0",
                next_step="a higher target_accept",
            )
        )
    return tuple(findings)


def _split(draws: Floats) -> Floats:
    """Each chain as its two halves, so that a drift inside a chain shows."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _rank_normalised(draws: Floats) -> Floats:
    """Normal scores of the ranks over all chains; ties share their mean rank."""
    _, inverse, counts = np.unique(draws, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = ends - (counts - 1) / 2
    inv_cdf = NormalDist().inv_cdf
    scores = np.array([inv_cdf((rank - 0.375) / (draws.size + 0.25)) for rank in ranks.tolist()])
    normalised: Floats = scores[inverse].reshape(draws.shape)
    return normalised


def _r_hat(draws: Floats) -> float:
    n = draws.shape[1]
    within = draws.var(axis=1, ddof=1).mean()
    between = n * draws.mean(axis=1).var(ddof=1)
    return float(np.sqrt(((n - 1) / n * within + between / n) / within)) if within > 0 else float("nan")


def _effective_size(draws: Floats) -> float:
    """Draws over autocorrelation time, by Geyer's initial monotone sequence of paired autocorrelations."""
    m, n = draws.shape
    covariance = _autocovariance(draws)
    within = covariance[:, 0].mean() * n / (n - 1)
    if within == 0:
        return float("nan")
    pooled = within * (n - 1) / n + (draws.mean(axis=1).var(ddof=1) if m > 1 else 0.0)
    rho = 1.0 - (within - (covariance * n / (n - 1)).mean(axis=0)) / pooled
    rho[0] = 1.0
    pairs = rho[0 : n - n % 2 : 2] + rho[1:n:2]
    negative = np.flatnonzero(pairs < 0)
    positive = np.minimum.accumulate(pairs[: negative[0] if negative.size else pairs.size])
    time = max(-1.0 + 2.0 * float(positive.sum()), 1.0 / np.log10(m * n))
    return float(m * n / time)


def _autocovariance(draws: Floats) -> Floats:
    n = draws.shape[1]
    centred = draws - draws.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred, n=2 * n, axis=1)
    covariance: Floats = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :n] / n
    return covariance
