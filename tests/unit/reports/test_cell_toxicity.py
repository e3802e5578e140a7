"""The section of cell-therapy toxicities: what stands in its tables, and what it says of what is not known."""

from datetime import UTC, date, datetime
from typing import Any

from celltrial.record.bodies import AdverseEvent
from celltrial.reports.content import Content
from celltrial.reports.layout import TableShell
from celltrial.reports.material import gather
from celltrial.reports.sections.adverse_events import fill_adverse_events
from celltrial.reports.sections.cell_toxicity import fill_cell_toxicity
from celltrial.reports.sections.dlt import adjudication_rows
from celltrial.reports.shells import lay_out
from small_trial import Book, ct1192, dose, open_candidate

NO = dict.fromkeys(
    ("bullae", "mixed_with_urine", "severe_abdominal_pain", "ileus", "grossly_bloody_stool", "other_cause"), "no"
) | {"upper_gi": "none", "stool_ml_per_day": "100"}


def on(day: int) -> str:
    return date.fromordinal(date(2025, 8, 1).toordinal() + day).isoformat()


def infused() -> Book:
    book = Book()
    open_candidate(book, "01-001", "2025-07-14")
    dose(book, "01-001", enrolled="2025-07-25", depleted=("2025-07-27", "2025-07-29"), infused="2025-08-01T10:00")
    return book


def material(book: Book) -> Any:
    book.until("2025-12-20")
    book.lab("01-001", "sodium", "140", "mmol/L", "2025-12-20")
    at = datetime(2025, 12, 20, 16, 0, tzinfo=UTC)
    return gather(ct1192(), book.state(), as_of=at, generated_at=at)


def filled(book: Book) -> Content:
    return fill_cell_toxicity(material(book))


def texts(content: Content, table: str) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in content.tables[table]]


def test_before_the_first_infusion_there_is_nothing_to_show() -> None:
    book = Book()
    open_candidate(book, "01-001", "2025-07-14")
    assert filled(book).paragraphs == ("Nobody has been infused yet.",)


def test_gvhd_and_haematotoxicity_by_level() -> None:
    """Rash of 60 % is GvHD grade II; 400/uL on days 4 to 10 is ICAHT grade 2; nobody took platelets."""
    book = infused()
    for day, rash in ((14, "60"), (28, "0")):
        book.lab("01-001", "bilirubin_total", "9", "umol/L", on(day), visit=f"D{day}")
        book.form("gvhd_assessment", "01-001", f"D{day}", assessed=on(day), rash_bsa_percent=rash, **NO)
    for day in range(31):
        book.lab("01-001", "neutrophils", "0.4" if 4 <= day <= 10 else "2.5", "10*9/L", on(day))
    content = filled(book)
    immune = texts(content, "immune")
    assert ["Acute graft-versus-host disease (MAGIC)", "1/1 (100\u00a0%)", "–", "–", "1/1 (100\u00a0%)"] in immune
    assert ["worst grade 2", "1/1 (100\u00a0%)", "–", "–", "1/1 (100\u00a0%)"] in immune
    assert ["Cytokine release syndrome", "0/1", "–", "–", "0/1"] in immune
    blood = texts(content, "haematotoxicity")
    assert blood[0][0] == "ICAHT, early"
    assert blood[1] == ["grade 2", "1/1 (100\u00a0%)", "–", "–", "1/1 (100\u00a0%)"]
    assert "No grade, 01-001. T-ICAHT, early: no result from day 0 to 30." in content.notes["haematotoxicity"]
    assert list(content.figures) == ["count-courses"]


def test_what_could_not_be_graded_stands_under_the_table() -> None:
    book = infused()
    book.form("gvhd_assessment", "01-001", "D14", assessed=on(14), rash_bsa_percent="0", **NO)
    content = filled(book)
    assert ["not graded", "1/1 (100\u00a0%)", "–", "–", "1/1 (100\u00a0%)"] in texts(content, "immune")
    assert "assessment(s) not gradable" in content.notes["immune"][0]


def test_licats_stands_beside_the_investigators_word() -> None:
    """Recorded as none although every feature holds: for adjudication, in both sections."""
    book = infused()
    book.lab("01-001", "cd19_b_cells", "<1", "cells/uL", on(9))
    book.form("organ_involvement", "01-001", "SCR", organ="joints", ever_involved="yes", active_at_baseline="no")
    event = {"number": "1", "term": "Arthritis", "soc": "Joints", "onset": on(10), "grade": "3"}
    book.write(AdverseEvent(serious="no", related_product="yes", **event), "01-001")  # type: ignore[arg-type]  # words are literals
    content = filled(book)
    (row,) = texts(content, "licats")
    assert row[:8] == ["01-001", "Arthritis", "11", "joints", "yes", "no", "aplasia", "every feature holds"]
    assert content.paragraphs[1].endswith("because record and investigator differ: 01-001 Arthritis.")
    (adjudication,) = adjudication_rows(material(book))
    assert "AE 1 Arthritis: has the features of LICATS and is not recorded" in adjudication.cells[6].text


def test_igg_and_infections() -> None:
    """IgG of 3.9 g/L, immunoglobulin on day 62; an infection of day 29 without a detail form."""
    book = infused()
    book.lab("01-001", "igg", "3.9", "g/L", on(60), lln="7.0")
    book.form("medications", "01-001", drug="human immunoglobulin", start=on(61), ongoing="no")
    event = {"number": "1", "term": "Lung infection", "soc": "Infections and infestations", "onset": on(29)}
    book.write(AdverseEvent(grade="3", serious="no", related_product="no", **event), "01-001")  # type: ignore[arg-type]  # words are literals
    content = filled(book)
    assert texts(content, "igg")[0][3:7] == ["3.9", "61", "severe", "day 62"]
    assert "under 4 g/L, the study's limit for replacement, in 1/1" in content.paragraphs[0]
    infections = {row[0]: row[1] for row in texts(content, "infections") if row[0] != "severe"}
    assert infections["Any time"] == "1/1 (100\u00a0%) [1]"
    assert infections["Began on day 29-90"] == "1/1 (100\u00a0%) [1]"
    assert infections["Began on day 0-28"] == "0/1"


def test_the_version_of_ctcae_is_the_studys() -> None:
    """The notes of both sections name what the study file says."""
    version = ct1192().toxicity.ctcae_version
    content = fill_adverse_events(material(infused()))
    assert f"CTCAE {version}" in content.notes["ae-summary"][0]
    laboratory = next(each for each in lay_out(ct1192()) if each.id == "laboratory")
    assert f"CTCAE {version}" in laboratory.items[0].reading  # type: ignore[union-attr]  # the figure


def test_every_table_of_the_section_is_filled() -> None:
    section = next(each for each in lay_out(ct1192()) if each.id == "cell-toxicity")
    tables = {each.id for each in section.items if isinstance(each, TableShell)}
    assert set(filled(infused()).tables) == tables
