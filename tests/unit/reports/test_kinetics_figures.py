"""Figures of the kinetics: open below the limit, censored strokes, numbers at risk, intervals cut at the edge."""

from celltrial.reports.figures import Caption, CoursePoint, render_image
from celltrial.reports.figures.exposure_outcome import ExposurePoint, draw_exposure_outcome
from celltrial.reports.figures.individual import Spell, draw_individual_courses
from celltrial.reports.figures.parameter_forest import ForestValue, LevelMean, draw_parameter_forest
from celltrial.reports.figures.survival import FollowUp, draw_survival
from unit.reports.test_figures import texts

LEVELS = ("DL1", "DL2")
CAPTION = Caption(title="A title", provenance="SIMULATED DATA · cut")


def layers_of(spec, mark, data=None):
    """(mark, name of its data) of every layer with that mark; what the parts of a layer share stands above them."""
    if isinstance(spec, list):
        return [rows for each in spec for rows in layers_of(each, mark, data)]
    data = spec.get("data", data)
    own = spec.get("mark")
    kind = own.get("type") if isinstance(own, dict) else own
    found = [(own, data["name"])] if kind == mark and data else []
    parts = [spec.get(name, []) for name in ("layer", "hconcat", "vconcat")]
    return found + [rows for part in parts for rows in layers_of(part, mark, data)]


def rows_with(spec, mark):
    return [(own, spec["datasets"][name]) for own, name in layers_of(spec, mark)]


def test_each_participant_has_a_panel_with_blq_open_on_the_line() -> None:
    """Two subjects; the sample below the limit stands at 50, unfilled, and the line does not pass through it."""
    points = [
        CoursePoint(subject="01-001", level="DL1", day=7, value=900.0, mark="value", limit=50.0),
        CoursePoint(subject="01-001", level="DL1", day=60, value=None, mark="below limit", limit=50.0),
        CoursePoint(subject="01-002", level="DL2", day=7, value=70.0, mark="value", limit=50.0),
    ]
    spells = [Spell(subject="01-001", start=3, end=5, grade="2")]
    spec = draw_individual_courses(
        points, levels=LEVELS, unit="copies/µg", caption=CAPTION, spells=spells, reference=50.0
    )
    lines = [rows for _, rows in rows_with(spec, "line")]
    assert [[row["day"] for row in rows] for rows in lines] == [[7], [7]]
    hollow = [rows for own, rows in rows_with(spec, "point") if own["filled"] is False]
    assert [(row["day"], row["at"]) for row in hollow[0]] == [(60, 50.0)]
    shaded = [rows for _, rows in rows_with(spec, "rect")]
    assert [(row["start"], row["end"], row["grade"]) for row in shaded[0]] == [(3, 6, "2")]
    shown = texts(render_image("individual", spec).svg)
    assert {"01-001 DL1", "01-002 DL2"} <= {" ".join(text.split()) for text in shown}


def test_a_survival_curve_steps_and_marks_who_is_censored() -> None:
    """One of two lost on day 30, the other censored on day 60: a stroke at 50 %, at risk 2 and 1."""
    people = [
        FollowUp(subject="01-001", level="DL1", day=30.0, is_event=True),
        FollowUp(subject="01-002", level="DL2", day=60.0, is_event=False),
    ]
    spec = draw_survival(people, levels=LEVELS, title="Still found", caption=CAPTION)
    ((_, strokes),) = rows_with(spec, "tick")
    assert [(row["day"], row["share"]) for row in strokes] == [(60.0, 0.5)]
    whole = [rows for own, rows in rows_with(spec, "line") if own["strokeWidth"] > 2]
    assert [(row["day"], row["share"]) for row in whole[0]] == [(0.0, 1.0), (30.0, 0.5), (60.0, 0.5)]
    at_risk = next(rows for _, rows in rows_with(spec, "text") if "n" in rows[0])
    assert [(row["day"], row["n"]) for row in at_risk if row["group"] == "all"] == [(0, 2), (28, 2), (60, 1)]


def test_a_curve_without_events_can_be_drawn() -> None:
    """Everybody censored: a flat line."""
    people = [FollowUp(subject="01-001", level="DL1", day=20.0, is_event=False)]
    svg = render_image("flat", draw_survival(people, levels=LEVELS, title="Still found", caption=CAPTION)).svg
    assert "Still found" in texts(svg)


def test_an_interval_that_leaves_the_panel_is_cut() -> None:
    """Values 10 to 1000: the bar ends at the panel's edges; one value alone has no bar."""
    values = [ForestValue(parameter="Cmax", level="DL1", value=each) for each in (10.0, 1000.0)]
    values.append(ForestValue(parameter="Cmax", level="DL2", value=100.0))
    means = [
        LevelMean(parameter="Cmax", level="DL1", n=2, mean=100.0, low=1e-9, high=1e13),
        LevelMean(parameter="Cmax", level="DL2", n=1, mean=100.0, low=None, high=None),
    ]
    spec = draw_parameter_forest(values, means, levels=LEVELS, caption=CAPTION)
    ((_, bars),) = rows_with(spec, "rule")
    assert [(row["level"], row["low"], row["high"]) for row in bars] == [("DL1", 1.0, 10_000.0)]


def test_exposure_against_an_outcome_names_everyone() -> None:
    """Three participants, each with its number beside its symbol."""
    points = [
        ExposurePoint(parameter="Cmax", subject=f"01-00{n}", level="DL1", exposure=10.0**n, outcome="no CRS")
        for n in (1, 2, 3)
    ]
    spec = draw_exposure_outcome(
        points, levels=LEVELS, outcomes=("no CRS", "grade 1"), title="Worst CRS", caption=CAPTION
    )
    assert {"001", "002", "003", "no CRS", "grade 1"} <= set(texts(render_image("exposure", spec).svg))
