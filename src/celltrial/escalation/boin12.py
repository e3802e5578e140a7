"""BOIN12: the dose with the best trade-off of efficacy and toxicity, by utilities; and the optimum dose at the end.

Each participant has a DLT or not and a response or not; a utility from 0 to 100 for each of the four cases says what
they are worth. The average utility of a level has a beta posterior of its own ("quasi-binomial"), and the desirability
of the level is the probability that it lies above a benchmark.

Source: Lin, Zhou, Yan, Li & Yuan (2020), BOIN12: Bayesian optimal interval phase I/II trial design for utility-based
dose finding in immunotherapy and targeted therapies, JCO Precision Oncology 4:1393-1402, tables 1 to 3 and its
supplement. What a response is (a clinical one, or cellular expansion above a limit) is for the study to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import as_fraction, beta_cdf, check_rate, format_beside, prob_above
from celltrial.escalation.boin import compute_lambdas
from celltrial.escalation.boin12_counts import PairCounts, Utilities, count_pairs
from celltrial.escalation.decision import Proposal
from celltrial.escalation.mtd import select_by_rules
from celltrial.escalation.rules import Eliminate

__all__ = ["Boin12", "LevelSummary", "OptimumDose", "PairCounts", "Utilities", "count_pairs", "desirability_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSummary:
    """What BOIN12 says of a level. `desirability`: Pr(utility > benchmark); `utility`: its posterior mean, 0 to 100."""

    level: int
    too_toxic: bool
    too_weak: bool
    desirability: float
    utility: float
    reason: str

    @property
    def is_admissible(self) -> bool:
        """Neither too toxic nor too weak."""
        return not (self.too_toxic or self.too_weak)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimumDose:
    """The optimal biological dose, or None; the MTD that bounds it; a sentence for each level, then for the choice."""

    level: int | None
    mtd: int | None
    reasons: tuple[str, ...]
    levels: tuple[LevelSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boin12:
    """The BOIN12 design.

    max_dlt, min_response: highest acceptable DLT rate and lowest acceptable response rate. p_saf and p_tox: of the BOIN
    boundaries lambda_e and lambda_d, 0.6 and 1.4 times `max_dlt` by default.
    cutoff_dlt, cutoff_response: a level is too toxic when Pr(DLT rate > max_dlt) >= cutoff_dlt, too weak when
    Pr(response rate < min_response) >= cutoff_response. enough: participants at a level (N*, 6 to 9) from which a DLT
    rate between the boundaries no longer allows to go up. explore_from: with so many at a level and a DLT rate under
    lambda_d, a next level that nobody has been given is tried. The prior of the utility is Beta(1, 1).
    optimum_by: the optimum dose has the highest posterior mean `utility`, or the highest `desirability` (the R package
    escalation).

    >>> Boin12(max_dlt=0.35, min_response=0.25).propose(count_pairs("1NNN 2ENT 3ETT 2EEN", levels=5)).level
    2
    """

    max_dlt: float = 0.35
    min_response: float = 0.25
    utilities: Utilities = field(default_factory=Utilities)
    cutoff_dlt: float = 0.95
    cutoff_response: float = 0.90
    enough: int = 6
    explore_from: int = 9
    optimum_by: Literal["utility", "desirability"] = "utility"
    p_saf: float | None = None
    p_tox: float | None = None

    def __post_init__(self) -> None:
        rates = ("max_dlt", "min_response", "cutoff_dlt", "cutoff_response")
        if problems := [each for name in rates for each in check_rate(name, getattr(self, name))]:
            raise UsageError(problems)
        if self.optimum_by not in ("utility", "desirability"):
            found, expected = repr(self.optimum_by), "utility, desirability"
            raise UsageError(Finding(message="no such choice of the optimum", found=found, expected=expected))
        self.boundaries()

    def boundaries(self) -> tuple[float, float]:
        """lambda_e and lambda_d, as in BOIN."""
        exact = as_fraction(self.max_dlt)
        return compute_lambdas(
            self.max_dlt,
            float(exact * 6 / 10) if self.p_saf is None else self.p_saf,
            float(exact * 14 / 10) if self.p_tox is None else self.p_tox,
        )

    def benchmark(self) -> Fraction:
        """Half-way between the utility of a level that is just unacceptable on both counts, and 100."""
        dlt, response = as_fraction(self.max_dlt), as_fraction(self.min_response)
        best, neither, both, worst = self._exact_utilities()
        unacceptable = (
            best * response * (1 - dlt)
            + neither * (1 - dlt) * (1 - response)
            + both * dlt * response
            + worst * dlt * (1 - response)
        )
        return unacceptable + (100 - unacceptable) / 2

    def _exact_utilities(self) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        each = self.utilities
        return (
            as_fraction(each.response_only),
            as_fraction(each.neither),
            as_fraction(each.both),
            as_fraction(each.dlt_only),
        )

    def events(self, n: int, dlts: int, responses: int, both: int | None) -> Fraction:
        """The utilities of these participants added up, in units of 100: the events of the quasi-binomial."""
        if both is None:
            if not self.utilities.are_additive:
                raise UsageError(
                    Finding(
                        message="with these utilities the margins do not suffice",
                        expected="how many had both a DLT and a response, per level",
                        rule="Lin et al. (2020): best + worst = neither + both is needed otherwise",
                    )
                )
            both = max(0, dlts + responses - n)  # with additive utilities any possible number gives the same
        best, neither, pair, worst = self._exact_utilities()
        return (
            best * (responses - both) + neither * (n - dlts - responses + both) + pair * both + worst * (dlts - both)
        ) / 100

    def desirability(self, n: int, dlts: int, responses: int, both: int | None = None) -> float:
        """Pr(utility > benchmark) at a level with these counts."""
        events = self.events(n, dlts, responses, both)
        return 1 - beta_cdf(float(self.benchmark() / 100), float(1 + events), float(1 + n - events))

    def is_too_toxic(self, dlts: int, n: int) -> bool:
        """Pr(DLT rate > max_dlt) >= cutoff_dlt under a uniform prior; never without participants."""
        return n > 0 and prob_above(self.max_dlt, dlts, n) >= as_fraction(self.cutoff_dlt)

    def is_too_weak(self, responses: int, n: int) -> bool:
        """Pr(response rate < min_response) >= cutoff_response under a uniform prior; never without participants."""
        return n > 0 and 1 - prob_above(self.min_response, responses, n) >= as_fraction(self.cutoff_response)

    def summarise(self, counts: PairCounts) -> tuple[LevelSummary, ...]:
        """Every level judged; a level above one that is too toxic is too toxic."""
        lowest = self._lowest_too_toxic(counts)
        return tuple(self._summarise(counts, level, lowest) for level in range(1, counts.levels + 1))

    def _lowest_too_toxic(self, counts: PairCounts) -> int:
        levels = range(1, counts.levels + 1)
        return next(
            (level for level in levels if self.is_too_toxic(counts.dlt[level - 1], counts.n[level - 1])),
            counts.levels + 1,
        )

    def _summarise(self, counts: PairCounts, level: int, lowest_too_toxic: int) -> LevelSummary:
        place = level - 1
        n, dlts, responses = counts.n[place], counts.dlt[place], counts.response[place]
        both = None if counts.both is None else counts.both[place]
        events = self.events(n, dlts, responses, both)
        toxic, weak = level >= lowest_too_toxic, self.is_too_weak(responses, n)
        desirability, utility = self.desirability(n, dlts, responses, both), float(100 * (1 + events) / (2 + n))
        text = f"level {level}: {dlts}/{n} DLTs, {responses}/{n} responses, utility {utility:.1f}, "
        text += f"Pr(utility > {float(self.benchmark()):.1f}) = {desirability:.2f}"
        if n > 0:
            over, weakness = prob_above(self.max_dlt, dlts, n), 1 - prob_above(self.min_response, responses, n)
            shown = format_beside(over, self.cutoff_dlt, 2), format_beside(weakness, self.cutoff_response, 2)
            text += f"; Pr(DLT rate > {self.max_dlt:.2f}) = {shown[0][0]}"
            text += f", Pr(response rate < {self.min_response:.2f}) = {shown[1][0]}"
        text += (": too toxic" if toxic else "") + (": too weak" if weak and not toxic else "")
        return LevelSummary(
            level=level, too_toxic=toxic, too_weak=weak, desirability=desirability, utility=utility, reason=text
        )

    def propose(self, counts: PairCounts) -> Proposal:
        """The level for the next cohort, or a stop where no level is admissible.

        Ties of desirability go to the higher level, as in the authors' application, except between staying and going
        down, where they go down. A level that is not admissible is never proposed.
        """
        levels, n = self.summarise(counts), counts.n[counts.current - 1]
        out = self._lowest_too_toxic(counts)
        reasons = tuple(each.reason for each in levels if counts.n[each.level - 1] > 0)
        proposal = Proposal(
            level=counts.current, reasons=reasons, eliminated_from=out if out <= counts.levels else None
        )
        if n == 0:
            text = f"level {counts.current} has no evaluable participant yet: treat there first"
            return replace(proposal, reasons=(*reasons, text))
        if out == 1:
            return _stop(proposal, "level 1 is too toxic: no level is acceptable, stop")
        options, why = self._options(counts)
        admissible = [level for level in options if levels[level - 1].is_admissible]
        if not admissible:
            text = f"none of level {', '.join(map(str, options))} is admissible: stop"
            return _stop(replace(proposal, reasons=(*reasons, why)), text)
        lower_wins = options == [counts.current - 1, counts.current]
        best = max(admissible, key=lambda level: (levels[level - 1].desirability, -level if lower_wins else level))
        text = f"{why}: level {best}, Pr(utility > benchmark) = {levels[best - 1].desirability:.2f}"
        return replace(proposal, level=best, reasons=(*reasons, text))

    def _options(self, counts: PairCounts) -> tuple[list[int], str]:
        """The levels that the DLT rate at the current one leaves to choose from, and why (table 2 of the paper)."""
        current, (dlts, n) = counts.current, counts.safety().at(counts.current)
        lambda_e, lambda_d = self.boundaries()
        rate, top = dlts / n, counts.levels
        shown = f"{dlts}/{n}: {rate:.3f}"
        if rate >= lambda_d:
            if current == 1:
                return [1], f"{shown} > lambda_d {lambda_d:.3f}, and level 1 is the lowest"
            below = [level for level in range(current - 1, 0, -1) if level < self._lowest_too_toxic(counts)]
            return below[:1], f"{shown} > lambda_d {lambda_d:.3f}, go down"
        if n >= self.explore_from and current < top and counts.n[current] == 0:
            why = f"{shown} < lambda_d {lambda_d:.3f} in {n} of {self.explore_from}, level {current + 1} is untried"
            return [current + 1], why
        if rate > lambda_e and n >= self.enough:
            options = [level for level in (current - 1, current) if level >= 1]
            return options, f"{shown} between lambda_e {lambda_e:.3f} and lambda_d {lambda_d:.3f}, {n} treated"
        options = [level for level in (current - 1, current, current + 1) if 1 <= level <= top]
        return options, f"{shown} < lambda_d {lambda_d:.3f}, the best of the neighbours"

    def select(self, counts: PairCounts) -> OptimumDose:
        """The optimal biological dose of a finished trial.

        The MTD is selected first, from the DLTs alone, as in BOIN (isotonic regression); of the admissible levels up to
        it that were tried, the one with the highest utility or desirability is the optimum, of equal ones the lower.
        """
        levels = self.summarise(counts)
        rules = (Eliminate(target=self.max_dlt, cutoff=self.cutoff_dlt, min_n=1),)
        chosen = select_by_rules(counts.safety(), target=self.max_dlt, rules=rules)
        reasons = tuple(each.reason for each in levels if counts.n[each.level - 1] > 0)
        if chosen.level is None:
            return OptimumDose(level=None, mtd=None, reasons=(*reasons, *chosen.reasons), levels=levels)
        left = [each for each in levels[: chosen.level] if each.is_admissible and counts.n[each.level - 1] > 0]
        reasons = (*reasons, f"MTD: {chosen.reasons[0]}")
        if not left:
            text = f"no level up to the MTD {chosen.level} is admissible: no optimum dose"
            return OptimumDose(level=None, mtd=chosen.level, reasons=(*reasons, text), levels=levels)
        best = max(left, key=lambda each: (getattr(each, self.optimum_by), -each.level))
        shown = f"{best.utility:.1f}" if self.optimum_by == "utility" else f"{best.desirability:.2f}"
        text = f"level {best.level} has the highest {self.optimum_by} up to the MTD, {shown}"
        return OptimumDose(level=best.level, mtd=chosen.level, reasons=(*reasons, text), levels=levels)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesirabilityRow:
    """A row of the rank-based desirability table: counts at a level, and its rank (None: not admissible)."""

    n: int
    dlts: int
    responses: int
    desirability: float
    rank: float | None


def desirability_table(design: Boin12, sizes: Sequence[int]) -> tuple[DesirabilityRow, ...]:
    """The rank-based desirability score of every outcome at these numbers of participants, higher is better.

    Rows that are not admissible have no rank; equal desirabilities share the mean of their ranks.

    Raises:
        UsageError: sizes that do not rise from 0, or utilities for which the margins do not suffice.
    Source: Lin et al. (2020), table 3; oracle: tests/oracles/escalation/boin12_rds.csv
    """
    if not sizes or min(sizes) < 0 or any(low >= high for low, high in pairwise(sizes)):
        found = ", ".join(map(str, sizes)) or "none"
        raise UsageError(
            Finding(message="the numbers of participants do not rise", found=found, expected="e.g. 0, 3, 6")
        )
    rows = [
        (n, dlts, responses, design.events(n, dlts, responses, None))
        for n in sizes
        for dlts in range(n + 1)
        for responses in range(n + 1)
    ]
    admissible = [
        row for row in rows if not (design.is_too_toxic(row[1], row[0]) or design.is_too_weak(row[2], row[0]))
    ]
    # equal counts of events in equal n are equal exactly; desirabilities of different n never tie but by chance
    values = {(row[0], row[3]): design.desirability(*row[:3]) for row in rows}
    ranked = sorted(values[row[0], row[3]] for row in admissible)
    ranks: dict[float, list[int]] = {}
    for place, value in enumerate(ranked, start=1):
        ranks.setdefault(value, []).append(place)
    kept = set(admissible)
    return tuple(
        DesirabilityRow(
            n=row[0],
            dlts=row[1],
            responses=row[2],
            desirability=(value := values[row[0], row[3]]),
            rank=sum(ranks[value]) / len(ranks[value]) if row in kept else None,
        )
        for row in rows
    )


def _stop(proposal: Proposal, reason: str) -> Proposal:
    return replace(proposal, stop=True, reasons=(*proposal.reasons, reason))
