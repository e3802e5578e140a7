"""CRS, ICANS, IEC-HS and acute GvHD: participants by worst grade, onset and duration, by dose level received.

Denominator: the safety set. One row of ADAE an episode (AECAT = ASTCT, MAGIC), graded from the assessments; a row
without a grade is an assessment that could not be graded and lies in no episode.
Source of the grades: Lee 2019 (CRS, ICANS), Hines 2023 (IEC-HS), Harris 2016 (MAGIC, grades I to IV as 1 to 4).
"""

from dataclasses import replace
from statistics import median

import polars as pl

from celltrial.analyses.populations import Group, count_participants, derive_dose_groups, event_seqs, short_ids
from celltrial.analyses.results import ResultRow
from celltrial.missing import NotEstimable

__all__ = ["SYNDROMES", "derive_immune_toxicity", "select_episodes"]

SYNDROMES: dict[str, str] = {
    "CRS": "Cytokine release syndrome",
    "ICANS": "Neurotoxicity (ICANS)",
    "IEC-HS": "Hyperinflammation like HLH (IEC-HS)",
    "GvHD": "Acute graft-versus-host disease (MAGIC)",
}
_ANALYSIS = "immune_toxicity"
# the category, and the terms an episode may carry in ADAE, upper case
_TERMS = {
    "CRS": ("ASTCT", ("CRS", "CYTOKINE RELEASE SYNDROME")),
    "ICANS": ("ASTCT", ("ICANS", "IMMUNE EFFECTOR CELL-ASSOCIATED NEUROTOXICITY SYNDROME")),
    "IEC-HS": ("ASTCT", ("IMMUNE EFFECTOR CELL-ASSOCIATED HLH-LIKE SYNDROME",)),
    "GvHD": ("MAGIC", ("ACUTE GRAFT VERSUS HOST DISEASE",)),
}


def select_episodes(adae: pl.DataFrame, syndrome: str) -> pl.DataFrame:
    """The graded episodes of one syndrome (`CRS`, `ICANS`, `IEC-HS`, `GvHD`), and what of it could not be graded."""
    category, terms = _TERMS[syndrome]
    return adae.filter((pl.col("AECAT") == category) & pl.col("AEDECOD").str.to_uppercase().is_in(list(terms)))


def derive_immune_toxicity(adsl: pl.DataFrame, adae: pl.DataFrame) -> tuple[ResultRow, ...]:
    """For each syndrome: `any`, `grade 1` ... `grade 5` (worst of each participant), `onset day`, `duration`.

    `any` counts participants with an episode; who has only assessments that could not be graded is `not graded`.
    """
    rows: list[ResultRow] = []
    for syndrome in SYNDROMES:
        episodes = select_episodes(adae, syndrome)
        graded = episodes.filter(pl.col("ATOXGRN").is_not_null())
        for group in derive_dose_groups(adsl):
            rows += _participants(episodes, group, syndrome)
            rows.append(_spread(graded, group, syndrome, "onset day", pl.col("ASTDY")))
            rows.append(_spread(graded, group, syndrome, "duration", pl.col("AENDY") - pl.col("ASTDY") + 1))
    return tuple(rows)


def _participants(episodes: pl.DataFrame, group: Group, syndrome: str) -> list[ResultRow]:
    worst = episodes.sort("ATOXGRN", descending=True, nulls_last=True).unique(
        subset=["USUBJID"], keep="first", maintain_order=True
    )
    graded = worst.filter(pl.col("ATOXGRN").is_not_null())
    found = count_participants(graded, group, analysis=_ANALYSIS, category=syndrome)
    rows = [replace(found, statistic="any")]
    for grade in range(1, 6):
        row = count_participants(worst.filter(pl.col("ATOXGRN") == grade), group, analysis=_ANALYSIS, category=syndrome)
        rows.append(replace(row, statistic=f"grade {grade}"))
    ungraded = count_participants(
        worst.filter(pl.col("ATOXGRN").is_null()), group, analysis=_ANALYSIS, category=syndrome
    )
    return [*rows, replace(ungraded, statistic="not graded")]


def _spread(episodes: pl.DataFrame, group: Group, syndrome: str, statistic: str, days: pl.Expr) -> ResultRow:
    """Median and range in days over episodes; an episode without an end has no duration and is counted out."""
    mine = episodes.filter(pl.col("USUBJID").is_in(group.subjects)).with_columns(days.alias("DAYS"))
    known = mine.filter(pl.col("DAYS").is_not_null())
    values = [float(each) for each in known["DAYS"].to_list()]
    if values:
        middle: float | NotEstimable = float(median(values))
        text = f"{median(values):g} ({min(values):g} to {max(values):g})"
        if known.height < mine.height:
            text += f"; {mine.height - known.height} not ended"
    else:
        middle = NotEstimable("no episode" if mine.is_empty() else "no episode has ended")
        text = "–" if mine.is_empty() else "not ended"
    return ResultRow(
        analysis=_ANALYSIS,
        group=group.name,
        category=syndrome,
        statistic=statistic,
        value=middle,
        text=text,
        n=len(values),
        N=len(group.subjects),
        subjects=short_ids(dict.fromkeys(known["USUBJID"].to_list())),
        source=event_seqs(known),
    )
