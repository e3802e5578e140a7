"""Response in the report: counts with their denominators, times with their censoring, symbols that grey print keeps."""

from celltrial.analyses import RESPONSES
from celltrial.reports import lay_out
from celltrial.reports.figures import Caption, CoursePoint, ResponseCell, draw_courses, draw_responses, render_image
from celltrial.reports.material import gather
from celltrial.reports.sections.responses import fill_responses
from celltrial.reports.shells_disease import response_visits
from lupus_story import LupusStory
from small_trial import ct1192

CAPTION = Caption(title="A title", provenance="SIMULATED DATA · cut")


def filled(story: LupusStory):
    state = story.book.state()
    return fill_responses(gather(ct1192(), state, as_of=state.as_of, generated_at=state.as_of))


def story() -> LupusStory:
    """Remission on day 28; on day 60 the PGA was not assessed; then nothing."""
    made = LupusStory()
    made.drug("prednisone", "5", "2025-01-01")
    made.visit("D28")
    made.visit("M2", pga=None)
    return made


def row_after(rows, heading: str, label: str):
    """The row of that label under that heading."""
    place = next(index for index, row in enumerate(rows) if row.cells[0].text == heading)
    return next(row for row in rows[place:] if row.cells[0].text == label)


def test_the_columns_are_the_visits_at_which_activity_is_due():
    """From the study's schedule, after the infusion."""
    assert response_visits(ct1192()) == ("D28", "M2", "M3", "M6", "M9", "M12")
    shell = next(item for section in lay_out(ct1192()) for item in section.items if item.id == "response-visits")
    assert [column.label for column in shell.columns][1:] == list(response_visits(ct1192()))


def test_an_unknown_response_is_in_no_denominator():
    """1/1 on day 28; on day 60 the one participant is not evaluable, and the cell says why."""
    cells = row_after(filled(story()).tables["response-visits"], RESPONSES["DORIS"], "DL1").cells
    assert (cells[1].text, cells[1].note) == ("1/1 (100\u00a0%)", "")
    assert (cells[2].text, cells[2].note) == ("–", "1 not evaluable")
    assert "PGA: not known" in cells[2].title
    assert cells[3].text == "–"


def test_the_total_has_its_exact_interval():
    """1 of 1 does not exclude a share of 2.5 %; levels have no interval."""
    total = row_after(filled(story()).tables["response-visits"], RESPONSES["DORIS"], "Total").cells
    assert total[1].note in ("2 to 100\u00a0%", "3 to 100\u00a0%")


def test_each_participant_has_times_with_their_censoring():
    """DORIS on day 28; treatment-free up to the last visit, day 60, censored; SRI-4 on day 28."""
    row = filled(story()).tables["first-response"][0]
    assert [cell.text for cell in row.cells[:8]] == ["01-001", "DL1", "28", "28", "28", "> 0", "> 28", "> 60"]


def test_a_figure_has_a_symbol_for_each_state():
    """Met, not met, unknown and not applicable differ by form, not by colour alone."""
    states = ("met", "not met", "unknown", "not applicable")
    cells = [
        ResponseCell(definition="DORIS", subject="01-001", visit=visit, state=state)
        for visit, state in zip(("D28", "M2", "M3", "M6"), states, strict=True)
    ]
    spec = draw_responses(
        cells,
        definitions=["DORIS"],
        subjects={"01-001": "DL1", "01-002": "DL2"},
        visits=["D28", "M2", "M3", "M6"],
        caption=CAPTION,
    )
    panel = spec["vconcat"][1]["hconcat"][0]
    marks = [layer["mark"] for layer in panel["layer"]]
    assert [(mark["type"], mark.get("shape"), mark.get("filled")) for mark in marks] == [
        ("rect", None, None),
        ("point", "square", True),
        ("point", "circle", False),
        ("text", None, None),
    ]
    shown = spec["datasets"][panel["layer"][3]["data"]["name"]]
    assert [row["sign"] for row in shown] == ["?", "–"]
    assert "01-002" in render_image("grid", spec).svg


def test_nothing_to_draw_leaves_the_figures_out():
    """Before any visit."""
    made = LupusStory(with_baseline=False)
    assert filled(made).figures == {}


def test_labels_of_courses_that_end_together_become_one():
    """Two participants at 0 mg on days 360 and 362."""
    points = [
        CoursePoint(subject=f"01-00{number}", level="DL1", day=day, value=0.0, mark="value")
        for number, day in ((1, 360.0), (2, 362.0))
    ]
    svg = render_image("doses", draw_courses(points, levels=["DL1"], unit="mg", caption=CAPTION)).svg
    assert "001, 002" in svg


def test_two_reference_lines_have_their_labels():
    """5 mg and 7.5 mg."""
    point = CoursePoint(subject="01-001", level="DL1", day=28.0, value=10.0, mark="value")
    svg = render_image(
        "doses",
        draw_courses(
            [point],
            levels=["DL1"],
            unit="mg",
            caption=CAPTION,
            reference=5.0,
            reference_label="DORIS 5 mg",
            more_references=[(7.5, "LLDAS 7.5 mg")],
        ),
    ).svg
    assert "DORIS 5 mg" in svg
    assert "LLDAS 7.5 mg" in svg
