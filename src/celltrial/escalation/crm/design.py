"""The CRM as a dose-finding design: go to the level whose DLT rate is nearest the target, within its restrictions.

Correct tools disagree on the restrictions, so each is a named option of `Crm`. Sources: Cheung (2011), Dose Finding by
the Continual Reassessment Method; Goodman, Zahurak & Piantadosi (1995), Stat Med 14:1149-1161 (cohorts, no skipping);
Cheung (2005), Biometrika 92:863-873 (coherence).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import sqrt
from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias, get_args

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import as_fraction, check_rate, format_beside
from celltrial.escalation.counts import Counts
from celltrial.escalation.crm.fit import PRIOR_VARIANCE, CrmFit, Estimate, Tail, check_word, fit_crm, prob_rate_above
from celltrial.escalation.crm.skeleton import calibrate_skeleton
from celltrial.escalation.crm.working import Form, WorkingModel
from celltrial.escalation.decision import Cell, Proposal

if TYPE_CHECKING:
    from celltrial.escalation.batch import Batch, Ints, Proposals

__all__ = ["Coherence", "Crm", "Skipping"]

Coherence: TypeAlias = Literal["last-cohort", "current-level", "off"]
Skipping: TypeAlias = Literal["current", "tried", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crm:
    """The continual reassessment method.

    skeleton: first guess of the DLT rate per level. None: calibrated for the number of levels there are, with
        `half_width` around the target and level `nu` (None: the middle level, the lower of two) as the first guess of
        the MTD; that default is ours.
    form, intercept, prior_var: the working model and the variance of the normal prior of its parameter.
    estimate: decide by the rates at the posterior mean of beta (`plug-in`, dfcrm) or by their posterior means (`mean`).
    no_skip: escalate by one level from the `current` one (dfcrm), or to one above the highest level `tried` (dtpcrm).
    coherence: no escalation when the `last-cohort` had a DLT rate at or above the target (dfcrm), or when all data at
        the `current-level` have one above it (dtpcrm). Where the last cohort is not known, the current level stands in.
    too_toxic_rate, too_toxic_cutoff: stop when Pr(rate of level 1 > too_toxic_rate) > too_toxic_cutoff; None: never.
    tail: that probability is `exact` (quadrature), or `normal` (dtpcrm: beta taken as normal).

    >>> Crm(target=0.25, skeleton=(0.1, 0.25, 0.4)).propose(Counts(n=(3, 3, 0), dlt=(0, 2, 0), current=2)).level
    1
    """

    target: float
    skeleton: tuple[float, ...] | None = None
    half_width: float = 0.05
    nu: int | None = None
    form: Form = "empiric"
    intercept: float = 3.0
    prior_var: float = PRIOR_VARIANCE
    estimate: Estimate = "plug-in"
    no_skip: Skipping = "current"
    coherence: Coherence = "last-cohort"
    too_toxic_rate: float | None = None
    too_toxic_cutoff: float | None = None
    tail: Tail = "exact"

    def __post_init__(self) -> None:
        if problems := tuple(_check(self)):
            raise UsageError(problems)
        if self.skeleton is not None:
            WorkingModel(skeleton=self.skeleton, form=self.form, intercept=self.intercept)

    @property
    def name(self) -> str:
        """`crm`."""
        return "crm"

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """Every option in force."""
        given: list[tuple[str, float | str]] = []
        if self.skeleton is None:
            given += [("half_width", self.half_width), ("nu", "middle" if self.nu is None else self.nu)]
        else:
            given += [("skeleton", " ".join(map(str, self.skeleton)))]
        given += [("form", self.form), ("prior_var", self.prior_var), ("estimate", self.estimate)]
        given += [("intercept", self.intercept)] if self.form == "logistic" else []
        given += [("no_skip", self.no_skip), ("coherence", self.coherence)]
        if self.too_toxic_rate is not None and self.too_toxic_cutoff is not None:
            given += [("too_toxic_rate", self.too_toxic_rate), ("too_toxic_cutoff", self.too_toxic_cutoff)]
            given += [("tail", self.tail)]
        return tuple(given)

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """None: the decision depends on all levels at once."""
        return ()

    @property
    def prior_sd(self) -> float:
        """Standard deviation of the prior of beta."""
        return sqrt(self.prior_var)

    @property
    def looks_at_last_cohort(self) -> bool:
        """Whether equal counts can have different decisions, by the DLTs of the last cohort."""
        return self.coherence == "last-cohort"

    def cell(self, dlts: int, n: int) -> Cell:
        """There is none: raises UsageError."""
        refuse_cell(self.name, dlts, n)

    def model(self, levels: int) -> WorkingModel:
        """The working model for this many levels. Raises UsageError where the skeleton has another number."""
        return _model(self.skeleton, self.half_width, self.target, self.nu, levels, self.form, self.intercept)

    def fit(self, counts: Counts) -> CrmFit:
        """The fit to these counts."""
        return fit_crm(
            self.model(counts.levels),
            target=self.target,
            n=counts.n,
            dlt=counts.dlt,
            prior_sd=self.prior_sd,
            estimate=self.estimate,
        )

    def propose(self, counts: Counts) -> Proposal:
        """The level nearest the target, then what the restrictions allow."""
        if counts.total == 0:
            self.model(counts.levels)
            return Proposal(level=counts.current, reasons=("nobody is evaluable yet: treat at the starting level",))
        fit = self.fit(counts)
        proposal = Proposal(level=fit.level, reasons=(explain_fit(fit),))
        if judged := self.judge_toxicity(counts.n, counts.dlt):
            proposal = replace(proposal, stop=judged[0], reasons=(*proposal.reasons, judged[1]))
        return proposal if proposal.stop else self.restrict(proposal, counts)

    def restrict(self, proposal: Proposal, counts: Counts) -> Proposal:
        """Coherence, no skipping, and levels that are not open."""
        if proposal.level > counts.current and (reason := self._incoherent(counts)):
            text = f"{reason}: level {counts.current}, not {proposal.level}"
            proposal = replace(proposal, level=counts.current, reasons=(*proposal.reasons, text))
        highest = self._highest(counts)
        if proposal.level > highest:
            text = f"no level is skipped: level {highest}, not {proposal.level}"
            proposal = replace(proposal, level=highest, reasons=(*proposal.reasons, text))
        if proposal.level in counts.closed:
            below = counts.next_below(proposal.level)
            text = f"level {proposal.level} is not open: level {below}"
            proposal = replace(proposal, level=below, reasons=(*proposal.reasons, text))
        return proposal

    def _highest(self, counts: Counts) -> int:
        if self.no_skip == "off":
            return counts.levels
        tried = [level for level in range(1, counts.levels + 1) if counts.n[level - 1] > 0]
        base = max(tried, default=counts.current) if self.no_skip == "tried" else counts.current
        return counts.next_above(base) or base

    def _incoherent(self, counts: Counts) -> str:
        """Why an escalation would be incoherent; blank where it would not."""
        if self.coherence == "off":
            return ""
        dlts, n = counts.at(counts.current)
        what, sign = f"{dlts}/{n} DLTs at level {counts.current}", ">"
        is_over = n > 0 and dlts > as_fraction(self.target) * n
        if self.coherence == "last-cohort":
            unknown = counts.last is None
            dlts, n = (dlts, n) if counts.last is None else counts.last
            what, sign = (
                (f"{what}, the last cohort not known" if unknown else f"{dlts}/{n} DLTs in the last cohort"),
                ">=",
            )
            is_over = n > 0 and dlts >= as_fraction(self.target) * n
        if not is_over:
            return ""
        shown, beside = format_beside(as_fraction(dlts) / n, as_fraction(self.target), 2)
        return f"{what}, {shown} {sign} {beside}, no escalation after them"

    def judge_toxicity(
        self, n: Sequence[int], dlt: Sequence[int], pending: Sequence[tuple[int, float]] = ()
    ) -> tuple[bool, str] | None:
        """Whether the lowest level is too toxic, and the sentence on it; None without that rule."""
        rate, cutoff = self.too_toxic_rate, self.too_toxic_cutoff
        if rate is None or cutoff is None:
            return None
        probability = prob_rate_above(
            self.model(len(n)),
            level=1,
            rate=rate,
            n=n,
            dlt=dlt,
            pending=pending,
            prior_sd=self.prior_sd,
            tail=self.tail,
        )
        shown, beside = format_beside(probability, cutoff, 2)
        what = f"Pr(DLT rate of level 1 > {rate:.2f}) = {shown}"
        if probability > cutoff:
            return True, f"{what} > {beside}: the lowest level is too toxic, stop"
        return False, f"{what}, not above {beside}"

    def select(self, counts: Counts) -> int | None:
        """The MTD of a finished trial: the model's recommendation, unrestricted; None where the lowest is too toxic."""
        if counts.total == 0:
            return None
        judged = self.judge_toxicity(counts.n, counts.dlt)
        return None if judged is not None and judged[0] else self.fit(counts).level

    def propose_many(self, batch: "Batch") -> "Proposals":
        """What `propose` says for each state; fits are made once for all states with equal counts."""
        from celltrial.escalation.crm.many import propose_crm_many

        return propose_crm_many(self, batch)

    def select_many(self, batch: "Batch") -> "Ints":
        """What `select` says for each state; 0 for none."""
        from celltrial.escalation.crm.many import select_crm_many

        return select_crm_many(self, batch)


