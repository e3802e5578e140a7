"""B cells after infusion from serial CD19+ counts: when they were gone, how deep, and when they were back.

Gone: a count under the threshold. Back: as many counts in a row at or above it as `recovery_samples` asks for; the day
of the first of them. A count that cannot be held against the threshold (not known, or below a limit that lies above it)
is tried each way: what it would change is said to be unknown.

The threshold is a parameter. Its default, 5 cells/uL, is the one the report of the study reads; no source fixes it for
lupus (undetectable, 10 and 20 cells/uL are in use, too).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.missing import Blq, NotEvaluable

__all__ = [
    "DEFAULT_THRESHOLD_PER_UL",
    "BCellEpisode",
    "BCellSample",
    "BCellState",
    "b_cell_episodes",
    "b_cell_state",
]

DEFAULT_THRESHOLD_PER_UL = Decimal(5)

StateName = Literal["not depleted", "aplasia", "recovering", "recovered", "unknown"]
_Known = Literal["not depleted", "aplasia", "recovering", "recovered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BCellSample:
    """A count of CD19+ B cells, in cells per microlitre; Blq below the assay's limit, None where not known."""

    on: date
    cells_per_ul: Decimal | Blq | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BCellEpisode:
    """A run from the first count under the threshold to recovery, or to the last sample.

    nadir: the lowest count known (Blq is lower than any number), and its first day. recovery: the first of the counts
    that prove it; NotEvaluable where they are not back by the last sample, or where an unclear count decides the day.
    onset: NotEvaluable where an unclear count before may have been the first. longest_gap_days: between two samples.
    """

    onset: date | NotEvaluable
    first_low: date
    nadir: Decimal | Blq
    nadir_on: date
    recovery: date | NotEvaluable
    last_sample: date
    longest_gap_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BCellState:
    """The state of B cells at a date, and why."""

    state: StateName
    reason: str


def b_cell_episodes(
    samples: Sequence[BCellSample],
    *,
    infusion: date,
    threshold_per_ul: Decimal = DEFAULT_THRESHOLD_PER_UL,
    recovery_samples: int = 2,
) -> tuple[BCellEpisode, ...]:
    """The episodes of B-cell aplasia from infusion on, in time; none where no count was under the threshold.

    samples: in any order, at most one a day; those before infusion are left out. recovery_samples: 2 by default.

    Raises UsageError for a negative count, two samples on a day, a threshold that is not above 0, or fewer than 1
    recovery sample.
    """
    ordered = _after_infusion(samples, infusion, threshold_per_ul, recovery_samples)
    lows = [_is_low(each, threshold_per_ul) for each in ordered]
    episodes: list[BCellEpisode] = []
    begin = 0
    while (start := next((i for i in range(begin, len(lows)) if lows[i]), None)) is not None:
        # an unclear count taken as low: recovery is certain only without its help
        end = _recovery(lows, start, recovery_samples, unclear_is_low=True)
        stop = len(lows) if end is None else end
        earliest = _recovery(lows, start, recovery_samples, unclear_is_low=False)
        has_sure_onset = not _may_begin_before(lows, begin, start, recovery_samples)
        episodes.append(
            _episode(ordered[start:], stop - start, None if earliest is None else earliest - start, has_sure_onset)
        )
        begin = stop
    return tuple(episodes)


def b_cell_state(
    samples: Sequence[BCellSample],
    on: date,
    *,
    infusion: date,
    threshold_per_ul: Decimal = DEFAULT_THRESHOLD_PER_UL,
    recovery_samples: int = 2,
    hold_days: int = 14,
    max_gap_days: int = 60,
) -> BCellState:
    """The state of B cells on a date: not depleted, aplasia, recovering, recovered, or unknown with its reason.

    recovering: at or above the threshold after aplasia, not yet often enough in a row. Between two samples the state
    stands where both agree and lie at most `max_gap_days` apart, or within `hold_days` after the earlier one; after
    the last sample for `hold_days`. Both are ours, parameters, and unverified.

    Raises UsageError as `b_cell_episodes` does, and for days that are negative.
    """
    if hold_days < 0 or max_gap_days < 0:
        raise UsageError(Finding(message="B cells: days to hold a state or to bridge a gap cannot be negative"))
    ordered = _after_infusion(samples, infusion, threshold_per_ul, recovery_samples)
    if on < infusion:
        return BCellState(state="unknown", reason=f"{on} is before the infusion on {infusion}")
    before = [index for index, each in enumerate(ordered) if each.on <= on]
    if not before:
        return BCellState(state="unknown", reason=f"no sample from infusion to {on}")
    lows = [_is_low(each, threshold_per_ul) for each in ordered]
    states = _certain_states(lows, recovery_samples)
    at = before[-1]
    held = (on - ordered[at].on).days
    now = states[at]
    if now is None:
        return BCellState(state="unknown", reason=f"a count by {ordered[at].on} cannot be held against the threshold")
    if held <= hold_days:
        return BCellState(state=now, reason=f"sample of {ordered[at].on}")
    if at + 1 == len(ordered):
        return BCellState(state="unknown", reason=f"last sample {held} days before, on {ordered[at].on}")
    gap = (ordered[at + 1].on - ordered[at].on).days
    around = f"samples of {ordered[at].on} and {ordered[at + 1].on}"
    if states[at + 1] != now:
        return BCellState(state="unknown", reason=f"{around} differ")
    if gap > max_gap_days:
        return BCellState(state="unknown", reason=f"{around} are {gap} days apart")
    return BCellState(state=now, reason=around)


