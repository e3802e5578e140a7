"""Operating characteristics of many scenarios from one enumeration: probabilities of endings as one matrix product.

The probability of an ending is (number of ways) x product of p^y (1 - p)^(n - y) over the levels. For a few scenarios
it is that product, from tables of the powers of each rate; for many, or for more participants than floats have room
for, it is exp(log ways + sum of y log p + (n - y) log(1 - p)), one matrix product (relative error under 1e-12). Means
and probabilities of events are then products with what each ending counts. Endings are taken in blocks, so memory
stays bounded however many scenarios there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from celltrial.errors import Finding, UsageError
from celltrial.escalation.exact import Distributions, Enumeration, OperatingCharacteristics

if TYPE_CHECKING:
    from celltrial.escalation.enumeration import Columns

__all__ = ["ScenarioResults", "compute_scenarios", "tally"]

Floats: TypeAlias = NDArray[np.float64]

# exp() of it is 0, and 0 times it is 0: the logarithm of a rate of 0
_NEVER = -1e5
# numbers in a block of probabilities: small enough to stay in the cache
_BLOCK = 1 << 19
# multiplications in a tile of a product. Linear algebra libraries share larger products among threads (OpenBLAS above
# 2^18), which on a busy machine wait for each other ten times longer than one thread needs
_TILE = 1 << 18
# up to so many scenarios a count by value is faster than a matrix product
_FEW = 8
# up to so many participants numbers of ways are exact in 64 bits and powers of rates do not vanish
_EXACT_BITS = 62


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScenarioResults:
    """Operating characteristics, one row per scenario; the columns of `OperatingCharacteristics` as arrays.

    truth, selection, patients, dlts: (scenarios, levels); none, expected_n, stopped_early, overdosed, overdose_60,
    overdose_80, overdose_60_treated: (scenarios,). size, total_dlts: (scenarios, max_n + 1), level_size: (scenarios,
    levels, max_n + 1), the distributions, where they were asked for.
    """

    truth: Floats
    selection: Floats
    none: Floats
    patients: Floats
    dlts: Floats
    expected_n: Floats
    stopped_early: Floats
    overdosed: Floats
    overdose_60: Floats
    overdose_80: Floats
    overdose_60_treated: Floats
    size: Floats | None = field(default=None, repr=False)
    total_dlts: Floats | None = field(default=None, repr=False)
    level_size: Floats | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.truth)

    def scenario(self, place: int) -> OperatingCharacteristics:
        """One scenario as `OperatingCharacteristics`."""
        return OperatingCharacteristics(
            truth=tuple(self.truth[place].tolist()),
            selection=tuple(self.selection[place].tolist()),
            none=float(self.none[place]),
            patients=tuple(self.patients[place].tolist()),
            dlts=tuple(self.dlts[place].tolist()),
            expected_n=float(self.expected_n[place]),
            stopped_early=float(self.stopped_early[place]),
            overdosed=float(self.overdosed[place]),
            overdose_60=float(self.overdose_60[place]),
            overdose_80=float(self.overdose_80[place]),
            overdose_60_treated=float(self.overdose_60_treated[place]),
            distributions=self._distributions(place),
        )

    def _distributions(self, place: int) -> Distributions | None:
        if self.size is None or self.total_dlts is None or self.level_size is None:
            return None
        return Distributions(
            size=tuple(self.size[place].tolist()),
            dlts=tuple(self.total_dlts[place].tolist()),
            level_size=tuple(tuple(row) for row in self.level_size[place].tolist()),
        )


def compute_scenarios(
    enumeration: Enumeration, scenarios: "Sequence[Sequence[float]] | np.ndarray", *, distributions: bool
) -> ScenarioResults:
    """All scenarios of true rates; see `Enumeration.compute`."""
    truth = _require_scenarios(scenarios, enumeration.levels)
    by_product = len(truth) <= _FEW and enumeration.max_n <= _EXACT_BITS
    chances_of = _by_powers if by_product else _by_logarithms
    step = max(64, _BLOCK // len(truth))
    columns = enumeration.columns
    starts = range(0, len(columns), step)
    blocks = (columns.take(np.arange(first, min(first + step, len(columns)))) for first in starts)
    weighted = ((endings, chances_of(endings, truth)) for endings in blocks)
    return tally(weighted, truth, target=enumeration.target, max_n=enumeration.max_n, distributions=distributions)


def tally(
    weighted: "Iterable[tuple[Columns, Floats]]", truth: Floats, *, target: float, max_n: int, distributions: bool
) -> ScenarioResults:
    """Add up blocks of endings, each with a column of probabilities per scenario.

    target, max_n: for what counts as overdosing, and for the length of distributions.
    """
    masks, which = np.unique(truth > target + 1e-12, axis=0, return_inverse=True)
    which, levels, places = which.ravel(), truth.shape[1], np.arange(len(truth))
    totals: Floats | None = None
    spread: Floats | None = None
    for endings, chances in weighted:
        part = _multiply(_counted(endings, masks, max_n), chances)
        totals = part if totals is None else totals + part
        if distributions:
            shares = _spread(endings, chances, max_n)
            spread = shares if spread is None else spread + shares
    assert totals is not None  # every design ends somewhere
    selection, patients, dlts = (totals[each * levels : (each + 1) * levels].T for each in range(3))
    shares = totals[3 * levels + 2 :].reshape(3, len(masks), len(truth))[:, which, places]
    return ScenarioResults(
        truth=truth,
        selection=selection,
        none=totals[3 * levels],
        patients=patients,
        dlts=dlts,
        expected_n=patients.sum(axis=1),
        stopped_early=totals[3 * levels + 1],
        overdosed=(patients * masks[which]).sum(axis=1),
        overdose_60=shares[0],
        overdose_80=shares[1],
        overdose_60_treated=shares[2],
        size=None if spread is None else spread[0].T,
        total_dlts=None if spread is None else spread[1].T,
        level_size=None if spread is None else spread[2:].transpose(2, 0, 1),
    )


def _counted(endings: "Columns", masks: NDArray[np.bool_], max_n: int) -> Floats:
    """(rows, endings): selected level, participants and DLTs per level, none, early, overdosing per set of levels."""
    n, total = endings.n, endings.n.sum(axis=1)
    levels = np.arange(1, n.shape[1] + 1)[:, None]
    above = masks.astype(np.int64) @ n.T
    blocks = [
        endings.selected == levels,
        n.T,
        endings.dlt.T,
        (endings.selected == 0)[None],
        endings.early[None],
        # in whole numbers: more than 60 % of the planned, 80 % of the planned, 60 % of those treated
        10 * above > 6 * max_n,
        10 * above > 8 * max_n,
        10 * above > 6 * total,
    ]
    return np.concatenate([block.astype(np.float64) for block in blocks])


def _spread(endings: "Columns", chances: Floats, max_n: int) -> Floats:
    """(2 + levels, max_n + 1, scenarios): how participants, DLTs and participants per level are distributed."""
    values = [endings.n.sum(axis=1), endings.dlt.sum(axis=1), *endings.n.T]
    found = np.zeros((len(values), max_n + 1, chances.shape[1]))
    for place, each in enumerate(values):
        if chances.shape[1] <= _FEW:
            for scenario, weights in enumerate(chances.T):
                found[place, :, scenario] = np.bincount(each, weights, max_n + 1)
        else:
            occurring = np.unique(each)
            found[place, occurring] = _multiply((each == occurring[:, None]).astype(np.float64), chances)
    return found


def _by_powers(endings: "Columns", truth: Floats) -> Floats:
    """(endings, scenarios): the probability of each ending, as a product."""
    most = int(endings.n.max(initial=0)) + 1
    had, had_not = truth[:, :, None] ** np.arange(most), (1 - truth)[:, :, None] ** np.arange(most)
    chances = np.repeat(endings.ways.astype(np.float64)[:, None], len(truth), axis=1)
    without = endings.n - endings.dlt
    for level in range(truth.shape[1]):
        chances *= (had[:, level][:, endings.dlt[:, level]] * had_not[:, level][:, without[:, level]]).T
    return chances


def _by_logarithms(endings: "Columns", truth: Floats) -> Floats:
    """(endings, scenarios): the probability of each ending, by one matrix product."""
    with np.errstate(divide="ignore"):
        had, had_not = np.log(truth), np.log1p(-truth)
    logs = np.maximum(np.concatenate([had, had_not], axis=1), _NEVER).T
    powers = np.concatenate([endings.dlt, endings.n - endings.dlt], axis=1).astype(np.float64)
    chances = _multiply(powers, logs)
    chances += _logarithms(endings.ways)[:, None]
    found: Floats = np.exp(chances, out=chances)
    return found


def _multiply(left: Floats, right: Floats) -> Floats:
    """The matrix product, in tiles that one thread does."""
    rows, inner = left.shape
    width = min(right.shape[1], 256)
    high = min(rows, max(1, min(_TILE // (width * min(inner, 16)), 1024)))
    deep = max(1, _TILE // (width * high))
    found = np.zeros((rows, right.shape[1]))
    for column in range(0, right.shape[1], width):
        for row in range(0, rows, high):
            tile = found[row : row + high, column : column + width]
            for step in range(0, inner, deep):
                part = right[step : step + deep, column : column + width]
                tile += left[row : row + high, step : step + deep] @ part
    return found


def _logarithms(ways: NDArray[Any]) -> Floats:
    if ways.dtype == object:  # beyond 64 bits
        return np.array([log(each) for each in ways.tolist()])
    found: Floats = np.log(ways)
    return found


def _require_scenarios(scenarios: "Sequence[Sequence[float]] | np.ndarray", levels: int) -> Floats:
    """The true rates as an array, one row per scenario. Raises UsageError unless each row has a rate per level."""
    try:
        truth = np.array(scenarios, np.float64)
    except ValueError:
        truth = np.empty(0)
    if truth.ndim != 2 or not truth.size or truth.shape[1] != levels or not ((truth >= 0) & (truth <= 1)).all():
        raise UsageError(
            Finding(
                message="the scenarios do not fit",
                found=f"an array of shape {truth.shape}",
                expected=f"rows of {levels} true DLT rates from 0 to 1",
            )
        )
    return truth
