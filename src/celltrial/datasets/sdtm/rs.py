"""RS: SLEDAI-2K and EULAR/ACR 2019, item by item and in total; SUPPRS: what a SLEDAI item was attributed to.

The other scores of a visit are in `rs_scores.py`. RSGRPID ties the assessments of one visit together.

CDISC terminology has no SLEDAI: categories and test codes are this project's. Items are as recorded; totals are derived
(RSDRVFL = Y) and only there where the score can be evaluated. ADRS has the others too, with the reason.
"""

from collections.abc import Iterator, Mapping

from celltrial.datasets.context import Case, Casebook, number_rows, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import is_before
from celltrial.datasets.sdtm.rs_scores import read_number, score_entries, score_rows
from celltrial.datasets.sdtm.supp import Qualifier, derive_supp, public_columns
from celltrial.datasets.terms import flag
from celltrial.errors import CelltrialError, Finding
from celltrial.instruments import SledaiScore, score_clinical_sledai_2k, score_sledai_2k, sledai_2k_items
from celltrial.missing import NotEvaluable
from celltrial.record import Entry, FormEntry, TrialState
from celltrial.study import Study

__all__ = ["CLINICAL", "SLEDAI", "TOTAL", "derive_rs", "derive_supprs", "score_assessment"]

SLEDAI = "SLEDAI-2K"
TOTAL = "SLEDAITT"
CLINICAL = "SLEDAICL"
_CLASSIFICATION = "EULAR/ACR 2019"
_QUALIFIERS = (Qualifier("RSATTRIB", "Attribution of the Item", "CRF", "INVESTIGATOR"),)


def derive_rs(study: Study, state: TrialState) -> Dataset:
    """Disease activity and classification."""
    rows, findings = _rows(study, state)
    return build_dataset("RS", public_columns(rows), findings=findings)


def derive_supprs(study: Study, state: TrialState) -> Dataset:
    """What each SLEDAI-2K item was attributed to."""
    return derive_supp("RS", _QUALIFIERS, _rows(study, state)[0])


def score_assessment(items: Mapping[str, str]) -> tuple[int | NotEvaluable, int | NotEvaluable]:
    """The total and the clinical SLEDAI-2K of one form; a value that cannot be read makes them not evaluable."""
    answers = {item.item: items.get(item.item, "") for item in sledai_2k_items()}
    attributions = {item.item: items.get(f"{item.item}_attribution", "") for item in sledai_2k_items()}
    try:
        score = score_sledai_2k(answers, attributions)
        clinical = score_clinical_sledai_2k(answers, attributions)
    except CelltrialError as error:
        reason = NotEvaluable("; ".join(f"{each.message}: {each.found}" for each in error.findings))
        return reason, reason
    return (score.total if isinstance(score, SledaiScore) else score), clinical


def _rows(study: Study, state: TrialState) -> tuple[list[Row], list[Finding]]:
    book = open_casebook(study, state)
    findings: list[Finding] = []
    rows: list[Row] = []
    for case in book.cases:
        mine = [*_classification(book, case, findings), *_sledai(book, case, findings)]
        for entry in score_entries(book, case):
            mine += score_rows(entry, _common(book, case, entry, findings), findings)
        rows += _flag_last(mine)
    return number_rows(rows, "RSSEQ", ("RSCAT", "RSDTC", "RSTESTCD")), findings


def _sledai(book: Casebook, case: Case, findings: list[Finding]) -> Iterator[Row]:
    for entry in book.state.forms("sledai_2k", case.subject):
        items = entry.body.items
        common = _common(book, case, entry, findings) | {
            "RSCAT": SLEDAI,
            "RSEVLINT": f"-P{items['window_days']}D" if items.get("window_days", "").isdigit() else None,
        }
        for item in sledai_2k_items():
            answer = items.get(item.item, "").strip()
            yield common | {
                "RSTESTCD": f"SLEDAI{item.number:02d}",
                "RSTEST": f"SLEDAI-2K {item.item.replace('_', ' ').title()}",
                "RSSCAT": item.system.replace("_", " ").upper(),
                "RSORRES": answer.upper() or None,
                "RSSTRESC": flag(answer),
                "RSSTAT": None if answer else "NOT DONE",
                "RSREASND": None if answer else "ITEM LEFT BLANK",
                "RSEVAL": "INVESTIGATOR",
                "_RSATTRIB": items.get(f"{item.item}_attribution", "").upper(),
            }
        totals = zip(
            (TOTAL, CLINICAL),
            ("SLEDAI-2K Total Score", "SLEDAI-2K Clinical Score"),
            score_assessment(items),
            strict=True,
        )
        for code, label, score in totals:
            if isinstance(score, int):
                yield common | {
                    "RSTESTCD": code,
                    "RSTEST": label,
                    "RSSTRESC": str(score),
                    "RSSTRESN": float(score),
                    "RSDRVFL": "Y",
                }


def _classification(book: Casebook, case: Case, findings: list[Finding]) -> Iterator[Row]:
    tests = {
        "total": ("EULARTOT", "EULAR/ACR 2019 Total Score"),
        "entry_ana": ("EULARANA", "EULAR/ACR 2019 ANA Entry Criterion"),
        "clinical_domain": ("EULARCLN", "EULAR/ACR 2019 Clinical Domain Met"),
    }
    for entry in book.state.forms("eular_acr_2019", case.subject):
        common = _common(book, case, entry, findings) | {"RSCAT": _CLASSIFICATION, "RSEVAL": "INVESTIGATOR"}
        for item, (code, label) in tests.items():
            value = entry.body.items.get(item, "").strip()
            if value:
                yield common | {
                    "RSTESTCD": code,
                    "RSTEST": label,
                    "RSORRES": value.upper(),
                    "RSSTRESC": value if item == "total" else flag(value),
                    "RSSTRESN": read_number(value) if item == "total" else None,
                }


def _common(book: Casebook, case: Case, entry: Entry[FormEntry], findings: list[Finding]) -> Row:
    at = book.moment(entry.body.items.get("assessed", ""), f"RS {case.usubjid}, {entry.body.form}", findings)
    return (
        book.base(case, "RS")
        | book.visit_columns(entry.body.visit)
        | {
            "RSGRPID": entry.body.visit or None,
            "EPOCH": case.epoch(at),
            "RSDTC": at.iso,
            "RSDY": at.study_day(case.infused),
            "_before": is_before(at, case.infused),
        }
        | trace(entry)
    )


def _flag_last(rows: list[Row]) -> list[Row]:
    """The rows with the last one before the first infusion flagged (RSLOBXFL), for each test."""
    last: dict[str, tuple[str, int]] = {}
    for index, row in enumerate(rows):
        if row["_before"] and row["RSSTRESC"] is not None:
            last[row["RSTESTCD"]] = max(last.get(row["RSTESTCD"], ("", -1)), (row["RSDTC"], index))
    flagged = {index for _, index in last.values()}
    return [row | {"RSLOBXFL": "Y" if index in flagged else None} for index, row in enumerate(rows)]
