"""ADSL, ADAE, ADLB, ADRS, ADPC, ADPP."""

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from celltrial.datasets import derive_adam, derive_sdtm
from celltrial.record.bodies import AdverseEvent, CrsAssessment, DltAssessment
from small_trial import Book, ct1192, dose, open_candidate


def one(dataset: Any, **where: object) -> dict[str, Any]:
    """The single row that has these values."""
    rows = [row for row in dataset.frame.iter_rows(named=True) if all(row[k] == v for k, v in where.items())]
    assert len(rows) == 1, rows
    return rows[0]


def infused(*, at: str = "2025-08-01T10:00") -> Book:
    """One participant infused at DL1."""
    book = Book()
    open_candidate(book, "01-001", "2025-07-14")
    dose(book, "01-001", enrolled="2025-07-25", depleted=("2025-07-27", "2025-07-29"), infused=at)
    return book


def derived(book: Book) -> dict[str, Any]:
    state = book.state()
    return derive_adam(ct1192(), state, derive_sdtm(ct1192(), state))


def test_adsl_dose_and_populations(adam):
    """Level, planned and actual cells, lot and donor; safety set = infused."""
    row = one(adam["ADSL"], SUBJID="01-001")
    assert (row["TRT01A"], row["TRT01AN"]) == ("DL1: 3.0 x 10^8 cells", 1)
    assert (row["DOSE01P"], row["DOSE01A"], row["LOT"], row["DONOR"]) == (3.0e8, 2.94e8, "LOT-7", "D-03")
    assert adam["ADSL"].frame["SAFFL"].to_list() == ["Y", "N", "Y", "N"]
    assert adam["ADSL"].frame["ENRLFL"].to_list() == ["Y", "N", "Y", "Y"]


def test_adsl_dates(adam):
    """From consent to the end of the DLT window, 28 elapsed days after the infusion."""
    row = one(adam["ADSL"], SUBJID="01-001")
    assert [row[name] for name in ("RFICDT", "SCRNDT", "ENRLDT", "LDSTDT", "TRTSDT", "DLTWENDT")] == [
        date(2025, 7, 14),
        date(2025, 7, 14),
        date(2025, 7, 25),
        date(2025, 7, 27),
        date(2025, 8, 1),
        date(2025, 8, 29),
    ]
    assert row["TRTSDTM"] == datetime(2025, 8, 1, 10, 0)  # noqa: DTZ001  # the site's clock, as ADaM has it


def test_dlt_flags_are_yes_no_or_not_yet(adam):
    """Adjudicated without DLT; nobody to adjudicate; not evaluable has no verdict; not yet infused."""
    assert adam["ADSL"].frame.select("DLTEVLFL", "DLTFL").rows() == [("Y", "N"), ("", ""), ("N", ""), ("", "")]


def test_the_latest_adjudication_counts():
    """A later assessment replaces the first."""
    book = infused()
    for verdict in ("no", "yes"):
        book.write(
            DltAssessment(
                assessed_on="2025-09-01",
                evaluable="yes",
                dlt=verdict,
                window_complete="yes",
                adverse_events=("1",),
                rationale="reviewed",
            ),
            "01-001",
        )
    assert derived(book)["ADSL"].frame["DLTFL"].to_list() == ["Y"]


def test_end_of_study(adam):
    """Ongoing, screen failure, withdrawn, ongoing."""
    assert adam["ADSL"].frame.select("EOSSTT", "DCSREAS", "EOSDT").rows() == [
        ("ONGOING", None, None),
        ("DISCONTINUED", "SCREEN FAILURE", date(2025, 7, 28)),
        ("DISCONTINUED", "WITHDRAWAL BY SUBJECT", date(2025, 9, 16)),
        ("ONGOING", None, None),
    ]


def test_a_partial_date_is_not_imputed_in_adam(adam):
    """The month is known, the day is not: no ASTDT, and why."""
    row = one(adam["ADAE"], AESPID="2")
    assert (row["ASTDT"], row["ASTDY"], row["AESTDTC"]) == (None, None, "2025-07")
    assert row["ADTRSN"] == "start: the day is not known: '2025-07'"


@pytest.mark.parametrize(
    ("onset", "emergent"),
    [
        ("2025-07-31", "N"),
        ("2025-08-01T09:59", "N"),
        ("2025-08-01T10:00", "Y"),
        ("2025-08-01", "Y"),
        ("2025-07", "N"),
        ("2025-08", "Y"),
    ],
)
def test_treatment_emergent_from_the_infusion_on(onset, emergent):
    """Infusion on 2025-08-01 at 10:00; an unknown day counts unless all of it lies before."""
    book = infused()
    book.write(
        AdverseEvent(number="1", term="Rash", soc="Skin", onset=onset, grade="1", serious="no", related_product="no"),
        "01-001",
    )
    assert one(derived(book)["ADAE"])["TRTEMFL"] == emergent


def test_crs_is_an_episode_graded_from_the_bedside(adam):
    """38.6 degC, then 38.9 with hypotension (grade 2), gone on 7 August; the assessments stand behind it."""
    row = one(adam["ADAE"], AECAT="ASTCT")
    assert (row["AEDECOD"], row["ATOXGRN"], row["ASTDT"], row["AENDT"]) == (
        "CYTOKINE RELEASE SYNDROME",
        2,
        date(2025, 8, 5),
        date(2025, 8, 7),
    )
    assert (row["AESEQ"], row["AESER"], row["SRCDOM"], len(row["EVENTSEQS"])) == (None, None, "RECORD", 3)


