"""LB, IS, VS, CV, RS, PC, PP, AE: results as typed and in the study's units."""

from typing import Any

import polars as pl
import pytest

from celltrial.datasets.dataset import read_table
from celltrial.datasets.results import read_result
from celltrial.datasets.sdtm import derive_lb
from celltrial.units import analytes
from small_trial import Book, ct1192, open_candidate


def one(dataset: Any, **where: object) -> dict[str, Any]:
    """The single row that has these values."""
    rows = [row for row in dataset.frame.iter_rows(named=True) if all(row[k] == v for k, v in where.items())]
    assert len(rows) == 1, rows
    return rows[0]


def test_a_result_keeps_its_text_and_is_converted_beside_it(sdtm):
    """9.6 g/dL of haemoglobin is 96 g/L; limits go with it."""
    row = one(sdtm["LB"], LBORRES="9.6")
    assert (row["LBORRESU"], row["LBORNRLO"], row["LBORNRHI"]) == ("g/dL", "11.5", "15.0")
    assert (row["LBSTRESN"], row["LBSTRESC"], row["LBSTRESU"]) == (96.0, "96", "g/L")
    assert (row["LBSTNRLO"], row["LBSTNRHI"], row["LBNRIND"]) == (115.0, 150.0, "LOW")


def test_a_result_below_a_limit_has_no_number(sdtm):
    """`<5` keeps its text; LBSTRESN is missing, never 5 and never 0."""
    row = one(sdtm["LB"], LBORRES="<5")
    assert (row["LBSTRESC"], row["LBSTRESN"], row["LBSTRESU"]) == ("<5", None, "10^6/L")


def test_creatinine_goes_from_mass_to_substance_by_its_own_factor(sdtm):
    """1.0 mg/dL x 88.4 = 88.4 umol/L."""
    row = one(sdtm["LB"], LBTESTCD="CREAT")
    assert (row["LBSTRESN"], row["LBSTRESU"], row["LBSTNRHI"], row["LBNRIND"]) == (88.4, "umol/L", 97.24, "NORMAL")


def test_a_unit_that_cannot_be_converted_keeps_the_result_and_is_a_finding():
    """Nothing is lost and nothing is guessed."""
    findings: list[Any] = []
    result = read_result({"analyte": "alt", "value": "31", "unit": "g/L"}, "LB 01-001", findings)
    assert (result.text, result.number, result.unit) == ("31", None, "g/L")
    assert [each.found for each in findings] == ["31 g/L"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [("negative", "", "NEGATIVE"), ("<0.5", "g/dL", "<5"), ("> 12", "g/L", ">12"), ("", "", None)],
)
def test_results_that_are_no_plain_number(value, unit, text):
    """Words, comparators (converted with their sign), nothing at all."""
    result = read_result({"analyte": "hemoglobin", "value": value, "unit": unit}, "x", [])
    assert (result.text, result.number) == (text, None)


def test_autoantibodies_go_to_is_with_their_binding_agent(sdtm):
    """SDTMIG 3.4: IS, one test, told apart by the agent."""
    assert "DSDNA" not in sdtm["LB"].frame["LBTESTCD"].to_list()
    rows = sdtm["IS"].frame.select("ISTESTCD", "ISBDAGNT", "ISSTRESC", "ISSTRESN").rows()
    assert rows == [("ATAB", "DOUBLE STRANDED DNA", "180", 180.0), ("ATAB", "NUCLEAR AUTOANTIGENS", "POSITIVE", None)]


def test_the_last_result_before_the_infusion_is_flagged(sdtm):
    """07:30 on the day of an infusion at 10:00 is before it; day 7 is not."""
    rows = sdtm["LB"].frame.filter((pl.col("LBTESTCD") == "HGB") & (pl.col("USUBJID") == "CT1192-01-001"))
    assert rows.select("LBDTC", "LBLOBXFL").rows() == [
        ("2025-07-14", None),
        ("2025-08-01T07:30", "Y"),
        ("2025-08-08", None),
    ]


