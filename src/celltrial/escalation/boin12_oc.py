"""Operating characteristics of BOIN12: exact by merging states, and simulated with their error.

A state is the counts of DLTs and responses per level and the level in force. Where the utilities are additive the two
margins suffice and those with both are not told apart; else they are part of the state. Each decision is made once,
however many scenarios are asked.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import comb, sqrt
from typing import TYPE_CHECKING, TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.boin12 import Boin12
from celltrial.escalation.boin12_counts import PairCounts

if TYPE_CHECKING:
    import numpy as np

__all__ = ["PairCharacteristics", "PairRates", "exact_boin12", "simulate_boin12"]

# per level: evaluable, DLTs, responses, those with both (0 where they are not told apart)
_Level: TypeAlias = tuple[int, int, int, int]
_State: TypeAlias = tuple[tuple[_Level, ...], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRates:
    """True rates of DLT and response at a level, and of both together (independent where `both` is None)."""

    dlt: float
    response: float
    both: float | None = None

    def __post_init__(self) -> None:
        if min(self.outcomes) < -1e-12 or not (0 <= self.dlt <= 1 and 0 <= self.response <= 1):
            raise UsageError(
                Finding(
                    message="true rates that cannot be",
                    found=f"DLT {self.dlt}, response {self.response}, both {self.both}",
                    expected="rates from 0 to 1, and both between what the other two allow",
                )
            )

    @property
    def outcomes(self) -> tuple[float, float, float, float]:
        """Probabilities of neither, DLT only, response only, both."""
        both = self.dlt * self.response if self.both is None else self.both
        return 1 - self.dlt - self.response + both, self.dlt - both, self.response - both, both


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCharacteristics:
    """How BOIN12 behaves when the rates are `truth`.

    selection: probability per level of being selected as optimum; none: of no selection. patients, dlts, responses:
    expected number per level. stopped_early: probability of fewer than the planned participants. standard_error: Monte
    Carlo standard error of `selection`; None where it is exact.
    """

    truth: tuple[PairRates, ...]
    selection: tuple[float, ...]
    none: float
    patients: tuple[float, ...]
    dlts: tuple[float, ...]
    responses: tuple[float, ...]
    expected_n: float
    stopped_early: float
    standard_error: tuple[float, ...] | None = None


def exact_boin12(
    design: Boin12,
    truth: Sequence[PairRates],
    *,
    cohort_size: int,
    max_n: int,
    start: int = 1,
    max_states: int = 200_000,
) -> PairCharacteristics:
    """Every trial that BOIN12 can lead to, with its probability; no Monte Carlo error.

    Raises:
        UsageError: sizes that cannot be, or more than `max_states` states at one size (then simulate).

    >>> rates = [PairRates(dlt=0.05, response=0.2), PairRates(dlt=0.2, response=0.5)]
    >>> found = exact_boin12(Boin12(), rates, cohort_size=3, max_n=6)
    >>> round(sum(found.selection) + found.none, 12)
    1.0
    """
    _require_sizes(len(truth), cohort_size, max_n, start)
    policy = _Policy(design, max_n=max_n)
    layer: dict[_State, float] = {(((0, 0, 0, 0),) * len(truth), start): 1.0}
    ends: dict[_State, float] = defaultdict(float)
    while layer:
        following: dict[_State, float] = defaultdict(float)
        for (levels, current), chance in layer.items():
            size = min(cohort_size, max_n - sum(level[0] for level in levels))
            for (dlts, responses, both), share in _cohort(
                size, truth[current - 1], with_both=policy.needs_both
            ).items():
                state = _add(levels, current, (size, dlts, responses, both))
                level = policy.next_level(state, current)
                target = ends if level is None else following
                target[state, current if level is None else level] += chance * share
        if len(following) > max_states:
            found, way = f"more than {max_states} states", "a smaller trial, larger cohorts, or simulate_boin12"
            raise UsageError(Finding(message="too many courses to enumerate", found=found, next_step=way))
        layer = following
    return _summarise(policy, truth, ends)


def simulate_boin12(
    design: Boin12,
    truth: Sequence[PairRates],
    *,
    cohort_size: int,
    max_n: int,
    trials: int,
    rng: "np.random.Generator",
    start: int = 1,
) -> PairCharacteristics:
    """The same from simulated trials, with the Monte Carlo standard error of each selection."""
    _require_sizes(len(truth), cohort_size, max_n, start, trials)
    policy = _Policy(design, max_n=max_n)
    ends: Counter[_State] = Counter()
    for _ in range(trials):
        levels: tuple[_Level, ...] = ((0, 0, 0, 0),) * len(truth)
        current = start
        while True:
            size = min(cohort_size, max_n - sum(level[0] for level in levels))
            _, dlt_only, response_only, both = (
                int(each) for each in rng.multinomial(size, truth[current - 1].outcomes)
            )
            kept = both if policy.needs_both else 0
            levels = _add(levels, current, (size, dlt_only + both, response_only + both, kept))
            following = policy.next_level(levels, current)
            if following is None:
                break
            current = following
        ends[levels, current] += 1
    found = _summarise(policy, truth, {state: times / trials for state, times in ends.items()})
    errors = tuple(sqrt(share * (1 - share) / trials) for share in found.selection)
    return replace(found, standard_error=errors)


class _Policy:
    """What BOIN12 does in each state, decided once."""

    def __init__(self, design: Boin12, *, max_n: int) -> None:
        self.max_n = max_n
        self._design = design
        self._next: dict[_State, int | None] = {}
        self._selected: dict[tuple[_Level, ...], int | None] = {}
        self.needs_both = not design.utilities.are_additive

    def next_level(self, levels: tuple[_Level, ...], current: int) -> int | None:
        """Where the next cohort goes; None where the trial ends."""
        if sum(level[0] for level in levels) >= self.max_n:
            return None
        if (levels, current) not in self._next:
            proposal = self._design.propose(self._counts(levels, current))
            self._next[levels, current] = None if proposal.stop else proposal.level
        return self._next[levels, current]

    def select(self, levels: tuple[_Level, ...]) -> int | None:
        """The optimum dose of a trial that ended with these counts."""
        if levels not in self._selected:
            self._selected[levels] = self._design.select(self._counts(levels, 1)).level
        return self._selected[levels]

    def _counts(self, levels: tuple[_Level, ...], current: int) -> PairCounts:
        n, dlt, response, both = (tuple(column) for column in zip(*levels, strict=True))
        return PairCounts(n=n, dlt=dlt, response=response, both=both if self.needs_both else None, current=current)


@lru_cache(maxsize=512)
def _cohort(size: int, rates: PairRates, *, with_both: bool) -> Mapping[tuple[int, int, int], float]:
    """(DLTs, responses, both) of a cohort -> probability; `both` is 0 throughout where it is not told apart."""
    neither, dlt_only, response_only, both = rates.outcomes
    found: dict[tuple[int, int, int], float] = defaultdict(float)
    for b, d, r in _splits(size):
        ways = comb(size, b) * comb(size - b, d) * comb(size - b - d, r)
        chance = ways * both**b * dlt_only**d * response_only**r * neither ** (size - b - d - r)
        found[d + b, r + b, b if with_both else 0] += chance
    return found


def _splits(size: int) -> Iterator[tuple[int, int, int]]:
    for b in range(size + 1):
        for d in range(size - b + 1):
            for r in range(size - b - d + 1):
                yield b, d, r


def _add(levels: tuple[_Level, ...], current: int, cohort: _Level) -> tuple[_Level, ...]:
    n, dlts, responses, both = (old + new for old, new in zip(levels[current - 1], cohort, strict=True))
    return (*levels[: current - 1], (n, dlts, responses, both), *levels[current:])


def _summarise(policy: _Policy, truth: Sequence[PairRates], ends: Mapping[_State, float]) -> PairCharacteristics:
    places = range(len(truth))
    selected: dict[int | None, float] = defaultdict(float)
    for (levels, _), chance in ends.items():
        selected[policy.select(levels)] += chance

    def expected(column: int) -> tuple[float, ...]:
        return tuple(sum(levels[place][column] * chance for (levels, _), chance in ends.items()) for place in places)

    patients = expected(0)
    early = sum(c for (levels, _), c in ends.items() if sum(level[0] for level in levels) < policy.max_n)
    return PairCharacteristics(
        truth=tuple(truth),
        selection=tuple(selected[place + 1] for place in places),
        none=selected[None],
        patients=patients,
        dlts=expected(1),
        responses=expected(2),
        expected_n=sum(patients),
        stopped_early=early,
    )


def _require_sizes(levels: int, cohort_size: int, max_n: int, start: int, trials: int = 1) -> None:
    numbers = {"levels": levels, "cohort size": cohort_size, "maximum sample size": max_n, "trials": trials}
    findings = [
        Finding(message=f"the number of {name} is not positive", found=str(value), expected="1 or more")
        for name, value in numbers.items()
        if value < 1
    ]
    if levels and not 1 <= start <= levels:
        findings.append(
            Finding(message="the starting level does not exist", found=str(start), expected=f"1 to {levels}")
        )
    if findings:
        raise UsageError(findings)
