"""ICAHT and T-ICAHT, early and late: participants by grade, and who has none and why, by dose level received.

Denominator: the safety set. ADAE (AECAT = EHA/EBMT) has a row for each window of grade 1 or more and for each that
could not be graded. Who has results in a window and no row has grade 0; who has no result there has no grade.
"""

from dataclasses import dataclass, replace

import polars as pl

from celltrial.analyses.populations import count_participants, derive_dose_groups, event_seqs, short_ids
from celltrial.analyses.results import ResultRow

__all__ = ["WINDOWS", "CountGrade", "derive_count_grades", "derive_haematotoxicity"]

_ANALYSIS = "haematotoxicity"
EARLY_LAST_DAY = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A window as a category of the table: its term in ADAE and the laboratory parameter behind it."""

    label: str
    term: str
    parameter: str
    is_early: bool


WINDOWS: tuple[Window, ...] = tuple(
    Window(label=f"{label}, {part}", term=f"{term}, {part.upper()}", parameter=parameter, is_early=part == "early")
    for label, term, parameter in (
        ("ICAHT", "IMMUNE EFFECTOR CELL-ASSOCIATED HEMATOTOXICITY", "NEUT"),
        ("T-ICAHT", "IMMUNE EFFECTOR CELL-ASSOCIATED THROMBOCYTOPENIA", "PLAT"),
    )
    for part in ("early", "late")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountGrade:
    """The grade of one window in one participant; None where there is none, and `reason` says why.

    days: the study days of the low counts behind it, first and last (None while it lasts). source: the events.
    """

    subject: str
    level: str
    window: str
    grade: int | None
    reason: str
    days: tuple[int | None, int | None]
    source: tuple[int, ...]


def derive_count_grades(
    adsl: pl.DataFrame, adae: pl.DataFrame, adlb: pl.DataFrame, *, late_last_day: int = 100
) -> tuple[CountGrade, ...]:
    """Each window of each infused participant, in the order of ADSL; `late_last_day`: days since the infusion."""
    infused = adsl.filter(pl.col("SAFFL") == "Y").select("USUBJID", "TRT01A")
    return tuple(
        _grade(subject, str(level), window, adae, adlb, late_last_day)
        for subject, level in infused.iter_rows()
        for window in WINDOWS
    )


def derive_haematotoxicity(adsl: pl.DataFrame, grades: tuple[CountGrade, ...]) -> tuple[ResultRow, ...]:
    """For each window and dose level: participants with `grade 0` ... `grade 4` and `not gradable`."""
    rows = []
    for window in WINDOWS:
        mine = _frame([each for each in grades if each.window == window.label], adsl)
        for group in derive_dose_groups(adsl):
            for statistic in (*(f"grade {grade}" for grade in range(5)), "not gradable"):
                matching = mine.filter(pl.col("STATISTIC") == statistic)
                row = count_participants(matching, group, analysis=_ANALYSIS, category=window.label)
                rows.append(replace(row, statistic=statistic))
    return tuple(rows)


def _grade(
    subject: str, level: str, window: Window, adae: pl.DataFrame, adlb: pl.DataFrame, late_last_day: int
) -> CountGrade:
    # study day 1 is day 0 since the infusion
    first, last = (1, EARLY_LAST_DAY + 1) if window.is_early else (EARLY_LAST_DAY + 2, late_last_day + 1)
    results = adlb.filter(
        (pl.col("USUBJID") == subject) & (pl.col("PARAMCD") == window.parameter) & pl.col("ADY").is_between(first, last)
    )
    graded = adae.filter(
        (pl.col("USUBJID") == subject) & (pl.col("AECAT") == "EHA/EBMT") & (pl.col("AEDECOD") == window.term)
    )
    found = CountGrade(
        subject=short_ids([subject])[0],
        level=level,
        window=window.label,
        grade=None,
        reason=f"no result from day {first - 1} to {last - 1}",
        days=(None, None),
        source=event_seqs(results),
    )
    if results.is_empty() and graded.is_empty():
        return found
    if graded.is_empty():
        return replace(found, grade=0, reason="")
    row = graded.row(0, named=True)
    return replace(
        found,
        grade=None if row["ATOXGRN"] is None else int(row["ATOXGRN"]),
        reason=str((row["ATOXRSN"] if row["ATOXGRN"] is None else row["ATOXBAS"]) or ""),
        days=(row["ASTDY"], row["AENDY"]),
        source=event_seqs(graded),
    )


def _frame(grades: list[CountGrade], adsl: pl.DataFrame) -> pl.DataFrame:
    """The grades as records that participants are counted from."""
    ids = {short_ids([each])[0]: each for each in adsl["USUBJID"].to_list()}
    rows = [
        {
            "USUBJID": ids[each.subject],
            "STATISTIC": "not gradable" if each.grade is None else f"grade {each.grade}",
            "EVENTSEQS": list(each.source),
        }
        for each in grades
    ]
    return pl.DataFrame(rows, schema={"USUBJID": pl.String, "STATISTIC": pl.String, "EVENTSEQS": pl.List(pl.Int64)})
