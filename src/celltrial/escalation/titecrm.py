"""TITE-CRM: the CRM with participants still in follow-up, each counted by a weight for the part of the window behind.

A participant without a DLT so far enters the likelihood as 1 - weight x rate; one with a DLT counts in full.
Sources: Cheung & Chappell (2000), Biometrics 56:1177-1182 (linear and adaptive weights); Cheung (2011), chapter 11.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Literal, TypeAlias, get_args

from celltrial.errors import Finding, UsageError
from celltrial.escalation.counts import Counts
from celltrial.escalation.crm.design import Crm, explain_fit, refuse_cell
from celltrial.escalation.crm.fit import PRIOR_VARIANCE, CrmFit, Estimate, Method, check_word, fit_crm
from celltrial.escalation.crm.working import WorkingModel
from celltrial.escalation.decision import Cell, Proposal

__all__ = ["Followed", "Scheme", "TiteCrm", "compute_weights", "fit_titecrm"]

Scheme: TypeAlias = Literal["linear", "adaptive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A treated participant: level (1-based), whether there was a DLT, and days followed (to the DLT where there was).

    weight: given, it stands instead of the one computed from the days.
    """

    level: int
    dlt: bool
    days: float
    weight: float | None = None


def compute_weights(followed: Sequence[Followed], *, window: float, scheme: Scheme = "linear") -> tuple[float, ...]:
    """The weight of each participant, from 0 to 1; 1 with a DLT or a completed window.

    `linear`: days / window. `adaptive`: DLTs seen so far cut the window into parts of equal weight, linear within each,
    so late DLTs make early follow-up worth less; without a DLT it is linear.

    Args:
        window: the DLT window, in days.
    Raises:
        UsageError: a window or days that cannot be, or no such scheme.
    Source: Cheung & Chappell (2000), section 3; checked against `titecrm` of the R package dfcrm 0.2-2.1.

    >>> two = [Followed(level=1, dlt=False, days=14), Followed(level=1, dlt=True, days=20)]
    >>> compute_weights(two, window=28), compute_weights(two, window=28, scheme="adaptive")
    ((0.5, 1.0), (0.35, 1.0))
    """
    if problems := _check(followed, window, scheme):
        raise UsageError(problems)
    times = sorted(each.days for each in followed if each.dlt) if scheme == "adaptive" else []
    return tuple(_weigh(each, window, times) for each in followed)


def _weigh(each: Followed, window: float, times: Sequence[float]) -> float:
    if each.dlt:
        return 1.0
    if each.weight is not None:
        return each.weight
    if each.days >= window:
        return 1.0
    edges = [0.0, *times, window]
    before = sum(time <= each.days for time in times)
    start, end = edges[before], edges[before + 1]
    return (before + (each.days - start) / (end - start)) / (len(times) + 1)


def _check(followed: Sequence[Followed], window: float, scheme: str) -> tuple[Finding, ...]:
    findings = check_word("weighting scheme", scheme, get_args(Scheme))
    if not window > 0:
        findings += (Finding(message="the DLT window has no length", found=str(window), expected="days above 0"),)
    for place, each in enumerate(followed, start=1):
        if each.days < 0 or (each.dlt and each.days > window):
            found = f"{each.days} days, {'DLT' if each.dlt else 'no DLT'}, window {window}"
            expected = "0 or more days; a DLT within the window"
            findings += (
                Finding(message="these days cannot be", where=f"participant {place}", found=found, expected=expected),
            )
        if each.weight is not None and not 0 <= each.weight <= 1:
            found = str(each.weight)
            findings += (
                Finding(
                    message="no weight", where=f"participant {place}", found=found, expected="a number from 0 to 1"
                ),
            )
    return findings


def fit_titecrm(
    model: WorkingModel,
    followed: Sequence[Followed],
    *,
    target: float,
    window: float,
    scheme: Scheme = "linear",
    prior_sd: float = sqrt(PRIOR_VARIANCE),
    method: Method = "bayes",
    estimate: Estimate = "plug-in",
) -> CrmFit:
    """Fit the CRM to participants of whom some are still in follow-up.

    Raises:
        UsageError: participants, window or rates that cannot be.
    """
    n, dlt, pending = split_followed(followed, compute_weights(followed, window=window, scheme=scheme), model.levels)
    return fit_crm(
        model, target=target, n=n, dlt=dlt, pending=pending, prior_sd=prior_sd, method=method, estimate=estimate
    )


