"""B cells after infusion: when they were first gone, and when they first came back.

Gone: the first result after infusion under `threshold` cells per microlitre (a result reported as below a limit
counts when that limit is not above the threshold). Back: the first later result at or above the threshold. A
participant whose B cells are not back is followed until the last sample, and is said to be so: no day is made up.
"""

from dataclasses import dataclass, replace
from statistics import median

import polars as pl

from celltrial.analyses.populations import Group, derive_dose_groups, short_ids
from celltrial.analyses.results import ResultRow, format_count
from celltrial.missing import NotEstimable

__all__ = ["BCourse", "derive_b_cell_courses", "derive_b_cell_summary"]

_ANALYSIS = "b_cells"


@dataclass(frozen=True, slots=True, kw_only=True)
class BCourse:
    """One participant's B cells; days are study days (infusion = day 1), `source` the events in order of time."""

    subject: str
    level: str
    baseline: float | None
    depleted_on: int | NotEstimable
    returned_on: int | NotEstimable
    last_day: int | None
    samples: int
    source: tuple[int, ...]


def derive_b_cell_courses(
    adsl: pl.DataFrame, adlb: pl.DataFrame, *, parameter: str, threshold: float
) -> tuple[BCourse, ...]:
    """The course of each infused participant, in the order of ADSL; `threshold` in cells per microlitre."""
    results = adlb.filter((pl.col("PARAMCD") == parameter) & pl.col("ADY").is_not_null()).sort("ADY")
    infused = adsl.filter(pl.col("SAFFL") == "Y")
    return tuple(
        _course(subject, str(level), results.filter(pl.col("USUBJID") == subject), threshold)
        for subject, level in infused.select("USUBJID", "TRT01A").iter_rows()
    )


def _course(subject: str, level: str, results: pl.DataFrame, threshold: float) -> BCourse:
    rows = list(results.filter(pl.col("ADY") > 1).iter_rows(named=True))
    days = [(int(row["ADY"]), is_below(row["AVAL"], row["AVALC"], threshold)) for row in rows]
    known = [(day, low) for day, low in days if low is not None]
    gone = next((day for day, low in known if low), None)
    back = next((day for day, low in known if not low and day > gone), None) if gone is not None else None
    before = results.filter((pl.col("ADY") <= 1) & pl.col("AVAL").is_not_null())
    return BCourse(
        subject=short_ids([subject])[0],
        level=level,
        baseline=float(before["AVAL"][-1]) if before.height else None,
        depleted_on=gone if gone is not None else NotEstimable("not seen" if known else "no sample after infusion"),
        returned_on=back if back is not None else _why_not_back(gone, known),
        last_day=known[-1][0] if known else None,
        samples=len(known),
        source=tuple(int(row["EVENTSEQ"]) for row in rows if row["EVENTSEQ"] is not None),
    )


def is_below(value: float | None, text: str | None, threshold: float) -> bool | None:
    """Whether a result is under the threshold; None when it cannot be told from it.

    >>> is_below(None, "<5", 5.0), is_below(None, "<20", 5.0), is_below(7.0, "7", 5.0)
    (True, None, False)
    """
    shown = (text or "").strip()
    if shown.startswith("<"):
        limit = float(shown.lstrip("<=").strip())
        return True if limit <= threshold else None
    return None if value is None else value < threshold


def _why_not_back(gone: int | None, known: list[tuple[int, bool]]) -> NotEstimable:
    if not known:
        return NotEstimable("no sample after infusion")
    return NotEstimable("never depleted" if gone is None else f"not back by the last sample, day {known[-1][0]}")


def derive_b_cell_summary(adsl: pl.DataFrame, courses: tuple[BCourse, ...]) -> tuple[ResultRow, ...]:
    """By dose level: participants `depleted` of those sampled, `returned` of those depleted, with the days."""
    rows: list[ResultRow] = []
    for group in derive_dose_groups(adsl):
        mine = [each for each in courses if each.subject in short_ids(group.subjects)]
        sampled = [each for each in mine if each.samples]
        depleted = [each for each in sampled if isinstance(each.depleted_on, int)]
        returned = [each for each in depleted if isinstance(each.returned_on, int)]
        rows += _counted(group, "depleted", depleted, sampled, [each.depleted_on for each in depleted])
        rows += _counted(group, "returned", returned, depleted, [each.returned_on for each in returned])
    return tuple(rows)


def _counted(
    group: Group, category: str, who: list[BCourse], among: list[BCourse], days: list[int | NotEstimable]
) -> list[ResultRow]:
    """Participants, and the median and range of their days."""
    known = [each for each in days if isinstance(each, int)]
    counted = ResultRow(
        analysis=_ANALYSIS,
        group=group.name,
        category=category,
        statistic="participants",
        value=float(len(who)),
        text=format_count(len(who), len(among)),
        n=len(who),
        N=len(among),
        subjects=tuple(each.subject for each in who),
        source=tuple(sorted(seq for each in who for seq in each.source)),
    )
    middle: float | NotEstimable = float(median(known)) if known else NotEstimable("no participant")
    text = f"{median(known):g} ({min(known)} to {max(known)})" if known else "–"
    return [counted, replace(counted, statistic="day", value=middle, text=text)]
