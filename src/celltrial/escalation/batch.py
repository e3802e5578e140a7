"""Many states decided at once: the counts, proposals and outcomes of a design as columns of numbers, without reasons.

A base rule or a wrapper may offer its decision a second time for columns (`propose_many`, `apply_many`); a design whose
parts all do is enumerated by lookups instead of one call per state. The two forms have to agree on every state, which
tests/contracts/test_designs.py asserts. A rule without the second form takes the way through `Design.decide`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from celltrial.escalation.base import BaseRule
from celltrial.escalation.counts import Counts

if TYPE_CHECKING:
    from celltrial.escalation.design import Design

__all__ = [
    "Batch",
    "BatchBase",
    "BatchRule",
    "Bools",
    "Ints",
    "Proposals",
    "SizesRule",
    "decide_many",
    "lookup_by_n",
    "lowest_true",
    "propose_each",
    "propose_one_step_many",
]

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

_STEP = {"E": 1, "S": 0, "D": -1, "DU": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Counts of many trials: `n` and `dlt` have a row per state and a column per level; `current` one per state.

    last_n, last_dlt: of the last cohort of each state (0 of 0: none yet), for designs that look at it; else None.
    """

    n: Ints
    dlt: Ints
    current: Ints
    last_n: Ints | None = None
    last_dlt: Ints | None = None

    @property
    def levels(self) -> int:
        """How many dose levels there are."""
        return int(self.n.shape[1])

    def at(self, level: Ints) -> tuple[Ints, Ints]:
        """DLTs and evaluable participants of each state at its level (1-based)."""
        rows = np.arange(len(level))
        return self.dlt[rows, level - 1], self.n[rows, level - 1]

    def counts(self) -> list[Counts]:
        """One `Counts` for each state."""
        rows = zip(self.n.tolist(), self.dlt.tolist(), self.current.tolist(), self._last(), strict=True)
        return [Counts(n=tuple(n), dlt=tuple(dlt), current=current, last=last) for n, dlt, current, last in rows]

    def take(self, rows: Ints) -> "Batch":
        """These states."""
        n, dlt = (None if each is None else each[rows] for each in (self.last_n, self.last_dlt))
        return Batch(n=self.n[rows], dlt=self.dlt[rows], current=self.current[rows], last_n=n, last_dlt=dlt)

    def _last(self) -> "list[tuple[int, int] | None]":
        if self.last_n is None or self.last_dlt is None:
            return [None] * len(self.current)
        pairs = zip(self.last_dlt.tolist(), self.last_n.tolist(), strict=True)
        return [(dlts, n) if n else None for dlts, n in pairs]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """Columns of `Proposal`: level (0: below the list), stop, out (levels + 1: none), mtd and size (0: none)."""

    level: Ints
    stop: Bools
    out: Ints
    mtd: Ints
    size: Ints

    @classmethod
    def at_levels(cls, level: Ints, levels: int) -> "Proposals":
        """Go on at these levels, nothing ruled out, nothing declared."""
        nothing = np.zeros_like(level)
        return cls(
            level=level, stop=np.zeros(len(level), bool), out=nothing + levels + 1, mtd=nothing, size=nothing.copy()
        )

    def stopped_where(self, where: Bools) -> "Proposals":
        """Stopped there too."""
        return replace(self, stop=self.stop | where)

    def lowered_to(self, level: Ints) -> "Proposals":
        """At most this level; a cohort that was meant for another level has no size of its own any more."""
        lower = level < self.level
        return replace(self, level=np.where(lower, level, self.level), size=np.where(lower, 0, self.size))

    def ruled_out(self, lowest: Ints) -> "Proposals":
        """Without level `lowest` and those above it."""
        out = np.minimum(self.out, lowest)
        stop = self.stop | (out == 1)
        kept = replace(self, out=out, stop=stop, mtd=np.where(self.mtd < out, self.mtd, 0))
        return kept.lowered_to(np.where(stop, self.level, out - 1))


@runtime_checkable
class BatchBase(Protocol):
    """A base rule that decides many states at once."""

    def propose_many(self, batch: Batch) -> Proposals:
        """What `propose` says for each state."""
        ...


