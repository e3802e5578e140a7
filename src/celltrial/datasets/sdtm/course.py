"""SE and SV: the elements a participant went through, and the visits."""

from collections.abc import Iterator

from celltrial.datasets.context import Case, Casebook, Element, number_rows, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.errors import Finding
from celltrial.record import TrialState, Visit
from celltrial.study import Study
from celltrial.studyday import study_day

__all__ = ["derive_se", "derive_sv"]


def derive_se(study: Study, state: TrialState) -> Dataset:
    """Elements: screening from consent, lymphodepletion, infusion with the DLT window, follow-up after it."""
    book = open_casebook(study, state)
    rows = [_element(book, case, element) for case in book.cases for element in case.elements]
    return build_dataset("SE", number_rows(rows, "SESEQ", ("SESTDTC",)))


def _element(book: Casebook, case: Case, element: Element) -> Row:
    reference = case.infused.day
    return book.base(case, "SE") | {
        "ETCD": element.code,
        "ELEMENT": element.name,
        "TAETORD": element.order,
        "EPOCH": element.epoch,
        "SESTDTC": element.start_iso,
        "SEENDTC": element.end_iso,
        "SESTDY": study_day(element.start, reference) if reference else None,
        "SEENDY": study_day(element.end, reference) if reference and element.end else None,
        "EVENTSEQ": element.events[0] if element.events else None,
        "EVENTSEQS": list(element.events),
    }


def derive_sv(study: Study, state: TrialState) -> Dataset:
    """Visits, done or missed. A missed visit has no date; it says why."""
    book = open_casebook(study, state)
    findings: list[Finding] = []
    return build_dataset("SV", [row for case in book.cases for row in _visits(book, case, findings)], findings=findings)


def _visits(book: Casebook, case: Case, findings: list[Finding]) -> Iterator[Row]:
    for entry in book.state.entries(Visit, case.subject):
        body = entry.body
        on = book.moment(body.on, f"SV {case.usubjid}, {body.visit}", findings)
        is_done = body.status == "done"
        is_planned = body.visit in book.visits
        yield (
            book.base(case, "SV")
            | book.visit_columns(body.visit)
            | {
                "SVPRESP": "Y" if is_planned else None,
                "SVOCCUR": ("Y" if is_done else "N") if is_planned else None,
                "SVREASOC": None if is_done else (body.reason or None),
                "SVSTDTC": on.iso if is_done else None,
                "SVENDTC": on.iso if is_done else None,
                "SVSTDY": on.study_day(case.infused) if is_done else None,
                "SVENDY": on.study_day(case.infused) if is_done else None,
            }
            | trace(entry)
        )
