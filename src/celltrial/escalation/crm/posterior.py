"""Posterior summaries of the CRM for many data sets at once: moments of beta, mean DLT rates, tails, the level advised.

A data set is a row: evaluable and DLTs per level, and where some participants are still in follow-up, their levels and
weights (TITE-CRM: the likelihood of no DLT so far is 1 - weight x rate).
"""

from dataclasses import dataclass, replace

import numpy as np

from celltrial.escalation.crm.quadrature import BetaNodes, log_rates, make_nodes
from celltrial.escalation.crm.working import WorkingModel
from celltrial.escalation.quadrature import Floats, Ints, posterior_means

__all__ = [
    "Data",
    "Moments",
    "compute_means",
    "compute_moments",
    "compute_tail",
    "find_mle",
    "plug_in_rates",
    "recommend_levels",
]

_CELLS = 4_000_000  # of a block of data sets x nodes with participants in follow-up
_MLE_REACH = 10.0  # where the maximum is looked for; dfcrm has the same interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Data sets in rows.

    n, dlt: shape (data sets, levels). pending_level (1-based), pending_weight: participants in follow-up without a DLT
    so far, shape (data sets, most pending); a weight of 0 stands for nobody.
    """

    n: Ints
    dlt: Ints
    pending_level: Ints | None = None
    pending_weight: Floats | None = None

    @property
    def count(self) -> int:
        """How many data sets."""
        return len(self.n)

    @property
    def most(self) -> int:
        """The largest number of participants of a data set."""
        pending = 0 if self.pending_level is None else self.pending_level.shape[1]
        return (int(self.n.sum(axis=1).max()) if self.count else 0) + pending

    def rows(self, part: slice) -> "Data":
        """Some of the rows."""
        level, weight = self.pending_level, self.pending_weight
        return replace(
            self,
            n=self.n[part],
            dlt=self.dlt[part],
            pending_level=None if level is None else level[part],
            pending_weight=None if weight is None else weight[part],
        )


@dataclass(frozen=True, slots=True)
class Moments:
    """Posterior mean and variance of beta, shape (data sets,); mean and variance of the rates, (data sets, levels)."""

    beta: Floats
    variance: Floats
    rates: Floats
    rates_variance: Floats


def compute_moments(model: WorkingModel, prior_sd: float, data: Data, *, refine: int = 1) -> Moments:
    """Posterior moments of beta and of the DLT rates."""
    nodes = make_nodes(model, prior_sd, data.most, refine=refine)
    rates = np.exp(log_rates(model, nodes.beta)[0])
    columns = np.concatenate([nodes.beta[None], nodes.beta[None] ** 2, rates, rates**2]).T
    first = _means(model, nodes, data, columns)
    mean, square = first[:, 2 : 2 + model.levels], first[:, 2 + model.levels :]
    return Moments(first[:, 0], first[:, 1] - first[:, 0] ** 2, mean, np.maximum(square - mean**2, 0))


def compute_means(model: WorkingModel, prior_sd: float, data: Data) -> Floats:
    """Posterior mean of beta alone, shape (data sets,): all that a plug-in decision needs."""
    nodes = make_nodes(model, prior_sd, data.most)
    return _means(model, nodes, data, nodes.beta[:, None])[:, 0]


def compute_tail(model: WorkingModel, prior_sd: float, data: Data, *, level: int, rate: float) -> Floats:
    """Posterior probability that the DLT rate of a level is above `rate`, for each data set: exact quadrature.

    The rate falls as beta grows, so this is the probability of beta below one point, which is made a panel's end.
    """
    cut = model.beta_where(level, rate)
    nodes = make_nodes(model, prior_sd, data.most, breaks=(cut,))
    return _means(model, nodes, data, (nodes.beta < cut).astype(np.float64)[:, None])[:, 0]


def _means(model: WorkingModel, nodes: BetaNodes, data: Data, columns: Floats) -> Floats:
    """Posterior means of the functions in `columns`; those in follow-up a block of data sets at a time."""
    logs = log_rates(model, nodes.beta)
    terms = np.vstack(logs)
    if data.pending_level is None:
        return posterior_means(terms, data.n, data.dlt, nodes.log_weight, columns)
    size = max(1, _CELLS // len(nodes.beta))
    blocks = [data.rows(slice(first, first + size)) for first in range(0, data.count, size)]
    return np.concatenate(
        [
            posterior_means(terms, each.n, each.dlt, nodes.log_weight, columns, _pending_log_likelihood(logs, each))
            for each in blocks
        ]
    )


def _pending_log_likelihood(logs: tuple[Floats, Floats], data: Data) -> Floats | None:
    """Sum over the participants in follow-up of log(1 - weight x rate); shape (data sets, nodes)."""
    level, weight = data.pending_level, data.pending_weight
    if level is None or weight is None:
        return None
    total = np.zeros((data.count, logs[0].shape[1]))
    for place in range(level.shape[1]):
        full = weight[:, place] >= 1
        rows = level[:, place] - 1
        part = np.log1p(-np.where(full, 0.0, weight[:, place])[:, None] * np.exp(logs[0][rows]))
        total += np.where(full[:, None], logs[1][rows], part)
    return total


def plug_in_rates(model: WorkingModel, beta: Floats) -> Floats:
    """DLT rates of every level at each beta; shape (data sets, levels)."""
    return np.exp(log_rates(model, beta)[0]).T


def recommend_levels(rates: Floats, target: float) -> Ints:
    """The level (1-based) whose rate is nearest the target, as `nearest_level` has it; shape (data sets,)."""
    nearest: Ints = np.argmin(np.abs(rates - target), axis=1).astype(np.int64) + 1
    return np.where(rates.max(axis=1) <= target, rates.shape[1], nearest)


def find_mle(model: WorkingModel, data: Data) -> tuple[float, float]:
    """Maximum likelihood estimate of beta for one data set, and the variance about it under a flat prior.

    Both on [-10, 10]: beyond, the logistic likelihood does not vanish and a flat prior has no variance.
    """
    low, high = -_MLE_REACH, _MLE_REACH
    for _ in range(12):
        beta = np.linspace(low, high, 401)
        best = int(np.argmax(_log_likelihood(model, data, beta)))
        low, high = beta[max(best - 1, 0)], beta[min(best + 1, 400)]
    estimate = float(beta[best])
    beta = np.linspace(-_MLE_REACH, _MLE_REACH, 20_001)
    log_likelihood = _log_likelihood(model, data, beta)
    weight = np.exp(log_likelihood - log_likelihood.max())
    return estimate, float(weight @ beta**2 / weight.sum()) - estimate**2


def _log_likelihood(model: WorkingModel, data: Data, beta: Floats) -> Floats:
    logs = log_rates(model, beta)
    total = data.dlt @ logs[0] + (data.n - data.dlt) @ logs[1]
    extra = _pending_log_likelihood(logs, data)
    flat: Floats = (total if extra is None else total + extra)[0]
    return flat
