"""Acute GvHD, IEC-HS, infections and low immunoglobulin: what is written gives the true grade back, by other rooms."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from celltrial.codes import SubjectId
from celltrial.missing import NotGradable
from celltrial.record import AdverseEvent, FormEntry
from celltrial.safety.gvhd import AcuteGvhdObservation, grade_acute_gvhd
from celltrial.safety.iec_hs import IecHsObservation, assess_iec_hs, grade_iec_hs, iec_hs_grading_signs, iec_hs_signs
from celltrial.safety.infections import InfectionObservation, grade_infection
from celltrial.simulate.calendar import Participant
from celltrial.simulate.course import simulate_course
from celltrial.simulate.immune import Gvhd, IecHs, fill_gvhd, fill_iec_hs, simulate_gvhd, simulate_iec_hs
from celltrial.simulate.infections import INFECTIONS, infection_detail
from celltrial.simulate.laboratory import limits, true_values
from celltrial.simulate.laboratory_events import grade_before_treatment, report_counts
from celltrial.simulate.population import simulate_person
from celltrial.simulate.replacement import replace_immunoglobulin, replaced_igg
from celltrial.simulate.scenario import scenario_named
from celltrial.study import load_study, shipped_study
from celltrial.tables import read_package_table

ON = date(2026, 1, 1)
PERSON = simulate_person(1, 0, scenario_named("default"), opened_on=date(2025, 7, 11))


def participant() -> Participant:
    return Participant(subject=SubjectId("01-001"), person=PERSON)


def magic_grade(gvhd: Gvhd | None, day: int, *, diarrhoea: bool = False) -> int:
    """The grade of the form of a day by MAGIC, with a normal bilirubin."""
    items = fill_gvhd(np.random.default_rng(day), gvhd, day, diarrhoea=diarrhoea)
    graded = grade_acute_gvhd(
        AcuteGvhdObservation(
            rash_bsa_percent=Decimal(items["rash_bsa_percent"]),
            bullae=items["bullae"],  # type: ignore[arg-type]  # the words of the form
            desquamation_bsa_percent=Decimal(items["desquamation_bsa_percent"]),
            bilirubin_umol_l=Decimal(10),
            upper_gi=items["upper_gi"],  # type: ignore[arg-type]  # likewise
            stool_ml_per_day=Decimal(items["stool_ml_per_day"]),
            stool_episodes_per_day=Decimal(items["stool_episodes_per_day"]),
            severe_abdominal_pain="no",
            grossly_bloody_stool="no",
        )
    ).grade
    assert not isinstance(graded, NotGradable)
    return graded.value


def test_gvhd_reaches_its_grade_and_no_more() -> None:
    """Grade I or II at its worst, none before and after; a DLT is of grade II and begins in the window."""
    rng = np.random.default_rng(2)
    for dlt in (True, False):
        for _ in range(50):
            gvhd = simulate_gvhd(rng, 1.0, dlt=dlt)
            assert gvhd is not None
            assert gvhd.grade == (2 if dlt else 1)
            assert 0 < gvhd.onset <= 28
            grades = [magic_grade(gvhd, day) for day in range(gvhd.onset - 1, gvhd.end + 2)]
            assert (grades[0], max(grades), grades[-1]) == (0, gvhd.grade, 0)


def test_gvhd_is_as_rare_as_the_scenario_says() -> None:
    """With probability 0 nobody has it; with 0.1 about a tenth, as three standard errors allow."""
    rng = np.random.default_rng(3)
    assert all(simulate_gvhd(rng, 0.0, dlt=False) is None for _ in range(200))
    n = sum(simulate_gvhd(rng, 0.1, dlt=False) is not None for _ in range(2000))
    assert abs(n - 200) < 3 * (2000 * 0.1 * 0.9) ** 0.5


def test_diarrhoea_of_another_cause_is_no_gvhd() -> None:
    """It stays below every limit of a stage."""
    assert [magic_grade(None, day, diarrhoea=True) for day in range(50)] == [0] * 50


def test_some_dlts_are_gvhd() -> None:
    """The share of the scenario, and each of them is an adverse event of grade 2 that is put down to the product."""
    scenario = replace(scenario_named("toxic"), gvhd={"grade_1": 0.0, "of_dlt": 1.0})
    course = next(
        each for each in (simulate_course(seed, PERSON, scenario, cells=6e8) for seed in range(40)) if each.dlt_kind
    )
    assert course.dlt_kind == "gvhd"
    event = next(each for each in course.events if each.term == "Graft versus host disease")
    assert (event.steps[0][1], event.related_product, event.is_licats) == (2, "yes", "no")


def test_iec_hs_follows_crs_of_grade_2() -> None:
    """Never without it; its onset is about the end of CRS."""
    rng = np.random.default_rng(4)
    assert all(simulate_iec_hs(rng, 1.0, crs) is None for crs in ((), (0, 0, 1, 1)) for _ in range(50))
    for _ in range(50):
        found = simulate_iec_hs(rng, 1.0, (0, 0, 1, 2, 2, 1))
        assert found is not None
        assert 4 <= found.onset <= 9 < found.end


@pytest.mark.parametrize("grade", [1, 2])
def test_iec_hs_is_graded_as_it_is(grade: int) -> None:
    """The form of a day in the episode gives its grade, another day grade 0."""
    found = IecHs(onset=8, end=16, grade=grade)
    for day, expected in ((7, 0), (8, grade), (16, grade), (17, 0)):
        items = fill_iec_hs(found, day, neurotoxicity=False, fever=False)
        signs = {name: items[name] for name in ("diagnosed", *iec_hs_grading_signs())}
        graded = grade_iec_hs(IecHsObservation(**signs))  # type: ignore[arg-type]  # the words of the form
        assert not isinstance(graded, NotGradable)
        assert graded.value == expected


def test_the_laboratory_shows_iec_hs() -> None:
    """Ferritin over twice the limit, low fibrinogen: the evidence of the consensus, from the same day's results."""
    course = replace(
        simulate_course(1, PERSON, scenario_named("benign"), cells=3e8), iec_hs=IecHs(onset=8, end=18, grade=2)
    )
    values = true_values(1, PERSON, course, day=10, occasion=5)
    quiet = true_values(1, PERSON, replace(course, iec_hs=None), day=10, occasion=5)
    items = fill_iec_hs(course.iec_hs, 10, neurotoxicity=False, fever=False)
    signs = {name: items[name] for name in iec_hs_signs()}
    numbers: dict[str, Decimal | None] = {
        "ferritin_ug_l": Decimal(round(values["ferritin"])),
        "ferritin_uln": Decimal(round(limits()["ferritin"][1])),
        "fibrinogen_g_l": Decimal(f"{values['fibrinogen']:.2f}"),
        "fibrinogen_lln": Decimal(2),
    }
    evidence = assess_iec_hs(numbers, signs)
    assert evidence.required_met == "yes"
    assert {"onset", "fibrinogen", "cytopenias"} <= set(evidence.named("yes", "common"))
    assert quiet["ferritin"] < values["ferritin"] / 4
    assert quiet["platelets"] > values["platelets"]


