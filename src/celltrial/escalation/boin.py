"""BOIN, the Bayesian optimal interval design: escalate below lambda_e, de-escalate above lambda_d, else stay.

Source: Liu & Yuan (2015), Bayesian optimal interval designs for phase I clinical trials, JRSS C 64(3):507-523.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, Literal, TypeAlias

from celltrial.errors import Finding, UsageError
from celltrial.escalation.base import propose_one_step
from celltrial.escalation.binomial import as_fraction, check_rate, format_beside
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Cell, Proposal

if TYPE_CHECKING:
    from celltrial.escalation.batch import Batch, Proposals

__all__ = ["Boin", "compute_lambdas"]

YesNo: TypeAlias = Literal["yes", "no"]


def compute_lambdas(target: float, p_saf: float, p_tox: float) -> tuple[float, float]:
    """The two boundaries of the observed DLT rate, lambda_e and lambda_d.

    With phi the target, phi1 = `p_saf` the highest rate that is clearly too low and phi2 = `p_tox` the lowest that is
    clearly too high: lambda_e = log((1 - phi1) / (1 - phi)) / log(phi (1 - phi1) / (phi1 (1 - phi))), and lambda_d the
    same with phi and phi2.

    Raises:
        UsageError: unless 0 < p_saf < target < p_tox < 1.
    Source: Liu & Yuan (2015), equation 2; oracle: tests/oracles/escalation/boin_lambda.csv

    >>> [round(each, 4) for each in compute_lambdas(0.30, 0.18, 0.42)]
    [0.2365, 0.3585]
    """
    if not 0 < p_saf < target < p_tox < 1:
        raise UsageError(
            Finding(
                message="the rates of BOIN are not in order",
                found=f"p_saf {p_saf}, target {target}, p_tox {p_tox}",
                expected="0 < p_saf < target < p_tox < 1",
                rule="Liu & Yuan (2015): phi1 < phi < phi2",
            )
        )
    lambda_e = log((1 - p_saf) / (1 - target)) / log(target * (1 - p_saf) / (p_saf * (1 - target)))
    lambda_d = log((1 - target) / (1 - p_tox)) / log(p_tox * (1 - target) / (target * (1 - p_tox)))
    return lambda_e, lambda_d


@dataclass(frozen=True, slots=True, kw_only=True)
class Boin:
    """The BOIN rule at one level. `p_saf` and `p_tox` default to 0.6 and 1.4 times the target, as published.

    stay_at_one_third: "yes" - 1 DLT in 3 means stay where the boundaries say de-escalate, to mimic 3+3; the option of
        trialdesign.org ("de-escalation to stay when observing 1 DLT out of 3"), `fix3p3` in the R package BOIN-AT. It
        changes a cell for targets under 0.28 only.
    Its overdose control is a wrapper, `Eliminate`; `design_named("boin")` puts it on.
    """

    target: float
    p_saf: float | None = None
    p_tox: float | None = None
    stay_at_one_third: YesNo = "no"

    def __post_init__(self) -> None:
        problems = check_rate("the target DLT rate", self.target)
        if self.stay_at_one_third not in ("yes", "no"):
            problems += (
                Finding(
                    message="stay_at_one_third is a switch", found=repr(self.stay_at_one_third), expected="yes or no"
                ),
            )
        if problems:
            raise UsageError(problems)
        _lambdas(self.target, self.p_saf, self.p_tox)

    @property
    def name(self) -> str:
        """`boin`."""
        return "boin"

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """`p_saf` and `p_tox`, and `stay_at_one_third` where it is on."""
        p_saf, p_tox = _rates(self.target, self.p_saf, self.p_tox)
        rates: tuple[tuple[str, float | str], ...] = (("p_saf", p_saf), ("p_tox", p_tox))
        return rates if self.stay_at_one_third == "no" else (*rates, ("stay_at_one_third", "yes"))

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """`lambda_e` and `lambda_d`."""
        lambda_e, lambda_d = _lambdas(self.target, self.p_saf, self.p_tox)
        return (("lambda_e", lambda_e), ("lambda_d", lambda_d))

    def cell(self, dlts: int, n: int) -> Cell:
        """Compare the observed rate with lambda_e and lambda_d."""
        cell = _judge(dlts, n, *_lambdas(self.target, self.p_saf, self.p_tox))
        if self.stay_at_one_third == "yes" and (dlts, n) == (1, 3) and cell.letter == "D":
            return Cell("S", f"{cell.reason}, but 1/3 stays, as in 3+3")
        return cell

    def propose(self, counts: Counts) -> Proposal:
        """One step by the cell of the current level."""
        return propose_one_step(self, counts)

    def propose_many(self, batch: "Batch") -> "Proposals":
        """The same for many states."""
        from celltrial.escalation.batch import propose_one_step_many

        return propose_one_step_many(self, batch)


@lru_cache(maxsize=256)
def _rates(target: float, p_saf: float | None, p_tox: float | None) -> tuple[float, float]:
    exact = as_fraction(target)
    return float(exact * 6 / 10) if p_saf is None else p_saf, float(exact * 14 / 10) if p_tox is None else p_tox


@lru_cache(maxsize=256)
def _lambdas(target: float, p_saf: float | None, p_tox: float | None) -> tuple[float, float]:
    return compute_lambdas(target, *_rates(target, p_saf, p_tox))


@lru_cache(maxsize=65536)
def _judge(dlts: int, n: int, lambda_e: float, lambda_d: float) -> Cell:
    rate = dlts / n
    if rate <= lambda_e:
        return Cell("E", f"{dlts}/{n}: {_compare(rate, '<=', lambda_e, 'lambda_e')}")
    if rate >= lambda_d:
        return Cell("D", f"{dlts}/{n}: {_compare(rate, '>=', lambda_d, 'lambda_d')}")
    between = f"{_compare(rate, '>', lambda_e, 'lambda_e')} and < lambda_d {format_beside(lambda_d, rate, 3)[0]}"
    return Cell("S", f"{dlts}/{n}: {between}")


def _compare(rate: float, sign: str, limit: float, name: str) -> str:
    # the boundaries are logarithms: a rate of counts never equals one, so "<=" reads as "<"
    shown, beside = format_beside(rate, limit, 3)
    return f"{shown} {sign.rstrip('=')} {name} {beside}"
