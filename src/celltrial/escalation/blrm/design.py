"""The BLRM as a dose-finding design: among the doses that are safe enough (EWOC), the one a criterion likes best.

Escalation with overdose control (EWOC): a dose is admissible while the posterior probability that its DLT rate is above
the target interval stays under a bound. Sources: Babb, Rogatko & Zacks (1998), Stat Med 17:1103-1120 (EWOC);
Neuenschwander, Branson & Gsponer (2008), Stat Med 27:2420-2439 (intervals, losses).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import check_rate, format_beside
from celltrial.escalation.blrm.fit import BlrmFit, BlrmModel, DoseRate, Intervals, fit_blrm
from celltrial.escalation.counts import Counts
from celltrial.escalation.crm.design import Skipping, refuse_cell
from celltrial.escalation.crm.fit import check_word
from celltrial.escalation.decision import Cell, Proposal

if TYPE_CHECKING:
    from celltrial.escalation.batch import Batch, Ints, Proposals

__all__ = ["Blrm", "Criterion", "SelectFrom"]

Criterion: TypeAlias = Literal["target", "loss", "nearest", "highest"]
SelectFrom: TypeAlias = Literal["tried", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blrm:
    """The Bayesian logistic regression model under overdose control.

    target: the target DLT rate; it decides only where the criterion is `nearest`, the intervals do otherwise.
    max_overdose: EWOC; a dose is admissible while Pr(overdose) < max_overdose (crmPack; at the bound it is not).
    criterion: of the admissible doses take the one with the highest probability of the `target` interval, the smallest
        expected `loss`, the posterior mean `nearest` the target, or the `highest` dose. Ties go to the lower dose.
    losses: of under-dosing, target, overdose and unacceptable overdose, for the criterion `loss`.
    no_skip: escalate by one level from the `current` one, to one above the highest `tried`, or `off`.
    max_increase: the next dose is at most this share above the current one (1.0: doubled); after the first DLT of the
        trial `max_increase_after_dlt`. None: no such bound.
    select_from: the MTD is selected among the levels `tried` (our default) or `all`.
    """

    target: float
    model: BlrmModel
    intervals: Intervals = field(default_factory=Intervals)
    max_overdose: float = 0.25
    criterion: Criterion = "target"
    losses: tuple[float, float, float, float] = (1.0, 0.0, 1.0, 2.0)
    no_skip: Skipping = "current"
    max_increase: float | None = None
    max_increase_after_dlt: float | None = None
    select_from: SelectFrom = "tried"

    def __post_init__(self) -> None:
        if problems := tuple(_check(self)):
            raise UsageError(problems)

    @property
    def name(self) -> str:
        """`blrm`."""
        return "blrm"

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """Every option in force."""
        given: list[tuple[str, float | str]] = [
            ("doses", " ".join(f"{dose:g}" for dose in self.model.doses)),
            ("reference", self.model.reference),
            ("prior", self.model.prior.describe()),
            ("low", self.intervals.low),
            ("high", self.intervals.high),
            ("unacceptable", self.intervals.unacceptable),
            ("max_overdose", self.max_overdose),
            ("criterion", self.criterion),
            ("no_skip", self.no_skip),
            ("select_from", self.select_from),
        ]
        if self.criterion == "loss":
            given.append(("losses", " ".join(f"{loss:g}" for loss in self.losses)))
        for name in ("max_increase", "max_increase_after_dlt"):
            if (value := getattr(self, name)) is not None:
                given.append((name, value))
        return tuple(given)

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """None: the decision depends on all levels at once."""
        return ()

    def cell(self, dlts: int, n: int) -> Cell:
        """There is none: raises UsageError."""
        refuse_cell(self.name, dlts, n)

    def fit(self, counts: Counts) -> BlrmFit:
        """The posterior after these counts."""
        return fit_blrm(self.model, n=counts.n, dlt=counts.dlt, intervals=self.intervals)

    def propose(self, counts: Counts) -> Proposal:
        """The best admissible level within the restrictions; stop where none is admissible."""
        if counts.total == 0:
            self.require_levels(counts.levels)
            return Proposal(level=counts.current, reasons=("nobody is evaluable yet: treat at the starting level",))
        fit = self.fit(counts)
        admissible = [level for level in range(1, counts.levels + 1) if self._is_safe(fit.rates[level - 1])]
        reasons = [self._explain_safety(fit, admissible)]
        reachable = [level for level in admissible if level <= self.highest(counts) and level not in counts.closed]
        if not reachable:
            return Proposal(level=counts.current, reasons=(*reasons, "no level is safe enough: stop"), stop=True)
        level = self._best(fit, reachable)
        reasons.append(self._explain_choice(fit, level))
        if (freely := self._best(fit, admissible)) > level:
            reasons.append(f"level {freely} would be chosen freely: {self._explain_limit(counts)}")
        return Proposal(level=level, reasons=tuple(reasons))

    def select(self, counts: Counts) -> int | None:
        """The MTD of a finished trial: the best admissible level, among those tried; None where there is none."""
        if counts.total == 0:
            return None
        fit = self.fit(counts)
        levels = range(1, counts.levels + 1)
        tried = [level for level in levels if self.select_from == "all" or counts.n[level - 1] > 0]
        safe = [level for level in tried if self._is_safe(fit.rates[level - 1])]
        return self._best(fit, safe) if safe else None

    def propose_many(self, batch: "Batch") -> "Proposals":
        """What `propose` says for each state; fits are made once for all states with equal counts."""
        from celltrial.escalation.blrm.many import propose_blrm_many

        return propose_blrm_many(self, batch)

    def select_many(self, batch: "Batch") -> "Ints":
        """What `select` says for each state; 0 for none."""
        from celltrial.escalation.blrm.many import select_blrm_many

        return select_blrm_many(self, batch)

    def require_levels(self, levels: int) -> None:
        """Raise UsageError unless there is one dose for each level."""
        if levels != self.model.levels:
            raise UsageError(
                Finding(
                    message="the doses do not fit the levels",
                    found=f"{self.model.levels} doses for {levels} levels",
                    expected="one dose for each level",
                )
            )

    def highest(self, counts: Counts) -> int:
        """The highest level that no skipping and the bound on the increase allow; at least the current one."""
        tried = [level for level in range(1, counts.levels + 1) if counts.n[level - 1] > 0]
        base = max(tried, default=counts.current) if self.no_skip == "tried" else counts.current
        highest = counts.levels if self.no_skip == "off" else counts.next_above(base) or base
        bound = self.increase_bound(sum(counts.dlt) > 0)
        if bound is None:
            return highest
        most = self.model.doses[counts.current - 1] * (1 + bound)
        within = [level for level in range(1, highest + 1) if self.model.doses[level - 1] <= most * (1 + 1e-12)]
        return max(counts.current, *within)

    def increase_bound(self, after_dlt: bool) -> float | None:
        """The bound on the increase in force before or after the first DLT: the smaller of those given."""
        bounds = [self.max_increase, self.max_increase_after_dlt if after_dlt else None]
        return min((bound for bound in bounds if bound is not None), default=None)

    def _is_safe(self, rate: DoseRate) -> bool:
        return rate.overdose < self.max_overdose

    def _best(self, fit: BlrmFit, levels: list[int]) -> int:
        return max(levels, key=lambda level: (self._merit(fit.rates[level - 1], level), -level))

    def _merit(self, rate: DoseRate, level: int) -> float:
        match self.criterion:
            case "target":
                return rate.target
            case "loss":
                return -self._loss(rate)
            case "nearest":
                return -abs(rate.mean - self.target)
            case "highest":
                return level

    def _loss(self, rate: DoseRate) -> float:
        shares = (rate.under, rate.target, rate.over, rate.unacceptable)
        return sum(loss * share for loss, share in zip(self.losses, shares, strict=True))

    def _explain_safety(self, fit: BlrmFit, admissible: list[int]) -> str:
        shown = ", ".join(f"{rate.overdose:.3f}" for rate in fit.rates)
        safe = ", ".join(map(str, admissible)) or "none"
        return (
            f"Pr(DLT rate > {self.intervals.high:.2f}) by level {shown}: "
            f"under {self.max_overdose:.2f} (EWOC) at level {safe}"
        )

    def _explain_choice(self, fit: BlrmFit, level: int) -> str:
        rate, low, high = fit.rates[level - 1], self.intervals.low, self.intervals.high
        over = format_beside(rate.overdose, self.max_overdose, 2)
        why = {
            "target": f"Pr({low:.2f} to {high:.2f}) = {rate.target:.3f} is the highest",
            "loss": f"expected loss {self._loss(rate):.3f} is the smallest",
            "nearest": f"posterior mean {rate.mean:.3f} is the nearest the target {self.target:.2f}",
            "highest": "the highest",
        }[self.criterion]
        return f"level {level}: {why}; posterior mean {rate.mean:.3f}, Pr(overdose) = {over[0]} < {over[1]}"

    def _explain_limit(self, counts: Counts) -> str:
        bound = self.increase_bound(sum(counts.dlt) > 0)
        limits = {
            "current": ["no level above the next is open"],
            "tried": ["no level far above those tried"],
            "off": [],
        }
        texts = [*limits[self.no_skip]]
        texts += [] if bound is None else [f"the dose may rise by {bound:.0%}"]
        texts += [f"level {', '.join(map(str, counts.closed))} is not open"] if counts.closed else []
        return ", ".join(texts)


def _check(blrm: Blrm) -> list[Finding]:
    findings = [*check_rate("the target DLT rate", blrm.target), *check_rate("max_overdose", blrm.max_overdose)]
    findings += check_word("criterion", blrm.criterion, get_args(Criterion))
    findings += check_word("no_skip", blrm.no_skip, get_args(Skipping))
    findings += check_word("select_from", blrm.select_from, get_args(SelectFrom))
    for name in ("max_increase", "max_increase_after_dlt"):
        value = getattr(blrm, name)
        if value is not None and value <= 0:
            findings.append(Finding(message=f"{name} allows no increase", found=str(value), expected="above 0"))
    return findings
