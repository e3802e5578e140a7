"""Kinetic parameters by dose level: each participant, and the geometric mean with its interval, one panel each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from celltrial.reports.figures.theme import INK, Caption, Layer, Spec, dose_scales, finish, inline

__all__ = ["ForestValue", "LevelMean", "draw_parameter_forest"]

_PANEL_WIDTH, _STEP = 215, 34


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestValue:
    """One participant's value of one parameter."""

    parameter: str
    level: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelMean:
    """The geometric mean of a level; `low` and `high` None where so few values have no interval."""

    parameter: str
    level: str
    n: int
    mean: float
    low: float | None
    high: float | None


def draw_parameter_forest(
    values: Sequence[ForestValue], means: Sequence[LevelMean], *, levels: Sequence[str], caption: Caption
) -> Spec:
    """Logarithmic; an interval that leaves the panel is cut at its edge. Small symbols: participants."""
    names = list(dict.fromkeys(each.parameter for each in means))
    panels = [
        _panel(
            name,
            [each for each in values if each.parameter == name],
            [each for each in means if each.parameter == name],
            levels,
            is_first=index % 3 == 0,
        )
        for index, name in enumerate(names)
    ]
    rows = [alt.hconcat(*panels[first : first + 3], spacing=18) for first in range(0, max(len(panels), 1), 3)]
    return finish(alt.vconcat(*rows, spacing=14), caption)


def _panel(
    name: str, values: Sequence[ForestValue], means: Sequence[LevelMean], levels: Sequence[str], *, is_first: bool
) -> Layer:
    seen = [each.value for each in values]
    edge = max(math.sqrt(max(seen) / min(seen)), 2.0)
    low, high = min(seen) / edge, max(seen) * edge
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    powers = [10.0**power for power in range(-3, 9) if low <= 10.0**power <= high]
    ticks = powers if len(powers) > 1 else None
    style = {"values": ticks} if ticks else {"tickCount": 4}
    axis = alt.Axis(title=name, format="~s" if high >= 10_000 else "~g", grid=True, **style)
    order = [level for level in (*levels, "Total") if any(each.level == level for each in means)]
    y_axis = alt.Axis(title=None, labels=is_first, ticks=False, domain=False, labelFontSize=12, labelColor=INK)
    y = alt.Y("level:N", sort=order, axis=y_axis)
    colour, shape = dose_scales((*levels, "Total"))
    colour_of = alt.Color("level:N", scale=colour, legend=None)
    x = alt.X("value:Q", scale=scale, axis=axis)
    dots = (
        alt.Chart(inline([{"level": each.level, "value": each.value} for each in values]))
        .mark_point(filled=False, size=26, opacity=0.75, yOffset=8)
        .encode(x=x, y=y, color=colour_of, shape=alt.Shape("level:N", scale=shape, legend=None))
    )
    rows = [
        {"level": each.level, "value": each.mean, "low": max(each.low, low), "high": min(each.high, high)}
        for each in means
        if each.low is not None and each.high is not None
    ]
    bars = (
        alt.Chart(inline(rows))
        .mark_rule(strokeWidth=2.4, opacity=0.8, yOffset=-3)
        .encode(x=alt.X("low:Q", scale=scale), x2="high:Q", y=y, color=colour_of)
    )
    centre = (
        alt.Chart(inline([{"level": each.level, "value": each.mean} for each in means]))
        .mark_point(filled=True, size=90, opacity=1, yOffset=-3)
        .encode(x=x, y=y, color=colour_of, shape=alt.Shape("level:N", scale=shape, legend=None))
    )
    return alt.layer(bars, centre, dots).properties(width=_PANEL_WIDTH, height=alt.Step(_STEP))
