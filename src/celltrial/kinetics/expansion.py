"""The way up and the way out: expansion rate, doubling time, fold expansion, and the time to clearance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from celltrial.kinetics.areas import Point
from celltrial.kinetics.profile import Estimate, Measured, Profile, measured_in_time
from celltrial.missing import NotEstimable

__all__ = ["Expansion", "compute_expansion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """Growth to the first maximum, and when the cells were first below the limit after it.

    rate: slope of ln(value) over the quantifiable samples up to Tmax, 1/day. doubling_time: ln 2 / rate, days.
    fold: Cmax over the first quantifiable value, which is at least the first value measured.
    clearance: the first sample below the limit after Tmax, unconfirmed; persistence asks for two in a row.
    """

    rate: Estimate | NotEstimable
    doubling_time: Estimate | NotEstimable
    fold: Estimate | NotEstimable
    clearance: Estimate | NotEstimable


def compute_expansion(profile: Profile) -> Expansion:
    """The expansion of one profile, from the infusion on.

    Two samples give a line: their slope is reported with a note. Cells that were infused are still there in the first
    days, so the rate is that of what is seen in blood, not of division. Source: Stein AM et al. (2019), CPT
    Pharmacometrics Syst Pharmacol 8:285-295 (growth by rho = ln(foldx)/Tmax).
    """
    points = measured_in_time(profile)
    if isinstance(points, str):
        return _refused(points)
    after = [point for point in points if point.day >= 0]
    quantified = [(point.day, point.value) for point in after if point.value is not None]
    if not quantified:
        return _refused("never quantifiable")
    peak = max(quantified, key=lambda point: point[1])
    rise = [point for point in quantified if point[0] <= peak[0]]
    rate = _rate(rise)
    return Expansion(
        rate=rate,
        doubling_time=_doubling_time(rate),
        fold=_fold(rise, peak),
        clearance=_clearance(after, peak),
    )


def _rate(rise: Sequence[Point]) -> Estimate | NotEstimable:
    if len(rise) < 2:
        return NotEstimable("no quantifiable sample before the maximum")
    logs = [math.log(value) for _, value in rise]
    mean_t, mean_y = math.fsum(day for day, _ in rise) / len(rise), math.fsum(logs) / len(rise)
    sxy = math.fsum((day - mean_t) * (y - mean_y) for (day, _), y in zip(rise, logs, strict=True))
    slope = sxy / math.fsum((day - mean_t) ** 2 for day, _ in rise)
    if slope <= 0:
        return NotEstimable(f"the {len(rise)} quantifiable samples up to the maximum do not rise")
    note = "from two samples only" if len(rise) == 2 else f"from {len(rise)} samples"
    return Estimate(slope, "1/day", note)


def _doubling_time(rate: Estimate | NotEstimable) -> Estimate | NotEstimable:
    if isinstance(rate, NotEstimable):
        return rate
    return Estimate(math.log(2) / rate.value, "day", rate.note)


def _fold(rise: Sequence[Point], peak: Point) -> Estimate | NotEstimable:
    if len(rise) < 2:
        return NotEstimable("no quantifiable sample before the maximum")
    return Estimate(peak[1] / rise[0][1], "1", f"over the first quantifiable value, of day {rise[0][0]:g}")


def _clearance(after: Sequence[Measured], peak: Point) -> Estimate | NotEstimable:
    gone = next((point.day for point in after if point.day > peak[0] and point.value is None), None)
    if gone is None:
        return NotEstimable(f"still quantifiable on day {after[-1].day:g}, the last sample")
    back = next((point.day for point in after if point.day > gone and point.value is not None), None)
    return Estimate(gone, "day", "" if back is None else f"quantifiable again on day {back:g}")


def _refused(reason: str) -> Expansion:
    missing = NotEstimable(reason)
    return Expansion(rate=missing, doubling_time=missing, fold=missing, clearance=missing)
