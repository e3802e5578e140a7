"""Adverse events after infusion: how many participants had what, at which worst grade, by dose level received.

Denominator: the safety set. Counted: treatment-emergent events as the investigator reported them (TRTEMFL = Y).
What the program grades by other scales (AECAT is not null: ASTCT, MAGIC, EHA/EBMT) has its own tables
(`immune_toxicity`, `haematotoxicity`).
"""

from dataclasses import replace

import polars as pl

from celltrial.analyses.populations import Group, count_participants, derive_dose_groups
from celltrial.analyses.results import ResultRow

__all__ = [
    "DLT",
    "NOT_GRADED",
    "SUMMARY",
    "derive_ae_summary",
    "derive_ae_terms",
    "derive_worst_grades",
    "select_reported",
]

NOT_GRADED = "not graded"
DLT = "Dose-limiting toxicity (adjudicated)"

# label in the table -> which records count; the order is the table's
SUMMARY: dict[str, pl.Expr] = {
    "Any adverse event": pl.lit(True),
    "Grade 3 or worse": pl.col("ATOXGRN") >= 3,
    "Grade 4": pl.col("ATOXGRN") == 4,
    "Grade 5 (fatal)": pl.col("ATOXGRN") == 5,
    "Serious": pl.col("AESER") == "Y",
    "Related to the product": pl.col("AREL") == "Y",
    "Related, grade 3 or worse": (pl.col("AREL") == "Y") & (pl.col("ATOXGRN") >= 3),
    "Related and serious": (pl.col("AREL") == "Y") & (pl.col("AESER") == "Y"),
    "LICATS": pl.col("LICATSFL") == "Y",
    "Not graded": pl.col("ATOXGRN").is_null(),
}


def select_reported(adae: pl.DataFrame) -> pl.DataFrame:
    """Treatment-emergent events as reported; what is graded here is left to its own tables."""
    return adae.filter((pl.col("TRTEMFL") == "Y") & pl.col("AECAT").is_null())


def derive_ae_summary(adsl: pl.DataFrame, adae: pl.DataFrame) -> tuple[ResultRow, ...]:
    """Participants with at least one event of each kind in `SUMMARY`, and the number of events, by dose level.

    A DLT is adjudicated for the participant (ADSL), whether or not the adjudication names the event: it is counted from
    there, so that this table can never show fewer than the DLT table.
    """
    reported = select_reported(adae)
    rows = []
    for group in derive_dose_groups(adsl):
        for category, condition in SUMMARY.items():
            matching = reported.filter(condition)
            rows.append(count_participants(matching, group, analysis="ae_summary", category=category))
            rows.append(_count_events(matching, group, category))
        rows.append(count_participants(adsl.filter(pl.col("DLTFL") == "Y"), group, analysis="ae_summary", category=DLT))
    return tuple(rows)


def derive_ae_terms(adsl: pl.DataFrame, adae: pl.DataFrame) -> tuple[ResultRow, ...]:
    """Participants by system organ class and by term: `participants` of any grade and `grade 3 or worse`.

    `category` is `SOC` for a class and `SOC / term` for a term; classes and terms by falling frequency, then name.
    """
    reported = select_reported(adae)
    groups = derive_dose_groups(adsl)
    rows: list[ResultRow] = []
    for soc in _by_frequency(reported, "AESOC"):
        in_soc = reported.filter(pl.col("AESOC") == soc)
        rows += _any_and_severe(in_soc, groups, soc)
        for term in _by_frequency(in_soc, "AEDECOD"):
            rows += _any_and_severe(in_soc.filter(pl.col("AEDECOD") == term), groups, f"{soc} / {term}")
    return tuple(rows)


def derive_worst_grades(adsl: pl.DataFrame, adae: pl.DataFrame) -> tuple[ResultRow, ...]:
    """For each term and dose level, participants by worst grade: `statistic` is `grade 1` ... or `not graded`."""
    reported = select_reported(adae)
    worst = reported.sort("ATOXGRN", descending=True, nulls_last=True).unique(
        subset=["USUBJID", "AEDECOD"], keep="first", maintain_order=True
    )
    grades = worst.with_columns(
        pl.when(pl.col("ATOXGRN").is_null())
        .then(pl.lit(NOT_GRADED))
        .otherwise(pl.format("grade {}", pl.col("ATOXGRN").cast(pl.Int64)))
        .alias("GRADE")
    )
    rows = []
    for group in derive_dose_groups(adsl):
        for term in _by_frequency(reported, "AEDECOD"):
            for grade in ("grade 1", "grade 2", "grade 3", "grade 4", "grade 5", NOT_GRADED):
                matching = grades.filter((pl.col("AEDECOD") == term) & (pl.col("GRADE") == grade))
                row = count_participants(matching, group, analysis="ae_worst_grade", category=term)
                rows.append(replace(row, statistic=grade))
    return tuple(rows)


def _any_and_severe(records: pl.DataFrame, groups: tuple[Group, ...], category: str) -> list[ResultRow]:
    rows = []
    for group in groups:
        rows.append(count_participants(records, group, analysis="ae_terms", category=category))
        severe = count_participants(
            records.filter(pl.col("ATOXGRN") >= 3), group, analysis="ae_terms", category=category
        )
        rows.append(replace(severe, statistic="grade 3 or worse"))
    return rows


def _count_events(records: pl.DataFrame, group: Group, category: str) -> ResultRow:
    row = count_participants(records, group, analysis="ae_summary", category=category)
    events = records.filter(pl.col("USUBJID").is_in(group.subjects)).height
    return replace(row, statistic="events", value=float(events), text=str(events))


def _by_frequency(records: pl.DataFrame, column: str) -> list[str]:
    counted = records.group_by(column).agg(pl.col("USUBJID").n_unique().alias("n"))
    return [str(each) for each in counted.sort(["n", column], descending=[True, False])[column].to_list()]
