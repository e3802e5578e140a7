"""Dose-limiting toxicity by dose level: DLTs of evaluable participants, and what so few participants can exclude.

Denominator: participants adjudicated evaluable (DLTEVLFL = Y). The one-sided 95 % upper bound is exact
(Clopper and Pearson, Biometrika 1934;26:404); it stands beside every count, a zero among them.
"""

from dataclasses import replace

import polars as pl

from celltrial.analyses.populations import Group, count_participants, derive_dose_groups
from celltrial.analyses.results import ResultRow
from celltrial.escalation import upper_bound
from celltrial.missing import NotEstimable

__all__ = ["derive_dlt_summary"]

_ANALYSIS = "dlt"


def derive_dlt_summary(adsl: pl.DataFrame) -> tuple[ResultRow, ...]:
    """By dose level: infused, evaluable, not evaluable, not yet adjudicated, DLT, and the upper bound of the rate."""
    rows: list[ResultRow] = []
    for group in derive_dose_groups(adsl):
        members = adsl.filter(pl.col("USUBJID").is_in(group.subjects))
        states = {
            "infused": pl.lit(True),
            "evaluable": pl.col("DLTEVLFL") == "Y",
            "not evaluable": pl.col("DLTEVLFL") == "N",
            "not yet adjudicated": pl.col("DLTEVLFL").fill_null("").str.len_chars() == 0,
        }
        for category, condition in states.items():
            rows.append(count_participants(members.filter(condition), group, analysis=_ANALYSIS, category=category))
        rows += _rate(members.filter(states["evaluable"]), group)
    return tuple(rows)


def _rate(evaluable: pl.DataFrame, group: Group) -> list[ResultRow]:
    among = Group(name=group.name, subjects=tuple(evaluable["USUBJID"].to_list()))
    found = count_participants(evaluable.filter(pl.col("DLTFL") == "Y"), among, analysis=_ANALYSIS, category="DLT")
    bound = upper_bound(found.n, found.N)
    text = bound.reason if isinstance(bound, NotEstimable) else f"{100 * bound:.0f}\u00a0%"
    return [found, replace(found, statistic="upper bound", value=bound, text=text)]
