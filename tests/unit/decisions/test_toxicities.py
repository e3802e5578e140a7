"""What the DLT rule is given: graded assessments, counts and reports, each thing once, and nothing unknown as `no`."""

from datetime import date
from typing import Any

import pytest

from celltrial.codes import SubjectId
from celltrial.decisions import DltReview, review_dlt
from celltrial.decisions.licats import check_licats
from celltrial.record.bodies import AdverseEvent, CrsAssessment, FormEntry
from celltrial.safety.iec_hs import iec_hs_signs
from celltrial.safety.terms import ae_kind
from trial_builder import Story

WHO = SubjectId("01-001")
NO_GVHD = {
    "rash_bsa_percent": "0",
    "bullae": "no",
    "desquamation_bsa_percent": "0",
    "upper_gi": "none",
    "stool_ml_per_day": "100",
    "mixed_with_urine": "no",
    "severe_abdominal_pain": "no",
    "ileus": "no",
    "grossly_bloody_stool": "no",
    "biopsy": "not_done",
    "other_cause": "no",
}
IEC_HS = dict.fromkeys(
    (
        "other_cause",
        "intervention_indicated",
        "bleeding_needing_transfusion",
        "hospitalised_for_aki_hypotension_or_distress",
        "severe",
        "life_threatening",
        "ventilation",
        "dialysis",
        "death_due_to_iec_hs",
        "hepatomegaly",
        *iec_hs_signs(),
    ),
    "no",
)
INFUSED = 30


def dosed() -> Story:
    story = Story()
    story.decide("start", "DL1", day=0)
    story.dose("01-001", "DL1", day=INFUSED)
    return story.at(INFUSED + 60)


def form(story: Story, name: str, items: dict[str, str], visit: str = "") -> int:
    row = str(1 + len(story.state.forms(name, WHO))) if name in ("labs", "organ_involvement") else "1"
    return story.write(FormEntry(form=name, items=items, visit=visit, row=row), "01-001")


def gvhd(story: Story, day: int, visit: str, *, bilirubin: str = "9", **changes: str) -> int:
    at = story.day(INFUSED + day)
    if bilirubin:
        lab(story, "bilirubin_total", bilirubin, "umol/L", day, visit)
    return form(story, "gvhd_assessment", NO_GVHD | {"assessed": at} | changes, visit)


def lab(story: Story, analyte: str, value: str, unit: str, day: int, visit: str = "") -> None:
    items = {"analyte": analyte, "value": value, "unit": unit, "collected": story.day(INFUSED + day)}
    form(story, "labs", items, visit)


def report(story: Story, term: str, grade: str, day: int, ended: int | None = None, **more: Any) -> None:
    fields: dict[str, Any] = {"number": "1", "term": term, "soc": "Immune system disorders", "grade": grade}
    end = {} if ended is None else {"ended": story.day(INFUSED + ended), "outcome": "resolved"}
    flags = {"serious": "yes", "related_product": "yes"}
    story.write(AdverseEvent(onset=story.day(INFUSED + day), **(fields | flags | end | more)), "01-001")


def review(story: Story, day: int = 60) -> DltReview:
    story.at(INFUSED + day)
    return review_dlt(story.study, story.state, WHO, as_of=story.now)


# ---- acute GvHD: clause D05, grade II to IV


@pytest.mark.parametrize(("rash", "proposed"), [("50", "no"), ("51", "yes")])
def test_gvhd_of_grade_two_by_the_form_is_a_dlt(rash: str, proposed: str) -> None:
    """Rash over 50 % is skin stage 3, grade II; 50 % is stage 2, grade I."""
    story = dosed()
    gvhd(story, 14, "D14", rash_bsa_percent=rash)
    gvhd(story, 28, "D28")
    found = review(story)
    assert found.proposed == proposed
    assert ("acute GvHD: grade 2" in " ".join(found.evidence)) == (proposed == "yes")


def test_gvhd_that_cannot_be_graded_leaves_the_proposal_open() -> None:
    """No bilirubin: the liver may be at any stage. Unknown is never no."""
    story = dosed()
    seq = gvhd(story, 14, "D14", bilirubin="")
    found = review(story)
    assert found.proposed == "unknown"
    assert "grade not known" in found.evidence[0]
    assert seq in found.matched_events


def test_a_reported_gvhd_that_the_assessments_support_is_not_counted_twice() -> None:
    """Grade II by the form and by the report: one reason, and the adjudication can name the event."""
    story = dosed()
    gvhd(story, 14, "D14", rash_bsa_percent="60")
    gvhd(story, 28, "D28")
    report(story, "Graft versus host disease", "2", 12, 27)
    found = review(story)
    assert found.proposed == "yes"
    assert len(found.evidence) == 1
    assert found.adverse_events == ("1",)


@pytest.mark.parametrize(
    ("assessed", "reported", "proposed"),
    [
        ("0", "2", "yes"),  # assessed without GvHD
        ("20", "2", "yes"),  # assessed as grade I only
        ("20", "1", "no"),
    ],
)
def test_a_report_counts_where_no_assessment_reaches_its_grade(assessed: str, reported: str, proposed: str) -> None:
    story = dosed()
    gvhd(story, 14, "D14", rash_bsa_percent=assessed)
    gvhd(story, 28, "D28")
    report(story, "Graft versus host disease", reported, 13, 27)
    assert review(story).proposed == proposed


