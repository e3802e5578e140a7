"""CM: concomitant and prior medications, and the drugs of lymphodepletion (CMCAT = LYMPHODEPLETION)."""

from collections.abc import Iterator, Mapping

from celltrial.datasets.context import Case, Casebook, number_rows, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import Moment
from celltrial.datasets.terms import term
from celltrial.errors import CelltrialError, Finding
from celltrial.record import Lymphodepletion, TrialState
from celltrial.study import Study
from celltrial.units import parse_number

__all__ = ["derive_cm"]


def derive_cm(study: Study, state: TrialState) -> Dataset:
    """Medications as typed; a dose that is no number goes to CMDOSTXT. Lymphodepletion has a row for each drug."""
    book = open_casebook(study, state)
    findings: list[Finding] = []
    rows = [
        row for case in book.cases for row in (*_lymphodepletion(book, case, findings), *_forms(book, case, findings))
    ]
    return build_dataset("CM", number_rows(rows, "CMSEQ", ("CMSTDTC", "CMTRT")), findings=findings)


def _forms(book: Casebook, case: Case, findings: list[Finding]) -> Iterator[Row]:
    for entry in book.state.forms("medications", case.subject):
        items = entry.body.items
        where = f"CM {case.usubjid}, {items.get('drug', '')}"
        start = book.moment(items.get("start", ""), where, findings)
        end = book.moment(items.get("ended", ""), where, findings)
        is_ongoing = items.get("ongoing", "").lower() == "yes"
        yield (
            _row(book, case, start, end)
            | _dose(items.get("dose", ""), items.get("unit", ""))
            | {
                "CMTRT": items.get("drug", "").upper() or None,
                "CMCAT": "GENERAL",
                "CMINDC": items.get("indication") or None,
                "CMCLAS": items.get("drug_class", "").replace("_", " ").upper() or None,
                "CMDOSFRQ": _frequency(items),
                "CMROUTE": term("route", items.get("route", "")),
                "CMENRTPT": "ONGOING" if is_ongoing else None,
                "CMENTPT": book.as_of if is_ongoing else None,
            }
            | trace(entry)
        )


def _frequency(items: Mapping[str, str]) -> str | None:
    """CDISC's term; what has none is said in the words of the list, which may be extended."""
    if items.get("as_needed", "") == "yes":
        return "PRN"
    every, per_day = items.get("every_days", "").strip(), items.get("per_day", "").strip()
    if every in ("", "1"):
        return term("per_day", per_day)
    if per_day in ("", "1"):
        return term("every_days", every) if every in ("2", "7", "14", "21", "28") else f"EVERY {every} DAYS"
    return f"{per_day} TIMES EVERY {every} DAYS"


def _lymphodepletion(book: Casebook, case: Case, findings: list[Finding]) -> Iterator[Row]:
    for entry in book.state.entries(Lymphodepletion, case.subject):
        where = f"CM {case.usubjid}, lymphodepletion"
        start = book.moment(entry.body.started_on, where, findings)
        end = book.moment(entry.body.ended_on, where, findings)
        for agent in entry.body.agents:
            yield (
                _row(book, case, start, end)
                | _dose(agent.dose, agent.unit)
                | {"CMTRT": agent.drug.upper(), "CMCAT": "LYMPHODEPLETION", "CMDOSFRQ": "QD"}
                | trace(entry)
            )


def _row(book: Casebook, case: Case, start: Moment, end: Moment) -> Row:
    return book.base(case, "CM") | {
        "EPOCH": case.epoch(start),
        "CMSTDTC": start.iso,
        "CMENDTC": end.iso,
        "CMSTDY": start.study_day(case.infused),
        "CMENDY": end.study_day(case.infused),
    }


def _dose(dose: str, unit: str) -> Row:
    if not dose.strip():
        return {}
    try:
        return {"CMDOSE": float(parse_number(dose)), "CMDOSU": unit or None}
    except CelltrialError:
        return {"CMDOSTXT": f"{dose} {unit}".strip()}
