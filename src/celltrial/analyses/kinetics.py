"""Cellular kinetics by dose level: geometric statistics of the parameters, with everyone who has no estimate and why.

Denominator: infused participants. Geometric mean and CV because exposure to expanding cells is close to log-normal
with CVs over 100 %; times are given as median and range only. Geometric CV % = 100 sqrt(exp(s^2) - 1), s the standard
deviation (n - 1) of the natural logarithms: the CV of a log-normal variable.
"""

import math
from collections import Counter
from collections.abc import Sequence
from statistics import mean, median, stdev

import polars as pl

from celltrial.analyses.populations import Group, derive_dose_groups, event_seqs, short_ids
from celltrial.analyses.results import ResultRow, format_number
from celltrial.missing import NotEstimable

__all__ = ["PARAMETERS", "compute_geometric_cv", "compute_geometric_mean", "derive_kinetics_summary"]

_ANALYSIS = "kinetics"
PARAMETERS: dict[str, str] = {
    "CMAX": "Maximum (Cmax)",
    "TMAX": "Time of maximum (Tmax)",
    "AUC028": "AUC, day 0 to 28",
    "AUCLST": "AUC to last quantifiable",
    "CLST": "Last quantifiable (Clast)",
    "TLST": "Time of last quantifiable (Tlast)",
    "LAMZHL": "Terminal half-life",
}
_TIMES = frozenset({"TMAX", "TLST"})


def compute_geometric_mean(values: Sequence[float]) -> float | NotEstimable:
    """The geometric mean.

    >>> round(compute_geometric_mean([1.0, 100.0]), 9)
    10.0
    """
    if not values:
        return NotEstimable("no value")
    if min(values) <= 0:
        return NotEstimable("a value is not above 0: it has no logarithm")
    return math.exp(mean(math.log(each) for each in values))


def compute_geometric_cv(values: Sequence[float]) -> float | NotEstimable:
    """The geometric coefficient of variation, in percent; needs two values above 0.

    >>> round(compute_geometric_cv([math.exp(-1), math.exp(1)]), 2)
    252.77
    """
    if len(values) < 2:
        return NotEstimable("fewer than 2 values")
    if min(values) <= 0:
        return NotEstimable("a value is not above 0: it has no logarithm")
    return 100 * math.sqrt(math.exp(stdev(math.log(each) for each in values) ** 2) - 1)


def derive_kinetics_summary(adsl: pl.DataFrame, adpp: pl.DataFrame) -> tuple[ResultRow, ...]:
    """For each parameter and dose level: n, not estimable (with reasons), geometric mean and CV, median, range."""
    rows: list[ResultRow] = []
    for parameter in PARAMETERS:
        of_parameter = adpp.filter(pl.col("PARAMCD") == parameter)
        for group in derive_dose_groups(adsl):
            rows += _summarise(of_parameter, group, parameter)
    return tuple(rows)


def _summarise(records: pl.DataFrame, group: Group, parameter: str) -> list[ResultRow]:
    mine = records.filter(pl.col("USUBJID").is_in(group.subjects))
    known = mine.filter(pl.col("AVAL").is_not_null())
    values = [float(each) for each in known["AVAL"].to_list()]
    statistics: dict[str, tuple[float | NotEstimable, str]] = {
        "n": (float(len(values)), f"{len(values)}/{len(group.subjects)}"),
        "not estimable": _without_estimate(mine, group),
        "median": _number(median(values) if values else NotEstimable("no value")),
        "range": (max(values) - min(values), f"{format_number(min(values))} to {format_number(max(values))}")
        if values
        else (NotEstimable("no value"), "–"),
    }
    if parameter not in _TIMES:
        statistics["geometric mean"] = _number(compute_geometric_mean(values))
        statistics["geometric CV"] = _percent(compute_geometric_cv(values))
    return [
        ResultRow(
            analysis=_ANALYSIS,
            group=group.name,
            category=parameter,
            statistic=name,
            value=value,
            text=text,
            n=len(values),
            N=len(group.subjects),
            subjects=short_ids(known["USUBJID"].to_list()),
            source=event_seqs(known),
        )
        for name, (value, text) in statistics.items()
    ]


def _without_estimate(records: pl.DataFrame, group: Group) -> tuple[float, str]:
    """How many have no estimate, and why; a participant without any row has not been sampled."""
    reasons = Counter(
        str(each) for each in records.filter(pl.col("AVAL").is_null())["AVALRSN"].fill_null("no reason given").to_list()
    )
    absent = len(group.subjects) - records["USUBJID"].n_unique()
    if absent:
        reasons["no sample analysed"] += absent
    total = sum(reasons.values())
    text = "; ".join(f"{n} {reason}" for reason, n in sorted(reasons.items()))
    return float(total), f"{total}: {text}" if total else "0"


def _number(value: float | NotEstimable) -> tuple[float | NotEstimable, str]:
    return value, "–" if isinstance(value, NotEstimable) else format_number(value)


def _percent(value: float | NotEstimable) -> tuple[float | NotEstimable, str]:
    return value, "–" if isinstance(value, NotEstimable) else f"{value:,.0f}\u00a0%".replace(",", "\u202f")
