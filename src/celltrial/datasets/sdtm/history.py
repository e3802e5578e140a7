"""MH and PR: medical history and procedures, as recorded on their forms."""

from collections.abc import Iterator

from celltrial.datasets.context import Case, Casebook, number_rows, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.errors import Finding
from celltrial.record import TrialState
from celltrial.study import Study

__all__ = ["derive_mh", "derive_pr"]


def derive_mh(study: Study, state: TrialState) -> Dataset:
    """Medical history: the condition's code in words, dates as precise as they were recorded."""
    book = open_casebook(study, state)
    findings: list[Finding] = []
    rows = [row for case in book.cases for row in _conditions(book, case, findings)]
    return build_dataset("MH", number_rows(rows, "MHSEQ", ("MHSTDTC", "MHTERM")), findings=findings)


def _conditions(book: Casebook, case: Case, findings: list[Finding]) -> Iterator[Row]:
    for entry in book.state.forms("medical_history", case.subject):
        items = entry.body.items
        condition = items.get("condition", "")
        where = f"MH {case.usubjid}, {condition}"
        onset = book.moment(items.get("onset", ""), where, findings)
        ended = book.moment(items.get("ended", ""), where, findings)
        is_ongoing = items.get("status", "").lower() == "ongoing"
        yield (
            book.base(case, "MH")
            | {
                "MHTERM": condition.replace("_", " ").upper() or None,
                "MHSTDTC": onset.iso,
                "MHENDTC": ended.iso,
                "MHSTDY": onset.study_day(case.infused),
                "MHENDY": ended.study_day(case.infused),
                "MHENRTPT": "ONGOING" if is_ongoing else None,
                "MHENTPT": book.as_of if is_ongoing else None,
            }
            | trace(entry)
        )


def derive_pr(study: Study, state: TrialState) -> Dataset:
    """Procedures: transfusions, hydration, biopsies."""
    book = open_casebook(study, state)
    findings: list[Finding] = []
    rows = [row for case in book.cases for row in _procedures(book, case, findings)]
    return build_dataset("PR", number_rows(rows, "PRSEQ", ("PRSTDTC", "PRTRT")), findings=findings)


def _procedures(book: Casebook, case: Case, findings: list[Finding]) -> Iterator[Row]:
    for entry in book.state.forms("procedures", case.subject):
        items = entry.body.items
        where = f"PR {case.usubjid}, {items.get('procedure', '')}"
        start = book.moment(items.get("start", ""), where, findings)
        end = book.moment(items.get("ended", ""), where, findings)
        yield (
            book.base(case, "PR")
            | {
                "PRTRT": items.get("procedure", "").replace("_", " ").upper() or None,
                "EPOCH": case.epoch(start),
                "PRSTDTC": start.iso,
                "PRENDTC": end.iso,
                "PRSTDY": start.study_day(case.infused),
                "PRENDY": end.study_day(case.infused),
            }
            | trace(entry)
        )
