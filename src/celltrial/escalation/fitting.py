"""What a design makes of the data of a trial: DLT rates per level with their uncertainty, and what it proposes.

For the CRM, TITE-CRM and BLRM these are the posteriors that the decision rests on. The other designs have no model of
all levels: beside them stand the observed rate, the isotonic estimate that the MTD is selected by, the probability that
the rate is above the target (uniform prior) and the one-sided 95 % upper bound.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, cast

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import prob_above, upper_bound
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Action
from celltrial.escalation.design import Design
from celltrial.escalation.exact import select_level
from celltrial.escalation.mtd import select_by_rules
from celltrial.escalation.named import design_named
from celltrial.escalation.partial import PartialCounts, PartialRule, decide_partial
from celltrial.escalation.titecrm import Followed, Scheme, TiteCrm
from celltrial.missing import NotEstimable

if TYPE_CHECKING:
    from celltrial.escalation.blrm.design import Blrm
    from celltrial.escalation.crm.fit import CrmFit

__all__ = ["LevelFit", "Proposed", "TrialData", "fit_design"]

# one design, as papers and as `design_named` write it
_TITE_CRM = ("titecrm", "tite-crm")

Settings: TypeAlias = Mapping[str, float | str]
Rules: TypeAlias = Sequence[tuple[str, Settings]]
Number: TypeAlias = float | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialData:
    """The participants of a trial, in the order they were treated.

    counts: everybody treated, with the DLTs seen so far. followed: the same people one by one. window: of the DLTs, in
    the unit of their follow-up. doses: the amounts per level, where they are known.
    """

    counts: Counts
    followed: tuple[Followed, ...]
    window: float = 1.0
    doses: tuple[float, ...] = ()

    @property
    def pending(self) -> int:
        """Those without a DLT whose window is not over."""
        return sum(not each.dlt and _share(each, self.window) < 1 for each in self.followed)


def _share(each: Followed, window: float) -> float:
    return each.days / window if each.weight is None else each.weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What a design proposes on these data: its action (`wait` while too much is pending), the level, and why."""

    action: str
    level: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFit:
    """The fit of a design: `rows` has the numbers of `columns` for each level, lowest first.

    estimates: parameters of the model; `method`: how it was fitted. mtd: what a trial that ended here would select.
    """

    design: str
    target: float
    parameters: tuple[tuple[str, float | str], ...]
    method: str
    estimates: tuple[tuple[str, float], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Number, ...], ...]
    decision: Proposed
    mtd: int | None

    def to_json(self) -> dict[str, object]:
        """The document of `celltrial dose fit --json`; a column's list has a number per level."""
        levels = {name: [row[place] for row in self.rows] for place, name in enumerate(self.columns)}
        return {
            "design": self.design,
            "target": self.target,
            "parameters": dict(self.parameters),
            "method": self.method,
            **dict(self.estimates),
            **levels,
            "mtd": self.mtd,
            "decision": asdict(self.decision),
        }

    def shown(self) -> list[tuple[str, ...]]:
        """A line for each number, with its value per level, as texts."""
        return [
            (name, *("-" if row[place] is None else f"{row[place]:.4g}" for row in self.rows))
            for place, name in enumerate(self.columns)
        ]


def fit_design(
    name: str, data: TrialData, *, target: float, parameters: Settings | None = None, rules: Rules = ()
) -> LevelFit:
    """Fit a design to the data of a trial, and ask what it proposes.

    Args:
        name: as `design_named` has it, or `titecrm` (with the parameters of the CRM and `scheme`).
    Raises:
        UsageError: settings that do not fit, or pending participants under a design that needs complete outcomes.
    """
    settings = dict(parameters or {})
    if name in _TITE_CRM:
        design = _tite_design(data, target, settings, rules)
    else:
        if name == "blrm" and data.doses and "doses" not in settings:
            settings["doses"] = " ".join(f"{dose:.15g}" for dose in data.doses)
        design = design_named(name, target=target, parameters=settings, rules=rules)
    decision = _propose(design, data)
    describe = _DESCRIBE.get(design.name, _describe_counts)
    method, estimates, columns, rows = describe(design, data)
    return LevelFit(
        design=design.name,
        target=design.target,
        parameters=design.base.parameters,
        method=method,
        estimates=estimates,
        columns=("n", "dlt", *columns),
        rows=tuple((n, y, *row) for n, y, row in zip(data.counts.n, data.counts.dlt, rows, strict=True)),
        decision=decision,
        mtd=select_level(design, data.counts),
    )


