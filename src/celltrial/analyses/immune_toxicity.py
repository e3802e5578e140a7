"""CRS and ICANS by ASTCT grade: participants by worst grade, onset and duration, by dose level received.

Denominator: the safety set. One row of ADAE an episode (AECAT = ASTCT), graded from the bedside assessments.
Source of the grades: Lee et al., Biol Blood Marrow Transplant 2019;25:625 (ASTCT consensus).
"""

from dataclasses import replace
from statistics import median

import polars as pl

from celltrial.analyses.populations import Group, count_participants, derive_dose_groups, event_seqs, short_ids
from celltrial.analyses.results import ResultRow
from celltrial.missing import NotEstimable

__all__ = ["SYNDROMES", "derive_immune_toxicity", "select_episodes"]

SYNDROMES: dict[str, str] = {"CRS": "Cytokine release syndrome", "ICANS": "Neurotoxicity (ICANS)"}
_ANALYSIS = "immune_toxicity"
# the terms an episode may carry in ADAE, upper case
_TERMS = {
    "CRS": ("CRS", "CYTOKINE RELEASE SYNDROME"),
    "ICANS": ("ICANS", "IMMUNE EFFECTOR CELL-ASSOCIATED NEUROTOXICITY SYNDROME"),
}


def select_episodes(adae: pl.DataFrame, syndrome: str) -> pl.DataFrame:
    """The ASTCT episodes of one syndrome (`CRS` or `ICANS`)."""
    return adae.filter(
        (pl.col("AECAT") == "ASTCT") & pl.col("AEDECOD").str.to_uppercase().is_in(list(_TERMS[syndrome]))
    )


def derive_immune_toxicity(adsl: pl.DataFrame, adae: pl.DataFrame) -> tuple[ResultRow, ...]:
    """For CRS and ICANS: `any`, `grade 1` ... `grade 5` (worst of each participant), `onset day`, `duration`."""
    rows: list[ResultRow] = []
    for syndrome in SYNDROMES:
        episodes = select_episodes(adae, syndrome)
        for group in derive_dose_groups(adsl):
            rows += _participants(episodes, group, syndrome)
            rows.append(_spread(episodes, group, syndrome, "onset day", pl.col("ASTDY")))
            rows.append(_spread(episodes, group, syndrome, "duration", pl.col("AENDY") - pl.col("ASTDY") + 1))
    return tuple(rows)


def _participants(episodes: pl.DataFrame, group: Group, syndrome: str) -> list[ResultRow]:
    worst = episodes.sort("ATOXGRN", descending=True, nulls_last=True).unique(
        subset=["USUBJID"], keep="first", maintain_order=True
    )
    found = count_participants(worst, group, analysis=_ANALYSIS, category=syndrome)
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
