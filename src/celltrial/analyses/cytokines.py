"""Cytokine peaks and CRS: how high, on which day, how many times the baseline, and before or after the CRS began.

One peak a participant, over the first 28 days; the groups are the worst CRS grade. A result below the limit is lower
than every number: it enters n and the median, never the mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median

import polars as pl

from celltrial.analyses.cell_profiles import SubjectProfile, read_lab_profiles
from celltrial.analyses.immune_toxicity import select_episodes
from celltrial.analyses.results import ResultRow, format_number
from celltrial.kinetics import GeometricSummary, PeakOverBaseline, compute_peak, summarise_geometric
from celltrial.missing import Blq, NotEstimable

__all__ = ["CYTOKINES", "CrsCourse", "CytokinePeak", "derive_crs_courses", "derive_cytokine_peaks", "derive_cytokines"]

CYTOKINES = {"INTLK6": "Interleukin 6", "CRP": "C-reactive protein", "FERRITIN": "Ferritin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsCourse:
    """Worst CRS grade (0: no episode), and the days since the infusion of the first episode; `end` None while open."""

    grade: int | NotEstimable
    onset: int | None
    end: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CytokinePeak:
    """A participant's peak of one analyte, beside the CRS."""

    found: SubjectProfile
    analyte: str
    peak: PeakOverBaseline
    crs: CrsCourse


def derive_crs_courses(adsl: pl.DataFrame, adae: pl.DataFrame) -> dict[str, CrsCourse]:
    """USUBJID -> CRS, of infused participants; an assessment that could not be graded leaves the grade unknown."""
    episodes = select_episodes(adae, "CRS")
    courses = {}
    for usubjid in adsl.filter(pl.col("SAFFL") == "Y")["USUBJID"].to_list():
        own = episodes.filter(pl.col("USUBJID") == usubjid).sort("ASTDY", nulls_last=True)
        graded = own.filter(pl.col("ATOXGRN").is_not_null())
        if own.height and not graded.height:
            courses[usubjid] = CrsCourse(grade=NotEstimable("CRS could not be graded"), onset=None, end=None)
            continue
        first = next(graded.iter_rows(named=True), None)
        start = None if first is None or first["ASTDY"] is None else int(first["ASTDY"]) - 1
        end = None if first is None or first["AENDY"] is None else int(first["AENDY"]) - 1
        worst = max((int(each) for each in graded["ATOXGRN"].to_list()), default=0)
        courses[usubjid] = CrsCourse(grade=worst, onset=start, end=end)
    return courses


def derive_cytokine_peaks(adsl: pl.DataFrame, adlb: pl.DataFrame, adae: pl.DataFrame) -> tuple[CytokinePeak, ...]:
    """The peak of each cytokine that was measured, in each infused participant."""
    crs = derive_crs_courses(adsl, adae)
    return tuple(
        CytokinePeak(found=found, analyte=code, peak=compute_peak(found.profile), crs=crs[found.usubjid])
        for code in CYTOKINES
        for found in read_lab_profiles(adsl, adlb, parameter=code)
        if found.profile.samples
    )


def derive_cytokines(peaks: Sequence[CytokinePeak]) -> tuple[ResultRow, ...]:
    """By analyte and worst CRS grade: `peak` and `fold` (geometric mean, range), `day` (median), `against onset`."""
    rows: list[ResultRow] = []
    for code in dict.fromkeys(each.analyte for each in peaks):
        own = [each for each in peaks if each.analyte == code]
        for grade in sorted({each.crs.grade for each in own if isinstance(each.crs.grade, int)}):
            rows += _of_grade(code, grade, [each for each in own if each.crs.grade == grade])
    return tuple(rows)


def _of_grade(code: str, grade: int, own: list[CytokinePeak]) -> list[ResultRow]:
    peaks = summarise_geometric([_number_or_blq(each.peak) for each in own])
    folds = summarise_geometric(
        [each.peak.fold if isinstance(each.peak.fold, NotEstimable) else each.peak.fold.value for each in own]
    )
    days = [each.peak.day.value for each in own if not isinstance(each.peak.day, NotEstimable)]
    row = ResultRow(
        analysis="cytokines",
        group=f"CRS grade {grade}" if grade else "no CRS",
        category=code,
        statistic="peak",
        value=peaks.geometric_mean,
        text=_summary_text(peaks),
        n=peaks.n,
        N=len(own),
        subjects=tuple(each.found.subject for each in own),
        source=tuple(sorted({seq for each in own for seq in each.found.source})),
    )
    middle: float | NotEstimable = float(median(days)) if days else NotEstimable("no peak")
    day_text = f"{median(days):g} ({min(days):g} to {max(days):g})" if days else "–"
    return [
        row,
        replace(row, statistic="fold", value=folds.geometric_mean, text=_summary_text(folds), n=folds.n),
        replace(row, statistic="day", value=middle, text=day_text, n=len(days)),
        _against_onset(row, own),
    ]


def _number_or_blq(peak: PeakOverBaseline) -> float | Blq | NotEstimable:
    if not isinstance(peak.value, NotEstimable):
        return peak.value.value
    # every sample below the limit is a result; no sample is none
    return Blq(Decimal(0)) if peak.value.reason.startswith("below the limit") else peak.value


def _summary_text(found: GeometricSummary) -> str:
    if isinstance(found.geometric_mean, NotEstimable):
        return f"BLQ in {found.n_blq}" if found.n_blq else "–"
    ends = ["BLQ" if isinstance(each, NotEstimable) else format_number(each) for each in (found.minimum, found.maximum)]
    below = f"; {found.n_blq} BLQ" if found.n_blq else ""
    return f"{format_number(found.geometric_mean)} ({ends[0]} to {ends[1]}){below}"


def _against_onset(row: ResultRow, own: list[CytokinePeak]) -> ResultRow:
    """How many peaked before, on, and after the day their CRS began."""
    known = [
        (each.found.subject, each.peak.day.value - each.crs.onset)
        for each in own
        if each.crs.onset is not None and not isinstance(each.peak.day, NotEstimable)
    ]
    gaps = [gap for _, gap in known]
    before, same = sum(gap < 0 for gap in gaps), sum(gap == 0 for gap in gaps)
    text = f"{before} before, {same} on the day, {len(gaps) - before - same} after" if gaps else "–"
    value: float | NotEstimable = float(median(gaps)) if gaps else NotEstimable("no CRS with a day of onset")
    who = tuple(subject for subject, _ in known)
    return replace(row, statistic="against onset", value=value, text=text, n=len(gaps), subjects=who)
