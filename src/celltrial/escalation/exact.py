"""Exact operating characteristics: every trial a design can lead to, with paths that meet in the same counts merged.

A rule-based design looks at the counts only, so two histories with equal counts at the same level have the same future.
Merging them keeps the number of states small (thousands instead of millions of paths) and the result exact: a trial
with given counts has probability (number of ways) x product of p^y (1 - p)^(n - y) over the levels, whatever the order.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import comb, prod
from typing import TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.counts import Counts
from celltrial.escalation.design import Design
from celltrial.escalation.mtd import select_by_rules
from celltrial.escalation.three_plus_three import ThreePlusThree

__all__ = [
    "Ending",
    "Enumeration",
    "OperatingCharacteristics",
    "check_trial",
    "compute_oc",
    "enumerate_trials",
    "exact_oc",
    "require_truth",
    "select_level",
]

_State: TypeAlias = tuple[tuple[int, ...], tuple[int, ...], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How trials end: counts per level, the level selected (None: none), whether the design stopped before max_n.

    ways: the number of outcomes, participant by participant, that lead here; paths: the same, cohort by cohort.
    """

    n: tuple[int, ...]
    dlt: tuple[int, ...]
    selected: int | None
    early: bool
    ways: int
    paths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Enumeration:
    """All endings of a design on `levels` dose levels; any scenario of true rates can be computed from it."""

    levels: int
    endings: tuple[Ending, ...]

    @property
    def paths(self) -> int:
        """How many different sequences of cohorts and their DLT counts there are."""
        return sum(ending.paths for ending in self.endings)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingCharacteristics:
    """How a design behaves when the true DLT rates are `truth`.

    selection: probability per level of being selected as MTD; none: of no selection.
    patients, dlts: expected number per level; expected_n: of all participants.
    stopped_early: probability that the design stopped before the maximum sample size.
    standard_error: Monte Carlo standard error of `selection`; None where it is exact.
    """

    truth: tuple[float, ...]
    selection: tuple[float, ...]
    none: float
    patients: tuple[float, ...]
    dlts: tuple[float, ...]
    expected_n: float
    stopped_early: float
    standard_error: tuple[float, ...] | None = None


def select_level(design: Design, counts: Counts, *, bound_mtd: bool = False) -> int | None:
    """The MTD a finished trial yields: the one 3+3 declares, else by isotonic regression (`select_mtd`)."""
    if isinstance(design.base, ThreePlusThree):
        return design.decide(counts).mtd
    bound = dict(design.base.figures)["lambda_d"] if bound_mtd else None
    return select_by_rules(counts, target=design.target, rules=design.rules, bound=bound).level


def check_trial(
    design: Design, *, levels: int, cohort_size: int, max_n: int, start: int, bound_mtd: bool
) -> tuple[Finding, ...]:
    """Findings on a trial that is to be enumerated or simulated."""
    numbers = (("levels", levels), ("cohort size", cohort_size), ("maximum sample size", max_n))
    findings = [
        Finding(message=f"the {name} is not a positive number", found=str(value), expected="1 or more")
        for name, value in numbers
        if value < 1
    ]
    if not 1 <= start <= max(levels, 1):
        findings.append(
            Finding(message="the starting level does not exist", found=str(start), expected=f"1 to {levels}")
        )
    if bound_mtd and "lambda_d" not in dict(design.base.figures):
        findings.append(
            Finding(message=f"{design.name} has no lambda_d to bound the MTD by", expected="boin, or no such bound")
        )
    return tuple(findings)


def enumerate_trials(
    design: Design,
    *,
    levels: int,
    cohort_size: int,
    max_n: int,
    start: int = 1,
    bound_mtd: bool = False,
    max_states: int = 1_000_000,
) -> Enumeration:
    """Every trial the design can lead to, from the first cohort at `start` to a stop or to `max_n` participants.

    The last cohort is smaller where max_n is not a multiple of the cohort size. After the last cohort nothing is
    decided any more: the MTD is selected from what there is.

    Raises:
        UsageError: sizes that are not positive, or more than `max_states` states to keep at once.
    Source: state merging is our own; checked against R BOIN 2.7.2 `get.oc`, bcrm::threep3 and AplusB.
    """
    if findings := check_trial(
        design, levels=levels, cohort_size=cohort_size, max_n=max_n, start=start, bound_mtd=bound_mtd
    ):
        raise UsageError(findings)
    nobody = (0,) * levels
    frontier: dict[_State, tuple[int, int]] = {(nobody, nobody, start): (1, 1)}
    endings: list[Ending] = []
    treated = 0
    while frontier:
        size = min(cohort_size, max_n - treated)
        treated += size
        frontier, ended = _decide_all(design, _treat(frontier, size), is_last=treated == max_n, bound_mtd=bound_mtd)
        endings += ended
        if len(frontier) + len(endings) > max_states:
            raise UsageError(_too_many_states(max_states))
    return Enumeration(levels=levels, endings=_merge(endings))


def _treat(frontier: dict[_State, tuple[int, int]], size: int) -> dict[_State, tuple[int, int]]:
    """One cohort at the level of each state, with every number of DLTs; equal counts are merged."""
    merged: dict[_State, list[int]] = defaultdict(lambda: [0, 0])
    for (n, dlt, level), (ways, paths) in frontier.items():
        more_n = _add(n, level, size)
        for dlts in range(size + 1):
            entry = merged[(more_n, _add(dlt, level, dlts), level)]
            entry[0] += ways * comb(size, dlts)
            entry[1] += paths
    return {state: (ways, paths) for state, (ways, paths) in merged.items()}


