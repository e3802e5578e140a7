"""The committee's report on a small record: whole, self-contained, marked as simulated, as of any time."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from celltrial.reports import lay_out, write_report
from small_trial import ct1192
from unit.reports.conftest import START

VOID = {"meta", "br", "hr", "img", "input", "link", "use"}


@pytest.fixture(scope="module")
def written(record, tmp_path_factory):
    """The report at the end of the record: its folder and its text."""
    out = tmp_path_factory.mktemp("report")
    path = write_report(
        ct1192(), record.state(), out, as_of=record.state().as_of, generated_at=START + timedelta(days=61)
    )
    return out, path.read_text(encoding="utf-8")


def text_of(html: str) -> str:
    """The page as a reader reads it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(style|svg).*?</\1>", " ", html)))


def test_every_section_and_shell_is_there(written):
    """Each section of the layout has its heading, each table and figure its number, in order."""
    _, html = written
    sections = lay_out(ct1192())
    assert re.findall(r'<h2 id="([a-z-]+)">', html) == [section.id for section in sections]
    tables = re.findall(r"<h3><span class=\"number\">(Table \d+)</span>", html)
    assert tables == [f"Table {index + 1}" for index in range(len(tables))]


def test_page_is_self_contained(written):
    """No script, no outside file: it reads the same offline."""
    _, html = written
    assert "<script" not in html
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"', re.sub(r'xmlns(:\w+)?="[^"]*"', "", html))
    assert "@import" not in html
    assert "url(http" not in html


def test_page_is_well_formed_and_ids_are_unique(written):
    """Every element that opens closes; no id is used twice, those inside the figures included."""
    _, html = written
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))


class Checker(HTMLParser):
    """Keeps the stack of open elements."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_simulated_data_are_marked_everywhere(written):
    """In the banner, on every printed page, in every figure and at the end."""
    out, html = written
    assert "<strong>SIMULATED DATA</strong>" in html
    assert re.search(r'@top-right \{ content: "SIMULATED DATA"', html)
    for figure in (out / "figures").glob("*.svg"):
        assert "SIMULATED DATA" in figure.read_text(encoding="utf-8"), figure.name


def test_every_printed_page_names_the_data_cut(record, written):
    """The whole hash of the record's last event stands at the foot of each page."""
    _, html = written
    foot = re.search(r'@bottom-left \{ content: "([^"]+)"', html)
    assert foot
    assert record.head in foot[1]
    assert "2025-09-30 10:01+08:00" in foot[1]


def test_each_figure_is_written_as_svg_and_png(written):
    """The files beside the page are the figures on it."""
    out, html = written
    svgs = {path.stem for path in (out / "figures").glob("*.svg")}
    assert svgs == {path.stem for path in (out / "figures").glob("*.png")}
    assert svgs == set(re.findall(r'<figure id="([a-z-]+)-figure"', html))
    assert {"flow", "dose-ladder", "swimmer", "dlt-rates", "kinetics-courses", "b-cell-courses"} <= svgs


def test_headline_numbers(written):
    """No DLT in two evaluable, up to 78 %; worst CRS grade 1 in 01-001; no death."""
    _, html = written
    tiles = dict(re.findall(r'<div class="label">([^<]+)</div><div class="value">([^<]+)</div>', html))
    assert tiles == {
        "Dose level in force": "DL2",
        "Dose-limiting toxicities": "0/2",
        "Worst CRS": "grade 1",
        "Worst ICANS": "none",
        "Deaths": "0/2",
    }
    assert "Rate over all levels up to 78\u00a0% (one-sided 95 %)" in html


def test_what_people_typed_is_text_and_not_markup(written):
    """A printed name with a tag in it is shown, not obeyed."""
    _, html = written
    assert "Li <b>Min</b>" not in html
    assert "Li &lt;b&gt;Min&lt;/b&gt;" in html


def test_per_subject_rows_name_their_events(record, written):
    """The severe event of 01-001 leads back to its event in the record."""
    _, html = written
    seq = next(event.seq for event in record.events() if event.type == "adverse_event")
    row = re.search(
        r"<tr><th[^>]*><span class=\"\">01-001</span></th>(?:(?!</tr>).)*Alanine aminotransferase increased.*?</tr>",
        html,
    )
    assert row
    assert f"#{seq}<" in row[0]


def test_correction_since_the_last_decision_is_listed(written):
    """What was corrected, why, and by whom."""
    _, html = written
    text = text_of(html)
    assert "1 corrections stand in the record. 1 of them were made since the data cut of SRC decision 2" in text
    assert "value → 31" in text
    assert "misread" in text


def test_same_inputs_give_the_same_bytes(record, written, tmp_path):
    """Nothing but the inputs enters the page or the figures."""
    out, html = written
    state = record.state()
    path = write_report(ct1192(), state, tmp_path, as_of=state.as_of, generated_at=START + timedelta(days=61))
    assert path.read_text(encoding="utf-8") == html
    for figure in (out / "figures").iterdir():
        assert (tmp_path / "figures" / figure.name).read_bytes() == figure.read_bytes(), figure.name


def test_report_as_of_an_earlier_day(record, tmp_path):
    """Twelve days after the first infusion nobody is adjudicated and decision 2 has not been taken."""
    moment = START + timedelta(days=12)
    path = write_report(ct1192(), record.state(moment), tmp_path, as_of=moment, generated_at=moment)
    html = path.read_text(encoding="utf-8")
    tiles = dict(re.findall(r'<div class="label">([^<]+)</div><div class="value">([^<]+)</div>', html))
    assert (tiles["Dose level in force"], tiles["Dose-limiting toxicities"]) == ("DL1", "0/0")
    assert "the DLT window of 01-001 at DL1 is open until 2025-08-29 (day 28)" in text_of(html)
    assert "01-003" not in text_of(html)


def test_empty_record_still_gives_a_report(record, tmp_path):
    """Before the first decision and the first candidate every shell is there, and says that it is empty."""
    moment = START - timedelta(days=40)
    path = write_report(ct1192(), record.state(moment), tmp_path, as_of=moment, generated_at=moment)
    text = text_of(path.read_text(encoding="utf-8"))
    assert "Before the first dose decision" in text
    assert "Nobody has been infused yet." in text
    assert "start at DL1" in text


def test_progress_runs_from_0_to_1(record, tmp_path):
    """Shares never fall, and end at 1."""
    seen = []
    moment = START - timedelta(days=40)
    write_report(
        ct1192(),
        record.state(moment),
        tmp_path,
        as_of=moment,
        generated_at=moment,
        progress=lambda share, text: seen.append(share),
    )
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
