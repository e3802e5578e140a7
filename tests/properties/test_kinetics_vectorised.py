"""Many profiles at once give what each gives by itself."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celltrial.errors import UsageError
from celltrial.kinetics import (
    BLQ_DROP_ALL,
    BLQ_HALF_LLOQ,
    BLQ_ICH_M13A,
    BLQ_KEEP_ZERO,
    BLQ_PKANALIX,
    Acceptance,
    Estimate,
    NcaOptions,
    Profile,
    Sample,
    compute_nca,
    compute_nca_table,
)
from celltrial.missing import Blq

LLOQ = 50.0
RULES = st.sampled_from([BLQ_ICH_M13A, BLQ_KEEP_ZERO, BLQ_DROP_ALL, BLQ_HALF_LLOQ, BLQ_PKANALIX])
DAYS = st.lists(st.integers(-20, 400), min_size=1, max_size=12, unique=True).map(sorted)
LEVELS = st.one_of(st.just(0.0), st.floats(50, 1e6), st.sampled_from([100.0, 50.0, 1000.0]))


@st.composite
def profiles(draw):
    """One to four rows of samples of different length, some below the limit."""
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        days = draw(DAYS)
        rows.append([(float(day), draw(LEVELS)) for day in days])
    return rows


@st.composite
def options(draw):
    """Every rule and method, strict and loose acceptance, with and without a point at the infusion."""
    return NcaOptions(
        method=draw(st.sampled_from(["linear", "linear-up-log-down", "linear-log"])),
        blq=draw(RULES),
        acceptance=draw(st.sampled_from([Acceptance(), Acceptance(min_adj_r2=None, min_span=None)])),
        windows=((0.0, 28.0), (3.0, 90.0)),
        at_infusion=draw(st.sampled_from([0.0, None])),
        tmax_from_day=draw(st.sampled_from([0.0, 5.0])),
    )


def as_arrays(rows):
    width = max(len(row) for row in rows)
    days, values = np.full((len(rows), width), np.nan), np.full((len(rows), width), np.nan)
    for number, row in enumerate(rows):
        days[number, : len(row)] = [day for day, _ in row]
        values[number, : len(row)] = [value for _, value in row]
    return days, values


@settings(max_examples=400)
@given(rows=profiles(), chosen=options())
def test_each_number_is_the_one_of_its_profile(rows, chosen):
    """Same numbers, and none where there is none."""
    table = compute_nca_table(*as_arrays(rows), chosen, lloqs=LLOQ, unit="x")
    for number, row in enumerate(rows):
        samples = tuple(Sample(day=day, value=value or Blq(Decimal(50)), lloq=LLOQ) for day, value in row)
        plain = compute_nca(Profile(samples=samples, unit="x"), chosen)
        for name, result in plain.parameters.items():
            found = float(table[name][number])
            if isinstance(result, Estimate):
                assert found == pytest.approx(result.value, rel=1e-7, abs=1e-9), (name, row)
            else:
                assert math.isnan(found), (name, row, result)


def test_the_reason_of_a_gap_is_that_of_the_profile():
    """What is NaN in the table says why on request."""
    table = compute_nca_table([[0, 7, 14]], [[0, 100, 50]], unit="copies/ug")
    assert math.isnan(table["half_life"][0])
    assert "fewer than 3 quantifiable points" in table.result(0, "half_life").reason
    assert table.result(0, "cmax") == Estimate(100.0, "copies/ug")


@pytest.mark.parametrize(
    ("days", "values"),
    [([[0, 7, 7]], [[0, 1, 2]]), ([[0, 7]], [[0, -1]]), ([[0, math.nan, 7]], [[0, 1, 2]]), ([[0, 7]], [[0, 1, 2]])],
)
def test_profiles_that_cannot_be_read_are_refused(days, values):
    """Two samples at one time, a negative value, a gap in front of a sample, shapes that differ."""
    with pytest.raises(UsageError):
        compute_nca_table(days, values)
