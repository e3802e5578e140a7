"""Persistence, expansion, cytokines and exposure-response as result rows: counted on a trial of five."""

from datetime import date

import polars as pl
import pytest

from celltrial.analyses import find_result
from celltrial.analyses.b_cells import BCourse
from celltrial.analyses.cytokines import derive_crs_courses, derive_cytokine_peaks, derive_cytokines
from celltrial.analyses.exposure_response import derive_exposure_response, list_outcomes, response_pairs
from celltrial.analyses.persistence import derive_cell_courses, derive_expansion, derive_persistence
from celltrial.analyses.time_to_event import compute_median_interval, count_at_risk
from celltrial.kinetics import Persistence
from celltrial.missing import NotEstimable
from unit.analyses.frames import adae, adlb, adpp, adrs, adsl, usubjid
from unit.analyses.test_time_to_event import MERCAPTOPURINE


def adpc() -> pl.DataFrame:
    """01-001 lost on day 28; 01-002 censored on day 28; 01-003 never quantifiable; 01-004 one sample; 01-005 none."""
    courses = {
        1: ((-0.1, None), (7, 100.0), (14, 400.0), (28, None), (60, None)),
        2: ((7, 1000.0), (14, 8000.0), (28, 900.0), (60, None)),
        3: ((7, None), (14, None)),
        4: ((14, 500.0),),
    }
    rows = [
        {"USUBJID": usubjid(number), "PARAMCD": "CARTG", "AVAL": value, "AVALU": "copies/ug", "ARRLT": float(day)}
        | {"NRRLT": float(round(day)), "BLQFL": "Y" if value is None else "N", "LLOQ": 50.0, "EVENTSEQS": [number]}
        for number, points in courses.items()
        for day, value in points
    ]
    return pl.DataFrame(rows, schema_overrides={"AVAL": pl.Float64, "EVENTSEQS": pl.List(pl.Int64)})


def test_persistence_by_level() -> None:
    """DL1: lost 28, censored 28, never: 1 of 2 with a time; DL2: censored on day 14, and one not sampled."""
    courses = derive_cell_courses(adsl(), adpc())
    assert courses[0].persistence == Persistence(day=28.0, is_lost=True, note="")
    rows = derive_persistence(adsl(), courses)
    lost = find_result(rows, group="DL1", category="persistence", statistic="lost")
    assert (lost.text.replace("\u00a0", " "), lost.subjects, lost.source) == ("1/2 (50 %)", ("01-001",), (1,))
    without = find_result(rows, group="Total", category="persistence", statistic="not estimable")
    assert without.text == "1 never quantifiable; 1 no sample analysed"
    day90 = find_result(rows, group="DL2", category="persistence", statistic="day 90")
    assert day90.value == NotEstimable("nobody is followed to day 90")


def test_before_the_first_loss_the_interval_is_exact() -> None:
    """Two followed to day 28, both still found: the lower end is 0.025 to the power of 1/2, 16 %."""
    second = adpc().filter(pl.col("USUBJID") == usubjid(2))
    both = pl.concat([second, second.with_columns(pl.lit(usubjid(1)).alias("USUBJID"))])
    rows = derive_persistence(adsl(), derive_cell_courses(adsl(), both))
    share = find_result(rows, group="Total", category="persistence", statistic="day 28")
    assert share.text.replace("\u00a0", " ") == "100 % (16 to 100)"


def test_a_second_infusion_ends_the_first_profile() -> None:
    """Re-infused on day 20: what comes later is not the first product's."""
    again = adsl().with_columns(
        pl.when(pl.col("USUBJID") == usubjid(2)).then(date(2026, 1, 30)).otherwise(pl.col("TRTSDT")).alias("TRTEDT")
    )
    assert derive_cell_courses(again, adpc())[1].persistence == Persistence(day=14.0, is_lost=False, note="")


def test_expansion_by_level() -> None:
    """Folds 4 and 8: geometric mean sqrt(32) = 5.66; 01-003 and 01-005 have none."""
    rows = derive_expansion(adsl(), derive_cell_courses(adsl(), adpc()))
    fold = find_result(rows, group="DL1", category="fold", statistic="geometric mean")
    assert (fold.value, fold.n, fold.N, fold.text) == (pytest.approx(32**0.5), 2, 3, "5.66 (4.00 to 8.00), n = 2")


def test_median_interval_of_the_textbook() -> None:
    """6-mercaptopurine, by hand: the lower end is 0.503 in week 10 and 0.432 in week 13; the upper stays over 1/2."""
    # week 13: S = 0.690196, Greenwood's sum 0.023951; 1.96 x 0.154760 / 0.370780 = 0.81807; S^2.2661 = 0.4316
    assert compute_median_interval(MERCAPTOPURINE) == (13, NotEstimable("not reached"))


def test_at_risk_counts_those_of_the_day() -> None:
    """Klein & Moeschberger, table 4.1: 21 at week 6, 17 at week 7, 6 at week 23."""
    assert [count_at_risk(MERCAPTOPURINE, week) for week in (0, 6, 7, 23)] == [21, 21, 17, 6]


