"""Candidate designs on a grid of scenarios, exact: what each selects, whom it overdoses, how large it gets.

What is right is said by the scenario (`GridScenario.right`), not by a tolerance; where no level is right, selecting
none is. All numbers come from every possible trial, so two designs differ when their numbers do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from celltrial.escalation.design import Design
from celltrial.escalation.exact import Enumeration, OperatingCharacteristics, enumerate_trials
from celltrial.escalation.protocol_grid import GridScenario

__all__ = ["Outcome", "SideBySide", "set_side_by_side"]

# progress(share between 0 and 1, what is being done)
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a design achieves in a scenario.

    right: probability of the right selection. too_low: of a level below every right one; too_high: of one above; none:
    of no level where one is right. The four add up to 1, since right levels lie side by side.
    oc: everything else, with the distributions of sizes and DLTs.
    """

    design: str
    scenario: GridScenario
    right: float
    too_low: float
    too_high: float
    none: float
    oc: OperatingCharacteristics

    @property
    def overdosed(self) -> float:
        """Expected share of the participants who are treated at levels above the target."""
        return self.oc.overdosed / self.oc.expected_n if self.oc.expected_n else 0.0

    @property
    def dlts(self) -> float:
        """Expected number of DLTs."""
        return sum(self.oc.dlts)

    def sizes(self) -> dict[int, float]:
        """How the number of participants is distributed: probability by size, sizes that occur only."""
        spread = self.oc.distributions
        return {} if spread is None else {size: share for size, share in enumerate(spread.size) if share > 0}

    def to_json(self) -> dict[str, object]:
        """The outcome as one JSON object."""
        numbers = asdict(self.oc)
        shares = {name: getattr(self, name) for name in ("right", "too_low", "too_high", "none")}
        return {
            "design": self.design,
            "scenario": self.scenario.name,
            "correct": self.right,
            "selected_too_low": self.too_low,
            "selected_too_high": self.too_high,
            "selected_none": self.oc.none,
            "overdosed_share": self.overdosed,
            "expected_dlts": self.dlts,
            **{key: value for key, value in numbers.items() if key not in shares and key != "standard_error"},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """The candidates on the grid; `outcomes` by design and then by scenario, in the order they were given."""

    designs: Mapping[str, Design]
    target: float
    cohort_size: int
    max_n: int
    start: int
    grid: tuple[GridScenario, ...]
    outcomes: tuple[Outcome, ...]

    def of(self, design: str) -> tuple[Outcome, ...]:
        """The outcomes of a design, scenario by scenario."""
        return tuple(each for each in self.outcomes if each.design == design)

    def means(self, design: str) -> dict[str, float]:
        """Averages over the grid, every scenario alike: a summary of this grid and of no other."""
        mine = self.of(design)
        numbers: dict[str, Callable[[Outcome], float]] = {
            "correct": lambda each: each.right,
            "too_high": lambda each: each.too_high,
            "overdosed": lambda each: each.overdosed,
            "overdose_60": lambda each: each.oc.overdose_60,
            "expected_n": lambda each: each.oc.expected_n,
            "expected_dlts": lambda each: each.dlts,
            "stopped_early": lambda each: each.oc.stopped_early,
        }
        return {name: sum(map(number, mine)) / len(mine) for name, number in numbers.items()}

    def to_json(self) -> dict[str, object]:
        """The document of `celltrial dose compare --json`."""
        return {
            "target": self.target,
            "cohort_size": self.cohort_size,
            "max_n": self.max_n,
            "start": self.start,
            "method": "exact",
            "designs": [_design_to_json(name, design) for name, design in self.designs.items()],
            "scenarios": [asdict(each) for each in self.grid],
            "means": {name: self.means(name) for name in self.designs},
            "results": [each.to_json() for each in self.outcomes],
        }


def _design_to_json(name: str, design: Design) -> dict[str, object]:
    return {
        "name": name,
        "design": design.name,
        "parameters": dict(design.base.parameters),
        "rules": [rule.describe() for rule in design.rules],
    }


def set_side_by_side(
    designs: Mapping[str, Design],
    grid: Sequence[GridScenario],
    *,
    cohort_size: int,
    max_n: int,
    start: int = 1,
    progress: Progress | None = None,
) -> SideBySide:
    """Exact results of every design in every scenario of the grid.

    Raises:
        UsageError: sizes, starts or rates that cannot be.
    """
    tell = progress or (lambda _share, _text: None)
    outcomes: list[Outcome] = []
    for place, (name, design) in enumerate(designs.items()):
        tell(place / len(designs), f"{name}: every possible trial")
        trials = enumerate_trials(design, levels=len(grid[0].truth), cohort_size=cohort_size, max_n=max_n, start=start)
        outcomes += _outcomes(name, trials, grid)
    tell(1.0, "done")
    return SideBySide(
        designs=dict(designs),
        target=next(iter(designs.values())).target,
        cohort_size=cohort_size,
        max_n=max_n,
        start=start,
        grid=tuple(grid),
        outcomes=tuple(outcomes),
    )


def _outcomes(name: str, trials: Enumeration, grid: Sequence[GridScenario]) -> list[Outcome]:
    results = trials.compute([each.truth for each in grid], distributions=True)
    return [_judge(name, scenario, results.scenario(place)) for place, scenario in enumerate(grid)]


def _judge(name: str, scenario: GridScenario, oc: OperatingCharacteristics) -> Outcome:
    right = sum(oc.selection[level - 1] for level in scenario.right) if scenario.right else oc.none
    low = sum(oc.selection[: scenario.right[0] - 1]) if scenario.right else 0.0
    high = sum(oc.selection[scenario.right[-1] :]) if scenario.right else sum(oc.selection)
    return Outcome(
        design=name,
        scenario=scenario,
        right=right,
        too_low=low,
        too_high=high,
        none=oc.none if scenario.right else 0.0,
        oc=oc,
    )