def test_a_report_at_another_time_is_another_event() -> None:
    """GvHD graded II from day 7 to 10, reported II from day 20: the report is not that episode."""
    story = dosed()
    gvhd(story, 7, "D7", rash_bsa_percent="60")
    gvhd(story, 10, "D10")
    report(story, "Graft versus host disease", "2", 20, 25)
    assert len(review(story).evidence) == 2


def test_crs_reported_without_any_assessment_counts_as_reported() -> None:
    """Clause D01: CRS of grade 4. Nobody assessed it at the bedside."""
    story = dosed()
    report(story, "Cytokine release syndrome", "4", 3, 6)
    assert review(story).proposed == "yes"


def test_a_fatal_event_is_not_hidden_by_a_lower_episode() -> None:
    """CRS of grade 2 at the bedside; the reported event was fatal: clause D08."""
    story = dosed()
    story.write(CrsAssessment(at=f"{story.day(INFUSED + 3)}T08:00", temperature_c="39.0", hypotension="yes"), "01-001")
    report(story, "Cytokine release syndrome", "2", 3, 6, outcome="fatal")
    assert "clause D08" in " ".join(review(story).evidence)


# ---- IEC-HS: clause D04, grade 3 or more


@pytest.mark.parametrize(
    ("changes", "proposed"),
    [
        ({"diagnosed": "no"}, "no"),
        ({"diagnosed": "yes", "intervention_indicated": "yes"}, "no"),
        ({"diagnosed": "yes", "bleeding_needing_transfusion": "yes"}, "yes"),
        ({"diagnosed": "unknown", "bleeding_needing_transfusion": "yes"}, "unknown"),
    ],
)
def test_iec_hs_of_grade_three_by_the_form_is_a_dlt(changes: dict[str, str], proposed: str) -> None:
    story = dosed()
    form(story, "iec_hs_assessment", IEC_HS | {"assessed": story.day(INFUSED + 14)} | changes, "D14")
    assert review(story).proposed == proposed


# ---- ICAHT: clause D07, grade 3 or more that lasts over 28 days


def neutropenia(story: Story, first: int, last: int, *, until: int = 60, without: range = range(0)) -> None:
    for day in range(until + 1):
        if day not in without:
            lab(story, "neutrophils", "0.4" if first <= day <= last else "2.5", "10*9/L", day)


@pytest.mark.parametrize(("last", "proposed"), [(20, "no"), (31, "no"), (32, "unknown")])
def test_icaht_counts_when_the_neutropenia_lasts_over_28_days(last: int, proposed: str) -> None:
    """Neutrophils of 400/uL from day 4: 17 and 28 days do not meet D07; 29 do, and the cause is for a person to say."""
    story = dosed()
    neutropenia(story, 4, last)
    found = review(story)
    assert found.proposed == proposed
    assert ("relation to the product not known" in " ".join(found.evidence)) == (proposed == "unknown")


def test_neutropenia_that_goes_on_counts_by_what_was_seen() -> None:
    """From day 4, still there on day 33, counts to day 33: 30 days seen."""
    story = dosed()
    neutropenia(story, 4, 99, until=33)
    assert review(story, 33).proposed == "unknown"


def test_an_open_window_is_no_icaht_yet() -> None:
    """On day 12 neutropenia of 9 days: no clause is met so far; completeness of the window is told apart."""
    story = dosed()
    neutropenia(story, 4, 99, until=12)
    found = review(story, 12)
    assert (found.proposed, found.window_complete) == ("no", False)


def test_missing_counts_that_may_hide_icaht_leave_it_open_only_where_they_may_last() -> None:
    """Low on day 4 and again on day 20, nothing between and after: 17 days at most are not over 28."""
    story = dosed()
    neutropenia(story, 4, 20, without=range(5, 20))
    assert review(story).proposed == "no"
    longer = dosed()
    neutropenia(longer, 4, 40, without=range(5, 40))
    assert review(longer).proposed == "unknown"


# ---- LICATS


def test_licats_that_differs_from_the_record_is_told_and_changes_nothing() -> None:
    """Grade 3 arthritis with every feature of LICATS, recorded as none: proposed as DLT as before, and told."""
    story = dosed()
    organ = {"organ": "joints", "ever_involved": "yes", "active_at_baseline": "no", "assessed": story.day(0)}
    form(story, "organ_involvement", organ, "SCR")
    lab(story, "cd19_b_cells", "<1", "cells/uL", 9)
    report(story, "Arthritis", "3", 10, 20, soc="Musculoskeletal and connective tissue disorders", is_licats="no")
    found = review(story)
    assert found.proposed == "yes"
    assert [each.message for each in found.licats] == [
        "has the features of LICATS and is not recorded as LICATS",
    ]
    assert check_licats(story.study, story.state, WHO) == found.licats


def test_what_is_not_known_of_licats_is_no_difference() -> None:
    """Without a B-cell count and without the organ form."""
    story = dosed()
    report(story, "Arthritis", "3", 10, 20, soc="Musculoskeletal and connective tissue disorders", is_licats="yes")
    assert review(story).licats == ()


def test_the_terms_used_here_are_of_the_dictionary() -> None:
    assert [ae_kind(each) for each in ("Graft versus host disease", "Cytokine release syndrome")] == ["gvhd", "crs"]
    assert date.fromisoformat(Story().day(INFUSED)).isoformat() == "2025-08-10"
