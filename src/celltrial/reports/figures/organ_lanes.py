"""Each organ's course: one panel a participant, one lane an organ; toxicity as bars by grade, lupus activity above.

The time axis is the square root of the days since infusion: the first weeks, where most happens, get the room.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from celltrial.reports.figures.theme import ACCENT, INK, Caption, Layer, Spec, finish, grade_scale, inline

__all__ = ["LaneActivity", "LaneToxicity", "draw_organ_lanes"]

_COLUMNS, _WIDTH, _STEP = 2, 280, 14
_DAYS = (0, 7, 14, 28, 60, 90, 180, 270, 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneToxicity:
    """A stretch of an organ's toxicity, in days since infusion; `end` the last day known. A result has one day."""

    subject: str
    organ: str
    kind: str
    term: str
    grade: str
    start: float
    end: float
    is_ongoing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneActivity:
    """SLEDAI-2K points of an organ at an assessment, in days since infusion; only where there are any."""

    subject: str
    organ: str
    day: float
    points: int


def draw_organ_lanes(
    panels: Mapping[str, str],
    toxicity: Sequence[LaneToxicity],
    activity: Sequence[LaneActivity],
    *,
    organs: Sequence[str],
    caption: Caption,
) -> Spec:
    """Panels by subject -> heading, in order. Every organ has its lane, also where nothing happened in it."""
    last = max([*(each.end for each in toxicity), *(each.day for each in activity), 28.0])
    charts = [
        _panel(
            heading,
            [each for each in toxicity if each.subject == subject],
            [each for each in activity if each.subject == subject],
            organs,
            last,
        )
        for subject, heading in panels.items()
    ]
    chart = alt.concat(*charts, columns=_COLUMNS, spacing={"row": 16, "column": 22})
    return finish(chart.resolve_scale(color="shared", size="shared"), caption)


def _panel(
    heading: str, toxicity: Sequence[LaneToxicity], activity: Sequence[LaneActivity], organs: Sequence[str], last: float
) -> Layer:
    axis = alt.Axis(title=None, values=[day for day in _DAYS if day <= max(last, 28)], labelFontSize=9, tickSize=3)
    scale = alt.Scale(type="sqrt", domain=[0, last * 1.02], nice=False)
    # the lanes stand for every panel alike: a participant in whom an organ was quiet shows it empty
    y = alt.Y(
        "organ:N",
        sort=list(organs),
        scale=alt.Scale(domain=list(organs)),
        axis=alt.Axis(
            title=None, labelFontSize=9, labelPadding=9, labelColor=INK, ticks=False, domain=False, grid=True
        ),
    )
    x = alt.X("start:Q", scale=scale, axis=axis)
    bars = [_row(each) for each in toxicity if each.kind == "event"]
    ticks = [_row(each) for each in toxicity if each.kind == "result"]
    points = [{"organ": each.organ, "start": each.day, "points": each.points} for each in activity]
    colour = alt.Color(
        "grade:N", scale=grade_scale(with_ungraded=True), legend=alt.Legend(title="Grade of toxicity", orient="top")
    )
    size = alt.Size(
        "points:Q",
        scale=alt.Scale(domain=[0, 16], range=[8, 130], clamp=True),
        legend=alt.Legend(title="SLEDAI-2K points", orient="top", values=[1, 4, 8, 16]),
    )
    layers = [
        alt.Chart(inline(bars)).mark_bar(height=8, cornerRadius=1).encode(x=x, x2="end:Q", y=y, color=colour),
        alt.Chart(inline(ticks)).mark_tick(thickness=2.2, height=9).encode(x=x, y=y, color=colour),
        alt.Chart(inline(points))
        .mark_point(shape="circle", color=ACCENT, strokeWidth=1.1, filled=False)
        .encode(x=x, y=y, size=size),
    ]
    title = alt.TitleParams(text=heading, fontSize=11, color=INK, anchor="start", offset=3, fontWeight="bold")
    return alt.layer(*layers).properties(width=_WIDTH, height=alt.Step(_STEP), title=title)


def _row(each: LaneToxicity) -> dict[str, Any]:
    # a day has a width: an event of one day is a bar of one day, not a line of none
    end = each.end + 1 if each.kind == "event" else each.end
    return {"organ": each.organ, "grade": each.grade, "start": each.start, "end": end, "term": each.term}
