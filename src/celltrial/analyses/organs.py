"""Each organ's course in each participant: what toxicity it had, how bad and how long, beside the lupus activity in it.

Two things happen in the same organ, toxicity and disease; side by side they show whether an organ that lupus had
affected is the one that reacts. Denominator: infused participants. What no row of `organs.csv` names is `Other`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from celltrial.analyses.immune_toxicity import select_episodes
from celltrial.analyses.populations import short_ids
from celltrial.safety.toxicity_terms import toxicity_kind
from celltrial.tables import read_package_table

__all__ = ["ORGANS", "OrganActivity", "OrganToxicity", "derive_organ_activity", "derive_organ_toxicity", "organ_of"]

OTHER = "Other"
_GRADES = {"ATOXGRL": "low", "ATOXGRH": "high"}
# kind of a reported term -> the episodes that are graded of it
_SYNDROMES = {"crs": "CRS", "icans": "ICANS", "iec_hs": "IEC-HS", "gvhd": "GvHD"}
# later than any study day
_OPEN_END = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganToxicity:
    """An adverse event, an episode or a laboratory result of grade 1 or more (`grade` None: could not be graded).

    start, end: study days; `end` None while it lasts, equal to `start` for a result. `kind`: `event` or `result`.
    """

    subject: str
    level: str
    organ: str
    kind: str
    term: str
    grade: int | None
    start: int
    end: int | None
    source: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganActivity:
    """SLEDAI-2K points of an organ system at an assessment; None where they could not be evaluated.

    is_baseline: the last assessment before the first infusion that could be evaluated.
    """

    subject: str
    level: str
    organ: str
    day: int
    points: int | None
    is_baseline: bool
    source: tuple[int, ...]


def organ_of(kind: str, name: str) -> str | None:
    """The organ that a term, a class, an analyte or an activity parameter belongs to; None where no row names it.

    >>> organ_of("soc", "Renal and urinary disorders"), organ_of("lab", "TRIG")
    ('Kidney', None)
    """
    return _organs().get((kind, name.casefold()))


@cache
def _organs() -> Mapping[tuple[str, str], str]:
    rows = read_package_table("celltrial.analyses", "organs.csv")
    return {(row["kind"], row["name"].casefold()): row["organ"] for row in rows}


ORGANS: tuple[str, ...] = (
    *dict.fromkeys(row["organ"] for row in read_package_table("celltrial.analyses", "organs.csv")),
    OTHER,
)


def derive_organ_toxicity(adsl: pl.DataFrame, adae: pl.DataFrame, adlb: pl.DataFrame) -> tuple[OrganToxicity, ...]:
    """Treatment-emergent events and episodes, and laboratory results graded 1 or more, of infused participants.

    An event whose day of onset is not known cannot be placed in time and is left to the listings. A report of CRS,
    ICANS, IEC-HS or GvHD is left to the episode that was graded, where one of its grade or more shares a day with it:
    nothing stands twice. A result counts from
    the day of infusion on where its grade is above the participant's own at baseline: lymphodepletion comes before.
    """
    levels = _levels(adsl)
    return (*_events(adae, levels), *_results(adlb, levels))


def derive_organ_activity(adsl: pl.DataFrame, adrs: pl.DataFrame) -> tuple[OrganActivity, ...]:
    """SLEDAI-2K by organ system at each dated assessment of infused participants."""
    levels = _levels(adsl)
    dated = adrs.filter(pl.col("ADY").is_not_null())
    return tuple(
        OrganActivity(
            subject=short_ids([row["USUBJID"]])[0],
            level=levels[row["USUBJID"]],
            organ=organ,
            day=int(row["ADY"]),
            points=None if row["AVAL"] is None else int(row["AVAL"]),
            is_baseline=row["ABLFL"] == "Y",
            source=_events_of(row),
        )
        for row in dated.iter_rows(named=True)
        if row["USUBJID"] in levels and (organ := organ_of("activity", row["PARAMCD"]))
    )


def _levels(adsl: pl.DataFrame) -> dict[str, str]:
    return dict(adsl.filter(pl.col("SAFFL") == "Y").select("USUBJID", "TRT01A").iter_rows())


def _events(adae: pl.DataFrame, levels: Mapping[str, str]) -> Iterator[OrganToxicity]:
    emergent = adae.filter((pl.col("TRTEMFL") == "Y") & pl.col("ASTDY").is_not_null())
    episodes = {
        name: list(select_episodes(emergent, label).iter_rows(named=True)) for name, label in _SYNDROMES.items()
    }
    for row in emergent.iter_rows(named=True):
        term = str(row["AEDECOD"] or row["AETERM"])
        is_graded_here = row["AECAT"] is not None
        if row["USUBJID"] not in levels or (
            not is_graded_here and _stands_already(row, episodes.get(toxicity_kind(term), []))
        ):
            continue
        yield OrganToxicity(
            subject=short_ids([row["USUBJID"]])[0],
            level=levels[row["USUBJID"]],
            organ=organ_of("term", term) or organ_of("soc", str(row["AESOC"] or "")) or OTHER,
            kind="event",
            term=term,
            grade=None if row["ATOXGRN"] is None else int(row["ATOXGRN"]),
            start=int(row["ASTDY"]),
            end=None if row["AENDY"] is None else int(row["AENDY"]),
            source=_events_of(row),
        )


def _stands_already(row: Mapping[str, Any], episodes: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of the episodes is the reported event: the same participant, its grade or more, a day in common."""
    last = _OPEN_END if row["AENDY"] is None else row["AENDY"]
    return any(
        each["USUBJID"] == row["USUBJID"]
        and each["ATOXGRN"] is not None
        and each["ATOXGRN"] >= (row["ATOXGRN"] or 0)
        and each["ASTDY"] <= last
        and (_OPEN_END if each["AENDY"] is None else each["AENDY"]) >= row["ASTDY"]
        for each in episodes
    )


def _results(adlb: pl.DataFrame, levels: Mapping[str, str]) -> Iterator[OrganToxicity]:
    for column, side in _GRADES.items():
        graded = adlb.with_columns(pl.col(column).cast(pl.Int64, strict=False).alias("GRADE"))
        before = _baseline_grades(graded)
        after = graded.filter((pl.col("ADY") >= 1) & (pl.col("GRADE") >= 1) & (pl.col("ABLFL").fill_null("") != "Y"))
        for row in after.iter_rows(named=True):
            baseline = before.get((row["USUBJID"], row["PARAMCD"])) or 0
            if row["USUBJID"] not in levels or row["GRADE"] <= baseline:
                continue
            yield OrganToxicity(
                subject=short_ids([row["USUBJID"]])[0],
                level=levels[row["USUBJID"]],
                organ=organ_of("lab", row["PARAMCD"]) or OTHER,
                kind="result",
                term=f"{row['PARAM'].split(' (')[0]}, {side}",
                grade=int(row["GRADE"]),
                start=int(row["ADY"]),
                end=int(row["ADY"]),
                source=_events_of(row),
            )


def _baseline_grades(graded: pl.DataFrame) -> Mapping[tuple[str, str], int]:
    rows = graded.filter((pl.col("ABLFL") == "Y") & pl.col("GRADE").is_not_null())
    return {(usubjid, code): grade for usubjid, code, grade in rows.select("USUBJID", "PARAMCD", "GRADE").iter_rows()}


def _events_of(row: Mapping[str, Any]) -> tuple[int, ...]:
    listed = row.get("EVENTSEQS") or ([row["EVENTSEQ"]] if row.get("EVENTSEQ") is not None else [])
    return tuple(sorted({int(seq) for seq in listed}))
