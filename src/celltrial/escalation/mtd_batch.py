"""The level that finished trials yield, for many states at once: `select_level` and `select_by_rules` as columns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from celltrial.escalation.batch import Batch, Ints, decide_many
from celltrial.escalation.exact import concluded
from celltrial.escalation.mtd import TIE, lowest_ruled_out
from celltrial.escalation.rules import Rule

if TYPE_CHECKING:
    from celltrial.escalation.design import Design

__all__ = ["select_level_many", "select_many"]


def select_level_many(design: "Design", batch: Batch, *, bound: float | None) -> Ints:
    """What `select_level` says for each state; 0 where no level is selected."""
    if getattr(design.base, "declares_mtd", False):
        return decide_many(concluded(design), batch).mtd
    if hasattr(design.base, "select_many"):
        return _bounded_below(design.base.select_many(batch), _lowest_out_many(design.rules, batch))
    if hasattr(design.base, "select"):
        levels = np.array([design.base.select(counts) or 0 for counts in batch.counts()], np.int64)
        return _bounded_below(levels, _lowest_out_many(design.rules, batch))
    return select_many(batch, target=design.target, rules=design.rules, bound=bound)


def _bounded_below(levels: Ints, out: Ints) -> Ints:
    return np.minimum(levels, out - 1)


def _lowest_out_many(rules: Sequence[Rule], batch: Batch) -> Ints:
    out = np.full(len(batch.current), batch.levels + 1, np.int64)
    each_by_each = [rule for rule in rules if hasattr(rule, "rules_out") and not hasattr(rule, "rules_out_many")]
    for rule in rules:
        if hasattr(rule, "rules_out_many"):
            out = np.minimum(out, rule.rules_out_many(batch))
    if each_by_each:
        out = np.minimum(out, [lowest_ruled_out(counts, each_by_each) for counts in batch.counts()])
    return out


def select_many(batch: Batch, *, target: float, rules: Sequence[Rule], bound: float | None = None) -> Ints:
    """`select_by_rules` for many states: the level whose isotonic rate is nearest the target; 0 where there is none."""
    levels = np.arange(1, batch.levels + 1)
    admissible = (batch.n > 0) & (levels < _lowest_out_many(rules, batch)[:, None])
    rates = _isotonic_many(batch, admissible) + TIE * np.cumsum(admissible, axis=1)
    distance = np.abs(rates - target)
    distance[~admissible if bound is None else ~admissible | (rates > bound)] = np.inf
    best = np.argmin(distance, axis=1)
    return np.where(np.isfinite(distance[np.arange(len(best)), best]), best + 1, 0)


def _isotonic_many(batch: Batch, admissible: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Isotonic rates by the max-min formula: of level j the largest, over i <= j, smallest mean of i .. k, k >= j.

    Levels that are not admissible weigh nothing and so belong to no mean.
    Source: Robertson, Wright & Dykstra (1988), Order Restricted Statistical Inference, theorem 1.4.4.
    """
    had, had_not = batch.dlt + 0.05, batch.n - batch.dlt + 0.05
    whole = had + had_not
    weights = np.where(admissible, whole**2 * (whole + 1) / (had * had_not), 0.0)
    products = weights * (had / whole)
    count = batch.levels
    rates = np.full(batch.n.shape, -np.inf)
    for low in range(count):
        weight = np.cumsum(weights[:, low:], axis=1)
        means = np.full_like(weight, np.inf)
        np.divide(np.cumsum(products[:, low:], axis=1), weight, out=means, where=weight > 0)
        # the smallest mean from each end on: a running minimum from the right
        smallest = np.minimum.accumulate(means[:, ::-1], axis=1)[:, ::-1]
        np.maximum(rates[:, low:], smallest, out=rates[:, low:], where=admissible[:, low:])
    return rates
