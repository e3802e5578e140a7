"""DM, DS, EX, SE, SV, CM: who, what was given, what happened to them."""

from typing import Any

import polars as pl

from celltrial.datasets import derive_sdtm
from celltrial.datasets.sdtm import derive_dm, derive_ds
from celltrial.record.bodies import AdverseEvent, Correction, Infusion, Visit, Withdrawal
from small_trial import Book, ct1192, open_candidate


def one(dataset: Any, **where: object) -> dict[str, Any]:
    """The single row that has these values."""
    rows = [row for row in dataset.frame.iter_rows(named=True) if all(row[k] == v for k, v in where.items())]
    assert len(rows) == 1, rows
    return rows[0]


def test_dm_has_a_row_for_every_consented_candidate(sdtm):
    """Screen failures and those not yet infused keep their row."""
    assert sdtm["DM"].frame["SUBJID"].to_list() == ["01-001", "01-002", "01-003", "01-004"]


def test_reference_date_is_the_first_infusion_and_blank_without_one(sdtm):
    """RFSTDTC keeps the time where one was recorded."""
    assert sdtm["DM"].frame["RFSTDTC"].to_list() == ["2025-08-01T10:00", None, "2025-09-05", None]


def test_an_arm_that_is_missing_says_why(sdtm):
    """ARMNRS tells a screen failure from one assigned and not yet treated."""
    failed = one(sdtm["DM"], SUBJID="01-002")
    waiting = one(sdtm["DM"], SUBJID="01-004")
    assert (failed["ARMCD"], failed["ACTARMCD"], failed["ARMNRS"]) == (None, None, "SCREEN FAILURE")
    assert (waiting["ARMCD"], waiting["ACTARMCD"], waiting["ARMNRS"]) == ("DL2", None, "ASSIGNED, NOT TREATED")


def test_leaving_in_screening_of_ones_own_wish_is_no_screen_failure():
    """The reason, not the moment, makes a screen failure."""
    book = Book()
    open_candidate(book, "01-001", "2025-07-14")
    book.write(Withdrawal(on="2025-07-20", scope="screening", reason="participant's wish"), "01-001")
    assert one(derive_dm(ct1192(), book.state()))["ARMNRS"] == "NOT ASSIGNED"


def test_age_is_in_completed_years_at_consent(sdtm):
    """Born 1990-05-02, consent on 2025-07-14: 35."""
    assert one(sdtm["DM"], SUBJID="01-001")["AGE"] == 35


def test_a_birth_date_that_does_not_decide_the_age_leaves_it_missing(sdtm):
    """Born in 1988, consent in July 2025: 36 or 37, and a finding says so."""
    assert one(sdtm["DM"], SUBJID="01-002")["AGE"] is None
    assert [each.expected for each in sdtm["DM"].findings] == ["36 or 37 completed years at consent"]


def test_entries_without_consent_are_left_out_with_a_finding():
    """SDTM holds consented subjects; nothing disappears silently."""
    book = Book()
    book.lab("01-009", "hemoglobin", "90", "g/L", "2025-07-14")
    dataset = derive_dm(ct1192(), book.state())
    assert dataset.frame.is_empty()
    assert [each.where for each in dataset.findings] == ["subject 01-009"]


def test_death_comes_from_the_withdrawal_or_a_fatal_event():
    """DTHFL and DTHDTC."""
    book = Book()
    open_candidate(book, "01-001", "2025-07-14")
    fields = {"number": "1", "term": "Sepsis", "soc": "Infections", "onset": "2025-07-20", "serious": "yes"}
    book.write(AdverseEvent(**fields, grade="5", related_product="no", outcome="fatal", ended="2025-07-22"), "01-001")
    row = one(derive_dm(ct1192(), book.state()))
    assert (row["DTHFL"], row["DTHDTC"]) == ("Y", "2025-07-22")


def test_exposure_is_the_actual_number_of_cells(sdtm):
    """Planned 3.0e8, infused 2.94e8: EXDOSE is what went in, the plan is beside it."""
    row = one(sdtm["EX"], USUBJID="CT1192-01-001")
    assert (row["EXDOSE"], row["EXDOSU"], row["EXLOT"]) == (2.94e8, "Therapeutic Cells", "LOT-7")
    beside = sdtm["SUPPEX"].frame.filter(pl.col("USUBJID") == "CT1192-01-001")
    assert dict(zip(beside["QNAM"], beside["QVAL"], strict=True)) == {
        "EXDONOR": "D-03",
        "EXLEVEL": "DL1",
        "EXPDOSE": "3.0e8",
    }


