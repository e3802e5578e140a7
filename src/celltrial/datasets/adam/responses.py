"""Remission, low activity and response of each disease visit, judged from what belongs to it.

The dose that is held against a limit is the whole systemic glucocorticoid of the day, whatever it was given for: high
doses for a toxicity make no remission. It may be known in bounds only: the answer stands where both ends give it. What
is unknown stays unknown with its reason, never "no".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from celltrial.answers import Conclusion, Condition, YesNoUnknown, any_of, conclude
from celltrial.datasets.adam.adherence import judge_rescue
from celltrial.datasets.adam.kidney import Kidney, judge_kidney, judge_nephritis
from celltrial.datasets.adam.scores import (
    Sledai,
    read_bilag,
    read_pga,
    read_sledai,
    sledai_attributions,
    sledai_items,
)
from celltrial.datasets.adam.treatment import (
    DayDose,
    MedicationLog,
    glucocorticoid_on,
    is_stable,
    standard_doses_on,
    taken_on,
)
from celltrial.datasets.adam.visits import DiseaseVisit
from celltrial.datasets.context import Case, Casebook
from celltrial.instruments import (
    BICLA_TULIP,
    LLDAS_5,
    LLDAS_2016,
    DorisRules,
    DoseBounds,
    LldasVisit,
    RemissionVisit,
    ResponderVisit,
    SriRules,
    assess_bicla,
    assess_doris,
    assess_lldas,
    assess_sri,
    find_major_organ_activity,
    find_new_sledai_activity,
)
from celltrial.missing import NotEvaluable
from celltrial.study import Study

__all__ = ["Answer", "Patient", "judge_visit", "known", "response_parameters", "systemic_dose"]

NewActivity = Literal["yes", "no", "unknown", "no comparator"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response at one visit. value: `Y`, `N` or a category; None where it is unknown, and `missing` says why.

    basis: what decided, with the numbers. notes: what a reader must know beside it. evaluable: whether the baseline
    allows the response at all, of those that are judged against one.
    """

    code: str
    value: str | None
    missing: str | None
    basis: str | None
    notes: tuple[str, ...] = ()
    evaluable: YesNoUnknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One participant with everything that a visit is judged from; `visits` in time."""

    book: Casebook
    case: Case
    visits: tuple[DiseaseVisit, ...]
    log: MedicationLog
    kidneys: Mapping[int, Kidney]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scores:
    """What several definitions read at one visit."""

    sledai: Sledai
    pga: Decimal | NotEvaluable
    dose: DayDose
    drugs: Mapping[str, YesNoUnknown]


def response_parameters(study: Study) -> Mapping[str, str]:
    """The parameters that are judged, with their names; the limits are those of the study file."""
    doris, lldas, sri = study.response.doris, study.response.lldas, study.response.sri
    pga = f"PGA {'<=' if doris.pga_inclusive else '<'} {doris.pga_max}"
    dose = f"prednisone {'<=' if doris.gc_inclusive else '<'} {doris.gc_max_mg} mg/day"
    return {
        "DORIS": f"DORIS 2021 Remission ({pga}, {dose})",
        "DORISDF": f"Drug-Free DORIS Remission ({pga}, no antimalarial)",
        "LLDAS": f"Low Disease Activity, LLDAS (prednisone <= {lldas.gc_max_mg} mg/day)",
        "LLDAS5": "Low Disease Activity, LLDAS-5 (prednisone <= 5 mg/day)",
        f"SRI{sri.points}": f"SRI-{sri.points} Response ({sri.index})",
        "BICLA": "BICLA Response (TULIP wording)",
        "KDIGO": "KDIGO 2024 Renal Response",
        "KDIGOCR": "KDIGO 2024 Complete Renal Response",
        "KDIGORR": "KDIGO 2024 Complete or Partial Renal Response",
    }


def judge_visit(patient: Patient, index: int) -> Iterator[Answer]:
    """Every response of the visit with that place in `patient.visits`; those against baseline only after it."""
    visit = patient.visits[index]
    scores = _Scores(
        sledai=read_sledai(visit, window_days=patient.book.study.response.lookback_days),
        pga=read_pga(visit),
        dose=systemic_dose(patient, visit),
        drugs=_drugs(patient, visit),
    )
    yield from _remission(patient, visit, scores)
    yield from _low_activity(patient, index, scores)
    if visit.is_before is False:
        yield from _responders(patient, visit)
        yield from _renal(patient, index)


def systemic_dose(patient: Patient, visit: DiseaseVisit) -> DayDose:
    """The systemic glucocorticoid of the visit's day, whatever it was given for."""
    if visit.day is None:
        return DayDose(bounds=DoseBounds(lower=Fraction(0), upper=None), reasons=("the day of the visit is not known",))
    return glucocorticoid_on(patient.log, visit.day, kind=None)


