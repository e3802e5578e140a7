"""Exact operating characteristics: every trial a design can lead to, with paths that meet in the same counts merged.

A rule-based design looks at the counts only, so two histories with equal counts at the same level have the same future.
Merging them keeps the number of states small (thousands instead of millions of paths) and the result exact: a trial
with given counts has probability (number of ways) x product of p^y (1 - p)^(n - y) over the levels, whatever the order.
The policy is enumerated once (enumeration.py); each scenario of true rates is then a product (scenario_results.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.counts import Counts
from celltrial.escalation.design import Design
from celltrial.escalation.mtd import lowest_ruled_out, select_by_rules

if TYPE_CHECKING:
    import numpy as np

    from celltrial.escalation.enumeration import Columns
    from celltrial.escalation.scenario_results import ScenarioResults

__all__ = [
    "Distributions",
    "Ending",
    "Enumeration",
    "LastCohort",
    "OperatingCharacteristics",
    "check_trial",
    "compute_oc",
    "concluded",
    "enumerate_trials",
    "exact_oc",
    "require_truth",
    "select_level",
]

LastCohort: TypeAlias = Literal["select", "decide"]


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Enumeration:
    """All endings of a design on `levels` dose levels; any scenario of true rates can be computed from it.

    columns: the endings as columns of numbers; states: how many different states were decided.
    """

    levels: int
    max_n: int
    target: float
    states: int
    columns: "Columns" = field(repr=False)

    @property
    def endings(self) -> tuple[Ending, ...]:
        """The endings one by one; for thousands of them work on `columns`."""
        each = self.columns
        rows = zip(each.n.tolist(), each.dlt.tolist(), each.selected.tolist(), each.early.tolist(), strict=True)
        counted = zip(each.ways.tolist(), each.paths.tolist(), strict=True)
        return tuple(
            Ending(n=tuple(n), dlt=tuple(dlt), selected=selected or None, early=early, ways=ways, paths=paths)
            for (n, dlt, selected, early), (ways, paths) in zip(rows, counted, strict=True)
        )

    @property
    def paths(self) -> int:
        """How many different sequences of cohorts and their DLT counts there are."""
        paths: list[int] = self.columns.paths.tolist()
        return sum(paths)

    def compute(
        self, scenarios: "Sequence[Sequence[float]] | np.ndarray", *, distributions: bool = False
    ) -> "ScenarioResults":
        """Operating characteristics of many scenarios at once, a row of true rates each; see `ScenarioResults`.

        Raises:
            UsageError: rows that are not one rate from 0 to 1 for each level.
        """
        from celltrial.escalation.scenario_results import compute_scenarios

        return compute_scenarios(self, scenarios, distributions=distributions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distributions:
    """How sizes and DLTs are distributed over trials: each tuple gives the probability of 0, 1, 2, ... `max_n`.

    size: participants of the trial; dlts: DLTs of the trial; level_size: participants at each level, lowest first.
    """

    size: tuple[float, ...]
    dlts: tuple[float, ...]
    level_size: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingCharacteristics:
    """How a design behaves when the true DLT rates are `truth`.

    selection: probability per level of being selected as MTD; none: of no selection.
    patients, dlts: expected number per level; expected_n: of all participants.
    stopped_early: probability that the design stopped before the maximum sample size.
    standard_error: Monte Carlo standard error of `selection`; None where it is exact.
    overdosed: expected number of participants at levels whose true rate is above the target.
    overdose_60, overdose_80: probability that more than 60 % (80 %) of the maximum sample size are treated at such
        levels - of the maximum, not of those treated, as the R package BOIN has it.
    overdose_60_treated: the same with more than 60 % of those treated.
    distributions: of sizes and DLTs over trials.
    """

    truth: tuple[float, ...]
    selection: tuple[float, ...]
    none: float
    patients: tuple[float, ...]
    dlts: tuple[float, ...]
    expected_n: float
    stopped_early: float
    standard_error: tuple[float, ...] | None = None
    overdosed: float = 0.0
    overdose_60: float = 0.0
    overdose_80: float = 0.0
    overdose_60_treated: float = 0.0
    distributions: Distributions | None = field(default=None, repr=False)


def select_level(design: Design, counts: Counts, *, bound_mtd: bool = False) -> int | None:
    """The MTD a finished trial yields.

    It is the one that the base rule declares (3+3, A+B) or that its model recommends (`select`), below what the
    wrappers rule out; for all others the choice by isotonic regression (`select_mtd`).
    """
    if getattr(design.base, "declares_mtd", False):
        return concluded(design).decide(counts).mtd
    if hasattr(design.base, "select"):
        level: int = design.base.select(counts) or 0
        return min(level, lowest_ruled_out(counts, design.rules) - 1) or None
    return select_by_rules(counts, target=design.target, rules=design.rules, bound=_bound(design, bound_mtd)).level


def concluded(design: Design) -> Design:
    """The design for a trial that has ended: an expansion that was cut short has its MTD all the same."""
    if not any(hasattr(rule, "concluded") for rule in design.rules):
        return design
    rules = tuple(rule.concluded() if hasattr(rule, "concluded") else rule for rule in design.rules)
    return replace(design, rules=rules)


def _bound(design: Design, bound_mtd: bool) -> float | None:
    return dict(design.base.figures)["lambda_d"] if bound_mtd else None


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
    for rule in design.rules:
        if hasattr(rule, "check_start"):
            findings += rule.check_start(start)
        if getattr(rule, "needs_calendar", False):
            findings.append(_needs_calendar(rule.describe()))
    return tuple(findings)


def _needs_calendar(rule: str) -> Finding:
    return Finding(
        message="a rule that depends on when participants arrive has no result from counts alone",
        found=rule,
        next_step="simulate in calendar time, or leave the rule out",
    )


def enumerate_trials(
    design: Design,
    *,
    levels: int,
    cohort_size: int,
    max_n: int,
    start: int = 1,
    bound_mtd: bool = False,
    last_cohort: LastCohort = "select",
    max_states: int = 2_000_000,
) -> Enumeration:
    """Every trial the design can lead to, from the first cohort at `start` to a stop or to `max_n` participants.

    The last cohort is smaller where max_n is not a multiple of the cohort size. A design that gives the size of its
    cohorts itself (A+B, titration, a sentinel) has its way; `cohort_size` holds elsewhere.

    Args:
        last_cohort: "select" - after the last cohort nothing is decided any more, the MTD is selected from what there
            is, as in `get.oc` of the R package BOIN; "decide" - the rules look once more, so a trial that they stop
            at its full size counts as stopped early. Selections and numbers are the same.
        max_states: states kept at once before the enumeration gives up (some 200 bytes each).
    Raises:
        UsageError: sizes that are not positive, or more than `max_states` states to keep at once.
    Source: state merging is our own; checked against R BOIN 2.7.2 `get.oc`, bcrm::threep3 and AplusB.
    """
    if findings := check_trial(
        design, levels=levels, cohort_size=cohort_size, max_n=max_n, start=start, bound_mtd=bound_mtd
    ):
        raise UsageError(findings)
    from celltrial.escalation.enumeration import Plan, enumerate_columns

    plan = Plan(
        levels=levels,
        cohort_size=cohort_size,
        max_n=max_n,
        start=start,
        bound=_bound(design, bound_mtd),
        decide_last=last_cohort == "decide",
        max_states=max_states,
        keeps_last=bool(getattr(design.base, "looks_at_last_cohort", False)),
    )
    columns, states = enumerate_columns(design, plan)
    return Enumeration(levels=levels, max_n=max_n, target=design.target, states=states, columns=columns)


def compute_oc(enumeration: Enumeration, truth: Sequence[float]) -> OperatingCharacteristics:
    """The operating characteristics for true DLT rates per level, lowest level first.

    Raises:
        UsageError: not one rate between 0 and 1 for each level.
    """
    rates = require_truth(truth, enumeration.levels)
    return enumeration.compute([rates], distributions=True).scenario(0)


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


def exact_oc(
    design: Design,
    truth: Sequence[float],
    *,
    cohort_size: int,
    max_n: int,
    start: int = 1,
    bound_mtd: bool = False,
    last_cohort: LastCohort = "select",
) -> OperatingCharacteristics:
    """Exact operating characteristics of a design for one scenario; `enumerate_trials` once serves several.

    >>> from celltrial.escalation.named import design_named
    >>> oc = exact_oc(design_named("3+3", target=0.30), (0.1, 0.2, 0.3, 0.4, 0.5), cohort_size=3, max_n=30)
    >>> [round(each, 2) for each in (oc.none, *oc.selection)]
    [0.1, 0.28, 0.33, 0.2, 0.06, 0.02]
    """
    enumeration = enumerate_trials(
        design,
        levels=len(truth),
        cohort_size=cohort_size,
        max_n=max_n,
        start=start,
        bound_mtd=bound_mtd,
        last_cohort=last_cohort,
    )
    return compute_oc(enumeration, truth)
