"""DLTs of evaluable participants, each with the bound that so few allow."""

import pytest

from celltrial.analyses import derive_dlt_summary, find_result
from celltrial.missing import NotEstimable
from unit.analyses.frames import adsl


def test_only_evaluable_participants_are_the_denominator():
    """01-003 left early and 01-005's window is open: neither counts as `no DLT`."""
    rows = derive_dlt_summary(adsl())
    assert [find_result(rows, group=group, category="DLT").text for group in ("DL1", "DL2", "Total")] == [
        "0/2",
        "1/1 (100\u00a0%)",
        "1/3 (33\u00a0%)",
    ]
    assert find_result(rows, group="DL1", category="not evaluable").subjects == ("01-003",)
    assert find_result(rows, group="DL2", category="not yet adjudicated").subjects == ("01-005",)


def test_every_count_stands_beside_its_upper_bound():
    """0/2: 1 - 0.05**(1/2) = 77.6 %; 1/3: 86.5 % (Clopper-Pearson, one-sided 95 %); 1/1 excludes nothing."""
    rows = derive_dlt_summary(adsl())
    bounds = {
        group: find_result(rows, group=group, category="DLT", statistic="upper bound")
        for group in ("DL1", "DL2", "Total")
    }
    assert bounds["DL1"].value == pytest.approx(1 - 0.05**0.5)
    assert bounds["DL2"].value == 1.0
    assert bounds["Total"].value == pytest.approx(0.86465, abs=1e-5)
    assert bounds["DL1"].text == "78\u00a0%"


def test_nobody_evaluable_has_no_bound():
    """Without an evaluable participant there is no rate to bound."""
    nobody = adsl().filter(adsl()["USUBJID"] == "CT1192-01-005")
    bound = find_result(derive_dlt_summary(nobody), group="DL2", category="DLT", statistic="upper bound")
    assert isinstance(bound.value, NotEstimable)
    assert bound.text == bound.value.reason
