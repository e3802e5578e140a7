"""One trial after the other, patient by patient: the form in which every rule of the simulation is written down.

It serves any design. Designs for complete outcomes run faster in lockstep.py, which has to agree with this module on
every patient (tests/contracts/test_calendar.py).

A patient arrives. The escalation enrols, or it is closed: because outcomes are pending, or within a pause between
doses. Where it is closed the patient is backfilled if a level is open to that, else waits as long as patience lasts and
is offered a place again whenever an outcome has become known or a pause is over, else is turned away.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from math import inf
from typing import Any, Literal

import numpy as np

from celltrial.escalation.bf_boin import open_levels
from celltrial.escalation.calendar.conduct import Conduct, Scenario
from celltrial.escalation.calendar.outcomes import Outcomes
from celltrial.escalation.calendar.patients import PatientBook
from celltrial.escalation.counts import Counts
from celltrial.escalation.design import Design
from celltrial.escalation.exact import select_level
from celltrial.escalation.partial import PartialCounts, PartialRule, decide_partial
from celltrial.escalation.rules_levels import Backfill

__all__ = ["simulate_one_by_one"]

# level of the next cohort (None: stop), and its size where the design has one
_Next = tuple[int | None, int | None]


@dataclass(slots=True)
class _Dosed:
    """A participant: where, when, and what becomes of it when."""

    level: int
    at: float
    known_at: float
    has_dlt: bool
    is_evaluable: bool
    is_backfilled: bool
    active_at: float


@dataclass(frozen=True, slots=True)
class _Answer:
    """Enrol at `level`; or closed until a day (infinite: for good); or the trial is over."""

    kind: Literal["enrol", "pending", "stagger", "over"]
    until: float = inf


@dataclass(frozen=True, slots=True)
class _Setting:
    """What is the same for all trials."""

    design: Design
    scenario: Scenario
    conduct: Conduct
    is_partial: bool
    looks_back: bool
    backfill: Backfill | None
    lambda_d: float
    decide: Callable[[Counts], _Next]


@dataclass(slots=True)
class _Trial:
    """A trial in progress."""

    setting: _Setting
    level: int
    size: int
    dosed: list[_Dosed] = field(default_factory=list)
    cohort: list[_Dosed] = field(default_factory=list)
    not_before: float = -inf
    sentinel_until: dict[int, float] = field(default_factory=dict)
    turned_away: int = 0
    held: int = 0
    suspensions: int = 0
    staggered: int = 0
    was_held: bool = False
    opened_on: float = -inf
    stopped_on: float = inf
    full: bool = False

    @property
    def stopped(self) -> bool:
        """Whether the design has stopped the trial."""
        return self.stopped_on < inf

    @property
    def escalated(self) -> list[_Dosed]:
        """All but the backfilled."""
        return [each for each in self.dosed if not each.is_backfilled]


def simulate_one_by_one(
    design: Design, scenario: Scenario, conduct: Conduct, *, seed: int, first: int, trials: int
) -> Outcomes:
    """Trials `first` to `first + trials - 1` of a seed."""
    setting = _prepare(design, scenario, conduct)
    book = PatientBook(scenario, conduct, seed=seed, first=first, trials=trials)
    rows = [_conclude(_run(setting, book, row)) for row in range(trials)]
    return Outcomes(**{name: np.array([row[name] for row in rows]) for name in rows[0]})


def _prepare(design: Design, scenario: Scenario, conduct: Conduct) -> _Setting:
    def decide(counts: Counts) -> _Next:
        decision = design.decide(counts)
        return decision.level, decision.size

    return _Setting(
        design=design,
        scenario=scenario,
        conduct=conduct,
        is_partial=isinstance(design.base, PartialRule),
        looks_back=getattr(design.base, "looks_at_last_cohort", False),
        backfill=next((rule for rule in design.rules if isinstance(rule, Backfill)), None),
        lambda_d=dict(design.base.figures).get("lambda_d", inf),
        decide=cache(decide),
    )


def _run(setting: _Setting, book: PatientBook, row: int) -> _Trial:
    conduct = setting.conduct
    trial = _Trial(setting, conduct.start, 0)
    trial.size = _first_size(setting)
    is_over, last = False, 0.0
    for arrival, *quantiles in _patients(book, row):
        if arrival > conduct.max_days or arrival == inf:
            break
        last = arrival
        is_over = _offer(trial, arrival, quantiles)
        if is_over:
            break
    if not is_over:  # out of days or patients: a design that stops on the last outcomes still says so
        limit = conduct.max_days if conduct.max_days < inf else max(last, _last_known(trial))
        _ask(trial, limit)
    return trial


def _first_size(setting: _Setting) -> int:
    """The size of the first cohort, which may be a design's own (titration, A+B)."""
    levels = len(setting.scenario.truth)
    nobody = (0,) * levels
    size = setting.decide(Counts(n=nobody, dlt=nobody, current=setting.conduct.start))[1]
    return min(size or setting.conduct.cohort_size, setting.conduct.max_n)


