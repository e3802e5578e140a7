"""Persistence: how long the cells could be found, as a time to event that a late cut-off censors."""

from dataclasses import dataclass

from celltrial.kinetics.profile import Profile, measured_in_time
from celltrial.missing import NotEstimable

__all__ = ["Persistence", "compute_persistence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """The day of loss, or (censored) the last day the cells were quantifiable."""

    day: float
    is_lost: bool
    note: str


def compute_persistence(profile: Profile) -> Persistence | NotEstimable:
    """Time to the first of two consecutive results below the limit, after the last peak of quantifiable ones.

    Loss needs two such results in a row after a quantifiable one; a single one is not confirmed. Without loss the time
    is censored at the last quantifiable sample: use Kaplan-Meier, not a mean. A return after loss does not undo it and
    is named in the note. Samples before the infusion take no part.

    Returns NotEstimable where nothing was ever quantifiable, or the samples cannot be put in order.
    """
    points = measured_in_time(profile)
    if isinstance(points, str):
        return NotEstimable(points)
    after = [point for point in points if point.day >= 0]
    first = next((i for i, point in enumerate(after) if point.value is not None), None)
    if first is None:
        return NotEstimable("never quantifiable")
    for i in range(first + 1, len(after) - 1):
        if after[i].value is None and after[i + 1].value is None:
            back = [point.day for point in after[i + 2 :] if point.value is not None]
            note = f"quantifiable again on day {back[0]:g}" if back else ""
            return Persistence(day=after[i].day, is_lost=True, note=note)
    last = max(point.day for point in after if point.value is not None)
    is_open = after[-1].value is None
    note = f"below the limit on day {after[-1].day:g}, not confirmed by a second sample" if is_open else ""
    return Persistence(day=last, is_lost=False, note=note)
