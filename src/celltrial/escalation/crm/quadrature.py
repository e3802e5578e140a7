"""Nodes for the posterior of beta by deterministic quadrature.

All data sets share them (see celltrial.escalation.quadrature). Without a breakpoint they are equidistant (the
trapezoidal rule, which for a smooth posterior that dies out on both sides converges faster than any power of the
spacing); with breakpoints, where a probability of one side is asked for, they are Gauss-Legendre panels that end at
the breakpoints. The spacing follows from the largest information the data can hold, so it is fine enough for any data
of that size; tests halve it and see no change.

Sources: Trefethen & Weideman (2014), SIAM Review 56:385-458 (trapezoidal rule); Cheung (2011), chapter 3 (posterior).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np

from celltrial.escalation.crm.working import WorkingModel
from celltrial.escalation.quadrature import Floats

__all__ = ["BetaNodes", "log_rates", "make_nodes"]

_REACH = 9.5  # prior standard deviations to each side: exp(-45) is left out
_PANEL = 10  # Gauss-Legendre nodes per panel


@dataclass(frozen=True, slots=True)
class BetaNodes:
    """Nodes and log weights (prior density included, up to a constant); shape (nodes,)."""

    beta: Floats
    log_weight: Floats


def make_nodes(
    model: WorkingModel, prior_sd: float, total_n: int, *, breaks: Sequence[float] = (), refine: int = 1
) -> BetaNodes:
    """Nodes fine enough for any data of `total_n` participants; `refine` times finer on request (for tests)."""
    sharpest = 1 / sqrt(1 / prior_sd**2 + _information(model) * total_n)
    reach = _REACH * prior_sd
    if not breaks:
        spacing = min(0.12, 0.6 * sharpest) / refine
        beta = np.arange(-np.ceil(reach / spacing), np.ceil(reach / spacing) + 1) * spacing
        return BetaNodes(beta, -0.5 * (beta / prior_sd) ** 2 + np.log(spacing))
    width = min(0.6, 3 * sharpest) / refine
    ends = [-reach, *sorted(each for each in breaks if -reach < each < reach), reach]
    edges = np.concatenate(
        [np.linspace(a, b, int(np.ceil((b - a) / width)) + 1)[:-1] for a, b in pairwise(ends)] + [np.array([reach])]
    )
    place, weight = np.polynomial.legendre.leggauss(_PANEL)
    half = np.diff(edges) / 2
    beta = (edges[:-1, None] + half[:, None] * (place[None, :] + 1)).ravel()
    return BetaNodes(beta, -0.5 * (beta / prior_sd) ** 2 + np.log((half[:, None] * weight[None, :]).ravel()))


def _information(model: WorkingModel) -> float:
    """The largest expected information about beta that one participant can give, over all rates."""
    rates = np.linspace(0.001, 0.999, 999)
    if model.form == "empiric":
        return float(np.max(np.log(rates) ** 2 * rates / (1 - rates)))
    eta = np.log(rates / (1 - rates))
    eta = eta[eta < model.intercept]
    shown = 1 / (1 + np.exp(-eta))
    return float(np.max((model.intercept - eta) ** 2 * shown * (1 - shown)))


def log_rates(model: WorkingModel, beta: Floats) -> tuple[Floats, Floats]:
    """log(rate) and log(1 - rate), shape (levels, nodes) each, accurate where a rate is next to 0 or 1."""
    doses = np.array(model.scaled_doses)[:, None]
    if model.form == "empiric":
        log_rate = np.exp(beta)[None, :] * np.log(doses)
        return log_rate, np.log(-np.expm1(log_rate))
    eta = model.intercept + np.exp(beta)[None, :] * doses
    return -np.logaddexp(0, -eta), -np.logaddexp(0, eta)
