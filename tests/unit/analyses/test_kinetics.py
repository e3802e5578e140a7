"""Kinetics by level: geometric statistics, and everyone without an estimate with the reason."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celltrial.analyses import (
    compute_geometric_cv,
    compute_geometric_mean,
    derive_kinetics_summary,
    find_result,
    format_number,
)
from celltrial.missing import NotEstimable
from unit.analyses.frames import adpp, adsl


def test_a_zero_has_no_geometric_mean():
    """Cmax of 0 (01-003, never quantifiable) has no logarithm: no mean, and it says why; the median stands."""
    rows = derive_kinetics_summary(adsl(), adpp())
    mean = find_result(rows, group="DL1", category="CMAX", statistic="geometric mean")
    assert mean.value == NotEstimable("a value is not above 0: it has no logarithm")
    assert find_result(rows, group="DL1", category="CMAX", statistic="median").value == 1000.0


def test_geometric_statistics_of_two():
    """4 and 9: mean 6; s = ln(9/4)/sqrt(2) = 0.5734, CV = 100 sqrt(exp(s**2) - 1) = 62.4 %."""
    rows = derive_kinetics_summary(adsl(), adpp())
    assert find_result(rows, group="DL1", category="LAMZHL", statistic="geometric mean").value == pytest.approx(6.0)
    cv = find_result(rows, group="DL1", category="LAMZHL", statistic="geometric CV")
    assert (cv.value, cv.text) == (pytest.approx(62.395, abs=0.001), "62\u00a0%")


def test_one_value_has_no_cv():
    """At DL2 one of two has a Cmax."""
    found = find_result(derive_kinetics_summary(adsl(), adpp()), group="DL2", category="CMAX", statistic="geometric CV")
    assert found.value == NotEstimable("fewer than 2 values")
    assert (found.n, found.N) == (1, 2)


def test_not_estimable_is_counted_with_reasons():
    """At DL2 01-004 has no half-life and 01-005 has no sample: both are named."""
    found = find_result(
        derive_kinetics_summary(adsl(), adpp()), group="DL2", category="LAMZHL", statistic="not estimable"
    )
    assert found.text == "2: 1 fewer than 3 points after Tmax; 1 no sample analysed"


@given(st.lists(st.floats(1e-3, 1e6), min_size=2, max_size=12), st.floats(0.01, 100))
def test_geometric_cv_does_not_depend_on_the_unit(values, factor):
    """A change of unit multiplies the mean and leaves the CV as it is."""
    scaled = [value * factor for value in values]
    assert compute_geometric_mean(scaled) == pytest.approx(factor * compute_geometric_mean(values), rel=1e-9)
    assert compute_geometric_cv(scaled) == pytest.approx(compute_geometric_cv(values), rel=1e-5, abs=1e-4)


@given(st.floats(1e-6, 1e9))
def test_format_number_keeps_three_figures(value):
    """What is printed is within half of the third significant figure of the value."""
    printed = float(format_number(value).replace("\u202f", ""))
    assert abs(printed - value) <= 0.5000001 * 10 ** (math.floor(math.log10(value)) - 2)
