"""Laboratory toxicity: each participant's worst CTCAE grade after infusion against the grade at baseline.

A result that could not be graded is not grade 0: it is counted, with its reason. Grades come with ADLB (ATOXGRL for
low, ATOXGRH for high values), so one analyte may have two worst grades.
"""

from collections import Counter
from dataclasses import dataclass

import polars as pl

from celltrial.analyses.populations import derive_dose_groups, event_seqs, short_ids
from celltrial.analyses.results import ResultRow, format_count

__all__ = ["WorstGrade", "derive_lab_summary", "derive_worst_lab_grades"]

DIRECTIONS = {"L": "ATOXGRL", "H": "ATOXGRH"}
SEVERE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstGrade:
    """One participant, one analyte, one direction (`L` low, `H` high).

    `baseline` and `worst` are None where nothing could be graded; `not_graded` counts such results after infusion,
    with their reasons in `reasons`. `day` is the first study day of the worst grade and `source` its event.
    """

    subject: str
    level: str
    parameter: str
    label: str
    direction: str
    baseline: int | None
    worst: int | None
    day: int | None
    not_graded: int
    reasons: str
    source: tuple[int, ...]


def derive_worst_lab_grades(adsl: pl.DataFrame, adlb: pl.DataFrame) -> tuple[WorstGrade, ...]:
    """Worst grades of the infused participants, by analyte; an analyte never graded in a direction has no row there."""
    infused = adsl.filter(pl.col("SAFFL") == "Y").select("USUBJID", "TRT01A")
    found: list[WorstGrade] = []
    for direction, column in DIRECTIONS.items():
        graded = adlb.with_columns(pl.col(column).cast(pl.Int64, strict=False).alias("GRADE"))
        ever = graded.filter(pl.col("GRADE").is_not_null())["PARAMCD"].unique().to_list()
        for (subject, parameter), rows in (
            graded.filter(pl.col("PARAMCD").is_in(ever))
            .join(infused, on="USUBJID", how="semi")
            .sort("ASEQ")
            .group_by(["USUBJID", "PARAMCD"], maintain_order=True)
        ):
            level = infused.filter(pl.col("USUBJID") == subject)["TRT01A"][0]
            found.append(_worst(rows, str(subject), str(level), str(parameter), direction))
    return tuple(sorted(found, key=lambda each: (each.parameter, each.direction, each.subject)))


def _worst(rows: pl.DataFrame, subject: str, level: str, parameter: str, direction: str) -> WorstGrade:
    flagged = rows.filter(pl.col("ABLFL") == "Y")
    after = _after_infusion(rows, flagged)
    graded = after.filter(pl.col("GRADE").is_not_null())
    ungraded = after.filter(pl.col("GRADE").is_null())
    worst = graded.sort("GRADE", descending=True, maintain_order=True).head(1)
    baseline = flagged["GRADE"][0] if flagged.height else None
    reasons = Counter(str(each) for each in ungraded["ATOXRSN"].fill_null("no reason given").to_list())
    return WorstGrade(
        subject=short_ids([subject])[0],
        level=level,
        parameter=parameter,
        label=str(rows["PARAM"][0]),
        direction=direction,
        baseline=None if baseline is None else int(baseline),
        worst=int(worst["GRADE"][0]) if worst.height else None,
        day=int(worst["ADY"][0]) if worst.height else None,
        not_graded=ungraded.height,
        reasons="; ".join(f"{n} {reason}" for reason, n in sorted(reasons.items())),
        source=event_seqs(worst),
    )


def _after_infusion(rows: pl.DataFrame, baseline: pl.DataFrame) -> pl.DataFrame:
    """Results from the day of infusion on that come after the baseline; ASEQ is their order in time.

    One of the day of infusion for whom there is no baseline counts as after: no result is lost.
    """
    from_day_one = rows.filter(pl.col("ADY") >= 1)
    return from_day_one.filter(pl.col("ASEQ") > baseline["ASEQ"][0]) if baseline.height else from_day_one


def derive_lab_summary(adsl: pl.DataFrame, worst: tuple[WorstGrade, ...]) -> tuple[ResultRow, ...]:
    """By analyte, direction and dose level: participants of worst grade 3 or more, and those of them above baseline.

    Denominator: participants with a graded result after infusion. `statistic`: `grade 3 or worse`, `above baseline`;
    where the baseline could not be graded the rise counts, the cautious reading.
    """
    rows: list[ResultRow] = []
    for parameter, direction in dict.fromkeys((each.parameter, each.direction) for each in worst):
        for group in derive_dose_groups(adsl):
            members = set(short_ids(group.subjects))
            mine = [each for each in worst if (each.parameter, each.direction) == (parameter, direction)]
            graded = [each for each in mine if each.subject in members and each.worst is not None]
            severe = [each for each in graded if each.worst is not None and each.worst >= SEVERE]
            rose = [each for each in severe if each.worst is not None and each.worst > (each.baseline or 0)]
            category = f"{parameter} {direction}"
            rows.append(_counted(group.name, category, "grade 3 or worse", severe, len(graded)))
            rows.append(_counted(group.name, category, "above baseline", rose, len(graded)))
    return tuple(rows)


def _counted(group: str, category: str, statistic: str, who: list[WorstGrade], total: int) -> ResultRow:
    return ResultRow(
        analysis="laboratory",
        group=group,
        category=category,
        statistic=statistic,
        value=float(len(who)),
        text=format_count(len(who), total),
        n=len(who),
        N=total,
        subjects=tuple(each.subject for each in who),
        source=tuple(seq for each in who for seq in each.source),
    )
