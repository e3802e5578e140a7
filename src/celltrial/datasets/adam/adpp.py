"""ADPP: kinetic parameters; one that is not estimable has no value but a reason."""

from collections.abc import Mapping

from celltrial.datasets.adam.common import number_analysis_rows, read_rows, subject_columns
from celltrial.datasets.dataset import Dataset, Row, build_dataset, read_table
from celltrial.datasets.results import format_value
from celltrial.datasets.sdtm.pp import parameter_unit
from celltrial.datasets.terms import analyte_named, study_unit

__all__ = ["derive_adpp"]


def derive_adpp(sdtm: Mapping[str, Dataset], adsl: Dataset) -> Dataset:
    """Parameters for analysis, from PP, of the first infusion. A partial area has a code of its own (AUC028)."""
    subjects = subject_columns(adsl)
    names = {(row["testcd"], row["enint"]): row for row in read_table("kinetics")}
    rows = [subjects[row["USUBJID"]] | _row(row, names) for row in read_rows(sdtm["PP"]) if row["PPTPTNUM"] == 1]
    return build_dataset("ADPP", number_analysis_rows(rows))


def _row(row: Row, names: Mapping[tuple[str, str], Mapping[str, str]]) -> Row:
    parameter = names[(row["PPTESTCD"], row["PPENINT"] or "")]
    concentration = study_unit(analyte_named(row["PPCAT"]) or "") or ""
    unit = parameter_unit(parameter["unit"], concentration)
    value = row["PPSTRESN"]
    return {
        "PARCAT1": row["PPCAT"],
        "PARAMCD": parameter["paramcd"],
        "PARAM": f"{parameter['param']} ({unit})" if unit else parameter["param"],
        "AVAL": value,
        "AVALC": None if value is None else format_value(value),
        "AVALU": row["PPSTRESU"],
        "AVALRSN": row["PPREASND"] if value is None else None,
        "SRCDOM": "PP",
        "SRCSEQ": row["PPSEQ"],
        "EVENTSEQ": row["EVENTSEQ"],
        "EVENTSEQS": row["EVENTSEQS"],
    }
