"""Adverse events: exact n/N by level, counted by hand from `frames.adae`."""

import polars as pl

from celltrial.analyses import (
    derive_ae_summary,
    derive_ae_terms,
    derive_immune_toxicity,
    derive_worst_grades,
    find_result,
)
from celltrial.missing import NotEstimable
from unit.analyses.frames import adae, adsl


def counts(rows, category, statistic="participants"):
    return {row.group: (row.n, row.N) for row in rows if (row.category, row.statistic) == (category, statistic)}


def test_summary_counts_participants_not_events():
    """Two fevers of one participant are one participant; the denominator is everyone infused."""
    rows = derive_ae_summary(adsl(), adae())
    assert counts(rows, "Any adverse event") == {"DL1": (2, 3), "DL2": (2, 2), "Total": (4, 5)}
    assert counts(rows, "Grade 3 or worse") == {"DL1": (1, 3), "DL2": (1, 2), "Total": (2, 5)}
    assert counts(rows, "Serious") == {"DL1": (0, 3), "DL2": (1, 2), "Total": (1, 5)}
    assert counts(rows, "Related, grade 3 or worse") == {"DL1": (0, 3), "DL2": (1, 2), "Total": (1, 5)}
    assert counts(rows, "Not graded") == {"DL1": (0, 3), "DL2": (1, 2), "Total": (1, 5)}
    assert find_result(rows, group="DL1", category="Any adverse event", statistic="events").value == 3.0


def test_event_before_infusion_is_not_counted():
    """The grade 3 headache on day -3 is no treatment-emergent event."""
    rows = derive_ae_summary(adsl(), adae())
    found = find_result(rows, group="DL1", category="Grade 3 or worse")
    assert found.subjects == ("01-002",)
    assert found.source == (102,)


def test_astct_episode_is_not_counted_twice():
    """01-005 has one reported event; its CRS episode stands in the ASTCT table only."""
    assert (
        find_result(
            derive_ae_summary(adsl(), adae()), group="DL2", category="Any adverse event", statistic="events"
        ).value
        == 3.0
    )


def test_terms_come_with_their_class_and_the_severe_among_them():
    """A class counts its participants once, whatever the number of its terms."""
    rows = derive_ae_terms(adsl(), adae())
    assert counts(rows, "General disorders") == {"DL1": (1, 3), "DL2": (1, 2), "Total": (2, 5)}
    assert counts(rows, "General disorders / Pyrexia", "grade 3 or worse")["Total"] == (0, 5)
    assert counts(rows, "Blood disorders / Neutropenia", "grade 3 or worse")["Total"] == (1, 5)
    assert rows[0].category == "General disorders"


def test_worst_grade_is_taken_once_per_participant():
    """01-001 had fever of grade 1 and 2: it counts at grade 2; a rash without a grade counts as not graded."""
    rows = derive_worst_grades(adsl(), adae())
    assert counts(rows, "Pyrexia", "grade 1")["Total"] == (0, 5)
    assert counts(rows, "Pyrexia", "grade 2")["Total"] == (2, 5)
    assert counts(rows, "Rash", "not graded")["DL2"] == (1, 2)


def test_crs_by_worst_grade_with_onset_and_duration():
    """An episode without an end has an onset but no duration; nobody at DL1 had CRS."""
    rows = derive_immune_toxicity(adsl(), adae())
    assert counts(rows, "CRS", "any") == {"DL1": (0, 3), "DL2": (2, 2), "Total": (2, 5)}
    assert counts(rows, "CRS", "grade 2")["DL2"] == (1, 2)
    onset = find_result(rows, group="DL2", category="CRS", statistic="onset day")
    duration = find_result(rows, group="DL2", category="CRS", statistic="duration")
    assert (onset.value, onset.text) == (4.0, "4 (3 to 5)")
    assert (duration.value, duration.text) == (4.0, "4 (4 to 4); 1 not ended")
    assert find_result(rows, group="DL1", category="CRS", statistic="duration").value == NotEstimable("no episode")
    assert counts(rows, "ICANS", "any")["Total"] == (0, 5)


def test_dlt_is_counted_although_no_event_is_named():
    """The adjudication of 01-004 may name no event: the summary shows the DLT all the same."""
    unnamed = adae().with_columns(DLTFL=pl.lit("N"))
    for events in (adae(), unnamed):
        rows = derive_ae_summary(adsl(), events)
        assert counts(rows, "Dose-limiting toxicity (adjudicated)") == {"DL1": (0, 3), "DL2": (1, 2), "Total": (1, 5)}
