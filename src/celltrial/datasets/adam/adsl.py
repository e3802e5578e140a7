"""ADSL: one row for each consented candidate: dose, dates, end of participation, populations."""

from collections.abc import Mapping
from datetime import timedelta

from celltrial.datasets.context import Case, Casebook, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import Moment
from celltrial.datasets.results import read_cells
from celltrial.datasets.terms import term
from celltrial.errors import Finding
from celltrial.record import DltAssessment, Enrolment, Screening, TrialState
from celltrial.study import Study

__all__ = ["derive_adsl"]


def derive_adsl(study: Study, state: TrialState, sdtm: Mapping[str, Dataset]) -> Dataset:
    """Subject-level data. The safety set (SAFFL = Y) is everyone infused, by the level received (TRT01A).

    DLTEVLFL and DLTFL come from the latest adjudication and are blank before it. TRT01AN orders the levels by dose.
    """
    book = open_casebook(study, state)
    findings: list[Finding] = []
    demographics = {row["USUBJID"]: row for row in sdtm["DM"].frame.iter_rows(named=True)}
    rows = [_row(book, case, demographics[case.usubjid], findings) for case in book.cases]
    return build_dataset("ADSL", rows, findings=findings)


def _row(book: Casebook, case: Case, person: Row, findings: list[Finding]) -> Row:
    copied = ("STUDYID", "USUBJID", "SUBJID", "SITEID", "AGE", "AGEU", "SEX", "COUNTRY")
    arms = ("ARMCD", "ARM", "ACTARMCD", "ACTARM", "ARMNRS")
    enrolled = book.state.latest(Enrolment, case.subject)
    return (
        {name: person[name] for name in (*copied, *arms)}
        | _dose(case, findings)
        | _dates(book, case, findings)
        | _end(case)
        | _dlt(book, case, findings)
        | {
            "DTHDT": _day(book, person["DTHDTC"], findings),
            "DTHFL": "Y" if person["DTHFL"] == "Y" else "N",
            "ENRLFL": "Y" if enrolled else "N",
            "SAFFL": "Y" if case.infusions else "N",
            "SRCDOM": "DM",
            "SRCSEQ": None,
        }
        | trace(case.consent, *([enrolled] if enrolled else []), *case.infusions)
    )


def _dose(case: Case, findings: list[Finding]) -> Row:
    """What was planned and what was infused; the actual dose is never taken from the plan."""
    first = case.infusions[0].body if case.infusions else None
    where = f"ADSL {case.usubjid}"
    planned = case.assignment.body.planned_cells if case.assignment else first.planned_cells if first else ""
    return {
        "TRT01P": case.planned.label if case.planned else None,
        "TRT01A": case.actual.label if case.actual else None,
        "TRT01AN": case.actual.number if case.actual else None,
        "DOSE01P": read_cells(planned, where, findings),
        "DOSE01A": read_cells(first.actual_cells, where, findings) if first else None,
        "DOSE01U": "Therapeutic Cells" if planned or first else None,
        "LOT": (first.lot or None) if first else None,
        "DONOR": (first.donor or None) if first else None,
    }


def _dates(book: Casebook, case: Case, findings: list[Finding]) -> Row:
    screened = book.state.latest(Screening, case.subject)
    enrolled = book.state.latest(Enrolment, case.subject)
    depletion = case.lymphodepletion
    last = case.infusions[-1].body.infused_at if case.infusions else None
    window = timedelta(days=book.study.dlt.window_days)
    return {
        "RFICDT": case.consented.day,
        "SCRNDT": _day(book, screened.body.screened_on if screened else None, findings),
        "ENRLDT": _day(book, enrolled.body.enrolled_on if enrolled else None, findings),
        "LDSTDT": case.lymphodepleted.day,
        "LDENDT": _day(book, depletion.body.ended_on if depletion else None, findings),
        "TRTSDT": case.infused.day,
        "TRTSDTM": case.infused.local,
        "TRTEDT": _day(book, last, findings),
        "DLTWENDT": case.infused.day + window if case.infused.day else None,
    }


def _end(case: Case) -> Row:
    """Discontinued, completed (the last scheduled visit is done) or ongoing."""
    if case.withdrawal:
        reason = term("withdrawal", case.withdrawal.body.reason)
        return {"EOSSTT": "DISCONTINUED", "EOSDT": case.ended.day, "DCSREAS": reason}
    if case.completion:
        return {"EOSSTT": "COMPLETED", "EOSDT": case.ended.day}
    return {"EOSSTT": "ONGOING"}


def _dlt(book: Casebook, case: Case, findings: list[Finding]) -> Row:
    """The latest adjudication: Y and N; blank = not yet adjudicated. One who is not evaluable has no DLT verdict."""
    assessed = book.state.latest(DltAssessment, case.subject)
    if assessed is None:
        return {"DLTEVLFL": "", "DLTFL": ""}
    is_evaluable = assessed.body.evaluable == "yes"
    return {
        "DLTEVLFL": "Y" if is_evaluable else "N",
        "DLTFL": ("Y" if assessed.body.dlt == "yes" else "N") if is_evaluable else "",
        "DLTADT": _day(book, assessed.body.assessed_on, findings),
    }


def _day(book: Casebook, text: str | None, findings: list[Finding]) -> object:
    moment: Moment = book.moment(text or "", "ADSL", findings)
    return moment.day
