"""The likelihood of samples on the log scale, with results below the limit of quantification by method M3.

A quantifiable sample is normal about the log curve; a BLQ sample has the probability that the model gives to all values
below its limit: Phi((ln LLOQ - ln f)/sigma). Source of the name: Beal SL (2001), J Pharmacokinet Pharmacodyn 28:481.
"""

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["compute_log_likelihood", "draw_below", "log_normal_cdf", "mills_ratio"]

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

_ERFC = np.frompyfunc(math.erfc, 1, 1)
_HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)
# below it the asymptotic expansion, whose first term left out, 19!!/z^20, is then under 1e-11
_FAR = -10.0


def log_normal_cdf(z: npt.ArrayLike) -> Floats:
    """log Phi(z) for any finite z, without underflow. Shape as z.

    Near: erfc. Far in the lower tail: the asymptotic expansion of Mills' ratio (Abramowitz and Stegun 26.2.12). In the
    upper half: log1p of minus the other tail.

    >>> [round(float(each), 4) for each in log_normal_cdf([0.0, -5.0, -40.0])]
    [-0.6931, -15.065, -804.6084]
    """
    points = np.asarray(z, dtype=np.float64)
    near = np.maximum(points, _FAR)
    tail = 0.5 * np.asarray(_ERFC(np.abs(near) / math.sqrt(2)), dtype=np.float64)
    # in the other branch the logarithm is of 1: no warning, no use
    inside = np.where(near > 0, np.log1p(-tail), np.log(np.where(near > 0, 1.0, tail)))
    far = np.minimum(points, _FAR)
    outside = -0.5 * far * far - _HALF_LOG_TWO_PI - np.log(-far) + np.log(_mills_series(far))
    result: Floats = np.where(points < _FAR, outside, inside)
    return result


def mills_ratio(z: npt.ArrayLike) -> Floats:
    """phi(z)/Phi(z): minus the mean of a standard normal that is known to lie below z."""
    points = np.asarray(z, dtype=np.float64)
    ratio: Floats = np.exp(-0.5 * points * points - _HALF_LOG_TWO_PI - log_normal_cdf(points))
    return ratio


def _mills_series(z: Floats) -> Floats:
    """1 - 1/z^2 + 3/z^4 - 15/z^6 + ..., ten terms."""
    inverse = 1.0 / (z * z)
    total = np.ones_like(z)
    for odd in range(19, 0, -2):
        total = 1.0 - odd * inverse * total
    return total


def compute_log_likelihood(
    log_curve: Floats, log_values: Floats, is_blq: Flags, is_sampled: Flags, sigma: float
) -> Floats:
    """The log likelihood of each subject under each draw.

    Args:
        log_curve: model prediction, shape (..., N, K).
        log_values: log of the value, or of the LLOQ where BLQ; shape (N, K), anything finite where not sampled.
        is_blq, is_sampled: shape (N, K).
        sigma: residual SD on the log scale.
    Returns:
        shape (..., N). Values count as densities of the logarithm.
    """
    standard = (log_values - log_curve) / sigma
    terms = -0.5 * standard * standard - (_HALF_LOG_TWO_PI + math.log(sigma))
    terms[..., ~is_sampled] = 0.0
    if is_blq.any():
        terms[..., is_blq] = log_normal_cdf(standard[..., is_blq])
    total: Floats = terms.sum(axis=-1)
    return total


def draw_below(rng: np.random.Generator, mean: Floats, sigma: float, limit: Floats) -> Floats:
    """Draws of a normal that is known to lie below its limit; shapes as `mean`.

    Near limits by rejection; where Phi(z) is small by Robert's exponential proposal (Stat Comput 1995;5:121), which
    stays exact far in the tail.
    """
    z = ((limit - mean) / sigma).ravel()
    standard = np.empty_like(z)
    waiting = np.arange(z.size)
    while waiting.size:
        bound = z[waiting]
        far = bound < -0.5
        rate = 0.5 * (np.abs(bound) + np.sqrt(bound * bound + 4.0))
        proposal = np.where(far, bound - rng.exponential(1.0, bound.size) / rate, rng.standard_normal(bound.size))
        accept = np.where(far, rng.random(bound.size) <= np.exp(-0.5 * (-proposal - rate) ** 2), proposal <= bound)
        standard[waiting[accept]] = proposal[accept]
        waiting = waiting[~accept]
    drawn: Floats = mean + sigma * standard.reshape(mean.shape)
    return drawn
