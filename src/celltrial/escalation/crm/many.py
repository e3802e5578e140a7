"""`Crm.propose` and `Crm.select` for many states at once; equal counts are fitted once."""

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from celltrial.escalation.batch import Batch, Bools, Ints, Proposals
from celltrial.escalation.binomial import as_fraction
from celltrial.escalation.crm import posterior
from celltrial.escalation.crm.posterior import Data

if TYPE_CHECKING:
    from celltrial.escalation.crm.design import Crm

__all__ = ["distinct_rows", "propose_crm_many", "recommend_many", "restrict_many", "select_crm_many"]


def propose_crm_many(crm: "Crm", batch: Batch) -> Proposals:
    """What `Crm.propose` says for each state."""
    level, stop = _fit_distinct(crm, batch)
    nobody = batch.n.sum(axis=1) == 0
    level = np.where(nobody, batch.current, restrict_many(crm, batch, level))
    return Proposals.at_levels(level, batch.levels).stopped_where(stop & ~nobody)


def restrict_many(crm: "Crm", batch: Batch, level: Ints) -> Ints:
    """What coherence and no skipping leave of the levels recommended; `batch` counts everybody treated."""
    level = np.minimum(level, np.where(_incoherent(crm, batch), batch.current, level))
    return np.minimum(level, _highest(crm, batch))


def select_crm_many(crm: "Crm", batch: Batch) -> Ints:
    """What `Crm.select` says for each state; 0 for none."""
    level, stop = _fit_distinct(crm, batch)
    return np.where(stop | (batch.n.sum(axis=1) == 0), 0, level)


def _fit_distinct(crm: "Crm", batch: Batch) -> tuple[Ints, Bools]:
    rows, back = distinct_rows(batch.n, batch.dlt)
    level, stop = recommend_many(crm, Data(n=batch.n[rows], dlt=batch.dlt[rows]))
    return level[back], stop[back]


def recommend_many(crm: "Crm", data: Data) -> tuple[Ints, Bools]:
    """The level nearest the target and whether the lowest is too toxic, for each data set, unrestricted."""
    model = crm.model(data.n.shape[1])
    if crm.estimate == "plug-in":
        rates = posterior.plug_in_rates(model, posterior.compute_means(model, crm.prior_sd, data))
    else:
        rates = posterior.compute_moments(model, crm.prior_sd, data).rates
    return posterior.recommend_levels(rates, crm.target), _too_toxic(crm, data)


def _too_toxic(crm: "Crm", data: Data) -> Bools:
    rate, cutoff = crm.too_toxic_rate, crm.too_toxic_cutoff
    if rate is None or cutoff is None:
        return np.zeros(data.count, bool)
    model = crm.model(data.n.shape[1])
    if crm.tail == "exact":
        return posterior.compute_tail(model, crm.prior_sd, data, level=1, rate=rate) > cutoff
    moments = posterior.compute_moments(model, crm.prior_sd, data)
    cut, quantile = model.beta_where(1, rate), NormalDist().inv_cdf(cutoff)
    return cut - moments.beta > quantile * np.sqrt(moments.variance)


def _incoherent(crm: "Crm", batch: Batch) -> Bools:
    """Where an escalation would follow too many DLTs, compared as whole numbers."""
    target = as_fraction(crm.target)
    dlts, n = batch.at(batch.current)
    if crm.coherence == "off":
        return np.zeros(len(n), bool)
    if crm.coherence == "current-level":
        return (n > 0) & (dlts * target.denominator > target.numerator * n)
    if batch.last_dlt is not None and batch.last_n is not None:
        known = batch.last_n > 0
        dlts, n = np.where(known, batch.last_dlt, dlts), np.where(known, batch.last_n, n)
    return (n > 0) & (dlts * target.denominator >= target.numerator * n)


def _highest(crm: "Crm", batch: Batch) -> Ints:
    if crm.no_skip == "off":
        return np.full(len(batch.current), batch.levels)
    base = batch.current
    if crm.no_skip == "tried":
        tried = batch.n > 0
        last = batch.levels - np.argmax(tried[:, ::-1], axis=1)
        base = np.where(tried.any(axis=1), last, base)
    return np.minimum(base + 1, batch.levels)


def distinct_rows(n: Ints, dlt: Ints) -> tuple[Ints, Ints]:
    """First row of each distinct pair of counts, and for every row the place of its pair among those."""
    most = int(n.max(initial=0)) + 1
    cells = n * (n + 1) // 2 + dlt
    radix = most * (most + 1) // 2
    if n.shape[1] * np.log2(max(radix, 2)) < 62:
        keys: NDArray[np.int64] = cells @ radix ** np.arange(n.shape[1], dtype=np.int64)
        _, rows, back = np.unique(keys, return_index=True, return_inverse=True)
    else:
        _, rows, back = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    return rows.astype(np.int64), back.ravel().astype(np.int64)
