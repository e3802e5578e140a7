"""One fit of the CRM to the data so far: beta, the DLT rates, their interval, tail probabilities, the level advised."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import check_rate
from celltrial.escalation.crm.working import WorkingModel

if TYPE_CHECKING:
    from celltrial.escalation.crm.posterior import Data

__all__ = ["CrmFit", "Estimate", "Method", "Tail", "check_word", "fit_crm", "nearest_level", "prob_rate_above"]

Method: TypeAlias = Literal["bayes", "mle"]
Estimate: TypeAlias = Literal["plug-in", "mean"]
Tail: TypeAlias = Literal["exact", "normal"]

PRIOR_VARIANCE = 1.34  # of beta: the choice of O'Quigley & Shen (1996), Biometrics 52:673-684, and dfcrm's default


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmFit:
    """What the CRM says after these data.

    beta, variance: posterior mean and variance of beta (method `mle`: the estimate, and the variance about it under a
        flat prior on [-10, 10]).
    rates: DLT rate per level used for the decision: at beta (`plug-in`), or its posterior mean (`mean`).
    plug_in, means: both of them, whichever is used; means_sd: posterior standard deviation of the rates.
    lower, upper: rates at beta +- z standard deviations, the 90 % interval of dfcrm.
    level: the level nearest the target.
    """

    model: WorkingModel
    target: float
    method: Method
    estimate: Estimate
    beta: float
    variance: float
    rates: tuple[float, ...]
    plug_in: tuple[float, ...]
    means: tuple[float, ...]
    means_sd: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    level: int


def fit_crm(
    model: WorkingModel,
    *,
    target: float,
    n: Sequence[int],
    dlt: Sequence[int],
    pending: Sequence[tuple[int, float]] = (),
    prior_sd: float = sqrt(PRIOR_VARIANCE),
    method: Method = "bayes",
    estimate: Estimate = "plug-in",
    confidence: float = 0.90,
) -> CrmFit:
    """Fit the working model to evaluable participants and DLTs per level, lowest level first.

    Args:
        pending: participants without a DLT so far, as (level, weight): a weight in [0, 1] for the part of the window
            followed (TITE-CRM). They are not in `n`.
        prior_sd: standard deviation of the normal prior of beta, mean 0.
        method: `bayes`, or `mle`, which needs a DLT and a participant without.
        estimate: which DLT rates decide: at the estimate of beta (`plug-in`, as dfcrm has it) or their posterior means.
        confidence: of the interval `lower` to `upper`.
    Raises:
        UsageError: data that do not fit the model, or rates that cannot be.
    Source: Cheung (2011), chapter 3; checked against `crm` and `titecrm` of the R package dfcrm 0.2-2.1.

    >>> fit = fit_crm(WorkingModel(skeleton=(0.1, 0.2, 0.35)), target=0.2, n=(3, 3, 0), dlt=(0, 1, 0))
    >>> fit.level, round(fit.beta, 3)
    (2, -0.048)
    """
    if problems := tuple(_check(model, target, n, dlt, pending, prior_sd, method, estimate, confidence)):
        raise UsageError(problems)
    fit = _fit(model, target, _one_row(n, dlt, pending), prior_sd, method, estimate)
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * sqrt(fit.variance)
    return replace(fit, lower=model.rates(fit.beta + reach), upper=model.rates(fit.beta - reach))


def _fit(
    model: WorkingModel, target: float, data: "Data", prior_sd: float, method: Method, estimate: Estimate
) -> CrmFit:
    """The fit without its interval."""
    from celltrial.escalation.crm.posterior import compute_moments, find_mle

    moments = compute_moments(model, prior_sd, data)
    beta, variance = float(moments.beta[0]), float(moments.variance[0])
    if method == "mle":
        beta, variance = find_mle(model, data)
    plug_in, means = model.rates(beta), tuple(moments.rates[0].tolist())
    rates = means if estimate == "mean" else plug_in
    return CrmFit(
        model=model,
        target=target,
        method=method,
        estimate=estimate,
        beta=beta,
        variance=variance,
        rates=rates,
        plug_in=plug_in,
        means=means,
        means_sd=tuple(sqrt(each) for each in moments.rates_variance[0].tolist()),
        lower=(),
        upper=(),
        level=nearest_level(rates, target),
    )


def nearest_level(rates: Sequence[float], target: float) -> int:
    """The level (1-based) whose rate is nearest the target; of two equally near, the lower.

    Rates that have vanished do not rise visibly any more: where all are under the target, the highest level is nearest.
    """
    if max(rates) <= target:
        return len(rates)
    return min(range(1, len(rates) + 1), key=lambda level: abs(rates[level - 1] - target))


def prob_rate_above(
    model: WorkingModel,
    *,
    level: int,
    rate: float,
    n: Sequence[int],
    dlt: Sequence[int],
    pending: Sequence[tuple[int, float]] = (),
    prior_sd: float = sqrt(PRIOR_VARIANCE),
    tail: Tail = "exact",
) -> float:
    """Posterior probability that the DLT rate of a level is above `rate`.

    Args:
        tail: `exact`, by quadrature; `normal`, from a normal distribution with the posterior mean and variance of beta
            (dtpcrm, which draws from it).
    Raises:
        UsageError: data that do not fit the model, or a rate that cannot be.

    >>> round(prob_rate_above(WorkingModel(skeleton=(0.1, 0.2)), level=1, rate=0.2, n=(3, 0), dlt=(1, 0)), 3)
    0.661
    """
    problems = tuple(_check(model, rate, n, dlt, pending, prior_sd, "bayes", "plug-in", 0.9))
    if problems or not 1 <= level <= model.levels:
        raise UsageError(
            problems or Finding(message="no such level", found=str(level), expected=f"1 to {model.levels}")
        )
    from celltrial.escalation.crm import posterior

    data = _one_row(n, dlt, pending)
    if tail == "exact":
        return float(posterior.compute_tail(model, prior_sd, data, level=level, rate=rate)[0])
    moments = posterior.compute_moments(model, prior_sd, data)
    return NormalDist(float(moments.beta[0]), sqrt(moments.variance[0])).cdf(model.beta_where(level, rate))


def _one_row(n: Sequence[int], dlt: Sequence[int], pending: Sequence[tuple[int, float]]) -> "Data":
    import numpy as np

    from celltrial.escalation.crm.posterior import Data

    return Data(
        n=np.array([n], dtype=np.int64),
        dlt=np.array([dlt], dtype=np.int64),
        pending_level=np.array([[level for level, _ in pending]], dtype=np.int64) if pending else None,
        pending_weight=np.array([[weight for _, weight in pending]]) if pending else None,
    )


def _check(
    model: WorkingModel,
    target: float,
    n: Sequence[int],
    dlt: Sequence[int],
    pending: Sequence[tuple[int, float]],
    prior_sd: float,
    method: str,
    estimate: str,
    confidence: float,
) -> Iterator[Finding]:
    yield from check_rate("the target DLT rate", target)
    yield from check_rate("the confidence", confidence)
    yield from check_word("method", method, get_args(Method))
    yield from check_word("estimate", estimate, get_args(Estimate))
    if not prior_sd > 0:
        yield Finding(message="the prior of beta has no spread", found=str(prior_sd), expected="a number above 0")
    if not len(n) == len(dlt) == model.levels:
        found = f"{len(n)} and {len(dlt)} levels, skeleton of {model.levels}"
        yield Finding(message="the data do not fit the skeleton", found=found, expected="one number of each per level")
        return
    for level, (evaluable, dlts) in enumerate(zip(n, dlt, strict=True), start=1):
        if not 0 <= dlts <= evaluable:
            yield Finding(
                message="impossible counts of DLTs",
                where=f"level {level}",
                found=f"{dlts} DLTs in {evaluable} evaluable",
                expected="0 <= DLTs <= evaluable",
            )
    for level, weight in pending:
        if not (1 <= level <= model.levels and 0 <= weight <= 1):
            found = f"level {level}, weight {weight}"
            yield Finding(message="no such participant in follow-up", found=found, expected="a level, and 0 to 1")
    if method == "mle" and not 0 < sum(dlt) < sum(n) + len(pending):
        yield Finding(
            message="the maximum likelihood estimate does not exist",
            found=f"{sum(dlt)} DLTs in {sum(n) + len(pending)}",
            expected="at least one DLT and one participant without",
        )


def check_word(name: str, value: str, known: tuple[str, ...]) -> tuple[Finding, ...]:
    """A finding where `value` is not one of the `known` words."""
    if value in known:
        return ()
    return (Finding(message=f"no such {name}", found=repr(value), expected=", ".join(known)),)
