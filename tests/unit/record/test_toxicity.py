"""Toxicity from the record: forms and results as observations, graded, with what is not known said.

Over 400 lines, for the five kinds of toxicity share one small record.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from celltrial.codes import SubjectId
from celltrial.errors import Finding
from celltrial.missing import NotEvaluable, NotGradable
from celltrial.record.bodies import AdverseEvent, CrsAssessment, Lymphodepletion, Withdrawal
from celltrial.record.toxicity import (
    CountWindow,
    grade_haematotoxicity,
    grade_syndrome,
    immunoglobulin_days,
    propose_licats,
    read_infections,
)
from small_trial import Book, ct1192, dose, open_candidate

WHO = SubjectId("01-001")
INFUSED = date(2025, 8, 1)
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
    "other_cause": "no",
}
NO_IEC_HS = dict.fromkeys(
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
    ),
    "no",
)


def infused() -> Book:
    book = Book()
    open_candidate(book, "01-001", "2025-07-14")
    dose(book, "01-001", enrolled="2025-07-25", depleted=("2025-07-27", "2025-07-29"), infused="2025-08-01T10:00")
    return book


def on(day: int) -> str:
    return date.fromordinal(INFUSED.toordinal() + day).isoformat()


def gvhd(book: Book, day: int, visit: str = "", **changes: str) -> int:
    return book.form("gvhd_assessment", "01-001", visit, assessed=on(day), **(NO_GVHD | changes))


def course(book: Book, syndrome: Any, findings: list[Finding] | None = None) -> Any:
    return grade_syndrome(ct1192(), book.state(), WHO, syndrome, [] if findings is None else findings)


# ---- acute GvHD


def test_the_liver_is_staged_by_the_bilirubin_of_the_visit() -> None:
    """60 umol/L are 3.5 mg/dL: liver stage 2 and grade III; the value of another day does not count."""
    book = infused()
    book.lab("01-001", "bilirubin_total", "60", "umol/L", on(14), visit="D14")
    book.lab("01-001", "bilirubin_total", "200", "umol/L", on(3))
    seq = gvhd(book, 14, "D14")
    (seen,) = course(book, "gvhd").assessments
    assert seen.grade.value == 3
    assert seen.source_events[0] == seq
    assert len(seen.source_events) == 2


def test_milligrams_are_converted() -> None:
    """3.5 mg/dL are more than 3.0: stage 2, grade III."""
    book = infused()
    book.lab("01-001", "bilirubin_total", "3.5", "mg/dL", on(14), visit="D14")
    gvhd(book, 14, "D14")
    assert course(book, "gvhd").assessments[0].grade.value == 3


def test_without_bilirubin_the_grade_is_not_known() -> None:
    """The liver may be at any stage: no grade, and bilirubin is named."""
    book = infused()
    gvhd(book, 14, "D14")
    seen = course(book, "gvhd")
    assert isinstance(seen.assessments[0].grade, NotGradable)
    assert "bilirubin" in seen.assessments[0].grade.reason
    assert seen.episodes == ()
    assert len(seen.ungraded_outside) == 1


def test_a_bilirubin_below_the_limit_of_the_assay_is_low() -> None:
    """`<3` umol/L lies under every limit of MAGIC, whatever it is."""
    book = infused()
    book.lab("01-001", "bilirubin_total", "<3", "umol/L", on(14), visit="D14")
    gvhd(book, 14, "D14")
    assert course(book, "gvhd").assessments[0].grade.value == 0


def test_gvhd_makes_an_episode_with_its_assessments() -> None:
    """Rash of 30 % on day 14 and 10 % on day 21, none on day 28: grade I, day 14 to 28."""
    book = infused()
    for day, rash in ((7, "0"), (14, "30"), (21, "10"), (28, "0")):
        book.lab("01-001", "bilirubin_total", "9", "umol/L", on(day), visit=f"D{day}")
        gvhd(book, day, f"D{day}", rash_bsa_percent=rash)
    seen = course(book, "gvhd")
    (episode,) = seen.episodes
    assert (episode.maximum, episode.onset.date().isoformat(), episode.resolution.date().isoformat()) == (
        1,
        on(14),
        on(28),
    )
    assert len(seen.behind(episode)) == 3


def test_a_number_that_makes_no_sense_is_a_finding_and_no_grade() -> None:
    """120 % of the body surface."""
    book, findings = infused(), []
    gvhd(book, 14, rash_bsa_percent="120")
    (seen,) = course(book, "gvhd", findings).assessments
    assert isinstance(seen.grade, NotGradable)
    assert len(findings) == 1


def test_an_assessment_without_a_day_is_told() -> None:
    book, findings = infused(), []
    book.form("gvhd_assessment", "01-001", "", assessed="2025-08", **NO_GVHD)
    assert course(book, "gvhd", findings).assessments == ()
    assert findings[0].message == "an assessment whose day is not known is left out of the episodes"


# ---- IEC-HS and CRS


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        ({"diagnosed": "no"}, 0),
        ({"diagnosed": "yes"}, 1),
        ({"diagnosed": "yes", "intervention_indicated": "yes"}, 2),
        ({"diagnosed": "yes", "dialysis": "yes"}, 4),
        ({"diagnosed": "yes", "dialysis": "yes", "other_cause": "yes"}, None),
        ({"diagnosed": "", "dialysis": "yes"}, None),
    ],
)
def test_iec_hs_of_the_form(changes: dict[str, str], grade: int | None) -> None:
    """A diagnosis whose signs have another cause contradicts itself: not known, as a blank is."""
    book = infused()
    book.form("iec_hs_assessment", "01-001", "", assessed=on(14), **(NO_IEC_HS | changes))
    found = course(book, "iec_hs").assessments[0].grade
    assert (None if isinstance(found, NotGradable) else found.value) == grade


def test_crs_is_over_after_the_quiet_time_of_the_study() -> None:
    """Fever on day 4, none 12 hours later, fever again: one episode of the study's 24 hours."""
    book = infused()
    times = (("05T08:00", "38.6"), ("05T20:00", "37.0"), ("06T06:00", "38.2"), ("07T08:00", "36.8"), ("08T08:00", "37"))
    for at, temperature in times:
        book.write(CrsAssessment(at=f"2025-08-{at}", temperature_c=temperature, hypotension="no"), "01-001")
    (episode,) = course(book, "crs").episodes
    assert (episode.onset.isoformat()[:16], episode.resolution.isoformat()[:16]) == (
        "2025-08-05T08:00",
        "2025-08-07T08:00",
    )


