"""Worst laboratory grades: participants across, analytes down; the number is the worst grade after infusion."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt

from celltrial.reports.figures.theme import INK, Caption, Spec, finish, grade_scale, inline

__all__ = ["LabCell", "draw_lab_grades"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabCell:
    """`grade` is "0" to "5", or "?" where no result could be graded; `was` is the baseline grade, same values."""

    subject: str
    level: str
    row: str
    grade: str
    was: str


def draw_lab_grades(cells: Sequence[LabCell], *, subjects: Sequence[str], caption: Caption) -> Spec:
    """One square a participant and analyte; an arrow marks a grade above that of baseline."""
    rows = [{**asdict(each), "who": f"{each.subject}|{each.level}", "text": _text(each)} for each in cells]
    order = list(dict.fromkeys(each.row for each in cells))
    level_of = {each.subject: each.level for each in cells}
    across = [f"{subject}|{level_of[subject]}" for subject in subjects if subject in level_of]
    x_axis = alt.Axis(
        title=None,
        orient="top",
        labelAngle=0,
        ticks=False,
        domain=False,
        labelColor=INK,
        labelPadding=17,
        labelBaseline="bottom",
        labelExpr="split(datum.label, '|')",
    )
    x = alt.X("who:N", sort=across, scale=alt.Scale(domain=across), axis=x_axis)
    y = alt.Y("row:N", sort=order, axis=alt.Axis(title=None, labelLimit=240, labelColor=INK, ticks=False, domain=False))
    base = alt.Chart(inline(rows)).encode(x=x, y=y)
    squares = base.mark_rect(stroke="white", strokeWidth=2).encode(color=_colour())
    text = base.mark_text(fontSize=11).encode(
        text="text:N",
        color=alt.condition("datum.grade >= '3' && datum.grade <= '5'", alt.value("white"), alt.value(INK)),
    )
    return finish(alt.layer(squares, text).properties(width=alt.Step(44), height=alt.Step(22)), caption)


def _text(cell: LabCell) -> str:
    is_higher = cell.grade.isdigit() and cell.was.isdigit() and int(cell.grade) > int(cell.was)
    return f"{cell.grade} ↑" if is_higher else cell.grade


def _colour() -> alt.Color:
    grades = grade_scale().to_dict()
    domain = ["0", *grades["domain"], "?"]
    colours = ["#eef2f5", *grades["range"], "#ffffff"]
    return alt.Color("grade:N", scale=alt.Scale(domain=domain, range=colours), legend=alt.Legend(title="Worst grade"))