@pytest.mark.parametrize(
    ("term", "grade"),
    [
        (row["term"], grade)
        for row in read_package_table("celltrial.simulate", "adverse_events.csv")
        if row["soc"] == INFECTIONS
        for grade in (1, 2, 3)
    ],
)
def test_an_infection_is_graded_as_it_is_reported(term: str, grade: int) -> None:
    """Site, treatment and stay in hospital give the grade of the adverse event; a drug is given from grade 2 on."""
    detail = infection_detail(term, grade, number="4", onset=ON, ended=ON + timedelta(days=9))
    flags = {name: detail.items[name] for name in ("invasive_intervention", "hospitalised", "intensive_care")}
    graded = grade_infection(
        InfectionObservation(
            treatment=detail.items["treatment"],  # type: ignore[arg-type]  # the words of the form
            site=detail.items["site"],
            organism=detail.items["organism"],  # type: ignore[arg-type]  # likewise
            life_threatening="no",
            death_due_to_infection="no",
            **flags,  # type: ignore[arg-type]  # likewise
        )
    )
    assert not isinstance(graded, NotGradable)
    assert graded.value == grade
    assert detail.items["adverse_event"] == "4"
    assert (detail.therapy is not None) == (grade >= 2)
    if detail.therapy is not None:
        assert detail.therapy.route == detail.items["treatment"]
        assert (detail.therapy.start, detail.therapy.ended) == (ON, ON + timedelta(days=9))


