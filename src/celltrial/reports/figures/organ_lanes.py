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
    rows = [{"panel": heading, "kind": "panel", "organ": organs[0], "start": 0} for heading in panels.values()]
    rows += [_row(each) | {"panel": panels[each.subject]} for each in toxicity]
    rows += [
        {
            "panel": panels[each.subject],
            "kind": "activity",
            "organ": each.organ,
            "start": each.day,
            "points": each.points,
        }
        for each in activity
    ]
    # one chart faceted, not one a participant: a report has many of them, and each costs time to build
    layers = alt.layer(*_layers(organs, last), data=inline(rows)).properties(width=_WIDTH, height=alt.Step(_STEP))
    header = alt.Header(title=None, labelAnchor="start", labelFontSize=11, labelPadding=3)
    chart = layers.facet(alt.Facet("panel:N", sort=list(panels.values()), header=header), columns=_COLUMNS)
    return finish(chart.properties(spacing={"row": 14, "column": 16}), caption)


def _layers(organs: Sequence[str], last: float) -> list[Layer]:
    axis = alt.Axis(title=None, values=[day for day in _DAYS if day <= max(last, 28)], labelFontSize=9, tickSize=3)
    x = alt.X("start:Q", scale=alt.Scale(type="sqrt", domain=[0, last * 1.02], nice=False), axis=axis)
    # the lanes stand for every panel alike: a participant in whom an organ was quiet shows it empty
    y = alt.Y(
        "organ:N",
        sort=list(organs),
        scale=alt.Scale(domain=list(organs)),
        axis=alt.Axis(
            title=None, labelFontSize=9, labelPadding=9, labelColor=INK, ticks=False, domain=False, grid=True
        ),
    )
    colour = alt.Color(
        "grade:N", scale=grade_scale(with_ungraded=True), legend=alt.Legend(title="Grade of toxicity", orient="top")
    )
    size = alt.Size(
        "points:Q",
        scale=alt.Scale(domain=[0, 16], range=[8, 130], clamp=True),
        legend=alt.Legend(title="SLEDAI-2K points", orient="top", values=[1, 4, 8, 16]),
    )
    bars = alt.Chart().transform_filter("datum.kind == 'event'").mark_bar(height=8, cornerRadius=1)
    ticks = alt.Chart().transform_filter("datum.kind == 'result'").mark_tick(thickness=2.2, height=9)
    circles = alt.Chart().transform_filter("datum.kind == 'activity'")
    return [
        bars.encode(x=x, x2="end:Q", y=y, color=colour),
        ticks.encode(x=x, y=y, color=colour),
        circles.mark_point(shape="circle", color=ACCENT, strokeWidth=1.1, filled=False).encode(x=x, y=y, size=size),
    ]


def _row(each: LaneToxicity) -> dict[str, Any]:
    # a day has a width: an event of one day is a bar of one day, not a line of none
    end = each.end + 1 if each.kind == "event" else each.end
    return {
        "kind": each.kind,
        "organ": each.organ,
        "grade": each.grade,
        "start": each.start,
        "end": end,
        "term": each.term,
    }
