"""Maximum likelihood of a population model by SAEM with M3, in NumPy: quick enough to be used at the keyboard.

Each iteration moves several chains of individual parameters by Metropolis-Hastings (draws from the population, then
random walks of one parameter at a time), draws the censored samples from their truncated normal, averages the
sufficient statistics with a falling step, and maximises. Source: Kuhn E, Lavielle M (2005), Comput Stat Data Anal
49:1020; with censoring: Samson A, Lavielle M, Mentre F (2006), Comput Stat Data Anal 51:1562.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.kinetics.population.data import CovariateEffect, PopulationData
from celltrial.kinetics.population.likelihood import compute_log_likelihood, draw_below
from celltrial.kinetics.population.models import StructuralModel, model_named
from celltrial.kinetics.population.priors import Priors, read_priors

__all__ = ["Point", "SaemSettings", "SaemTrace", "maximise", "sample_individuals"]

Floats: TypeAlias = npt.NDArray[np.float64]
Progress = Callable[[float, str], None]

# a between-subject SD is not let under this: there it counts as zero, and the means could no longer move
SPREAD_FLOOR = 0.05
_SIGMA_FLOOR = 0.01
# simulated annealing of the first phase: a variance falls by at most this factor an iteration, as Monolix does
_ANNEALING = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class SaemSettings:
    """Iterations with step 1 (of which `annealed` with variances held up), then with step 1/k; and the chains.

    use_priors: penalise the population means by their priors (maximum a posteriori) instead of maximum likelihood.
    individual_sweeps: Metropolis sweeps after the fit, from which individual means and covariances are taken.
    importance_draws: draws a participant for the log likelihood and the information.
    """

    burn_in: int = 300
    annealed: int = 150
    smoothing: int = 200
    chains: int = 5
    use_priors: bool = False
    individual_sweeps: int = 150
    importance_draws: int = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Values of the population parameters, transformed scale: means (P,), coefficients (E,), SDs (P,), residual SD."""

    means: Floats
    effects: Floats
    spreads: Floats
    sigma: float

    def centres(self, shifts: Floats) -> Floats:
        """What each participant's parameters are expected to be; shape (N, P)."""
        centres: Floats = self.means + np.einsum("e,enp->np", self.effects, shifts)
        return centres


@dataclass(frozen=True, slots=True, kw_only=True)
class SaemTrace:
    """Where the iterations went: means, spreads and sigma of each, shape (iterations, 2P + 1); and where they ended."""

    path: Floats
    point: Point
    chains: Floats
    steps: Floats


@dataclass(slots=True)
class Walk:
    """The chains of individual parameters, shape (C, N, P), and how far each parameter's random walk steps."""

    model: StructuralModel
    data: PopulationData
    rng: np.random.Generator
    theta: Floats
    steps: Floats
    log_likelihood: Floats = field(default_factory=lambda: np.zeros(0))

    def likelihood(self, theta: Floats, sigma: float) -> Floats:
        """Log likelihood of each chain and participant, shape (C, N)."""
        data = self.data
        curve = self.model.log_curve(np, data.day, theta)
        return compute_log_likelihood(curve, data.log_value, data.is_blq, data.is_sampled, sigma)

    def sweep(self, point: Point, centres: Floats, *, adapt: bool) -> None:
        """One draw from the population, and two random walks of each parameter in turn."""
        self.log_likelihood = self.likelihood(self.theta, point.sigma)
        self._propose_population(point, centres)
        for _ in range(2):
            for index in range(self.theta.shape[-1]):
                self._propose_step(point, centres, index, adapt=adapt)

    def _accept(self, proposal: Floats, log_prior_ratio: Floats | float, sigma: float) -> npt.NDArray[np.bool_]:
        there = self.likelihood(proposal, sigma)
        accept = np.log(self.rng.random(there.shape)) < there - self.log_likelihood + log_prior_ratio
        self.theta[accept] = proposal[accept]
        self.log_likelihood[accept] = there[accept]
        return np.asarray(accept)

    def _propose_population(self, point: Point, centres: Floats) -> None:
        proposal = centres + point.spreads * self.rng.standard_normal(self.theta.shape)
        self._accept(proposal, 0.0, point.sigma)

    def _propose_step(self, point: Point, centres: Floats, index: int, *, adapt: bool) -> None:
        here = self.theta[..., index]
        there = here + self.steps[:, index] * self.rng.standard_normal(here.shape)
        proposal = self.theta.copy()
        proposal[..., index] = there
        distance = (here - centres[:, index]) ** 2 - (there - centres[:, index]) ** 2
        accepted = self._accept(proposal, 0.5 * distance / point.spreads[index] ** 2, point.sigma)
        if adapt:
            # towards an acceptance of 0.4, for each participant
            self.steps[:, index] *= np.exp(0.3 * (accepted.mean(axis=0) - 0.4))