def test_low_immunoglobulin_is_replaced_reported_and_closed() -> None:
    """Below the limit: a dose and an event; not twice in three weeks; closed when it stays up without a new dose."""
    study, someone = load_study(shipped_study()), participant()
    first = replace_immunoglobulin(study, someone, {"igg": 3.2}, on=ON)
    rows = [each.body.items for each in first if isinstance(each.body, FormEntry)]
    events = [each.body for each in first if isinstance(each.body, AdverseEvent)]
    assert [row["drug"] for row in rows] == ["human immunoglobulin"]
    assert 15_000 <= int(rows[0]["dose"]) <= 45_000
    assert [(each.term, each.grade, each.outcome) for each in events] == [("Hypogammaglobulinaemia", "2", "ongoing")]
    assert replace_immunoglobulin(study, someone, {"igg": 3.9}, on=ON + timedelta(days=14)) == []
    again = replace_immunoglobulin(study, someone, {"igg": 3.9}, on=ON + timedelta(days=40))
    assert [type(each.body) for each in again] == [FormEntry]
    assert replace_immunoglobulin(study, someone, {"igg": 6.0}, on=ON + timedelta(days=70)) == []
    closed = replace_immunoglobulin(study, someone, {"igg": 6.0}, on=ON + timedelta(days=120))
    assert [each.body.outcome for each in closed if isinstance(each.body, AdverseEvent)] == ["resolved"]


def test_at_the_limit_nothing_is_given() -> None:
    """4.00 g/L is not below 4 g/L; 3.99 is."""
    study = load_study(shipped_study())
    assert replace_immunoglobulin(study, participant(), {"igg": 3.996}, on=ON) == []
    assert replace_immunoglobulin(study, participant(), {"igg": 3.994}, on=ON)


def test_what_was_given_wears_off() -> None:
    """Nothing on the day itself; after 25 days half of it is left."""
    someone = participant()
    someone.immunoglobulin_on.append(ON)
    assert replaced_igg(someone, ON) == 0.0
    assert replaced_igg(someone, ON + timedelta(days=25)) == pytest.approx(3.0)


def test_daily_counts_open_and_raise_events_and_leave_closing_to_visits() -> None:
    """A count that recovers on a day between visits leaves the event open; the next visit closes it."""
    someone = participant()
    values = dict.fromkeys(("neutrophils", "lymphocytes", "platelets", "hemoglobin", "alt"), 0.0)
    well = {"neutrophils": 3.0, "lymphocytes": 1.5, "platelets": 220.0, "hemoglobin": 125.0, "alt": 20.0}
    grade_before_treatment(someone, well, "5.0")
    values |= well | {"neutrophils": 0.4, "alt": 400.0}
    opened = report_counts(someone, values, on=ON, version="5.0", is_daily=True)
    assert [(each.body.term, each.body.grade) for each in opened if isinstance(each.body, AdverseEvent)] == [
        ("Neutrophil count decreased", "4")
    ]
    assert report_counts(someone, well, on=ON + timedelta(days=1), version="5.0", is_daily=True) == []
    closed = report_counts(someone, well, on=ON + timedelta(days=2), version="5.0")
    assert [each.body.outcome for each in closed if isinstance(each.body, AdverseEvent)] == ["resolved"]


def test_events_have_the_terms_of_the_studys_version() -> None:
    """CTCAE 6.0 has Thrombocytopenia where 5.0 has Platelet count decreased, and grades 0.4 neutrophils lower."""
    well = {"neutrophils": 3.0, "lymphocytes": 1.5, "platelets": 220.0, "hemoglobin": 125.0, "alt": 20.0}
    ill = well | {"neutrophils": 0.4, "platelets": 40.0}
    told = {}
    for version in ("5.0", "6.0"):
        someone = participant()
        grade_before_treatment(someone, well, version)
        drafts = report_counts(someone, ill, on=ON, version=version)
        told[version] = {each.body.term: each.body.grade for each in drafts if isinstance(each.body, AdverseEvent)}
    assert told["5.0"] == {"Neutrophil count decreased": "4", "Platelet count decreased": "3"}
    assert told["6.0"] == {"Neutrophil count decreased": "3", "Thrombocytopenia": "3"}
