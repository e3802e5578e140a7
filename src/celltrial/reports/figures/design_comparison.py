"""Candidate designs side by side: what each selects in each scenario, and how many participants it takes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import altair as alt

from celltrial.reports.figures.theme import INK, MUTED, Caption, Spec, finish, inline

__all__ = ["SELECTED", "DesignBar", "draw_selection", "draw_sizes"]

# what is selected -> colour; in this order along the bar
SELECTED: dict[str, str] = {
    "right": "#14507a",
    "too low": "#9fc9e5",
    "none": "#c9d1d9",
    "too high": "#d95f0e",
}
_SIZE_COLOURS = ("#f2e6ff", "#d8c4ee", "#b79ad6", "#8f6cb8", "#664490", "#432764")
_COLUMNS, _PANEL, _BAR = 3, 190, 15


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignBar:
    """A part of a bar: the share (0 to 1) of trials of a design in a scenario that end in `what`."""

    scenario: str
    design: str
    what: str
    share: float


def draw_selection(bars: Sequence[DesignBar], *, caption: Caption) -> Spec:
    """A panel a scenario, a bar a design: right, too low, none, too high; the share of right ones as a number."""
    names = list(SELECTED)
    scale = alt.Scale(domain=names, range=list(SELECTED.values()))
    return _draw(bars, names, scale, caption, number_of="right", legend="selected")


def draw_sizes(bars: Sequence[DesignBar], *, caption: Caption) -> Spec:
    """A panel a scenario, a bar a design: how the number of participants is distributed over trials."""
    names = sorted({bar.what for bar in bars}, key=float)
    colours = [_SIZE_COLOURS[round(place * 5 / max(len(names) - 1, 1))] for place in range(len(names))]
    scale = alt.Scale(domain=names, range=colours)
    return _draw(bars, names, scale, caption, number_of=names[-1], legend="participants")


def _draw(
    bars: Sequence[DesignBar], names: list[str], scale: alt.Scale, caption: Caption, *, number_of: str, legend: str
) -> Spec:
    scenarios = list(dict.fromkeys(bar.scenario for bar in bars))
    designs = list(dict.fromkeys(bar.design for bar in bars))
    panels = [
        _panel([bar for bar in bars if bar.scenario == scenario], scenario, designs, names, scale, number_of, legend)
        for scenario in scenarios
    ]
    lines = [alt.hconcat(*panels[first : first + _COLUMNS]) for first in range(0, len(panels), _COLUMNS)]
    return finish(alt.vconcat(*lines), caption)


def _panel(
    bars: Sequence[DesignBar],
    scenario: str,
    designs: list[str],
    names: list[str],
    scale: alt.Scale,
    number_of: str,
    legend: str,
) -> Any:
    rows: list[dict[str, Any]] = [{**asdict(bar), "order": names.index(bar.what)} for bar in bars]
    y = alt.Y(
        "design:N",
        sort=designs,
        scale=alt.Scale(domain=designs),
        axis=alt.Axis(title=None, labelColor=INK, ticks=False, domain=False),
    )
    x = alt.X(
        "share:Q",
        stack=True,
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(title=None, format="%", values=[0, 0.5, 1], grid=False),
    )
    bar = (
        alt.Chart(inline(rows))
        .mark_bar(height=_BAR - 3)
        .encode(
            x=x,
            y=y,
            color=alt.Color("what:N", scale=scale, legend=alt.Legend(title=legend)),
            order=alt.Order("order:Q"),
        )
    )
    shares = {
        design: sum(each.share for each in bars if (each.design, each.what) == (design, number_of))
        for design in designs
    }
    texts = [{"design": design, "share": 1.0, "text": f"{100 * share:.0f}"} for design, share in shares.items()]
    text = (
        alt.Chart(inline(texts))
        .mark_text(align="left", dx=4, fontSize=10, color=MUTED)
        .encode(x=alt.X("share:Q"), y=y, text="text:N")
    )
    title = alt.TitleParams(text=scenario, fontSize=11, fontWeight="bold", color=INK, anchor="start", offset=4)
    return alt.layer(bar, text).properties(width=_PANEL, height=len(designs) * _BAR, title=title)
