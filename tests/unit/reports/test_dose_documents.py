"""Pages and figures about designs: blocks as Markdown and HTML, the tree of pathways, side-by-side pictures."""

import pytest

from celltrial.escalation import design_named
from celltrial.escalation.pathways import find_pathways
from celltrial.escalation.protocol_grid import make_grid
from celltrial.escalation.side_by_side import set_side_by_side
from celltrial.reports.design_section import Occasion, describe_likeness, draw_comparison, write_section
from celltrial.reports.dose_document import Bullets, Heading, Paragraph, Table, Tree, TreeCell, to_html, to_markdown
from celltrial.reports.dose_tables import draw_tree, lay_tree, write_pathways
from celltrial.reports.figures.images import render_image, render_png

BLOCKS = (
    Heading(1, "Title & more"),
    Paragraph("Plain <b>."),
    Paragraph("Taken so.", assumed=True),
    Bullets(("one", "two")),
    Table(caption="Numbers", columns=("a", "b"), rows=(("x|y", "1"),), notes=("A note.",)),
    Tree(columns=("Cohort 1",), rows=((TreeCell(column=1, span=2, text="0/3", note="why <", kind="escalate"),), ())),
)


def test_markdown() -> None:
    text = to_markdown(BLOCKS)
    assert text.startswith("# Title & more\n\nPlain <b>.\n\n> **Assumption.** Taken so.\n\n- one\n- two\n")
    assert "**Numbers**\n\n| a | b |\n|---|---:|\n| x\\|y | 1 |\n\nA note." in text


def test_html_is_escaped_and_whole() -> None:
    page = to_html("T <i>", BLOCKS)
    assert "<title>T &lt;i&gt;</title>" in page
    assert "<p>Plain &lt;b&gt;.</p>" in page
    assert '<td class="escalate" rowspan="2"><div class="stay">0/3<span>why &lt;</span></div></td>' in page
    assert "<script" not in page
    assert "@media print" in page


def test_the_tree_fills_every_line_once() -> None:
    """In each column the boxes do not overlap, and a box is as high as the boxes of its children together."""
    found = find_pathways(design_named("boin", target=0.30), levels=3, cohort_size=3, max_n=9)
    laid = lay_tree(found, found.depth)
    lines: dict[int, list[int]] = {}
    for place, top, span in laid:
        lines.setdefault(found.nodes[place].depth, []).extend(range(top, top + span))
    assert all(len(each) == len(set(each)) for each in lines.values())
    assert sorted(lines[1]) == list(range(found.count))
    spans = {place: (top, span) for place, top, span in laid}
    for place, (top, span) in spans.items():
        children = [spans[child] for child, node in enumerate(found.nodes) if node.parent == place]
        if children:
            assert (children[0][0], sum(each for _, each in children)) == (top, span)


def test_a_picture_shows_what_can_be_read() -> None:
    """A long trial is drawn for its first cohorts, and says so."""
    short = find_pathways(design_named("boin", target=0.30), levels=3, cohort_size=3, max_n=9)
    long = find_pathways(design_named("crm", target=0.30), levels=3, cohort_size=3, max_n=12)
    assert "the first" not in draw_tree(short)["title"]["subtitle"]
    assert "the first 3 of up to 4 cohorts" in draw_tree(long)["title"]["subtitle"]
    svg = render_image("tree", draw_tree(short)).svg
    for word in ("Cohort 1", "0/3 at level 1", "escalate to 2", "stop, no MTD", "MTD 3"):
        assert word in svg


def test_each_cell_of_the_page_has_its_reason(tmp_path) -> None:
    found = find_pathways(
        design_named("blrm", target=0.3, parameters={"doses": "3 4.5 6"}), levels=3, cohort_size=3, max_n=6
    )
    write_pathways(found, tmp_path)
    page = (tmp_path / "pathways.html").read_text(encoding="utf-8")
    assert page.count("(EWOC)") >= len(found.nodes)
    assert "the trial is full; if it went on: " in page


@pytest.fixture(scope="module")
def compared():
    designs = {name: design_named(name, target=0.30) for name in ("boin", "keyboard", "3+3")}
    return set_side_by_side(designs, make_grid(0.30, 2), cohort_size=3, max_n=6)


def test_the_pictures_of_a_comparison(compared) -> None:
    images = draw_comparison(compared)
    for word in ("MTD at level 1, moderate", "boin", "3+3", "too high", "every possible trial (exact)"):
        assert word in images["selection"].svg
    assert "participants" in images["sizes"].svg
    assert render_png(images["selection"]).startswith(b"\x89PNG")


def test_likeness_is_told(compared) -> None:
    told = describe_likeness(compared)
    assert any(text.startswith("boin, keyboard: equal results") for text in told) is is_equal(compared)
    assert told[-1].startswith("3+3: declares its MTD itself; a trial that reaches 6 participants")


def is_equal(compared) -> bool:
    pairs = zip(compared.of("boin"), compared.of("keyboard"), strict=True)
    return all(
        a.oc.selection == pytest.approx(b.oc.selection) and a.oc.patients == pytest.approx(b.oc.patients)
        for a, b in pairs
    )


def test_the_section_has_the_chosen_design_first(compared) -> None:
    occasion = Occasion(title="a trial", chosen="3+3", levels=("A", "B"))
    text = to_markdown(write_section(compared, occasion, draw_comparison(compared)))
    assert "Dose escalation follows the 3+3 design (Storer (1989)" in text
    assert "3+3 (chosen)" in text
    assert "Operating characteristics of 3+3: % of trials selecting each level" in text
    assert "They carry no Monte Carlo error, and no seed." in text