# ---- counts


def windows(book: Book, today: int = 200, findings: list[Finding] | None = None) -> dict[tuple[str, str], CountWindow]:
    noted = [] if findings is None else findings
    until = date.fromordinal(INFUSED.toordinal() + today)
    found = grade_haematotoxicity(ct1192(), book.state(), WHO, infused=INFUSED, today=until, findings=noted)
    return {(each.instrument, each.part): each for each in found}


def count(book: Book, values: dict[int, str], analyte: str = "neutrophils", unit: str = "10*9/L") -> None:
    for day, value in values.items():
        book.lab("01-001", analyte, value, unit, on(day))


def neutropenia(first: int, last: int, until: int) -> dict[int, str]:
    """0.4 from day `first` to `last`, 2.5 on every other day up to `until`."""
    return {day: "0.4" if first <= day <= last else "2.5" for day in range(until + 1)}


def test_neutrophils_are_graded_per_microlitre() -> None:
    """0.4 x 10^9/L on days 4 to 10 are 400/uL on 7 days: grade 2."""
    book = infused()
    count(book, neutropenia(4, 10, 30))
    early = windows(book)["icaht", "early"]
    assert early.grade.value == 2
    assert (early.run.first, early.run.last, early.run.days.least, early.run.is_open) == (4, 10, 7, False)
    assert (early.nadir.day, early.nadir.value) == (4, Decimal(400))
    assert len(early.entries) == 31


def test_the_lowest_of_a_day_counts_whatever_its_unit() -> None:
    """450/uL beside 2.5 x 10^9/L on day 5: one day at or under 500, grade 1."""
    book = infused()
    count(book, neutropenia(99, 99, 30))
    count(book, {5: "450"}, unit="/uL")
    assert windows(book)["icaht", "early"].grade.value == 1


def test_the_days_to_come_are_not_known() -> None:
    """Day 12, neutropenia since day 4 goes on: grade 2 at least, and 4 is still possible."""
    book = infused()
    count(book, neutropenia(4, 99, 12))
    early = windows(book, today=12)["icaht", "early"]
    assert isinstance(early.grade, NotGradable)
    assert early.grade.reason == "the window is open to day 30: at least grade 2 by the counts so far"
    assert (early.lower_bound, early.is_open, early.run.is_open) == (2, True, True)


