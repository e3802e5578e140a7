"""Exposure against a graded outcome: one symbol a participant, so that what so few can show is seen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt

from celltrial.reports.figures.theme import INK, WIDTH, Caption, Layer, Spec, dose_scales, finish, inline

__all__ = ["ExposurePoint", "draw_exposure_outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposurePoint:
    """A participant's exposure (of one parameter, with its unit in the name) and outcome, a category."""

    parameter: str
    subject: str
    level: str
    exposure: float
    outcome: str


def draw_exposure_outcome(
    points: Sequence[ExposurePoint], *, levels: Sequence[str], outcomes: Sequence[str], title: str, caption: Caption
) -> Spec:
    """One panel a parameter, exposure on a logarithmic axis; `outcomes` from bottom to top."""
    names = list(dict.fromkeys(each.parameter for each in points))
    width = (WIDTH - 90 - 24 * (len(names) - 1)) // max(len(names), 1)
    panels = [
        _panel(
            [each for each in points if each.parameter == name], name, levels, outcomes, title if index == 0 else ""
        ).properties(width=width, height=alt.Step(38))
        for index, name in enumerate(names)
    ]
    return finish(alt.hconcat(*panels, spacing=24), caption)


def _panel(
    points: Sequence[ExposurePoint], name: str, levels: Sequence[str], outcomes: Sequence[str], title: str
) -> Layer:
    seen = [each.exposure for each in points]
    low, high = min(seen) / 1.6, max(seen) * 1.6
    powers = [10.0**power for power in range(-3, 9) if low <= 10.0**power <= high]
    axis = alt.Axis(title=name, **({"values": powers} if len(powers) > 1 else {"tickCount": 4}), format="~s", grid=True)
    x = alt.X("exposure:Q", scale=alt.Scale(type="log", domain=[low, high], nice=False), axis=axis)
    y_axis = alt.Axis(title=title or None, labels=bool(title), ticks=False, domain=False, grid=True, labelColor=INK)
    y = alt.Y("outcome:N", sort=list(reversed(outcomes)), scale=alt.Scale(domain=list(reversed(outcomes))), axis=y_axis)
    colour, shape = dose_scales(levels)
    base = alt.Chart(inline([asdict(each) for each in points])).encode(x=x, y=y)
    legend = alt.Legend(title="Dose level") if title else None
    dots = base.mark_point(filled=True, size=80, opacity=0.85).encode(
        color=alt.Color("level:N", scale=colour, legend=legend), shape=alt.Shape("level:N", scale=shape, legend=legend)
    )
    labels = [_labels(points, is_above, x, y) for is_above in (True, False)]
    return alt.layer(dots, *labels)


def _labels(points: Sequence[ExposurePoint], is_above: bool, x: alt.X, y: alt.Y) -> Layer:
    """Every second subject's number above its symbol, the others below: neighbours do not lie on each other."""
    rows = []
    for outcome in dict.fromkeys(each.outcome for each in points):
        ordered = sorted((each for each in points if each.outcome == outcome), key=lambda each: each.exposure)
        rows += [
            asdict(each) | {"label": each.subject.rpartition("-")[2]} for each in ordered[0 if is_above else 1 :: 2]
        ]
    marked = alt.Chart(inline(rows)).mark_text(dy=-10 if is_above else 11, fontSize=9, color=INK)
    return marked.encode(x=x, y=y, text="label:N")
