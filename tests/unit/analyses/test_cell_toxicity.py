"""Haematotoxicity, syndromes, infections, immunoglobulin: exact n/N counted by hand, and no grade is never grade 0."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from celltrial.analyses import (
    derive_count_grades,
    derive_haematotoxicity,
    derive_igg_courses,
    derive_igg_summary,
    derive_immune_toxicity,
    derive_infections,
    find_result,
    select_reported,
)
from celltrial.analyses.b_cells import derive_b_cell_courses, derive_b_cell_summary
from celltrial.analyses.organs import derive_organ_toxicity
from celltrial.missing import NotEstimable
from unit.analyses.frames import adlb as laboratory
from unit.analyses.frames import adsl, usubjid

_TEXTS = ("USUBJID", "TRT01A", "AECAT", "AEDECOD", "AESOC", "TRTEMFL", "ATOXRSN", "ATOXBAS", "INFSEV", "INFWIN")
_EVENTS = dict.fromkeys(_TEXTS, pl.String) | dict.fromkeys(("ASTDY", "AENDY", "ATOXGRN"), pl.Int64)
_GVHD, _ICAHT = "ACUTE GRAFT VERSUS HOST DISEASE", "IMMUNE EFFECTOR CELL-ASSOCIATED HEMATOTOXICITY, EARLY"


def events(*rows: dict[str, Any]) -> pl.DataFrame:
    """ADAE rows with `who`; each has an event of its own."""
    filled = [
        {"USUBJID": usubjid(row["who"]), "TRTEMFL": "Y", "EVENTSEQS": [100 + index]}
        | {name: value for name, value in row.items() if name != "who"}
        for index, row in enumerate(rows)
    ]
    return pl.DataFrame(filled, schema=_EVENTS | {"EVENTSEQS": pl.List(pl.Int64)})


def results(parameter: str, *values: tuple[int, int, float | None, str], limit: float | None = None) -> pl.DataFrame:
    """ADLB rows (participant, study day, number, text)."""
    rows = [
        {"USUBJID": usubjid(who), "PARAMCD": parameter, "ADY": day, "AVAL": value, "AVALC": text, "A1LO": limit}
        | {"EVENTSEQ": 200 + index, "EVENTSEQS": [200 + index]}
        for index, (who, day, value, text) in enumerate(values)
    ]
    types = {"USUBJID": pl.String, "PARAMCD": pl.String, "ADY": pl.Int64, "AVAL": pl.Float64, "AVALC": pl.String}
    return pl.DataFrame(rows, schema=types | {"A1LO": pl.Float64, "EVENTSEQ": pl.Int64, "EVENTSEQS": pl.List(pl.Int64)})


# ---- syndromes


def test_gvhd_is_counted_by_its_own_scale_and_not_among_reported_events() -> None:
    adae = events(
        {"who": 1, "AECAT": "MAGIC", "AEDECOD": _GVHD, "ATOXGRN": 2, "ASTDY": 15, "AENDY": 29},
        {"who": 4, "AECAT": "MAGIC", "AEDECOD": _GVHD, "ATOXGRN": None, "ASTDY": 15, "AENDY": 15},
        {"who": 4, "AEDECOD": "Graft versus host disease", "ATOXGRN": 1, "ASTDY": 15},
    )
    rows = derive_immune_toxicity(adsl(), adae)
    found = {
        statistic: (lambda row: (row.n, row.N))(find_result(rows, group="Total", category="GvHD", statistic=statistic))
        for statistic in ("any", "grade 2", "not graded")
    }
    assert found == {"any": (1, 5), "grade 2": (1, 5), "not graded": (1, 5)}
    assert find_result(rows, group="Total", category="GvHD", statistic="duration").value == 15.0
    assert find_result(rows, group="DL2", category="GvHD", statistic="onset day").value == NotEstimable("no episode")
    assert select_reported(adae)["AEDECOD"].to_list() == ["Graft versus host disease"]


# ---- ICAHT


def counts() -> tuple[pl.DataFrame, pl.DataFrame]:
    """01-001 grade 2; 01-002 results and no row; 01-003 no result; 01-004 open; 01-005 results of day 31 only."""
    adae = events(
        {"who": 1, "AECAT": "EHA/EBMT", "AEDECOD": _ICAHT, "ATOXGRN": 2, "ATOXBAS": "7 days", "ASTDY": 5, "AENDY": 11},
        {"who": 4, "AECAT": "EHA/EBMT", "AEDECOD": _ICAHT, "ATOXRSN": "the window is open to day 30"},
    )
    adlb = results("NEUT", (1, 5, 0.4, "0.4"), (2, 5, 2.4, "2.4"), (4, 5, 2.0, "2.0"), (5, 32, 2.0, "2.0"))
    return adae, adlb


def test_no_grade_is_never_grade_0() -> None:
    """Grade 0 needs a result in the window: day 0 to 30 are study days 1 to 31."""
    grades = derive_count_grades(adsl(), *counts())
    early = {each.subject: (each.grade, each.reason) for each in grades if each.window == "ICAHT, early"}
    assert early == {
        "01-001": (2, "7 days"),
        "01-002": (0, ""),
        "01-003": (None, "no result from day 0 to 30"),
        "01-004": (None, "the window is open to day 30"),
        "01-005": (None, "no result from day 0 to 30"),
    }
    late = {each.subject: each.grade for each in grades if each.window == "ICAHT, late"}
    assert late == {"01-001": None, "01-002": None, "01-003": None, "01-004": None, "01-005": 0}


def test_participants_by_grade_add_up_to_the_safety_set() -> None:
    rows = derive_haematotoxicity(adsl(), derive_count_grades(adsl(), *counts()))
    total = [row for row in rows if (row.group, row.category) == ("Total", "ICAHT, early")]
    assert {row.statistic: row.n for row in total if row.n} == {"grade 0": 1, "grade 2": 1, "not gradable": 3}
    assert {row.N for row in total} == {5}
    assert find_result(rows, group="DL1", category="ICAHT, early", statistic="grade 2").source == (100,)


# ---- infections


def test_infections_by_window_and_severity() -> None:
    """01-001 had three, one of them severe; the day of one of 01-004's is not known."""
    infection = {"AEDECOD": "Lung infection", "ATOXGRN": 2}
    adae = events(
        infection | {"who": 1, "INFSEV": "N", "INFWIN": "0-28"},
        infection | {"who": 1, "INFSEV": "Y", "INFWIN": "29-90"},
        infection | {"who": 1, "INFSEV": "N", "INFWIN": "29-90"},
        infection | {"who": 4, "INFSEV": "U", "INFWIN": None},
        {"who": 5, "AEDECOD": "Rash", "ATOXGRN": 1},
    )
    rows = derive_infections(adsl(), adae)

    def total(window: str, statistic: str) -> int:
        row = find_result(rows, group="Total", category=window, statistic=statistic)
        return int(row.value) if statistic == "events" and isinstance(row.value, float) else row.n

    assert [total("Any time", each) for each in ("participants", "events", "severe", "not known")] == [2, 4, 1, 1]
    assert [total("29-90", each) for each in ("participants", "events", "severe")] == [1, 2, 1]
    assert [total(">90", each) for each in ("participants", "events")] == [0, 0]
    assert total("Day of onset not known", "participants") == 1


