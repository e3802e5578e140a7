"""The package of a dose decision: the record at its cut, the proposal, the decision, the signatures, in their order."""

import json
import re
from datetime import timedelta

import pytest

from celltrial.decisions.replay import with_design
from celltrial.errors import UsageError
from celltrial.record import DataCut
from celltrial.reports import write_src_package
from small_trial import ct1192
from unit.reports.conftest import START

NOW = START + timedelta(days=61)


@pytest.fixture(scope="module")
def packages(record, tmp_path_factory):
    """Both packages: page and document by number."""
    found = {}
    for number in ("1", "2"):
        out = tmp_path_factory.mktemp(f"package-{number}")
        page = write_src_package(ct1192(), record, number, out, generated_at=NOW)
        found[number] = (
            page.read_text(encoding="utf-8"),
            json.loads((out / "package.json").read_text(encoding="utf-8")),
        )
    return found


def test_snapshot_is_the_frozen_one(record, packages):
    """The head of the record's events up to the cut is the hash that the cut carries."""
    _, document = packages["2"]
    cut = record.state().entries(DataCut)[1]
    assert document["snapshot"]["verified"] is True
    assert document["snapshot"]["head"] == record.events()[cut.seq - 2].hash
    assert document["snapshot"]["events"] == cut.seq - 1


def test_nothing_after_the_cut_enters_the_tables(packages):
    """01-003 consented after the cut of decision 2, and the correction came later still."""
    html, _ = packages["2"]
    assert "01-003" not in html
    assert "value → 31" not in html


def test_proposal_decision_and_table_cell(packages):
    """0 DLTs in 2: BOIN escalates, and so did the committee."""
    _, document = packages["2"]
    proposal, decision = document["proposal"], document["decision"]
    assert (proposal["action"], proposal["level"], proposal["table_cell"]) == (
        "escalate",
        "DL2",
        "0/2 at DL1: escalate",
    )
    assert (decision["action"], decision["level"], document["is_override"]) == ("escalate", "DL2", False)
    row = next(row for row in document["design"]["rows"] if row["n"] == 2)
    assert (row["escalate_le"], row["deescalate_ge"]) == (0, 1)


def test_signature_stands_before_the_first_dose(packages):
    """Decision 1 was signed 40 days before 01-001 was infused under it; nobody has been dosed under decision 2."""
    html, document = packages["1"]
    assert document["first_dose"]["subject"] == "01-001"
    assert document["first_dose"]["signed_before"] is True
    assert document["signatures"][0]["printed_name"] == "Zhou Ping"
    assert '<div class="label">Signed before the next dose</div><div class="value">yes</div>' in html
    assert packages["2"][1]["first_dose"] is None


def test_adjudication_log_has_every_window(packages):
    """Each infused participant with window, evidence, adjudication and the events behind them."""
    windows = packages["2"][1]["dlt_windows"]
    assert [(each["subject"], each["adjudication"]["dlt"]) for each in windows] == [("01-001", "no"), ("01-002", "no")]
    assert all(each["window_complete"] for each in windows)
    assert windows[0]["window_end"] == "2025-08-29"


def test_page_is_marked_and_numbered(packages):
    """The package says which decision, which data, and that they are simulated."""
    html, document = packages["2"]
    assert "SRC decision 2: escalate to DL2" in html
    assert document["simulated"] is True
    assert document["snapshot"]["head"] in re.search(r'@bottom-left \{ content: "([^"]+)"', html)[1]


def test_unknown_decision_is_refused(record, tmp_path):
    """The error names the decisions there are; nothing is written."""
    with pytest.raises(UsageError, match="no SRC decision 9") as caught:
        write_src_package(ct1192(), record, "9", tmp_path / "out", generated_at=NOW)
    assert caught.value.findings[0].expected == "one of: 1, 2"
    assert not (tmp_path / "out").exists()


def test_a_design_that_looks_at_all_levels_has_a_table_for_the_level_in_force(record, tmp_path):
    """A CRM has no table of its own: the package says what it holds fixed, and its cells are the design's decisions."""
    study = with_design(ct1192(), "crm")
    page = write_src_package(study, record, "2", tmp_path, generated_at=NOW).read_text(encoding="utf-8")
    assert "Decision table of CRM" in page
    assert "this table is for level 1 of 3" in page
