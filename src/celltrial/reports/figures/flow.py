"""Participant flow: boxes down the middle, those who left at the side, as in a CONSORT diagram."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from celltrial.reports.figures.theme import ACCENT, INK, MUTED, Caption, Layer, Spec, finish, inline

__all__ = ["FlowBox", "draw_flow"]

_MAIN_WIDTH, _SIDE_WIDTH, _GAP = 250, 330, 70
_LINE, _PAD, _BETWEEN = 15, 10, 26


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowBox:
    """A step of the main line, and those who left or wait beside the arrow that leads to the next step."""

    title: str
    count: str
    aside: tuple[str, ...] = ()


def draw_flow(boxes: Sequence[FlowBox], *, caption: Caption) -> Spec:
    """Boxes from top to bottom; each aside hangs between its box and the next."""
    rects: list[dict[str, float | str]] = []
    texts: list[dict[str, float | str]] = []
    rules: list[dict[str, float]] = []
    top, middle, side = 0.0, _MAIN_WIDTH / 2, _MAIN_WIDTH + _GAP
    for index, box in enumerate(boxes):
        bottom = top + 2 * _LINE + 2 * _PAD
        rects.append({"x": 0, "x2": _MAIN_WIDTH, "y": top, "y2": bottom, "kind": "main"})
        texts.append({"x": middle, "y": top + _PAD + _LINE / 2, "text": box.title, "kind": "title"})
        texts.append({"x": middle, "y": top + _PAD + 1.5 * _LINE, "text": box.count, "kind": "count"})
        aside_height = len(box.aside) * _LINE + 2 * _PAD if box.aside else 0
        is_last = index == len(boxes) - 1
        following = bottom + max(_BETWEEN, aside_height + 2 * _PAD if box.aside and not is_last else 0)
        if box.aside:
            level = (top + bottom) / 2 if is_last else (bottom + following) / 2
            rects.append(
                {
                    "x": side,
                    "x2": side + _SIDE_WIDTH,
                    "y": level - aside_height / 2,
                    "y2": level + aside_height / 2,
                    "kind": "side",
                }
            )
            texts += [
                {
                    "x": side + _PAD,
                    "y": level - aside_height / 2 + _PAD + (0.5 + n) * _LINE,
                    "text": line,
                    "kind": "aside",
                }
                for n, line in enumerate(box.aside)
            ]
            start = _MAIN_WIDTH if is_last else middle
            rules.append({"x": start, "x2": side, "y": level, "y2": level})
        if not is_last:
            rules.append({"x": middle, "x2": middle, "y": bottom, "y2": following})
        top = bottom if is_last else following
    lowest = max([float(each["y2"]) for each in rects], default=top)
    return finish(_chart(rects, texts, rules, lowest), caption)


def _chart(
    rects: list[dict[str, float | str]],
    texts: list[dict[str, float | str]],
    rules: list[dict[str, float]],
    height: float,
) -> Layer:
    width = _MAIN_WIDTH + _GAP + _SIDE_WIDTH

    def across(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, width], nice=False), axis=None)

    def down(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, height], nice=False, reverse=True), axis=None)

    lines = alt.Chart(inline(rules)).mark_rule(color=MUTED).encode(x=across("x"), x2="x2:Q", y=down("y"), y2="y2:Q")
    layers: list[Layer] = [lines]
    for kind, fill, stroke in (("main", "#eef4f8", ACCENT), ("side", "#ffffff", "#a9b4be")):
        layers.append(
            alt.Chart(inline([each for each in rects if each["kind"] == kind]))
            .mark_rect(fill=fill, stroke=stroke, strokeWidth=1, cornerRadius=3)
            .encode(x=across("x"), x2="x2:Q", y=down("y"), y2="y2:Q")
        )
    styles: dict[str, dict[str, Any]] = {
        "title": {"align": "center", "fontWeight": "bold", "fontSize": 12},
        "count": {"align": "center", "fontSize": 12},
        "aside": {"align": "left", "fontSize": 11},
    }
    for kind, style in styles.items():
        layers.append(
            alt.Chart(inline([each for each in texts if each["kind"] == kind]))
            .mark_text(color=INK, baseline="middle", **style)
            .encode(x=across("x"), y=down("y"), text="text:N")
        )
    return alt.layer(*layers).properties(width=width, height=height)
