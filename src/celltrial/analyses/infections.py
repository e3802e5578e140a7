"""Infections after infusion: participants and events by window of onset and severity, by dose level received.

Denominator: the safety set. Windows are days since the infusion (0-28, 29-90, >90); severe is grade 3 or more by the
detail of the infection, else by the reported grade (INFSEV of ADAE).
"""

from dataclasses import replace

import polars as pl

from celltrial.analyses.adverse_events import select_reported
from celltrial.analyses.populations import Group, count_participants, derive_dose_groups
from celltrial.analyses.results import ResultRow

__all__ = ["ANY_TIME", "INFECTION_WINDOWS", "UNKNOWN_WINDOW", "derive_infections"]

_ANALYSIS = "infections"
ANY_TIME, UNKNOWN_WINDOW = "Any time", "Day of onset not known"
INFECTION_WINDOWS = ("0-28", "29-90", ">90")


def derive_infections(adsl: pl.DataFrame, adae: pl.DataFrame) -> tuple[ResultRow, ...]:
    """For each window: participants (`participants`), `events`, participants with a `severe` one, and with one whose
    severity is `not known`.
    """
    infections = select_reported(adae).filter(pl.col("INFSEV").is_not_null())
    parts = {
        ANY_TIME: infections,
        **{window: infections.filter(pl.col("INFWIN") == window) for window in INFECTION_WINDOWS},
        UNKNOWN_WINDOW: infections.filter(pl.col("INFWIN").is_null()),
    }
    return tuple(
        row
        for window, records in parts.items()
        for group in derive_dose_groups(adsl)
        for row in _counted(records, group, window)
    )


def _counted(records: pl.DataFrame, group: Group, window: str) -> list[ResultRow]:
    anyone = count_participants(records, group, analysis=_ANALYSIS, category=window)
    events = records.filter(pl.col("USUBJID").is_in(group.subjects)).height
    rows = [anyone, replace(anyone, statistic="events", value=float(events), text=str(events))]
    for statistic, word in (("severe", "Y"), ("not known", "U")):
        counted = count_participants(
            records.filter(pl.col("INFSEV") == word), group, analysis=_ANALYSIS, category=window
        )
        rows.append(replace(counted, statistic=statistic))
    return rows
