"""The kidney at a disease visit: protein/creatinine ratio, eGFR, who has nephritis at baseline, KDIGO response.

Nephritis at baseline (our rule; the study file has none): before the first infusion a biopsy of class III, IV or V
(alone or together) that is active or active and chronic, or a ratio of 0.5 g/g or more at the last disease visit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from celltrial.answers import Condition, YesNoUnknown
from celltrial.datasets.adam.visits import DiseaseVisit, pick_nearest
from celltrial.datasets.context import Case, Casebook
from celltrial.datasets.moments import is_before
from celltrial.errors import CelltrialError
from celltrial.instruments import (
    KdigoResponse,
    KidneyCourse,
    compute_ckd_epi_2021,
    convert_upcr,
    judge_kdigo_2024,
)
from celltrial.missing import NotEvaluable
from celltrial.record import Entry, FormEntry
from celltrial.studyday import completed_years, parse_partial_date
from celltrial.units import Quantity, parse_number

__all__ = ["Kidney", "judge_kidney", "judge_nephritis", "lab_number", "read_kidney"]

UPCR = "urine_protein_creatinine_ratio"
CREATININE = "creatinine"
_PROLIFERATIVE_OR_MEMBRANOUS = ("III", "IV", "V", "III+V", "IV+V")
_NEPHRITIC_FROM = Fraction(1, 2)
# the schedule's months: month 2 is day 61, month 12 day 361
_DAYS_A_MONTH = 30
_Entries = tuple[Entry[FormEntry], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kidney:
    """The kidney at one visit: ratio in g/g, eGFR in mL/min/1.73 m2, and the results they come from."""

    upcr: Fraction | NotEvaluable
    egfr: Decimal | NotEvaluable
    upcr_entries: _Entries = ()
    egfr_entries: _Entries = ()


def read_kidney(book: Casebook, case: Case, visit: DiseaseVisit) -> Kidney:
    """Ratio and eGFR (CKD-EPI 2021) from the results that belong to the visit."""
    ratio, ratio_entry = _result(book, case, visit, UPCR, "protein/creatinine ratio")
    creatinine, creatinine_entry = _result(book, case, visit, CREATININE, "creatinine")
    return Kidney(
        upcr=ratio if isinstance(ratio, NotEvaluable) else _upcr(ratio),
        egfr=creatinine if isinstance(creatinine, NotEvaluable) else _egfr(book, case, visit, creatinine),
        upcr_entries=ratio_entry,
        egfr_entries=creatinine_entry,
    )


def judge_nephritis(book: Casebook, case: Case, baseline: Kidney | None) -> Condition:
    """Whether there was lupus nephritis at baseline, by the rule of this module."""
    name = "nephritis at baseline"
    answers: list[YesNoUnknown] = []
    told = []
    for entry in book.state.forms("kidney_biopsy", case.subject):
        items = entry.body.items
        before = is_before(book.moment(items.get("performed", ""), "", []), case.infused)
        grade, activity = items.get("lupus_nephritis_class", ""), items.get("activity", "")
        if grade not in _PROLIFERATIVE_OR_MEMBRANOUS or activity == "chronic" or before is False:
            continue
        sure = before and activity in ("active", "active_and_chronic")
        answers.append("yes" if sure else "unknown")
        told.append(f"biopsy of class {grade}{'' if sure else ', day or activity not known'}")
    upcr = baseline.upcr if baseline else NotEvaluable("no disease visit before the infusion")
    if isinstance(upcr, NotEvaluable):
        answers.append("unknown")
        told.append(f"ratio at baseline not known: {upcr.reason}")
    else:
        answers.append("yes" if upcr >= _NEPHRITIC_FROM else "no")
        told.append(f"ratio at baseline {float(upcr):.3g} g/g")
    answer: YesNoUnknown = "yes" if "yes" in answers else "unknown" if "unknown" in answers else "no"
    biopsied = [] if len(told) > 1 else ["no active biopsy of class III to V"]
    return Condition(name=name, answer=answer, reason="; ".join([*told, *biopsied]))


def judge_kidney(case: Case, visit: DiseaseVisit, now: Kidney, baseline: Kidney | None) -> KdigoResponse:
    """The renal response of KDIGO 2024 against the last disease visit before the infusion."""
    day, infused = visit.day, case.infused.day
    months = Fraction((day - infused).days, _DAYS_A_MONTH) if day and infused and day >= infused else None
    return judge_kdigo_2024(
        KidneyCourse(
            upcr=_known(now.upcr),
            baseline_upcr=_known(baseline.upcr) if baseline else None,
            egfr=_known(now.egfr),
            baseline_egfr=_known(baseline.egfr) if baseline else None,
            months=months,
        ),
        rescue="unknown",
        is_24h_collection="no",
    )


def lab_number(
    book: Casebook, case: Case, visit: DiseaseVisit, analyte: str, *, form: Literal["labs", "vitals"] = "labs"
) -> tuple[Quantity | NotEvaluable, _Entries]:
    """The result of an analyte that belongs to the visit, with its unit."""
    return _result(book, case, visit, analyte, analyte.replace("_", " "), form=form)


def _result(
    book: Casebook, case: Case, visit: DiseaseVisit, analyte: str, label: str, *, form: str = "labs"
) -> tuple[Quantity | NotEvaluable, _Entries]:
    entries: Sequence[Entry[FormEntry]] = book.state.forms(form, case.subject)
    own = [entry for entry in entries if entry.body.items.get("analyte") == analyte]
    entry = pick_nearest(book, own, visit, item="collected")
    if entry is None:
        return NotEvaluable(f"no {label} at this visit"), ()
    text = entry.body.items.get("value", "")
    try:
        number = parse_number(text)
    except CelltrialError:
        return NotEvaluable(f"{label} is not a number: {text!r}"), (entry,)
    if number < 0:
        return NotEvaluable(f"{label} is below 0: {text}"), (entry,)
    return Quantity(number, entry.body.items.get("unit", "").strip()), (entry,)


def _upcr(ratio: Quantity) -> Fraction | NotEvaluable:
    try:
        return convert_upcr(ratio.value, ratio.unit)
    except CelltrialError:
        return NotEvaluable(f"protein/creatinine ratio in a unit that is none: {ratio.unit!r}")


def _egfr(book: Casebook, case: Case, visit: DiseaseVisit, creatinine: Quantity) -> Decimal | NotEvaluable:
    forms = book.state.forms("demographics", case.subject)
    items = forms[-1].body.items if forms else {}
    age = _age(book, items.get("birth_date", ""), visit)
    if isinstance(age, NotEvaluable):
        return age
    sex: Literal["F", "M"] | None = "F" if items.get("sex") == "F" else "M" if items.get("sex") == "M" else None
    try:
        rate = compute_ckd_epi_2021(age_years=age, sex=sex, creatinine=creatinine)
    except CelltrialError as error:
        return NotEvaluable("; ".join(f"{each.message}: {each.found}" for each in error.findings))
    return rate if isinstance(rate, NotEvaluable) else rate.as_decimal


def _age(book: Casebook, birth: str, visit: DiseaseVisit) -> int | NotEvaluable:
    """Completed years on the visit's day; a partial date of birth counts where every reading gives one age."""
    if not birth.strip() or visit.day is None:
        return NotEvaluable("date of birth not known" if visit.day else "the day of the visit is not known")
    try:
        born = parse_partial_date(birth, book.study.site.zone)
    except CelltrialError:
        return NotEvaluable(f"date of birth cannot be read: {birth!r}")
    oldest, youngest = (completed_years(each.date(), visit.day) for each in (born.earliest, born.latest))
    return oldest if oldest == youngest else NotEvaluable(f"born in {birth}: age {youngest} or {oldest}")


def _known(value: Fraction | Decimal | NotEvaluable) -> Fraction | Decimal | None:
    return None if isinstance(value, NotEvaluable) else value
