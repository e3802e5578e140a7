"""Blood counts after infusion, one small panel a participant: neutrophils and platelets with the limits of ICAHT."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import altair as alt

from celltrial.reports.figures.theme import INK, MUTED, Caption, Layer, Spec, dose_scales, finish, inline

__all__ = ["CountPoint", "draw_counts"]

_COLUMNS, _PANEL_WIDTH, _PANEL_HEIGHT = 6, 104, 82
_LAST_DAY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPoint:
    """A count on a day since infusion; `is_below`: under the smallest number that the axis or the assay shows."""

    subject: str
    level: str
    day: int
    value: float
    is_below: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """An axis, its lines, and what it is called."""

    title: str
    domain: tuple[float, float]
    limits: tuple[float, float]
    ticks: tuple[float, ...]


_NEUTROPHILS = _Look(
    title="Neutrophils, /µL (log scale); lines at 500 and 100",
    domain=(20.0, 20000.0),
    limits=(500.0, 100.0),
    ticks=(100.0, 1000.0, 10000.0),
)
_PLATELETS = _Look(
    title="Platelets, 10^9/L (log scale); lines at 50 and 20",
    domain=(4.0, 2000.0),
    limits=(50.0, 20.0),
    ticks=(10.0, 100.0, 1000.0),
)


def draw_counts(
    neutrophils: Sequence[CountPoint],
    platelets: Sequence[CountPoint],
    *,
    titles: Mapping[str, tuple[str, str]],
    levels: Sequence[str],
    caption: Caption,
) -> Spec:
    """Two blocks of panels, neutrophils above platelets.

    titles: participant -> heading over neutrophils and over platelets, in the order of the panels.
    """
    blocks = [
        _block(points, look, {who: both[index] for who, both in titles.items()}, levels)
        for index, (points, look) in enumerate(((neutrophils, _NEUTROPHILS), (platelets, _PLATELETS)))
        if points
    ]
    return finish(alt.vconcat(*blocks, spacing=24), caption)


def _block(points: Sequence[CountPoint], look: _Look, titles: Mapping[str, str], levels: Sequence[str]) -> Layer:
    panels = [
        _panel(
            [each for each in points if each.subject == subject], title, look, levels, is_first=index % _COLUMNS == 0
        )
        for index, (subject, title) in enumerate(titles.items())
    ]
    heading = alt.TitleParams(text=look.title, fontSize=12, color=INK, anchor="start", offset=6, fontWeight="normal")
    return alt.concat(*panels, columns=_COLUMNS, spacing=12).properties(title=heading)


def _panel(points: Sequence[CountPoint], title: str, look: _Look, levels: Sequence[str], *, is_first: bool) -> Layer:
    colour, _ = dose_scales(levels)
    low, high = look.domain
    rows = [{**asdict(each), "at": min(max(each.value, low), high)} for each in points]
    x = alt.X(
        "day:Q",
        scale=alt.Scale(type="sqrt", domain=[0, _LAST_DAY], nice=False),
        axis=alt.Axis(title=None, values=[0, 14, 30, 100], labelFlush=False, labelFontSize=9),
    )
    y = alt.Y(
        "at:Q",
        scale=alt.Scale(type="log", domain=[low, high], nice=False),
        axis=alt.Axis(title=None, values=list(look.ticks), labels=is_first, labelFontSize=9, format="~s"),
    )
    limits = [
        alt.Chart(inline([{"at": at}])).mark_rule(color=MUTED, strokeDash=dash, strokeWidth=1).encode(y=y)
        for at, dash in zip(look.limits, ([4, 3], [1, 2]), strict=True)
    ]
    colour_of = alt.Color("level:N", scale=colour, legend=None)
    base = alt.Chart(inline(rows)).encode(x=x, y=y, color=colour_of)
    line = base.mark_line(strokeWidth=1.2, opacity=0.8)
    shown = [row for row in rows if not row["is_below"]]
    below = [row for row in rows if row["is_below"]]
    dots = alt.Chart(inline(shown)).encode(x=x, y=y, color=colour_of).mark_point(filled=True, size=9)
    open_dots = alt.Chart(inline(below)).encode(x=x, y=y, color=colour_of).mark_point(filled=False, size=16)
    text = alt.TitleParams(text=title.split("\n"), fontSize=9, color=INK, anchor="start", offset=2, fontWeight="normal")
    return alt.layer(*limits, line, dots, open_dots).properties(width=_PANEL_WIDTH, height=_PANEL_HEIGHT, title=text)
