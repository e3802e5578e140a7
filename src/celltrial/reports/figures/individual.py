"""One small panel a participant on common scales: the curve, results below the limit, and stretches such as CRS."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from celltrial.reports.figures.courses import CoursePoint
from celltrial.reports.figures.theme import (
    GRADE_COLOURS,
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

__all__ = ["Spell", "draw_individual_courses"]

_ACROSS, _PANEL_WIDTH, _PANEL_HEIGHT = 4, 158, 104
_DAYS, _FEW_DAYS = (0, 7, 14, 28), (0, 14, 60, 180, 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A stretch of days of one participant, shaded by its grade; `end` None while it lasts."""

    subject: str
    start: float
    end: float | None
    grade: str


def draw_individual_courses(
    points: Sequence[CoursePoint],
    *,
    levels: Sequence[str],
    unit: str,
    caption: Caption,
    spells: Sequence[Spell] = (),
    reference: float | None = None,
    until_day: float | None = None,
) -> Spec:
    """Logarithmic, square-root days; open below the limit, on the limit's line; days before the infusion at day 0.

    Args:
        points: Of all participants, each with a panel of its own, in the order of levels and then of subjects.
        spells: Shaded; where there are any, a legend says their grades.
        reference: A horizontal line, e.g. the limit of quantification.
        until_day: Shows no later point.
    """
    kept = [each for each in points if until_day is None or each.day <= until_day]
    order = sorted({(_place(each.level, levels), each.subject, each.level) for each in kept})
    heights = [each.value if each.value is not None else each.limit for each in kept]
    above = [each for each in (*heights, reference) if each is not None and each > 0] or [1.0]
    y_scale = alt.Scale(type="log", domain=[min(above) * 0.6, max(above) * 1.8], nice=False)
    x_scale = alt.Scale(type="sqrt", domain=[0, max([each.day for each in kept] + [28.0]) * 1.05], nice=False)
    panels = [
        _panel(
            [each for each in kept if each.subject == subject],
            [each for each in spells if each.subject == subject],
            (subject, level),
            levels,
            (x_scale, y_scale, reference),
            unit if index % _ACROSS == 0 else "",
        )
        for index, (_, subject, level) in enumerate(order)
    ]
    rows = [
        alt.hconcat(*panels[first : first + _ACROSS], spacing=10) for first in range(0, max(len(panels), 1), _ACROSS)
    ]
    return finish(alt.vconcat(*rows, spacing=10), caption)


def _place(level: str, levels: Sequence[str]) -> int:
    return list(levels).index(level) if level in levels else len(levels)


def _panel(
    points: Sequence[CoursePoint],
    spells: Sequence[Spell],
    who: tuple[str, str],
    levels: Sequence[str],
    scales: tuple[alt.Scale, alt.Scale, float | None],
    unit: str,
) -> Layer:
    x_scale, y_scale, reference = scales
    last = float(x_scale.to_dict()["domain"][1])
    x = alt.X(
        "day:Q",
        scale=x_scale,
        axis=alt.Axis(
            title=None,
            values=[day for day in (_DAYS if last < 45 else _FEW_DAYS) if day <= last],
            labelFontSize=9,
            grid=False,
        ),
    )
    y = alt.Y("at:Q", scale=y_scale, axis=_axis(unit, y_scale))
    subject, level = who
    colour, shape = dose_scales(levels)
    colour_of = alt.Color("level:N", scale=colour, legend=None)
    rows = [_row(each) for each in points]
    layers: list[Layer] = [_shades(spells, last, x_scale)] if spells else []
    if reference is not None:
        line = alt.Chart(inline([{"at": reference}])).mark_rule(color=MUTED, strokeDash=[4, 3])
        layers.append(line.encode(y=alt.Y("at:Q", scale=y_scale)))
    base = alt.Chart(inline([row for row in rows if not row["open"]])).encode(x=x, y=y, color=colour_of)
    layers.append(base.mark_line(strokeWidth=1.5))
    shape_of = alt.Shape("level:N", scale=shape, legend=None)
    layers.append(base.mark_point(filled=True, size=24, opacity=1).encode(shape=shape_of))
    layers.append(
        alt.Chart(inline([row for row in rows if row["open"]]))
        .mark_point(filled=False, fill="white", size=26, strokeWidth=1.2, opacity=1)
        .encode(x=x, y=y, color=colour_of, shape=shape_of)
    )
    heading = f"{subject}  {level}".strip()
    title = alt.TitleParams(text=heading, fontSize=11, color=INK, anchor="start", offset=3)
    return alt.layer(*layers).properties(width=_PANEL_WIDTH, height=_PANEL_HEIGHT, title=title)


def _row(point: CoursePoint) -> dict[str, Any]:
    is_open = point.value is None
    at = point.limit if point.value is None else point.value
    return {"day": max(point.day, 0.0), "at": at, "level": point.level, "open": is_open}


def _shades(spells: Sequence[Spell], last: float, x_scale: alt.Scale) -> Layer:
    rows = [
        {"start": max(each.start, 0.0), "end": last if each.end is None else each.end + 1, "grade": each.grade}
        for each in spells
        if each.grade in GRADE_COLOURS
    ]
    base = alt.Chart(inline(rows)).encode(x=alt.X("start:Q", scale=x_scale))
    shade = base.mark_rect(opacity=0.55).encode(
        x2="end:Q", color=alt.Color("grade:N", scale=grade_scale(with_ungraded=True), legend=None)
    )
    text = base.mark_text(align="left", baseline="top", dx=2, fontSize=9, fontWeight="bold", color=INK).encode(
        y=alt.value(2), text="grade:N"
    )
    return alt.layer(shade, text).resolve_scale(color="independent")


def _axis(unit: str, scale: alt.Scale) -> alt.Axis:
    low, high = scale.to_dict()["domain"]
    powers = [10.0**power for power in range(-6, 9) if low <= 10.0**power <= high]
    style = "~g" if high < 10_000 else ",.0f"
    return alt.Axis(
        title=unit or None, values=powers, format=style, labels=bool(unit), ticks=bool(unit), titleFontSize=9
    )
