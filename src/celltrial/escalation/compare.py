"""Designs side by side on the same scenarios, exact: what a protocol discusses, per scenario and on average.

Where two designs are compared by simulation their difference has an error of its own; here it has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from celltrial.escalation.design import Design
from celltrial.escalation.exact import Enumeration, enumerate_trials

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from celltrial.escalation.scenario_results import ScenarioResults

__all__ = ["Comparison", "Measures", "compare_designs", "measure"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measures:
    """What a design achieves in each scenario; arrays with one number per scenario.

    correct: probability of selecting a level whose true rate is within the tolerance of the target - or no level, where
        every rate lies above it.
    too_high: probability of selecting a level above that. too_low: the rest: a lower level, or none where there is one.
    treated_correct, treated_too_high: expected share of participants at such levels.
    expected_n, expected_dlts, stopped_early, overdose_60: as in `OperatingCharacteristics`.
    """

    correct: "NDArray[np.float64]"
    too_high: "NDArray[np.float64]"
    too_low: "NDArray[np.float64]"
    treated_correct: "NDArray[np.float64]"
    treated_too_high: "NDArray[np.float64]"
    expected_n: "NDArray[np.float64]"
    expected_dlts: "NDArray[np.float64]"
    stopped_early: "NDArray[np.float64]"
    overdose_60: "NDArray[np.float64]"

    def means(self) -> dict[str, float]:
        """Each measure averaged over the scenarios, all alike."""
        return {name: float(getattr(self, name).mean()) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Designs on the same scenarios; `results` and `measures` by the names that the designs were given."""

    truth: "NDArray[np.float64]"
    target: float
    tolerance: float
    results: Mapping[str, "ScenarioResults"] = field(repr=False)
    measures: Mapping[str, Measures] = field(repr=False)

    def means(self) -> dict[str, dict[str, float]]:
        """Per design each measure averaged over the scenarios."""
        return {name: each.means() for name, each in self.measures.items()}


def measure(results: "ScenarioResults", *, target: float, tolerance: float) -> Measures:
    """Sum up the results of a design; `tolerance` says how far from the target a rate may be to count as right."""
    import numpy as np

    truth = results.truth
    # a hair against rates such as 0.35 that no float meets
    right = np.abs(truth - target) <= tolerance + 1e-9
    high = truth > target + tolerance + 1e-9
    # where no level is right, the nearest below is; where all are too high, none is
    below = ~high & ~right
    nearest = np.where(below, truth, -1).argmax(axis=1)
    rows = np.flatnonzero(~right.any(axis=1) & below.any(axis=1))
    right[rows, nearest[rows]] = True
    correct = (results.selection * right).sum(axis=1) + np.where(high.all(axis=1), results.none, 0.0)
    too_high = (results.selection * high).sum(axis=1)
    return Measures(
        correct=correct,
        too_high=too_high,
        too_low=1 - correct - too_high,
        treated_correct=(results.patients * right).sum(axis=1) / results.expected_n,
        treated_too_high=(results.patients * high).sum(axis=1) / results.expected_n,
        expected_n=results.expected_n,
        expected_dlts=results.dlts.sum(axis=1),
        stopped_early=results.stopped_early,
        overdose_60=results.overdose_60,
    )


def compare_designs(
    designs: Mapping[str, Design],
    scenarios: "Sequence[Sequence[float]] | np.ndarray",
    *,
    cohort_size: int,
    max_n: int,
    start: int = 1,
    tolerance: float = 0.05,
    target: float | None = None,
) -> Comparison:
    """Exact results of each design in each scenario.

    Args:
        designs: by the name to print.
        scenarios: rows of true DLT rates, lowest level first; see scenarios.py for ways to make them.
        target: what is right for all of them; by default the target of the first design.
    Raises:
        UsageError: sizes, starts or rates that cannot be.
    """
    import numpy as np

    truth = np.array(scenarios, np.float64, ndmin=2)
    aim = next(iter(designs.values())).target if target is None else target
    trials: dict[str, Enumeration] = {
        name: enumerate_trials(design, levels=truth.shape[1], cohort_size=cohort_size, max_n=max_n, start=start)
        for name, design in designs.items()
    }
    results = {name: each.compute(truth) for name, each in trials.items()}
    measures = {name: measure(each, target=aim, tolerance=tolerance) for name, each in results.items()}
    return Comparison(truth=truth, target=aim, tolerance=tolerance, results=results, measures=measures)