def _drugs(patient: Patient, visit: DiseaseVisit) -> Mapping[str, YesNoUnknown]:
    """Whether each class of other treatment is taken, by the names the instruments have for them."""
    classes = {
        "on_antimalarial": "antimalarial",
        "on_immunosuppressive": "immunosuppressant",
        "on_biologic": "biologic_sle",
    }
    return {
        name: taken_on(patient.log, (drug_class,), visit.day) if visit.day else "unknown"
        for name, drug_class in classes.items()
    }


def _remission(patient: Patient, visit: DiseaseVisit, scores: _Scores) -> Iterator[Answer]:
    """DORIS on treatment, and without any."""
    response = patient.book.study.response
    stable = is_stable(patient.log, visit.day, days=response.lookback_days) if visit.day else "unknown"
    on = DorisRules(
        name="DORIS",
        pga_max=response.doris.pga_max,
        is_pga_max_allowed=response.doris.pga_inclusive,
        prednisone_max_mg_per_day=response.doris.gc_max_mg,
        is_prednisone_max_allowed=response.doris.gc_inclusive,
    )
    off = replace(on, name="drug-free DORIS", treatment="off", is_antimalarial_allowed=False)

    def seen(mg: Decimal | None) -> RemissionVisit:
        return RemissionVisit(
            clinical_sledai=scores.sledai.clinical,
            pga=known(scores.pga),
            prednisone_mg_per_day=mg,
            is_treatment_stable=stable,
            on_antimalarial=scores.drugs["on_antimalarial"],
            on_immunosuppressive=scores.drugs["on_immunosuppressive"],
            on_biologic=scores.drugs["on_biologic"],
        )

    notes = (*visit.notes, *_dose_notes(patient, visit, scores.dose))
    for code, rules in (("DORIS", on), ("DORISDF", off)):
        low, high = (assess_doris(seen(mg), rules) for mg in _ends(scores.dose.bounds))
        yield _answer(code, _agreed(low, high), notes, scores)


def _low_activity(patient: Patient, index: int, scores: _Scores) -> Iterator[Answer]:
    """LLDAS with the study's dose, and with 5 mg."""
    visit = patient.visits[index]
    extra = visit.items("lupus_extra")
    standard, _ = standard_doses_on(patient.log, visit.day) if visit.day else ("unknown", "")

    def seen(mg: Decimal | None) -> LldasVisit:
        return LldasVisit(
            sledai_2k=scores.sledai.total,
            pga=known(scores.pga),
            prednisone_mg_per_day=mg,
            major_organ_activity=_major_organs(visit, scores.sledai),
            haemolytic_anaemia=_word(extra.get("haemolytic_anaemia", "")),
            gastrointestinal_activity=_word(extra.get("gastrointestinal_activity", "")),
            new_activity=_new_activity(patient, index),
            standard_doses=standard,
            # the log has no class of investigational drugs; the infused cells are not counted
            on_investigational_drug="no",
        )

    notes = (*visit.notes, *_dose_notes(patient, visit, scores.dose))
    study_limit = replace(LLDAS_2016, prednisone_max_mg_per_day=patient.book.study.response.lldas.gc_max_mg)
    for code, rules in (("LLDAS", study_limit), ("LLDAS5", LLDAS_5)):
        low, high = (assess_lldas(seen(mg), rules) for mg in _ends(scores.dose.bounds))
        yield _answer(code, _agreed(low, high), notes, scores)


def _major_organs(visit: DiseaseVisit, sledai: Sledai) -> YesNoUnknown:
    if not _is_readable(visit, sledai):
        return "unknown"
    return find_major_organ_activity(sledai_items(visit), sledai_attributions(visit)).answer