def test_the_last_count_is_carried_only_into_days_that_have_passed() -> None:
    """Counts to day 25 only. On day 25 the window is open; on day 31 the last five days take the last count."""
    book = infused()
    count(book, neutropenia(4, 10, 25))
    assert isinstance(windows(book, today=25)["icaht", "early"].grade, NotGradable)
    assert windows(book, today=31)["icaht", "early"].grade.value == 2


def test_another_lymphodepletion_ends_the_window() -> None:
    """From day 20 on the counts are another treatment's: grade 1 by the day before it, not 3."""
    book = infused()
    count(book, {day: "0.3" if day == 6 or day >= 21 else "2.5" for day in range(41)})
    assert windows(book)["icaht", "early"].grade.value == 2
    book.write(Lymphodepletion(started_on=on(20), ended_on=on(22), agents=()), "01-001")
    found = windows(book)
    assert found["icaht", "early"].grade.value == 1
    assert found["icaht", "late"].grade == NotGradable("follow-up ended on day 20, before day 31")


def test_leaving_the_study_ends_follow_up_and_leaving_treatment_does_not() -> None:
    book = infused()
    count(book, neutropenia(4, 5, 12))
    book.write(Withdrawal(on=on(12), scope="treatment", reason="adverse event"), "01-001")
    assert windows(book, today=12)["icaht", "early"].is_open
    book.write(Withdrawal(on=on(12), scope="study", reason="participant's wish"), "01-001")
    assert windows(book, today=12)["icaht", "early"].grade.value == 1


def test_a_count_after_death_is_a_finding_and_no_grade() -> None:
    book, findings = infused(), []
    count(book, neutropenia(4, 5, 12))
    book.write(Withdrawal(on=on(10), scope="study", reason="death"), "01-001")
    early = windows(book, findings=findings)["icaht", "early"]
    assert isinstance(early.grade, NotGradable)
    assert "after the day of death" in early.grade.reason
    assert len(findings) == 1


def test_below_a_limit_counts_only_where_every_number_under_it_is_low() -> None:
    """`<0.1` is at or under 100/uL; `<0.6` may be over or under 500/uL and is left out."""
    book = infused()
    count(book, neutropenia(99, 99, 30) | {5: "<0.1", 8: "<0.6"})
    early = windows(book)["icaht", "early"]
    assert early.grade.value == 1
    assert "day 5: <0.1 taken as 0" in early.flags
    assert "day 8: '<0.6' is no count, left out" in early.flags


def test_results_that_are_no_counts_give_no_grade() -> None:
    book = infused()
    count(book, {5: "clotted"})
    early = windows(book)["icaht", "early"]
    assert (early.grade, early.lower_bound, early.run) == (NotGradable("no count from day 0 to 30"), None, None)


def test_platelets_give_t_icaht_by_cumulative_days() -> None:
    """45 x 10^9/L on 4 and on 3 days apart: 7 days under 50, grade 2; no single run is longer than 4."""
    book = infused()
    low = {*range(5, 9), *range(20, 23)}
    count(book, {day: "45" if day in low else "200" for day in range(31)}, "platelets")
    assert windows(book)["t-icaht", "early"].grade.value == 2


def test_an_open_late_window_says_what_it_is_at_least() -> None:
    """Day 60: two counts of 900/uL make grade 2 so far; on day 101 it is final."""
    book = infused()
    count(book, {40: "0.9", 50: "0.9"})
    late = windows(book, today=60)["icaht", "late"]
    assert (late.lower_bound, late.is_open) == (2, True)
    assert isinstance(late.grade, NotGradable)
    assert windows(book, today=101)["icaht", "late"].grade.value == 2


# ---- LICATS


def licats(book: Book, *, b_cells: str = "<1", **changes: str) -> Any:
    fields = {"number": "1", "term": "Arthritis", "soc": "Musculoskeletal", "onset": on(10), "grade": "2"}
    flags = {"serious": "no", "related_product": "yes", "is_licats": "no"}
    book.lab("01-001", "cd19_b_cells", b_cells, "cells/uL", on(8))
    for organ, word in (("joints", "yes"), ("skin", "no")):
        book.form(
            "organ_involvement",
            "01-001",
            "SCR",
            assessed="2025-07-14",
            organ=organ,
            ever_involved=word,
            active_at_baseline="no",
        )
    book.write(AdverseEvent(**(fields | flags | changes)), "01-001")  # type: ignore[arg-type]  # words are literals
    return propose_licats(ct1192(), book.state(), WHO)[-1]


