"""Exposure to the cells against what happened: CRS, DLT, depletion of B cells, response.

Exposures: Cmax, AUC0-28 and Tmax of the first infusion. Each against an event (odds ratio for twice the exposure,
ratio of geometric means) or a graded response (rank correlation); `kinetics.exposure_response` has the methods. All
doses together: the exposure carries the dose. Exploratory, not adjusted for the number of comparisons.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from celltrial.analyses.b_cells import BCourse
from celltrial.analyses.cytokines import derive_crs_courses
from celltrial.analyses.populations import TOTAL, event_seqs, short_ids
from celltrial.analyses.results import ResultRow
from celltrial.kinetics import (
    Effect,
    RankCorrelation,
    compute_detectable_correlation,
    compute_event_response,
    compute_rank_correlation,
)
from celltrial.missing import NotEstimable

__all__ = [
    "EXPOSURES",
    "Outcome",
    "derive_exposure_response",
    "format_effect",
    "list_outcomes",
    "read_exposures",
    "response_pairs",
]

EXPOSURES = {"CMAX": "Cmax", "AUC028": "AUC 0–28", "TMAX": "Tmax"}
# a time does not double as an amount does: of Tmax only the means are compared
_DOUBLED = frozenset({"CMAX", "AUC028"})
_BEYOND = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened to each participant, by USUBJID: an event (True, False) or a grade; who is not in it is unknown."""

    key: str
    label: str
    values: Mapping[str, bool | float]

    @property
    def is_event(self) -> bool:
        return any(isinstance(each, bool) for each in self.values.values())


def read_exposures(adpp: pl.DataFrame, parameter: str) -> dict[str, float]:
    """USUBJID -> value; who has no estimate, or 0, is not in it."""
    own = adpp.filter((pl.col("PARAMCD") == parameter) & (pl.col("AVAL") > 0))
    return {str(who): float(value) for who, value in own.select("USUBJID", "AVAL").iter_rows()}


def list_outcomes(
    adsl: pl.DataFrame, adae: pl.DataFrame, adrs: pl.DataFrame, courses: Sequence[BCourse], *, response: str, visit: str
) -> tuple[Outcome, ...]:
    """The outcomes in order. CRS that could not be graded, and a response that is not evaluable, are unknown.

    Args:
        courses: B cells (`derive_b_cell_courses`).
        response, visit: The parameter of ADRS that counts as response, and at which visit.
    """
    infused = adsl.filter(pl.col("SAFFL") == "Y")
    grades = {who: found.grade for who, found in derive_crs_courses(adsl, adae).items() if isinstance(found.grade, int)}
    evaluable = infused.filter(pl.col("DLTEVLFL") == "Y")
    answers = adrs.filter((pl.col("PARAMCD") == response) & (pl.col("AVISIT") == visit) & pl.col("AVALC").is_not_null())
    whole = dict(zip(short_ids(infused["USUBJID"].to_list()), infused["USUBJID"].to_list(), strict=True))
    depleted = {
        whole[each.subject]: float(each.depleted_on - 1) for each in courses if isinstance(each.depleted_on, int)
    }
    return (
        Outcome(key="crs", label="CRS, any grade", values={who: grade >= 1 for who, grade in grades.items()}),
        Outcome(key="crs2", label="CRS, grade 2 or worse", values={who: grade >= 2 for who, grade in grades.items()}),
        Outcome(
            key="dlt",
            label="DLT",
            values={str(who): flag == "Y" for who, flag in evaluable.select("USUBJID", "DLTFL").iter_rows()},
        ),
        Outcome(
            key="response",
            label=f"{response} at {visit}",
            values={str(who): text == "Y" for who, text in answers.select("USUBJID", "AVALC").iter_rows()},
        ),
        Outcome(key="crs grade", label="Worst CRS grade", values={who: float(each) for who, each in grades.items()}),
        Outcome(key="depletion", label="Day on which B cells were gone", values=depleted),
    )


