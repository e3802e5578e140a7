"""Leaves on quantities computed from results: creatinine clearance after Cockcroft and Gault.

The formula, with its source, is `instruments.renal_function.cockcroft_gault`; here age is in completed years on the day
of the sample, weight is the actual body weight, and creatinine in umol/L is divided by 88.4 (analytes.csv). Compared
unrounded.
"""

from collections.abc import Mapping
from fractions import Fraction

from celltrial.eligibility.context import Context, no_anchor
from celltrial.eligibility.facts import Measurement, Person
from celltrial.eligibility.labs import read_range, unaided
from celltrial.eligibility.language import DerivedLimit
from celltrial.eligibility.result import Outcome, earliest, met, not_met, unknown
from celltrial.eligibility.samples import Sample, Search, find_samples, settle, why_none
from celltrial.eligibility.truth import Basis, Cost, Unknown, Verdict, Why
from celltrial.eligibility.values import Range, compare, format_number, in_unit
from celltrial.eligibility.windows import expiry
from celltrial.instruments.renal_function import cockcroft_gault
from celltrial.studyday import completed_years

__all__ = ["DERIVED", "evaluate_derived"]

DERIVED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "creatinine_clearance_cockcroft_gault": ("mL/min", ("creatinine", "weight")),
}
"""What can be derived -> its unit, and the results it needs (the first one is the sample that dates it)."""


def evaluate_derived(test: DerivedLimit, ctx: Context) -> Outcome:
    """Cockcroft-Gault from the latest creatinine and weight of their windows; same-day results by the worst."""
    searches = {name: Search(analyte=name, window=test.inputs.get(name, test.window)) for name in DERIVED[test.name][1]}
    missing: list[Unknown] = []
    samples: dict[str, tuple[Sample, ...]] = {}
    for name, search in searches.items():
        if ctx.place(search.window) is None:
            missing.append(no_anchor(search.window, ctx))
        else:
            samples[name] = find_samples(search, ctx)
            if not samples[name]:
                missing.append(why_none(search, ctx))
    missing += _missing_of_person(ctx.facts.person)
    if missing:
        return unknown(*missing)
    return settle(
        samples["creatinine"],
        lambda creatinine: settle(
            samples["weight"],
            lambda weight: _judge(test, creatinine, weight, ctx),
            "worst",
            searches["weight"],
        ),
        "worst",
        searches["creatinine"],
    )


def _missing_of_person(person: Person) -> list[Unknown]:
    parts = [("sex", person.sex), ("date of birth", person.birth)]
    return [
        Unknown(why=Why.NO_RECORD, about=f"{name} is not recorded", do=f"record the {name}", cost=Cost.CHART)
        for name, value in parts
        if value is None
    ]


def _judge(test: DerivedLimit, creatinine: Measurement, weight: Measurement, ctx: Context) -> Outcome:
    person = ctx.facts.person
    events = [person.event, creatinine.event, weight.event]
    serum, body = _in("mg/dL", creatinine), _in("kg", weight)
    if isinstance(serum, Unknown) or isinstance(body, Unknown):
        return unknown(*(each for each in (serum, body) if isinstance(each, Unknown)), events=events)
    age = _ages(person, creatinine)
    if age is None:
        about = f"the age on {creatinine.collected or 'an unknown day'} with a birth date of {person.birth}"
        problem = Unknown(why=Why.COARSE_DATE, about=about, do=Why.COARSE_DATE.action, cost=Cost.CHART)
        return unknown(problem, events=events)
    clearance = _clearance(age, body, serum, is_female=person.sex == "F")
    reason = (
        f"creatinine clearance {_shown(clearance)} mL/min (Cockcroft-Gault: age {_years(age)}, {person.sex}, "
        f"weight {weight.value} {weight.unit} on {weight.collected}, creatinine {creatinine.value} {creatinine.unit}"
        f"{ctx.distance(creatinine.collected, test.window)}); needs {test.goal}; window {test.window}"
    )
    verdict = compare(clearance, test.goal.op, Fraction(test.goal.number))
    if verdict is Verdict.NOT_MET:
        return not_met(Basis.DERIVED, reason, events=events)
    if verdict is Verdict.UNKNOWN:
        why = Why.STRADDLES if age[0] == age[1] else Why.COARSE_DATE
        return unknown(Unknown(why=why, about=reason, do=why.action, cost=Cost.CHART), events=events)
    weighed = test.inputs.get("weight", test.window)
    expires = earliest((expiry(creatinine.collected, test.window), expiry(weight.collected, weighed)))
    outcome = met(Basis.DERIVED, reason, events=events, expires=expires)
    return outcome if test.not_during is None else unaided(test.not_during, outcome, creatinine, ctx)


def _in(unit: str, measurement: Measurement) -> Range | Unknown:
    value = read_range(measurement)
    if isinstance(value, Unknown):
        return value
    converted = in_unit(value, measurement.unit, unit, measurement.analyte)
    name = measurement.analyte
    if converted is None:
        about = f"{name} {measurement.value} {measurement.unit or '(no unit)'}: cannot be converted to {unit}"
        return Unknown(why=Why.UNIT, about=about, do=f"{name}: {Why.UNIT.action}", cost=Cost.CHART)
    if (converted.low is not None and converted.low <= 0) or (converted.high is not None and converted.high <= 0):
        about = f"{name} {measurement.value} {measurement.unit}"
        return Unknown(why=Why.IMPLAUSIBLE, about=about, do=f"{name}: {Why.IMPLAUSIBLE.action}", cost=Cost.CHART)
    return converted


def _ages(person: Person, creatinine: Measurement) -> tuple[int, int] | None:
    """The lowest and highest age in completed years that the dates allow; None where the sample is undated."""
    if person.birth is None or creatinine.collected is None:
        return None
    youngest = completed_years(person.birth.latest.date(), creatinine.collected.earliest.date())
    return youngest, completed_years(person.birth.earliest.date(), creatinine.collected.latest.date())


def _clearance(age: tuple[int, int], body: Range, serum: Range, *, is_female: bool) -> Range:
    """The clearances that the ranges allow: lowest at the highest age and creatinine and the lowest weight."""

    def at(years: int, kg: Fraction | None, mg_dl: Fraction | None) -> Fraction | None:
        if kg is None or mg_dl is None:
            return None
        return cockcroft_gault(age=years, weight_kg=kg, creatinine_mg_dl=mg_dl, is_female=is_female)

    return Range(
        low=at(age[1], body.low, serum.high),
        high=at(age[0], body.high, serum.low),
        has_low=body.has_low and serum.has_high,
        has_high=body.has_high and serum.has_low,
    )


def _shown(clearance: Range) -> str:
    if clearance.low is not None and clearance.low == clearance.high:
        return format_number(clearance.low, 6)
    low, high = (format_number(each, 6) if each is not None else "?" for each in (clearance.low, clearance.high))
    return f"{low} to {high}"


def _years(age: tuple[int, int]) -> str:
    return str(age[0]) if age[0] == age[1] else f"{age[0]} or {age[1]}"
