"""Flares between two disease visits, by two definitions: the SELENA flare index, and a rise of SLEDAI-2K.

Which one counts is the protocol's to say; no public text names one. The study's schedule asks for the flare index. It
is read with SLEDAI-2K in place of SELENA-SLEDAI, which the study does not record.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from celltrial.datasets.adam.kidney import lab_number
from celltrial.datasets.adam.responses import Answer, Patient, known
from celltrial.datasets.adam.scores import read_pga, read_sledai
from celltrial.datasets.adam.treatment import glucocorticoid_on
from celltrial.datasets.adam.visits import DiseaseVisit
from celltrial.errors import CelltrialError
from celltrial.instruments import FlareValues, SledaiChange, assess_flare, compare_sledai, sfi_criteria
from celltrial.missing import NotEvaluable
from celltrial.units import convert, parse_number

__all__ = ["judge_flares"]

_RISE = 3


def judge_flares(patient: Patient, index: int) -> Iterator[Answer]:
    """Both answers for the time since the visit before; only after the infusion."""
    visit = patient.visits[index]
    if visit.is_before is not False or visit.day is None:
        return
    earlier = [each for each in patient.visits[:index] if each.is_judged and each.day is not None]
    if not earlier:
        missing = "no assessment before this visit to compare with"
        yield from (Answer(code=code, value=None, missing=missing, basis=None) for code in ("SFI", "SLDFLARE"))
        return
    yield _flare_index(patient, earlier[-1], visit)
    yield _rise(patient, earlier[-1], visit)


def _rise(patient: Patient, before: DiseaseVisit, now: DiseaseVisit) -> Answer:
    """SLEDAI-2K up by more than 3 points; an incomplete score may be high enough already."""
    window = patient.book.study.response.lookback_days
    was, now_is = (read_sledai(each, window_days=window) for each in (before, now))
    change = compare_sledai(was.score, now_is.score)
    notes = now.notes
    if isinstance(change, SledaiChange):
        told = f"SLEDAI-2K {was.total} to {now_is.total}; a flare is a rise by more than {_RISE}"
        value = "Y" if change.course == "flare" else "N"
        return Answer(code="SLDFLARE", value=value, missing=None, basis=told, notes=notes)
    least = now_is.total.lower_bound if isinstance(now_is.total, NotEvaluable) else now_is.total
    if isinstance(was.total, int) and least is not None and least - was.total > _RISE:
        told = f"SLEDAI-2K {was.total} to at least {least:g}; a flare is a rise by more than {_RISE}"
        return Answer(code="SLDFLARE", value="Y", missing=None, basis=told, notes=notes)
    return Answer(code="SLDFLARE", value=None, missing=change.reason, basis=None, notes=notes)


def _flare_index(patient: Patient, before: DiseaseVisit, now: DiseaseVisit) -> Answer:
    window = patient.book.study.response.lookback_days
    asked = {each.criterion for each in sfi_criteria() if each.is_asked}
    answers = {name: word for name, word in now.items("flare_index").items() if name in asked}
    try:
        values = FlareValues(
            sledai_before=read_sledai(before, window_days=window).total,
            sledai_after=read_sledai(now, window_days=window).total,
            pga_before=known(read_pga(before)),
            pga_after=known(read_pga(now)),
            prednisone_before_mg_day=_dose(patient, before),
            prednisone_after_mg_day=_dose(patient, now),
            weight_kg=_weight(patient, now.day),
            platelets_10e9_l=_lab(patient, now, "platelets", "10*9/L"),
            hemoglobin_before_g_l=_lab(patient, before, "hemoglobin", "g/L"),
            hemoglobin_after_g_l=_lab(patient, now, "hemoglobin", "g/L"),
            answers=answers,
        )
    except CelltrialError as error:
        missing = "; ".join(f"{each.message}: {each.found}" for each in error.findings)
        return Answer(code="SFI", value=None, missing=missing, basis=None)
    found = assess_flare(values)
    gap = "" if "flare_index" in now.forms else f"; {now.missing['flare_index']}"
    is_known = found.flare != "unknown"
    return Answer(
        code="SFI",
        value=found.flare.upper() if is_known else None,
        missing=None if is_known else found.reason + gap,
        basis=found.reason if is_known else None,
        notes=now.notes,
    )


def _dose(patient: Patient, visit: DiseaseVisit) -> Decimal | None:
    """The maintenance dose for lupus; None where it is not known exactly."""
    if visit.day is None:
        return None
    bounds = glucocorticoid_on(patient.log, visit.day).bounds
    if bounds.upper != bounds.lower:
        return None
    return Decimal(bounds.lower.numerator) / Decimal(bounds.lower.denominator)


def _lab(patient: Patient, visit: DiseaseVisit, analyte: str, unit: str) -> Decimal | None:
    result, _ = lab_number(patient.book, patient.case, visit, analyte)
    if isinstance(result, NotEvaluable):
        return None
    try:
        return convert(result, unit, analyte=analyte).value
    except CelltrialError:
        return None


def _weight(patient: Patient, day: date | None) -> Decimal | None:
    """The last weight up to the day, in kilograms."""
    latest: tuple[date, Decimal] | None = None
    for entry in patient.book.state.forms("vitals", patient.case.subject):
        items = entry.body.items
        measured = patient.book.moment(items.get("collected", ""), "", []).day
        if items.get("analyte") != "weight" or items.get("unit", "").strip() != "kg" or measured is None:
            continue
        try:
            value = parse_number(items.get("value", ""))
        except CelltrialError:
            continue
        if day is not None and measured <= day and (latest is None or measured >= latest[0]):
            latest = (measured, value)
    return latest[1] if latest and latest[1] > 0 else None
