"""All trials at once, for designs that decide on complete outcomes: the k-th patient of every trial in one step.

A cohort is a row of places. A place is free from a day on: at once, or when the participant in it drops out; a place
whose participant will be evaluable is never free again. When no place of a cohort will be free, its outcomes are
settled, and the design decides for the day on which the last of them is known. The next cohort's places are free from
that day. So each patient needs a handful of operations on columns, and the decisions are made for all trials together.

The rules are those of one_by_one.py, which is the slower form for every design.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from celltrial.escalation.batch import Batch, Bools, Ints, decide_many
from celltrial.escalation.calendar.conduct import Conduct, Floats, Scenario
from celltrial.escalation.calendar.outcomes import Outcomes
from celltrial.escalation.calendar.patients import PAGE, PatientBook
from celltrial.escalation.counts import Counts
from celltrial.escalation.design import Design
from celltrial.escalation.mtd_batch import select_level_many
from celltrial.escalation.partial import PartialRule

__all__ = ["runs_in_lockstep", "simulate_lockstep"]


def runs_in_lockstep(design: Design) -> bool:
    """Whether the design decides on complete outcomes and puts nobody anywhere but in its cohorts."""
    is_calendar = any(getattr(rule, "needs_calendar", False) for rule in design.rules)
    return not is_calendar and not isinstance(design.base, PartialRule)


@dataclass(slots=True)
class _Trials:
    """Columns of the trials in progress; `places` x trials arrays have a row per trial and a column per place.

    n, dlt: evaluable participants and DLTs of cohorts that are settled. in_cohort: dosed in the present cohort.
    free_at: when a place is free, infinite where it is taken. known_at: when the outcome in a place is known.
    ends_at: the day from which nobody is enrolled any more because the design has stopped or the trial is full.
    """

    level: Ints
    n: Ints
    dlt: Ints
    enrolled: Ints
    free_at: Floats
    known_at: Floats
    in_place: NDArray[np.int8]
    sentinel_until: Floats
    not_before: Floats
    taken: Ints
    in_cohort: Ints
    last_known: Floats
    ends_at: Floats
    early: Bools
    going: Bools
    was_held: Bools
    tally: Ints


# columns of `tally`
_DROPPED, _AWAY, _HELD, _RUNS, _STAGGERED = range(5)
# what is in a place
_EMPTY, _NO_DLT, _DLT = 0, 1, 2


def simulate_lockstep(
    design: Design, scenario: Scenario, conduct: Conduct, *, seed: int, first: int, trials: int
) -> Outcomes:
    """Trials `first` to `first + trials - 1` of a seed."""
    book = PatientBook(scenario, conduct, seed=seed, first=first, trials=trials)
    state = _begin(design, scenario, conduct, trials)
    number = 0
    while state.going.any():
        page = book.page(number)
        for place in range(PAGE):
            arrival = np.ascontiguousarray(page.arrival[:, place])
            state.going &= (arrival <= conduct.max_days) & np.isfinite(arrival) & (arrival < state.ends_at)
            if not state.going.any():
                break
            rows, days = _offer(state, conduct, arrival)
            if len(rows):
                quantiles = [each[rows, place] for each in (page.tolerance, page.onset, page.drop_out)]
                _dose(state, scenario, conduct, rows, days, quantiles)
                _settle(state, design, conduct, rows)
        number += 1
    return _conclude(state, design, conduct)


def _begin(design: Design, scenario: Scenario, conduct: Conduct, trials: int) -> _Trials:
    levels = len(scenario.truth)
    nobody = np.zeros((trials, levels), np.int64)
    size = design.decide(Counts(n=(0,) * levels, dlt=(0,) * levels, current=conduct.start)).size or conduct.cohort_size
    places = max(conduct.cohort_size, size)
    state = _Trials(
        level=np.full(trials, conduct.start),
        n=nobody.copy(),
        dlt=nobody.copy(),
        enrolled=nobody.copy(),
        free_at=np.empty((trials, places)),
        known_at=np.empty((trials, places)),
        in_place=np.empty((trials, places), np.int8),
        sentinel_until=np.full((trials, levels), -np.inf),
        not_before=np.full(trials, -np.inf),
        taken=np.zeros(trials, np.int64),
        in_cohort=np.zeros(trials, np.int64),
        last_known=np.zeros(trials),
        ends_at=np.full(trials, np.inf),
        early=np.zeros(trials, bool),
        going=np.ones(trials, bool),
        was_held=np.zeros(trials, bool),
        tally=np.zeros((trials, 5), np.int64),
    )
    everyone = np.arange(trials)
    _open(state, everyone, np.full(trials, min(size, conduct.max_n)), np.full(trials, -np.inf))
    return state


def _open(state: _Trials, rows: Ints, sizes: Ints, from_day: Floats) -> None:
    """Empty places for the next cohort, free from a day on; those beyond its size are never free."""
    most = int(sizes.max(initial=0))
    if most > state.free_at.shape[1]:
        _widen(state, most)
    is_place = np.arange(state.free_at.shape[1]) < sizes[:, None]
    state.free_at[rows] = np.where(is_place, from_day[:, None], np.inf)
    state.known_at[rows] = -np.inf
    state.in_place[rows] = _EMPTY
    state.in_cohort[rows] = 0


def _widen(state: _Trials, places: int) -> None:
    """More places, where a design asks for a larger cohort than the plan has."""
    more = ((0, 0), (0, places - state.free_at.shape[1]))
    state.free_at = np.pad(state.free_at, more, constant_values=np.inf)
    state.known_at = np.pad(state.known_at, more, constant_values=-np.inf)
    state.in_place = np.pad(state.in_place, more)


def _offer(state: _Trials, conduct: Conduct, arrival: Floats) -> tuple[Ints, Floats]:
    """One patient for each trial: the rows that enrol, and the days. Counts those who find the escalation closed."""
    free = state.free_at.min(axis=1)
    opens = np.maximum(state.not_before, state.sentinel_until[np.arange(len(free)), state.level - 1])
    is_held = state.going & (arrival < free)
    is_staggered = state.going & ~is_held & (arrival < opens)
    day = np.maximum(arrival, np.maximum(free, opens))
    enrols = state.going & (day - arrival <= conduct.patience_days) & (day <= conduct.max_days)
    state.tally[:, _HELD] += is_held
    state.tally[:, _RUNS] += is_held & ~state.was_held
    state.tally[:, _STAGGERED] += is_staggered
    state.tally[:, _AWAY] += state.going & ~enrols
    state.was_held = is_held
    rows = np.flatnonzero(enrols)
    return rows, day[rows]


def _dose(
    state: _Trials, scenario: Scenario, conduct: Conduct, rows: Ints, days: Floats, quantiles: list[Floats]
) -> None:
    """Put these patients into the places that are free first."""
    tolerance, onset, leaves = quantiles
    level, window = state.level[rows], conduct.window_days
    rate = np.array(scenario.truth)[level - 1]
    has_dlt = tolerance < rate
    known = np.where(has_dlt, window * conduct.onset.fractions(onset, rate), window)
    is_evaluable = leaves >= known
    until = days + np.minimum(known, leaves)
    place = np.argmin(state.free_at[rows], axis=1)
    keeps = is_evaluable if conduct.drop_out.replaced else np.ones(len(rows), bool)
    state.free_at[rows, place] = np.where(keeps, np.inf, until)
    state.known_at[rows, place] = until
    state.in_place[rows, place] = np.where(is_evaluable, np.where(has_dlt, _DLT, _NO_DLT), _EMPTY)
    state.last_known[rows] = np.maximum(state.last_known[rows], until)
    state.tally[rows, _DROPPED] += ~is_evaluable
    state.taken[rows] += keeps
    _start_pauses(state, conduct, rows, days)
    state.enrolled[rows, level - 1] += 1
    state.in_cohort[rows] += 1


def _start_pauses(state: _Trials, conduct: Conduct, rows: Ints, days: Floats) -> None:
    """Called before the patients are counted in `enrolled` and `in_cohort`."""
    stagger, level = conduct.stagger, state.level[rows]
    state.not_before[rows] = days + stagger.gap_days
    if stagger.first_of == "level":
        is_first = state.enrolled[rows, level - 1] == 0
    else:
        is_first = state.in_cohort[rows] == 0
    state.sentinel_until[rows[is_first], level[is_first] - 1] = days[is_first] + stagger.sentinel_days


def _settle(state: _Trials, design: Design, conduct: Conduct, rows: Ints) -> None:
    """Where no place of the cohort will be free again: count it, decide, and open the next or end the trial."""
    rows = rows[(state.free_at[rows] == np.inf).all(axis=1)]
    if not len(rows):
        return
    level = state.level[rows]
    dlts = (state.in_place[rows] == _DLT).sum(axis=1)
    evaluable = (state.in_place[rows] != _EMPTY).sum(axis=1)
    state.n[rows, level - 1] += evaluable
    state.dlt[rows, level - 1] += dlts
    is_full = state.taken[rows] >= conduct.max_n
    ready = state.known_at[rows].max(axis=1)
    state.ends_at[rows[is_full]] = -np.inf
    going = ~is_full
    rows, ready, dlts, evaluable = rows[going], ready[going], dlts[going], evaluable[going]
    if not len(rows):
        return
    following, stop, size = _decide(state, design, rows, dlts, evaluable)
    in_time = ready <= conduct.max_days
    state.early[rows] = stop & in_time
    state.ends_at[rows[stop]] = ready[stop]
    onward = rows[~stop]
    state.level[onward] = following[~stop]
    sizes = np.where(size[~stop] == 0, conduct.cohort_size, size[~stop])
    _open(state, onward, np.minimum(sizes, conduct.max_n - state.taken[onward]), ready[~stop])
    if conduct.stagger.first_of == "cohort":
        state.sentinel_until[onward] = -np.inf


def _decide(state: _Trials, design: Design, rows: Ints, dlts: Ints, evaluable: Ints) -> tuple[Ints, Bools, Ints]:
    """Level, whether to stop, and size (0: as planned) of the next cohort of each row."""
    batch = Batch(n=state.n[rows], dlt=state.dlt[rows], current=state.level[rows])
    if not getattr(design.base, "looks_at_last_cohort", False):
        proposals = decide_many(design, batch)
        return proposals.level, proposals.stop, proposals.size
    level, stop, size = np.empty_like(rows), np.empty(len(rows), bool), np.empty_like(rows)
    for place, (counts, y, n) in enumerate(zip(batch.counts(), dlts.tolist(), evaluable.tolist(), strict=True)):
        decision = design.decide(Counts(n=counts.n, dlt=counts.dlt, current=counts.current, last=(y, n)))
        level[place], stop[place], size[place] = (
            decision.level or counts.current,
            decision.level is None,
            decision.size or 0,
        )
    return level, stop, size


def _conclude(state: _Trials, design: Design, conduct: Conduct) -> Outcomes:
    """Count cohorts that were still open at the end, and select."""
    is_open = (state.free_at < np.inf).any(axis=1)
    rows = np.flatnonzero(is_open & ~state.early & (state.taken < conduct.max_n))
    place = state.level[rows] - 1
    state.n[rows, place] += (state.in_place[rows] != _EMPTY).sum(axis=1)
    state.dlt[rows, place] += (state.in_place[rows] == _DLT).sum(axis=1)
    batch = Batch(n=state.n, dlt=state.dlt, current=state.level)
    return Outcomes(
        selected=select_level_many(design, batch, bound=None),
        n=state.n,
        dlt=state.dlt,
        enrolled=state.enrolled,
        backfilled=np.zeros(len(state.n), np.int64),
        dropped_out=state.tally[:, _DROPPED],
        turned_away=state.tally[:, _AWAY],
        held=state.tally[:, _HELD],
        suspensions=state.tally[:, _RUNS],
        staggered=state.tally[:, _STAGGERED],
        duration_days=state.last_known,
        early=state.early,
        unfinished=~state.early & (state.taken < conduct.max_n),
    )
