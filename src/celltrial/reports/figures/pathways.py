"""Dose-transition pathways as a picture: a column a cohort, a box an outcome, as high as the courses that follow it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt

from celltrial.reports.figures.theme import INK, Caption, Layer, Spec, finish, inline

__all__ = ["FOLLOWS", "PathBox", "draw_pathways"]

# what follows -> fill, text colour; the words stand in the box too, so that a grey print loses nothing
FOLLOWS: dict[str, tuple[str, str]] = {
    "escalate": ("#cfe3f2", INK),
    "stay": ("#eef1f4", INK),
    "de-escalate": ("#f8dfae", INK),
    "stop": ("#7a2e2e", "#ffffff"),
    "full": ("#ffffff", INK),
}
_COLUMN, _ROW, _GAP = 215, 15, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PathBox:
    """A cohort with its outcome: `top` and `height` count complete courses from the top; `follows` is of `FOLLOWS`.

    seen: `1/3 at level 2`; then: `stay at 2`.
    """

    cohort: int
    top: int
    height: int
    seen: str
    then: str
    follows: str


def draw_pathways(boxes: Sequence[PathBox], *, caption: Caption) -> Spec:
    """Every box with what was seen on its left and what follows on its right."""
    columns = max(box.cohort for box in boxes)
    height = max(box.top + box.height for box in boxes)
    rows = [_place(box) for box in boxes]
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=[0, columns * _COLUMN], nice=False))
    y = alt.Y("top:Q", axis=None, scale=alt.Scale(domain=[0, height], reverse=True, nice=False))
    fills = alt.Scale(domain=list(FOLLOWS), range=[fill for fill, _ in FOLLOWS.values()])
    shown = [name for name in FOLLOWS if any(box.follows == name for box in boxes)]
    # below: above the boxes stand the numbers of the cohorts
    legend = alt.Legend(title="then (full: the last participant)", values=shown, orient="bottom", titleLimit=400)
    base = alt.Chart(inline(rows))
    rect = base.mark_rect(stroke="#9aa7b3", strokeWidth=0.6).encode(
        x=x, x2="right:Q", y=y, y2="bottom:Q", fill=alt.Fill("follows:N", scale=fills, legend=legend)
    )
    inks = alt.Color(
        "follows:N", scale=alt.Scale(domain=list(FOLLOWS), range=[ink for _, ink in FOLLOWS.values()]), legend=None
    )
    middle = alt.Y("middle:Q", axis=None)
    seen = base.mark_text(align="left", dx=6, fontSize=10.5).encode(x=x, y=middle, text="seen:N", color=inks)
    then = base.mark_text(align="right", dx=-6, fontSize=10.5, fontWeight="bold").encode(
        x=alt.X("right:Q", axis=None), y=middle, text="then:N", color=inks
    )
    chart = alt.layer(rect, seen, then, *_heads(columns, x)).properties(
        width=columns * _COLUMN, height=max(height * _ROW, 60)
    )
    return finish(chart.resolve_scale(color="independent", fill="independent"), caption)


def _place(box: PathBox) -> dict[str, object]:
    left = (box.cohort - 1) * _COLUMN
    return {
        **asdict(box),
        "left": left,
        "right": left + _COLUMN - _GAP,
        "bottom": box.top + box.height,
        "middle": box.top + box.height / 2,
    }


def _heads(columns: int, x: alt.X) -> list[Layer]:
    rows = [{"left": (number - 1) * _COLUMN, "head": f"Cohort {number}"} for number in range(1, columns + 1)]
    heads = alt.Chart(inline(rows)).mark_text(align="left", dy=-8, fontSize=11, fontWeight="bold", color=INK)
    return [heads.encode(x=x, y=alt.value(0), text="head:N")]
