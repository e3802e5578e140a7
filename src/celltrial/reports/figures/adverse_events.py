"""Adverse events by term: how many participants had it, split by their worst grade."""

from collections.abc import Mapping, Sequence

import altair as alt

from celltrial.reports.figures.theme import INK, WIDTH, Caption, Spec, finish, grade_scale, inline

__all__ = ["draw_worst_grades"]


def draw_worst_grades(counts: Sequence[tuple[str, Mapping[str, int]]], *, participants: int, caption: Caption) -> Spec:
    """`counts`: each term (most frequent first) with participants by worst grade ("1".."5", "not graded")."""
    rows = [
        {"term": term, "grade": grade, "n": n, "order": index}
        for term, grades in counts
        for index, (grade, n) in enumerate(grades.items())
        if n
    ]
    order = [term for term, _ in counts]
    # labels over the segments need their middle: the sum of what stands before, plus half
    for term, _ in counts:
        total = 0.0
        for row in (each for each in rows if each["term"] == term):
            row["middle"] = total + float(str(row["n"])) / 2
            row["is_dark"] = row["grade"] in ("3", "4", "5")
            total += float(str(row["n"]))
    y = alt.Y(
        "term:N", sort=order, axis=alt.Axis(title=None, labelLimit=260, labelColor=INK, ticks=False, domain=False)
    )
    x_scale = alt.Scale(domain=[0, max(participants, 1)], nice=False)
    bars = (
        alt.Chart(inline(rows))
        .mark_bar(height=15)
        .encode(
            y=y,
            x=alt.X(
                "n:Q",
                stack="zero",
                scale=x_scale,
                axis=alt.Axis(title=f"Participants of {participants} infused", tickMinStep=1, format="d"),
            ),
            color=alt.Color("grade:N", scale=grade_scale(with_ungraded=True), legend=alt.Legend(title="Worst grade")),
            order=alt.Order("order:Q"),
        )
    )
    text = (
        alt.Chart(inline(rows))
        .mark_text(fontSize=10)
        .encode(
            y=y,
            x=alt.X("middle:Q", scale=x_scale),
            text="n:Q",
            color=alt.condition("datum.is_dark", alt.value("white"), alt.value(INK)),
        )
    )
    return finish(alt.layer(bars, text).properties(width=WIDTH - 250, height=alt.Step(21)), caption)
