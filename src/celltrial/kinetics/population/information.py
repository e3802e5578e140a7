"""Log likelihood by importance sampling, and the observed information of the population parameters by Louis' formula.

For each participant: draws from a t distribution about the mean and covariance that the Metropolis chains found, with
weights. The same weights give the log likelihood with its Monte Carlo error, the individual means, and Louis' formula
(1982, J R Stat Soc B 44:226): the mean of the complete-data information less the variance of the complete-data score.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.kinetics.population.data import CovariateEffect, PopulationData
from celltrial.kinetics.population.likelihood import compute_log_likelihood, mills_ratio
from celltrial.kinetics.population.models import model_named
from celltrial.kinetics.population.priors import read_priors
from celltrial.kinetics.population.saem import Point

__all__ = ["Weighted", "compute_information", "weigh"]

Floats: TypeAlias = npt.NDArray[np.float64]

# heavy tails, so that the weights stay bounded
_DF = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """Weighted draws of the individual parameters: theta (M, N, P), weights (M, N) that sum to 1 over M.

    log_likelihood, error: of all participants, with its Monte Carlo SD. smallest_sample: the least effective number of
    draws of a participant.
    """

    theta: Floats
    weights: Floats
    log_likelihood: float
    error: float
    smallest_sample: float

    @property
    def means(self) -> Floats:
        """Individual conditional means, shape (N, P)."""
        means: Floats = np.einsum("mn,mnp->np", self.weights, self.theta)
        return means

    @property
    def sds(self) -> Floats:
        """Individual conditional SDs, shape (N, P)."""
        squares = np.einsum("mn,mnp->np", self.weights, (self.theta - self.means) ** 2)
        sds: Floats = np.sqrt(squares)
        return sds


def weigh(
    data: PopulationData,
    model_name: str,
    point: Point,
    centres: Floats,
    sampled: Floats,
    draws: int,
    *,
    rng: np.random.Generator,
) -> Weighted:
    """Draw about the Metropolis samples (S, N, P) and weigh by likelihood times population density."""
    n, p = centres.shape
    middle = sampled.mean(axis=0)
    apart = sampled - middle
    covariance = np.einsum("snp,snq->npq", apart, apart) / sampled.shape[0]
    # a chain that hardly moved must not shut the proposal in
    covariance += np.eye(p) * (0.1 * point.spreads) ** 2
    factor = np.linalg.cholesky(covariance)
    normal = rng.standard_normal((draws, n, p))
    scale = np.sqrt(_DF / rng.chisquare(_DF, (draws, n)))
    theta = middle + scale[..., None] * np.einsum("npq,mnq->mnp", factor, normal)
    distance = (scale[..., None] * normal) ** 2
    log_proposal = (
        math.lgamma((_DF + p) / 2)
        - math.lgamma(_DF / 2)
        - 0.5 * p * math.log(_DF * math.pi)
        - np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        - 0.5 * (_DF + p) * np.log1p(distance.sum(axis=-1) / _DF)
    )
    curve = model_named(model_name).log_curve(np, data.day, theta)
    standard = (theta - centres) / point.spreads
    log_population = -0.5 * (standard**2).sum(axis=-1) - np.log(point.spreads).sum() - 0.5 * p * math.log(2 * math.pi)
    log_joint = log_population + compute_log_likelihood(
        curve, data.log_value, data.is_blq, data.is_sampled, point.sigma
    )
    return _normalised(theta, log_joint - log_proposal)


def _normalised(theta: Floats, log_weights: Floats) -> Weighted:
    top = log_weights.max(axis=0)
    raw = np.exp(log_weights - top)
    mean = raw.mean(axis=0)
    # delta method: the relative variance of each participant's mean weight
    relative = raw.var(axis=0) / (mean**2 * raw.shape[0])
    weights = raw / raw.sum(axis=0)
    return Weighted(
        theta=theta,
        weights=weights,
        log_likelihood=float((top + np.log(mean)).sum()),
        error=float(math.sqrt(relative.sum())),
        smallest_sample=float((1.0 / (weights**2).sum(axis=0)).min()),
    )


def compute_information(
    data: PopulationData,
    model_name: str,
    effects: Sequence[CovariateEffect],
    point: Point,
    weighted: Weighted,
    *,
    use_priors: bool = False,
) -> Floats:
    """The observed information of (means, coefficients, log spreads, log sigma); square, P + E + P + 1 rows.

    Coefficients that are fixed have the information 1 and no covariance: they are not fitted.
    """
    model = model_named(model_name)
    shifts = data.shifts(model, effects)
    owners = [model.parameters.index(effect.parameter) for effect in effects]
    apart = (weighted.theta - point.centres(shifts)) / point.spreads
    scores, expected = _complete_data(data, model_name, point, weighted, apart)
    # from each parameter's own mean to means and coefficients: the chain rule, participant by participant
    p, n = len(model.parameters), len(data.subjects)
    jacobian = np.zeros((n, 2 * p + 1, 2 * p + 1 + len(effects)))
    jacobian[:, :p, :p] = np.eye(p)
    jacobian[:, p:, p + len(effects) :] = np.eye(p + 1)
    for index, owner in enumerate(owners):
        jacobian[:, owner, p + index] = shifts[index, :, owner]
    mean = np.einsum("mn,mna->na", weighted.weights, scores)
    rooted = ((scores - mean) * np.sqrt(weighted.weights)[..., None]).transpose(1, 2, 0)
    spread = rooted @ rooted.transpose(0, 2, 1)
    total: Floats = np.einsum("nac,nab,nbd->cd", jacobian, expected - spread, jacobian)
    return _with_priors(total, model_name, effects, use_priors=use_priors)


def _with_priors(total: Floats, model_name: str, effects: Sequence[CovariateEffect], *, use_priors: bool) -> Floats:
    priors = read_priors(model_name)
    p = len(priors.parameters)
    if use_priors:
        total[range(p), range(p)] += 1.0 / priors.location_sds**2
    for index, effect in enumerate(effects):
        if effect.fixed is None:
            total[p + index, p + index] += 1.0 / effect.prior_sd**2
        else:
            total[p + index, :] = total[:, p + index] = 0.0
            total[p + index, p + index] = 1.0
    return total


def _complete_data(
    data: PopulationData, model_name: str, point: Point, weighted: Weighted, apart: Floats
) -> tuple[Floats, Floats]:
    """Scores of (own mean, log spread, log sigma), (M, N, 2P + 1), and the weighted mean of their information."""
    _, n, p = apart.shape
    curve = model_named(model_name).log_curve(np, data.day, weighted.theta)
    standard = np.where(data.is_sampled, (data.log_value - curve) / point.sigma, 0.0)
    seen = data.is_sampled & ~data.is_blq
    score, curvature = np.where(seen, standard**2 - 1.0, 0.0), np.where(seen, 2 * standard**2, 0.0)
    if data.is_blq.any():
        z = standard[..., data.is_blq]
        ratio = mills_ratio(z)
        score[..., data.is_blq] = -z * ratio
        curvature[..., data.is_blq] = -z * ratio * (1.0 - z * (z + ratio))
    scores = np.concatenate([apart / point.spreads, apart**2 - 1.0, score.sum(axis=-1)[..., None]], axis=-1)
    expected = np.zeros((n, 2 * p + 1, 2 * p + 1))
    own = np.arange(p)
    crossed = 2 * np.einsum("mn,mnp->np", weighted.weights, apart) / point.spreads
    expected[:, own, own] = 1.0 / point.spreads**2
    expected[:, own, p + own] = expected[:, p + own, own] = crossed
    expected[:, p + own, p + own] = 2 * np.einsum("mn,mnp->np", weighted.weights, apart**2)
    expected[:, 2 * p, 2 * p] = np.einsum("mn,mnk->n", weighted.weights, curvature)
    return scores, expected