def refuse_cell(name: str, dlts: int, n: int) -> NoReturn:
    """A model-based design has no decision for one level alone."""
    raise UsageError(
        Finding(
            message=f"{name} has no decision for one level alone",
            found=f"{dlts} DLTs in {n} evaluable",
            expected="the counts of all levels: a model-based decision depends on them together",
            next_step="print its dose-transition pathways instead of a decision table",
        )
    )


def explain_fit(fit: CrmFit) -> str:
    """The sentence on a fit: beta, the rates, the nearest level."""
    rates = ", ".join(f"{rate:.3f}" for rate in fit.rates)
    what = "at it" if fit.estimate == "plug-in" else "(posterior means)"
    return (
        f"posterior mean of beta {fit.beta:.3f}, DLT rates {what} {rates}: "
        f"level {fit.level} is nearest the target {fit.target:.2f}"
    )


@lru_cache(maxsize=256)
def _model(
    skeleton: tuple[float, ...] | None,
    half_width: float,
    target: float,
    nu: int | None,
    levels: int,
    form: Form,
    intercept: float,
) -> WorkingModel:
    if skeleton is None:
        middle = (levels + 1) // 2 if nu is None else nu
        skeleton = calibrate_skeleton(half_width, target, middle, levels, form=form, intercept=intercept)
    if len(skeleton) != levels:
        raise UsageError(
            Finding(
                message="the skeleton does not fit the levels",
                found=f"{len(skeleton)} guesses for {levels} levels",
                expected="one guess for each level",
                next_step="give a skeleton for these levels, or half_width and nu in its place",
            )
        )
    return WorkingModel(skeleton=skeleton, form=form, intercept=intercept)


def _check(crm: Crm) -> list[Finding]:
    findings = [*check_rate("the target DLT rate", crm.target)]
    words = (("form", Form), ("estimate", Estimate), ("no_skip", Skipping), ("coherence", Coherence), ("tail", Tail))
    for name, known in words:
        findings += check_word(name, getattr(crm, name), get_args(known))
    if not crm.prior_var > 0:
        findings.append(Finding(message="prior_var is not a variance", found=str(crm.prior_var), expected="above 0"))
    pair = (crm.too_toxic_rate, crm.too_toxic_cutoff)
    if (pair[0] is None) != (pair[1] is None):
        found = f"too_toxic_rate {pair[0]}, too_toxic_cutoff {pair[1]}"
        findings.append(
            Finding(message="the stop for toxicity is half given", found=found, expected="both, or neither")
        )
    for name, value in zip(("too_toxic_rate", "too_toxic_cutoff"), pair, strict=True):
        findings += () if value is None else check_rate(name, value)
    return findings
