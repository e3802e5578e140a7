"""Scenarios: rows of true DLT rates over which designs are compared and calibrated."""

from typing import TYPE_CHECKING

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import check_rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["random_scenarios", "scenario_grid"]

_TRIES = 100_000


def scenario_grid(levels: int, target: float, *, steps: tuple[float, ...] = (0.6,)) -> "NDArray[np.float64]":
    """A scenario for each place of the MTD, and one with every level too toxic; deterministic.

    The rate of level j with the MTD at k has logit(rate) = logit(target) + step x (j - k); k = 0 is the scenario where
    the lowest level is one step above the target already. Rows: steps first, within a step k = 0, 1, ..., levels.

    Args:
        steps: differences of log odds between neighbouring levels; one grid for each.

    >>> scenario_grid(3, 0.30).round(2).tolist()[1]
    [0.3, 0.44, 0.59]
    """
    import numpy as np

    _check(levels, target)
    places = np.arange(1, levels + 1)[None, :] - np.arange(levels + 1)[:, None]
    centre = np.log(target / (1 - target))
    return np.concatenate([1 / (1 + np.exp(-(centre + step * places))) for step in steps])


def random_scenarios(levels: int, target: float, count: int, rng: "np.random.Generator") -> "NDArray[np.float64]":
    """`count` scenarios drawn so that every level is the MTD equally often and rates vary widely.

    The MTD j is drawn uniformly; an upper bound is target + (1 - target) B with B from Beta(max(levels - j, 0.5), 1);
    sorted uniform rates below the bound are drawn until j is the level nearest the target.
    Source: the pseudo-uniform algorithm of Clertant & O'Quigley (2017), J R Stat Soc B 79:1561-1579.
    """
    import numpy as np

    _check(levels, target)
    rows = []
    for _ in range(count):
        mtd = int(rng.integers(1, levels + 1))
        bound = target + (1 - target) * rng.beta(max(levels - mtd, 0.5), 1)
        for _ in range(_TRIES):
            rates = np.sort(rng.random(levels) * bound)
            if np.argmin(np.abs(rates - target)) + 1 == mtd:
                break
        rows.append(rates)
    return np.array(rows)


def _check(levels: int, target: float) -> None:
    findings = check_rate("the target DLT rate", target)
    if levels < 1:
        findings += (Finding(message="no levels to make scenarios for", found=str(levels), expected="1 or more"),)
    if findings:
        raise UsageError(findings)
