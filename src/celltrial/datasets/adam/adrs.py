"""ADRS: disease activity, treatment and response of each visit; what cannot be evaluated has a reason.

SLEDAI-2K (total, clinical, by organ system) has a row for each form. The other scores, the daily glucocorticoid, the
kidney and the responses have one for each disease visit (`visits.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from celltrial.datasets.adam.common import (
    analysis_dates,
    baseline_columns,
    find_baseline,
    number_analysis_rows,
    read_rows,
    reference_moments,
    subject_columns,
)
from celltrial.datasets.adam.flares import judge_flares
from celltrial.datasets.adam.kidney import read_kidney
from celltrial.datasets.adam.responses import Answer, Patient, judge_visit, response_parameters, systemic_dose
from celltrial.datasets.adam.scores import read_pga, score_bilag, score_damage
from celltrial.datasets.adam.treatment import DayDose, glucocorticoid_on, read_log
from celltrial.datasets.adam.visits import DiseaseVisit, collect_visits
from celltrial.datasets.context import Case, Casebook, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import Moment, is_before
from celltrial.datasets.sdtm.rs import CLINICAL, TOTAL, score_assessment
from celltrial.datasets.sdtm.rs_scores import BILAG_TOTAL, DAMAGE_TOTAL, PGA
from celltrial.instruments import sledai_2k_items
from celltrial.missing import NotEvaluable
from celltrial.record import Entry, FormEntry, TrialState
from celltrial.study import Study

__all__ = ["derive_adrs", "open_patient"]

# parameter -> its name, and the test code of RS it comes from; the points of a system come from its items
_PARAMETERS = {"SLEDAI2K": ("SLEDAI-2K Total Score", TOTAL), "CSLEDAI": ("Clinical SLEDAI-2K Score", CLINICAL)}
_SYSTEMS = {
    "SLDCNS": "central_nervous",
    "SLDVASC": "vascular",
    "SLDMSK": "musculoskeletal",
    "SLDREN": "renal",
    "SLDMUC": "mucocutaneous",
    "SLDSER": "serosal",
    "SLDIMM": "immunologic",
    "SLDCON": "constitutional",
    "SLDHEM": "haematologic",
}
# parameter -> its name, its unit, and where it comes from
_NUMBERS = {
    "PGA": ("Physician's Global Assessment (0 to 3)", None, PGA),
    "BILAGNUM": ("BILAG-2004 Numerical Score", None, BILAG_TOTAL),
    "SDI": ("SLICC/ACR Damage Index", None, DAMAGE_TOTAL),
    "GCMG": ("Maintenance Glucocorticoid for Lupus, Prednisone-Equivalent (mg/day)", "mg/day", ""),
    "GCTOT": ("All Systemic Glucocorticoid, Prednisone-Equivalent (mg/day)", "mg/day", ""),
    "UPCR": ("Urine Protein/Creatinine Ratio (g/g)", "g/g", ""),
    "EGFR": ("eGFR, CKD-EPI 2021 (mL/min/1.73 m2)", "mL/min/1.73m2", ""),
}
_Found = tuple[int | Decimal | Fraction | NotEvaluable, tuple[Entry[FormEntry], ...]]


def derive_adrs(study: Study, state: TrialState, sdtm: Mapping[str, Dataset], adsl: Dataset) -> Dataset:
    """Disease activity for analysis. The baseline is the last evaluable score on or before the first infusion."""
    book = open_casebook(study, state)
    references = reference_moments(study, sdtm["DM"])
    subjects = subject_columns(adsl)
    sources = {(row["EVENTSEQ"], row["RSTESTCD"]): row["RSSEQ"] for row in read_rows(sdtm["RS"])}
    done: list[Row] = []
    for case in book.cases:
        reference = references[case.usubjid]
        every = [
            _assessments(book, case, code, reference, sources) for code in (*_PARAMETERS, *_SYSTEMS)
        ] + _visit_parameters(open_patient(book, case), reference, sources)
        for rows in every:
            baseline = find_baseline(rows, lambda row: row["_before"])
            done += [subjects[case.usubjid] | row for row in baseline_columns(rows, baseline)]
    return build_dataset("ADRS", number_analysis_rows(done))


def open_patient(book: Casebook, case: Case) -> Patient:
    """Everything that the visits of one participant are judged from."""
    visits = collect_visits(book, case)
    return Patient(
        book=book,
        case=case,
        visits=visits,
        log=read_log(book, case),
        kidneys={index: read_kidney(book, case, visit) for index, visit in enumerate(visits)},
    )


def _assessments(
    book: Casebook, case: Case, code: str, reference: Moment, sources: Mapping[tuple[int, str], int]
) -> list[Row]:
    """One participant's scores in time."""
    label, testcd = _PARAMETERS.get(code) or (f"SLEDAI-2K {_SYSTEMS[code].replace('_', ' ').title()} Points", "")
    rows: list[Row] = []
    for entry in book.state.forms("sledai_2k", case.subject):
        score = _score(code, entry.body.items)
        dates, at = analysis_dates(book.study, entry.body.items.get("assessed"), reference)
        visit = book.visit_columns(entry.body.visit)
        is_known = not isinstance(score, NotEvaluable)
        rows.append(
            {"USUBJID": case.usubjid, "PARAMCD": code, "PARAM": label}
            | {"AVAL": float(score) if not isinstance(score, NotEvaluable) else None}
            | {"AVALC": str(score) if is_known else None}
            | {"AVALRSN": score.reason if isinstance(score, NotEvaluable) else None}
            | dates
            | {"AVISIT": visit.get("VISIT"), "AVISITN": visit.get("VISITNUM")}
            | {"SRCDOM": "RS", "SRCSEQ": sources.get((entry.seq, testcd))}
            | {"_before": is_before(at, reference), "_at": at.earliest}
            | trace(entry)
        )
    return sorted(rows, key=lambda row: (str(row["_at"]), row["EVENTSEQ"]))


