"""A concentration profile: what was measured when, in one participant, for one analyte."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from celltrial.missing import Blq

__all__ = ["Estimate", "Measured", "Profile", "Sample", "measured_in_time"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A computed number with its unit; `note` says what a reader must know of how it came about."""

    value: float
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample: days since the infusion (before it negative), as drawn and as planned, and its result.

    value: the result in the profile's unit; Blq below the limit of quantification; None where there is no result.
    lloq: the assay's lower limit of quantification, where known: a number below it counts as BLQ.
    excluded: why the sample is left out of every computation; blank where it takes part.
    """

    day: float
    value: float | Blq | None
    nominal_day: float | None = None
    lloq: float | None = None
    excluded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The samples of one participant and analyte, in any order; `unit` is the unit of every value."""

    samples: tuple[Sample, ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One point of a profile in time: `value` is None where the result is below the limit of quantification."""

    day: float
    value: float | None
    lloq: float | None = None


def measured_in_time(profile: Profile, time: Literal["actual", "nominal"] = "actual") -> tuple[Measured, ...] | str:
    """The samples with a result, in time; or, where they cannot be put in order, why not.

    A value below the sample's own limit, and a value of 0, count as BLQ. Two samples at the same time, a negative value
    and a missing nominal day (where nominal days are asked for) are refused: which is right is for a person to say.
    """
    points = [point for sample in profile.samples if (point := _point(sample, time)) is not None]
    unplaced = sum(point.day is None for point in points)
    if unplaced:
        return f"{unplaced} of {len(points)} samples have no nominal day"
    ordered = sorted((Measured(p.day, p.value, p.lloq) for p in points if p.day is not None), key=lambda p: p.day)
    negative = [point for point in ordered if point.value is not None and point.value < 0]
    if negative:
        return f"a negative value on day {negative[0].day:g}: {negative[0].value:g}"
    twice = _first_repeated(point.day for point in ordered)
    if twice is not None:
        return f"more than one sample on day {twice:g}: which one counts must be said"
    return tuple(ordered)


@dataclass(frozen=True, slots=True)
class _Placed:
    day: float | None
    value: float | None
    lloq: float | None


def _point(sample: Sample, time: Literal["actual", "nominal"]) -> _Placed | None:
    if sample.value is None or sample.excluded:
        return None
    day = sample.day if time == "actual" else sample.nominal_day
    if isinstance(sample.value, Blq):
        return _Placed(day, None, float(sample.value.lloq))
    is_below = sample.value == 0 or (sample.lloq is not None and 0 <= sample.value < sample.lloq)
    return _Placed(day, None if is_below else sample.value, sample.lloq)


def _first_repeated(days: Iterable[float]) -> float | None:
    previous: float | None = None
    for day in days:
        if day == previous:
            return day
        previous = day
    return None
