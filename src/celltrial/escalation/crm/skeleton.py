"""Choosing a skeleton: calibration by indifference intervals, what a skeleton is sensitive to, coherence, sample size.

Sources: Lee & Cheung (2009), Clinical Trials 6:227-238 (calibration); Cheung & Chappell (2002), Biometrics
58:671-674 (sensitivity); Cheung (2005), Biometrika 92:863-873 (coherence); Cheung (2013), Clinical Trials 10:852-861
(sample size).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, exp, inf, log, sqrt
from statistics import NormalDist

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import check_rate
from celltrial.escalation.crm.working import Form, WorkingModel, scale_doses

__all__ = [
    "IndifferenceInterval",
    "SampleSize",
    "Sensitivity",
    "calibrate_skeleton",
    "compute_sample_size",
    "compute_sensitivity",
    "find_incoherences",
]


def calibrate_skeleton(
    half_width: float, target: float, nu: int, levels: int, *, form: Form = "empiric", intercept: float = 3.0
) -> tuple[float, ...]:
    """The skeleton whose indifference intervals all have this half-width around the target.

    Level `nu` gets the target as its guess. From there each neighbour is placed so that, at the beta where the two are
    equally near the target, their rates are target - half_width and target + half_width.

    Args:
        half_width: of the indifference interval, e.g. 0.05; target +- half_width must stay within (0, 1).
        target: the target DLT rate.
        nu: the level (1-based) first believed to be the MTD.
        levels: how many dose levels.
    Raises:
        UsageError: rates or levels that cannot be, or an intercept too small for the logistic form.
    Source: Lee & Cheung (2009), section 3; checked against `getprior` of the R package dfcrm 0.2-2.1.

    >>> [round(guess, 4) for guess in calibrate_skeleton(0.05, 0.30, 3, 5)]
    [0.1225, 0.204, 0.3, 0.4018, 0.5013]
    """
    if problems := _check_calibration(half_width, target, nu, levels):
        raise UsageError(problems)
    ends = scale_doses((target - half_width, target, target + half_width), form, intercept)
    # on this scale a rate is a multiple of the dose, with the same factor for all levels at one beta
    low, middle, high = (log(end) for end in ends) if form == "empiric" else ends
    if high >= 0:
        raise UsageError(
            Finding(
                message="the intercept of the logistic model is too small",
                found=f"intercept {intercept}",
                expected=f"an intercept above logit({target + half_width})",
            )
        )
    step = high / low
    places = [middle * step ** (level - nu) for level in range(1, levels + 1)]
    if form == "empiric":
        return tuple(exp(place) for place in places)
    return tuple(1 / (1 + exp(-intercept - place)) for place in places)


def _check_calibration(half_width: float, target: float, nu: int, levels: int) -> tuple[Finding, ...]:
    findings = check_rate("the target DLT rate", target)
    if not 0 < half_width < min(target, 1 - target):
        findings += (
            Finding(
                message="the half-width does not fit the target",
                found=f"half-width {half_width}, target {target}",
                expected="0 < half-width, and target - half-width and target + half-width within 0 and 1",
            ),
        )
    if levels < 1 or not 1 <= nu <= levels:
        findings += (
            Finding(
                message="the level first believed to be the MTD does not exist",
                found=f"level {nu} of {levels}",
                expected="a level from 1 to the number of levels",
            ),
        )
    return findings


@dataclass(frozen=True, slots=True)
class IndifferenceInterval:
    """DLT rates the CRM cannot tell from the target when this level is the MTD; None at an end of the list.

    lower: the CRM is consistent if the level below has at most this rate; upper: and the level above at least this.
    """

    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What a skeleton can tell apart.

    h_sets: for each level, the interval of beta in which it is recommended.
    intervals: for each level, its indifference interval.
    """

    h_sets: tuple[tuple[float, float], ...]
    intervals: tuple[IndifferenceInterval, ...]


def compute_sensitivity(model: WorkingModel, target: float) -> Sensitivity:
    """H sets and indifference intervals of a working model.

    The outer ends of the H sets are infinite in theory; as in dfcrm they are printed at -5 and 5, or further out where
    the rates still move: where the lowest level has (target + 1) / 2 and the highest target / 2.

    Source: Cheung & Chappell (2002); checked against `crmsens` of the R package dfcrm 0.2-2.1.

    >>> sensitivity = compute_sensitivity(WorkingModel(skeleton=calibrate_skeleton(0.05, 0.30, 2, 3)), 0.30)
    >>> [(round(each.lower or 0, 3), round(each.upper or 1, 3)) for each in sensitivity.intervals]
    [(0, 0.35), (0.25, 0.35), (0.25, 1)]
    """
    if problems := check_rate("the target DLT rate", target):
        raise UsageError(problems)
    levels = range(1, model.levels)
    cuts = [_equal_distance(model, level, target) for level in levels]
    bottom = model.beta_where(1, (target + 1) / 2)
    top = max(5.0, model.beta_where(model.levels, target / 2))
    ends = [min(-5.0, bottom) if bottom > -inf else -5.0, *cuts, top]
    below = [None, *(model.rate(level, cut) for level, cut in zip(levels, cuts, strict=True))]
    above = [*(model.rate(level + 1, cut) for level, cut in zip(levels, cuts, strict=True)), None]
    return Sensitivity(
        h_sets=tuple(pairwise(ends)),
        intervals=tuple(IndifferenceInterval(lower, upper) for lower, upper in zip(below, above, strict=True)),
    )


def _equal_distance(model: WorkingModel, level: int, target: float) -> float:
    """The beta at which the level and the next one are equally far from the target: their rates add up to twice it."""
    low, high = -50.0, 50.0
    while low < (middle := (low + high) / 2) < high:
        if model.rate(level, middle) + model.rate(level + 1, middle) > 2 * target:
            low = middle
        else:
            high = middle
    return middle


