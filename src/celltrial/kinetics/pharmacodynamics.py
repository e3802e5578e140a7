"""What the cells do to others, from any analyte's profile: the peak, its day, and its fold over the baseline.

When B cells are gone and back is counted in `celltrial.safety.b_cell_aplasia`, from counts by date.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from celltrial.kinetics.profile import Estimate, Measured, Profile, measured_in_time
from celltrial.missing import NotEstimable

__all__ = ["PeakOverBaseline", "compute_peak"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakOverBaseline:
    """The highest result within a window, its day, and its fold over the last result at or before the infusion."""

    value: Estimate | NotEstimable
    day: Estimate | NotEstimable
    fold: Estimate | NotEstimable
    baseline: Estimate | NotEstimable


def compute_peak(profile: Profile, *, until_day: float = 28.0) -> PeakOverBaseline:
    """The peak after the infusion, up to a day; the first one where two are equal.

    A baseline below the limit gives no fold: it would divide by a number nobody measured. A peak that is the last
    sample of the window is noted: it may not have been reached.
    """
    points = measured_in_time(profile)
    if isinstance(points, str):
        return _no_peak(points)
    before = [point for point in points if point.day <= 0]
    after = [point for point in points if 0 < point.day <= until_day]
    numbers = [(point.day, point.value) for point in after if point.value is not None]
    baseline = _baseline(before, profile.unit)
    if not after:
        return _no_peak(f"no sample from the infusion to day {until_day:g}", baseline)
    if not numbers:
        return _no_peak(f"below the limit in all {len(after)} samples to day {until_day:g}", baseline)
    day, value = max(numbers, key=lambda point: point[1])
    note = "the last sample of the window" if day == after[-1].day else ""
    if isinstance(baseline, NotEstimable):
        fold: Estimate | NotEstimable = NotEstimable(baseline.reason)
    else:
        fold = Estimate(value / baseline.value, "1", note)
    return PeakOverBaseline(
        value=Estimate(value, profile.unit, note), day=Estimate(day, "day", note), fold=fold, baseline=baseline
    )


def _baseline(before: Sequence[Measured], unit: str) -> Estimate | NotEstimable:
    if not before:
        return NotEstimable("no sample at or before the infusion")
    value = before[-1].value
    if value is None:
        return NotEstimable(f"baseline below the limit (day {before[-1].day:g})")
    return Estimate(value, unit, f"of day {before[-1].day:g}")


def _no_peak(reason: str, baseline: Estimate | NotEstimable | None = None) -> PeakOverBaseline:
    missing = NotEstimable(reason)
    return PeakOverBaseline(value=missing, day=missing, fold=missing, baseline=baseline or missing)