def _decide_all(
    design: Design, treated: dict[_State, tuple[int, int]], *, is_last: bool, bound_mtd: bool
) -> tuple[dict[_State, tuple[int, int]], list[Ending]]:
    """Decide in every state: which go on, at what level, and which have ended."""
    going: dict[_State, list[int]] = defaultdict(lambda: [0, 0])
    ended: list[Ending] = []
    for (n, dlt, level), (ways, paths) in treated.items():
        counts = Counts(n=n, dlt=dlt, current=level)
        following = None if is_last else design.decide(counts).level
        if following is None:
            selected = select_level(design, counts, bound_mtd=bound_mtd)
            ended.append(Ending(n=n, dlt=dlt, selected=selected, early=not is_last, ways=ways, paths=paths))
        else:
            entry = going[(n, dlt, following)]
            entry[0] += ways
            entry[1] += paths
    return {state: (ways, paths) for state, (ways, paths) in going.items()}, ended


def _merge(endings: Sequence[Ending]) -> tuple[Ending, ...]:
    """One ending for all that differ only in the level of the last cohort."""
    merged: dict[tuple[object, ...], Ending] = {}
    for each in endings:
        key = (each.n, each.dlt, each.selected, each.early)
        known = merged.get(key)
        merged[key] = (
            each if known is None else replace(known, ways=known.ways + each.ways, paths=known.paths + each.paths)
        )
    return tuple(merged.values())


def _add(numbers: tuple[int, ...], level: int, more: int) -> tuple[int, ...]:
    return (*numbers[: level - 1], numbers[level - 1] + more, *numbers[level:])


def _too_many_states(max_states: int) -> Finding:
    return Finding(
        message="too many states to enumerate",
        found=f"more than {max_states}",
        next_step="use larger cohorts or a smaller trial, or simulate",
    )


def compute_oc(enumeration: Enumeration, truth: Sequence[float]) -> OperatingCharacteristics:
    """The operating characteristics for true DLT rates per level, lowest level first.

    Raises:
        UsageError: not one rate between 0 and 1 for each level.
    """
    rates = require_truth(truth, enumeration.levels)
    endings = enumeration.endings
    weight = _weigher(endings, rates)
    chances = [weight(ending) for ending in endings]
    selection = [0.0] * enumeration.levels
    for ending, chance in zip(endings, chances, strict=True):
        if ending.selected is not None:
            selection[ending.selected - 1] += chance
    patients = tuple(
        sum(chance * ending.n[place] for ending, chance in zip(endings, chances, strict=True))
        for place in range(enumeration.levels)
    )
    return OperatingCharacteristics(
        truth=rates,
        selection=tuple(selection),
        none=sum(chance for ending, chance in zip(endings, chances, strict=True) if ending.selected is None),
        patients=patients,
        dlts=tuple(rate * expected for rate, expected in zip(rates, patients, strict=True)),
        expected_n=sum(patients),
        stopped_early=sum(chance for ending, chance in zip(endings, chances, strict=True) if ending.early),
    )


def require_truth(truth: Sequence[float], levels: int) -> tuple[float, ...]:
    """The true rates as a tuple. Raises UsageError unless there is one rate from 0 to 1 for each level."""
    rates = tuple(float(rate) for rate in truth)
    if len(rates) != levels or not all(0 <= rate <= 1 for rate in rates):
        raise UsageError(
            Finding(
                message="the true DLT rates do not fit",
                found=", ".join(map(str, rates)) or "none",
                expected=f"{levels} numbers from 0 to 1, one per level",
            )
        )
    return rates


def _weigher(endings: Sequence[Ending], rates: tuple[float, ...]) -> Callable[[Ending], float]:
    """The probability of an ending; the powers of the rates are computed once."""
    most = max(max(ending.n) for ending in endings)
    powers = [([rate**k for k in range(most + 1)], [(1 - rate) ** k for k in range(most + 1)]) for rate in rates]

    def weigh(ending: Ending) -> float:
        factors: Iterator[float] = (
            had[y] * had_not[n - y] for (had, had_not), n, y in zip(powers, ending.n, ending.dlt, strict=True) if n
        )
        return ending.ways * prod(factors)

    return weigh


def exact_oc(
    design: Design,
    truth: Sequence[float],
    *,
    cohort_size: int,
    max_n: int,
    start: int = 1,
    bound_mtd: bool = False,
) -> OperatingCharacteristics:
    """Exact operating characteristics of a design for one scenario; `enumerate_trials` once serves several.

    >>> from celltrial.escalation.named import design_named
    >>> oc = exact_oc(design_named("3+3", target=0.30), (0.1, 0.2, 0.3, 0.4, 0.5), cohort_size=3, max_n=30)
    >>> [round(each, 2) for each in (oc.none, *oc.selection)]
    [0.1, 0.28, 0.33, 0.2, 0.06, 0.02]
    """
    enumeration = enumerate_trials(
        design, levels=len(truth), cohort_size=cohort_size, max_n=max_n, start=start, bound_mtd=bound_mtd
    )
    return compute_oc(enumeration, truth)
