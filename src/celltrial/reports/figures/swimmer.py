"""Swimmer plot: one lane a participant, from lymphodepletion to the data cut.

The axis has two scales: the first five weeks, where most happens, take two thirds of it; what follows is compressed.
The break is drawn, and the axis keeps its true days.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import altair as alt

from celltrial.reports.figures.theme import (
    ACCENT,
    INK,
    MUTED,
    Caption,
    Layer,
    Spec,
    dose_scales,
    finish,
    grade_scale,
    inline,
)

__all__ = ["Lane", "Moment", "Stretch", "draw_swimmer"]

_FIRST_DAY, _BREAK_DAY = -7, 36
_STEP, _WIDTH = 34, 660
_EARLY_TICKS = (-5, 1, 7, 14, 21, 28, 35)
_LATE_TICKS = (60, 90, 120, 180, 240, 300, 365, 540, 730)
_ARROW = "M-1,-0.18L0.2,-0.18L0.2,-0.55L1,0L0.2,0.55L0.2,0.18L-1,0.18Z"
# kind of moment -> symbol and colour; the order is the legend's
MOMENTS: dict[str, tuple[str, str]] = {
    "lymphodepletion": ("stroke", MUTED),
    "infusion": ("triangle-right", INK),
    "AE grade 3": ("diamond", "#DD6B2F"),
    "AE grade 4 or 5": ("diamond", "#A82A1C"),
    "DLT": ("cross", "#7A0019"),
    "withdrawal": ("square", INK),
    "completed": ("circle", "#2F7D4F"),
    "ongoing": (_ARROW, ACCENT),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A participant: from `start` to `end` (study days, infusion = day 1), at a dose level.

    `has_dlt` marks the lane itself: a DLT is the participant's, even where no single event of a day is named for it.
    """

    subject: str
    level: str
    start: int
    end: int
    has_dlt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """An episode of CRS or ICANS with its worst grade."""

    subject: str
    syndrome: str
    grade: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something that happened on a day; `kind` is one of `MOMENTS`."""

    subject: str
    kind: str
    day: int


@dataclass(frozen=True, slots=True)
class _Axis:
    """Days to positions: one unit a day up to the break, fewer beyond, so that the later part takes a third."""

    last_day: int

    @property
    def factor(self) -> float:
        later = max(self.last_day - _BREAK_DAY, 1)
        return min(1.0, (_BREAK_DAY - _FIRST_DAY) / 2 / later)

    @property
    def is_broken(self) -> bool:
        return self.last_day > _BREAK_DAY

    def at(self, day: float) -> float:
        return day if day <= _BREAK_DAY else _BREAK_DAY + (day - _BREAK_DAY) * self.factor

    def x(self, field: str) -> alt.X:
        ticks = [each for each in (*_EARLY_TICKS, *_LATE_TICKS) if each <= max(self.last_day, 35)]
        expression = " : ".join(f"abs(datum.value - {self.at(each)}) < 1e-6 ? '{each}'" for each in ticks) + " : ''"
        axis = alt.Axis(
            title="Study day (infusion = day 1)",
            values=[self.at(each) for each in ticks],
            labelExpr=expression,
            labelOverlap=True,
        )
        domain = [_FIRST_DAY, self.at(max(self.last_day, 35)) + 2.5]
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=domain, nice=False), axis=axis)


def draw_swimmer(
    lanes: Sequence[Lane],
    stretches: Sequence[Stretch],
    moments: Sequence[Moment],
    *,
    levels: Sequence[str],
    window_days: int,
    caption: Caption,
) -> Spec:
    """The lanes in the order given; the DLT window (day 1 to `window_days` days later) is shaded."""
    axis = _Axis(max([each.end for each in lanes], default=_BREAK_DAY))
    labels = {each.subject: f"{'DLT  ' if each.has_dlt else ''}{each.subject}  {each.level}" for each in lanes}
    order = list(labels.values())
    y = alt.Y(
        "lane:N",
        sort=order,
        scale=alt.Scale(domain=order, paddingInner=0.1),
        axis=alt.Axis(title=None, labelFontSize=11, labelColor=INK, ticks=False, domain=False),
    )
    layers: list[Layer] = [*_background(axis, window_days), _follow_up(lanes, labels, levels, axis, y)]
    for syndrome, offset in (("CRS", 5), ("ICANS", 13)):
        mine = [each for each in stretches if each.syndrome == syndrome]
        layers += _episodes(mine, labels, axis, y, offset)
    layers.append(_points(moments, labels, axis, y))
    chart = alt.layer(*layers).resolve_scale(color="independent")
    return finish(chart.properties(width=_WIDTH, height=alt.Step(_STEP)), caption)


def _background(axis: _Axis, window_days: int) -> list[Layer]:
    window = alt.Chart(inline([{"from": 1, "to": window_days + 1}])).mark_rect(color="#eaf1f6")
    shaded = [window.encode(x=axis.x("from"), x2="to:Q")]
    if axis.is_broken:
        broken = alt.Chart(inline([{"at": _BREAK_DAY}])).mark_rule(color=MUTED, strokeDash=[2, 3])
        shaded.append(broken.encode(x=axis.x("at")))
    return shaded


def _follow_up(lanes: Sequence[Lane], labels: dict[str, str], levels: Sequence[str], axis: _Axis, y: alt.Y) -> Layer:
    rows = [
        {"lane": labels[each.subject], "level": each.level, "from": axis.at(each.start), "to": axis.at(each.end)}
        for each in lanes
    ]
    colour, _ = dose_scales(levels)
    bars = alt.Chart(inline(rows)).mark_bar(height=11, yOffset=-5, opacity=0.35)
    return bars.encode(
        x=axis.x("from"),
        x2="to:Q",
        y=y,
        color=alt.Color("level:N", scale=colour, legend=alt.Legend(title="Dose level")),
    )


def _episodes(stretches: Sequence[Stretch], labels: dict[str, str], axis: _Axis, y: alt.Y, offset: int) -> list[Layer]:
    rows = [
        {
            **asdict(each),
            "lane": labels[each.subject],
            "from": axis.at(each.start),
            "to": axis.at(each.end + 1),
            "text": f"{each.syndrome} {each.grade}",
        }
        for each in stretches
        if each.subject in labels
    ]
    base = alt.Chart(inline(rows)).encode(y=y)
    legend = alt.Legend(title="CRS / ICANS grade") if offset == 5 else None
    bars = base.mark_bar(height=6, yOffset=offset).encode(
        x=axis.x("from"), x2="to:Q", color=alt.Color("grade:N", scale=grade_scale(), legend=legend)
    )
    text = base.mark_text(align="left", dx=3, dy=offset, fontSize=8.5, color=INK, baseline="middle").encode(
        x=axis.x("to"), text="text:N"
    )
    return [bars, text]


def _points(moments: Sequence[Moment], labels: dict[str, str], axis: _Axis, y: alt.Y) -> Layer:
    rows: list[dict[str, Any]] = [
        {"lane": labels[each.subject], "kind": each.kind, "at": axis.at(each.day)}
        for each in moments
        if each.subject in labels
    ]
    names = list(MOMENTS)
    legend = alt.Legend(title=None, orient="bottom", columns=8, symbolStrokeWidth=1.5)
    colours = alt.Scale(domain=names, range=[MOMENTS[each][1] for each in names])
    return (
        alt.Chart(inline(rows))
        .mark_point(filled=True, size=80, yOffset=-5, opacity=1, strokeWidth=1.5)
        .encode(
            x=axis.x("at"),
            y=y,
            shape=alt.Shape(
                "kind:N", scale=alt.Scale(domain=names, range=[MOMENTS[each][0] for each in names]), legend=legend
            ),
            fill=alt.Fill("kind:N", scale=colours, legend=legend),
            stroke=alt.Stroke("kind:N", scale=colours, legend=legend),
        )
    )