def maximise(
    data: PopulationData,
    model_name: str,
    effects: Sequence[CovariateEffect],
    settings: SaemSettings,
    *,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> SaemTrace:
    """Run the iterations. The start is the prior's location with its spreads; equal seeds give equal results."""
    model, priors = model_named(model_name), read_priors(model_name)
    shifts = data.shifts(model, effects)
    point = _start(priors, effects)
    centres = point.centres(shifts)
    shape = (settings.chains, *centres.shape)
    walk = Walk(
        model=model,
        data=data,
        rng=rng,
        theta=centres + point.spreads * rng.standard_normal(shape),
        steps=np.tile(0.5 * point.spreads, (centres.shape[0], 1)),
    )
    statistics: tuple[Floats, Floats, float] | None = None
    total, path = settings.burn_in + settings.smoothing, []
    for iteration in range(total):
        walk.sweep(point, point.centres(shifts), adapt=True)
        step = 1.0 if iteration < settings.burn_in else 1.0 / (iteration - settings.burn_in + 1)
        statistics = _averaged(statistics, _statistics(walk, point.sigma), step)
        floor = point if iteration < settings.annealed else None
        point = _maximised(statistics, point, _Problem(priors, effects, shifts, data.n_samples, settings), floor)
        path.append(np.concatenate([point.means, point.spreads, [point.sigma]]))
        if progress is not None and iteration % 10 == 0:
            progress(iteration / total, "SAEM iterations")
    return SaemTrace(path=np.array(path), point=point, chains=walk.theta, steps=walk.steps)


def sample_individuals(
    data: PopulationData,
    model_name: str,
    effects: Sequence[CovariateEffect],
    trace: SaemTrace,
    sweeps: int,
    *,
    rng: np.random.Generator,
) -> Floats:
    """Draws of the individual parameters given the fitted population; shape (sweeps x chains, N, P)."""
    model = model_named(model_name)
    centres = trace.point.centres(data.shifts(model, effects))
    walk = Walk(model=model, data=data, rng=rng, theta=trace.chains.copy(), steps=trace.steps.copy())
    kept = []
    for _ in range(sweeps):
        walk.sweep(trace.point, centres, adapt=False)
        kept.append(walk.theta.copy())
    return np.concatenate(kept)


@dataclass(frozen=True, slots=True)
class _Problem:
    priors: Priors
    effects: Sequence[CovariateEffect]
    shifts: Floats
    n_samples: int
    settings: SaemSettings


def _start(priors: Priors, effects: Sequence[CovariateEffect]) -> Point:
    return Point(
        means=priors.locations.copy(),
        effects=np.array([effect.fixed or 0.0 for effect in effects]),
        spreads=np.maximum(priors.spread_scales, 0.5),
        sigma=max(priors.sigma, 1.0),
    )


def _statistics(walk: Walk, sigma: float) -> tuple[Floats, Floats, float]:
    """Means over the chains: of the parameters, of their squares, and the sum of squared residuals."""
    data = walk.data
    curve = walk.model.log_curve(np, data.day, walk.theta)
    residual = np.where(data.is_sampled, data.log_value - curve, 0.0)
    if data.is_blq.any():
        below = curve[..., data.is_blq]
        limit = np.broadcast_to(data.log_value[data.is_blq], below.shape)
        residual[..., data.is_blq] = draw_below(walk.rng, below, sigma, limit) - below
    squares = float((residual**2).sum() / walk.theta.shape[0])
    return walk.theta.mean(axis=0), (walk.theta**2).mean(axis=0), squares


def _averaged(
    before: tuple[Floats, Floats, float] | None, now: tuple[Floats, Floats, float], step: float
) -> tuple[Floats, Floats, float]:
    if before is None:
        return now
    first, second = (old + step * (new - old) for old, new in zip(before[:2], now[:2], strict=True))
    return first, second, before[2] + step * (now[2] - before[2])


def _maximised(statistics: tuple[Floats, Floats, float], point: Point, problem: _Problem, floor: Point | None) -> Point:
    """The maximum given the statistics; `floor`: the point whose variances may fall only slowly."""
    first, second, squares = statistics
    means, effects = _regressed(first, point, problem)
    centres = means + np.einsum("e,enp->np", effects, problem.shifts)
    variances = (second - 2 * centres * first + centres**2).mean(axis=0)
    variance = squares / problem.n_samples
    if floor is not None:
        variances = np.maximum(variances, _ANNEALING * floor.spreads**2)
        variance = max(variance, _ANNEALING * floor.sigma**2)
    return Point(
        means=means,
        effects=effects,
        spreads=np.maximum(np.sqrt(variances), SPREAD_FLOOR),
        sigma=max(variance**0.5, _SIGMA_FLOOR),
    )


def _regressed(first: Floats, point: Point, problem: _Problem) -> tuple[Floats, Floats]:
    """Means and coefficients of each parameter by least squares, shrunk by the priors, means within their bounds."""
    priors, settings = problem.priors, problem.settings
    means, coefficients = np.empty(first.shape[1]), point.effects.copy()
    for index, prior in enumerate(priors.parameters):
        own = [e for e, effect in enumerate(problem.effects) if effect.parameter == prior.name]
        known = [e for e in own if problem.effects[e].fixed is not None]
        fitted = [e for e in own if e not in known]
        explained: Floats = point.effects[known] @ problem.shifts[known, :, index]
        target = first[:, index] - explained
        columns = np.column_stack([np.ones(first.shape[0]), *(problem.shifts[e, :, index] for e in fitted)])
        precision = (
            np.array(
                [
                    1.0 / prior.location_sd**2 if settings.use_priors else 0.0,
                    *(1.0 / problem.effects[e].prior_sd ** 2 for e in fitted),
                ]
            )
            * point.spreads[index] ** 2
        )
        pull = precision * np.array([prior.location, *(0.0 for _ in fitted)])
        solved = np.linalg.solve(columns.T @ columns + np.diag(precision), columns.T @ target + pull)
        means[index] = np.clip(solved[0], prior.lower, prior.upper)
        coefficients[fitted] = solved[1:]
    return means, coefficients