def split_followed(
    followed: Sequence[Followed], weights: Sequence[float], levels: int
) -> tuple[list[int], list[int], list[tuple[int, float]]]:
    """Evaluable and DLTs per level of those who count in full, and (level, weight) of the others."""
    n, dlt, pending = [0] * levels, [0] * levels, []
    for place, (each, weight) in enumerate(zip(followed, weights, strict=True), start=1):
        if not 1 <= each.level <= levels:
            found, expected = f"level {each.level}", f"a level from 1 to {levels}"
            raise UsageError(
                Finding(message="no such level", where=f"participant {place}", found=found, expected=expected)
            )
        if weight < 1:
            pending.append((each.level, weight))
        else:
            n[each.level - 1] += 1
            dlt[each.level - 1] += each.dlt
    return n, dlt, pending


@dataclass(frozen=True, slots=True, kw_only=True)
class TiteCrm:
    """The TITE-CRM as a base rule: a `Crm`, the window, and the participants as they are followed today.

    Its counts are all treated participants, in follow-up or not; so `Design(base=TiteCrm(...)).decide(counts)` needs
    counts and `followed` of the same participants. Restrictions, estimate and stop are those of `crm`.

    >>> treated = [Followed(level=1, dlt=False, days=20)] * 3
    >>> tite = TiteCrm(crm=Crm(target=0.25, half_width=0.08), window=28, followed=tuple(treated))
    >>> tite.propose(Counts(n=(3, 0, 0), dlt=(0, 0, 0))).level
    2
    """

    crm: Crm
    window: float
    scheme: Scheme = "linear"
    followed: tuple[Followed, ...] = field(default=())

    def __post_init__(self) -> None:
        if problems := _check(self.followed, self.window, self.scheme):
            raise UsageError(problems)

    @property
    def name(self) -> str:
        """`titecrm`."""
        return "titecrm"

    @property
    def target(self) -> float:
        """The target DLT rate."""
        return self.crm.target

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """Those of the CRM, the window and the scheme."""
        return (*self.crm.parameters, ("window", self.window), ("scheme", self.scheme))

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """None."""
        return ()

    def cell(self, dlts: int, n: int) -> Cell:
        """There is none: raises UsageError."""
        refuse_cell(self.name, dlts, n)

    def fit(self, counts: Counts) -> CrmFit:
        """The fit to the participants as followed. Raises UsageError where they are not those of the counts."""
        model = self.crm.model(counts.levels)
        weights = compute_weights(self.followed, window=self.window, scheme=self.scheme)
        n, dlt, pending = split_followed(self.followed, weights, counts.levels)
        treated = tuple(each + sum(level == place for level, _ in pending) for place, each in enumerate(n, start=1))
        if treated != counts.n or tuple(dlt) != counts.dlt:
            raise UsageError(
                Finding(
                    message="the participants followed are not those of the counts",
                    found=f"followed {treated} with DLTs {tuple(dlt)}, counts {counts.n} with {counts.dlt}",
                    expected="the same number per level; counts with everybody treated",
                )
            )
        return fit_crm(
            model,
            target=self.target,
            n=n,
            dlt=dlt,
            pending=pending,
            prior_sd=self.crm.prior_sd,
            estimate=self.crm.estimate,
        )

    def propose(self, counts: Counts) -> Proposal:
        """The level nearest the target, then what the restrictions of the CRM allow."""
        if counts.total == 0:
            self.crm.model(counts.levels)
            return Proposal(level=counts.current, reasons=("nobody is treated yet: treat at the starting level",))
        fit = self.fit(counts)
        weights = compute_weights(self.followed, window=self.window, scheme=self.scheme)
        n, dlt, pending = split_followed(self.followed, weights, counts.levels)
        waiting = f"{len(pending)} in follow-up count {sum(weight for _, weight in pending):.2f} together"
        proposal = Proposal(level=fit.level, reasons=(explain_fit(fit), waiting))
        if judged := self.crm.judge_toxicity(n, dlt, pending):
            proposal = replace(proposal, stop=judged[0], reasons=(*proposal.reasons, judged[1]))
        return proposal if proposal.stop else self.crm.restrict(proposal, counts)

    def select(self, counts: Counts) -> int | None:
        """The model's recommendation, unrestricted; None where nobody is treated or the lowest level is too toxic."""
        if counts.total == 0:
            return None
        weights = compute_weights(self.followed, window=self.window, scheme=self.scheme)
        judged = self.crm.judge_toxicity(*split_followed(self.followed, weights, counts.levels))
        return None if judged is not None and judged[0] else self.fit(counts).level
