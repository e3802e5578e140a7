"""Disease activity over time: SLEDAI-2K by visit and dose level, and what could not be evaluated, with the reason.

Denominator: infused participants. A visit without an assessment is counted as not assessed, never as "no change".
"""

from collections import Counter
from statistics import median

import polars as pl

from celltrial.analyses.populations import Group, derive_dose_groups, event_seqs, short_ids
from celltrial.analyses.results import ResultRow, format_number
from celltrial.missing import NotEstimable

__all__ = ["SLEDAI", "derive_sledai_by_visit"]

SLEDAI = "SLEDAI2K"
_ANALYSIS = "sledai_2k"


def derive_sledai_by_visit(adsl: pl.DataFrame, adrs: pl.DataFrame) -> tuple[ResultRow, ...]:
    """For each visit (in the schedule's order) and dose level: `score`, `change` (median, range), `not evaluable`."""
    scores = adrs.filter((pl.col("PARAMCD") == SLEDAI) & pl.col("AVISIT").is_not_null())
    visits = scores.select("AVISIT", "AVISITN").unique().sort("AVISITN", "AVISIT")["AVISIT"].to_list()
    rows: list[ResultRow] = []
    for visit in dict.fromkeys(visits):
        at_visit = scores.filter(pl.col("AVISIT") == visit)
        for group in derive_dose_groups(adsl):
            mine = at_visit.filter(pl.col("USUBJID").is_in(group.subjects))
            rows.append(_spread(mine, group, str(visit), "score", "AVAL"))
            rows.append(_spread(mine, group, str(visit), "change", "CHG"))
            rows.append(_without_score(mine, group, str(visit)))
    return tuple(rows)


def _spread(records: pl.DataFrame, group: Group, visit: str, statistic: str, column: str) -> ResultRow:
    known = records.filter(pl.col(column).is_not_null())
    values = [float(each) for each in known[column].to_list()]
    value: float | NotEstimable = NotEstimable("no participant was evaluable")
    text = "–"
    if values:
        value = float(median(values))
        text = f"{median(values):g}" if len(values) == 1 else f"{median(values):g} ({min(values):g} to {max(values):g})"
    return ResultRow(
        analysis=_ANALYSIS,
        group=group.name,
        category=visit,
        statistic=statistic,
        value=value,
        text=text,
        n=len(values),
        N=len(group.subjects),
        subjects=short_ids(known["USUBJID"].to_list()),
        source=event_seqs(known),
    )


def _without_score(records: pl.DataFrame, group: Group, visit: str) -> ResultRow:
    missing = records.filter(pl.col("AVAL").is_null())
    assessed = set(records["USUBJID"].to_list())
    absent = tuple(each for each in group.subjects if each not in assessed)
    reasons = Counter(str(each) for each in missing["AVALRSN"].fill_null("no reason given").to_list())
    if absent:
        reasons["no assessment at this visit"] += len(absent)
    total = sum(reasons.values())
    return ResultRow(
        analysis=_ANALYSIS,
        group=group.name,
        category=visit,
        statistic="not evaluable",
        value=float(total),
        text="; ".join(f"{format_number(n) if n > 999 else n} {reason}" for reason, n in sorted(reasons.items()))
        or "0",
        n=total,
        N=len(group.subjects),
        subjects=short_ids([*missing["USUBJID"].to_list(), *absent]),
        source=event_seqs(missing),
    )
