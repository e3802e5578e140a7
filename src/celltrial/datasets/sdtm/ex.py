"""EX: the product as infused, one row an infusion; SUPPEX: dose level, planned dose and donor."""

from celltrial.datasets.context import Case, Casebook, number_rows, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.results import read_cells
from celltrial.datasets.sdtm.supp import Qualifier, derive_supp, public_columns
from celltrial.errors import Finding
from celltrial.record import Entry, Infusion, TrialState
from celltrial.study import Study

__all__ = ["derive_ex", "derive_suppex"]

_QUALIFIERS = (
    Qualifier("EXLEVEL", "Dose Level", "Assigned"),
    Qualifier("EXPDOSE", "Planned Dose (Therapeutic Cells)", "Assigned"),
    Qualifier("EXDONOR", "Product Donor", "CRF"),
)


def derive_ex(study: Study, state: TrialState) -> Dataset:
    """Exposure to the investigational product. EXDOSE is the actual number of cells, never the planned one.

    Lymphodepletion is not here but in CM (CMCAT = LYMPHODEPLETION): it prepares for the product and is not
    investigational, and so the first exposure stays the first infusion.
    """
    rows, findings = _rows(study, state)
    return build_dataset("EX", public_columns(rows), findings=findings)


def derive_suppex(study: Study, state: TrialState) -> Dataset:
    """What is known of each infusion and has no variable in EX."""
    return derive_supp("EX", _QUALIFIERS, _rows(study, state)[0])


def _rows(study: Study, state: TrialState) -> tuple[list[Row], list[Finding]]:
    book = open_casebook(study, state)
    findings: list[Finding] = []
    rows = [_row(book, case, entry, findings) for case in book.cases for entry in case.infusions]
    return number_rows(rows, "EXSEQ", ("EXSTDTC",)), findings


def _row(book: Casebook, case: Case, entry: Entry[Infusion], findings: list[Finding]) -> Row:
    body = entry.body
    where = f"EX {case.usubjid}, infusion {body.number}"
    at = book.moment(body.infused_at, where, findings)
    return (
        book.base(case, "EX")
        | {
            "EXSPID": body.number,
            "EXTRT": book.study.product.name.upper(),
            "EXDOSE": read_cells(body.actual_cells, where, findings),
            "EXDOSU": "Therapeutic Cells",
            "EXDOSFRM": "INJECTION, SUSPENSION",
            "EXDOSFRQ": "ONCE",
            "EXROUTE": "INTRAVENOUS",
            "EXLOT": body.lot or None,
            "EPOCH": case.epoch(at),
            "EXSTDTC": at.iso,
            "EXENDTC": at.iso,
            "EXSTDY": at.study_day(case.infused),
            "EXENDY": at.study_day(case.infused),
            "_EXLEVEL": body.level,
            "_EXPDOSE": body.planned_cells,
            "_EXDONOR": body.donor,
        }
        | trace(entry)
    )