def _new_activity(patient: Patient, index: int) -> NewActivity:
    """Against the assessment before, of the same window; the first one has nothing to compare with."""
    window = patient.book.study.response.lookback_days
    visit = patient.visits[index]
    earlier = [each for each in patient.visits[:index] if "sledai_2k" in each.forms]
    if visit.day is None or any(each.day is None for each in patient.visits):
        return "unknown"
    if not earlier:
        return "no comparator"
    both = (visit, earlier[-1])
    if not all(_is_readable(each, read_sledai(each, window_days=window)) for each in both):
        return "unknown"
    return find_new_sledai_activity(
        sledai_items(visit), sledai_attributions(visit), sledai_items(earlier[-1]), sledai_attributions(earlier[-1])
    ).answer


def _is_readable(visit: DiseaseVisit, sledai: Sledai) -> bool:
    """Whether the items can be read one by one: the form is there, of the right window, its words are known ones."""
    return "sledai_2k" in visit.forms and (
        not isinstance(sledai.score, NotEvaluable) or sledai.score.lower_bound is not None
    )


def _responders(patient: Patient, visit: DiseaseVisit) -> Iterator[Answer]:
    """SRI and BICLA against the last assessments before the infusion."""
    study = patient.book.study
    code = f"SRI{study.response.sri.points}"
    baseline = _baseline(patient)
    if baseline is None or visit.day is None or patient.case.infused.day is None:
        lacking = "no assessment before the infusion" if baseline is None else "the day of the visit is not known"
        yield from (Answer(code=each, value=None, missing=lacking, basis=None) for each in (code, "BICLA"))
        return
    rescue = judge_rescue(patient.log, infused=patient.case.infused.day, until=visit.day)
    left = (
        patient.case.withdrawal is not None
        and patient.case.ended.day is not None
        and patient.case.ended.day <= visit.day
    )
    now = _responder_visit(patient, visit)
    rules = SriRules(points=study.response.sri.points)
    broke: YesNoUnknown = rescue.answer
    early: YesNoUnknown = "yes" if left else "no"
    results = {
        code: assess_sri(baseline, now, broke_medication_rules=broke, discontinued_early=early, rules=rules),
        "BICLA": assess_bicla(baseline, now, broke_medication_rules=broke, discontinued_early=early, rules=BICLA_TULIP),
    }
    notes = (*visit.notes, *([] if broke == "no" else [f"medication rule: {rescue.reason}"]))
    for each, result in results.items():
        found = _of(each, result.answer, result.reason, (*notes, *result.flags))
        yield replace(found, evaluable=result.evaluable.answer)


def _baseline(patient: Patient) -> ResponderVisit | None:
    """The last score of each kind before the infusion that can be judged."""
    before = [visit for visit in patient.visits if visit.is_before and visit.day is not None]
    whole = [_responder_visit(patient, visit) for visit in before]
    scored = [place for place, visit in enumerate(before) if "sledai_2k" in visit.forms]
    if not scored:
        return None
    certain = [place for place in scored if isinstance(whole[place].sledai, int)] or scored
    assessed = [each.pga for each in whole if each.pga is not None]
    graded = [each.bilag for each in whole if any(each.bilag.values())]
    return replace(
        whole[certain[-1]],
        pga=assessed[-1] if assessed else None,
        bilag=graded[-1] if graded else {},
    )


def _responder_visit(patient: Patient, visit: DiseaseVisit) -> ResponderVisit:
    response = patient.book.study.response
    sledai = read_sledai(visit, window_days=response.lookback_days).total
    if response.sri.index != "SLEDAI-2K":
        sledai = NotEvaluable(f"{response.sri.index} is recorded on no form of the study")
    return ResponderVisit(
        sledai=sledai,
        bilag=read_bilag(visit),
        pga=known(read_pga(visit)),
        index=response.sri.index,
        window_days=response.lookback_days,
    )


