"""Who is counted: the sets of participants that tables take as their denominators, read from ADSL.

Safety set: infused (SAFFL = Y), grouped by the dose level received (TRT01A). Every table names its set and its N.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from celltrial.analyses.results import ResultRow, format_count

__all__ = ["TOTAL", "Group", "count_participants", "derive_dose_groups", "event_seqs", "short_ids"]

TOTAL = "Total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A column of a table: its name and its participants (USUBJID), in the order of ADSL."""

    name: str
    subjects: tuple[str, ...]


def derive_dose_groups(adsl: pl.DataFrame, *, flag: str = "SAFFL") -> tuple[Group, ...]:
    """One group for each dose level received, lowest first, then `Total`; only participants whose `flag` is Y."""
    members = adsl.filter(pl.col(flag) == "Y")
    levels = members.select("TRT01A", "TRT01AN").unique().sort("TRT01AN")["TRT01A"].to_list()
    groups = [
        Group(name=level, subjects=tuple(members.filter(pl.col("TRT01A") == level)["USUBJID"].to_list()))
        for level in levels
    ]
    return (*groups, Group(name=TOTAL, subjects=tuple(members["USUBJID"].to_list())))


def count_participants(records: pl.DataFrame, group: Group, *, analysis: str, category: str) -> ResultRow:
    """How many of the group's participants have at least one record, with their ids and the events behind them."""
    mine = records.filter(pl.col("USUBJID").is_in(group.subjects))
    subjects = tuple(each for each in group.subjects if each in set(mine["USUBJID"].to_list()))
    return ResultRow(
        analysis=analysis,
        group=group.name,
        category=category,
        statistic="participants",
        value=float(len(subjects)),
        text=format_count(len(subjects), len(group.subjects)),
        n=len(subjects),
        N=len(group.subjects),
        subjects=short_ids(subjects),
        source=event_seqs(mine),
    )


def event_seqs(records: pl.DataFrame) -> tuple[int, ...]:
    """The events of the record that the rows came from, corrections among them, in order, once each."""
    if "EVENTSEQS" in records.columns:
        listed = records["EVENTSEQS"].drop_nulls().to_list()
        return tuple(sorted({int(seq) for seqs in listed for seq in seqs}))
    return tuple(sorted({int(each) for each in records["EVENTSEQ"].drop_nulls().to_list()}))


def short_ids(usubjids: Iterable[str]) -> tuple[str, ...]:
    """Subject ids as people say them: USUBJID without the study's prefix.

    >>> short_ids(["CT1192-01-003"])
    ('01-003',)
    """
    return tuple(each.split("-", 1)[1] if each.count("-") > 1 else each for each in usubjids)
