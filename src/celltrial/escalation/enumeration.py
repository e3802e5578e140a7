"""Every trial a design can lead to, as columns: states that meet in the same counts are merged as they appear.

States are taken by their number of participants, the fewest first, so all ways into a state are known when it is
decided, also where cohorts have different sizes (titration, sentinels, A+B).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import comb, log2
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from celltrial.errors import Finding, UsageError
from celltrial.escalation.batch import Batch, Bools, Ints, Proposals, decide_many
from celltrial.escalation.mtd_batch import select_level_many

if TYPE_CHECKING:
    from celltrial.escalation.design import Design

__all__ = ["Columns", "Plan", "enumerate_columns"]

# number of ways, which may outgrow 64 bits: then whole numbers of Python, exact and slower
_EXACT_BITS = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is enumerated; see `enumerate_trials`."""

    levels: int
    cohort_size: int
    max_n: int
    start: int
    bound: float | None
    decide_last: bool
    max_states: int
    keeps_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """States and how many ways lead to each; of endings also the selected level (0: none) and whether it was early.

    last_n, last_dlt: of the last cohort; they part states only where the design looks at them.
    """

    n: Ints
    dlt: Ints
    current: Ints
    last_n: Ints
    last_dlt: Ints
    ways: NDArray[Any]
    paths: NDArray[Any]
    selected: Ints
    early: Bools

    def __len__(self) -> int:
        return len(self.current)

    def take(self, rows: Ints | Bools) -> "Columns":
        """These rows."""
        return Columns(**{name: getattr(self, name)[rows] for name in _COLUMNS})

    def batch(self, plan: Plan) -> Batch:
        """Their counts."""
        if plan.keeps_last:
            last_n, last_dlt = self.last_n, self.last_dlt
            return Batch(n=self.n, dlt=self.dlt, current=self.current, last_n=last_n, last_dlt=last_dlt)
        return Batch(n=self.n, dlt=self.dlt, current=self.current)


# what parts states with equal counts, without and with the last cohort
_PARTS = (("current",), ("current", "last_n", "last_dlt"))
_COLUMNS = ("n", "dlt", "current", "last_n", "last_dlt", "ways", "paths", "selected", "early")


def enumerate_columns(design: "Design", plan: Plan) -> tuple[Columns, int]:
    """All endings, merged, and how many states were decided.

    Raises:
        UsageError: more than `max_states` states to keep at once.
    """
    waiting: dict[int, list[Columns]] = {0: [_first(plan)]}
    endings: list[Columns] = []
    kept = decided = 0
    while waiting:
        treated = min(waiting)
        states = _merge(waiting.pop(treated), by=_PARTS[plan.keeps_last])
        is_last = treated == plan.max_n
        proposals = None if is_last and not plan.decide_last else decide_many(design, states.batch(plan))
        if treated == 0 and proposals is not None:  # the first cohort goes to the start, whatever a model would say
            proposals = replace(proposals, level=states.current, stop=np.zeros(1, bool))
        ended = np.ones(len(states), bool) if is_last or proposals is None else proposals.stop
        early = np.zeros(len(states), bool) if proposals is None else proposals.stop
        decided += len(states)
        if ended.any():
            endings.append(_end(design, states.take(ended), early[ended], plan))
            kept += len(endings[-1])
        if proposals is not None and not ended.all():
            for more, total in _treat(states, ended, proposals, plan, treated):
                waiting.setdefault(total, []).append(more)
        _check_size(kept + sum(len(each) for chunks in waiting.values() for each in chunks), plan)
    return _join(endings), decided


def _first(plan: Plan) -> Columns:
    nobody = np.zeros((1, plan.levels), np.int64)
    one = np.ones(1, np.int64 if plan.max_n <= _EXACT_BITS else object)
    none = np.zeros(1, np.int64)
    return Columns(
        n=nobody,
        dlt=nobody,
        current=np.full(1, plan.start),
        last_n=none,
        last_dlt=none,
        ways=one,
        paths=one,
        selected=none,
        early=none.astype(bool),
    )


def _treat(
    states: Columns, ended: Bools, proposals: Proposals, plan: Plan, treated: int
) -> Iterator[tuple[Columns, int]]:
    """One cohort in each state that goes on, with every number of DLTs."""
    sizes = np.where(proposals.size == 0, plan.cohort_size, proposals.size)
    sizes = np.minimum(sizes, plan.max_n - treated)
    for size in np.unique(sizes[~ended]).tolist():
        going = ~ended & (sizes == size)
        before, level = states.take(going), proposals.level[going]
        rows = np.arange(len(level))
        n = before.n.copy()
        n[rows, level - 1] += size
        for dlts in range(size + 1):
            dlt = before.dlt.copy()
            dlt[rows, level - 1] += dlts
            yield (
                replace(
                    before,
                    n=n,
                    dlt=dlt,
                    current=level,
                    last_n=np.full_like(level, size),
                    last_dlt=np.full_like(level, dlts),
                    ways=before.ways * comb(size, dlts),
                ),
                treated + size,
            )


def _end(design: "Design", states: Columns, early: Bools, plan: Plan) -> Columns:
    """The endings: the level selected; one for all that differ only in the level of the last cohort."""
    selected = select_level_many(design, states.batch(plan), bound=plan.bound)
    return _merge([replace(states, selected=selected, early=early)], by=("selected", "early"))


def _join(chunks: list[Columns]) -> Columns:
    if len(chunks) == 1:
        return chunks[0]
    return Columns(**{name: np.concatenate([getattr(each, name) for each in chunks]) for name in _COLUMNS})


def _merge(chunks: list[Columns], *, by: tuple[str, ...]) -> Columns:
    """One row for all with the same counts and the same values in the columns `by`; ways and paths are added up."""
    states = _join(chunks)
    if len(states) == 1:
        return states
    keys = _keys(states, by)
    order = np.argsort(keys[0]) if len(keys) == 1 else np.lexsort(keys)
    changes = np.zeros(len(order) - 1, bool)
    for key in keys:
        sorted_key = key[order]
        changes |= sorted_key[1:] != sorted_key[:-1]
    first = np.flatnonzero(np.concatenate(([True], changes)))
    rows = states.take(order[first])
    return replace(
        rows, ways=np.add.reduceat(states.ways[order], first), paths=np.add.reduceat(states.paths[order], first)
    )


def _keys(states: Columns, by: tuple[str, ...]) -> list[Ints]:
    """The counts and columns packed into as few whole numbers as 62 bits each allow; equal exactly when they are."""
    most = int(states.n.max(initial=0)) + 1
    columns = [getattr(states, name).astype(np.int64) for name in by]
    digits = [(column, int(column.max(initial=0)) + 1) for column in columns]
    # a triangle numbers the cells (n, dlt): 0/0, 0/1, 1/1, 0/2, ...
    cells = states.n * (states.n + 1) // 2 + states.dlt
    digits += [(cells[:, level], most * (most + 1) // 2) for level in range(states.n.shape[1])]
    keys: list[Ints] = []
    bits = 0.0
    for digit, radix in digits:
        bits += log2(radix)
        if not keys or bits > _EXACT_BITS:
            keys.append(digit)
            bits = log2(radix)
        else:
            keys[-1] = keys[-1] * radix + digit
    return keys


def _check_size(states: int, plan: Plan) -> None:
    if states > plan.max_states:
        raise UsageError(
            Finding(
                message="too many states to enumerate",
                found=f"more than {plan.max_states}",
                next_step="use larger cohorts or a smaller trial, raise max_states, or simulate",
            )
        )