def _patients(book: PatientBook, row: int) -> Iterator[Any]:
    number = 0
    while True:
        page = book.page(number)
        columns = (page.arrival, page.tolerance, page.onset, page.drop_out, page.response)
        yield from zip(*(column[row].tolist() for column in columns), strict=True)
        number += 1


def _offer(trial: _Trial, arrival: float, quantiles: list[float]) -> bool:
    """A patient comes; whether the trial takes no more patients."""
    conduct = trial.setting.conduct
    now, answer = arrival, _ask(trial, arrival)
    _count_closed(trial, answer)
    while answer.kind != "enrol":
        if answer.kind == "over":
            trial.turned_away += now > arrival
            return now == arrival
        if level := _open_to_backfill(trial, now):
            _dose(trial, now, level, quantiles, is_backfilled=True)
            return False
        if answer.until - arrival > conduct.patience_days or answer.until > conduct.max_days:
            trial.turned_away += 1
            return False
        now = answer.until
        answer = _ask(trial, now)
    _dose(trial, now, trial.level, quantiles, is_backfilled=False)
    return trial.full and trial.setting.backfill is None


def _count_closed(trial: _Trial, answer: _Answer) -> None:
    is_held = answer.kind == "pending"
    trial.held += is_held
    trial.suspensions += is_held and not trial.was_held
    trial.staggered += answer.kind == "stagger"
    trial.was_held = is_held


def _ask(trial: _Trial, now: float) -> _Answer:
    """Whether the escalation enrols now; where the cohort is complete, the design decides on the next."""
    if trial.stopped or trial.full:
        last = trial.stopped_on if trial.stopped else max(each.known_at for each in trial.escalated)
        return _Answer("pending") if now < last else _Answer("over")
    if now < trial.opened_on:  # a patient who waited has been enrolled before this one came
        return _Answer("pending", trial.opened_on)
    if _active(trial, trial.cohort, now) >= trial.size:
        later = [each.known_at for each in trial.escalated if each.known_at > now]
        is_enough = _active(trial, trial.escalated, now) >= trial.setting.conduct.max_n
        if is_enough or (later and not trial.setting.is_partial):
            return _Answer("pending", min(later))
        closed = _open_next(trial, now)
        if closed is not None:
            return closed
    opens = max(trial.not_before, trial.sentinel_until.get(trial.level, -inf))
    return _Answer("enrol") if now >= opens else _Answer("stagger", opens)


def _active(trial: _Trial, dosed: list[_Dosed], now: float) -> int:
    """Participants who are evaluable or may still be; who has left counts only where nobody replaces them."""
    replaced = trial.setting.conduct.drop_out.replaced
    return sum(each.is_evaluable or each.known_at > now or not replaced for each in dosed)


def _open_next(trial: _Trial, now: float) -> _Answer | None:
    """Decide and open the next cohort; an answer where none is opened."""
    setting = trial.setting
    size: int | None = None
    if setting.is_partial:
        decision = decide_partial(setting.design, _see_partial(trial, now))
        if decision.hold:
            return _Answer("pending", min(each.known_at for each in trial.dosed if each.known_at > now))
        level = decision.level
    else:
        level, size = setting.decide(_see(trial, now))
    if level is None:
        trial.stopped_on = now
        return _Answer("over")
    taken = _active(trial, trial.escalated, now)
    trial.level, trial.cohort, trial.opened_on = level, [], now
    trial.size = min(size or setting.conduct.cohort_size, setting.conduct.max_n - taken)
    if setting.conduct.stagger.first_of == "cohort":
        trial.sentinel_until.pop(level, None)
    return None


def _see(trial: _Trial, now: float) -> Counts:
    """The outcomes known now, and those of the last cohort where the design looks at it."""
    levels = len(trial.setting.scenario.truth)
    n, dlt = [0] * levels, [0] * levels
    for each in trial.dosed:
        if each.is_evaluable and each.known_at <= now:
            n[each.level - 1] += 1
            dlt[each.level - 1] += each.has_dlt
    known = [each.has_dlt for each in trial.cohort if each.is_evaluable and each.known_at <= now]
    last = (sum(known), len(known)) if trial.setting.looks_back and trial.cohort else None
    return Counts(n=tuple(n), dlt=tuple(dlt), current=trial.level, last=last)


