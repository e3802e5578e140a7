"""The posterior of the BLRM by two-dimensional quadrature, for many data sets at once.

log beta is integrated by the trapezoidal rule, log alpha by Gauss-Legendre panels. For a fixed log beta, the DLT rate
of a dose is above a limit exactly where log alpha is above one point. So the probability of an interval is an integral
over part of the log alpha axis, taken of the polynomial that each panel's nodes stand for: a fixed set of weights for
each dose and limit, the same for all data. Everything asked of thousands of posteriors is then one matrix product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt

from celltrial.escalation.blrm.prior import DensityPrior, Span
from celltrial.escalation.quadrature import Floats, Ints, posterior_means

__all__ = ["Grid", "above_weights", "make_grid", "posterior_weights", "rate_columns", "summarise_many"]

_NODES = 8  # Gauss-Legendre nodes per panel
_NEGLIGIBLE = 30.0  # nodes this far below the prior's peak (in log weight) are left out: exp(-30) = 1e-13


@dataclass(frozen=True, slots=True)
class Grid:
    """Nodes in pairs, flat: log alpha, log beta, log weight (prior included); and the panels of log alpha.

    alpha: the log alpha axis (panels x nodes per panel); edges: ends of the panels; log_beta: the other axis;
    kept: which pairs of the full product are kept, shape (alpha axis, log beta axis).
    """

    alpha: Floats
    edges: Floats
    log_beta: Floats
    kept: npt.NDArray[np.bool_]
    log_weight: Floats


def make_grid(prior: DensityPrior, total_n: int, *, refine: float = 1.0) -> Grid:
    """A grid fine enough for any data of `total_n` participants; `refine` times finer on request (for tests)."""
    span_a, span_b = prior.spans()
    sharpest = 1 / sqrt(1 / span_a.sd**2 + total_n / 4)
    edges = _even(span_a, min(1.5, 2.5 * sharpest) / refine)
    place, weight = np.polynomial.legendre.leggauss(_NODES)
    half = np.diff(edges) / 2
    alpha = (edges[:-1, None] + half[:, None] * (place + 1)).ravel()
    alpha_weight = (half[:, None] * weight).ravel()
    log_beta = _even(span_b, min(0.25, 0.4 * span_b.sd) / refine)
    log_weight = prior.log_density(alpha, log_beta) + np.log(alpha_weight)[:, None]
    kept = log_weight > log_weight.max() - _NEGLIGIBLE
    return Grid(alpha=alpha, edges=edges, log_beta=log_beta, kept=kept, log_weight=log_weight[kept])


def _even(span: Span, width: float) -> Floats:
    return np.linspace(span.low, span.high, ceil((span.high - span.low) / width) + 1)


def rate_columns(grid: Grid, log_doses: Sequence[float]) -> tuple[Floats, Floats]:
    """log(rate) and log(1 - rate) of each dose at each node; `log_doses` are log(dose / reference). (doses, nodes)."""
    eta = grid.alpha[:, None] + np.exp(grid.log_beta)[None, :] * np.asarray(log_doses)[:, None, None]
    flat = eta[:, grid.kept]
    return -np.logaddexp(0, -flat), -np.logaddexp(0, flat)


def above_weights(grid: Grid, log_dose: float, logit_limit: float) -> Floats:
    """For each node the share of its weight with the logit of this dose's rate above the limit; shape (nodes,).

    The share is over 1 or under 0 for single nodes of the panel that the limit cuts; their sum is right.
    """
    cut = logit_limit - np.exp(grid.log_beta) * log_dose
    half = np.diff(grid.edges) / 2
    middle = grid.edges[:-1] + half
    # where the limit lies in each panel, from -1 (all of the panel is above it) to 1 (nothing is)
    inside = np.clip((cut[None, :] - middle[:, None]) / half[:, None], -1, 1)
    share = _upper_share(inside)
    panels, columns = inside.shape
    return share.transpose(0, 2, 1).reshape(panels * _NODES, columns)[grid.kept]


def _upper_share(start: Floats) -> Floats:
    """Integral from `start` to 1 of each node's Lagrange polynomial, over the node's weight; adds a last axis of nodes.

    With Legendre polynomials P_k: l_i(x) = w_i sum_k (k + 1/2) P_k(x_i) P_k(x), and the integral of P_k from t to 1 is
    (P_(k-1)(t) - P_(k+1)(t)) / (2 k + 1).
    """
    place, _ = np.polynomial.legendre.leggauss(_NODES)
    at_node = np.polynomial.legendre.legvander(place, _NODES - 1)
    at_start = np.polynomial.legendre.legvander(start, _NODES)
    integral = np.empty((*start.shape, _NODES))
    integral[..., 0] = 1 - start
    integral[..., 1:] = at_start[..., : _NODES - 1] - at_start[..., 2:]
    return np.asarray(integral @ at_node.T / 2, dtype=np.float64)


def summarise_many(grid: Grid, log_doses: Sequence[float], n: Ints, dlt: Ints, columns: Floats) -> Floats:
    """Posterior means of the functions in `columns`, shape (nodes, functions), for each data set.

    Args:
        n, dlt: evaluable and DLTs per dose; shape (data sets, doses).
    Returns:
        shape (data sets, functions).
    """
    terms = np.vstack(rate_columns(grid, log_doses))
    return posterior_means(terms, n, dlt, grid.log_weight, columns)


def posterior_weights(grid: Grid, log_doses: Sequence[float], n: Sequence[int], dlt: Sequence[int]) -> Floats:
    """Posterior probability of each node for one data set; shape (nodes,)."""
    log_dlt, log_none = rate_columns(grid, log_doses)
    weight = np.asarray(dlt) @ log_dlt + (np.asarray(n) - np.asarray(dlt)) @ log_none + grid.log_weight
    weight = np.exp(weight - weight.max())
    return np.asarray(weight / weight.sum(), dtype=np.float64)
