"""ADRS: SLEDAI-2K of each assessment, total, clinical and by organ system; what cannot be evaluated has a reason."""

from collections.abc import Mapping

from celltrial.datasets.adam.common import (
    analysis_dates,
    baseline_columns,
    find_baseline,
    number_analysis_rows,
    read_rows,
    reference_moments,
    subject_columns,
)
from celltrial.datasets.context import Case, Casebook, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import Moment, is_before
from celltrial.datasets.sdtm.rs import CLINICAL, TOTAL, score_assessment
from celltrial.instruments import sledai_2k_items
from celltrial.missing import NotEvaluable
from celltrial.record import TrialState
from celltrial.study import Study

__all__ = ["derive_adrs"]

# parameter -> its name, and the test code of RS it comes from; the points of a system come from its items
_PARAMETERS = {"SLEDAI2K": ("SLEDAI-2K Total Score", TOTAL), "CSLEDAI": ("Clinical SLEDAI-2K Score", CLINICAL)}
_SYSTEMS = {
    "SLDCNS": "central_nervous",
    "SLDVASC": "vascular",
    "SLDMSK": "musculoskeletal",
    "SLDREN": "renal",
    "SLDMUC": "mucocutaneous",
    "SLDSER": "serosal",
    "SLDIMM": "immunologic",
    "SLDCON": "constitutional",
    "SLDHEM": "haematologic",
}


def derive_adrs(study: Study, state: TrialState, sdtm: Mapping[str, Dataset], adsl: Dataset) -> Dataset:
    """Disease activity for analysis. The baseline is the last evaluable score on or before the first infusion."""
    book = open_casebook(study, state)
    references = reference_moments(study, sdtm["DM"])
    subjects = subject_columns(adsl)
    sources = {(row["EVENTSEQ"], row["RSTESTCD"]): row["RSSEQ"] for row in read_rows(sdtm["RS"])}
    done: list[Row] = []
    for case in book.cases:
        for code in (*_PARAMETERS, *_SYSTEMS):
            rows = _assessments(book, case, code, references[case.usubjid], sources)
            baseline = find_baseline(rows, lambda row: row["_before"])
            done += [subjects[case.usubjid] | row for row in baseline_columns(rows, baseline)]
    return build_dataset("ADRS", number_analysis_rows(done))


def _assessments(
    book: Casebook, case: Case, code: str, reference: Moment, sources: Mapping[tuple[int, str], int]
) -> list[Row]:
    """One participant's scores in time."""
    label, testcd = _PARAMETERS.get(code) or (f"SLEDAI-2K {_SYSTEMS[code].replace('_', ' ').title()} Points", "")
    rows: list[Row] = []
    for entry in book.state.forms("sledai_2k", case.subject):
        score = _score(code, entry.body.items)
        dates, at = analysis_dates(book.study, entry.body.items.get("assessed"), reference)
        visit = book.visit_columns(entry.body.visit)
        is_known = not isinstance(score, NotEvaluable)
        rows.append(
            {"USUBJID": case.usubjid, "PARAMCD": code, "PARAM": label}
            | {"AVAL": float(score) if not isinstance(score, NotEvaluable) else None}
            | {"AVALC": str(score) if is_known else None}
            | {"AVALRSN": score.reason if isinstance(score, NotEvaluable) else None}
            | dates
            | {"AVISIT": visit.get("VISIT"), "AVISITN": visit.get("VISITNUM")}
            | {"SRCDOM": "RS", "SRCSEQ": sources.get((entry.seq, testcd))}
            | {"_before": is_before(at, reference), "_at": at.earliest}
            | trace(entry)
        )
    return sorted(rows, key=lambda row: (str(row["_at"]), row["EVENTSEQ"]))


def _score(code: str, items: Mapping[str, str]) -> int | NotEvaluable:
    """The total, the clinical score, or the points of a system, which may be known where the total is not."""
    if code in _PARAMETERS:
        return score_assessment(items)[list(_PARAMETERS).index(code)]
    others = {item.item: "no" for item in sledai_2k_items() if item.system != _SYSTEMS[code]}
    return score_assessment({**items, **others})[0]
