"""How a trial runs in time: who arrives when, when DLTs occur, who drops out, what enrolment waits for. In days.

Nothing here draws: every distribution is a function of quantiles, uniform numbers from 0 to 1 that belong to a patient.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from celltrial.errors import Finding, UsageError
from celltrial.escalation.exact import require_truth

__all__ = ["Arrivals", "Backfilling", "Conduct", "DropOut", "Floats", "Onset", "Scenario", "Stagger"]

Floats: TypeAlias = NDArray[np.float64]

# a Weibull time to DLT never reaches certainty: a DLT rate of 1 is taken as this
_ALMOST_ONE = 1 - 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """When patients arrive; the first on day 0.

    kind: `poisson` - exponential gaps of `mean_gap_days`; `fixed` - the same gap each time; `uniform` - gaps from 0 to
          twice the mean; `listed` - the days in `days`, after which nobody comes.
    """

    kind: Literal["poisson", "fixed", "uniform", "listed"] = "poisson"
    mean_gap_days: float = 0.0
    days: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kind == "listed":
            ordered = list(self.days) == sorted(self.days) and min(self.days, default=-1.0) >= 0
            problems = () if ordered else (_wrong("the arrival days", str(self.days), "days from 0, in order"),)
        else:
            is_gap = 0 < self.mean_gap_days < inf or (self.kind == "fixed" and self.mean_gap_days == 0)
            problems = () if is_gap else (_wrong("the mean gap", str(self.mean_gap_days), "days above 0"),)
        if problems:
            raise UsageError(problems)

    @classmethod
    def per_month(cls, patients: float, kind: Literal["poisson", "fixed", "uniform"] = "poisson") -> "Arrivals":
        """So many patients a month of 30.4375 days on average."""
        if not patients > 0:
            raise UsageError(_wrong("patients a month", str(patients), "a number above 0"))
        return cls(kind=kind, mean_gap_days=30.4375 / patients)

    def gaps(self, quantiles: Floats) -> Floats:
        """Days since the arrival before, for each quantile."""
        match self.kind:
            case "poisson":
                return -np.log1p(-quantiles) * self.mean_gap_days
            case "uniform":
                return quantiles * (2 * self.mean_gap_days)
            case _:
                return np.full_like(quantiles, self.mean_gap_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """When in the window a DLT occurs, given that one does.

    `uniform`: anywhere alike. `weibull`: a Weibull time for each level with the share `late_share` of the DLTs in the
    last `late_part` of the window; it gives the level's DLT rate at the window's end.
    Source of the Weibull form: Yuan et al. (2018) and the R package TITEgBOIN, its alpha1 and alpha2.
    """

    kind: Literal["uniform", "weibull"] = "uniform"
    late_share: float = 0.5
    late_part: float = 0.5

    def __post_init__(self) -> None:
        numbers = (("late_share", self.late_share), ("late_part", self.late_part))
        problems = [
            _wrong(f"{name} of the onset", str(value), "above 0, below 1")
            for name, value in numbers
            if not 0 < value < 1
        ]
        if problems:
            raise UsageError(problems)

    def fractions(self, quantiles: Floats, rates: Floats) -> Floats:
        """The part of the window that is over when the DLT occurs, for each quantile and DLT rate."""
        if self.kind == "uniform":
            return quantiles
        rate = np.clip(rates, 1e-12, _ALMOST_ONE)
        at_end, early = -np.log1p(-rate), -np.log1p(-(1 - self.late_share) * rate)
        shape = np.log(at_end / early) / -np.log1p(-self.late_part)
        return np.asarray((-np.log1p(-quantiles * rate) / at_end) ** (1 / shape), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOut:
    """Patients who leave before their outcome is known and are not evaluable.

    share: of patients without a DLT who would leave within the window, at a constant rate. replaced: another patient
    takes the place; else the cohort is decided on with those who are left.
    """

    share: float = 0.0
    replaced: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            raise UsageError(_wrong("the drop-out share", str(self.share), "0 to below 1"))

    def days(self, quantiles: Floats, window_days: float) -> Floats:
        """Days until each patient leaves; infinite where nobody does."""
        if self.share == 0 or window_days == 0:
            return np.full_like(quantiles, np.inf)
        return np.asarray(window_days * np.log1p(-quantiles) / np.log1p(-self.share), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stagger:
    """Pauses between doses.

    sentinel_days: from the first participant of a level (or of each cohort, `first_of`) to the next at that level.
    gap_days: between any two participants of the escalation.
    """

    sentinel_days: float = 0.0
    gap_days: float = 0.0
    first_of: Literal["level", "cohort"] = "level"

    def __post_init__(self) -> None:
        if min(self.sentinel_days, self.gap_days) < 0:
            found = f"{self.sentinel_days} and {self.gap_days}"
            raise UsageError(_wrong("the days between participants", found, "0 or more"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfilling:
    """How a design with the rule `backfill` uses patients for whom the escalation has no place.

    assign: the highest or the lowest open level. needs_activity: a level opens after its first response (Zhao et al.,
    2024), seen at the end of a patient's window; else levels below the current one are open for backfilling at once.
    """

    assign: Literal["highest", "lowest"] = "highest"
    needs_activity: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """The plan of a trial in time.

    cohort_size, max_n, start: as for exact operating characteristics; max_n counts evaluable participants of the
        escalation, and those in follow-up. Where drop-outs are not replaced it counts all enrolled.
    window_days: the DLT window; 0: every outcome is known at once.
    patience_days: how long a patient waits for a place; 0: who finds no place goes elsewhere (`turned away`).
    max_days: nobody is enrolled after this day.
    data_cut: `everybody` - the trial ends when every outcome is known; `escalation` - when those of the escalation are,
        and backfilled patients still in their window are not counted.
    """

    cohort_size: int
    max_n: int
    window_days: float
    arrivals: Arrivals
    start: int = 1
    onset: Onset = field(default_factory=Onset)
    drop_out: DropOut = field(default_factory=DropOut)
    stagger: Stagger = field(default_factory=Stagger)
    backfilling: Backfilling = field(default_factory=Backfilling)
    patience_days: float = 0.0
    max_days: float = inf
    data_cut: Literal["everybody", "escalation"] = "everybody"

    def __post_init__(self) -> None:
        if problems := tuple(_check_conduct(self)):
            raise UsageError(problems)


def _check_conduct(conduct: Conduct) -> Iterable[Finding]:
    for name, number in (("cohort size", conduct.cohort_size), ("maximum sample size", conduct.max_n)):
        if number < 1:
            yield _wrong(f"the {name}", str(number), "1 or more")
    for name, days in (
        ("the DLT window", conduct.window_days),
        ("the patience", conduct.patience_days),
        ("the last day", conduct.max_days),
    ):
        if not days >= 0:
            yield _wrong(name, str(days), "days, 0 or more")
    waits = max(conduct.window_days, conduct.stagger.sentinel_days, conduct.stagger.gap_days)
    if conduct.arrivals.kind == "fixed" and conduct.arrivals.mean_gap_days == 0 and waits > 0:
        yield _wrong("a gap of 0 days", "patients without end on day 0", "a gap above 0, or no window and no pause")


def _wrong(what: str, found: str, expected: str) -> Finding:
    return Finding(message=f"{what} cannot be", found=found, expected=expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A truth to simulate: the DLT rate within the window per level, lowest first, and the rate of activity (response).

    activity: blank where no level ever shows any, so that nothing is backfilled that needs it.
    """

    name: str
    truth: tuple[float, ...]
    activity: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        require_truth(self.truth, max(len(self.truth), 1))
        if self.activity:
            require_truth(self.activity, len(self.truth))
