"""Laboratory grades after infusion against the participant's own baseline, and B cells."""

from celltrial.analyses import (
    derive_b_cell_courses,
    derive_b_cell_summary,
    derive_lab_summary,
    derive_worst_lab_grades,
    find_result,
)
from celltrial.missing import NotEstimable
from unit.analyses.frames import adlb, adsl


def worst_by_subject():
    return {each.subject: each for each in derive_worst_lab_grades(adsl(), adlb())}


def test_worst_grade_after_the_baseline():
    """01-001: grade 2 at baseline, worst 4 on day 8; the screening result does not count."""
    found = worst_by_subject()["01-001"]
    assert (found.baseline, found.worst, found.day, found.source) == (2, 4, 8, (402,))


def test_not_graded_is_not_grade_0():
    """01-004's only result after infusion could not be read: no worst grade, and the reason."""
    found = worst_by_subject()["01-004"]
    assert (found.worst, found.not_graded) == (None, 1)
    assert found.reasons == "1 the result is not a number: clotted"


def test_severe_and_above_baseline_are_two_counts():
    """Both of DL1 reach grade 4; 01-002 had it before. 01-004 is no denominator: nothing was graded."""
    rows = derive_lab_summary(adsl(), derive_worst_lab_grades(adsl(), adlb()))
    severe = find_result(rows, group="Total", category="NEUT L", statistic="grade 3 or worse")
    rose = find_result(rows, group="Total", category="NEUT L", statistic="above baseline")
    assert (severe.n, severe.N, severe.subjects) == (2, 2, ("01-001", "01-002"))
    assert (rose.n, rose.N, rose.subjects) == (1, 2, ("01-001",))


def test_b_cells_gone_and_back():
    """Under 5 cells/uL on day 8 (reported as <1), back on day 91."""
    first, second, third, fourth, _ = derive_b_cell_courses(adsl(), adlb(), parameter="BLYCE", threshold=5.0)
    assert (first.baseline, first.depleted_on, first.returned_on) == (40.0, 8, 91)
    assert (second.depleted_on, second.returned_on) == (8, NotEstimable("not back by the last sample, day 29"))
    assert third.depleted_on == NotEstimable("no sample after infusion")
    # `<20` may be over or under 5: it tells nothing
    assert fourth.depleted_on == NotEstimable("no sample after infusion")


def test_b_cell_return_is_counted_among_the_depleted():
    """Two of the two sampled at DL1 lost their B cells, one of these two has them back."""
    courses = derive_b_cell_courses(adsl(), adlb(), parameter="BLYCE", threshold=5.0)
    rows = derive_b_cell_summary(adsl(), courses)
    depleted = find_result(rows, group="DL1", category="depleted")
    returned = find_result(rows, group="DL1", category="returned")
    assert ((depleted.n, depleted.N), (returned.n, returned.N)) == ((2, 2), (1, 2))
    assert find_result(rows, group="DL1", category="returned", statistic="day").text == "91 (91 to 91)"
    assert find_result(rows, group="DL2", category="depleted").text == "0/0"
