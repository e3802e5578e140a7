"""Structural models of CAR-T kinetics on the log scale, for many subjects and parameter draws at once.

A model is a function of an array namespace (`numpy`, or `jax.numpy` for full Bayes), of sampling days with shape (N, K)
and of transformed parameters with shape (..., N, P); it returns log concentrations with shape (..., N, K). Parameters
are real numbers: `log` or `logit` of what they are called, as the published table of the model says. Days are >= 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["MODELS", "StructuralModel", "model_named"]

# numpy and jax.numpy arrays alike
Array = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuralModel:
    """A named curve: its parameters in the order of the last axis, and where it comes from.

    log_curve: (array namespace, days (N, K), parameters (..., N, P)) -> log concentration (..., N, K).
    reading: what of it is published, and what is our own reading.
    """

    name: str
    parameters: tuple[str, ...]
    log_curve: Callable[[Any, Array, Array], Array]
    source: str
    reading: str


def _columns(theta: Array) -> tuple[Array, ...]:
    """Each parameter with an axis for the days."""
    return tuple(theta[..., index, None] for index in range(theta.shape[-1]))


def _log_decline(xp: Any, since_peak: Array, alpha: Array, persisting: Array, beta: Array) -> Array:
    """log[(1-FB) exp(-alpha s) + FB exp(-beta s)], s days after the peak; alpha, beta logged, FB as logit."""
    contraction = -xp.logaddexp(0.0, persisting) - xp.exp(alpha) * since_peak
    persistence = -xp.logaddexp(0.0, -persisting) - xp.exp(beta) * since_peak
    return xp.logaddexp(contraction, persistence)


def _stein(xp: Any, day: Array, theta: Array) -> Array:
    """Exponential growth by the factor foldx until Tmax, then a biexponential decline from Cmax."""
    foldx, tmax, cmax, alpha, persisting, beta = _columns(theta)
    peak = xp.exp(tmax)
    growth = foldx * xp.minimum(day / peak - 1.0, 0.0)
    return cmax + growth + _log_decline(xp, xp.maximum(day - peak, 0.0), alpha, persisting, beta)


def _with_lag(xp: Any, day: Array, theta: Array) -> Array:
    """As Stein's, but constant until a lag has passed; growth lasts Tgrow, so that Tmax = Tlag + Tgrow."""
    foldx, lag, growing, cmax, alpha, persisting, beta = _columns(theta)
    grown = xp.clip((day - xp.exp(lag)) / xp.exp(growing), 0.0, 1.0)
    since_peak = xp.maximum(day - xp.exp(lag) - xp.exp(growing), 0.0)
    return cmax + foldx * (grown - 1.0) + _log_decline(xp, since_peak, alpha, persisting, beta)


def _four_phases(xp: Any, day: Array, theta: Array) -> Array:
    """Distribution (exponential fall at kd until T0), expansion by foldx over Tgrow, contraction, persistence."""
    foldx, start, distribution, growing, cmax, alpha, persisting, beta = _columns(theta)
    falling = xp.exp(distribution) * xp.maximum(xp.exp(start) - day, 0.0)
    grown = xp.clip((day - xp.exp(start)) / xp.exp(growing), 0.0, 1.0)
    since_peak = xp.maximum(day - xp.exp(start) - xp.exp(growing), 0.0)
    return cmax + falling + foldx * (grown - 1.0) + _log_decline(xp, since_peak, alpha, persisting, beta)


def _rejected(xp: Any, day: Array, theta: Array) -> Array:
    """Stein's curve with one more clearance, delta, of both phases from Trec on: host against graft.

    dE/dt = -(alpha + delta 1[t > Trec]) E, dM/dt = k E - (beta + delta 1[t > Trec]) M: the solution is Stein's curve
    times exp(-delta (t - Trec)) after Trec.
    """
    recovery, clearance = theta[..., 6, None], theta[..., 7, None]
    return _stein(xp, day, theta[..., :6]) - xp.exp(clearance) * xp.maximum(day - xp.exp(recovery), 0.0)


_STEIN = ("foldx", "tmax", "cmax", "alpha", "fb", "beta")

MODELS: Mapping[str, StructuralModel] = {
    model.name: model
    for model in (
        StructuralModel(
            name="stein2019",
            parameters=_STEIN,
            log_curve=_stein,
            source="Stein AM et al. (2019), CPT Pharmacometrics Syst Pharmacol 8:285-295",
            reading="as published (tisagenlecleucel, 90 patients)",
        ),
        StructuralModel(
            name="ogasawara2021",
            parameters=("foldx", "tlag", "tgrow", "cmax", "alpha", "fb", "beta"),
            log_curve=_with_lag,
            source="Ogasawara K et al. (2021), Clin Pharmacokinet (lisocabtagene maraleucel)",
            reading="our reading of the abstract: constant during the lag; it gives no between-subject values",
        ),
        StructuralModel(
            name="liu2021",
            parameters=("foldx", "t0", "kd", "tgrow", "cmax", "alpha", "fb", "beta"),
            log_curve=_four_phases,
            source="after the four phases of Liu C et al. (2021), Clin Pharmacol Ther 109:716-727",
            reading="our reading of four phases; its parameter tables could not be read, so every number is ours",
        ),
        StructuralModel(
            name="allogeneic_rejection",
            parameters=(*_STEIN, "trec", "delta"),
            log_curve=_rejected,
            source="celltrial: Stein's curve with a host-versus-graft clearance from lymphocyte recovery on",
            reading="our own model, not verified against any data; for exploration only",
        ),
    )
}


def model_named(name: str) -> StructuralModel:
    """The model of that name. Raises UsageError with the names there are.

    >>> model_named("stein2019").parameters
    ('foldx', 'tmax', 'cmax', 'alpha', 'fb', 'beta')
    """
    from celltrial.errors import Finding, UsageError

    if name not in MODELS:
        raise UsageError(Finding(message="no such kinetic model", found=name, expected=", ".join(MODELS)))
    return MODELS[name]
