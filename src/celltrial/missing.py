"""Missing is a value with a reason: never a bare None or NaN across a room's border.

Each kind of "no answer" is its own type, so that a reader sees at the signature what may be missing and a `match`
must deal with it. Not graded is not grade 0; unknown is not "no".
"""

from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Blq", "NotEstimable", "NotEvaluable", "NotGradable"]


@dataclass(frozen=True, slots=True)
class NotEstimable:
    """A parameter that the data do not allow to estimate.

    >>> NotEstimable("fewer than 3 points after Tmax").reason
    'fewer than 3 points after Tmax'
    """

    reason: str


@dataclass(frozen=True, slots=True)
class NotGradable:
    """A toxicity that cannot be graded from what is there; never the same as grade 0."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotEvaluable:
    """A score, response or window that cannot be judged; `lower_bound` where part of it is known."""

    reason: str
    lower_bound: float | None = None


@dataclass(frozen=True, slots=True)
class Blq:
    """A measurement below the limit of quantification `lloq`, in the assay's unit."""

    lloq: Decimal
