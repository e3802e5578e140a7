"""Pictures of a population fit: individual curves, visual predictive check with its BLQ share, prior against posterior.

They take numbers, not a fit: a result below the limit is drawn as an open symbol on its limit, never as a value.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt

from celltrial.reports.figures.theme import ACCENT, INK, MUTED, RULE, Caption, Layer, Spec, finish, inline

__all__ = [
    "CurvePoint",
    "LearntRow",
    "PredictiveRow",
    "SamplePoint",
    "draw_individual_fits",
    "draw_learnt",
    "draw_predictive_check",
]

_DAYS = [0, 7, 28, 90, 180, 365, 730]
_COLUMNS, _PANEL, _PANEL_HEIGHT = 4, 165, 130
_WIDE = 620


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePoint:
    """A sample as drawn; where BLQ, `value` is its limit."""

    subject: str
    day: float
    value: float
    is_blq: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A point of a fitted curve: the participant's own and the population's."""

    subject: str
    day: float
    own: float
    population: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictiveRow:
    """One bin and one quantity of a predictive check; None where the number is below the limit `limit`."""

    day: float
    quantity: str
    observed: float | None
    low: float | None
    median: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntRow:
    """A parameter in units of its prior SD from its prior centre, with the 90 % interval after the data."""

    name: str
    centre: float
    low: float
    high: float
    prior_low: float
    prior_high: float
    label: str


def draw_individual_fits(
    samples: Sequence[SamplePoint], curves: Sequence[CurvePoint], *, unit: str, caption: Caption
) -> Spec:
    """A panel a participant: samples, own curve, population curve (grey)."""
    numbers = [each.value for each in samples]
    low, high = min(numbers) * 0.5, max(numbers) * 3
    y = alt.Y(
        "at:Q",
        scale=alt.Scale(type="log", domain=[low, high], clamp=True, nice=False),
        axis=alt.Axis(title=unit, tickCount=4),
    )
    last = max([each.day for each in samples] + [28.0])
    x = _day_axis(last)
    panels = []
    for subject in dict.fromkeys(each.subject for each in samples):
        own = [asdict(each) for each in curves if each.subject == subject]
        points = [{**asdict(each), "at": each.value} for each in samples if each.subject == subject]
        typical = [{"day": row["day"], "at": row["population"]} for row in own if low <= row["population"] <= high]
        fitted = [{"day": row["day"], "at": row["own"]} for row in own if low <= row["own"] <= high]
        layers: list[Layer] = [
            alt.Chart(inline(typical)).mark_line(color=RULE, strokeWidth=2, clip=True).encode(x=x, y=y),
            alt.Chart(inline(fitted)).mark_line(color=ACCENT, strokeWidth=1.6, clip=True).encode(x=x, y=y),
            alt.Chart(inline([row for row in points if not row["is_blq"]]))
            .mark_point(filled=True, size=24, color=INK, opacity=1)
            .encode(x=x, y=y),
            alt.Chart(inline([row for row in points if row["is_blq"]]))
            .mark_point(filled=False, size=24, color=MUTED, shape="triangle-down")
            .encode(x=x, y=y),
        ]
        title = alt.TitleParams(text=subject, fontSize=11, color=INK, anchor="start", offset=2)
        panels.append(alt.layer(*layers).properties(width=_PANEL, height=_PANEL_HEIGHT, title=title))
    return finish(alt.concat(*panels, columns=_COLUMNS, spacing=10), caption)


