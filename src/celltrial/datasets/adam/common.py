"""What the analysis data sets share: the participant's columns, analysis dates, baseline and change."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from celltrial.datasets.dataset import Dataset, Row
from celltrial.datasets.moments import Moment, parse_moment
from celltrial.study import Study

__all__ = ["analysis_dates", "find_baseline", "number_analysis_rows", "read_rows", "subject_columns", "visit_columns"]

_FROM_ADSL = ("STUDYID", "USUBJID", "SUBJID", "SITEID", "TRT01P", "TRT01A", "TRT01AN", "SAFFL", "TRTSDT")


def read_rows(dataset: Dataset) -> list[Row]:
    """The rows of a data set, as they stand in it."""
    return list(dataset.frame.iter_rows(named=True))


def subject_columns(adsl: Dataset) -> Mapping[str, Row]:
    """For each participant the columns of ADSL that every analysis data set repeats."""
    chosen = adsl.frame.select(_FROM_ADSL)
    return {row["USUBJID"]: row for row in chosen.iter_rows(named=True)}


def reference_moments(study: Study, dm: Dataset) -> Mapping[str, Moment]:
    """The first infusion of each participant, NO_MOMENT where there is none."""
    pairs = dm.frame.select("USUBJID", "RFSTDTC").iter_rows()
    return {usubjid: parse_moment(text or "", study.site.zone)[0] for usubjid, text in pairs}


def analysis_dates(study: Study, text: str | None, reference: Moment) -> tuple[Row, Moment]:
    """ADT, ADTM, ADY and, where the day is not known, the reason; no date is ever imputed."""
    at = parse_moment(text or "", study.site.zone)[0]
    columns = {"ADT": at.day, "ADTM": at.local, "ADY": at.study_day(reference), "ADTRSN": at.reason}
    return columns, at


def visit_columns(row: Row) -> Row:
    """The visit for analysis is the one recorded."""
    return {"AVISIT": row.get("VISIT"), "AVISITN": row.get("VISITNUM")}


def find_baseline(rows: Sequence[Row], is_before: Callable[[Row], bool | None]) -> int | None:
    """The index of the last row with a result at or before the first infusion; None without one.

    A result without a number (`<5`, `negative`) is a result: it is the baseline where it is the last.
    """
    before = [
        (row["ADT"], row["ADTM"] is not None, row["ADTM"], index)
        for index, row in enumerate(rows)
        if is_before(row) and row["ADT"] is not None and row["AVALC"] is not None
    ]
    return max(before, key=_in_time)[3] if before else None


def _in_time(entry: tuple[Any, bool, Any, int]) -> tuple[Any, ...]:
    """By day; of one day a row without a time first, then by the clock, then as they stand."""
    day, has_time, moment, index = entry
    return (day, has_time, str(moment) if has_time else "", index)


def baseline_columns(rows: Sequence[Row], baseline: int | None) -> list[Row]:
    """The rows with ABLFL, BASE, BASEC, and CHG on those after the baseline."""
    base = rows[baseline] if baseline is not None else None
    done = []
    for index, row in enumerate(rows):
        columns: Row = {"ABLFL": "Y" if index == baseline else None}
        if base is not None:
            columns |= {"BASE": base["AVAL"], "BASEC": base["AVALC"]}
            is_after = index != baseline and row["_before"] is False
            if is_after and row["AVAL"] is not None and base["AVAL"] is not None:
                columns["CHG"] = row["AVAL"] - base["AVAL"]
        done.append(row | columns)
    return done


def number_analysis_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows with ASEQ counted from 1 in each participant, in the order they stand; helper columns dropped."""
    counts: dict[str, int] = {}
    numbered = []
    for row in rows:
        counts[row["USUBJID"]] = counts.get(row["USUBJID"], 0) + 1
        public = {name: value for name, value in row.items() if not name.startswith("_")}
        numbered.append(public | {"ASEQ": counts[row["USUBJID"]]})
    return numbered


def participant_rows(frame: pl.DataFrame, usubjid: str) -> list[Row]:
    """One participant's rows, in the order of the data set."""
    return list(frame.filter(pl.col("USUBJID") == usubjid).iter_rows(named=True))
