"""Screening from the record: facts with their events, anchors, answered questions, and the file against the forms."""

from dataclasses import replace
from datetime import timedelta

import pytest

from celltrial.codes import SubjectId
from celltrial.decisions.screening import answered_questions, derive_anchors, derive_facts, screen_subject
from celltrial.eligibility.language import Attested, DailyDose, FindingIsOneOf, Judged, LabTest, StableDose, TherapyFor
from celltrial.instruments.sledai_2k import sledai_2k_items
from celltrial.record.bodies import (
    Consent,
    Correction,
    FormEntry,
    QuestionAnswer,
    Screening,
)
from small_trial import Book
from trial_builder import Story, ct1192

WHO = SubjectId("01-001")
SCREENED = "2025-07-14"
LABS = (
    ("creatinine", "70", "umol/L", "104"),
    ("neutrophils", "3.2", "10*9/L", ""),
    ("hemoglobin", "11.8", "g/dL", ""),
    ("alt", "22", "U/L", "40"),
    ("ast", "24", "U/L", "40"),
    ("bilirubin_total", "9", "umol/L", "21"),
    ("inr", "1.0", "", "1.2"),
    ("aptt", "30", "s", "36"),
    ("ana", "positive", "", ""),
)


def form(form_id: str, **items: str) -> FormEntry:
    return FormEntry(form=form_id, items=items, visit="SCR")


def sledai(**present: str) -> FormEntry:
    """All items absent but those named: `yes` is due to lupus, `unknown` is not known."""
    items = {each.item: "no" for each in sledai_2k_items()} | present
    causes = {f"{item}_attribution": "sle" for item, answer in present.items() if answer == "yes"}
    return form("sledai_2k", assessed=SCREENED, window_days="30", **items, **causes)


def forms() -> list[FormEntry]:
    """What the site records of a man who meets everything at screening."""
    rows = [form("labs", analyte=a, value=v, unit=u, uln=n, collected=SCREENED) for a, v, u, n in LABS]
    said = (
        ("fertile", "investigator"),
        ("contraception_m_and_no_sperm_donation", "participant"),
    )
    asked = (("disease_still_active", "yes"), ("active_organ_involvement", "kidney;skin"))
    return [
        form("demographics", birth_date="1990-04-01", sex="M", country="CHN"),
        form("medical_history", condition="sle", onset="2019-05", status="ongoing"),
        *rows,
        form("vitals", analyte="weight", value="60", unit="kg", collected=SCREENED),
        form(
            "vitals",
            analyte="spo2",
            value="97",
            unit="%",
            collected=SCREENED,
            method="pulse_oximeter",
            condition="room_air",
        ),
        form("cardiac", analyte="lvef", value="61", unit="%", collected=SCREENED, method="echocardiography"),
        form("eular_acr_2019", total="20", entry_ana="yes", clinical_domain="yes", assessed=SCREENED),
        sledai(arthritis="yes", proteinuria="yes"),
        *(form("attestations", statement=s, answer="yes", given_by=by, given_on="2025-07-12") for s, by in said),
        *(form("judgements", question=q, answer=a, given_by="investigator.li", given_on=SCREENED) for q, a in asked),
        form(
            "medications",
            drug="prednisone",
            drug_class="glucocorticoid",
            dose="10",
            unit="mg",
            per_day="1",
            route="oral",
            start="2025-01-01",
            ongoing="yes",
        ),
        form("chart_review", covers_from="2024-01-01", covers_to=SCREENED, source="hospital record"),
    ]


def story(*, without: str = "", answered: bool = True) -> Story:
    """One candidate, consented and screened; `without` leaves out a form."""
    told = Story()
    told.at(1).write(Consent(signed_at=f"{told.day(1)}T09:00", document_version="1.0"), WHO)
    told.at(3).write(Screening(screened_on=SCREENED), WHO)
    for row, entry in enumerate(forms(), start=1):
        if entry.form != without:
            found = told.study.form(entry.form)
            told.write(replace(entry, row=str(row) if found and found.repeating else "1"), WHO)
    if answered:
        for question in ct1192().questions:
            if question.blocks:
                told.sign(told.write(QuestionAnswer(question=question.id, answer=question.reading)))
    return told