def draw_predictive_check(
    quantiles: Sequence[PredictiveRow], blq: Sequence[PredictiveRow], *, unit: str, limit: float, caption: Caption
) -> Spec:
    """Above: observed quantiles (points) on the simulated bands. Below: the observed BLQ share on its band."""
    rows = [
        {
            "day": each.day,
            "quantity": each.quantity,
            "low": limit if each.low is None else each.low,
            "high": limit if each.high is None else each.high,
            "median": limit if each.median is None else each.median,
            "observed": limit if each.observed is None else each.observed,
            "is_blq": each.observed is None,
        }
        for each in quantiles
    ]
    last = max([each.day for each in quantiles] + [28.0])
    top = max([each for row in quantiles for each in (row.high, row.observed) if each is not None] + [limit])
    scale = alt.Scale(type="log", domain=[limit * 0.7 if limit > 0 else 1, top * 1.5], nice=False)
    above = _bands(rows, _day_axis(last, title=None), scale, unit).properties(width=_WIDE, height=300)
    shares = [{**asdict(each), "is_blq": False} for each in blq]
    share_axis = alt.Scale(domain=[0, 1])
    below = _bands(shares, _day_axis(last), share_axis, "share BLQ", percent=True).properties(width=_WIDE, height=110)
    return finish(alt.vconcat(above, below, spacing=8).resolve_scale(color="independent"), caption)


def _bands(rows: list[dict[str, object]], x: alt.X, scale: alt.Scale, title: str, *, percent: bool = False) -> Layer:
    axis = alt.Axis(title=title, format="%") if percent else alt.Axis(title=title)
    names = list(dict.fromkeys(str(row["quantity"]) for row in rows))
    colours = [ACCENT] if len(names) == 1 else ["#D98200", ACCENT, "#007F5F"][: len(names)]
    legend = None if len(names) == 1 else alt.Legend(title=None)
    colour = alt.Color("quantity:N", scale=alt.Scale(domain=names, range=colours), legend=legend)
    base = alt.Chart(inline(rows))
    return alt.layer(
        base.mark_area(opacity=0.18, clip=True).encode(
            x=x, y=alt.Y("low:Q", scale=scale, axis=axis), y2="high:Q", color=colour
        ),
        base.mark_line(strokeDash=[4, 3], strokeWidth=1.2, clip=True).encode(
            x=x, y=alt.Y("median:Q", scale=scale, axis=axis), color=colour
        ),
        base.transform_filter("!datum.is_blq")
        .mark_point(filled=True, size=34, opacity=1)
        .encode(x=x, y=alt.Y("observed:Q", scale=scale, axis=axis), color=colour),
        base.transform_filter("datum.is_blq")
        .mark_point(filled=False, size=34, shape="triangle-down")
        .encode(x=x, y=alt.Y("observed:Q", scale=scale, axis=axis), color=colour),
    )


def draw_learnt(rows: Sequence[LearntRow], *, caption: Caption) -> Spec:
    """Each parameter's prior (grey) and what the data made of it (blue), 90 % intervals in units of the prior SD."""
    values = [asdict(each) for each in rows]
    y = alt.Y("name:N", sort=[each.name for each in rows], axis=alt.Axis(title=None, labelFontSize=12))
    ends = [end for each in rows for end in (each.low, each.high, each.prior_low, each.prior_high)]
    scale = alt.Scale(domain=[max(min(ends) - 0.1, -4.5), min(max(ends) + 0.1, 4.5)])
    axis = alt.Axis(title="prior SDs from the prior's centre")
    base = alt.Chart(inline(values)).encode(y=y)
    chart = alt.layer(
        base.mark_bar(height=14, color=RULE, clip=True).encode(
            x=alt.X("prior_low:Q", scale=scale, axis=axis), x2="prior_high:Q"
        ),
        base.mark_bar(height=5, color=ACCENT, clip=True).encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"),
        base.mark_point(filled=True, size=46, color=ACCENT, opacity=1, clip=True).encode(
            x=alt.X("centre:Q", scale=scale, axis=axis)
        ),
        base.mark_text(align="left", color=MUTED, fontSize=11).encode(x=alt.value(_WIDE + 10), text="label:N"),
    )
    return finish(chart.properties(width=_WIDE, height=alt.Step(24)), caption)


def _day_axis(last: float, *, title: str | None = "Day since infusion") -> alt.X:
    ticks = [day for day in _DAYS if day <= last * 1.05]
    scale = alt.Scale(type="sqrt", domain=[0, last * 1.05], nice=False)
    return alt.X("day:Q", scale=scale, axis=alt.Axis(title=title, values=ticks, labelFlush=False))
