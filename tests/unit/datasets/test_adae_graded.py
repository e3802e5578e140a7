"""ADAE: what is graded from assessments and counts, LICATS proposed beside recorded, infections."""

from datetime import date
from typing import Any

import polars as pl

from celltrial.datasets import derive_adam, derive_sdtm
from celltrial.record.bodies import AdverseEvent
from small_trial import Book, ct1192, dose, open_candidate

WHO = "01-001"
NO = dict.fromkeys(
    ("bullae", "mixed_with_urine", "severe_abdominal_pain", "ileus", "grossly_bloody_stool", "other_cause"), "no"
) | {"upper_gi": "none", "stool_ml_per_day": "100"}


def infused() -> Book:
    book = Book()
    open_candidate(book, WHO, "2025-07-14")
    dose(book, WHO, enrolled="2025-07-25", depleted=("2025-07-27", "2025-07-29"), infused="2025-08-01T10:00")
    return book


def on(day: int) -> str:
    return date.fromordinal(date(2025, 8, 1).toordinal() + day).isoformat()


def graded(book: Book, *, cut: str = "2026-03-01", category: str | None = None) -> list[dict[str, Any]]:
    """The rows of ADAE that are graded here, at a cut."""
    book.until(cut)
    book.form("vitals", WHO, analyte="heart_rate", value="70", unit="/min", collected=cut)
    state = book.state()
    dataset = derive_adam(ct1192(), state, derive_sdtm(ct1192(), state))["ADAE"]
    assert dataset.findings == ()
    rows = dataset.frame.filter(pl.col("AECAT").is_not_null())
    return [row for row in rows.iter_rows(named=True) if category in (None, row["AECAT"])]


def count(book: Book, values: dict[int, str], analyte: str = "neutrophils") -> list[int]:
    return [book.lab(WHO, analyte, value, "10*9/L", on(day)) for day, value in values.items()]


def test_acute_gvhd_is_a_row_of_magic_with_its_basis_and_sources() -> None:
    """Rash of 60 % on day 14 (skin stage 3, grade II), gone on day 28."""
    book = infused()
    behind = []
    for day, rash in ((14, "60"), (28, "0")):
        behind.append(book.lab(WHO, "bilirubin_total", "9", "umol/L", on(day), visit=f"D{day}"))
        behind.append(book.form("gvhd_assessment", WHO, f"D{day}", assessed=on(day), rash_bsa_percent=rash, **NO))
    (row,) = graded(book)
    assert (row["AECAT"], row["AEDECOD"]) == ("MAGIC", "ACUTE GRAFT VERSUS HOST DISEASE")
    assert (row["ATOXGR"], row["ATOXGRN"], row["ASTDY"], row["AENDY"]) == ("2", 2, 15, 29)
    assert row["ATOXBAS"] == "skin stage 3: rash of 60 % of body surface, no bullae with desquamation over 5 %"
    assert (row["AREL"], row["TRTEMFL"], row["AEOUT"]) == ("Y", "Y", "RECOVERED/RESOLVED")
    assert sorted(row["EVENTSEQS"]) == sorted(behind)


def test_what_cannot_be_graded_is_a_row_without_a_grade() -> None:
    """No bilirubin: not grade 0, and not left out."""
    book = infused()
    book.form("gvhd_assessment", WHO, "D14", assessed=on(14), rash_bsa_percent="0", **NO)
    (row,) = graded(book)
    assert (row["ATOXGR"], row["ATOXGRN"], row["AREL"], row["AEOUT"]) == (None, None, None, None)
    assert row["ATOXRSN"].startswith("1 assessment(s) not gradable: not known: ")
    assert "bilirubin" in row["ATOXRSN"]


def test_iec_hs_is_a_row_of_astct() -> None:
    """Diagnosed without need of treatment: grade 1, still there."""
    book = infused()
    signs = ("intervention_indicated", "bleeding_needing_transfusion", "hospitalised_for_aki_hypotension_or_distress")
    more = ("severe", "life_threatening", "ventilation", "dialysis", "death_due_to_iec_hs", "other_cause")
    items = dict.fromkeys((*signs, *more), "no")
    book.form("iec_hs_assessment", WHO, "D14", assessed=on(14), diagnosed="yes", **items)
    (row,) = graded(book)
    assert (row["AECAT"], row["AEDECOD"]) == ("ASTCT", "IMMUNE EFFECTOR CELL-ASSOCIATED HLH-LIKE SYNDROME")
    assert (row["ATOXGRN"], row["AENDY"], row["AEOUT"]) == (1, None, "NOT RECOVERED/NOT RESOLVED")