@pytest.mark.parametrize(
    ("changes", "answer", "agreement"),
    [
        ({}, "yes", "differ"),
        ({"is_licats": "yes"}, "yes", "agree"),
        ({"is_licats": "unknown"}, "yes", "unknown"),
        ({"term": "Rash maculo-papular", "is_licats": "yes"}, "no", "differ"),  # skin: never affected
        ({"related_disease": "yes"}, "no", "agree"),  # a flare explains it
        ({"related_lymphodepletion": "yes"}, "no", "agree"),
        ({"related_product": "no"}, "no", "agree"),
        ({"term": "Pericarditis"}, "unknown", "unknown"),  # nobody said whether the heart was affected
    ],
)
def test_licats_by_the_record(changes: dict[str, str], answer: str, agreement: str) -> None:
    """Arthritis on day 10 in B-cell aplasia, joints affected before, nothing else: every feature."""
    found = licats(infused(), **changes)
    assert (found.flag.answer, found.agreement) == (answer, agreement)


@pytest.mark.parametrize(("b_cells", "answer"), [("<1", "yes"), ("4", "yes"), ("5", "no"), ("<20", "unknown")])
def test_licats_needs_b_cell_aplasia_by_the_threshold_of_the_study(b_cells: str, answer: str) -> None:
    """Fewer than 5 cells/uL two days before; `<20` may be over or under."""
    assert licats(infused(), b_cells=b_cells).flag.answer == answer


def test_an_event_during_crs_is_for_a_person_to_judge() -> None:
    """CRS was going on at the onset: whether it explains the event, no data tell."""
    book = infused()
    for at, temperature in (("09T08:00", "38.6"), ("12T08:00", "36.9"), ("13T08:00", "36.9")):
        book.write(CrsAssessment(at=f"2025-08-{at}", temperature_c=temperature, hypotension="no"), "01-001")
    found = licats(book)
    assert (found.flag.answer, found.flag.reason) == ("unknown", "not explained by crs: crs explains it: unknown")


def test_nothing_before_the_infusion_is_licats() -> None:
    book = infused()
    licats(book)
    book.write(
        AdverseEvent(
            number="2", term="Rash", soc="Skin", onset="2025-07-20", grade="1", serious="no", related_product="no"
        ),
        "01-001",
    )
    assert [each.entry.body.number for each in propose_licats(ct1192(), book.state(), WHO)] == ["1"]


# ---- infections, immunoglobulin


def infection(book: Book, number: str, day: int, grade: str, term: str = "Lung infection") -> None:
    body = AdverseEvent(
        number=number,
        term=term,
        soc="Infections and infestations",
        onset=on(day),
        grade=grade,  # type: ignore[arg-type]  # one of the grades
        serious="no",
        related_product="no",
    )
    book.write(body, "01-001")


def test_an_infection_is_severe_by_its_detail_and_else_by_its_grade() -> None:
    """Reported grade 2, but treated by vein: severe. Without the form the reported grade stands, and it is said."""
    book = infused()
    infection(book, "1", 28, "2")
    infection(book, "2", 29, "3")
    infection(book, "3", 91, "2", term="A fever of unknown kind")
    detail = dict.fromkeys(
        ("invasive_intervention", "hospitalised", "intensive_care", "life_threatening", "death_due_to_infection"), "no"
    )
    more = {"site": "lung", "organism": "bacterial", "treatment": "intravenous", "adverse_event": "1"}
    book.form("infection", "01-001", "", assessed=on(30), **detail, **more)
    found = read_infections(ct1192(), book.state(), WHO, infused=INFUSED)
    assert [(each.severe.answer, str(each.window)) for each in found.values()] == [
        ("yes", "0-28"),
        ("yes", "29-90"),
        ("no", ">90"),
    ]
    assert found["2"].severe.reason == "reported grade 3; no detail form"


def test_an_infection_of_an_unknown_day_has_no_window() -> None:
    book = infused()
    infection(book, "1", 28, "2")
    assert isinstance(read_infections(ct1192(), book.state(), WHO, infused=None)["1"].window, NotEvaluable)


def test_days_of_immunoglobulin_come_from_the_medications() -> None:
    book = infused()
    for drug, day in (("Human immunoglobulin", 40), ("IVIG", 61), ("prednisone", 50)):
        book.form("medications", "01-001", drug=drug, start=on(day), ongoing="no")
    assert [each.isoformat() for each in immunoglobulin_days(ct1192(), book.state(), WHO)] == [on(40), on(61)]
