"""Kaplan-Meier against a worked example in print, and by dose level."""

from fractions import Fraction

import polars as pl
import pytest

from celltrial.analyses import (
    compute_median_time,
    compute_survival,
    derive_time_to_event,
    estimate_survival,
    find_result,
)
from celltrial.errors import UsageError
from celltrial.missing import NotEstimable
from unit.analyses.frames import adsl, usubjid

# weeks in remission on 6-mercaptopurine: Freireich et al., Blood 1963;21:699-716 (21 patients; False: censored)
EVENTS = (6, 6, 6, 7, 10, 13, 16, 22, 23)
CENSORED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
MERCAPTOPURINE = [*((week, True) for week in EVENTS), *((week, False) for week in CENSORED)]


def test_the_worked_example_of_the_textbooks():
    """Week, at risk, survival and its standard error: Klein & Moeschberger, Survival Analysis (2003), table 4.1."""
    printed = [
        (6, 21, 0.857, 0.076),
        (7, 17, 0.807, 0.087),
        (10, 15, 0.753, 0.096),
        (13, 12, 0.690, 0.107),
        (16, 11, 0.627, 0.114),
        (22, 7, 0.538, 0.128),
        (23, 6, 0.448, 0.135),
    ]
    steps = estimate_survival(MERCAPTOPURINE)
    assert [(step.day, step.at_risk) for step in steps] == [row[:2] for row in printed]
    for step, (_, _, survival, error) in zip(steps, printed, strict=True):
        assert float(step.survival) == pytest.approx(survival, abs=6e-4)
        assert step.standard_error == pytest.approx(error, abs=6e-4)


def test_survival_is_exact():
    """18/21 x 16/17 x 14/15 by hand."""
    assert estimate_survival(MERCAPTOPURINE)[2].survival == Fraction(18, 21) * Fraction(16, 17) * Fraction(14, 15)


def test_the_interval_is_log_log():
    """By hand at week 6: S = 6/7, V = 3 / (21 x 18); exp(+-1.96 sqrt(V) / ln S) as powers of S."""
    low, high = estimate_survival(MERCAPTOPURINE)[0].interval
    # ln(6/7) = -0.154151, sqrt(3/378) = 0.0890871; 1.959964 x 0.0890871 / 0.154151 = 1.132701
    # e^1.132701 = 3.104030, e^-1.132701 = 0.322162; (6/7)^3.104030 = 0.61972, (6/7)^0.322162 = 0.95155
    assert (low, high) == pytest.approx((0.61972, 0.95155), abs=2e-5)


def test_median():
    """The curve falls to 0.448 in week 23; without enough events it is not reached."""
    assert compute_median_time(MERCAPTOPURINE) == 23
    assert compute_median_time([(5, True), (9, False), (9, False)]) == NotEstimable("not reached")
    assert compute_median_time([(5, True), (9, False)]) == 5
    assert compute_median_time([]) == NotEstimable("no participant with a time")


def test_who_is_censored_on_the_day_of_an_event_is_at_risk():
    """1 of 2, not 1 of 1."""
    assert estimate_survival([(7, True), (7, False)])[0].survival == Fraction(1, 2)


def test_beyond_the_last_follow_up_nothing_is_said():
    """Unless everyone has had the event."""
    assert compute_survival([(5, True), (9, False)], 10) == NotEstimable("nobody is followed to day 10")
    assert compute_survival([(5, True), (9, False)], 9).survival == Fraction(1, 2)
    assert compute_survival([(5, True), (9, False)], 4).survival == 1
    assert compute_survival([(5, True)], 400).survival == 0


def test_nobody_left_leaves_no_variance():
    """The last one at risk has the event."""
    step = estimate_survival([(5, True)])[0]
    assert step.standard_error == step.interval == NotEstimable("nobody is left at risk")


def test_a_time_below_0_is_refused():
    """The infusion is day 0."""
    with pytest.raises(UsageError, match="below 0"):
        estimate_survival([(-1, True)])


def test_by_dose_level():
    """At DL1 one event, one censored, one without a time; at DL2 nobody has a time."""
    rows = [
        {"USUBJID": usubjid(1), "PARAMCD": "TTDORIS", "AVAL": 60.0, "CNSR": 0, "EVENTSEQS": [700]},
        {"USUBJID": usubjid(2), "PARAMCD": "TTDORIS", "AVAL": 90.0, "CNSR": 1, "EVENTSEQS": [701]},
        {"USUBJID": usubjid(3), "PARAMCD": "TTDORIS", "AVAL": None, "CNSR": None, "EVENTSEQS": [702]},
    ]
    found = derive_time_to_event(adsl(), pl.DataFrame(rows))
    events = find_result(found, group="DL1", category="TTDORIS", statistic="events")
    assert (events.n, events.N, events.subjects) == (1, 2, ("01-001",))
    assert find_result(found, group="DL1", category="TTDORIS", statistic="median").text == "day 60"
    assert find_result(found, group="DL1", category="TTDORIS", statistic="not estimable").subjects == ("01-003",)
    assert find_result(found, group="DL2", category="TTDORIS", statistic="median").value == NotEstimable(
        "no participant with a time"
    )
