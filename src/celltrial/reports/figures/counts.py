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
    low, high = look.domain
    rows = [
        {**asdict(each), "panel": titles[each.subject], "at": min(max(each.value, low), high)}
        for each in points
        if each.subject in titles
    ]
    # a participant without a count has a panel too, with its limits
    rows += [{"panel": title, "limit": at} for title in titles.values() for at in look.limits]
    # one chart faceted, not one a participant: a report has many of them, and each costs time to build
    panel = alt.layer(*_layers(look, levels), data=inline(rows)).properties(width=_PANEL_WIDTH, height=_PANEL_HEIGHT)
    header = alt.Header(
        title=None,
        labelAnchor="start",
        labelFontSize=9,
        labelFontWeight="normal",
        labelPadding=2,
        labelExpr="split(datum.label, '\\n')",
    )
    chart = panel.facet(alt.Facet("panel:N", sort=list(titles.values()), header=header), columns=_COLUMNS)
    heading = alt.TitleParams(text=look.title, fontSize=12, color=INK, anchor="start", offset=6, fontWeight="normal")
    return chart.properties(title=heading, spacing=12)


def _layers(look: _Look, levels: Sequence[str]) -> list[Layer]:
    colour, _ = dose_scales(levels)
    x = alt.X(
        "day:Q",
        scale=alt.Scale(type="sqrt", domain=[0, _LAST_DAY], nice=False),
        axis=alt.Axis(title=None, values=[0, 14, 30, 100], labelFlush=False, labelFontSize=9),
    )
    scale = alt.Scale(type="log", domain=list(look.domain), nice=False)
    axis = alt.Axis(title=None, values=list(look.ticks), labelFontSize=9, format="~s")
    y = alt.Y("at:Q", scale=scale, axis=axis)
    limits = [
        alt.Chart()
        .transform_filter(f"datum.limit == {at}")
        .mark_rule(color=MUTED, strokeDash=dash, strokeWidth=1)
        .encode(y=alt.Y("limit:Q", scale=scale, axis=axis))
        for at, dash in zip(look.limits, ([4, 3], [1, 2]), strict=True)
    ]
    counts = alt.Chart().transform_filter("isValid(datum.at)")
    base = counts.encode(x=x, y=y, color=alt.Color("level:N", scale=colour, legend=None))
    return [
        *limits,
        base.mark_line(strokeWidth=1.2, opacity=0.8),
        base.transform_filter("!datum.is_below").mark_point(filled=True, size=9),
        base.transform_filter("datum.is_below").mark_point(filled=False, size=16),
    ]
