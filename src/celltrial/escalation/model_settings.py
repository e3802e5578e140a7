"""Model-based designs from settings: lists of numbers are written as words, "0.05 0.12 0.25" or with commas."""

from math import log
from typing import cast

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import check_rate
from celltrial.escalation.blrm.design import Blrm, Criterion, SelectFrom
from celltrial.escalation.blrm.fit import BlrmModel, Intervals
from celltrial.escalation.blrm.prior import BivariateNormal, make_robust, normal_prior
from celltrial.escalation.crm.design import Coherence, Crm, Skipping
from celltrial.escalation.crm.fit import PRIOR_VARIANCE, Estimate, Tail
from celltrial.escalation.crm.working import Form

__all__ = ["BLRM_NUMBERS", "BLRM_WORDS", "CRM_NUMBERS", "CRM_WORDS", "build_blrm", "build_crm", "parse_numbers"]

CRM_NUMBERS = ("half_width", "nu", "intercept", "prior_var", "too_toxic_rate", "too_toxic_cutoff")
CRM_WORDS = ("skeleton", "form", "estimate", "no_skip", "coherence", "tail")
BLRM_NUMBERS = (
    "reference",
    "mean_alpha",
    "mean_beta",
    "sd_alpha",
    "sd_beta",
    "correlation",
    "low",
    "high",
    "unacceptable",
    "max_overdose",
    "max_increase",
    "max_increase_after_dlt",
    "robust_weight",
    "robust_sd_alpha",
    "robust_sd_beta",
)
BLRM_WORDS = ("doses", "losses", "criterion", "no_skip", "select_from")


def parse_numbers(name: str, text: str) -> tuple[float, ...]:
    """The numbers of a list in words, parted by blanks or commas. Raises UsageError where one is not a number.

    >>> parse_numbers("skeleton", "0.05, 0.12 0.25")
    (0.05, 0.12, 0.25)
    """
    try:
        return tuple(float(word) for word in text.replace(",", " ").split())
    except ValueError:
        problem = Finding(message=f"{name} is not a list of numbers", found=repr(text), expected="e.g. 0.05 0.12 0.25")
        raise UsageError(problem) from None


def build_crm(
    target: float,
    skeleton: str | None = None,
    half_width: float = 0.05,
    nu: int | None = None,
    form: str = "empiric",
    intercept: float = 3.0,
    prior_var: float = PRIOR_VARIANCE,
    estimate: str = "plug-in",
    no_skip: str = "current",
    coherence: str = "last-cohort",
    too_toxic_rate: float | None = None,
    too_toxic_cutoff: float | None = None,
    tail: str = "exact",
) -> Crm:
    """A CRM from settings; see `Crm`, which checks the words."""
    return Crm(
        target=target,
        skeleton=None if skeleton is None else parse_numbers("skeleton", str(skeleton)),
        half_width=half_width,
        nu=nu,
        form=cast("Form", form),
        intercept=intercept,
        prior_var=prior_var,
        estimate=cast("Estimate", estimate),
        no_skip=cast("Skipping", no_skip),
        coherence=cast("Coherence", coherence),
        too_toxic_rate=too_toxic_rate,
        too_toxic_cutoff=too_toxic_cutoff,
        tail=cast("Tail", tail),
    )


def build_blrm(
    target: float,
    doses: str | None = None,
    reference: float | None = None,
    mean_alpha: float | None = None,
    mean_beta: float = 0.0,
    sd_alpha: float = 2.0,
    sd_beta: float = 1.0,
    correlation: float = 0.0,
    low: float = 0.20,
    high: float = 0.35,
    unacceptable: float = 0.60,
    max_overdose: float = 0.25,
    criterion: str = "target",
    losses: str = "1 0 1 2",
    no_skip: str = "current",
    max_increase: float | None = None,
    max_increase_after_dlt: float | None = None,
    select_from: str = "tried",
    robust_weight: float | None = None,
    robust_sd_alpha: float = 2.0,
    robust_sd_beta: float = 1.0,
) -> Blrm:
    """A BLRM from settings; see `Blrm`.

    The defaults are ours: the reference is the highest dose, and the prior is weak, with the target as median DLT rate
    there. `robust_weight` puts a vague component of that weight, with the same mean, beside the prior.
    """
    amounts = _doses(doses)
    if findings := check_rate("the target DLT rate", target):
        raise UsageError(findings)
    mean = (log(target / (1 - target)) if mean_alpha is None else mean_alpha, mean_beta)
    prior = normal_prior(mean, (sd_alpha, sd_beta), correlation)
    if robust_weight is not None:
        vague = BivariateNormal(mean=mean, sd=(robust_sd_alpha, robust_sd_beta))
        prior = make_robust(prior, vague, robust_weight)
    highest = max(amounts, default=1.0)
    return Blrm(
        target=target,
        model=BlrmModel(doses=amounts, reference=highest if reference is None else reference, prior=prior),
        intervals=Intervals(low=low, high=high, unacceptable=unacceptable),
        max_overdose=max_overdose,
        criterion=cast("Criterion", criterion),
        losses=_losses(losses),
        no_skip=cast("Skipping", no_skip),
        max_increase=max_increase,
        max_increase_after_dlt=max_increase_after_dlt,
        select_from=cast("SelectFrom", select_from),
    )


def _doses(text: str | None) -> tuple[float, ...]:
    if text is None:
        expected = "doses, one for each level, e.g. 3.0 4.5 6.0"
        raise UsageError(Finding(message="blrm needs the doses", expected=expected))
    return parse_numbers("doses", str(text))


def _losses(text: str) -> tuple[float, float, float, float]:
    numbers = parse_numbers("losses", str(text))
    if len(numbers) != 4:
        expected = "of under-dosing, target, overdose and unacceptable overdose, e.g. 1 0 1 2"
        raise UsageError(Finding(message="blrm needs four losses", found=repr(text), expected=expected))
    under, target, over, worst = numbers
    return under, target, over, worst