def test_icaht_is_a_row_of_each_window_with_a_grade() -> None:
    """400/uL on days 4 to 10: early grade 2, study days 5 to 11; the late window is grade 0 and has no row."""
    book = infused()
    seqs = count(book, {day: "0.4" if 4 <= day <= 10 else "2.5" for day in range(31)})
    count(book, {40: "2.5", 60: "2.5"})
    (row,) = graded(book)
    assert (row["AECAT"], row["AEDECOD"]) == ("EHA/EBMT", "IMMUNE EFFECTOR CELL-ASSOCIATED HEMATOTOXICITY, EARLY")
    assert (row["ATOXGRN"], row["ASTDY"], row["AENDY"]) == (2, 5, 11)
    assert row["ATOXBAS"] == "7 days at or under 500 (day 4 to 10)"
    assert row["AREL"] is None  # counts do not tell the cause
    assert row["EVENTSEQS"] == seqs


def test_both_windows_of_platelets_can_have_a_row() -> None:
    """19 x 10^9/L on day 9 is early grade 3; 40 on days 45 and 60 is late grade 2."""
    book = infused()
    count(book, {day: "19" if day == 9 else "80" if day < 31 else "120" for day in range(40)}, "platelets")
    count(book, {45: "40", 60: "40"}, "platelets")
    rows = {row["AEDECOD"].rpartition(", ")[2]: row["ATOXGRN"] for row in graded(book)}
    assert rows == {"EARLY": 3, "LATE": 2}


def test_an_open_window_has_no_grade_and_says_what_it_is_at_least() -> None:
    """Cut on day 12 with neutropenia since day 4."""
    book = infused()
    count(book, {day: "0.4" if day >= 4 else "2.5" for day in range(13)})
    (row,) = graded(book, cut="2025-08-13")
    assert (row["ATOXGRN"], row["ASTDY"], row["AENDY"]) == (None, 5, None)
    assert row["ATOXRSN"] == "the window is open to day 30: at least grade 2 by the counts so far"


def test_licats_is_proposed_beside_the_word_of_the_investigator() -> None:
    """Recorded as none, every feature holds: both stand, the record is not changed."""
    book = infused()
    book.lab(WHO, "cd19_b_cells", "<1", "cells/uL", on(9))
    book.form("organ_involvement", WHO, "SCR", organ="joints", ever_involved="yes", active_at_baseline="no")
    book.write(
        AdverseEvent(
            number="1", term="Arthritis", soc="Joints", onset=on(10), grade="2", serious="no", related_product="yes"
        ),
        WHO,
    )
    state = book.state()
    (row,) = derive_adam(ct1192(), state, derive_sdtm(ct1192(), state))["ADAE"].frame.iter_rows(named=True)
    assert (row["LICATSFL"], row["LICATSPR"]) == ("N", "Y")
    assert "joints: yes" in row["LICATSRS"]
    assert (row["INFSEV"], row["INFWIN"]) == (None, None)


def test_an_infection_has_severity_window_and_organism() -> None:
    """By vein on day 29: severe, window 29-90."""
    book = infused()
    event = {"number": "7", "term": "Lung infection", "soc": "Infections and infestations", "grade": "2"}
    book.write(AdverseEvent(onset=on(29), serious="no", related_product="no", **event), WHO)  # type: ignore[arg-type]  # words are literals
    flags = ("invasive_intervention", "hospitalised", "intensive_care", "life_threatening", "death_due_to_infection")
    detail = {"adverse_event": "7", "site": "lung", "organism": "viral", "treatment": "intravenous"}
    book.form("infection", WHO, "", assessed=on(30), **dict.fromkeys(flags, "no"), **detail)
    state = book.state()
    (row,) = derive_adam(ct1192(), state, derive_sdtm(ct1192(), state))["ADAE"].frame.iter_rows(named=True)
    assert (row["INFSEV"], row["INFWIN"], row["INFORG"]) == ("Y", "29-90", "viral")
    assert row["INFRSN"] == "grade 3, needs >= 3"