def _propose(design: Design, data: TrialData) -> Proposed:
    """The proposal; with pending participants only of a design that can count them."""
    if data.pending == 0 or design.name in _TITE_CRM:
        decision = design.decide(data.counts)
        return Proposed(action=decision.action.value, level=decision.level, reasons=decision.reasons)
    if not isinstance(design.base, PartialRule):
        raise UsageError(_incomplete(design.name, data.pending))
    counts, waiting = data.counts, [each for each in data.followed if not each.dlt and _share(each, data.window) < 1]
    shares = [
        [_share(each, data.window) for each in waiting if each.level == level + 1] for level in range(counts.levels)
    ]
    partial = PartialCounts(
        n=counts.n,
        dlt=counts.dlt,
        pending=tuple(map(len, shares)),
        follow_up=tuple(map(sum, shares)),
        current=counts.current,
        followed=tuple((each.level, _share(each, data.window)) for each in waiting),
    )
    answer = decide_partial(design, partial)
    if answer.hold:
        return Proposed(action="wait", level=None, reasons=answer.reasons)
    if answer.level is None:
        return Proposed(action=Action.STOP.value, level=None, reasons=answer.reasons)
    moves = {-1: Action.DE_ESCALATE, 0: Action.STAY, 1: Action.ESCALATE}
    step = (answer.level > counts.current) - (answer.level < counts.current)
    return Proposed(action=moves[step].value, level=answer.level, reasons=answer.reasons)


def _tite_design(data: TrialData, target: float, settings: dict[str, float | str], rules: Rules) -> Design:
    scheme = cast("Scheme", str(settings.pop("scheme", "linear")))
    plain = design_named("crm", target=target, parameters=settings, rules=rules)
    base = TiteCrm(crm=plain.base, window=data.window, scheme=scheme, followed=data.followed)  # type: ignore[arg-type]
    return replace(plain, base=base)


def _incomplete(name: str, pending: int) -> Finding:
    return Finding(
        message=f"{name} is fitted to complete outcomes",
        found=f"{pending} in follow-up without a DLT",
        expected="weight 1, or a follow-up as long as the window, for each participant without a DLT",
        next_step="use titecrm or tite-boin, or leave those out whose window is open",
    )


_Described: TypeAlias = tuple[str, tuple[tuple[str, float], ...], tuple[str, ...], tuple[tuple[Number, ...], ...]]


def _describe_crm(design: Design, data: TrialData) -> _Described:
    fit = cast("CrmFit", design.base.fit(data.counts))  # type: ignore[attr-defined]
    columns = ("skeleton", "ptox", "ptox_lower", "ptox_upper", "mean", "sd")
    rows = zip(fit.model.skeleton, fit.rates, fit.lower, fit.upper, fit.means, fit.means_sd, strict=True)
    how = "rates at the posterior mean of beta" if fit.estimate == "plug-in" else "posterior means of the rates"
    pending = f"; {data.pending} in follow-up count by their weight" if design.name == "titecrm" else ""
    method = f"posterior by quadrature, {how}, 90 % interval of beta{pending}"
    return method, (("beta", fit.beta), ("variance", fit.variance)), columns, tuple(rows)


def _describe_blrm(design: Design, data: TrialData) -> _Described:
    from celltrial.escalation.blrm.fit import rate_quantiles

    blrm = cast("Blrm", design.base)
    fit, counts = blrm.fit(data.counts), data.counts
    rows = []
    for level, rate in enumerate(fit.rates, start=1):
        low, median, high = rate_quantiles(
            blrm.model, n=counts.n, dlt=counts.dlt, level=level, probabilities=(0.025, 0.5, 0.975)
        )
        shares = (rate.under, rate.target, rate.over, rate.unacceptable)
        rows.append((blrm.model.doses[level - 1], rate.mean, rate.sd, low, median, high, *shares))
    columns = ("dose", "mean", "sd", "q025", "q50", "q975", "p_under", "p_target", "p_over", "p_unacceptable")
    limits = blrm.intervals
    method = (
        f"posterior by quadrature; under-dosing to {limits.low:g}, target to {limits.high:g}, "
        f"over to {limits.unacceptable:g}, unacceptable above"
    )
    return method, (), columns, tuple(rows)


def _describe_counts(design: Design, data: TrialData) -> _Described:
    counts = data.counts
    isotonic = select_by_rules(counts, target=design.target, rules=design.rules).estimates
    rows = tuple(
        (
            y / n if n else None,
            None if isinstance(rate, NotEstimable) else rate,
            float(prob_above(design.target, y, n)) if n else None,
            _float(upper_bound(y, n)) if n else None,
        )
        for n, y, rate in zip(counts.n, counts.dlt, isotonic, strict=True)
    )
    method = "rates level by level; isotonic estimates; Pr(rate > target), uniform prior; one-sided 95 % upper bound"
    return method, (), ("rate", "isotonic", "p_above_target", "upper95"), rows


def _float(number: float | NotEstimable) -> float | None:
    return None if isinstance(number, NotEstimable) else number


_DESCRIBE: dict[str, Callable[[Design, TrialData], _Described]] = {
    "crm": _describe_crm,
    "titecrm": _describe_crm,
    "blrm": _describe_blrm,
}