def _see_partial(trial: _Trial, now: float) -> PartialCounts:
    """The outcomes known now, and the follow-up of those that are not."""
    levels, window = len(trial.setting.scenario.truth), trial.setting.conduct.window_days
    n, dlt, pending, follow_up = [0] * levels, [0] * levels, [0] * levels, [0.0] * levels
    followed: list[tuple[int, float]] = []
    dlt_times: list[tuple[int, float]] = []
    for each in trial.dosed:
        place, is_pending = each.level - 1, each.known_at > now
        if not is_pending and not each.is_evaluable:
            continue
        n[place] += 1
        if is_pending:
            part = min(max((now - each.at) / window, 0.0), 1.0)
            pending[place] += 1
            follow_up[place] += part
            followed.append((each.level, part))
        elif each.has_dlt:
            dlt[place] += 1
            dlt_times.append((each.level, min((each.known_at - each.at) / window, 1.0) if window else 0.0))
    known = [each for each in trial.cohort if each.is_evaluable or each.known_at > now]
    last = (sum(each.has_dlt and each.known_at <= now for each in known), len(known))
    return PartialCounts(
        n=tuple(n),
        dlt=tuple(dlt),
        pending=tuple(pending),
        follow_up=tuple(map(min, follow_up, map(float, pending))),
        current=trial.level,
        followed=tuple(followed),
        dlt_times=tuple(dlt_times),
        last=last if trial.setting.looks_back and known else None,
    )


def _open_to_backfill(trial: _Trial, now: float) -> int | None:
    """The level that takes a backfilled participant now."""
    backfill, how = trial.setting.backfill, trial.setting.conduct.backfilling
    if backfill is None or trial.stopped:
        return None
    levels = range(1, len(trial.setting.scenario.truth) + 1)
    active = [
        not how.needs_activity or any(each.level == level and each.active_at < now for each in trial.dosed)
        for level in levels
    ]
    assigned = [sum(each.level == level for each in trial.dosed) for level in levels]
    open_now, _ = open_levels(
        _see(trial, now), assigned=assigned, active=active, cap=backfill.n, lambda_d=trial.setting.lambda_d
    )
    if not open_now:
        return None
    return max(open_now) if how.assign == "highest" else min(open_now)


def _dose(trial: _Trial, now: float, level: int, quantiles: list[float], *, is_backfilled: bool) -> None:
    conduct, scenario = trial.setting.conduct, trial.setting.scenario
    tolerance, onset, leaves, response = quantiles
    rate, window = scenario.truth[level - 1], conduct.window_days
    has_dlt = tolerance < rate
    known = window * float(conduct.onset.fractions(np.array(onset), np.array(rate))) if has_dlt else window
    is_evaluable = leaves >= known
    responds = bool(scenario.activity) and response < scenario.activity[level - 1]
    stays = min(known, leaves)
    one = _Dosed(level, now, now + stays, has_dlt and is_evaluable, is_evaluable, is_backfilled, inf)
    one.active_at = now + window if responds and leaves >= window else inf
    if not is_backfilled:
        _start_pauses(trial, now, level)
        trial.cohort.append(one)
    trial.dosed.append(one)
    kept = sum(each.is_evaluable or not conduct.drop_out.replaced for each in trial.escalated)
    trial.full = kept >= conduct.max_n


def _start_pauses(trial: _Trial, now: float, level: int) -> None:
    stagger = trial.setting.conduct.stagger
    trial.not_before = now + stagger.gap_days
    is_first = not trial.cohort if stagger.first_of == "cohort" else all(each.level != level for each in trial.dosed)
    if is_first:
        trial.sentinel_until[level] = now + stagger.sentinel_days


def _last_known(trial: _Trial, *, escalation_only: bool = False) -> float:
    chosen = (each for each in trial.dosed if not (escalation_only and each.is_backfilled))
    return max((each.known_at for each in chosen), default=0.0)


def _conclude(trial: _Trial) -> dict[str, Any]:
    """One row of `Outcomes`."""
    setting = trial.setting
    end = _last_known(trial, escalation_only=setting.conduct.data_cut == "escalation")
    counts = _see(trial, end)
    enrolled = [sum(each.level == level + 1 for each in trial.dosed) for level in range(counts.levels)]
    return {
        "selected": select_level(setting.design, counts) or 0,
        "n": counts.n,
        "dlt": counts.dlt,
        "enrolled": enrolled,
        "backfilled": sum(each.is_backfilled for each in trial.dosed),
        "dropped_out": sum(not each.is_evaluable for each in trial.dosed),
        "turned_away": trial.turned_away,
        "held": trial.held,
        "suspensions": trial.suspensions,
        "staggered": trial.staggered,
        "duration_days": end,
        "early": trial.stopped,
        "unfinished": not trial.stopped and not trial.full,
    }