# ---- immunoglobulin G


def igg(*values: tuple[int, int, float | None, str], doses: tuple[date, ...] = (), limit: float | None = 7.0) -> Any:
    given = {usubjid(1): doses}
    return derive_igg_courses(adsl(), results("IGG", *values, limit=limit), given, replacement_below_g_l=Decimal(4))


def test_the_lowest_igg_its_band_and_the_way_back() -> None:
    """12 before; 3.9 on day 61 (severe, under 4); 7.5 on day 181 is normal again."""
    course = igg((1, -9, 12.0, "12"), (1, 29, 6.2, "6.2"), (1, 61, 3.9, "3.9"), (1, 181, 7.5, "7.5"))[0]
    assert (course.baseline, course.nadir, course.nadir_day, course.band) == (12.0, "3.9", 61, "severe")
    assert (course.is_low, course.is_under_replacement, course.recovered) == (True, True, "day 181")


def test_the_limit_of_replacement_is_not_under_itself() -> None:
    assert igg((1, 61, 4.0, "4.0"))[0].is_under_replacement is False


def test_igg_after_immunoglobulin_proves_no_recovery() -> None:
    """The infusion was on 2026-01-10; a dose on study day 62 and 8.0 on day 85, 23 days later."""
    course = igg((1, 61, 3.9, "3.9"), (1, 85, 8.0, "8.0"), doses=(date(2026, 3, 12),))[0]
    assert course.doses == (62,)
    assert course.recovered == "not surely normal by the last sample, 2026-04-04"


