"""A prior for the BLRM from earlier trials: the meta-analytic-predictive (MAP) prior, by quadrature.

Each trial h has its own theta_h = (log alpha_h, log beta_h), normal around a common mean mu with between-trial standard
deviations tau, independent for the two parameters; mu has a normal prior, each tau a log-normal one. The prior for the
new trial is the distribution of its theta given the DLTs of the earlier ones. Nothing is sampled: mu lies on a grid,
tau on Gauss-Hermite nodes, and theta_h is integrated out given (mu, tau) by a product with a kernel in each direction.

Sources: Spiegelhalter, Abrams & Myles (2004), chapter 5; Neuenschwander et al. (2010), Clinical Trials 7:5-18 (MAP);
Schmidli et al. (2014), Biometrics 70:1023-1032 (robust MAP). The default spread of tau ("moderate": median 0.25 and
0.125, log standard deviation log(2) / 1.96) follows Neuenschwander, Roychoudhury & Schmidli (2016), Stat Biopharm Res
8:361-374, as we read it; it is the study's choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import log, sqrt

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray

from celltrial.errors import Finding, UsageError
from celltrial.escalation.blrm.prior import BivariateNormal, DensityPrior, Span

__all__ = ["EarlierTrial", "Heterogeneity", "MapPrior", "MixedPrior", "derive_map_prior", "make_robust_map"]

_Floats = NDArray[np.float64]
_NODES = 5  # of each tau
_REACH = 6.5  # standard deviations of mu's prior to each side


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierTrial:
    """Doses of an earlier trial (in the unit of the reference dose), with evaluable participants and DLTs at each."""

    name: str
    doses: tuple[float, ...]
    n: tuple[int, ...]
    dlt: tuple[int, ...]

    def __post_init__(self) -> None:
        rows = list(zip(self.doses, self.n, self.dlt, strict=False))
        fits = len(self.doses) == len(self.n) == len(self.dlt) > 0
        if not fits or any(dose <= 0 or not 0 <= dlts <= n for dose, n, dlts in rows):
            expected = "for each dose above 0, evaluable participants and at most as many DLTs"
            raise UsageError(
                Finding(message="these are no results of a trial", where=self.name, found=str(rows), expected=expected)
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """Log-normal priors of the between-trial standard deviations of log alpha and log beta: median and log-sd."""

    median: tuple[float, float] = (0.25, 0.125)
    log_sd: float = log(2) / 1.96

    def __post_init__(self) -> None:
        if not (min(self.median) > 0 and self.log_sd > 0):
            found = f"medians {self.median}, log-sd {self.log_sd}"
            raise UsageError(Finding(message="the heterogeneity is not positive", found=found, expected="above 0"))

    def nodes(self, place: int) -> tuple[_Floats, _Floats]:
        """Values of one tau and their probabilities."""
        place_z, weight = hermegauss(_NODES)
        return self.median[place] * np.exp(self.log_sd * place_z), weight / weight.sum()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapPrior:
    """The predictive distribution of (log alpha, log beta) for a new trial: a mixture over mu's grid and tau's nodes.

    mean, sd: of log alpha and log beta in it. Made by `derive_map_prior`.
    """

    trials: tuple[str, ...]
    mean: tuple[float, float]
    sd: tuple[float, float]
    axes: tuple[_Floats, _Floats]
    taus: tuple[tuple[float, float], ...]
    posteriors: tuple[_Floats, ...]

    def describe(self) -> str:
        """The trials it stands on, its mean and spread."""
        return (
            f"MAP of {', '.join(self.trials)}: mean ({self.mean[0]:.3f}, {self.mean[1]:.3f}), "
            f"sd ({self.sd[0]:.3f}, {self.sd[1]:.3f})"
        )

    def spans(self) -> tuple[Span, Span]:
        """Where mu's grid lies, and four times the widest tau beyond it."""
        widest = [max(tau[place] for tau in self.taus) for place in (0, 1)]
        ends = [(axis[0] - 4 * wide, axis[-1] + 4 * wide) for axis, wide in zip(self.axes, widest, strict=True)]
        spans = [Span(low=low, high=high, sd=sd / 2) for (low, high), sd in zip(ends, self.sd, strict=True)]
        return spans[0], spans[1]

    def log_density(self, log_alpha: _Floats, log_beta: _Floats) -> _Floats:
        """Log density at all pairs."""
        total = np.zeros((len(log_alpha), len(log_beta)))
        for (tau_a, tau_b), weights in zip(self.taus, self.posteriors, strict=True):
            left, right = _kernel(log_alpha, self.axes[0], tau_a), _kernel(log_beta, self.axes[1], tau_b)
            total += left @ weights @ right.T
        return np.log(np.maximum(total, 1e-300))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixedPrior:
    """Any two priors, mixed: `weight` is that of the second."""

    first: DensityPrior
    second: DensityPrior
    weight: float

    def describe(self) -> str:
        """Both with their weights."""
        return f"{1 - self.weight:g} {self.first.describe()} + {self.weight:g} {self.second.describe()}"

    def spans(self) -> tuple[Span, Span]:
        """Both together."""
        pairs = list(zip(self.first.spans(), self.second.spans(), strict=True))
        spans = [Span(low=min(a.low, b.low), high=max(a.high, b.high), sd=min(a.sd, b.sd)) for a, b in pairs]
        return spans[0], spans[1]

    def log_density(self, log_alpha: _Floats, log_beta: _Floats) -> _Floats:
        """Log density at all pairs."""
        first = self.first.log_density(log_alpha, log_beta) + log(1 - self.weight)
        second = self.second.log_density(log_alpha, log_beta) + log(self.weight)
        return np.asarray(np.logaddexp(first, second), dtype=np.float64)


