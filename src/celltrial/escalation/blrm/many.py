"""`Blrm.propose` and `Blrm.select` for many states at once; equal counts are fitted once."""

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import numpy as np

from celltrial.escalation.batch import Batch, Bools, Ints, Proposals
from celltrial.escalation.blrm.grid import above_weights, make_grid, rate_columns, summarise_many
from celltrial.escalation.crm.many import distinct_rows
from celltrial.escalation.quadrature import Floats

if TYPE_CHECKING:
    from celltrial.escalation.blrm.design import Blrm

__all__ = ["propose_blrm_many", "select_blrm_many"]


@dataclass(frozen=True, slots=True)
class _Judged:
    """Per state and level: whether it is safe, and its merit (the higher the better)."""

    safe: Bools
    merit: Floats


def propose_blrm_many(blrm: "Blrm", batch: Batch) -> Proposals:
    """What `Blrm.propose` says for each state."""
    blrm.require_levels(batch.levels)
    judged = _judge(blrm, batch)
    reachable = judged.safe & (np.arange(1, batch.levels + 1) <= _highest(blrm, batch)[:, None])
    level = _best(judged.merit, reachable)
    nobody = batch.n.sum(axis=1) == 0
    stop = (level == 0) & ~nobody
    proposals = Proposals.at_levels(np.where(nobody | stop, batch.current, level), batch.levels)
    return proposals.stopped_where(stop)


def select_blrm_many(blrm: "Blrm", batch: Batch) -> Ints:
    """What `Blrm.select` says for each state; 0 for none."""
    judged = _judge(blrm, batch)
    tried = batch.n > 0 if blrm.select_from == "tried" else np.ones_like(judged.safe)
    return np.where(batch.n.sum(axis=1) == 0, 0, _best(judged.merit, judged.safe & tried))


def _judge(blrm: "Blrm", batch: Batch) -> _Judged:
    rows, back = distinct_rows(batch.n, batch.dlt)
    n, dlt = batch.n[rows], batch.dlt[rows]
    grid = make_grid(blrm.model.prior, int(n.sum(axis=1).max(initial=0)))
    limits = [log(rate / (1 - rate)) for rate in (blrm.intervals.low, blrm.intervals.high, blrm.intervals.unacceptable)]
    # only what the criterion asks for: each column is a matrix product over all states
    needed = {"target": limits[:2], "loss": limits, "nearest": limits[1:2], "highest": limits[1:2]}[blrm.criterion]
    doses = blrm.model.log_doses
    columns = [above_weights(grid, dose, limit) for dose in doses for limit in needed]
    if blrm.criterion == "nearest":
        columns += list(np.exp(rate_columns(grid, doses)[0]))
    values = summarise_many(grid, doses, n, dlt, np.stack(columns, axis=1))
    above = values[:, : len(doses) * len(needed)].reshape(len(n), len(doses), len(needed))
    overdose = above[:, :, 0 if len(needed) == 1 else 1]
    return _Judged(safe=(overdose < blrm.max_overdose)[back], merit=_merit(blrm, above, values)[back])


def _merit(blrm: "Blrm", above: Floats, values: Floats) -> Floats:
    states, levels, _ = above.shape
    match blrm.criterion:
        case "target":
            return above[:, :, 0] - above[:, :, 1]
        case "loss":
            under, target, over, worst = blrm.losses
            low, high, unacceptable = above[:, :, 0], above[:, :, 1], above[:, :, 2]
            loss = under * (1 - low) + target * (low - high) + over * (high - unacceptable) + worst * unacceptable
            return np.asarray(-loss, dtype=np.float64)
        case "nearest":
            return -np.abs(values[:, levels:] - blrm.target)
        case "highest":
            return np.broadcast_to(np.arange(levels, dtype=np.float64), (states, levels))


def _best(merit: Floats, allowed: Bools) -> Ints:
    """The allowed level (1-based) of the highest merit, the lower of two equal ones; 0 where none is allowed."""
    best = np.argmax(np.where(allowed, merit, -np.inf), axis=1).astype(np.int64) + 1
    return np.where(allowed.any(axis=1), best, 0)


def _highest(blrm: "Blrm", batch: Batch) -> Ints:
    """`Blrm.highest` for each state."""
    base = batch.current
    if blrm.no_skip == "tried":
        tried = batch.n > 0
        base = np.where(tried.any(axis=1), batch.levels - np.argmax(tried[:, ::-1], axis=1), base)
    highest = np.full(len(base), batch.levels) if blrm.no_skip == "off" else np.minimum(base + 1, batch.levels)
    doses = np.array(blrm.model.doses)
    after_dlt = batch.dlt.sum(axis=1) > 0
    for flag in (False, True):
        bound = blrm.increase_bound(flag)
        if bound is not None:
            most = np.searchsorted(doses, doses[batch.current - 1] * (1 + bound) * (1 + 1e-12), side="right")
            limited = np.maximum(np.minimum(highest, most), batch.current)
            highest = np.where(after_dlt == flag, limited, highest)
    return highest
