"""ADPC: cellular-kinetics results over time, planned and actual, with what is below the limit marked as such."""

from collections.abc import Mapping

from celltrial.datasets.adam.common import (
    analysis_dates,
    number_analysis_rows,
    read_rows,
    reference_moments,
    subject_columns,
)
from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.datasets.moments import Moment
from celltrial.datasets.profiles import days_between
from celltrial.datasets.terms import analyte_named, study_unit
from celltrial.errors import CelltrialError
from celltrial.study import Study
from celltrial.units import parse_number

__all__ = ["derive_adpc"]


def derive_adpc(study: Study, sdtm: Mapping[str, Dataset], adsl: Dataset) -> Dataset:
    """Concentrations for analysis. NRRLT and ARRLT are days from the first infusion; a BLQ result has no AVAL."""
    references = reference_moments(study, sdtm["DM"])
    subjects = subject_columns(adsl)
    counts = _white_cells(sdtm["SUPPPC"])
    rows = [
        subjects[row["USUBJID"]] | _row(study, row, references[row["USUBJID"]], counts) for row in read_rows(sdtm["PC"])
    ]
    return build_dataset("ADPC", number_analysis_rows(rows))


def _white_cells(supppc: Dataset) -> Mapping[tuple[str, str], dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in read_rows(supppc):
        found.setdefault((row["USUBJID"], row["IDVARVAL"]), {})[row["QNAM"]] = row["QVAL"]
    return found


def _row(study: Study, row: Row, reference: Moment, counts: Mapping[tuple[str, str], dict[str, str]]) -> Row:
    dates, at = analysis_dates(study, row["PCDTC"], reference)
    beside = counts.get((row["USUBJID"], str(row["PCSEQ"])), {})
    return (
        {"PARAMCD": row["PCTESTCD"], "PARAM": _name(row["PCTEST"])}
        | {"AVAL": row["PCSTRESN"], "AVALC": row["PCSTRESC"], "AVALU": row["PCSTRESU"]}
        | {"BLQFL": "Y" if _is_below(row) else "N", "LLOQ": row["PCLLOQ"], "ATPT": row["PCTPT"]}
        | {"NRRLT": row["PCTPTNUM"], "ARRLT": days_between(at, reference), "RRLTU": "DAYS"}
        | {"WBC": _number(beside.get("PCWBC")), "WBCU": beside.get("PCWBCU")}
        | dates
        | {"SRCDOM": "PC", "SRCSEQ": row["PCSEQ"]}
        | {"EVENTSEQ": row["EVENTSEQ"], "EVENTSEQS": row["EVENTSEQS"]}
    )


def _name(test: str) -> str:
    unit = study_unit(analyte_named(test) or "")
    return f"{test} ({unit})" if unit else test


def _is_below(row: Row) -> bool:
    return row["PCSTRESN"] is None and (row["PCSTRESC"] or "").startswith(("<", "BLQ"))


def _number(text: str | None) -> float | None:
    try:
        return float(parse_number(text or ""))
    except CelltrialError:
        return None
