"""A decision that was corrected after it was signed: not in force any more, and nowhere out of sight."""

import json
import re
from datetime import timedelta

import pytest

from celltrial.record import Correction, SrcDecision
from celltrial.record.bodies import Query
from celltrial.reports import write_report, write_src_package
from small_trial import ct1192
from unit.reports.conftest import CHAIR, START, Writer, fill_record

NOW = START + timedelta(days=70)


@pytest.fixture(scope="module")
def corrected(tmp_path_factory):
    """The record in which decision 2 was corrected after its signature, and a query stands open; and its report."""
    out = tmp_path_factory.mktemp("corrected")
    record = fill_record(out / "record.db")
    second = record.state().entries(SrcDecision)[1].seq
    writer = Writer(record).at(62)
    fallen_by = writer.write(
        Correction(target=second, replace={"override_reason": "wish of the sponsor"}), author=CHAIR, why="left out"
    )
    writer.write(Query(number="Q1", target=second, text="why?"), why="query")
    path = write_report(ct1192(), record.state(), out, as_of=record.state().as_of, generated_at=NOW)
    return record, second, fallen_by, path.read_text(encoding="utf-8")


def rows_under(html, name):
    """The rows of the table of that id, as a reader reads them."""
    (table,) = re.findall(rf'(?s)id="{name}-table">.*?</table>', html)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)) for row in re.findall(r"(?s)<tr.*?</tr>", table)][1:]


def test_the_decision_stays_in_the_table_as_not_in_force(corrected):
    """Decision 1 is in force again; decision 2 stands in the table with the event that made its signature fall."""
    _, second, fallen_by, html = corrected
    first_row, second_row = rows_under(html, "decisions")
    assert "NOT in force" not in first_row
    assert "NOT in force" in second_row
    assert f"FALLEN: event {fallen_by} changed override_reason of event {second}" in second_row
    assert re.search(r"Dose level in force</div><div class=\"value\">DL1<", html)


def test_the_package_shows_how_each_signature_stands(corrected, tmp_path):
    """The package of decision 2: its signature is there, fallen, with the reason; on the page and as data."""
    record, second, fallen_by, _ = corrected
    page = write_src_package(ct1192(), record, "2", tmp_path, generated_at=NOW).read_text(encoding="utf-8")
    (row,) = rows_under(page, "signatures")
    reason = f"event {fallen_by} changed override_reason of event {second}"
    assert f"FALLEN {reason}" in row
    (signature,) = json.loads((tmp_path / "package.json").read_text(encoding="utf-8"))["signatures"]
    assert (signature["status"], signature["reason"]) == ("fallen", reason)


def test_the_state_of_the_data_is_told(corrected):
    """No delegation log, one signature of two fallen, one query open."""
    roles, signatures, queries, behind, *_ = rows_under(corrected[3], "data-quality")
    assert "no delegation log: roles are as claimed, not checked" in roles
    assert "1 of 2 have fallen" in signatures
    assert "1 of 1 are not closed" in queries
    assert "Q1 (open)" in queries
    assert re.search(r"[0-9]+ rest on data that have changed since", behind)
