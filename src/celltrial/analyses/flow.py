"""Participant flow: from consent to the end of follow-up, with everyone who left and why (CONSORT style).

Everyone who consented is counted at each step; nobody drops out of the figure. Source of the layout: CONSORT 2010
flow diagram (Schulz et al., BMJ 2010;340:c332), for one arm.
"""

from dataclasses import replace

import polars as pl

from celltrial.analyses.populations import Group, count_participants
from celltrial.analyses.results import ResultRow

__all__ = ["STEPS", "derive_flow"]

_ANALYSIS = "flow"
_NOT_REACHED = pl.col("TRTSDT").is_null()
_LEFT = pl.col("EOSSTT") == "DISCONTINUED"
_FAILED = pl.col("DCSREAS").fill_null("").str.to_lowercase() == "screen failure"

# the main line of the figure, each step with who is counted
STEPS: dict[str, pl.Expr] = {
    "consented": pl.lit(True),
    "enrolled": pl.col("ENRLFL") == "Y",
    "lymphodepleted": pl.col("LDSTDT").is_not_null(),
    "infused": pl.col("SAFFL") == "Y",
    "DLT-evaluable": pl.col("DLTEVLFL") == "Y",
}
_SIDE: dict[str, pl.Expr] = {
    "screen failure": _FAILED & (pl.col("ENRLFL") != "Y"),
    "left before enrolment": _LEFT & ~_FAILED & (pl.col("ENRLFL") != "Y"),
    "in screening": ~_LEFT & (pl.col("ENRLFL") != "Y"),
    "enrolled, not infused, left": (pl.col("ENRLFL") == "Y") & _NOT_REACHED & _LEFT,
    "enrolled, awaiting infusion": (pl.col("ENRLFL") == "Y") & _NOT_REACHED & ~_LEFT,
    "not DLT-evaluable": (pl.col("SAFFL") == "Y") & (pl.col("DLTEVLFL") == "N"),
    "DLT window not adjudicated": (pl.col("SAFFL") == "Y") & (pl.col("DLTEVLFL").fill_null("").str.len_chars() == 0),
    "withdrawn after infusion": (pl.col("SAFFL") == "Y") & _LEFT,
    "completed": (pl.col("SAFFL") == "Y") & (pl.col("EOSSTT") == "COMPLETED"),
    "ongoing": (pl.col("SAFFL") == "Y") & ~_LEFT & (pl.col("EOSSTT").fill_null("") != "COMPLETED"),
}


def derive_flow(adsl: pl.DataFrame, failed_criteria: dict[str, tuple[str, ...]]) -> tuple[ResultRow, ...]:
    """Participants at each step and beside it; screen failures also by the criterion that was not met.

    Args:
        adsl: one row a consented candidate.
        failed_criteria: for each subject (short id) that failed screening, the criteria not met; a participant with
            two is counted under both, so these counts may add up to more than the screen failures.
    """
    everyone = Group(name="all", subjects=tuple(adsl["USUBJID"].to_list()))
    rows = [
        count_participants(adsl.filter(condition.fill_null(False)), everyone, analysis=_ANALYSIS, category=category)
        for category, condition in (STEPS | _SIDE).items()
    ]
    failures = next(row for row in rows if row.category == "screen failure")
    criteria = sorted({each for subject in failures.subjects for each in failed_criteria.get(subject, ())})
    for criterion in criteria:
        who = tuple(each for each in failures.subjects if criterion in failed_criteria.get(each, ()))
        rows.append(
            replace(failures, statistic=criterion, value=float(len(who)), text=str(len(who)), n=len(who), subjects=who)
        )
    return tuple(rows) + _reasons(adsl, everyone)


def _reasons(adsl: pl.DataFrame, everyone: Group) -> tuple[ResultRow, ...]:
    """Withdrawals after infusion, by reason."""
    left = adsl.filter(_SIDE["withdrawn after infusion"].fill_null(False))
    rows = []
    for reason in sorted({str(each) for each in left["DCSREAS"].drop_nulls().to_list()}):
        row = count_participants(
            left.filter(pl.col("DCSREAS") == reason), everyone, analysis=_ANALYSIS, category="withdrawn after infusion"
        )
        rows.append(replace(row, statistic=reason))
    return tuple(rows)
