"""Response by visit: responders of those who could be judged, and everyone else with a reason."""

import polars as pl
import pytest

from celltrial.analyses import compute_interval, derive_response_by_visit, find_result, response_key
from celltrial.missing import NotEstimable
from unit.analyses.frames import adsl, usubjid


def adrs() -> pl.DataFrame:
    """DORIS on day 28: 01-001 met, 01-002 unknown, 01-003 not seen; 01-004 not met. BICLA: 01-001 cannot be asked."""
    values = [
        (1, "DORIS", "SCR", -26, "N", None),
        (1, "DORIS", "D28", 29, "Y", None),
        (2, "DORIS", "D28", 29, None, "PGA: not known"),
        (4, "DORIS", "D28", 29, "N", None),
        (1, "BICLA", "D28", 29, None, "not evaluable: baseline BILAG 0 A, 1 B"),
    ]
    rows = [
        {"USUBJID": usubjid(number), "PARAMCD": code, "AVISIT": visit, "AVISITN": float(day), "ADY": day}
        | {"AVALC": value, "AVALRSN": reason, "EVENTSEQS": [600 + index]}
        for index, (number, code, visit, day, value, reason) in enumerate(values)
    ]
    texts = dict.fromkeys(("USUBJID", "PARAMCD", "AVISIT", "AVALC", "AVALRSN"), pl.String)
    return pl.DataFrame(rows, schema_overrides=texts | {"EVENTSEQS": pl.List(pl.Int64)})


def test_responders_are_counted_among_the_evaluable():
    """Of three infused at DL1 one could be judged, and responded."""
    rows = derive_response_by_visit(adsl(), adrs())
    found = find_result(rows, group="DL1", category=response_key("DORIS", "D28"))
    assert (found.n, found.N, found.subjects, found.source) == (1, 1, ("01-001",), (601,))
    total = find_result(rows, group="Total", category=response_key("DORIS", "D28"))
    assert (total.n, total.N) == (1, 2)


def test_unknown_and_absent_are_told_apart_and_never_no():
    """One unknown, one without a visit."""
    rows = derive_response_by_visit(adsl(), adrs())
    missing = find_result(rows, group="DL1", category=response_key("DORIS", "D28"), statistic="not evaluable")
    assert (missing.n, missing.N) == (2, 3)
    assert missing.text == "1 PGA: not known; 1 no assessment at this visit"


def test_without_anyone_evaluable_there_is_no_share():
    """Nobody at DL1 could be asked for BICLA."""
    rows = derive_response_by_visit(adsl(), adrs())
    found = find_result(rows, group="DL1", category=response_key("BICLA", "D28"))
    assert (found.value, found.text, found.N) == (NotEstimable("no evaluable participant"), "–", 0)
    interval = find_result(rows, group="DL1", category=response_key("BICLA", "D28"), statistic="interval")
    assert interval.value == NotEstimable("no evaluable participant")


def test_screening_is_no_visit_of_response():
    """Only visits after the infusion."""
    rows = derive_response_by_visit(adsl(), adrs())
    assert {row.category for row in rows} == {"DORIS D28", "BICLA D28"}


@pytest.mark.parametrize(
    ("responders", "evaluable", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
        (0, 3, 0.0, 0.7076),
    ],
)
def test_exact_interval(responders, evaluable, low, high):
    """Published tables of exact binomial limits (Geigy Scientific Tables; 1 - 0.025 ** (1/n) at 0 of n)."""
    ends = compute_interval(responders, evaluable)
    assert ends == pytest.approx((low, high), abs=6e-5)
