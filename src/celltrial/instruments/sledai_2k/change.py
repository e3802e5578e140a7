"""The change between two SLEDAI scores of the same window, and the bands that some authors put on a total."""

from dataclasses import dataclass
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.instruments.sledai_2k.descriptors import SledaiScore
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = ["SledaiChange", "band_sledai", "compare_sledai"]

_CHANGE = 3
_MAXIMUM = 105

Course = Literal["flare", "improvement", "persistent"]
Bands = Literal["five_bands", "four_bands"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SledaiChange:
    """The change of the total (after minus before), what it is called, and the items that came and went."""

    change: int
    course: Course
    appeared: tuple[str, ...]
    disappeared: tuple[str, ...]
    window_days: int


def compare_sledai(
    before: SledaiScore | NotEvaluable, after: SledaiScore | NotEvaluable
) -> SledaiChange | NotEvaluable:
    """What changed between two assessments of one instrument.

    A rise of more than 3 is a flare, a fall of more than 3 an improvement; 3 or less is persistent activity.

    Returns:
        SledaiChange; NotEvaluable where either score is not definite, or its window is not told: scores of 10 and of
        30 days are never compared, and a window that is not known may be either.
    Raises:
        UsageError: the windows or the instruments differ.
    Source: the table of features of the indices, Ann Rheum Dis (highwire 278401); it prints "decrease <3" for
        improvement, a slip for more than 3. "Never mix windows": reference to Touma Z et al., Lupus 2010;19:49-51.
    """
    if isinstance(before, NotEvaluable):
        return NotEvaluable(f"no definite score before: {before.reason}")
    if isinstance(after, NotEvaluable):
        return NotEvaluable(f"no definite score after: {after.reason}")
    _require_alike(before, after)
    if before.window_days is None or after.window_days is None:
        return NotEvaluable("the window of a score is not known; scores of 10 and of 30 days are not compared")
    change = after.total - before.total
    return SledaiChange(
        change=change,
        course=_course(change),
        appeared=tuple(item for item in after.contributing if item not in before.contributing),
        disappeared=tuple(item for item in before.contributing if item not in after.contributing),
        window_days=before.window_days,
    )


def band_sledai(total: int, bands: Bands) -> str:
    """The band of a total in one of the two sets of `bands.csv`; neither is part of the instrument.

    Raises UsageError for a total outside 0 to 105, or another set.

    >>> band_sledai(5, "five_bands"), band_sledai(5, "four_bands")
    ('mild', 'moderate')
    """
    rows = [row for row in read_package_table("celltrial.instruments.sledai_2k", "bands.csv") if row["bands"] == bands]
    if not rows or not 0 <= total <= _MAXIMUM:
        raise UsageError(
            Finding(
                message="no band for this SLEDAI total",
                where="total",
                found=f"{total} in {bands}",
                expected="a total from 0 to 105; five_bands or four_bands",
                next_step="correct the total or the name of the bands",
            )
        )
    return [row["band"] for row in rows if total >= int(row["at_least"])][-1]


def _require_alike(before: SledaiScore, after: SledaiScore) -> None:
    """Raise UsageError with what keeps two scores from being compared: two windows, two instruments."""
    windows = {score.window_days for score in (before, after)} - {None}
    pairs = (
        ("window_days", len(windows) > 1, f"{before.window_days} and {after.window_days} days", "one window"),
        (
            "instrument",
            before.instrument != after.instrument,
            f"{before.instrument} and {after.instrument}",
            "one form",
        ),
    )
    findings = [
        Finding(
            message="these SLEDAI scores cannot be compared",
            where=where,
            found=found,
            expected=f"{expected} for every score of an analysis",
            next_step="score both assessments alike",
        )
        for where, differs, found, expected in pairs
        if differs
    ]
    if findings:
        raise UsageError(findings)


def _course(change: int) -> Course:
    if change > _CHANGE:
        return "flare"
    return "improvement" if change < -_CHANGE else "persistent"