def derive_exposure_response(adpp: pl.DataFrame, outcomes: Sequence[Outcome]) -> tuple[ResultRow, ...]:
    """By exposure and outcome: `odds ratio`, `ratio of means` for an event, `rank correlation` for a grade.

    category: `CMAX crs` and the like. n: with both known, N: events among them (of a grade: n again). Each of these is
    followed by `smallest seen`: the least effect that so many participants would show in 8 of 10 trials.
    """
    rows: list[ResultRow] = []
    for parameter in EXPOSURES:
        exposures = read_exposures(adpp, parameter)
        for outcome in outcomes:
            who = tuple(each for each in exposures if each in outcome.values)
            row = ResultRow(
                analysis="exposure_response",
                group=TOTAL,
                category=f"{parameter} {outcome.key}",
                statistic="participants",
                value=float(len(who)),
                text=str(len(who)),
                n=len(who),
                N=len(exposures),
                subjects=short_ids(who),
                source=event_seqs(adpp.filter((pl.col("PARAMCD") == parameter) & pl.col("USUBJID").is_in(who))),
            )
            rows += (
                _of_event(row, exposures, outcome, who) if outcome.is_event else _of_grade(row, exposures, outcome, who)
            )
    return tuple(rows)


def response_pairs(adpp: pl.DataFrame, parameter: str, outcome: Outcome) -> tuple[tuple[str, float, bool | float], ...]:
    """(USUBJID, exposure, outcome) of those with both: what a picture shows."""
    return tuple(
        (who, value, outcome.values[who])
        for who, value in read_exposures(adpp, parameter).items()
        if who in outcome.values
    )


def _of_event(row: ResultRow, exposures: Mapping[str, float], outcome: Outcome, who: Sequence[str]) -> list[ResultRow]:
    found = compute_event_response([exposures[each] for each in who], [bool(outcome.values[each]) for each in who])
    counted = replace(row, n=found.events, N=found.n, text=f"{found.events}/{found.n}", value=float(found.events))
    is_doubled = row.category.partition(" ")[0] in _DOUBLED
    time = NotEstimable("of a time only the means are compared")
    return [
        replace(counted, statistic="events"),
        _effect(counted, "odds ratio", found.odds_ratio if is_doubled else time),
        _least(counted, "smallest odds ratio seen", found.detectable_odds_ratio if is_doubled else time),
        _effect(counted, "ratio of means", found.ratio_of_means),
        _least(counted, "smallest ratio seen", found.detectable_ratio),
    ]


def _of_grade(row: ResultRow, exposures: Mapping[str, float], outcome: Outcome, who: Sequence[str]) -> list[ResultRow]:
    found = compute_rank_correlation([exposures[each] for each in who], [float(outcome.values[each]) for each in who])
    value: float | NotEstimable = found if isinstance(found, NotEstimable) else found.rho
    least = compute_detectable_correlation(len(who))
    return [
        replace(row, statistic="rank correlation", value=value, text=_correlation_text(found), N=len(who)),
        _least(replace(row, N=len(who)), "smallest correlation seen", least),
    ]


def _effect(row: ResultRow, statistic: str, found: Effect | NotEstimable) -> ResultRow:
    value: float | NotEstimable = found if isinstance(found, NotEstimable) else found.value
    return replace(row, statistic=statistic, value=value, text=format_effect(found))


def _least(row: ResultRow, statistic: str, found: float | NotEstimable) -> ResultRow:
    text = "–" if isinstance(found, NotEstimable) else _ratio(found)
    return replace(row, statistic=statistic, value=found, text=text)


def format_effect(found: Effect | NotEstimable) -> str:
    """A ratio with its interval and p value; the p value never stands alone.

    >>> format_effect(Effect(value=2.5, low=1.1, high=5200.0, p=0.031))
    '2.50 (1.10 to > 1000), p = 0.03'
    """
    if isinstance(found, NotEstimable):
        return found.reason
    return f"{_ratio(found.value)} ({_ratio(found.low)} to {_ratio(found.high)}), {_p(found.p)}"


def _correlation_text(found: RankCorrelation | NotEstimable) -> str:
    if isinstance(found, NotEstimable):
        return found.reason
    if isinstance(found.low, NotEstimable) or isinstance(found.high, NotEstimable):
        return f"{found.rho:.2f}"
    p = "" if isinstance(found.p, NotEstimable) else f", exact {_p(found.p)}"
    return f"{found.rho:.2f} ({found.low:.2f} to {found.high:.2f}){p}"


def _ratio(number: float) -> str:
    if number > _BEYOND:
        return f"> {_BEYOND:.0f}"
    shown: Callable[[float], str] = "{:.2f}".format if number < 10 else "{:.0f}".format
    return shown(number) if number >= 0.01 else "< 0.01"


def _p(p: float) -> str:
    return f"p = {p:.2f}" if p >= 0.01 else f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"
