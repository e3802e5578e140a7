"""Low immunoglobulin G after infusion: baseline, nadir, band, immunoglobulin given, and the way back.

Bands and recovery: `safety.hypogammaglobulinaemia`. A dose of immunoglobulin hides the participant's own IgG: such a
sample proves no recovery. CTCAE has no term for it; the band is no grade.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from celltrial.analyses.lab_samples import lowest_of_days, order_of_result
from celltrial.analyses.populations import derive_dose_groups, short_ids
from celltrial.analyses.results import ResultRow, format_count
from celltrial.missing import Blq, NotEvaluable
from celltrial.safety.hypogammaglobulinaemia import IggBand, IggEpisode, IggSample, igg_bands, igg_episodes
from celltrial.studyday import study_day

__all__ = ["IggCourse", "derive_igg_courses", "derive_igg_summary"]

_ANALYSIS = "hypogammaglobulinaemia"
_PARAMETER = "IGG"
_DEFAULT_LLN = Decimal(7)
# under it the set of bands has its next limit (`igg_bands.csv`): a lower limit of normal must lie above
_NEXT_LIMIT = Decimal(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class IggCourse:
    """One participant's IgG; days are study days, IgG in g/L.

    nadir: the lowest after infusion, as text (`<1.5` where it was below a limit), None without a sample. is_low: under
    the lower limit at some time after infusion. is_under_replacement: under the study's limit for replacement; None
    where that cannot be told. recovered: the day, or why none; blank where IgG was never low. doses: study days.
    """

    subject: str
    level: str
    baseline: float | None
    nadir: str | None
    nadir_day: int | None
    is_nadir_masked: bool
    band: str
    is_low: bool
    is_under_replacement: bool | None
    recovered: str
    doses: tuple[int, ...]
    samples: int
    flags: tuple[str, ...]
    source: tuple[int, ...]


def derive_igg_courses(
    adsl: pl.DataFrame,
    adlb: pl.DataFrame,
    immunoglobulin: Mapping[str, Sequence[date]],
    *,
    replacement_below_g_l: Decimal,
) -> tuple[IggCourse, ...]:
    """The course of each infused participant, in the order of ADSL.

    immunoglobulin: participant (USUBJID) -> the days on which it was given, whatever for.
    """
    results = adlb.filter((pl.col("PARAMCD") == _PARAMETER) & pl.col("ADY").is_not_null()).sort("ADY")
    infused = adsl.filter(pl.col("SAFFL") == "Y")
    return tuple(
        _course(
            (subject, str(level), start),
            results.filter(pl.col("USUBJID") == subject),
            [day for day in immunoglobulin.get(subject, ()) if day >= start],
            replacement_below_g_l,
        )
        for subject, level, start in infused.select("USUBJID", "TRT01A", "TRTSDT").iter_rows()
    )


def derive_igg_summary(adsl: pl.DataFrame, courses: tuple[IggCourse, ...]) -> tuple[ResultRow, ...]:
    """By dose level, of those sampled after infusion: `low`, `under replacement limit`, `immunoglobulin given`."""
    rows: list[ResultRow] = []
    for group in derive_dose_groups(adsl):
        sampled = [each for each in courses if each.subject in short_ids(group.subjects) and each.samples]
        for category, who in (
            ("low", [each for each in sampled if each.is_low]),
            ("under replacement limit", [each for each in sampled if each.is_under_replacement]),
            ("immunoglobulin given", [each for each in sampled if each.doses]),
        ):
            rows.append(
                ResultRow(
                    analysis=_ANALYSIS,
                    group=group.name,
                    category=category,
                    statistic="participants",
                    value=float(len(who)),
                    text=format_count(len(who), len(sampled)),
                    n=len(who),
                    N=len(sampled),
                    subjects=tuple(each.subject for each in who),
                    source=tuple(sorted({seq for each in who for seq in each.source})),
                )
            )
    return tuple(rows)


def _course(
    who: tuple[str, str, date], results: pl.DataFrame, doses: Sequence[date], replacement: Decimal
) -> IggCourse:
    subject, level, start = who
    # what was drawn on the day of infusion was drawn before it
    rows = list(results.filter(pl.col("ADY") > 1).iter_rows(named=True))
    before = results.filter((pl.col("ADY") <= 1) & pl.col("AVAL").is_not_null())
    samples = [
        IggSample(on=start + timedelta(days=day - 1), igg_g_l=value) for day, value in lowest_of_days(rows).items()
    ]
    bands, flags = _bands(rows)
    episodes = igg_episodes(samples, doses, bands=bands)
    known = [each for each in samples if each.igg_g_l is not None]
    lowest = min(known, key=lambda each: (order_of_result(each.igg_g_l), each.on), default=None)
    course = IggCourse(
        subject=short_ids([subject])[0],
        level=level,
        baseline=float(before["AVAL"][-1]) if before.height else None,
        nadir=None if lowest is None else _text(lowest.igg_g_l),
        nadir_day=None if lowest is None else study_day(lowest.on, start),
        is_nadir_masked=False,
        band="normal" if lowest is not None else "",
        is_low=bool(episodes),
        is_under_replacement=_is_under(lowest.igg_g_l if lowest else None, replacement),
        recovered="",
        doses=tuple(study_day(day, start) for day in sorted(set(doses))),
        samples=len(known),
        flags=flags,
        source=tuple(sorted({int(row["EVENTSEQ"]) for row in rows if row["EVENTSEQ"] is not None})),
    )
    return _with_episodes(course, episodes, bands, start) if episodes else course


def _with_episodes(
    course: IggCourse, episodes: Sequence[IggEpisode], bands: Sequence[IggBand], start: date
) -> IggCourse:
    order = [each.name for each in bands]
    worst = max(episodes, key=lambda each: order.index(each.worst_band))
    last = episodes[-1].recovery
    return replace(
        course,
        band=worst.worst_band,
        is_nadir_masked=any(
            each.nadir_is_masked and study_day(each.nadir_on, start) == course.nadir_day for each in episodes
        ),
        recovered=last.reason if isinstance(last, NotEvaluable) else f"day {study_day(last, start)}",
        flags=(*course.flags, *dict.fromkeys(flag for each in episodes for flag in each.flags)),
    )


def _bands(rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[IggBand, ...], tuple[str, ...]]:
    """The bands with the laboratory's lower limit; the usual one where it prints none that can be used."""
    limits = [Decimal(str(row["A1LO"])) for row in rows if row.get("A1LO") is not None]
    if limits and limits[-1] > _NEXT_LIMIT:
        return igg_bands(lln_g_l=limits[-1]), ()
    return igg_bands(lln_g_l=_DEFAULT_LLN), ((f"lower limit taken as {_DEFAULT_LLN} g/L",) if rows else ())


def _is_under(value: Decimal | Blq | None, limit: Decimal) -> bool | None:
    if isinstance(value, Blq):
        return True if value.lloq <= limit else None
    return None if value is None else value < limit


def _text(value: Decimal | Blq | None) -> str:
    return f"<{value.lloq}" if isinstance(value, Blq) else "" if value is None else f"{value:.3g}"