def find_incoherences(
    model: WorkingModel, target: float, initial: Sequence[int], *, prior_sd: float = sqrt(1.34)
) -> tuple[str, ...]:
    """Where a two-stage CRM would escalate right after a DLT; empty when the initial design is coherent with it.

    Args:
        initial: levels (1-based, not falling) given one participant at a time until the first DLT.
        prior_sd: standard deviation of the normal prior of beta.
    Returns:
        One sentence for each participant whose first DLT is followed by an escalation.
    Source: Cheung (2005); checked against `cohere` of the R package dfcrm 0.2-2.1.
    """
    from celltrial.escalation.crm.fit import fit_crm

    incoherent = []
    for place, level in enumerate(initial, start=1):
        n = [initial[:place].count(each) for each in range(1, model.levels + 1)]
        dlt = [int(each == level) for each in range(1, model.levels + 1)]
        following = fit_crm(model, target=target, n=n, dlt=dlt, prior_sd=prior_sd).level
        if following > level:
            incoherent.append(
                f"participant {place} has the first DLT at level {level}, and the CRM goes up to level {following}"
            )
    return tuple(incoherent)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """Number of participants for a one-stage CRM, and what it stands on.

    n: rounded up; unrounded: before that; benchmark: what the non-parametric optimal design would need, unrounded.
    notes: where the formula was not validated.
    """

    n: int
    unrounded: float
    benchmark: float
    notes: tuple[str, ...]


def compute_sample_size(
    accuracy: float, target: float, levels: int, odds_ratio: float, *, correction: bool = True
) -> SampleSize:
    """Participants for an average probability of correct selection of `accuracy`: a start for calibration by
    operating characteristics, not a replacement of them.

    Args:
        accuracy: the probability of correct selection asked for, averaged over the levels as true MTD.
        target: the target DLT rate; the formula was validated for 0.10 to 0.30.
        levels: number of dose levels; validated for 4 to 8.
        odds_ratio: of the DLT rates of neighbouring levels; validated for 1.25 to 2.50.
        correction: with the continuity correction.
    Raises:
        UsageError: an accuracy that chance already reaches, no rate, fewer than 2 levels, an odds ratio of 1 or less.
    Source: Cheung (2013); checked against `getn` of the R package dfcrm 0.2-2.1.

    >>> compute_sample_size(0.6, 0.2, 6, 2.0).n
    31
    """
    if problems := _check_sample_size(accuracy, target, levels, odds_ratio):
        raise UsageError(problems)
    # the regression of Cheung (2013): accuracy of the CRM -> accuracy the benchmark would have with as many
    logit = log(accuracy / (1 - accuracy)) - 2.26 + 0.00235 * levels**2 + 0.7 * odds_ratio + 1.903 / odds_ratio
    needed = 1 / (1 + exp(-logit / 0.854))
    unrounded = _benchmark_n(needed, target, levels, odds_ratio, correction)
    return SampleSize(
        n=ceil(unrounded),
        unrounded=unrounded,
        benchmark=_benchmark_n(accuracy, target, levels, odds_ratio, correction),
        notes=_notes(target, levels, odds_ratio, unrounded),
    )


def _benchmark_n(accuracy: float, target: float, levels: int, odds_ratio: float, correction: bool) -> float:
    normal = NormalDist()
    below = target / (target + odds_ratio * (1 - target))
    above = target * odds_ratio / (1 - target + target * odds_ratio)
    own = target * (1 - target)
    spread_below = sqrt(own + below * (1 - below) + 2 * below * (1 - target))
    spread_above = sqrt(own + above * (1 - above) + 2 * target * (1 - above))

    def separation(shift: float) -> float:
        return ((target - below + shift) / spread_below + (above - target - shift) / spread_above) / 2

    quantile = normal.inv_cdf(1 - levels * (1 - accuracy) / 2 / (levels - 1))
    if not correction:
        return float((quantile / separation(0)) ** 2)
    n = 1
    while 1 / levels + (1 - 1 / levels) * (2 * normal.cdf(sqrt(n) * separation(0.5 / n)) - 1) < accuracy:
        n += 1
    return float((quantile / separation(0.5 / n)) ** 2)


def _check_sample_size(accuracy: float, target: float, levels: int, odds_ratio: float) -> tuple[Finding, ...]:
    findings = check_rate("the target DLT rate", target) + check_rate("the accuracy", accuracy)
    if levels < 2:
        findings += (Finding(message="nothing to select from", found=f"{levels} levels", expected="2 or more"),)
    elif not findings and accuracy <= 1 / levels:
        findings += (Finding(message="chance alone is as accurate", found=str(accuracy), expected=f"above 1/{levels}"),)
    if odds_ratio <= 1:
        findings += (Finding(message="the levels do not differ", found=f"odds ratio {odds_ratio}", expected="above 1"),)
    return findings


def _notes(target: float, levels: int, odds_ratio: float, unrounded: float) -> tuple[str, ...]:
    notes = ["the formula is a start: confirm the size by operating characteristics"]
    if not 0.10 <= target <= 0.30:
        notes.append(f"validated for a target of 0.10 to 0.30, not {target}")
    if not 4 <= levels <= 8:
        notes.append(f"validated for 4 to 8 levels, not {levels}")
    if not 1.25 <= odds_ratio <= 2.50:
        notes.append(f"validated for an odds ratio of 1.25 to 2.50, not {odds_ratio}")
    if unrounded > 40:
        notes.append(f"{unrounded:.1f} is above 40: the formula extrapolates")
    return tuple(notes)
