"""B cells after infusion: when they were first gone, and when they first came back, by `safety.b_cell_aplasia`.

Gone: the first result after infusion under `threshold` cells per microlitre. Back: the first later result at or above
it. A result that cannot be held against the threshold (`<20` where it is 5) is tried each way: where it could have been
the first, there is no day, with the reason. Whose B cells are not back is followed until the last sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

import polars as pl

from celltrial.analyses.lab_samples import lowest_of_days
from celltrial.analyses.populations import Group, derive_dose_groups, short_ids
from celltrial.analyses.results import ResultRow, format_count
from celltrial.missing import Blq, NotEstimable, NotEvaluable
from celltrial.safety.b_cell_aplasia import BCellEpisode, BCellSample, b_cell_episodes
from celltrial.studyday import study_day

__all__ = ["BCourse", "derive_b_cell_courses", "derive_b_cell_summary"]

_ANALYSIS = "b_cells"


@dataclass(frozen=True, slots=True, kw_only=True)
class BCourse:
    """One participant's B cells; days are study days (infusion = day 1), `source` the events in order of time.

    is_depleted, is_back: certain although the day may not be.
    """

    subject: str
    level: str
    baseline: float | None
    depleted_on: int | NotEstimable
    returned_on: int | NotEstimable
    last_day: int | None
    samples: int
    source: tuple[int, ...]
    is_depleted: bool
    is_back: bool


def derive_b_cell_courses(
    adsl: pl.DataFrame,
    adlb: pl.DataFrame,
    *,
    parameter: str,
    threshold: float | Decimal,
    recovery_samples: int = 1,
) -> tuple[BCourse, ...]:
    """The course of each infused participant, in the order of ADSL; `threshold` in cells per microlitre.

    recovery_samples: as many results in a row at or above the threshold prove the return; its day is the first's.
    """
    results = adlb.filter((pl.col("PARAMCD") == parameter) & pl.col("ADY").is_not_null()).sort("ADY")
    infused = adsl.filter(pl.col("SAFFL") == "Y")
    return tuple(
        _course(
            subject,
            str(level),
            start,
            results.filter(pl.col("USUBJID") == subject),
            Decimal(str(threshold)),
            recovery_samples,
        )
        for subject, level, start in infused.select("USUBJID", "TRT01A", "TRTSDT").iter_rows()
    )


def _course(
    subject: str, level: str, start: date, results: pl.DataFrame, threshold: Decimal, recovery_samples: int
) -> BCourse:
    # what was drawn on the day of infusion was drawn before it
    rows = list(results.filter(pl.col("ADY") > 1).iter_rows(named=True))
    samples = [
        BCellSample(on=start + timedelta(days=day - 1), cells_per_ul=value)
        for day, value in lowest_of_days(rows).items()
    ]
    episodes = b_cell_episodes(samples, infusion=start, threshold_per_ul=threshold, recovery_samples=recovery_samples)
    known = [each for each in samples if _can_be_held(each.cells_per_ul, threshold)]
    before = results.filter((pl.col("ADY") <= 1) & pl.col("AVAL").is_not_null())
    return BCourse(
        subject=short_ids([subject])[0],
        level=level,
        baseline=float(before["AVAL"][-1]) if before.height else None,
        depleted_on=_depleted(episodes, known, start),
        returned_on=_returned(episodes, known, start),
        last_day=study_day(known[-1].on, start) if known else None,
        samples=len(known),
        source=tuple(int(row["EVENTSEQ"]) for row in rows if row["EVENTSEQ"] is not None),
        is_depleted=bool(episodes),
        is_back=bool(episodes) and _is_back(episodes[0].recovery),
    )


def _is_back(recovery: date | NotEvaluable) -> bool:
    """Whether B cells are back for certain: on a day, or by one."""
    return not isinstance(recovery, NotEvaluable) or recovery.reason.startswith("back by")


def _can_be_held(value: Decimal | Blq | None, threshold: Decimal) -> bool:
    """Whether a result says on which side of the threshold it lies."""
    return value.lloq <= threshold if isinstance(value, Blq) else value is not None


def _depleted(episodes: Sequence[BCellEpisode], known: Sequence[BCellSample], start: date) -> int | NotEstimable:
    if not episodes:
        return NotEstimable("not seen" if known else "no sample after infusion")
    onset = episodes[0].onset
    return NotEstimable(onset.reason) if isinstance(onset, NotEvaluable) else study_day(onset, start)


def _returned(episodes: Sequence[BCellEpisode], known: Sequence[BCellSample], start: date) -> int | NotEstimable:
    if not known:
        return NotEstimable("no sample after infusion")
    if not episodes:
        return NotEstimable("never depleted")
    recovery = episodes[0].recovery
    if not isinstance(recovery, NotEvaluable):
        return study_day(recovery, start)
    last = study_day(episodes[0].last_sample, start)
    is_open = recovery.reason.startswith("not back")
    return NotEstimable(f"not back by the last sample, day {last}" if is_open else recovery.reason)


def derive_b_cell_summary(adsl: pl.DataFrame, courses: tuple[BCourse, ...]) -> tuple[ResultRow, ...]:
    """By dose level: participants `depleted` of those sampled, `returned` of those depleted, with the days."""
    rows: list[ResultRow] = []
    for group in derive_dose_groups(adsl):
        mine = [each for each in courses if each.subject in short_ids(group.subjects)]
        sampled = [each for each in mine if each.samples]
        depleted = [each for each in sampled if each.is_depleted]
        returned = [each for each in depleted if each.is_back]
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
