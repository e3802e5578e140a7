"""Each organ's course: what stands in which lane, against the participant's own baseline."""

import polars as pl

from celltrial.analyses.organs import ORGANS, derive_organ_activity, derive_organ_toxicity, organ_of
from unit.analyses.frames import adae, adlb, adsl, usubjid


def found():
    return derive_organ_toxicity(adsl(), adae(), adlb())


def test_an_event_stands_in_the_lane_of_its_term_then_of_its_class():
    """Investigations have no lane: a liver enzyme is the liver's; CRS is not a disorder of its class."""
    assert organ_of("term", "alanine aminotransferase increased") == "Liver"
    assert organ_of("soc", "Investigations") is None
    assert organ_of("term", "CYTOKINE RELEASE SYNDROME") == "Immune effector"


def test_what_no_row_names_is_other_and_never_left_out():
    """ALT increased is not the printed term and its class says nothing: Other."""
    events = [each for each in found() if each.kind == "event"]
    placed = adae().filter((pl.col("TRTEMFL") == "Y") & pl.col("ASTDY").is_not_null())
    assert len(events) == placed.height
    assert [each.organ for each in events if each.term == "ALT increased"] == ["Other"]
    assert {each.organ for each in found()} <= set(ORGANS)


def test_a_result_counts_only_above_the_own_baseline():
    """01-001 had grade 2 before, 4 and 3 after; 01-002 had grade 4 before and after."""
    results = [(each.subject, each.start, each.grade) for each in found() if each.kind == "result"]
    assert results == [("01-001", 8, 4), ("01-001", 15, 3)]


def test_an_event_without_a_grade_is_drawn_as_such():
    """The rash of 01-005 has no grade; it is there."""
    assert [each.grade for each in found() if each.term == "Rash"] == [None]


def test_activity_that_could_not_be_evaluated_is_not_zero():
    """Points of the kidney: 8 at baseline, not evaluable on day 29."""
    rows = [
        {"USUBJID": usubjid(1), "PARAMCD": "SLDREN", "ADY": -9, "AVAL": 8.0, "ABLFL": "Y", "EVENTSEQS": [7]},
        {"USUBJID": usubjid(1), "PARAMCD": "SLDREN", "ADY": 29, "AVAL": None, "ABLFL": None, "EVENTSEQS": [8]},
        {"USUBJID": usubjid(1), "PARAMCD": "SLEDAI2K", "ADY": 29, "AVAL": 4.0, "ABLFL": None, "EVENTSEQS": [8]},
    ]
    courses = derive_organ_activity(adsl(), pl.DataFrame(rows))
    assert [(each.organ, each.day, each.points, each.is_baseline) for each in courses] == [
        ("Kidney", -9, 8, True),
        ("Kidney", 29, None, False),
    ]
