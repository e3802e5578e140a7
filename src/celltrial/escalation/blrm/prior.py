"""Priors of the Bayesian logistic regression model: mixtures of bivariate normals for (log alpha, log beta).

Sources: Neuenschwander, Branson & Gsponer (2008), Stat Med 27:2420-2439 (the model); Schmidli et al. (2014), Biometrics
70:1023-1032 (robust mixtures).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING, Protocol

from celltrial.errors import Finding, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BivariateNormal", "BlrmPrior", "DensityPrior", "Span", "make_robust", "normal_prior"]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a prior of one parameter lies: its ends, and the standard deviation of its narrowest part."""

    low: float
    high: float
    sd: float


class DensityPrior(Protocol):
    """Any prior of (log alpha, log beta) that can be evaluated: a mixture of normals, or one from earlier trials."""

    def describe(self) -> str:
        """Its numbers, as they stand beside a decision."""
        ...

    def spans(self) -> tuple[Span, Span]:
        """Where log alpha and log beta lie."""
        ...

    def log_density(self, log_alpha: "NDArray[np.float64]", log_beta: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Log density at all pairs; shapes (a,) and (b,), result (a, b)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BivariateNormal:
    """A bivariate normal for (log alpha, log beta)."""

    mean: tuple[float, float]
    sd: tuple[float, float]
    correlation: float = 0.0

    def __post_init__(self) -> None:
        if not (min(self.sd) > 0 and -1 < self.correlation < 1):
            found = f"standard deviations {self.sd[0]} and {self.sd[1]}, correlation {self.correlation}"
            expected = "standard deviations above 0, a correlation between -1 and 1"
            raise UsageError(Finding(message="this is not a bivariate normal", found=found, expected=expected))

    @classmethod
    def with_covariance(cls, mean: Sequence[float], covariance: Sequence[Sequence[float]]) -> "BivariateNormal":
        """From a mean and a covariance matrix, as crmPack prints them."""
        (a, between), (other, b) = covariance
        if not (a > 0 and b > 0 and between == other):
            raise UsageError(
                Finding(message="this is not a covariance matrix", found=str([list(row) for row in covariance]))
            )
        return cls(mean=(mean[0], mean[1]), sd=(sqrt(a), sqrt(b)), correlation=between / sqrt(a * b))

    def describe(self) -> str:
        """Mean, standard deviations, correlation."""
        return f"N(({self.mean[0]:g}, {self.mean[1]:g}), sd ({self.sd[0]:g}, {self.sd[1]:g}), r {self.correlation:g})"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlrmPrior:
    """A mixture of bivariate normals; the weights add up to 1.

    >>> normal_prior((-0.85, 0.4), (2.0, 1.0)).describe()
    'N((-0.85, 0.4), sd (2, 1), r 0)'
    """

    components: tuple[BivariateNormal, ...]
    weights: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if problems := tuple(_check(self)):
            raise UsageError(problems)

    def describe(self) -> str:
        """The components with their weights."""
        if len(self.components) == 1:
            return self.components[0].describe()
        pairs = zip(self.weights, self.components, strict=True)
        return " + ".join(f"{weight:g} {component.describe()}" for weight, component in pairs)

    def spans(self) -> tuple[Span, Span]:
        """Seven standard deviations around each component."""
        return self._span(0), self._span(1)

    def _span(self, place: int) -> Span:
        ends = [(each.mean[place], each.sd[place]) for each in self.components]
        return Span(
            low=min(mean - 7 * sd for mean, sd in ends),
            high=max(mean + 7 * sd for mean, sd in ends),
            sd=min(sd for _, sd in ends),
        )

    def log_density(self, log_alpha: "NDArray[np.float64]", log_beta: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Log density at all pairs."""
        import numpy as np

        parts = []
        for weight, each in zip(self.weights, self.components, strict=True):
            u = ((log_alpha - each.mean[0]) / each.sd[0])[:, None]
            v = ((log_beta - each.mean[1]) / each.sd[1])[None, :]
            rest = 1 - each.correlation**2
            constant = log(weight) - log(2 * np.pi * each.sd[0] * each.sd[1] * sqrt(rest))
            parts.append(constant - (u**2 - 2 * each.correlation * u * v + v**2) / (2 * rest))
        return np.asarray(np.logaddexp.reduce(np.stack(parts), axis=0), dtype=np.float64)


def normal_prior(mean: tuple[float, float], sd: tuple[float, float], correlation: float = 0.0) -> BlrmPrior:
    """A single bivariate normal as prior."""
    return BlrmPrior(components=(BivariateNormal(mean=mean, sd=sd, correlation=correlation),))


def make_robust(prior: BlrmPrior, vague: BivariateNormal, weight: float) -> BlrmPrior:
    """The prior with a vague component of this weight beside it, for the case that it is wrong.

    Source: Schmidli et al. (2014); weights of 0.1 to 0.5 are usual, the choice is the study's.
    """
    if not 0 < weight < 1:
        raise UsageError(
            Finding(message="the robust weight is not a share", found=str(weight), expected="above 0, below 1")
        )
    return BlrmPrior(
        components=(*prior.components, vague), weights=(*((1 - weight) * each for each in prior.weights), weight)
    )


def _check(prior: BlrmPrior) -> Iterator[Finding]:
    if not prior.components or len(prior.components) != len(prior.weights):
        found = f"{len(prior.components)} components, {len(prior.weights)} weights"
        yield Finding(message="the mixture is not complete", found=found, expected="a weight for each component")
    elif min(prior.weights) <= 0 or abs(sum(prior.weights) - 1) > 1e-9:
        found = ", ".join(map(str, prior.weights))
        yield Finding(message="the weights of the mixture do not add up to 1", found=found, expected="shares above 0")