def _renal(patient: Patient, index: int) -> Iterator[Answer]:
    """KDIGO 2024, of those with nephritis at baseline; of the others the reason."""
    visit = patient.visits[index]
    before = [place for place, each in enumerate(patient.visits) if each.is_before and each.day is not None]
    baseline = patient.kidneys[before[-1]] if before else None
    nephritis = judge_nephritis(patient.book, patient.case, baseline)
    codes = ("KDIGO", "KDIGOCR", "KDIGORR")
    if nephritis.answer != "yes":
        head = "no nephritis at baseline" if nephritis.answer == "no" else "not known whether nephritis at baseline"
        missing = f"{head}: {nephritis.reason}"
        for each in codes:
            yield Answer(code=each, value=None, missing=missing, basis=None, evaluable=nephritis.answer)
        return
    result = judge_kidney(patient.case, visit, patient.kidneys[index], baseline)
    notes = (*visit.notes, nephritis.reason, *result.flags)
    if baseline is not None and not isinstance(baseline.upcr, NotEvaluable) and baseline.upcr < Fraction(1, 2):
        notes = (*notes, "the ratio was below 0.5 g/g before the infusion already")
    reason = f"complete: {result.complete.reason}; partial: {result.partial.reason}"
    is_known = result.category != "unknown"
    yield Answer(
        code="KDIGO",
        value=result.category.upper() if is_known else None,
        missing=None if is_known else reason,
        basis=reason if is_known else None,
        notes=notes,
        evaluable="yes",
    )
    yield replace(_of("KDIGOCR", result.complete.answer, result.complete.reason, notes), evaluable="yes")
    either = any_of((result.complete.answer, result.partial.answer))
    yield replace(_of("KDIGORR", either, reason, notes), evaluable="yes")


def _ends(bounds: DoseBounds) -> tuple[Decimal | None, Decimal | None]:
    """The dose at its least and at its most; None where it has no upper limit."""
    return _decimal(bounds.lower), None if bounds.upper is None else _decimal(bounds.upper)


def _agreed(low: Conclusion, high: Conclusion) -> Conclusion:
    """What holds at both ends of the dose. A higher dose never helps, so what the lowest fails is failed."""
    if low.answer == "no" or low == high:
        return low
    parts = [
        a if a.answer == b.answer else Condition(name=a.name, answer="unknown", reason=f"from {a.reason} to {b.reason}")
        for a, b in zip(low.conditions, high.conditions, strict=True)
    ]
    return conclude(parts, dict.fromkeys((*low.flags, *high.flags)))


def _answer(code: str, found: Conclusion, notes: Sequence[str], scores: _Scores) -> Answer:
    """A state with the reasons of what could not be scored behind its own."""
    reason = found.reason
    if found.answer == "unknown":
        reason = "; ".join(dict.fromkeys([reason, *_gaps(scores)]))
    return _of(code, found.answer, reason, (*notes, *found.flags))


def _gaps(scores: _Scores) -> list[str]:
    """Why a score or the dose is not known."""
    gaps = []
    if isinstance(scores.pga, NotEvaluable):
        gaps.append(scores.pga.reason)
    if scores.dose.bounds.upper != scores.dose.bounds.lower:
        gaps += list(scores.dose.reasons)
    return gaps


def _of(code: str, answer: YesNoUnknown, reason: str, notes: Sequence[str]) -> Answer:
    value = {"yes": "Y", "no": "N", "unknown": None}[answer]
    return Answer(
        code=code,
        value=value,
        missing=reason if value is None else None,
        basis=reason if value else None,
        notes=tuple(dict.fromkeys(notes)),
    )


def _dose_notes(patient: Patient, visit: DiseaseVisit, dose: DayDose) -> list[str]:
    """Where a glucocorticoid was given for something else too, or perhaps."""
    if visit.day is None or glucocorticoid_on(patient.log, visit.day).bounds == dose.bounds:
        return []
    return [f"glucocorticoid that is no maintenance for lupus is counted: {'; '.join(dose.reasons)}"]


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _word(text: str) -> YesNoUnknown:
    words: Mapping[str, YesNoUnknown] = {"yes": "yes", "no": "no"}
    return words.get(text.strip().lower(), "unknown")


def known(value: Decimal | NotEvaluable) -> Decimal | None:
    """The number, None where there is none."""
    return None if isinstance(value, NotEvaluable) else value
