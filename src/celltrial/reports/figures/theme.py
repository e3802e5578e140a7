"""One look for all figures: fonts that are there offline, quiet axes, colours that survive colour blindness and grey.

Dose colours: Okabe and Ito, Color Universal Design (2008), bluish ones first; each level also has its own symbol.
Grade colours darken with the grade, so that a grey print keeps their order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import altair as alt

__all__ = [
    "ACCENT",
    "GRADE_COLOURS",
    "INK",
    "MUTED",
    "RULE",
    "WIDTH",
    "Caption",
    "Layer",
    "Spec",
    "dose_scales",
    "finish",
    "grade_scale",
    "inline",
]

Spec = dict[str, Any]
# a part of a chart: the methods of the chart library that build one have no return type
Layer: TypeAlias = Any

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
INK, MUTED, RULE, ACCENT, WASH = "#1b2733", "#5b6875", "#d5dce3", "#14507a", "#f3f6f8"
WIDTH = 760
_DOSE_COLOURS = ("#0072B2", "#D98200", "#007F5F", "#B0568F", "#4C4C4C", "#56B4E9")
_DOSE_SYMBOLS = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
GRADE_COLOURS: dict[str, str] = {
    "1": "#F6E3B4",
    "2": "#F2B263",
    "3": "#DD6B2F",
    "4": "#A82A1C",
    "5": "#4A0A0A",
    "not graded": "#C9D1D9",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What stands over a figure: its title, and the line that says which data (cut, hash, simulated)."""

    title: str
    provenance: str


def dose_scales(levels: Sequence[str]) -> tuple[alt.Scale, alt.Scale]:
    """The colour and the symbol scale of the study's dose levels, in their order."""
    names = list(levels)
    colours = [_DOSE_COLOURS[index % len(_DOSE_COLOURS)] for index in range(len(names))]
    symbols = [_DOSE_SYMBOLS[index % len(_DOSE_SYMBOLS)] for index in range(len(names))]
    return alt.Scale(domain=names, range=colours), alt.Scale(domain=names, range=symbols)


def grade_scale(*, with_ungraded: bool = False) -> alt.Scale:
    """The colour scale of toxicity grades 1 to 5."""
    names = [each for each in GRADE_COLOURS if with_ungraded or each != "not graded"]
    return alt.Scale(domain=names, range=[GRADE_COLOURS[each] for each in names])


def inline(rows: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """The rows as data inside the chart."""
    return alt.InlineData(values=[dict(row) for row in rows])


def finish(chart: alt.TopLevelMixin, caption: Caption) -> Spec:
    """The chart as a Vega-Lite document, with its caption and the look of the house."""
    document: Spec = chart.to_dict(validate=False)
    document["title"] = {
        "text": caption.title,
        "subtitle": caption.provenance,
        "anchor": "start",
        "frame": "group",
        "offset": 14,
    }
    document["background"] = "white"
    document["padding"] = 8
    document["config"] = _CONFIG
    return document


_CONFIG: Spec = {
    "aria": False,
    "font": FONT,
    "view": {"stroke": None, "continuousWidth": WIDTH},
    "title": {
        "fontSize": 15,
        "fontWeight": "bold",
        "color": INK,
        "subtitleColor": MUTED,
        "subtitleFontSize": 11,
        "subtitlePadding": 5,
    },
    "axis": {
        "labelColor": MUTED,
        "titleColor": INK,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "gridColor": "#e8edf1",
        "domainColor": "#a9b4be",
        "tickColor": "#a9b4be",
        "labelPadding": 4,
    },
    "legend": {
        "labelColor": INK,
        "titleColor": MUTED,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "symbolSize": 70,
        "orient": "top",
        "direction": "horizontal",
        "titleOrient": "left",
        "padding": 0,
        "offset": 6,
    },
    "header": {"labelFontSize": 12, "labelFontWeight": "bold", "labelColor": INK, "title": None},
    "concat": {"spacing": 14},
}
