"""DM: one row for each consented candidate, screen failures among them."""

from typing import Any

from celltrial.datasets.context import Case, Casebook, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.terms import term
from celltrial.errors import DateError, Finding
from celltrial.record import AdverseEvent, Entry, FormEntry, TrialState
from celltrial.study import Study
from celltrial.studyday import completed_years, parse_partial_date

__all__ = ["derive_dm"]

_NOT_ASSIGNED = "NOT ASSIGNED"
_NOT_TREATED = "ASSIGNED, NOT TREATED"
_SCREEN_FAILURE = "SCREEN FAILURE"


def derive_dm(study: Study, state: TrialState) -> Dataset:
    """Demographics. The reference date (RFSTDTC) is the first infusion; without one there are no study days.

    AGE is in completed years on the day of consent; a birth date that does not decide it leaves it missing.
    """
    book = open_casebook(study, state)
    findings = list(book.findings)
    return build_dataset("DM", [_row(book, case, findings) for case in book.cases], findings=findings)


def _row(book: Casebook, case: Case, findings: list[Finding]) -> Row:
    forms = book.state.forms("demographics", case.subject)
    person = forms[-1] if forms else None
    entries: list[Entry[Any]] = [case.consent, *([person] if person else []), *case.infusions[:1]]
    died, death_entries = _death(book, case, findings)
    age = _age(book, case, person, findings)
    return (
        book.base(case, "DM")
        | {
            "SUBJID": str(case.subject),
            "RFSTDTC": case.infused.iso,
            "RFENDTC": case.last_seen.iso if case.infusions else None,
            "RFXSTDTC": case.infused.iso,
            "RFXENDTC": book.moment(case.infusions[-1].body.infused_at, f"subject {case.subject}", findings).iso
            if case.infusions
            else None,
            "RFICDTC": case.consented.iso,
            "RFPENDTC": case.ended.iso,
            "DTHDTC": died,
            "DTHFL": "Y" if died or death_entries else None,
            "SITEID": book.study.site.id,
            "AGE": age,
            "AGEU": "YEARS" if age is not None else None,
            "SEX": (person.body.items.get("sex", "").strip().upper() or "U") if person else "U",
            "COUNTRY": term("country", person.body.items.get("country", "")) if person else None,
        }
        | _arms(case)
        | trace(*entries, *death_entries)
    )


def _arms(case: Case) -> Row:
    """Planned and actual arm; where one is missing, why (ARMNRS). Source: SDTMIG 3.4, section 5.2, DM assumptions."""
    columns: Row = {
        "ARMCD": case.planned.code if case.planned else None,
        "ARM": case.planned.label if case.planned else None,
        "ACTARMCD": case.actual.code if case.actual else None,
        "ACTARM": case.actual.label if case.actual else None,
    }
    if case.planned and case.actual:
        return columns
    if case.planned:
        return columns | {"ARMNRS": _NOT_TREATED}
    failed = case.withdrawal is not None and case.withdrawal.body.reason == "screen failure"
    return columns | {"ARMNRS": _SCREEN_FAILURE if failed else _NOT_ASSIGNED}


def _age(book: Casebook, case: Case, person: Entry[FormEntry] | None, findings: list[Finding]) -> int | None:
    text = person.body.items.get("birth_date", "") if person else ""
    if not text or case.consented.day is None:
        return None
    try:
        birth = parse_partial_date(text, book.study.site.zone)
    except DateError as error:
        findings.extend(error.findings)
        return None
    youngest = completed_years(birth.latest.date(), case.consented.day)
    oldest = completed_years(birth.earliest.date(), case.consented.day)
    if youngest == oldest:
        return youngest
    findings.append(
        Finding(
            message="the age is not known: the birth date does not decide it",
            where=f"DM {case.usubjid}",
            found=text,
            expected=f"{youngest} or {oldest} completed years at consent",
            next_step="complete the birth date",
        )
    )
    return None


def _death(book: Casebook, case: Case, findings: list[Finding]) -> tuple[str | None, tuple[Entry[AdverseEvent], ...]]:
    """The date of death and the entries that report it: a fatal adverse event, or a withdrawal for death."""
    fatal = tuple(
        entry
        for entry in book.state.adverse_events(case.subject)
        if entry.body.outcome == "fatal" or entry.body.grade == "5"
    )
    if case.withdrawal and case.withdrawal.body.reason == "death":
        return case.ended.iso, fatal
    ends = [book.moment(entry.body.ended, f"AE {entry.body.number}", findings).iso for entry in fatal]
    return next((end for end in ends if end), None), fatal