def _after_infusion(
    samples: Sequence[BCellSample], infusion: date, threshold: Decimal, recovery_samples: int
) -> list[BCellSample]:
    """The samples from infusion on, in time; raises UsageError with everything that makes no sense."""
    findings = [
        Finding(message="a count of B cells is negative", where=str(each.on), found=str(each.cells_per_ul))
        for each in samples
        if each.cells_per_ul is not None and _sort_value(each.cells_per_ul)[1] < 0
    ]
    days = [each.on for each in samples]
    findings += [
        Finding(message="two samples of B cells on one day", where=str(day), next_step="keep one of them")
        for day in sorted({day for day in days if days.count(day) > 1})
    ]
    if threshold <= 0:
        findings.append(Finding(message="the threshold of B cells must be above 0", found=str(threshold)))
    if recovery_samples < 1:
        findings.append(Finding(message="recovery needs at least 1 sample", found=str(recovery_samples)))
    if findings:
        raise UsageError(findings)
    return sorted((each for each in samples if each.on >= infusion), key=lambda each: each.on)


def _is_low(sample: BCellSample, threshold: Decimal) -> bool | None:
    """Whether the count is under the threshold; None where it cannot be told."""
    match sample.cells_per_ul:
        case None:
            return None
        case Blq(lloq):
            return True if lloq <= threshold else None
        case count:
            return count < threshold


def _recovery(lows: Sequence[bool | None], start: int, needed: int, *, unclear_is_low: bool) -> int | None:
    """The index of the first of `needed` counts in a row that are not low, after `start`; None without them."""
    run = 0
    for index in range(start, len(lows)):
        low = unclear_is_low if lows[index] is None else lows[index]
        run = 0 if low else run + 1
        if run == needed:
            return index - needed + 1
    return None


def _may_begin_before(lows: Sequence[bool | None], begin: int, start: int, needed: int) -> bool:
    """Whether an unclear count from `begin` on, taken as low, would begin the episode that surely begins at `start`."""
    for index in range(begin, start):
        if lows[index] is None:
            back = _recovery(lows, index, needed, unclear_is_low=True)
            if back is None or back > start:
                return True
    return False


def _episode(samples: Sequence[BCellSample], stop: int, earliest: int | None, has_sure_onset: bool) -> BCellEpisode:
    """The episode that begins with the first sample; back for certain at `stop`, perhaps as early as `earliest`."""
    first, last = samples[0].on, samples[-1].on
    known = [(each.cells_per_ul, each.on) for each in samples[:stop] if each.cells_per_ul is not None]
    nadir, nadir_on = min(known, key=lambda pair: (_sort_value(pair[0]), pair[1]))
    seen = samples[: stop + 1]
    gaps = [(after.on - before.on).days for before, after in pairwise(seen)]
    recovery: date | NotEvaluable
    if earliest is None:
        recovery = NotEvaluable(f"not back by the last sample, {last}")
    elif stop == len(samples):
        recovery = NotEvaluable(f"by the last sample, {last}, back only if an unclear count was")
    elif earliest < stop:
        recovery = NotEvaluable(f"back by {samples[stop].on}; an unclear count may have been the first")
    else:
        recovery = samples[stop].on
    return BCellEpisode(
        onset=first if has_sure_onset else NotEvaluable(f"by {first}; an unclear count before may have been low"),
        first_low=first,
        nadir=nadir,
        nadir_on=nadir_on,
        recovery=recovery,
        last_sample=last,
        longest_gap_days=max(gaps, default=0),
    )


def _sort_value(count: Decimal | Blq) -> tuple[int, Decimal]:
    """For sorting: below a limit of quantification is lower than any number."""
    return (0, count.lloq) if isinstance(count, Blq) else (1, count)


def _certain_states(lows: Sequence[bool | None], needed: int) -> list[_Known | None]:
    """The state after each sample; None where an unclear count decides it.

    A state rises with the counts: where unclear counts taken all as low and all as not low give the same, so does
    every way between.
    """
    floor = _states([True if low is None else low for low in lows], needed)
    ceiling = _states([False if low is None else low for low in lows], needed)
    return [low if low == high else None for low, high in zip(floor, ceiling, strict=True)]


def _states(lows: Iterable[bool], needed: int) -> list[_Known]:
    """The state after each sample, with hindsight: counts that prove recovery are recovered from the first of them."""
    states: list[_Known] = []
    run = 0
    for low in lows:
        before: _Known = states[-1] if states else "not depleted"
        run = 0 if low else run + 1
        if low:
            states.append("aplasia")
        elif before in ("not depleted", "recovered"):
            states.append(before)
        elif run >= needed:
            states.append("recovered")
            states[-needed:] = ["recovered"] * needed
        else:
            states.append("recovering")
    return states
