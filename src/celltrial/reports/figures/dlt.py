"""DLT rate by dose level: what was seen, and up to where the data cannot exclude it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt

from celltrial.reports.figures.theme import INK, MUTED, WIDTH, Caption, Spec, dose_scales, finish, inline

__all__ = ["DltRate", "draw_dlt_rates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DltRate:
    """A level with at least one evaluable participant: DLTs, evaluable, and the one-sided 95 % upper bound (0 to 1)."""

    level: str
    dlts: int
    evaluable: int
    upper: float


def draw_dlt_rates(rates: Sequence[DltRate], *, levels: Sequence[str], target: float, caption: Caption) -> Spec:
    """A dot at the observed rate, a bar from it to the upper bound, and the target rate as a line."""
    rows = [
        {
            **asdict(each),
            "rate": each.dlts / each.evaluable,
            "text": f"{each.dlts}/{each.evaluable}, upper bound {100 * each.upper:.0f} %",
        }
        for each in rates
    ]
    order = [level for level in reversed(levels) if any(each.level == level for each in rates)]
    x_axis = alt.Axis(title="DLT rate", format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1], grid=True)
    x_scale = alt.Scale(domain=[-0.02, 1], nice=False)
    y = alt.Y(
        "level:N", sort=order, axis=alt.Axis(title=None, labelFontSize=12, labelColor=INK, ticks=False, domain=False)
    )
    colour, shape = dose_scales(levels)
    base = alt.Chart(inline(rows)).encode(y=y, color=alt.Color("level:N", scale=colour, legend=None))
    line = base.mark_rule(strokeWidth=5, opacity=0.4).encode(
        x=alt.X("rate:Q", scale=x_scale, axis=x_axis), x2="upper:Q"
    )
    cap = base.mark_tick(thickness=2, size=18).encode(x=alt.X("upper:Q", scale=x_scale))
    dot = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=alt.X("rate:Q", scale=x_scale), shape=alt.Shape("level:N", scale=shape, legend=None)
    )
    text = (
        alt.Chart(inline(rows))
        .mark_text(align="left", dx=8, fontSize=11, color=INK)
        .encode(y=y, x=alt.X("upper:Q", scale=x_scale), text="text:N")
    )
    aim = alt.Chart(inline([{"at": target, "text": f"target {100 * target:.0f} %"}])).encode(
        x=alt.X("at:Q", scale=x_scale)
    )
    target_line = aim.mark_rule(strokeDash=[4, 3], color=MUTED)
    target_text = aim.mark_text(align="left", dx=3, dy=-5, fontSize=10, color=MUTED, baseline="bottom").encode(
        y=alt.value(0), text="text:N"
    )
    chart = alt.layer(target_line, target_text, line, cap, dot, text)
    return finish(chart.properties(width=WIDTH - 140, height=alt.Step(46)), caption)
