"""Made-up candidates for the tests of eligibility: one who meets everything, and helpers to change one fact."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from celltrial.eligibility import (
    Attestation,
    Condition,
    Coverage,
    Criteria,
    Facts,
    Judgement,
    Measurement,
    Medication,
    Person,
    Result,
    Score,
    Screening,
    parse_criteria,
    screen,
)
from celltrial.errors import Source
from celltrial.study import shipped_study
from celltrial.studyday import PartialDate, parse_partial_date

ZONE = ZoneInfo("Asia/Shanghai")
AS_OF = datetime(2026, 3, 10, 8, tzinfo=UTC)
ALL_QUESTIONS = frozenset(f"Q{n:02}" for n in range(1, 38))
FILE = shipped_study() / "eligibility.yaml"


def day(text: str) -> PartialDate:
    return parse_partial_date(text, ZONE)


SCREENED = "2026-03-02"
ANCHORS: Mapping[str, PartialDate | None] = {
    "consent": day("2026-03-01T09:00"),
    "screening": day(SCREENED),
    "lymphodepletion": None,
    "infusion": None,
}


@cache
def criteria() -> Criteria:
    """The shipped criteria of CT1192."""
    return parse_criteria(YAML(typ="safe").load(FILE.read_text(encoding="utf-8")), locate=lambda path: Source(file="e"))


def lab(
    analyte: str,
    value: str,
    unit: str = "",
    *,
    uln: str = "",
    on: str = SCREENED,
    event: int | None = None,
    method: str = "",
    condition: str = "",
) -> Measurement:
    return Measurement(
        analyte=analyte,
        value=value,
        unit=unit,
        uln=uln,
        collected=day(on),
        method=method,
        condition=condition,
        event=event,
    )


def drug(
    name: str,
    drug_class: str,
    dose: str,
    *,
    start: str,
    ended: str = "",
    per_day: str = "1",
    unit: str = "mg",
    route: str = "oral",
    event: int | None = None,
) -> Medication:
    return Medication(
        drug=name,
        drug_class=drug_class,
        dose=dose,
        unit=unit,
        per_day=per_day,
        route=route,
        start=day(start),
        ended=day(ended) if ended else None,
        ongoing=not ended,
        event=event,
    )


def said(
    statement: str,
    answer: str = "yes",
    *,
    by: str = "participant",
    on: str = "2026-03-01",
    covers: tuple[str, str] | None = None,
) -> Attestation:
    assert answer in ("yes", "no")
    return Attestation(
        statement=statement,
        answer="yes" if answer == "yes" else "no",
        given_by=by,
        given_on=day(on),
        covers_from=day(covers[0]) if covers else None,
        covers_to=day(covers[1]) if covers else None,
    )


def judged(question: str, answer: str) -> Judgement:
    return Judgement(question=question, answer=answer, given_by="investigator", given_on=day(SCREENED))


LABS = (
    lab("ana", "1:320", uln="80", event=10),
    lab("anti_dsdna", "120", "IU/mL", uln="30", event=11),
    lab("creatinine", "70", "umol/L", uln="104", event=12),
    lab("weight", "60", "kg", event=13),
    lab("neutrophils", "3.2", "10*9/L", event=14),
    lab("hemoglobin", "118", "g/L", event=15),
    lab("alt", "22", "U/L", uln="40", event=16),
    lab("ast", "24", "U/L", uln="40", event=17),
    lab("bilirubin_total", "9", "umol/L", uln="21", event=18),
    lab("inr", "1.0", "1", uln="1.2", event=19),
    lab("aptt", "30", "s", uln="36", event=20),
    lab("spo2", "98", "%", method="pulse_oximeter", condition="room_air", event=21),
    lab("lvef", "62", "%", method="echocardiography", event=22),
    lab("hcg_serum", "negative", on="2026-03-01T10:00", event=23),
)


@cache
def eligible() -> Facts:
    """A woman of 33 who meets every criterion that is due at screening."""
    return Facts(
        person=Person(birth=day("1992-07-15"), sex="F", event=1),
        measurements=LABS,
        medications=(
            drug("prednisone", "glucocorticoid", "10", start="2025-06-01", event=30),
            drug("mycophenolate_mofetil", "immunosuppressant", "1000", start="2025-06-01", per_day="2", event=31),
        ),
        conditions=(Condition(code="sle", onset=day("2019-05-04"), status="ongoing", event=40),),
        attestations=(
            said("informed_consent"),
            said("able_to_bear_children", by="investigator"),
            said("contraception_f"),
            said("no_egg_donation"),
        ),
        judgements=(
            judged("disease_still_active", "yes"),
            judged("active_organ_involvement", "kidney; skin"),
        ),
        scores=(
            Score(
                score="eular-acr-2019",
                total=Decimal(22),
                flags={"entry_ana": "yes", "clinical_domain": "yes"},
                assessed=day(SCREENED),
                event=50,
            ),
            Score(score="sledai-2k", total=Decimal(12), assessed=day(SCREENED), event=51),
        ),
        coverage=(Coverage(covers_from=day("2025-01-01"), covers_to=day(SCREENED), event=60),),
    )


def run(
    facts: Facts,
    *,
    stage: str = "screening",
    anchors: Mapping[str, str] | None = None,
    answered: frozenset[str] = ALL_QUESTIONS,
    file: Criteria | None = None,
) -> Screening:
    """Screen at a stage; `anchors` replaces dates of the usual ones."""
    times = {**ANCHORS, **{name: day(text) for name, text in (anchors or {}).items()}}
    return screen(file or criteria(), facts, stage=stage, anchors=times, as_of=AS_OF, answered=answered)


def with_lab(facts: Facts, *new: Measurement) -> Facts:
    """The facts with these results in place of all others of their analytes."""
    gone = {each.analyte for each in new}
    return replace(facts, measurements=(*(each for each in facts.measurements if each.analyte not in gone), *new))


def without_lab(facts: Facts, *analytes: str) -> Facts:
    return replace(facts, measurements=tuple(each for each in facts.measurements if each.analyte not in analytes))


def one(yaml: str) -> Criteria:
    """Criteria with one inclusion criterion, written as in the file; it is due at screening."""
    head = """
criteria: one
complete: true
anchors: {consent: {}, screening: {lasts: day}, lymphodepletion: {after: screening}, infusion: {after: lymphodepletion}}
stages: {screening: screening, lymphodepletion: lymphodepletion, infusion: infusion}
defaults:
  lab: {take: latest, within: 28 days before screening, same_day: worst}
  missing: unknown
  boundaries: inclusive
inclusion:
"""
    indented = "".join(f"    {line}\n" for line in yaml.strip().splitlines())
    text = f"{head}  - id: I01\n    says: made up\n{indented}"
    return parse_criteria(YAML(typ="safe").load(text), locate=lambda path: Source(file="one"))


def result(yaml: str, facts: Facts, **kwargs: object) -> Result:
    """The result of one criterion."""
    return run(facts, file=one(yaml), **kwargs).results[0]  # type: ignore[arg-type]  # passed on as they are
