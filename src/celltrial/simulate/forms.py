"""The forms of a virtual participant as typed: rows of laboratory results, vital signs, medication, scores."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

import numpy as np

from celltrial.codes import SubjectId
from celltrial.record import Draft, FormEntry
from celltrial.simulate.calendar import Participant
from celltrial.simulate.disease import fill_sledai, organs_of
from celltrial.simulate.laboratory import assays, limits, print_result
from celltrial.simulate.medications import Therapy
from celltrial.simulate.population import Person

__all__ = [
    "attestation_rows",
    "chart_row",
    "classification_row",
    "form_draft",
    "history_rows",
    "judgement_rows",
    "laboratory_rows",
    "medication_rows",
    "person_rows",
    "score_row",
    "vital_rows",
    "word_row",
]

_LABORATORIES = ("Central laboratory", "Laboratory of the second campus")


def form_draft(
    participant: Participant,
    form: str,
    items: Mapping[str, str],
    *,
    visit: str = "",
    repeating: bool = True,
    why: str = "",
) -> Draft:
    """One row of a form; a repeating form counts its rows through all visits of the participant."""
    row = participant.take_row(form) if repeating else "1"
    body = FormEntry(form=form, items=dict(items), visit=visit, row=row)
    return _draft(participant.subject, body, why)


def laboratory_rows(
    participant: Participant,
    analytes: Iterable[str],
    values: Mapping[str, float],
    *,
    visit: str,
    collected: datetime,
    skip: str = "",
) -> Iterator[Draft]:
    """Laboratory results of one visit; `skip` names a result that did not come."""
    person = participant.person
    for analyte in analytes:
        if analyte not in assays() or analyte not in values or analyte == skip:
            continue
        printed = print_result(person, analyte, values[analyte])
        items = {
            "analyte": analyte,
            "value": printed.value,
            "unit": printed.unit,
            "lln": printed.lln,
            "uln": printed.uln,
            "collected": _stamp(collected),
            "laboratory": _LABORATORIES[person.second_laboratory],
        }
        yield form_draft(participant, "labs", items, visit=visit)


def word_row(participant: Participant, analyte: str, word: str, *, visit: str, collected: datetime) -> Draft:
    """A laboratory result that is a word: `positive`, `negative`."""
    items = {"analyte": analyte, "value": word, "collected": _stamp(collected), "laboratory": _LABORATORIES[0]}
    return form_draft(participant, "labs", items, visit=visit)


def vital_rows(
    participant: Participant,
    rng: np.random.Generator,
    *,
    visit: str,
    measured: datetime,
    temperature: float | None = None,
    with_size: bool = False,
) -> Iterator[Draft]:
    """Vital signs; the temperature may come from the bedside assessment of the same hour."""
    person = participant.person
    noise = rng.normal(0.0, 1.0, size=6)
    saturation = min(100, round(person.oxygen_saturation + 0.6 * float(noise[4])))
    if person.card == "oxygen_low":
        saturation = min(91, saturation)
    measured_values = [
        ("temperature", f"{36.6 + 0.2 * float(noise[0]) if temperature is None else temperature:.1f}", "degC"),
        ("systolic_blood_pressure", f"{118 + 8 * float(noise[1]):.0f}", "mm[Hg]"),
        ("diastolic_blood_pressure", f"{74 + 6 * float(noise[2]):.0f}", "mm[Hg]"),
        ("heart_rate", f"{78 + 7 * float(noise[3]):.0f}", "/min"),
        ("spo2", f"{saturation}", "%"),
    ]
    if with_size:
        measured_values.append(("weight", f"{person.weight_kg + 0.4 * float(noise[5]):.1f}", "kg"))
        measured_values.append(("height", f"{person.height_cm:.0f}", "cm"))
    for analyte, value, unit in measured_values:
        items = {"analyte": analyte, "value": value, "unit": unit, "collected": _stamp(measured)}
        if analyte == "spo2":
            items |= {"method": "pulse_oximeter", "condition": "room_air"}
        yield form_draft(participant, "vitals", items, visit=visit)


def medication_rows(participant: Participant, therapies: Iterable[Therapy], *, visit: str) -> Iterator[Draft]:
    """Medication, a row for each drug at each dose."""
    for therapy in therapies:
        yield form_draft(participant, "medications", therapy.items(), visit=visit)


def score_row(
    participant: Participant,
    values: Mapping[str, float],
    *,
    visit: str,
    assessed: date,
    day: int | None,
    not_assessed: str = "",
) -> Draft:
    """The SLEDAI-2K form of a visit, with the results of the same visit."""
    items = fill_sledai(participant.person.disease, day, values, limits(), not_assessed=not_assessed)
    head = {"assessed": assessed.isoformat(), "window_days": "30"}
    return form_draft(participant, "sledai_2k", head | items, visit=visit, repeating=False)


def history_rows(participant: Participant, rng: np.random.Generator, *, screened_on: date) -> Iterator[Draft]:
    """Medical history: lupus, its nephritis and biopsy, other illness, an infection where the card says so."""
    person = participant.person
    conditions: list[tuple[str, date, date | None, str]] = [("sle", person.sle_since, None, "")]
    if person.disease.nephritis_class:
        conditions.append(("lupus_nephritis", screened_on - timedelta(days=int(rng.integers(60, 380))), None, ""))
    if rng.random() < 0.25:
        conditions.append(("hypertension", screened_on - timedelta(days=int(rng.integers(100, 1500))), None, ""))
    if person.card == "active_infection":
        ended = screened_on - timedelta(days=int(rng.integers(2, 6)))
        conditions.append(("systemic_infection", ended - timedelta(days=8), ended, "pneumonia, treated by mouth"))
    for code, onset, ended_on, comment in conditions:
        items = {
            "condition": code,
            "onset": onset.isoformat(),
            "ended": ended_on.isoformat() if ended_on else "",
            "status": "resolved" if ended_on else "ongoing",
            "comment": comment,
        }
        yield form_draft(participant, "medical_history", items, visit="SCR")
    if person.disease.nephritis_class:
        biopsy = {
            "lupus_nephritis_class": person.disease.nephritis_class,
            "activity": "active" if rng.random() < 0.6 else "active_and_chronic",
            "performed": (screened_on - timedelta(days=int(rng.integers(20, 170)))).isoformat(),
        }
        yield form_draft(participant, "kidney_biopsy", biopsy, visit="SCR")


def attestation_rows(participant: Participant, *, consent_on: date) -> Iterator[Draft]:
    """What participant and investigator state; contraception was in use before and is promised for two years."""
    person = participant.person
    spans = {"covers_from": (consent_on - timedelta(days=90)).isoformat(), "covers_to": _years_later(consent_on, 3)}
    rows = [("informed_consent", "yes", "participant", False)]
    if person.sex == "F":
        rows.append(("able_to_bear_children", "yes" if person.can_bear_children else "no", "investigator", False))
        rows.append(("no_egg_donation", "yes", "participant", True))
        if person.can_bear_children:
            rows.append(("contraception_f", "yes", "participant", True))
    else:
        rows.append(("fertile", "yes" if person.is_fertile else "no", "investigator", False))
        if person.is_fertile:
            rows.append(("contraception_m_and_no_sperm_donation", "yes", "participant", True))
    for statement, answer, given_by, covers in rows:
        items = {"statement": statement, "answer": answer, "given_by": given_by, "given_on": consent_on.isoformat()}
        yield form_draft(participant, "attestations", items | (spans if covers else {}), visit="SCR")


def judgement_rows(participant: Participant, *, screened_on: date) -> Iterator[Draft]:
    """What the investigator judges at screening."""
    answers = {
        "disease_still_active": "yes",
        "active_organ_involvement": ";".join(organs_of(participant.person.disease)),
        "severe_immune_thrombocytopenia": "no",
        "other_significant_organ_dysfunction": "no",
    }
    for question, answer in answers.items():
        items = {
            "question": question,
            "answer": answer,
            "given_by": "investigator.li",
            "given_on": screened_on.isoformat(),
        }
        yield form_draft(participant, "judgements", items, visit="SCR")


def classification_row(participant: Participant, rng: np.random.Generator, *, screened_on: date) -> Draft:
    """EULAR/ACR 2019 as recorded at screening: a total well above 10 in lupus of this activity."""
    items = {
        "total": str(int(rng.integers(13, 33))),
        "entry_ana": "yes",
        "clinical_domain": "yes",
        "assessed": screened_on.isoformat(),
    }
    return form_draft(participant, "eular_acr_2019", items, visit="SCR", repeating=False)


def chart_row(participant: Participant, *, visit: str, covers_to: date) -> Draft:
    """The review of the chart up to a day: only where it was read may silence mean that there was nothing.

    Repeated for the same visit, it stands under an unscheduled one: the form has one row a visit.
    """
    times = participant.take_row(f"chart_review at {visit}")
    items = {
        "covers_from": (participant.person.sle_since + timedelta(days=30)).isoformat(),
        "covers_to": covers_to.isoformat(),
        "source": "hospital record and referral letter",
    }
    named = visit if times == "1" else f"UNS-{visit}-{times}"
    return form_draft(participant, "chart_review", items, visit=named, repeating=False)


def person_rows(person: Person) -> dict[str, str]:
    """The demographics form."""
    return {"birth_date": person.birth_date.isoformat(), "sex": person.sex, "country": "CHN"}


def _draft(subject: SubjectId, body: FormEntry, why: str) -> Draft:
    return Draft(body=body, subject=subject, why=why) if why else Draft(body=body, subject=subject)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def _years_later(day: date, years: int) -> str:
    # 28 days of every month exist in every year
    return day.replace(year=day.year + years, day=min(day.day, 28)).isoformat()
