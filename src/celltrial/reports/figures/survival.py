"""Kaplan-Meier: a step curve with its interval, censored participants as strokes, and how many are still at risk."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from celltrial.analyses import SurvivalStep, compute_survival, estimate_survival
from celltrial.analyses.time_to_event import count_at_risk
from celltrial.missing import NotEstimable
from celltrial.reports.figures.theme import ACCENT, INK, MUTED, WIDTH, Caption, Layer, Spec, dose_scales, finish, inline

__all__ = ["FollowUp", "draw_survival"]

_HEIGHT, _LINE = 240, 17
_DAYS = (0, 28, 60, 90, 120, 180, 240, 300, 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A participant's time: until the event (`is_event`), or until it was last known not to have happened."""

    subject: str
    level: str
    day: float
    is_event: bool


def draw_survival(people: Sequence[FollowUp], *, levels: Sequence[str], title: str, caption: Caption) -> Spec:
    """All participants as one curve with a 95 % log-log band, each level as a thin line, numbers at risk below."""
    last = max((each.day for each in people), default=28.0)
    x_scale = alt.Scale(domain=[0, last * 1.05], nice=False)
    days = [day for day in _DAYS if day <= last]
    x = alt.X("day:Q", scale=x_scale, axis=alt.Axis(title="Day since infusion", values=list(days), grid=False))
    y_scale = alt.Scale(domain=[0, 1.0], nice=False)
    y = alt.Y("share:Q", scale=y_scale, axis=alt.Axis(title=title, format="%", values=[0, 0.25, 0.5, 0.75, 1]))
    shown = [level for level in levels if any(each.level == level for each in people)]
    colour, _ = dose_scales(levels)
    layers: list[Layer] = [_band(_times(people), x, y_scale)]
    by_level = [row | {"level": level} for level in shown for row in _steps(_of(people, level), last)]
    layers.append(
        alt.Chart(inline(by_level))
        .mark_line(interpolate="step-after", strokeWidth=1.3, opacity=0.85, strokeDash=[5, 3])
        .encode(x=x, y=y, color=alt.Color("level:N", scale=colour, legend=alt.Legend(title="Dose level")))
    )
    whole = alt.Chart(inline(_steps(_times(people), last)))
    layers.append(whole.mark_line(interpolate="step-after", strokeWidth=2.6, color=INK).encode(x=x, y=y))
    layers.append(
        alt.Chart(inline(_censored(people)))
        .mark_tick(orient="vertical", thickness=1.8, size=13, color=INK)
        .encode(x=x, y=y)
    )
    curve = alt.layer(*layers).properties(width=WIDTH - 150, height=_HEIGHT)
    return finish(alt.vconcat(curve, _at_risk(people, shown, days, x_scale), spacing=4), caption)


def _times(people: Sequence[FollowUp]) -> list[tuple[float, bool]]:
    return [(each.day, each.is_event) for each in people]


def _of(people: Sequence[FollowUp], level: str) -> list[tuple[float, bool]]:
    return [(each.day, each.is_event) for each in people if each.level == level]


def _steps(times: Sequence[tuple[float, bool]], last: float) -> list[dict[str, object]]:
    """The corners of a curve, until the last follow-up of its own participants."""
    end = max((day for day, _ in times), default=last)
    steps = [(step.day, float(step.survival)) for step in estimate_survival(times)]
    rows = [(0.0, 1.0), *steps, (end, steps[-1][1] if steps else 1.0)]
    return [{"day": day, "share": share} for day, share in rows]


def _band(times: Sequence[tuple[float, bool]], x: alt.X, y_scale: alt.Scale) -> Layer:
    """The interval from step to step; where a step has none (nobody left), the band ends."""
    rows: list[dict[str, float]] = []
    for step in estimate_survival(times):
        ends = step.interval
        if isinstance(ends, NotEstimable):
            rows += [{"day": step.day, "low": rows[-1]["low"], "high": rows[-1]["high"]}] if rows else []
            break
        rows.append({"day": step.day, "low": ends[0], "high": ends[1]})
    else:
        rows += [{**rows[-1], "day": max(day for day, _ in times)}] if rows else []
    return (
        alt.Chart(inline(rows))
        .mark_area(interpolate="step-after", color=ACCENT, opacity=0.12)
        .encode(x=x, y=alt.Y("low:Q", scale=y_scale), y2="high:Q")
    )


def _censored(people: Sequence[FollowUp]) -> list[dict[str, object]]:
    """A stroke on the whole curve where somebody's follow-up ends without the event."""
    rows: list[dict[str, object]] = []
    for each in people:
        at = compute_survival(_times(people), each.day)
        if not each.is_event and isinstance(at, SurvivalStep):
            rows.append({"day": each.day, "share": float(at.survival)})
    return rows


def _at_risk(people: Sequence[FollowUp], shown: Sequence[str], days: Sequence[float], x_scale: alt.Scale) -> Layer:
    groups = [("all", _times(people)), *((level, _of(people, level)) for level in shown)]
    rows = [{"day": day, "group": name, "n": count_at_risk(times, day)} for name, times in groups for day in days]
    axis = alt.Axis(
        title="At risk", titleColor=MUTED, labelColor=INK, labelPadding=16, ticks=False, domain=False, grid=False
    )
    return (
        alt.Chart(inline(rows))
        .mark_text(fontSize=11, color=INK)
        .encode(
            x=alt.X("day:Q", scale=x_scale, axis=None),
            y=alt.Y("group:N", sort=[name for name, _ in groups], axis=axis),
            text="n:Q",
        )
        .properties(width=WIDTH - 150, height=_LINE * len(groups))
    )
