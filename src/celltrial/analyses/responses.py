"""Remission, low disease activity and response by visit and dose level, and what could not be judged, with the reason.

Responders are counted among those who could be judged (evaluable); beside them stands how many infused participants
could not be, and why: an unknown answer, a missed visit and a baseline that allows no response are never "no".
"""

from collections import Counter
from dataclasses import replace

import polars as pl

from celltrial.analyses.populations import Group, derive_dose_groups, event_seqs, short_ids
from celltrial.analyses.results import ResultRow, format_count
from celltrial.escalation import upper_bound
from celltrial.missing import NotEstimable

__all__ = ["RESPONSES", "compute_interval", "derive_response_by_visit", "response_key"]

_ANALYSIS = "response"
_ABSENT = "no assessment at this visit"

# parameter -> the words of a report; SRI is there by the points that the study asks for
RESPONSES = {
    "DORIS": "DORIS remission",
    "DORISDF": "Drug-free DORIS",
    "LLDAS": "LLDAS",
    "LLDAS5": "LLDAS-5",
    **{f"SRI{points}": f"SRI-{points}" for points in range(4, 9)},
    "BICLA": "BICLA",
    "KDIGOCR": "Renal, complete (KDIGO)",
    "KDIGORR": "Renal, complete or partial (KDIGO)",
}


def response_key(code: str, visit: str) -> str:
    """The category of a result: parameter and visit."""
    return f"{code} {visit}"


def derive_response_by_visit(adsl: pl.DataFrame, adrs: pl.DataFrame) -> tuple[ResultRow, ...]:
    """For each response, visit after the infusion and dose level: responders, their interval, and who is not evaluable.

    participants: n responders of N evaluable. interval: exact 95 % interval of that share. not evaluable: n of N
    infused, with the reasons counted.
    """
    after = adrs.filter(pl.col("AVISIT").is_not_null() & (pl.col("ADY") > 1))
    visits = dict.fromkeys(after.select("AVISIT", "AVISITN").unique().sort("AVISITN", "AVISIT")["AVISIT"].to_list())
    judged = {code for code in RESPONSES if code in set(adrs["PARAMCD"].to_list())}
    rows: list[ResultRow] = []
    for code in (each for each in RESPONSES if each in judged):
        own = after.filter(pl.col("PARAMCD") == code)
        for visit in visits:
            at_visit = own.filter(pl.col("AVISIT") == visit)
            for group in derive_dose_groups(adsl):
                mine = at_visit.filter(pl.col("USUBJID").is_in(group.subjects))
                rows += _counts(mine, group, response_key(code, str(visit)))
    return tuple(rows)


def compute_interval(responders: int, evaluable: int) -> tuple[float, float] | NotEstimable:
    """The exact two-sided 95 % interval of a share.

    Source: Clopper & Pearson, Biometrika 1934;26:404; each end is a one-sided bound of 97.5 %.

    >>> [round(end, 4) for end in compute_interval(2, 10)]
    [0.0252, 0.5561]
    """
    high = upper_bound(responders, evaluable, 0.975)
    low = upper_bound(evaluable - responders, evaluable, 0.975)
    if isinstance(high, NotEstimable) or isinstance(low, NotEstimable):
        return NotEstimable("no evaluable participant")
    return 1 - low, high


def _counts(records: pl.DataFrame, group: Group, category: str) -> list[ResultRow]:
    evaluable = records.filter(pl.col("AVALC").is_not_null())
    met = evaluable.filter(pl.col("AVALC") == "Y")
    n, total = met["USUBJID"].n_unique(), evaluable["USUBJID"].n_unique()
    share = NotEstimable("no evaluable participant")
    found = ResultRow(
        analysis=_ANALYSIS,
        group=group.name,
        category=category,
        statistic="participants",
        value=float(n) if total else share,
        text=format_count(n, total) if total else "–",
        n=n,
        N=total,
        subjects=short_ids(met["USUBJID"].to_list()),
        source=event_seqs(evaluable),
    )
    return [found, _interval(found), _not_evaluable(records, group, category)]


def _interval(found: ResultRow) -> ResultRow:
    ends = compute_interval(found.n, found.N)
    if isinstance(ends, NotEstimable):
        return replace(found, statistic="interval", value=ends, text="–")
    low, high = ends
    return replace(found, statistic="interval", value=high, text=f"{100 * low:.0f} to {100 * high:.0f}\u00a0%")


def _not_evaluable(records: pl.DataFrame, group: Group, category: str) -> ResultRow:
    missing = records.filter(pl.col("AVALC").is_null())
    assessed = set(records["USUBJID"].to_list())
    absent = tuple(each for each in group.subjects if each not in assessed)
    reasons = Counter(str(each) for each in missing["AVALRSN"].fill_null("no reason given").to_list())
    if absent:
        reasons[_ABSENT] += len(absent)
    total = sum(reasons.values())
    return ResultRow(
        analysis=_ANALYSIS,
        group=group.name,
        category=category,
        statistic="not evaluable",
        value=float(total),
        text="; ".join(f"{n} {reason}" for reason, n in sorted(reasons.items())) or "0",
        n=total,
        N=len(group.subjects),
        subjects=short_ids([*missing["USUBJID"].to_list(), *absent]),
        source=event_seqs(missing),
    )