def test_an_unknown_analyte_keeps_its_own_name_with_a_finding():
    """A study may measure what no table names."""
    book = Book()
    open_candidate(book, "01-001", "2025-07-14")
    book.lab("01-001", "interferon_score", "2.5", "1", "2025-07-14")
    dataset = derive_lb(ct1192(), book.state())
    assert dataset.frame["LBTESTCD"].to_list() == ["INTERFER"]
    assert "interferon_score" in dataset.findings[0].message


def test_condition_of_a_vital_sign_is_kept_beside_it(sdtm):
    """SpO2 in room air is not SpO2 on oxygen."""
    assert sdtm["SUPPVS"].frame.select("QNAM", "QVAL").rows() == [("VSCOND", "room_air"), ("VSMTHD", "pulse_oximetry")]


def test_sledai_items_are_as_recorded_and_the_total_is_derived(sdtm):
    """4 (arthritis) + 2 (complement) + 2 (rash) = 8; clinical without complement 6; only the certain ones are there."""
    totals = sdtm["RS"].frame.filter(pl.col("RSDRVFL") == "Y").select("RSTESTCD", "RSDTC", "RSSTRESN").rows()
    assert sorted(totals) == [
        ("SLEDAICL", "2025-07-14", 6.0),
        ("SLEDAICL", "2025-08-29", 2.0),
        ("SLEDAITT", "2025-07-14", 8.0),
        ("SLEDAITT", "2025-08-29", 2.0),
    ]
    arthritis = one(sdtm["RS"], RSTESTCD="SLEDAI09", RSDTC="2025-07-14")
    assert (arthritis["RSTEST"], arthritis["RSORRES"], arthritis["RSSTRESC"]) == ("SLEDAI-2K Arthritis", "YES", "Y")


def test_kinetics_below_the_limit_have_a_limit_and_no_number(sdtm):
    """The pre-dose sample, 2.5 hours before the infusion."""
    row = one(sdtm["PC"], PCDTC="2025-08-01T07:30")
    assert (row["PCORRES"], row["PCSTRESC"], row["PCSTRESN"], row["PCLLOQ"]) == ("<50", "<50", None, 50.0)
    assert (row["PCTPT"], row["PCELTM"], row["PCTPTREF"], row["PCRFTDTC"]) == (
        "DAY 0",
        "P0D",
        "FIRST INFUSION",
        "2025-08-01T10:00",
    )


def test_parameters_or_the_reason_there_is_none(sdtm):
    """Cmax 42000 on day 10; one sample on day 3 gives no half-life."""
    done = {(row["USUBJID"][-3:], row["PPTESTCD"]): row for row in sdtm["PP"].frame.iter_rows(named=True)}
    assert done["001", "CMAX"]["PPSTRESN"] == 42000.0
    assert done["001", "TMAX"]["PPSTRESN"] == 10.0
    assert done["001", "TLST"]["PPSTRESN"] == 28.0
    missing = done["003", "LAMZHL"]
    assert (missing["PPSTAT"], missing["PPSTRESN"]) == ("NOT DONE", None)
    assert "fewer than 3 quantifiable points" in missing["PPREASND"]


def test_adverse_events_are_the_latest_report_of_each(sdtm):
    """Follow-up replaces, entered in error disappears."""
    rows = sdtm["AE"].frame.select("AESPID", "AEOUT", "AESTDTC", "AEENDTC", "AESTDY").rows()
    assert rows == [
        ("2", "NOT RECOVERED/NOT RESOLVED", "2025-07", None, None),
        ("1", "RECOVERED/RESOLVED", "2025-08-03", "2025-08-15", 3),
    ]


def test_every_analyte_of_the_project_has_a_place():
    """analytes.csv of the foundations and of the data sets name the same things; codes have up to 8 characters."""
    rows = read_table("analytes")
    assert {row["analyte"] for row in rows} == {str(code) for code in analytes()}
    assert all(len(row["testcd"]) <= 8 and len(row["test"]) <= 40 and len(row["paramcd"]) <= 8 for row in rows)
    assert len({row["paramcd"] for row in rows}) == len(rows)
