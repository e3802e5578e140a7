"""Blood counts and organ function: one small panel an analyte, one line a participant, coloured by dose level."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt

from celltrial.reports.figures.theme import INK, Caption, Layer, Spec, dose_scales, finish, inline

__all__ = ["OrganPoint", "draw_organ_courses"]

_COLUMNS, _PANEL_WIDTH, _PANEL_HEIGHT = 3, 215, 130


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganPoint:
    """A participant's value of an analyte on a day since infusion."""

    subject: str
    level: str
    analyte: str
    day: int
    value: float


def draw_organ_courses(points: Sequence[OrganPoint], *, levels: Sequence[str], caption: Caption) -> Spec:
    """Panels in the order in which analytes first appear; each has its own scale."""
    analytes = list(dict.fromkeys(each.analyte for each in points))
    panels = [_panel([each for each in points if each.analyte == name], name, levels) for name in analytes]
    return finish(alt.concat(*panels, columns=_COLUMNS, spacing=18).resolve_scale(color="shared"), caption)


def _panel(points: Sequence[OrganPoint], analyte: str, levels: Sequence[str]) -> Layer:
    colour, _ = dose_scales(levels)
    title = alt.TitleParams(text=analyte, fontSize=11, color=INK, anchor="start", offset=3, fontWeight="normal")
    return (
        alt.Chart(inline([asdict(each) for each in points]))
        .mark_line(strokeWidth=1.1, opacity=0.75)
        .encode(
            x=alt.X(
                "day:Q",
                scale=alt.Scale(type="sqrt", nice=False),
                axis=alt.Axis(title="Day since infusion", values=[0, 7, 28, 90, 180, 365], labelFlush=False),
            ),
            y=alt.Y("value:Q", axis=alt.Axis(title=None, tickCount=4), scale=alt.Scale(zero=False)),
            color=alt.Color("level:N", scale=colour, legend=alt.Legend(title="Dose level")),
            detail="subject:N",
        )
        .properties(width=_PANEL_WIDTH, height=_PANEL_HEIGHT, title=title)
    )