def test_lymphodepletion_is_in_cm_and_not_in_ex(sdtm):
    """The first exposure stays the first infusion."""
    drugs = sdtm["CM"].frame.filter((pl.col("CMCAT") == "LYMPHODEPLETION") & (pl.col("USUBJID") == "CT1192-01-001"))
    assert drugs.select("CMTRT", "CMDOSE", "CMDOSU", "CMSTDY").rows() == [
        ("CYCLOPHOSPHAMIDE", 300.0, "mg/m2", -5),
        ("FLUDARABINE", 25.0, "mg/m2", -5),
    ]
    assert sdtm["EX"].frame["EXTRT"].unique().to_list() == ["CT1192 CAR-T CELLS INJECTION"]


def test_a_partial_date_stays_partial_in_sdtm(sdtm):
    """Prednisone since November 2024: no day, no study day."""
    row = one(sdtm["CM"], CMTRT="PREDNISONE")
    assert (row["CMSTDTC"], row["CMSTDY"], row["CMENRTPT"], row["CMENTPT"]) == (
        "2024-11",
        None,
        "ONGOING",
        "2025-10-20",
    )


def test_disposition_has_consent_enrolment_and_the_way_out(sdtm):
    """A screen failure, a withdrawal with its words, two still in."""
    rows = sdtm["DS"].frame.select("USUBJID", "DSDECOD", "DSTERM", "DSSTDY").rows()
    assert ("CT1192-01-002", "SCREEN FAILURE", "Screen failure", None) in rows
    assert ("CT1192-01-003", "WITHDRAWAL BY SUBJECT", "Participant's wish: moved away", 12) in rows
    assert sum(decoded == "INFORMED CONSENT OBTAINED" for _, decoded, _, _ in rows) == 4


def test_the_last_scheduled_visit_completes_the_study():
    """No event says `completed`; the schedule does."""
    book = Book()
    open_candidate(book, "01-001", "2025-07-14")
    book.write(
        Infusion(infused_at="2025-08-01", level="DL1", planned_cells="3e8", actual_cells="3e8", lot="L", donor="D"),
        "01-001",
    )
    book.write(Visit(visit="M12", on="2026-07-27"), "01-001")
    dataset = derive_ds(ct1192(), book.state())
    assert one(dataset, DSDECOD="COMPLETED")["DSSTDTC"] == "2026-07-27"


def test_elements_follow_one_another_and_follow_up_starts_after_the_dlt_window(sdtm):
    """Infusion on 1 August, window of 28 days: follow-up from 30 August."""
    mine = sdtm["SE"].frame.filter(pl.col("USUBJID") == "CT1192-01-001").select("ETCD", "SESTDTC", "SEENDTC").rows()
    assert mine == [
        ("SCRN", "2025-07-14", "2025-07-27"),
        ("LD", "2025-07-27", "2025-08-01T10:00"),
        ("CART", "2025-08-01T10:00", "2025-08-30"),
        ("FU", "2025-08-30", None),
    ]


def test_every_finding_visit_is_a_planned_one_or_has_no_number(sdtm):
    """VISITNUM of findings is in TV."""
    planned = set(sdtm["TV"].frame["VISITNUM"].to_list())
    for domain in ("SV", "LB", "VS", "CV", "IS", "RS", "PC"):
        assert set(sdtm[domain].frame["VISITNUM"].drop_nulls().to_list()) <= planned


def test_a_correction_is_among_the_events_behind_a_row():
    """The row shows the corrected value and leads to both events."""
    book = Book()
    open_candidate(book, "01-001", "2025-07-14")
    seq = book.lab("01-001", "hemoglobin", "960", "g/L", "2025-07-14")
    fixed = book.write(Correction(target=seq, replace={"items.value": "96"}), None)
    row = one(derive_sdtm(ct1192(), book.state())["LB"])
    assert (row["LBSTRESN"], row["EVENTSEQ"], row["EVENTSEQS"]) == (96.0, seq, [seq, fixed])
