"""Figures: what has no number is drawn open, colour never stands alone, labels do not hide each other."""

import re

from celltrial.reports.figures import (
    Caption,
    CoursePoint,
    DltRate,
    FlowBox,
    LabCell,
    LadderDecision,
    LadderInfusion,
    Lane,
    Moment,
    Stretch,
    dose_scales,
    draw_courses,
    draw_dlt_rates,
    draw_dose_ladder,
    draw_flow,
    draw_lab_grades,
    draw_swimmer,
    draw_worst_grades,
    render_image,
    render_png,
)
from celltrial.reports.figures.organ_lanes import LaneActivity, LaneToxicity, draw_organ_lanes

LEVELS = ("DL1", "DL2", "DL3")
CAPTION = Caption(title="A title", provenance="SIMULATED DATA · cut")


def rows_of(part, whole):
    """The data rows that a part of a chart draws; charts keep their rows by name at the top."""
    if isinstance(part, list):
        return [row for each in part for row in rows_of(each, whole)]
    own = whole["datasets"][part["data"]["name"]] if "data" in part else []
    return own + [row for name in ("layer", "hconcat") for row in rows_of(part.get(name, []), whole)]


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_blq_is_drawn_open_at_the_limit_and_never_joined():
    """The point below the limit is not in the line's data; it stands at 50, unfilled."""
    points = [
        CoursePoint(subject="01-001", level="DL1", day=7, value=900.0, mark="value", limit=50.0),
        CoursePoint(subject="01-001", level="DL1", day=60, value=None, mark="below limit", limit=50.0),
    ]
    spec = draw_courses(points, levels=LEVELS, unit="copies", caption=CAPTION, is_log=True, reference=50.0)
    layers = spec["hconcat"][0]["layer"]
    lines = [layer for layer in layers if layer["mark"]["type"] == "line"]
    hollow = [layer for layer in layers if layer["mark"]["type"] == "point" and layer["mark"]["filled"] is False]
    assert [row["day"] for row in rows_of(lines, spec)] == [7]
    assert [(row["day"], row["at"]) for row in rows_of(hollow, spec)] == [(60, 50.0)]


def test_not_evaluable_score_stands_under_the_axis():
    """A score that is not evaluable is seen, below 0, and is no number."""
    points = [
        CoursePoint(subject="01-001", level="DL1", day=0, value=10.0, mark="value"),
        CoursePoint(subject="01-001", level="DL1", day=28, value=None, mark="not evaluable"),
    ]
    spec = draw_courses(points, levels=LEVELS, unit="SLEDAI-2K", caption=CAPTION)
    assert {row["at"] < 0 for row in rows_of(spec, spec) if row.get("mark") == "not evaluable"} == {True}


def test_labels_at_one_place_become_one():
    """Two participants who end at the same score share a label."""
    points = [CoursePoint(subject=f"01-00{number}", level="DL1", day=28, value=4.0, mark="value") for number in (1, 2)]
    svg = render_image("x", draw_courses(points, levels=LEVELS, unit="SLEDAI-2K", caption=CAPTION)).svg
    assert "001, 002" in texts(svg)


def test_dose_levels_differ_by_symbol_and_colour():
    """Six levels, intermediate ones among them, are all different in both."""
    levels = ("DL1", "DL1.5", "DL2", "DL2.5", "DL3", "DL-1")
    colours, symbols = (scale.to_dict()["range"] for scale in dose_scales(levels))
    assert len(set(colours)) == len(set(symbols)) == 6


def test_swimmer_axis_keeps_true_days_beyond_the_break():
    """Day 180 is labelled 180 although it stands nearer."""
    lanes = [Lane(subject="01-001", level="DL1", start=-5, end=200)]
    stretches = [Stretch(subject="01-001", syndrome="CRS", grade="2", start=4, end=7)]
    moments = [Moment(subject="01-001", kind="infusion", day=1), Moment(subject="01-001", kind="DLT", day=6)]
    spec = draw_swimmer(lanes, stretches, moments, levels=LEVELS, window_days=28, caption=CAPTION)
    shown = texts(render_image("swimmer", spec).svg)
    assert {"1", "28", "90", "180", "CRS 2", "01-001  DL1"} <= {each.replace("\u00a0", " ") for each in shown}


