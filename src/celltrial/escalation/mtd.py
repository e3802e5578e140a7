"""The maximum tolerated dose after the trial: isotonic regression of the DLT rates, then the nearest to the target."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from celltrial.errors import UsageError
from celltrial.escalation.binomial import check_rate
from celltrial.escalation.boin import compute_lambdas
from celltrial.escalation.counts import Counts
from celltrial.escalation.rules import Eliminate, ExtraSafe, Rule
from celltrial.missing import NotEstimable

__all__ = ["TIE", "MtdSelection", "lowest_ruled_out", "rate_and_weight", "select_by_rules", "select_mtd"]

TIE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class MtdSelection:
    """The selected level, or None with the reason why there is none.

    estimates: the isotonic estimate of the DLT rate per level, over all levels with evaluable participants.
    eliminated: levels ruled out as too toxic.
    """

    level: int | None
    reasons: tuple[str, ...]
    estimates: tuple[float | NotEstimable, ...]
    eliminated: tuple[int, ...]


def select_mtd(
    n: Sequence[int],
    dlt: Sequence[int],
    *,
    target: float,
    cutoff: float = 0.95,
    extra_safe_offset: float | None = None,
    bound_mtd: bool = False,
    p_tox: float | None = None,
) -> MtdSelection:
    """Select the MTD from evaluable participants and DLTs per level, lowest level first.

    Levels too toxic (see `Eliminate`, from 3 evaluable on) and those above them are out, as are levels without anybody.
    For the rest the rates (y + 0.05) / (n + 0.1), weighted by their inverse posterior variance, are made to rise with
    the dose (pool adjacent violators); the level whose rate is nearest the target is the MTD. Equal rates: the highest
    level when they lie below the target, the lowest when above.

    Args:
        extra_safe_offset: given, the lowest level is out already above cutoff - offset, and all with it.
        bound_mtd: select only among levels with a rate of at most lambda_d (`p_tox`: 1.4 times the target by default).
    Raises:
        UsageError: impossible counts or rates.
    Source: `select.mtd` of the R package BOIN 2.7.2 (Yan et al., 2020, J Stat Softw 94(13)); the tie-break is its own.

    >>> select_mtd((3, 6, 6), (0, 1, 4), target=0.30).level
    2
    """
    if problems := check_rate("the target DLT rate", target):
        raise UsageError(problems)
    rules: list[Rule] = [Eliminate(target=target, cutoff=cutoff)]
    if extra_safe_offset is not None:
        rules.append(ExtraSafe(target=target, cutoff=cutoff, offset=extra_safe_offset))
    bound = _bound(target, p_tox) if bound_mtd else None
    return select_by_rules(Counts(n=tuple(n), dlt=tuple(dlt)), target=target, rules=rules, bound=bound)


def _bound(target: float, p_tox: float | None) -> float:
    return compute_lambdas(target, target / 2, 1.4 * target if p_tox is None else p_tox)[1]


def select_by_rules(
    counts: Counts, *, target: float, rules: Sequence[Rule], bound: float | None = None
) -> MtdSelection:
    """Select the MTD with the eliminating wrappers of a design; no rate above `bound` is selected. See `select_mtd`."""
    out = lowest_ruled_out(counts, rules)
    tried = [level for level in range(1, counts.levels + 1) if counts.n[level - 1] > 0]
    admissible = [level for level in tried if level < out]
    shown = dict(zip(tried, _isotonic(counts, tried), strict=True))
    # the rates to choose from come from the admissible levels alone: leaving levels out changes the pooling
    rates = shown if admissible == tried else dict(zip(admissible, _isotonic(counts, admissible), strict=True))
    level, reasons = _nearest(rates, target, bound, out)
    nobody = NotEstimable("no evaluable participant")
    return MtdSelection(
        level=level,
        reasons=reasons,
        estimates=tuple(shown.get(each, nobody) for each in range(1, counts.levels + 1)),
        eliminated=tuple(range(out, counts.levels + 1)),
    )


def lowest_ruled_out(counts: Counts, rules: Sequence[Rule]) -> int:
    """The lowest level that a wrapper rules out, with all above it; levels + 1 where none does."""
    ruling = [rule.rules_out(counts) for rule in rules if hasattr(rule, "rules_out")]
    return min(ruling, default=counts.levels + 1)


def _nearest(
    rates: dict[int, float], target: float, bound: float | None, out: int
) -> tuple[int | None, tuple[str, ...]]:
    if out == 1:
        return None, ("level 1 is eliminated: no dose is acceptable",)
    if not rates:
        return None, ("no level that is not eliminated has an evaluable participant",)
    # the published tie-break: a rate grows by a hair with its rank, so of equal rates one is nearest
    untied = {level: rate + rank * TIE for rank, (level, rate) in enumerate(rates.items(), start=1)}
    bounded = {level: rate for level, rate in untied.items() if bound is None or rate <= bound}
    if not bounded:
        return None, (f"every isotonic rate lies above lambda_d {bound:.3f}",)
    level = min(bounded, key=lambda each: abs(bounded[each] - target))
    return level, (f"level {level}: isotonic rate {rates[level]:.3f} is the nearest to the target {target:.2f}",)


def _isotonic(counts: Counts, levels: Sequence[int]) -> list[float]:
    """Pool adjacent violators: weighted means of blocks until they rise with the level."""
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many levels
    for level in levels:
        dlts, n = counts.at(level)
        blocks.append((*rate_and_weight(dlts, n), 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (low_mean, low_weight, low_size), (mean, weight, size) = blocks[-2:]
            total = low_weight + weight
            blocks[-2:] = [((low_mean * low_weight + mean * weight) / total, total, low_size + size)]
    return [mean for mean, _, size in blocks for _ in range(size)]


@lru_cache(maxsize=65536)
def rate_and_weight(dlts: int, n: int) -> tuple[float, float]:
    """Posterior mean and inverse posterior variance of the rate under the prior Beta(0.05, 0.05)."""
    a, b = dlts + 0.05, n - dlts + 0.05
    return a / (a + b), (a + b) ** 2 * (a + b + 1) / (a * b)
