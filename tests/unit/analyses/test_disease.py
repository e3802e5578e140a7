"""SLEDAI-2K by visit: what is missing is counted as missing."""

from celltrial.analyses import derive_sledai_by_visit, find_result
from celltrial.missing import NotEstimable
from unit.analyses.frames import adrs, adsl


def test_scores_and_changes_by_visit_in_order():
    """Screening before day 28; the change is of those evaluable at both."""
    rows = derive_sledai_by_visit(adsl(), adrs())
    assert list(dict.fromkeys(row.category for row in rows)) == ["SCR", "D28"]
    score = find_result(rows, group="DL1", category="SCR", statistic="score")
    change = find_result(rows, group="DL1", category="D28", statistic="change")
    assert (score.value, score.text, score.n, score.N) == (10.0, "10 (8 to 12)", 3, 3)
    assert (change.value, change.n, change.N) == (-8.0, 1, 3)


def test_not_evaluable_and_absent_are_told_apart():
    """On day 28 one of DL1 could not be scored and one was not assessed; nobody of DL2 was."""
    rows = derive_sledai_by_visit(adsl(), adrs())
    missing = find_result(rows, group="DL1", category="D28", statistic="not evaluable")
    assert missing.text == "1 no assessment at this visit; 1 not known whether present: urinary_casts"
    assert missing.subjects == ("01-002", "01-003")
    nobody = find_result(rows, group="DL2", category="D28", statistic="score")
    assert nobody.value == NotEstimable("no participant was evaluable")
