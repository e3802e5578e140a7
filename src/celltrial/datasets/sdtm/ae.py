"""AE: adverse events as reported, the latest report of each; SUPPAE: DLT, LICATS and other causes."""

from celltrial.datasets.context import Case, Casebook, number_rows, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.sdtm.supp import Qualifier, derive_supp, public_columns
from celltrial.datasets.terms import flag, term
from celltrial.errors import Finding
from celltrial.record import AdverseEvent, DltAssessment, Entry, TrialState
from celltrial.study import Study

__all__ = ["derive_ae", "derive_suppae"]

_QUALIFIERS = (
    Qualifier("AEDLT", "Dose-Limiting Toxicity (Adjudicated)", "Assigned", "ADJUDICATOR"),
    Qualifier("AELICATS", "Local Immune Effector Cell Toxicity", "CRF", "INVESTIGATOR"),
    Qualifier("AERELLD", "Related to Lymphodepletion", "CRF", "INVESTIGATOR"),
    Qualifier("AERELDIS", "Related to the Disease", "CRF", "INVESTIGATOR"),
)


def derive_ae(study: Study, state: TrialState) -> Dataset:
    """Adverse events. CRS and ICANS graded from bedside assessments are not here but in ADAE (AECAT = ASTCT).

    AEDECOD repeats the reported term: the record holds no dictionary code, and none is made up. The product is given
    once, so that AEACN is NOT APPLICABLE.
    """
    rows, findings = _rows(study, state)
    return build_dataset("AE", public_columns(rows), findings=findings)


def derive_suppae(study: Study, state: TrialState) -> Dataset:
    """What is known of each adverse event and has no variable in AE."""
    return derive_supp("AE", _QUALIFIERS, _rows(study, state)[0])


def _rows(study: Study, state: TrialState) -> tuple[list[Row], list[Finding]]:
    book = open_casebook(study, state)
    findings: list[Finding] = []
    rows = [
        _row(book, case, entry, findings) for case in book.cases for entry in book.state.adverse_events(case.subject)
    ]
    return number_rows(rows, "AESEQ", ("AESTDTC",)), findings


def _row(book: Casebook, case: Case, entry: Entry[AdverseEvent], findings: list[Finding]) -> Row:
    body = entry.body
    where = f"AE {case.usubjid}, number {body.number}"
    onset, ended = book.moment(body.onset, where, findings), book.moment(body.ended, where, findings)
    is_ongoing = body.outcome == "ongoing" and not body.ended
    return (
        book.base(case, "AE")
        | {
            "AESPID": body.number,
            "AETERM": body.term,
            "AEDECOD": body.term,
            "AEBODSYS": body.soc or None,
            "AESOC": body.soc or None,
            "AESER": flag(body.serious),
            "AEACN": "NOT APPLICABLE",
            "AEREL": term("related", body.related_product),
            "AEOUT": term("outcome", body.outcome),
            "AESDTH": "Y" if body.outcome == "fatal" or body.grade == "5" else "N",
            "AETOXGR": body.grade,
            "EPOCH": case.epoch(onset),
            "AESTDTC": onset.iso,
            "AEENDTC": ended.iso,
            "AESTDY": onset.study_day(case.infused),
            "AEENDY": ended.study_day(case.infused),
            "AEENRTPT": "ONGOING" if is_ongoing else None,
            "AEENTPT": book.as_of if is_ongoing else None,
            "_AEDLT": _dlt(book, case, body.number),
            "_AELICATS": flag(body.is_licats),
            "_AERELLD": flag(body.related_lymphodepletion),
            "_AERELDIS": flag(body.related_disease),
        }
        | trace(entry)
    )


def _dlt(book: Casebook, case: Case, number: str) -> str | None:
    """Whether the latest adjudication counts the event as dose-limiting; None before any."""
    assessed = book.state.latest(DltAssessment, case.subject)
    if assessed is None:
        return None
    return "Y" if assessed.body.dlt == "yes" and number in assessed.body.adverse_events else "N"