def test_a_recorded_candidate_is_eligible() -> None:
    """From the forms alone: every criterion met or not applicable, each resting on events of the record."""
    told = story()
    screening = screen_subject(told.study, told.state, WHO, as_of=told.now)
    assert screening.verdict == "eligible", screening.because
    hemoglobin = next(
        entry.seq for entry in told.state.forms("labs", WHO) if entry.body.items["analyte"] == "hemoglobin"
    )
    assert hemoglobin in screening.result("I10c").source_events
    assert screening.anchors["screening"] == SCREENED


def test_open_questions_of_the_study_block() -> None:
    """Unsigned, an answer does not count; the questions of questions.yaml stand in the result."""
    told = story(answered=False)
    screening = screen_subject(told.study, told.state, WHO, as_of=told.now)
    blocking = {question.id for question in ct1192().questions if question.blocks}
    assert screening.verdict == "unknown"
    # the pregnancy test does not apply to a man, nor do the questions about it
    assert set(screening.open_questions) == blocking - {"Q02", "Q03"}
    told.write(QuestionAnswer(question="Q12", answer="yes"))
    assert "Q12" not in answered_questions(told.study, told.state)
    told.sign(told.state.length)
    assert "Q12" in answered_questions(told.study, told.state)


@pytest.mark.parametrize(
    ("without", "criterion"),
    [
        ("demographics", "I02"),
        ("medical_history", "I01"),
        ("labs", "I10"),
        ("vitals", "I10"),
        ("cardiac", "I10"),
        ("eular_acr_2019", "I01"),
        ("attestations", "I04"),
        ("judgements", "I09"),
        ("medications", "I06"),
        ("chart_review", "I03"),
    ],
)
def test_each_form_is_needed(without: str, criterion: str) -> None:
    """A form that is missing leaves its criterion unknown and the candidate not eligible."""
    told = story(without=without)
    screening = screen_subject(told.study, told.state, WHO, as_of=told.now)
    assert screening.verdict != "eligible"
    assert screening.result(criterion).words in ("unknown", "not met")


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ({"arthritis": "yes", "fever": "yes", "rash": "yes"}, "met"),  # 4 + 1 + 2 = 7
        ({"arthritis": "yes", "rash": "yes"}, "not met"),
        ({"seizure": "yes", "fever": "unknown"}, "met"),  # at least 8
        ({"arthritis": "yes", "seizure": "unknown"}, "unknown"),
        ({"arthritis": "yes", "fever": "unknown"}, "not met"),  # 5 at most
    ],
)
def test_sledai_from_its_items(present: dict[str, str], expected: str) -> None:
    """The total is computed from the form's items; unknown items give bounds."""
    told = story(without="sledai_2k")
    told.write(sledai(**present), WHO)
    assert screen_subject(told.study, told.state, WHO, as_of=told.now).result("I08a").words == expected


def test_a_corrected_date_is_the_one_that_counts() -> None:
    """A correction that leaves only the month makes the echo's window unknown."""
    told = story(without="cardiac")
    told.write(
        form("cardiac", analyte="lvef", value="61", unit="%", collected=SCREENED, method="echocardiography"), WHO
    )
    assert screen_subject(told.study, told.state, WHO, as_of=told.now).result("I10i").words == "met"
    told.write(Correction(target=told.state.length, replace={"items.collected": "2025-07"}), WHO)
    screening = screen_subject(told.study, told.state, WHO, as_of=told.now)
    assert [each.why.value for each in screening.result("I10i").unknown] == ["date too coarse"]


def test_a_date_that_cannot_be_read_is_a_finding_and_no_date() -> None:
    """The fact stays, without a date; the finding names form, item and event."""
    book = Book()
    seq = book.write(form("labs", analyte="alt", value="22", unit="U/L", collected="last spring"), "01-001")
    facts, findings = derive_facts(ct1192(), book.state(), WHO)
    assert [(each.value, each.collected, each.event) for each in facts.measurements] == [("22", None, seq)]
    assert [each.where for each in findings] == [f"subject 01-001, form labs, event {seq}, item collected"]


