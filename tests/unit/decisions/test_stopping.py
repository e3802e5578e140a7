"""Stopping rules on the record: what meets them, what they refuse, and that a signed decision lifts the pause."""

from dataclasses import replace

import pytest

from celltrial.codes import SubjectId
from celltrial.decisions import gates_dosing
from celltrial.decisions.stopping import check_pause, find_met_rules
from celltrial.record import Draft
from celltrial.record.bodies import AdverseEvent, Body, CrsAssessment, FormEntry, IcansAssessment
from trial_builder import INVESTIGATOR, Story, ct1192


def dosed(participants: int = 1) -> Story:
    story = Story()
    story.decide("start", "DL1", day=0)
    for number in range(participants):
        story.dose(f"01-{number + 1:03d}", "DL1", day=30 + 20 * number)
    return story


def crs(temperature: str, **signs: object) -> CrsAssessment:
    return CrsAssessment(at="2025-08-15T08:00", temperature_c=temperature, hypotension="yes", **signs)  # type: ignore[arg-type]  # fields by name


def event(term: str, grade: str, related: str, outcome: str = "ongoing") -> AdverseEvent:
    return AdverseEvent(
        number="1",
        term=term,
        soc="Immune system disorders",
        onset="2025-08-20",
        grade=grade,  # type: ignore[arg-type]  # one of the grades
        serious="yes",
        related_product=related,  # type: ignore[arg-type]  # yes or no
        outcome=outcome,  # type: ignore[arg-type]  # one of the outcomes
    )


@pytest.mark.parametrize(
    ("body", "met"),
    [
        (crs("39.0", vasopressors=("noradrenaline",)), []),  # grade 3
        (crs("39.0", vasopressors=("noradrenaline", "adrenaline")), ["ST03"]),  # grade 4
        (crs("39.0", oxygen="positive pressure", other_cause="yes"), []),
        (IcansAssessment(at="2025-08-15T08:00", ice="0", consciousness="unarousable"), ["ST03"]),
        (event("Sepsis", "5", "yes", "fatal"), ["ST02"]),
        (event("Sepsis", "5", "no", "fatal"), []),
        (event("Graft versus host disease", "3", "yes"), ["ST04"]),
        (event("Graft versus host disease", "2", "yes"), []),
    ],
)
def test_what_meets_a_rule(body: Body, met: list[str]) -> None:
    """CRS or ICANS of grade 4, a related death, GvHD of grade III: on both sides of each limit."""
    story = dosed().at(40)
    story.write(body, "01-001")
    assert [each.rule.id for each in find_met_rules(story.study, story.state)] == met


@pytest.mark.parametrize(("dlts", "is_met"), [(2, False), (3, True)])
def test_the_dlt_rate_rule(dlts: int, is_met: bool) -> None:
    """Uniform prior: Pr(rate > 0.30) is 0.916 at 2/3 and 0.992 at 3/3 (Beta tail, Thall and Simon 1994)."""
    story = dosed(3)
    for number in range(3):
        story.adjudicate(f"01-{number + 1:03d}", day=110, dlt="yes" if number < dlts else "no")
    assert ([each.rule.id for each in find_met_rules(story.study, story.state)] == ["ST01"]) == is_met


@pytest.mark.parametrize(
    ("prior", "is_met", "told"),
    [
        ({}, True, "3/3 DLTs over all levels: Pr(rate > 0.3) = 0.992 > 0.95, prior Beta(1, 1)"),
        (
            {"prior_a": 1.0, "prior_b": 2.0},
            True,
            "3/3 DLTs over all levels: Pr(rate > 0.3) = 0.969 > 0.95, prior Beta(1, 2)",
        ),
        ({"prior_a": 1.0, "prior_b": 4.0}, False, ""),  # Beta(4, 4): P(binomial(7; 0.3) <= 3) = 0.874
    ],
)
def test_the_prior_of_the_study_file_is_used_and_told(prior: dict[str, float], is_met: bool, told: str) -> None:
    """3 of 3 with DLT: 0.9919, 0.96922, 0.873964 by the closed forms of the Beta integral."""
    story = dosed(3)
    for number in range(3):
        story.adjudicate(f"01-{number + 1:03d}", day=110, dlt="yes")
    rules = tuple(
        replace(rule, parameters=rule.parameters | prior) if rule.id == "ST01" else rule
        for rule in story.study.stopping
    )  # type: ignore[operator]  # a dict at run time
    met = {each.rule.id: each.found for each in find_met_rules(replace(story.study, stopping=rules), story.state)}
    assert ("ST01" in met) == is_met
    assert met.get("ST01", "") == told


def test_dosing_is_paused_until_the_committee_has_decided_and_signed() -> None:
    """The refusal names rule and participant; a decision signed later lifts it."""
    story = dosed().at(40)
    story.write(crs("39.0", oxygen="positive pressure"), "01-001")
    draft = Draft(body=story.infusion("DL1", 60), subject=SubjectId("01-002"))
    findings = gates_dosing.check_not_paused(story.study, story.state, draft, INVESTIGATOR, story.now)
    assert findings[0].message == "dosing is paused by stopping rule ST03"
    assert findings[0].where == "subject 01-002, infusion"
    assert findings[0].found == "CRS or ICANS of grade 4 or higher: 01-001"
    story.adjudicate("01-001", day=60, dlt="yes")
    story.decide("stay", "DL1", day=61, override="one more at this level, with tocilizumab at grade 2", sign=False)
    assert check_pause(story.study, story.state)
    story.sign(story.state.length)
    assert check_pause(story.study, story.state) == ()
    assert [each.is_decided for each in find_met_rules(story.study, story.state)] == [True]


def test_every_stopping_rule_of_the_study_is_looked_at() -> None:
    """Each kind that a study file may name has its trigger."""
    from celltrial.decisions.stopping import _TRIGGERS
    from celltrial.study.vocabulary import STOPPING_KINDS

    assert set(_TRIGGERS) == set(STOPPING_KINDS) >= {rule.kind for rule in ct1192().stopping}


@pytest.mark.parametrize(("stool", "met"), [("500", []), ("1000", ["ST04"])])
def test_gvhd_of_grade_three_by_the_assessment_meets_the_rule(stool: str, met: list[str]) -> None:
    """Stool of 500 mL a day is lower GI stage 1, grade II; 1000 mL is stage 2, grade III. Nobody reported it."""
    story = dosed().at(50)
    words = ("bullae", "mixed_with_urine", "severe_abdominal_pain", "ileus", "grossly_bloody_stool", "other_cause")
    items = dict.fromkeys(words, "no") | {"upper_gi": "none", "biopsy": "not_done", "rash_bsa_percent": "0"}
    items |= {"stool_ml_per_day": stool, "assessed": story.day(44)}
    bilirubin = {"analyte": "bilirubin_total", "value": "9", "unit": "umol/L", "collected": story.day(44)}
    story.write(FormEntry(form="labs", items=bilirubin, visit="D14"), "01-001")
    story.write(FormEntry(form="gvhd_assessment", items=items, visit="D14"), "01-001")
    assert [each.rule.id for each in find_met_rules(story.study, story.state)] == met


def test_crs_of_grade_four_that_was_only_reported_pauses_dosing() -> None:
    """No bedside assessment: the report is enough to look."""
    story = dosed().at(40)
    story.write(event("Cytokine release syndrome", "4", "yes"), "01-001")
    assert [each.rule.id for each in find_met_rules(story.study, story.state)] == ["ST03"]
