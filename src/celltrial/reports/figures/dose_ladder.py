"""The dose ladder over time: each infusion at its level, each decision of the committee where it was taken."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import altair as alt

from celltrial.reports.figures.theme import ACCENT, INK, MUTED, WIDTH, Caption, Layer, Spec, finish, inline

__all__ = ["OUTCOMES", "LadderDecision", "LadderInfusion", "draw_dose_ladder"]

# state of the DLT window -> symbol, colour, filled
OUTCOMES: dict[str, tuple[str, str, bool]] = {
    "evaluable, no DLT": ("circle", "#2F7D4F", True),
    "DLT": ("cross", "#7A0019", True),
    "not evaluable": ("square", MUTED, False),
    "window open or not adjudicated": ("circle", ACCENT, False),
}

# where a label may stand, by how far from its symbol, in pixels down
_SIDES = {"below": 19, "above": -18, "far below": 30, "far above": -29}


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderInfusion:
    """A participant's first infusion; `outcome` is one of `OUTCOMES`."""

    subject: str
    level: str
    on: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderDecision:
    """A decision of the committee: when, which number, what, and the level in force from then on (blank after stop)."""

    number: str
    on: str
    action: str
    level: str
    is_override: bool


def draw_dose_ladder(
    infusions: Sequence[LadderInfusion],
    decisions: Sequence[LadderDecision],
    *,
    levels: Sequence[str],
    until: str,
    caption: Caption,
) -> Spec:
    """Dose levels from the highest down; `until` is the day of the data cut, where the level in force ends."""
    y = alt.Y(
        "level:N",
        sort=list(reversed(levels)),
        scale=alt.Scale(domain=list(reversed(levels))),
        axis=alt.Axis(title=None, grid=True, labelFontSize=12, labelColor=INK, ticks=False, domain=False),
    )
    layers = [_in_force(decisions, until, y), *_decision_marks(decisions), *_infusion_marks(infusions, y)]
    chart = alt.layer(*layers).resolve_scale(color="independent").properties(width=WIDTH - 70, height=alt.Step(68))
    return finish(chart, caption)


def _in_force(decisions: Sequence[LadderDecision], until: str, y: alt.Y) -> Layer:
    ends = [each.on for each in decisions[1:]] + [until]
    rows = [
        {"level": each.level, "from": each.on, "to": end}
        for each, end in zip(decisions, ends, strict=False)
        if each.level and each.action != "stop"
    ]
    return (
        alt.Chart(inline(rows))
        .mark_bar(height=22, color="#dce8f1")
        .encode(x=alt.X("from:T", axis=_date_axis()), x2="to:T", y=y)
    )


def _date_axis() -> alt.Axis:
    return alt.Axis(title=None, format="%b %Y", tickCount="month", grid=False, labelOverlap=True, labelSeparation=12)


def _decision_marks(decisions: Sequence[LadderDecision]) -> list[Layer]:
    rows = [
        {
            **asdict(each),
            "label": f"SRC {each.number}",
            "what": f"{each.action} {each.level}{' (override)' if each.is_override else ''}".strip(),
            "row": index % 2,
        }
        for index, each in enumerate(decisions)
    ]
    rule = alt.Chart(inline(rows)).mark_rule(strokeDash=[3, 3], color=MUTED).encode(x=alt.X("on:T"))
    texts = []
    for parity, height in ((0, -44), (1, -18)):
        mine = alt.Chart(inline([row for row in rows if row["row"] == parity])).encode(x=alt.X("on:T"), y=alt.value(0))
        texts.append(
            mine.mark_text(align="left", dx=2, dy=height, fontSize=10, fontWeight="bold", color=INK).encode(
                text="label:N"
            )
        )
        texts.append(mine.mark_text(align="left", dx=2, dy=height + 11, fontSize=10, color=INK).encode(text="what:N"))
    return [rule, *texts]


def _infusion_marks(infusions: Sequence[LadderInfusion], y: alt.Y) -> list[Layer]:
    rows = _with_label_sides(infusions)
    names = list(OUTCOMES)
    legend = alt.Legend(title=None, orient="bottom", symbolStrokeWidth=1.8, symbolSize=90)
    base = alt.Chart(inline(rows)).encode(x=alt.X("on:T"), y=y)
    strokes = alt.Scale(domain=names, range=[OUTCOMES[each][1] for each in names])
    fills = alt.Scale(domain=names, range=[OUTCOMES[each][1] if OUTCOMES[each][2] else "#ffffff" for each in names])
    shapes = alt.Scale(domain=names, range=[OUTCOMES[each][0] for each in names])
    points = base.mark_point(size=130, strokeWidth=1.8, opacity=1).encode(
        shape=alt.Shape("outcome:N", scale=shapes, legend=legend),
        stroke=alt.Stroke("outcome:N", scale=strokes, legend=legend),
        fill=alt.Fill("outcome:N", scale=fills, legend=legend),
    )
    labels = [
        alt.Chart(inline([row for row in rows if row["side"] == side]))
        .mark_text(dy=dy, fontSize=10, color=INK)
        .encode(x=alt.X("on:T"), y=y, text="subject:N")
        for side, dy in _SIDES.items()
    ]
    return [points, *labels]


def _with_label_sides(infusions: Sequence[LadderInfusion]) -> list[dict[str, str]]:
    """Each label goes to the first place whose last label is far enough away."""
    days = {each.subject: date.fromisoformat(each.on[:10]).toordinal() for each in infusions}
    room = max((max(days.values()) - min(days.values())) * 0.08, 1) if days else 1
    rows: list[dict[str, str]] = []
    taken: dict[tuple[str, str], int] = {}
    for each in sorted(infusions, key=lambda one: (one.level, one.on, one.subject)):
        day = days[each.subject]
        free = [side for side in _SIDES if day - taken.get((each.level, side), -(10**9)) >= room]
        side = free[0] if free else next(iter(_SIDES))
        taken[each.level, side] = day
        rows.append({**asdict(each), "side": side})
    return rows