def test_anchors_come_from_events() -> None:
    """Consent, the latest screening visit, lymphodepletion and the first infusion."""
    told = story()
    assert {
        name: str(when) if when else None for name, when in derive_anchors(told.study, told.state, WHO).items()
    } == {
        "consent": "2025-07-12T09:00",
        "screening": SCREENED,
        "lymphodepletion": None,
        "infusion": None,
    }
    told.at(9).write(Screening(screened_on=told.day(9), attempt="2"), WHO)
    told.at(20).write(told.lymphodepletion(20), WHO)
    told.at(25).write(told.infusion("DL1", 25), WHO)
    anchors = derive_anchors(told.study, told.state, WHO)
    assert [str(anchors[name]) for name in ("screening", "lymphodepletion", "infusion")] == [
        told.day(9),
        told.day(20),
        f"{told.day(25)}T08:00",
    ]


def test_the_time_of_asking_stands_for_a_step_not_yet_taken() -> None:
    """Before lymphodepletion has begun, its windows count back from now, and a note says so."""
    told = story()
    told.at(20)
    screening = screen_subject(told.study, told.state, WHO, stage="lymphodepletion", as_of=told.now)
    assert screening.notes[-1] == "lymphodepletion has no event in the record yet: the time of asking stands for it"
    assert screening.anchors["lymphodepletion"].startswith(told.day(20))
    assert [each.why.value for each in screening.result("I10d").unknown] == ["outside window"]


def test_hash_does_not_move_with_the_time_of_asking() -> None:
    """What was shown and signed a little earlier is still what the record gives."""
    told = story()
    first = screen_subject(told.study, told.state, WHO, as_of=told.now)
    later = screen_subject(told.study, told.state, WHO, as_of=told.now + timedelta(minutes=7))
    assert first.content_hash == later.content_hash


def test_facts_keep_events_and_findings() -> None:
    """Every fact of the forms names its event; a clean record gives no finding."""
    told = story()
    facts, findings = derive_facts(told.study, told.state, WHO)
    assert findings == ()
    assert facts.person.sex == "M"
    assert [each.given_by for each in facts.judgements] == ["investigator", "investigator"]
    assert facts.attestations[0].statement == "informed_consent"
    for each in (*facts.measurements, *facts.medications, *facts.conditions, *facts.scores, *facts.coverage):
        assert each.event is not None
        assert told.state.entry(each.event) is not None


def test_the_forms_can_record_what_the_criteria_ask() -> None:
    """Each statement, judgement, drug class, route and method of the criteria is a choice of the shipped forms."""
    study = ct1192()

    def choices(form_id: str, item: str) -> tuple[str, ...]:
        found = study.form(form_id)
        assert found
        return next(each.choices for each in found.items if each.id == item)

    asked: list[tuple[str, str, str]] = []
    for leaf in study.eligibility.leaves:  # type: ignore[attr-defined]  # the study room does not know its type
        match leaf.body:
            case Attested(statement=statement, by=by):
                asked += [("attestations", "statement", statement), ("attestations", "given_by", by)]
            case Judged(question=question):
                asked.append(("judgements", "question", question))
            case TherapyFor(classes=classes, without=without):
                asked += [("medications", "drug_class", each) for each in (*classes, *without)]
            case StableDose(classes=classes):
                asked += [("medications", "drug_class", each) for each in classes]
            case DailyDose(drug_class=drug_class):
                asked.append(("medications", "drug_class", drug_class))
            case LabTest(method=method, condition=condition):
                asked += [("cardiac", "method", method)] if method == "echocardiography" else []
                asked += [("vitals", "condition", condition)] if condition else []
            case FindingIsOneOf(finding=finding, values=values, activity=activity):
                asked += [("kidney_biopsy", finding, each) for each in values]
                asked += [("kidney_biopsy", "activity", each) for each in activity]
            case _:
                pass
    assert len(asked) > 20
    assert [each for each in asked if each[2] not in choices(each[0], each[1])] == []