def test_an_assessment_that_cannot_be_graded_leaves_a_lower_bound():
    """Temperature not recorded within an episode."""
    book = infused()
    for at, temperature in (("2025-08-05T08:00", "38.6"), ("2025-08-05T20:00", ""), ("2025-08-06T08:00", "36.5")):
        book.write(CrsAssessment(at=at, temperature_c=temperature, hypotension="yes"), "01-001")
    row = one(derived(book)["ADAE"])
    assert row["ATOXGRN"] == 2
    assert row["ATOXRSN"].startswith("1 assessment(s) not gradable, grade is a lower bound")


def test_laboratory_baseline_change_and_grade(adam):
    """Baseline 92 g/L on the morning of the infusion; 75 g/L is grade 3 anaemia (below 80 g/L, CTCAE 5.0)."""
    rows = adam["ADLB"].frame.filter((pl.col("PARAMCD") == "HGB") & (pl.col("SUBJID") == "01-001"))
    assert rows.select("AVAL", "ABLFL", "BASE", "CHG", "ATOXGRL").rows() == [
        (96.0, None, 92.0, None, 2),
        (92.0, "Y", 92.0, None, 2),
        (75.0, None, 92.0, -17.0, 3),
    ]


def test_a_result_that_is_no_number_is_not_graded(adam):
    """`<5` has no value and no grade, each with its reason: never 0."""
    row = one(adam["ADLB"], AVALC="<5")
    assert (row["AVAL"], row["ATOXGRL"], row["ATOXGRH"]) == (None, None, None)
    assert (row["AVALRSN"], row["ATOXRSN"]) == (
        "beyond the range of the assay: <5",
        "no CTCAE term grades this analyte",
    )
    assert row["BASE"] == 212.0


def test_a_comparator_of_a_graded_analyte_says_why_there_is_no_grade():
    """Neutrophils below 0.1."""
    book = infused()
    book.lab("01-001", "neutrophils", "<0.1", "10*9/L", "2025-08-08", lln="2.0", uln="7.5")
    row = one(derived(book)["ADLB"], PARAMCD="NEUT")
    assert (row["ATOXGRL"], row["ATOXRSN"]) == (None, "the result is not a number: <0.1")


def test_a_grade_is_taken_in_the_unit_of_the_result():
    """7.5 g/dL of haemoglobin is grade 3 as 75 g/L is."""
    book = infused()
    book.lab("01-001", "hemoglobin", "7.5", "g/dL", "2025-08-08", lln="11.5", uln="15.0")
    assert one(derived(book)["ADLB"], PARAMCD="HGB")["ATOXGRL"] == 3


def test_a_comparator_is_the_baseline_where_it_is_the_last_result():
    """The baseline has no number, so there is no change."""
    book = infused()
    for value, day in (("7", "2025-07-20"), ("<5", "2025-07-30"), ("6", "2025-08-08")):
        book.lab("01-001", "cd19_b_cells", value, "cells/uL", day)
    rows = derived(book)["ADLB"].frame.select("AVALC", "ABLFL", "BASE", "BASEC", "CHG").rows()
    assert rows == [("7", None, None, "<5", None), ("<5", "Y", None, "<5", None), ("6", None, None, "<5", None)]


def test_one_parameter_code_has_one_name(adam):
    """PARAM is one to one with PARAMCD in every data set that has them."""
    for name in ("ADLB", "ADRS", "ADPC", "ADPP"):
        pairs = adam[name].frame.select("PARAMCD", "PARAM").unique()
        assert pairs.height == adam[name].frame["PARAMCD"].n_unique()


def test_sledai_change_and_what_cannot_be_evaluated(adam):
    """8 at screening, 2 on day 28, not evaluable at month 2."""
    rows = adam["ADRS"].frame.filter(pl.col("PARAMCD") == "SLEDAI2K")
    assert rows.select("AVISIT", "AVAL", "CHG", "AVALRSN").rows() == [
        ("SCR", 8.0, None, None),
        ("D28", 2.0, -6.0, None),
        ("M2", None, None, "not known whether present: fever"),
    ]


def test_kinetics_times_count_from_the_infusion(adam):
    """Pre-dose at 07:30: planned day 0, 2.5 hours before; BLQ has no value."""
    row = adam["ADPC"].frame.row(0, named=True)
    assert (row["NRRLT"], row["AVAL"], row["AVALC"], row["BLQFL"], row["LLOQ"]) == (0.0, None, "<50", "Y", 50.0)
    assert row["ARRLT"] == pytest.approx(-2.5 / 24)


def test_parameters_have_their_own_codes_and_reasons(adam):
    """A partial area has a code of its own; what is not estimable says why."""
    mine = adam["ADPP"].frame.filter(pl.col("SUBJID") == "01-003")
    reasons = dict(mine.select("PARAMCD", "AVALRSN").iter_rows())
    assert "no terminal slope" in reasons["AUC028"]
    assert reasons["CMAX"] is None
    asked = "CMAX TMAX CLST TLST AUCLST AUC028 AUCINF LAMZ LAMZNPT R2ADJ LAMZHL LAMZSPN MRT"
    assert set(reasons) >= set(asked.split(" "))