def test_ladder_shows_decisions_and_overrides():
    """An override is named in the figure itself."""
    infusions = [LadderInfusion(subject="01-001", level="DL1", on="2026-01-10", outcome="DLT")]
    decisions = [
        LadderDecision(number="1", on="2026-01-01", action="start", level="DL1", is_override=False),
        LadderDecision(number="2", on="2026-02-20", action="stay", level="DL1", is_override=True),
    ]
    spec = draw_dose_ladder(infusions, decisions, levels=LEVELS, until="2026-03-01", caption=CAPTION)
    shown = texts(render_image("ladder", spec).svg)
    assert {"SRC 2", "stay DL1 (override)", "01-001"} <= set(shown)


def test_flow_prints_every_count():
    """Each box and each line beside it is in the picture."""
    boxes = [
        FlowBox(title="Consented", count="n = 3", aside=("Screen failure (n = 1): 01-002",)),
        FlowBox(title="Infused", count="n = 2"),
    ]
    shown = texts(render_image("flow", draw_flow(boxes, caption=CAPTION)).svg)
    assert {"Consented", "n = 3", "Screen failure (n = 1): 01-002", "Infused", "n = 2"} <= set(shown)


def test_dlt_rate_prints_counts_and_bound():
    """The exact count and the bound stand beside the bar."""
    rates = [DltRate(level="DL1", dlts=0, evaluable=3, upper=0.632)]
    shown = texts(render_image("dlt", draw_dlt_rates(rates, levels=LEVELS, target=0.3, caption=CAPTION)).svg)
    assert {"0/3, upper bound 63 %", "target 30 %"} <= set(shown)


def test_lab_grade_is_a_number_with_an_arrow_where_it_rose():
    """Grade 3 from 1 rises; grade 2 from 2 does not; what could not be graded is `?`."""
    cells = [
        LabCell(subject="01-001", level="DL1", row="ALT, high", grade="3", was="1"),
        LabCell(subject="01-002", level="DL1", row="ALT, high", grade="2", was="2"),
        LabCell(subject="01-003", level="DL2", row="ALT, high", grade="?", was="0"),
    ]
    subjects = ("01-001", "01-002", "01-003")
    shown = texts(render_image("lab", draw_lab_grades(cells, subjects=subjects, caption=CAPTION)).svg)
    assert {"3 ↑", "2", "?"} <= set(shown)


def test_worst_grades_write_the_number_on_each_segment():
    """The participants of each grade are in the bar, not only their colour."""
    counts = [("Pyrexia", {"1": 2, "2": 0, "3": 1, "4": 0, "5": 0, "not graded": 0})]
    spec = draw_worst_grades(counts, participants=5, caption=CAPTION)
    assert [(row["grade"], row["n"]) for row in rows_of(spec["layer"][0], spec)] == [("1", 2), ("3", 1)]


def test_images_carry_the_caption_and_their_own_ids():
    """The provenance is inside the picture; ids begin with the figure's name, so that figures can share a page."""
    counts = [("Pyrexia", {"1": 2})]
    image = render_image("ae", draw_worst_grades(counts, participants=5, caption=CAPTION))
    assert {"A title", "SIMULATED DATA · cut"} <= set(texts(image.svg))
    assert all(each.startswith("ae-") for each in re.findall(r'\bid="([^"]+)"', image.svg))
    assert render_png(image).startswith(b"\x89PNG")


def test_every_participant_has_every_organ_s_lane_also_where_nothing_happened():
    """A quiet organ is seen to be quiet: the lanes come from the list, not from the data."""
    organs = ("Kidney", "Liver", "Skin and mucosa")
    toxicity = [
        LaneToxicity(subject="01-001", organ="Liver", kind="event", term="ALT", grade="3", start=7.0, end=14.0),
        LaneToxicity(subject="01-001", organ="Liver", kind="result", term="ALT", grade="2", start=10.0, end=10.0),
    ]
    activity = [LaneActivity(subject="01-002", organ="Kidney", day=0.0, points=8)]
    panels = {"01-001": "01-001  DL1", "01-002": "01-002  DL1"}
    svg = render_image("organs", draw_organ_lanes(panels, toxicity, activity, organs=organs, caption=CAPTION)).svg
    shown = texts(svg)
    # two panels in one row share the names at its left
    assert [shown.count(organ) for organ in organs] == [1, 1, 1]
    assert {*panels.values()} <= set(shown)