def make_robust_map(prior: DensityPrior, vague: DensityPrior, weight: float) -> MixedPrior:
    """A prior with a vague one of this weight beside it, for the case that the new trial is unlike the earlier ones."""
    if not 0 < weight < 1:
        raise UsageError(
            Finding(message="the robust weight is not a share", found=str(weight), expected="above 0, below 1")
        )
    return MixedPrior(first=prior, second=vague, weight=weight)


def derive_map_prior(
    trials: Sequence[EarlierTrial],
    *,
    reference: float,
    population: BivariateNormal,
    heterogeneity: Heterogeneity | None = None,
) -> MapPrior:
    """The MAP prior for a new trial of a BLRM with this reference dose.

    Args:
        population: prior of the mean mu; without correlation.
        heterogeneity: priors of the two tau.
    Raises:
        UsageError: no trial, no reference dose, or a population with a correlation.
    """
    if problems := _check(trials, reference, population):
        raise UsageError(problems)
    chosen = heterogeneity or Heterogeneity()
    nodes = [chosen.nodes(0), chosen.nodes(1)]
    axes = [_axis(population, place, float(nodes[place][0].min())) for place in (0, 1)]
    likelihoods = [_likelihood(trial, reference, axes[0], axes[1]) for trial in trials]
    prior = np.outer(*(_normal(axis, population, place) for place, axis in enumerate(axes)))
    taus, posteriors = [], []
    across = [_averaging(axes[1], float(tau)).T for tau in nodes[1][0]]
    for tau_a, weight_a in zip(*nodes[0], strict=True):
        down = [_averaging(axes[0], float(tau_a)) @ each for each in likelihoods]
        for tau_b, weight_b, right in zip(*nodes[1], across, strict=True):
            marginals = (each @ right for each in down)  # of theta given mu, for each trial
            taus.append((float(tau_a), float(tau_b)))
            posteriors.append(weight_a * weight_b * reduce(np.multiply, marginals, prior))
    total = sum(float(each.sum()) for each in posteriors)
    scaled = tuple(each / total for each in posteriors)
    moments = [_moments(axes[place], scaled, taus, place) for place in (0, 1)]
    return MapPrior(
        trials=tuple(trial.name for trial in trials),
        mean=(moments[0][0], moments[1][0]),
        sd=(moments[0][1], moments[1][1]),
        axes=(axes[0], axes[1]),
        taus=tuple(taus),
        posteriors=scaled,
    )


def _check(trials: Sequence[EarlierTrial], reference: float, population: BivariateNormal) -> tuple[Finding, ...]:
    findings: tuple[Finding, ...] = ()
    if not trials:
        findings += (Finding(message="a MAP prior needs an earlier trial", expected="one or more"),)
    if not reference > 0:
        findings += (Finding(message="the reference dose is not a dose", found=str(reference), expected="above 0"),)
    if population.correlation != 0:
        found = f"correlation {population.correlation}"
        findings += (Finding(message="the population mean has a correlation", found=found, expected="none"),)
    return findings


def _axis(population: BivariateNormal, place: int, smallest_tau: float) -> _Floats:
    """A grid of mu whose spacing the narrowest kernel still resolves."""
    reach = _REACH * population.sd[place]
    spacing = min(0.8 * smallest_tau, population.sd[place] / 4)
    count = int(np.ceil(reach / spacing))
    steps = np.arange(-count, count + 1, dtype=np.float64)
    return np.asarray(population.mean[place] + spacing * steps, dtype=np.float64)


def _normal(axis: _Floats, population: BivariateNormal, place: int) -> _Floats:
    density = np.exp(-0.5 * ((axis - population.mean[place]) / population.sd[place]) ** 2)
    return np.asarray(density / density.sum(), dtype=np.float64)


def _kernel(at: _Floats, centre: _Floats, tau: float) -> _Floats:
    """Normal densities at `at` around each `centre`; shape (at, centre)."""
    z = (at[:, None] - centre[None, :]) / tau
    return np.asarray(np.exp(-0.5 * z**2) / (tau * sqrt(2 * np.pi)), dtype=np.float64)


def _likelihood(trial: EarlierTrial, reference: float, log_alpha: _Floats, log_beta: _Floats) -> _Floats:
    """Likelihood of a trial's DLTs at all pairs of the grid, its largest value 1."""
    total = np.zeros((len(log_alpha), len(log_beta)))
    for dose, n, dlts in zip(trial.doses, trial.n, trial.dlt, strict=True):
        eta = log_alpha[:, None] + np.exp(log_beta)[None, :] * log(dose / reference)
        total -= dlts * np.logaddexp(0, -eta) + (n - dlts) * np.logaddexp(0, eta)
    return np.asarray(np.exp(total - total.max()), dtype=np.float64)


def _averaging(axis: _Floats, tau: float) -> _Floats:
    """The matrix that averages a function of theta over theta given mu, at each mu."""
    return _kernel(axis, axis, tau) * float(axis[1] - axis[0])


def _moments(
    axis: _Floats, posteriors: Sequence[_Floats], taus: Sequence[tuple[float, float]], place: int
) -> tuple[float, float]:
    """Mean and standard deviation of one parameter of the new trial."""
    mean = square = 0.0
    for weights, tau in zip(posteriors, taus, strict=True):
        marginal = weights.sum(axis=1 - place)
        mean += float(marginal @ axis)
        square += float(marginal @ (axis**2 + tau[place] ** 2))
    return mean, sqrt(square - mean**2)