def _score(code: str, items: Mapping[str, str]) -> int | NotEvaluable:
    """The total, the clinical score, or the points of a system, which may be known where the total is not."""
    if code in _PARAMETERS:
        return score_assessment(items)[list(_PARAMETERS).index(code)]
    others = {item.item: "no" for item in sledai_2k_items() if item.system != _SYSTEMS[code]}
    return score_assessment({**items, **others})[0]


def _visit_parameters(patient: Patient, reference: Moment, sources: Mapping[tuple[int, str], int]) -> list[list[Row]]:
    """The rows of each parameter that has one for each disease visit, parameter by parameter."""
    labels = {**response_parameters(patient.book.study), **_FLARE_PARAMETERS}
    found: dict[str, list[Row]] = {code: [] for code in (*_NUMBERS, *labels)}
    for index, visit in enumerate(patient.visits):
        for code, (value, entries) in _numbers(patient, index):
            found[code].append(_number_row(patient, visit, reference, code, value, entries, sources))
        if visit.is_judged:
            for answer in (*judge_visit(patient, index), *judge_flares(patient, index)):
                found[answer.code].append(_answer_row(patient, visit, reference, labels[answer.code], answer))
    return [rows for rows in found.values() if rows]


_FLARE_PARAMETERS = {
    "SFI": "SELENA Flare Index since the Visit before (SLEDAI-2K for SELENA-SLEDAI)",
    "SLDFLARE": "SLEDAI-2K more than 3 Points Higher than at the Visit before",
}


def _numbers(patient: Patient, index: int) -> Iterator[tuple[str, _Found]]:
    """The numbers of a visit: those that were assessed, and those that a response reads."""
    visit, kidney = patient.visits[index], patient.kidneys[index]
    for code, form, value in (
        ("PGA", "pga", read_pga(visit)),
        ("BILAGNUM", "bilag_2004", score_bilag(visit)),
        ("SDI", "slicc_damage", score_damage(visit)),
    ):
        if form in visit.forms or (visit.is_judged and code != "SDI"):
            yield code, (value, tuple(visit.forms[each] for each in (form,) if each in visit.forms))
    if not visit.is_judged:
        return
    drugs = tuple(course.entry for course in patient.log.courses if course.drug_class == "glucocorticoid")
    if visit.day is not None:
        yield "GCMG", (_exact(glucocorticoid_on(patient.log, visit.day)), drugs)
    yield "GCTOT", (_exact(systemic_dose(patient, visit)), drugs)
    yield "UPCR", (kidney.upcr, kidney.upcr_entries)
    yield "EGFR", (kidney.egfr, kidney.egfr_entries)


def _exact(dose: DayDose) -> Fraction | NotEvaluable:
    """The dose where both bounds agree; else the bounds, and what leaves them open."""
    value = dose.bounds.value
    return value if isinstance(value, Fraction) else NotEvaluable("; ".join((value.reason, *dose.reasons)))


def _number_row(
    patient: Patient,
    visit: DiseaseVisit,
    reference: Moment,
    code: str,
    value: int | Decimal | Fraction | NotEvaluable,
    entries: Sequence[Entry[FormEntry]],
    sources: Mapping[tuple[int, str], int],
) -> Row:
    label, unit, testcd = _NUMBERS[code]
    number = None if isinstance(value, NotEvaluable) else float(value)
    domain = "RS" if testcd else "CM" if unit == "mg/day" else "LB"
    return (
        _visit_row(patient, visit, reference, code, label)
        | {"AVAL": number, "AVALC": None if number is None else f"{number:.12g}", "AVALU": unit}
        | {"AVALRSN": value.reason if isinstance(value, NotEvaluable) else None}
        | {"SRCDOM": domain, "SRCSEQ": next((sources.get((each.seq, testcd)) for each in entries if testcd), None)}
        | trace(*(entries or tuple(visit.forms.values())))
    )


def _answer_row(patient: Patient, visit: DiseaseVisit, reference: Moment, label: str, answer: Answer) -> Row:
    return (
        _visit_row(patient, visit, reference, answer.code, label)
        | {"AVAL": None, "AVALC": answer.value, "AVALRSN": answer.missing, "ANLRSN": answer.basis}
        | {"EVLFL": {"yes": "Y", "no": "N"}.get(answer.evaluable or "")}
        | {"ANLNOTE": " | ".join(answer.notes) or None, "SRCDOM": "ADRS"}
        | trace(*visit.forms.values())
    )


def _visit_row(patient: Patient, visit: DiseaseVisit, reference: Moment, code: str, label: str) -> Row:
    return (
        {"USUBJID": patient.case.usubjid, "PARAMCD": code, "PARAM": label}
        | {"ADT": visit.at.day, "ADTM": visit.at.local, "ADY": visit.at.study_day(reference)}
        | {"ADTRSN": visit.at.reason, "_before": is_before(visit.at, reference), "_at": visit.at.earliest}
        | visit.columns
    )
