"""DS: consent and enrolment as milestones; screen failure, withdrawal and completion as disposition."""

from collections.abc import Iterator
from typing import Any

from celltrial.datasets.context import Case, Casebook, number_rows, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import Moment
from celltrial.datasets.terms import term
from celltrial.errors import Finding
from celltrial.record import Enrolment, Entry, TrialState, Withdrawal
from celltrial.study import Study

__all__ = ["derive_ds"]

_MILESTONE = "PROTOCOL MILESTONE"
_DISPOSITION = "DISPOSITION EVENT"


def derive_ds(study: Study, state: TrialState) -> Dataset:
    """Disposition. A participant has completed the study when the last visit of the schedule is done."""
    book = open_casebook(study, state)
    findings: list[Finding] = []
    rows = [row for case in book.cases for row in _rows(book, case, findings)]
    return build_dataset("DS", number_rows(rows, "DSSEQ", ("DSSTDTC",)), findings=findings)


def _rows(book: Casebook, case: Case, findings: list[Finding]) -> Iterator[Row]:
    yield _row(
        book, case, case.consent, case.consented, "Informed consent obtained", "INFORMED CONSENT OBTAINED", _MILESTONE
    )
    for enrolment in book.state.entries(Enrolment, case.subject):
        on = book.moment(enrolment.body.enrolled_on, f"subject {case.subject}", findings)
        yield _row(book, case, enrolment, on, "Enrolled", "ENTERED INTO TRIAL", _MILESTONE)
    for withdrawal in book.state.entries(Withdrawal, case.subject):
        on = book.moment(withdrawal.body.on, f"subject {case.subject}", findings)
        yield _withdrawal(book, case, withdrawal, on)
    if case.completion:
        yield _row(
            book, case, case.completion, case.ended, "Completed", "COMPLETED", _DISPOSITION, "STUDY PARTICIPATION"
        )


def _withdrawal(book: Casebook, case: Case, entry: Entry[Withdrawal], on: Moment) -> Row:
    body = entry.body
    said = body.reason + (f": {body.comment}" if body.comment else "")
    part = "TREATMENT" if body.scope == "treatment" else "STUDY"
    decoded = term("withdrawal", body.reason) or "OTHER"
    return _row(book, case, entry, on, said[:1].upper() + said[1:], decoded, _DISPOSITION, f"{part} PARTICIPATION")


def _row(
    book: Casebook,
    case: Case,
    entry: Entry[Any],
    on: Moment,
    said: str,
    decoded: str,
    category: str,
    subcategory: str | None = None,
) -> Row:
    return (
        book.base(case, "DS")
        | {
            "DSTERM": said[:200],
            "DSDECOD": decoded,
            "DSCAT": category,
            "DSSCAT": subcategory,
            "EPOCH": case.epoch(on),
            "DSSTDTC": on.iso,
            "DSSTDY": on.study_day(case.infused),
        }
        | trace(entry)
    )
