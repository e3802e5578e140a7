"""ADLB: laboratory and antibody results with baseline, change and CTCAE grades of low and high values."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from celltrial.datasets.adam.common import (
    analysis_dates,
    baseline_columns,
    find_baseline,
    number_analysis_rows,
    read_rows,
    reference_moments,
    subject_columns,
    visit_columns,
)
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import Moment, is_before
from celltrial.datasets.terms import analyte_of, parameter_name
from celltrial.errors import CelltrialError
from celltrial.missing import NotGradable
from celltrial.safety.ctcae import LabTerm, Version, grade_lab, lab_terms
from celltrial.study import Study
from celltrial.units import Quantity, convert, parse_number

__all__ = ["derive_adlb"]


def derive_adlb(study: Study, sdtm: Mapping[str, Dataset], adsl: Dataset) -> Dataset:
    """Laboratory results for analysis, from LB and IS.

    The baseline is the last result on or before the first infusion. Grades are of the study's version of CTCAE
    (`study.toxicity`), computed on the result in the unit it was reported in; a result that cannot be graded has no
    grade, and ATOXRSN says why. An analyte that no CTCAE term grades says so too.
    """
    references = reference_moments(study, sdtm["DM"])
    subjects = subject_columns(adsl)
    rows = [_row(study, "LB", row, references) for row in read_rows(sdtm["LB"])]
    rows += [_row(study, "IS", row, references) for row in read_rows(sdtm["IS"])]
    rows.sort(key=lambda row: (row["USUBJID"], row["PARAMCD"], str(row["_at"]), row["SRCSEQ"]))
    done: list[Row] = []
    for (usubjid, _), group in groupby(rows, key=lambda row: (row["USUBJID"], row["PARAMCD"])):
        done += [subjects[usubjid] | row for row in _with_baseline(list(group), study.toxicity.ctcae_version)]
    return build_dataset("ADLB", number_analysis_rows(done))


def _row(study: Study, domain: str, row: Row, references: Mapping[str, Moment]) -> Row:
    reference = references[row["USUBJID"]]
    dates, at = analysis_dates(study, row[f"{domain}DTC"], reference)
    agent = row.get("ISBDAGNT") if domain == "IS" else None
    analyte = analyte_of(domain, row[f"{domain}TESTCD"], row[f"{domain}SPEC"], agent)
    code, name = parameter_name(analyte, row[f"{domain}TESTCD"], row[f"{domain}TEST"])
    unit = row[f"{domain}STRESU"]
    return (
        {"USUBJID": row["USUBJID"], "PARAMCD": code, "PARAM": name}
        | {"PARCAT1": row[f"{domain}CAT"], "AVAL": row[f"{domain}STRESN"], "AVALC": row[f"{domain}STRESC"]}
        | {"AVALU": unit, "A1LO": row[f"{domain}STNRLO"], "A1HI": row[f"{domain}STNRHI"]}
        | {"ANRIND": row[f"{domain}NRIND"], "AVALRSN": _why_no_number(row, domain)}
        | dates
        | visit_columns(row)
        | {"SRCDOM": domain, "SRCSEQ": row[f"{domain}SEQ"]}
        | {"EVENTSEQ": row["EVENTSEQ"], "EVENTSEQS": row["EVENTSEQS"]}
        | {"_before": is_before(at, reference), "_at": at.earliest, "_analyte": analyte}
        | {f"_{column}": row[f"{domain}{column}"] for column in ("ORRES", "ORRESU", "ORNRLO", "ORNRHI")}
    )


def _why_no_number(row: Row, domain: str) -> str | None:
    if row[f"{domain}STRESN"] is not None:
        return None
    text = row[f"{domain}STRESC"]
    if text is None:
        return "no result was recorded"
    if text[:1] in "<>≤≥":
        return f"beyond the range of the assay: {text}"
    return f"not a number in the study's unit: {text}"


def _with_baseline(rows: list[Row], version: Version) -> Iterator[Row]:
    baseline = find_baseline(rows, lambda row: row["_before"])
    for index, row in enumerate(baseline_columns(rows, baseline)):
        base = rows[baseline] if baseline is not None and index != baseline and row["_before"] is False else None
        yield row | _grades(row, base, version)


def _grades(row: Row, base: Row | None, version: Version) -> Row:
    """ATOXGRL and ATOXGRH by the terms of the analyte, and why a grade is missing."""
    terms = lab_terms(row["_analyte"], version) if row["_analyte"] else ()
    if not terms:
        return {"ATOXRSN": "no CTCAE term grades this analyte"}
    columns: Row = {f"ATOXT{each.direction}": each.term for each in terms}
    reasons: list[str] = []
    for each in terms:
        grade = _grade(each, row, base, version)
        if isinstance(grade, NotGradable):
            reasons.append(f"{each.term}: {grade.reason}" if len(terms) > 1 else grade.reason)
        else:
            columns[f"ATOXGR{each.direction}"] = grade
    return columns | {"ATOXRSN": _once(reasons)}


def _once(reasons: Sequence[str]) -> str | None:
    """The reasons in one text; one that all terms share is said once."""
    bare = {reason.partition(": ")[2] for reason in reasons}
    text = bare.pop() if len(reasons) > 1 and len(bare) == 1 else "; ".join(reasons)
    return text[:200] or None


def _grade(term: LabTerm, row: Row, base: Row | None, version: Version) -> int | NotGradable:
    value = _number(row["_ORRES"])
    if value is None:
        return NotGradable(f"the result is not a number: {row['_ORRES']}" if row["_ORRES"] else "no result")
    result = grade_lab(
        term.term,
        term.direction,
        value,
        row["_ORRESU"] or "",
        version=version,
        lln=_number(row["_ORNRLO"]),
        uln=_number(row["_ORNRHI"]),
        baseline=_baseline_in_unit(row, base),
        baseline_flag=(base["ANRIND"] or "") if base else "",
    )
    return result if isinstance(result, NotGradable) else result.value


def _baseline_in_unit(row: Row, base: Row | None) -> Decimal | None:
    """The baseline in the unit of this result; None where it has no number or another, unlike unit."""
    value = _number(base["_ORRES"]) if base else None
    if base is None or value is None:
        return None
    try:
        return convert(Quantity(value, base["_ORRESU"] or "1"), row["_ORRESU"] or "1", analyte=row["_analyte"]).value
    except CelltrialError:
        return None


def _number(text: str | None) -> Decimal | None:
    try:
        return parse_number(text or "")
    except CelltrialError:
        return None