def test_crs_courses() -> None:
    """Grade 2 from day 4 to 7 after the infusion; one still open; no episode is grade 0."""
    courses = derive_crs_courses(adsl(), adae())
    assert (courses[usubjid(4)].grade, courses[usubjid(4)].onset, courses[usubjid(4)].end) == (2, 4, 7)
    assert (courses[usubjid(5)].grade, courses[usubjid(5)].end) == (1, None)
    assert courses[usubjid(1)].grade == 0


def test_crs_that_could_not_be_graded_is_not_grade_0() -> None:
    """The grade is unknown, with its reason."""
    ungraded = adae().with_columns(pl.lit(None, pl.Int64).alias("ATOXGRN"))
    assert derive_crs_courses(adsl(), ungraded)[usubjid(4)].grade == NotEstimable("CRS could not be graded")


def test_cytokine_peaks_by_crs_grade() -> None:
    """01-004 (grade 2, onset day 4): 8 to 160 on day 7, 20 times, after the onset; 01-001: always below 5."""
    values = [(4, 1, 8.0, "8"), (4, 8, 160.0, "160"), (4, 15, 20.0, "20"), (1, 1, None, "<5"), (1, 8, None, "<5")]
    own = pl.DataFrame(
        [
            {"USUBJID": usubjid(n), "PARAMCD": "INTLK6", "AVAL": value, "AVALC": text, "AVALU": "ng/L", "ADY": day}
            | {"EVENTSEQS": [index]}
            for index, (n, day, value, text) in enumerate(values)
        ],
        schema_overrides={"AVAL": pl.Float64, "EVENTSEQS": pl.List(pl.Int64)},
    )
    rows = derive_cytokines(derive_cytokine_peaks(adsl(), own, adae()))
    fold = find_result(rows, group="CRS grade 2", category="INTLK6", statistic="fold")
    assert fold.value == pytest.approx(20.0)
    against = find_result(rows, group="CRS grade 2", category="INTLK6", statistic="against onset")
    assert (against.value, against.text) == (3.0, "0 before, 0 on the day, 1 after")
    peak = find_result(rows, group="no CRS", category="INTLK6", statistic="peak")
    assert (peak.text, peak.n, peak.N) == ("BLQ in 1", 0, 1)


def outcomes():
    course = {"baseline": 40.0, "last_day": 91, "samples": 3, "source": (), "is_depleted": True, "is_back": False}
    days = {"depleted_on": 8, "returned_on": NotEstimable("not back by the last sample, day 91")}
    courses = tuple(BCourse(subject=who, level="DL1", **days, **course) for who in ("01-001", "01-002"))
    responses = adrs().with_columns(pl.lit("Y").alias("AVALC"))
    return list_outcomes(adsl(), adae(), responses, courses, response="SLEDAI2K", visit="D28")


def test_exposure_against_crs_is_counted_with_what_cannot_be_said() -> None:
    """Cmax of four, the 0 of 01-003 has no logarithm: 1 of 3 had CRS (01-004), nobody to compare its mean with."""
    rows = derive_exposure_response(adpp(), outcomes())
    events = find_result(rows, group="Total", category="CMAX crs", statistic="events")
    assert (events.n, events.N, events.subjects) == (1, 3, ("01-001", "01-002", "01-004"))
    ratio = find_result(rows, group="Total", category="CMAX crs", statistic="ratio of means")
    assert ratio.value == NotEstimable("fewer than 2 in a group (1 and 2)")
    odds = find_result(rows, group="Total", category="CMAX crs", statistic="odds ratio")
    assert " to " in odds.text
    assert "p = " in odds.text


def test_no_event_no_odds_ratio() -> None:
    """Both who were evaluable and have a Cmax at DL1, and 01-004: one DLT; no response is unknown, not no."""
    found = outcomes()
    assert {each.key: len(each.values) for each in found}["dlt"] == 3
    response = next(each for each in found if each.key == "response")
    assert set(response.values) == {usubjid(1), usubjid(2)}
    rows = derive_exposure_response(adpp(), found)
    odds = find_result(rows, group="Total", category="CMAX response", statistic="odds ratio")
    assert odds.value == NotEstimable("everybody had the event (2 of 2)")


def test_a_time_is_not_doubled() -> None:
    """Of Tmax only means are compared; grades need four participants."""
    times = adpp().with_columns(pl.lit("TMAX").alias("PARAMCD"))
    rows = derive_exposure_response(times, outcomes())
    odds = find_result(rows, group="Total", category="TMAX crs", statistic="odds ratio")
    assert odds.value == NotEstimable("of a time only the means are compared")


def test_what_a_picture_shows_are_those_with_both() -> None:
    """Exposure and outcome of three."""
    crs = next(each for each in outcomes() if each.key == "crs")
    assert response_pairs(adpp(), "CMAX", crs) == (
        (usubjid(1), 1000.0, False),
        (usubjid(2), 4000.0, False),
        (usubjid(4), 500.0, True),
    )


def test_the_return_of_b_cells_may_ask_for_two_in_a_row() -> None:
    """01-001 is back once, on day 91: with two in a row asked for, not yet."""
    from celltrial.analyses import derive_b_cell_courses

    courses = derive_b_cell_courses(adsl(), adlb(), parameter="BLYCE", threshold=5, recovery_samples=2)
    assert (courses[0].is_depleted, courses[0].is_back, courses[0].last_day) == (True, False, 91)
