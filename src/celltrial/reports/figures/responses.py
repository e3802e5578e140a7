"""Responses over visits: one panel a definition, participants down, visits across; met, not met, unknown.

The states differ in form as well as in shade: a full square, a small ring, a question mark, a dash where the baseline
allows no response. A blank is a visit without an assessment (not reached, or missed).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import altair as alt

from celltrial.reports.figures.theme import ACCENT, INK, MUTED, RULE, Caption, Layer, Spec, finish, inline

__all__ = ["ResponseCell", "draw_responses"]

_STEP_X, _STEP_Y, _ACROSS = 22, 17, 4
_STATES = ("met", "not met", "unknown", "not applicable")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCell:
    """One definition at one visit of one participant; `reason` is shown where the chart can be pointed at."""

    definition: str
    subject: str
    visit: str
    state: Literal["met", "not met", "unknown", "not applicable"]
    reason: str = ""


def draw_responses(
    cells: Sequence[ResponseCell],
    *,
    definitions: Sequence[str],
    subjects: Mapping[str, str],
    visits: Sequence[str],
    caption: Caption,
) -> Spec:
    """Panels in rows of four. subjects: subject -> dose level, in order; all are shown, also those without a cell."""
    panels = [
        _panel(
            [each for each in cells if each.definition == name], name, subjects, visits, is_first=not place % _ACROSS
        )
        for place, name in enumerate(definitions)
    ]
    rows = [alt.hconcat(*panels[at : at + _ACROSS], spacing=14) for at in range(0, len(panels), _ACROSS)]
    return finish(alt.vconcat(_legend(), *rows, spacing=14), caption)


def _panel(
    cells: Sequence[ResponseCell],
    name: str,
    subjects: Mapping[str, str],
    visits: Sequence[str],
    *,
    is_first: bool,
) -> Layer:
    down = [f"{subject}  {level}" for subject, level in subjects.items()]
    rows = [{**asdict(each), "who": f"{each.subject}  {subjects[each.subject]}"} for each in cells]
    x_axis = alt.Axis(title=None, orient="top", labelAngle=0, ticks=False, domain=False, labelFontSize=9)
    y_axis = alt.Axis(title=None, labels=is_first, ticks=False, domain=False, labelColor=INK, labelLimit=120)
    x = alt.X("visit:N", sort=list(visits), scale=alt.Scale(domain=list(visits)), axis=x_axis)
    y = alt.Y("who:N", sort=down, scale=alt.Scale(domain=down), axis=y_axis)
    grid = [{"who": who, "visit": visit} for who in down for visit in visits]
    frame = alt.Chart(inline(grid)).mark_rect(fill=None, stroke=RULE, strokeWidth=0.6).encode(x=x, y=y)
    title = alt.TitleParams(text=name, fontSize=11, color=INK, anchor="start", offset=4)
    size = {"width": _STEP_X * len(visits), "height": _STEP_Y * len(down)}
    return alt.layer(frame, *_symbols(rows, x, y)).properties(title=title, **size)


def _symbols(rows: Sequence[Mapping[str, Any]], x: alt.X, y: alt.Y) -> list[Layer]:
    met, not_met, *others = ([row for row in rows if row["state"] == state] for state in _STATES)
    signs = [{**row, "sign": sign} for sign, part in zip("?–", others, strict=True) for row in part]
    return [
        alt.Chart(inline(met))
        .mark_point(shape="square", filled=True, size=95, color=ACCENT, opacity=1)
        .encode(x=x, y=y),
        alt.Chart(inline(not_met))
        .mark_point(shape="circle", filled=False, size=38, strokeWidth=1.3, color=MUTED, opacity=1)
        .encode(x=x, y=y),
        alt.Chart(inline(signs)).mark_text(fontSize=12, fontWeight="bold", color=INK).encode(x=x, y=y, text="sign:N"),
    ]


def _legend() -> Layer:
    """The three symbols with their words, in the order of the panels' reading."""
    places = [{"at": 8 + 90 * place, "state": state} for place, state in enumerate(_STATES)]
    x = alt.X("at:Q", scale=alt.Scale(domain=[0, 420]), axis=None)
    y = alt.Y("row:Q", scale=alt.Scale(domain=[-1, 1]), axis=None)
    rows = [{**place, "row": 0} for place in places]
    words = (
        alt.Chart(inline(rows)).mark_text(align="left", dx=11, fontSize=11, color=INK).encode(x=x, y=y, text="state:N")
    )
    return alt.layer(*_symbols(rows, x, y), words).properties(width=420, height=16)
