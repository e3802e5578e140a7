"""Participant flow: everyone who consented is somewhere, and only once on the main line's sides."""

from celltrial.analyses import derive_exposure, derive_flow
from unit.analyses.frames import adsl


def by_category(rows, statistic="participants"):
    return {row.category: row.subjects for row in rows if row.statistic == statistic}


def test_steps_and_sides():
    """Each step of the line, and those beside it, by subject."""
    found = by_category(derive_flow(adsl(), {}))
    infused = ("01-001", "01-002", "01-003", "01-004", "01-005")
    assert len(found["consented"]) == 8
    assert found["enrolled"] == (*infused, "01-008")
    assert found["lymphodepleted"] == (*infused, "01-008")
    assert found["infused"] == infused
    assert found["DLT-evaluable"] == ("01-001", "01-002", "01-004")
    assert found["screen failure"] == ("01-006",)
    assert found["in screening"] == ("01-007",)
    assert found["enrolled, awaiting infusion"] == ("01-008",)
    assert found["not DLT-evaluable"] == ("01-003",)
    assert found["DLT window not adjudicated"] == ("01-005",)
    assert found["withdrawn after infusion"] == ("01-003",)
    assert found["ongoing"] == ("01-001", "01-002", "01-004", "01-005")


def test_nobody_drops_out_between_consent_and_enrolment():
    """Consented = enrolled + failed + left + in screening; infused = evaluable + not + open."""
    found = {category: len(subjects) for category, subjects in by_category(derive_flow(adsl(), {})).items()}
    before = found["enrolled"] + found["screen failure"] + found["left before enrolment"] + found["in screening"]
    after = found["DLT-evaluable"] + found["not DLT-evaluable"] + found["DLT window not adjudicated"]
    end = found["withdrawn after infusion"] + found["completed"] + found["ongoing"]
    assert (before, after, end) == (found["consented"], found["infused"], found["infused"])


def test_screen_failure_by_each_criterion_not_met():
    """A failure on two criteria is counted under both; a criterion that only eligible ones failed is not."""
    rows = derive_flow(adsl(), {"01-006": ("I08", "I10"), "01-001": ("I06",)})
    assert {row.statistic: row.n for row in rows if row.category == "screen failure"} == {
        "participants": 1,
        "I08": 1,
        "I10": 1,
    }


def test_withdrawal_by_reason():
    """The reason is that of the record."""
    rows = derive_flow(adsl(), {})
    left = {row.statistic: row.subjects for row in rows if row.category == "withdrawn after infusion"}
    assert left["WITHDRAWAL BY SUBJECT"] == ("01-003",)


def test_exposure_keeps_planned_and_actual_apart():
    """01-001 was planned 3.0e8 and received 2.7e8: 90 %."""
    first = derive_exposure(adsl())[0]
    assert (first.subject, first.planned_cells, first.actual_cells) == ("01-001", 3.0e8, 2.7e8)
    assert round(first.percent_of_plan, 6) == 90.0
    assert first.source == (1,)
