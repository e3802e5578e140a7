"""Individual courses over time, one panel a dose level: kinetics, B cells, SLEDAI-2K, laboratory values.

A point that has no number is drawn all the same: below the limit of quantification as an open symbol on the limit's
line, not evaluable as an open symbol under the axis. A curve never passes through an invented value.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import altair as alt

from celltrial.reports.figures.theme import INK, MUTED, Caption, Layer, Spec, dose_scales, finish, inline

__all__ = ["CoursePoint", "draw_courses"]

_PANEL_WIDTH = 225
_DAYS = [0, 7, 14, 28, 60, 90, 180, 365]
_LABEL_HEIGHT, _LABEL_WIDTH = 9, 20


@dataclass(frozen=True, slots=True)
class _Look:
    unit: str
    references: tuple[tuple[float, str], ...]
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePoint:
    """A participant's value on a day since infusion; `value` is None where there is no number, `mark` says why.

    mark: "value", "below limit" (drawn at `limit`) or "not evaluable" (drawn at the foot of the panel).
    """

    subject: str
    level: str
    day: float
    value: float | None
    mark: Literal["value", "below limit", "not evaluable"]
    limit: float | None = None


def draw_courses(
    points: Sequence[CoursePoint],
    *,
    levels: Sequence[str],
    unit: str,
    caption: Caption,
    is_log: bool = False,
    reference: float | None = None,
    reference_label: str = "",
    more_references: Sequence[tuple[float, str]] = (),
    height: int = 250,
) -> Spec:
    """Panels side by side on one scale; `reference` draws a labelled line, e.g. the limit of quantification.

    more_references: further lines, each with its label.
    """
    shown = [level for level in levels if any(each.level == level for each in points)] or list(levels)
    y_scale = _y_scale(points, is_log=is_log, reference=reference)
    x_scale = alt.Scale(type="sqrt", domain=[0, max([each.day for each in points] + [28]) * 1.12], nice=False)
    own = () if reference is None else ((reference, reference_label),)
    panels = [
        _panel(
            [each for each in points if each.level == level],
            level,
            levels,
            (x_scale, y_scale),
            _Look(unit if index == 0 else "", (*own, *more_references), height),
        )
        for index, level in enumerate(shown)
    ]
    return finish(alt.hconcat(*panels, spacing=16), caption)


def _y_scale(points: Sequence[CoursePoint], *, is_log: bool, reference: float | None) -> alt.Scale:
    numbers = [each.value for each in points if each.value is not None]
    limits = [each.limit for each in points if each.limit is not None]
    if is_log:
        above = [each for each in (*numbers, *limits, reference or 1) if each > 0]
        return alt.Scale(type="log", domain=[min(above) * 0.6, max(above) * 1.8], nice=False)
    top = max([*numbers, *limits, reference or 0, 1])
    foot = -0.09 * top if any(each.mark == "not evaluable" for each in points) else 0
    return alt.Scale(domain=[foot, top * 1.05], nice=False, zero=False)


def _panel(
    points: list[CoursePoint],
    level: str,
    levels: Sequence[str],
    scales: tuple[alt.Scale, alt.Scale],
    look: _Look,
) -> Layer:
    x_scale, y_scale = scales
    foot = _foot(y_scale)
    rows = [{**asdict(each), "at": _height(each, foot)} for each in points]
    x = alt.X("day:Q", scale=x_scale, axis=alt.Axis(title="Day since infusion", values=_DAYS, labelFlush=False))
    y = alt.Y("at:Q", scale=y_scale, axis=_y_axis(look.unit, y_scale))
    colour, shape = dose_scales(levels)
    colour_of = alt.Color("level:N", scale=colour, legend=None)
    numbers = [row for row in rows if row["mark"] == "value"]
    base = alt.Chart(inline(numbers)).encode(x=x, y=y)
    layers: list[Layer] = []
    for at, label in look.references:
        layers += _reference(label, at, y_scale)
    layers.append(base.mark_line(strokeWidth=1.4, opacity=0.75, clip=True).encode(color=colour_of, detail="subject:N"))
    layers.append(
        base.mark_point(filled=True, size=26, opacity=0.95).encode(
            color=colour_of, shape=alt.Shape("level:N", scale=shape, legend=None)
        )
    )
    layers.append(_open_symbols([row for row in rows if row["mark"] != "value"], x, y, colour_of, shape))
    layers.append(_ends(numbers, x, y, scales, look.height))
    who = len({each.subject for each in points})
    title = alt.TitleParams(text=f"{level}  (n = {who})", fontSize=12, color=INK, anchor="start", offset=4)
    return alt.layer(*layers).properties(width=_PANEL_WIDTH, height=look.height, title=title)


def _is_log(scale: alt.Scale) -> bool:
    return str(scale.to_dict().get("type")) == "log"


def _foot(scale: alt.Scale) -> float:
    low = float(scale.to_dict()["domain"][0])
    return low / 2 if low < 0 else low


def _height(point: CoursePoint, foot: float) -> float:
    match point.mark:
        case "value":
            return float(point.value if point.value is not None else foot)
        case "below limit":
            return float(point.limit if point.limit is not None else foot)
        case _:
            return foot


def _reference(label: str, reference: float, y_scale: alt.Scale) -> list[Layer]:
    base = alt.Chart(inline([{"at": reference, "text": label}])).encode(y=alt.Y("at:Q", scale=y_scale))
    return [
        base.mark_rule(color=MUTED, strokeDash=[4, 3]),
        base.mark_text(align="right", dx=-2, dy=9, fontSize=9, color=MUTED).encode(
            x=alt.value(_PANEL_WIDTH), text="text:N"
        ),
    ]


def _open_symbols(rows: list[dict[str, Any]], x: alt.X, y: alt.Y, colour: alt.Color, shape: alt.Scale) -> Layer:
    return (
        alt.Chart(inline(rows))
        .mark_point(filled=False, size=30, strokeWidth=1.2, fill="white", opacity=1)
        .encode(x=x, y=y, color=colour, shape=alt.Shape("level:N", scale=shape, legend=None))
    )


def _ends(rows: list[dict[str, Any]], x: alt.X, y: alt.Y, scales: tuple[alt.Scale, alt.Scale], height: int) -> Layer:
    """The subject's number beside its last value; labels that would lie on each other become one, at the latest."""
    x_scale, y_scale = scales
    last = {row["subject"]: row for row in sorted(rows, key=lambda row: row["day"])}
    labels: list[dict[str, Any]] = []
    for row in sorted(last.values(), key=lambda row: (row["day"], row["at"], row["subject"])):
        own = {
            **row,
            "text": row["subject"].rsplit("-", 1)[-1],
            "across": _across(row["day"], x_scale),
            "pixel": _pixels(row["at"], y_scale, height),
        }
        near = [each for each in labels if _overlap(each, own)]
        for each in near:
            labels.remove(each)
            own["text"] = ", ".join(sorted(f"{each['text']}, {own['text']}".split(", ")))
        labels.append(own)
    return (
        alt.Chart(inline(labels)).mark_text(align="left", dx=5, fontSize=9, color=INK).encode(x=x, y=y, text="text:N")
    )


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two labels would lie on each other; a longer one reaches further."""
    reach = _LABEL_WIDTH * (1 + one["text"].count(","))
    return bool(other["across"] - one["across"] < reach and abs(other["pixel"] - one["pixel"]) < _LABEL_HEIGHT)


def _across(day: float, scale: alt.Scale) -> float:
    """Pixels from the left of a panel, on the square-root axis."""
    return float(_PANEL_WIDTH * math.sqrt(max(day, 0.0) / scale.to_dict()["domain"][1]))


def _pixels(value: float, scale: alt.Scale, height: int) -> float:
    low, high = scale.to_dict()["domain"]
    if _is_log(scale):
        return height * math.log(value / low) / math.log(high / low)
    return float(height * (value - low) / (high - low))


def _y_axis(unit: str, scale: alt.Scale) -> alt.Axis:
    options: dict[str, Any] = {"title": unit or None, "grid": True, "labels": bool(unit), "ticks": bool(unit)}
    if _is_log(scale):
        low, high = scale.to_dict()["domain"]
        options["values"] = [10**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
        options["format"] = "~g" if high < 10_000 else ",.0f"
    return alt.Axis(**options)
