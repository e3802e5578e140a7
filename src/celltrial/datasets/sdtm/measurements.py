"""LB, IS, VS, CV, EG and RE: measurements, with the result as typed and as a number in the study's unit.

An analyte goes where `metadata/analytes.csv` puts it, whatever form it was typed on. `<5` keeps its text and has no
number; a qualitative result has a word. A result that cannot be converted keeps its own unit, with a finding.
"""

from collections.abc import Iterator, Mapping, Sequence

from celltrial.datasets.context import Case, Casebook, number_rows, open_casebook, trace
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import is_before
from celltrial.datasets.results import Result, read_result
from celltrial.datasets.sdtm.supp import Qualifier, derive_supp, public_columns
from celltrial.datasets.terms import AnalyteTerm, analyte_term, term
from celltrial.errors import Finding
from celltrial.record import Entry, FormEntry, TrialState
from celltrial.study import Study

__all__ = ["derive_cv", "derive_eg", "derive_is", "derive_lb", "derive_re", "derive_suppvs", "derive_vs"]

_VITALS_BESIDE = (
    Qualifier("VSCOND", "Condition of the Measurement", "CRF"),
    Qualifier("VSMTHD", "Method of the Measurement", "CRF"),
)


def derive_lb(study: Study, state: TrialState) -> Dataset:
    """Laboratory results."""
    return _derive(study, state, "LB")


def derive_is(study: Study, state: TrialState) -> Dataset:
    """Autoantibodies: one test, told apart by the binding agent."""
    return _derive(study, state, "IS")


def derive_vs(study: Study, state: TrialState) -> Dataset:
    """Vital signs; under which condition they were taken stands in SUPPVS."""
    return _derive(study, state, "VS")


def derive_cv(study: Study, state: TrialState) -> Dataset:
    """Cardiac measurements."""
    return _derive(study, state, "CV")


def derive_eg(study: Study, state: TrialState) -> Dataset:
    """Electrocardiogram measurements."""
    return _derive(study, state, "EG")


def derive_re(study: Study, state: TrialState) -> Dataset:
    """Respiratory function."""
    return _derive(study, state, "RE")


def derive_suppvs(study: Study, state: TrialState) -> Dataset:
    """Condition (room air) and method of vital signs."""
    return derive_supp("VS", _VITALS_BESIDE, _rows(study, state, "VS")[0])


def _derive(study: Study, state: TrialState, domain: str) -> Dataset:
    rows, findings = _rows(study, state, domain)
    return build_dataset(domain, public_columns(rows), findings=findings)


def _rows(study: Study, state: TrialState, domain: str) -> tuple[list[Row], list[Finding]]:
    book = open_casebook(study, state)
    findings: list[Finding] = []
    rows = [row for case in book.cases for row in _flag_last(list(_results(book, case, domain, findings)), domain)]
    return number_rows(rows, f"{domain}SEQ", (f"{domain}TESTCD", f"{domain}DTC")), findings


def _results(book: Casebook, case: Case, domain: str, findings: list[Finding]) -> Iterator[Row]:
    for form in book.study.forms:
        if form.yields != "measurement":
            continue
        for entry in book.state.forms(form.id, case.subject):
            name, problems = analyte_term(entry.body.items.get("analyte", ""), form.domain)
            if name.domain == domain:
                findings.extend(problems)
                yield _row(book, case, entry, name, findings)


def _row(book: Casebook, case: Case, entry: Entry[FormEntry], name: AnalyteTerm, findings: list[Finding]) -> Row:
    items, domain = entry.body.items, name.domain
    where = f"{domain} {case.usubjid}, {items.get('analyte', '')} {items.get('collected', '')}"
    at = book.moment(items.get("collected", ""), where, findings)
    result = read_result(items, where, findings)
    columns: Row = {
        "TESTCD": name.testcd,
        "TEST": name.test,
        "ORRES": items.get("value") or None,
        "ORRESU": items.get("unit") or None,
        "STRESC": result.text,
        "STRESN": result.number,
        "STRESU": result.unit,
        "DTC": at.iso,
        "DY": at.study_day(case.infused),
    }
    return (
        book.base(case, domain)
        | {f"{domain}{key}": value for key, value in columns.items()}
        | _beside(items, name, result)
        | book.visit_columns(entry.body.visit)
        | {"EPOCH": case.epoch(at), "_before": is_before(at, case.infused)}
        | trace(entry)
    )


def _beside(items: Mapping[str, str], name: AnalyteTerm, result: Result) -> Row:
    """What a domain holds beside test, result and time."""
    match name.domain:
        case "VS":
            return {"_VSCOND": items.get("condition"), "_VSMTHD": items.get("method")}
        case "CV" | "EG" | "RE":
            return {f"{name.domain}METHOD": term("method", items.get("method", ""))}
        case _:
            return _laboratory(items, name, result)


def _laboratory(items: Mapping[str, str], name: AnalyteTerm, result: Result) -> Row:
    domain = name.domain
    columns = {
        "CAT": name.category or None,
        "ORNRLO": items.get("lln") or None,
        "ORNRHI": items.get("uln") or None,
        "STNRLO": result.low,
        "STNRHI": result.high,
        "NRIND": result.indicator,
        "NAM": items.get("laboratory") or None,
        "SPEC": name.specimen or None,
    }
    # one test for all autoantibodies: the subcategory tells them apart where the agent is not looked at
    agent = {"ISBDAGNT": name.agent or None, "ISSCAT": name.agent or None} if domain == "IS" else {}
    return {f"{domain}{key}": value for key, value in columns.items()} | agent


def _flag_last(rows: Sequence[Row], domain: str) -> list[Row]:
    """The rows with the last result before the first infusion flagged (--LOBXFL), for each test."""
    last: dict[tuple[object, ...], tuple[str, int]] = {}
    for index, row in enumerate(rows):
        if row["_before"] and row[f"{domain}STRESC"] is not None:
            key = _test(row, domain)
            last[key] = max(last.get(key, ("", -1)), (row[f"{domain}DTC"], index))
    flagged = {index for _, index in last.values()}
    return [row | {f"{domain}LOBXFL": "Y" if index in flagged else None} for index, row in enumerate(rows)]


def _test(row: Row, domain: str) -> tuple[object, ...]:
    return tuple(row.get(f"{domain}{suffix}") for suffix in ("TESTCD", "SPEC", "BDAGNT"))
