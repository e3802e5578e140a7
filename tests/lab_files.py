"""Files of a fictional hospital laboratory, and the trial they are held against."""

from datetime import UTC, datetime
from functools import cache

from celltrial.record.accept import accept_drafts
from celltrial.record.bodies import Consent, FormEntry, Infusion, ReferenceRange, Screening
from celltrial.record.laboratory import mark_refused, parse_profile, plan_laboratory_file
from trial_builder import COORDINATOR, Story

ANNA, BERTA = "01-001", "01-002"
PROFILE = """\
laboratory: {name: Central laboratory}
subject: {column: patient}
collected: {columns: [day, hour], formats: ["%Y-%m-%d %H:%M", "%Y-%m-%d"]}
visit: {otherwise: unscheduled}
analyte: {columns: [item], leave_out: [HCT]}
analytes:
  hemoglobin: {names: [HGB, 血红蛋白], unit: g/L, times: 3}
  creatinine: {names: [CREA]}
  crp: {names: [CRP], unit: mg/L}
  anti_sm: {names: [Sm]}
result:
  column: result
  flags: {H: high, L: low}
  words: {阴性: negative, 阳性: positive}
  leave_out: [not done]
  blank: leave out
unit: {column: unit, names: {μmol/L: umol/L}}
range: {column: range}
"""
HEADER = "patient,day,hour,item,result,unit,range"


@cache
def profile(text: str = PROFILE):
    from trial_builder import ct1192

    return parse_profile("lab.yaml", text, ct1192().site.zone)


def story(*, infused: str = "") -> Story:
    """Two candidates, screened on 2025-09-15; ANNA, a woman born in 1990, infused on the day given."""
    told = Story()
    for who, sex, birth in ((ANNA, "F", "1990-03-02"), (BERTA, "M", "1985")):
        told.write(Consent(signed_at="2025-09-10", document_version="1.0"), who)
        told.write(Screening(screened_on="2025-09-15"), who)
        items = {"birth_date": birth, "sex": sex, "country": "CHN"}
        told.write(FormEntry(form="demographics", visit="SCR", items=items), who)
    if infused:
        told.write(
            Infusion(infused_at=infused, level="DL1", planned_cells="3E8", actual_cells="3E8", lot="LOT1", donor="D1"),
            ANNA,
        )
    return told


def reference(analyte: str, low: str, high: str, unit: str, **more: str) -> ReferenceRange:
    given = {"laboratory": "Central laboratory", "valid_from": "2024-01-01"} | more
    return ReferenceRange(analyte=analyte, low=low, high=high, unit=unit, **given)  # type: ignore[arg-type]  # literals


def table(*rows: str, header: str = HEADER) -> bytes:
    return ("\n".join((header, *rows)) + "\n").encode()


def plan(told: Story, *rows: str, text: str = PROFILE, links=None, content: bytes | None = None):
    """What a file of these rows would do to the story's record, judged by the record's checks too."""
    planned = plan_laboratory_file(
        "lab.csv",
        table(*rows) if content is None else content,
        profile=profile(text),
        links=links,
        study=told.study,
        state=told.state,
    )
    at = max(told.now, datetime(2026, 1, 1, tzinfo=UTC))
    judged = accept_drafts(told.study, told.state, planned.drafts, author=COORDINATOR, at=at, base_seq=None, guards=())
    return mark_refused(planned, judged.findings)


def write(told: Story, planned) -> None:
    """Append the drafts of a plan, as the import would."""
    told.now = max(told.now, datetime(2026, 1, 1, tzinfo=UTC))
    for draft in planned.drafts:
        told.write(draft.body, draft.subject, author=COORDINATOR, why=draft.why)


def fates(planned) -> dict[int, str]:
    return {row.line: row.fate for row in sorted(planned.rows, key=lambda row: row.line)}


def items(planned) -> list[dict[str, str]]:
    return [draft.body.items for draft in planned.drafts]