@runtime_checkable
class BatchRule(Protocol):
    """A wrapper that is applied to many states at once."""

    def apply_many(self, proposals: Proposals, batch: Batch) -> Proposals:
        """What `apply` says for each state."""
        ...


@runtime_checkable
class SizesRule(Protocol):
    """A wrapper that limits the size of the next cohort."""

    def sizes_many(self, proposals: Proposals, batch: Batch) -> Proposals:
        """What `size_for` says for each state, beside the size there is."""
        ...


def decide_many(design: "Design", batch: Batch) -> Proposals:
    """What `Design.decide` says for each state: level, stop, eliminated levels, declared MTD and size."""
    if not design.has_columns:
        return _decide_each(design, batch)
    proposals = propose_each(design.base, batch)
    for rule in design.in_stage("limit"):
        assert isinstance(rule, BatchRule)
        proposals = rule.apply_many(proposals, batch)
    proposals = replace(proposals, level=np.maximum(proposals.level, 1))
    for rule in design.in_stage("stop"):
        assert isinstance(rule, BatchRule)
        proposals = rule.apply_many(proposals, batch)
    for rule in design.rules:
        if isinstance(rule, SizesRule):
            proposals = rule.sizes_many(proposals, batch)
    return proposals


def _decide_each(design: "Design", batch: Batch) -> Proposals:
    """One call of `decide` per state."""
    levels = batch.levels
    rows = np.empty((len(batch.current), 5), np.int64)
    for place, counts in enumerate(batch.counts()):
        decision = design.decide(counts)
        out = decision.eliminated[0] if decision.eliminated else levels + 1
        stop = decision.level is None
        rows[place] = (decision.level or counts.current, stop, out, decision.mtd or 0, decision.size or 0)
    level, stopped, lowest, mtd, size = rows.T
    return Proposals(level=level, stop=stopped.astype(bool), out=lowest, mtd=mtd, size=size)


def propose_each(base: BaseRule, batch: Batch) -> Proposals:
    """What a base rule proposes for each state: by its columns where it has them, else one by one."""
    if isinstance(base, BatchBase):
        return base.propose_many(batch)
    levels, rows = batch.levels, np.empty((len(batch.current), 5), np.int64)
    for place, counts in enumerate(batch.counts()):
        each = base.propose(counts)
        rows[place] = (each.level, each.stop, each.eliminated_from or levels + 1, each.mtd or 0, each.size or 0)
    level, stopped, lowest, mtd, size = rows.T
    return Proposals(level=level, stop=stopped.astype(bool), out=lowest, mtd=mtd, size=size)


def propose_one_step_many(rule: BaseRule, batch: Batch) -> Proposals:
    """`propose_one_step` for many states: the cells of the numbers of participants there are, then a lookup."""
    dlts, n = batch.at(batch.current)
    steps = _step_table(rule, n)[n, dlts]
    return Proposals.at_levels(np.minimum(batch.current + steps, batch.levels), batch.levels)


def _step_table(rule: Any, n: Ints) -> Ints:
    most = int(n.max(initial=0))
    table = np.zeros((most + 1, most + 1), np.int64)
    for each in np.flatnonzero(np.bincount(n)).tolist():
        if each:  # with nobody at the level, the cohort goes there
            table[each, : each + 1] = _steps(rule, each)
    return table


@lru_cache(maxsize=65536)
def _steps(rule: Any, n: int) -> tuple[int, ...]:
    # `rule` is a BaseRule that hashes, as every frozen dataclass does
    return tuple(_STEP[rule.cell(dlts, n).letter] for dlts in range(n + 1))


def lookup_by_n(function: Callable[[int], int], n: Ints) -> Ints:
    """`function` of each number of participants, called once for each number that occurs."""
    occurring = np.flatnonzero(np.bincount(n.ravel()))
    table = np.zeros(int(n.max(initial=0)) + 1, np.int64)
    table[occurring] = [function(each) for each in occurring.tolist()]
    found: Ints = table[n]
    return found


def lowest_true(flags: Bools) -> Ints:
    """Per row the first column (from 1) that is true; the number of columns + 1 where none is."""
    first = np.argmax(flags, axis=1) + 1
    lowest: Ints = np.where(flags.any(axis=1), first, flags.shape[1] + 1)
    return lowest