def test_below_the_limit_of_the_assay_stays_so() -> None:
    """`<1.5` is under 4 whatever it is; `<5` may be over or under."""
    assert igg((1, 61, None, "<1.5"))[0].is_under_replacement is True
    assert igg((1, 61, None, "<5"))[0].is_under_replacement is None


def test_igg_is_counted_among_those_sampled() -> None:
    rows = derive_igg_summary(adsl(), igg((1, 61, 3.9, "3.9"), (2, 61, 9.0, "9.0"), doses=(date(2026, 3, 12),)))
    found = {row.category: (row.n, row.N) for row in rows if row.group == "Total"}
    assert found == {"low": (1, 2), "under replacement limit": (1, 2), "immunoglobulin given": (1, 2)}


# ---- B cells


def test_an_unclear_count_leaves_the_day_open_and_not_the_depletion() -> None:
    """`<20` on day 8 may have been under 5; 3 on day 15 was. Depleted for certain, on which day is not known."""
    course = derive_b_cell_courses(
        adsl(), results("BLYCE", (1, 8, None, "<20"), (1, 15, 3.0, "3")), parameter="BLYCE", threshold=Decimal(5)
    )
    assert isinstance(course[0].depleted_on, NotEstimable)
    assert course[0].is_depleted
    assert find_result(derive_b_cell_summary(adsl(), course), group="DL1", category="depleted").n == 1


def test_the_threshold_is_the_studys() -> None:
    """40 cells/uL are under 50, not under 40."""
    found = [
        derive_b_cell_courses(adsl(), results("BLYCE", (1, 8, 40.0, "40")), parameter="BLYCE", threshold=limit)[0]
        for limit in (Decimal(50), Decimal(40))
    ]
    assert [each.is_depleted for each in found] == [True, False]


# ---- organs


def lanes(*rows: dict[str, Any]) -> list[tuple[str, str, int | None]]:
    adae = events(*rows).with_columns(AETERM=pl.col("AEDECOD"))
    empty = laboratory().filter(pl.col("PARAMCD") == "none")
    return [(each.organ, each.term, each.grade) for each in derive_organ_toxicity(adsl(), adae, empty)]


def test_an_episode_and_its_report_stand_once() -> None:
    """The same GvHD, reported and graded; a second report at another time is another event."""
    episode = {"who": 1, "AECAT": "MAGIC", "AEDECOD": _GVHD, "ATOXGRN": 2, "ASTDY": 15, "AENDY": 29}
    report = {"who": 1, "AEDECOD": "Graft versus host disease", "AESOC": "Immune system disorders", "ATOXGRN": 2}
    same, later = report | {"ASTDY": 13, "AENDY": 27}, report | {"ASTDY": 60, "AENDY": 70}
    worse = report | {"ASTDY": 13, "AENDY": 27, "ATOXGRN": 3}
    assert lanes(episode, same) == [("Immune effector", _GVHD, 2)]
    assert len(lanes(episode, later)) == 2
    assert len(lanes(episode, worse)) == 2
    assert len(lanes(same)) == 1


def test_haematotoxicity_stands_in_the_lane_of_the_blood() -> None:
    row = {"who": 1, "AECAT": "EHA/EBMT", "AEDECOD": _ICAHT, "ATOXGRN": 2, "ASTDY": 5, "AENDY": 11}
    assert lanes(row) == [("Blood", _ICAHT, 2)]
