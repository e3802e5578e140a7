"""Each organ's course: toxicity and lupus activity in the same lanes, and the worst of each organ in a table."""

import polars as pl

from celltrial.analyses import short_ids
from celltrial.analyses.organs import (
    ORGANS,
    OrganActivity,
    OrganToxicity,
    derive_organ_activity,
    derive_organ_toxicity,
)
from celltrial.reports.content import Cell, Content, Row, source_cell
from celltrial.reports.figures.organ_lanes import LaneActivity, LaneToxicity, draw_organ_lanes
from celltrial.reports.material import Material

__all__ = ["fill_organs"]


def fill_organs(material: Material) -> Content:
    """The lanes of every infused participant, and the worst grade of each organ; nothing before the first infusion."""
    adsl = material.adam["ADSL"]
    infused = adsl.filter(pl.col("SAFFL") == "Y").sort("TRT01AN", "TRTSDT", "USUBJID")
    if infused.is_empty():
        return Content(paragraphs=("Nobody has been infused yet.",))
    toxicity = derive_organ_toxicity(adsl, material.adam["ADAE"], material.adam["ADLB"])
    activity = derive_organ_activity(adsl, material.adam["ADRS"])
    panels = {
        short_ids([usubjid])[0]: f"{short_ids([usubjid])[0]}  {level}"
        for usubjid, level in infused.select("USUBJID", "TRT01A").iter_rows()
    }
    lasts = _last_days(material, infused)
    figure = draw_organ_lanes(
        panels,
        [_lane(each, lasts) for each in toxicity],
        _activity_lanes(activity),
        organs=ORGANS,
        caption=material.caption("Each organ's course"),
    )
    return Content(
        paragraphs=(_sentence(toxicity, len(panels)),),
        figures={"organ-lanes": figure},
        tables={"organ-worst": [_worst_row(organ, panels, toxicity, activity) for organ in ORGANS]},
    )


def _last_days(material: Material, infused: pl.DataFrame) -> dict[str, int]:
    """The last study day of each participant: the end of participation, else the data cut."""
    cut = material.day(material.as_of)
    return {
        short_ids([usubjid])[0]: ((ended or cut) - start).days + 1
        for usubjid, start, ended in infused.select("USUBJID", "TRTSDT", "EOSDT").iter_rows()
        if start is not None
    }


def _lane(each: OrganToxicity, lasts: dict[str, int]) -> LaneToxicity:
    end = each.end if each.end is not None else lasts.get(each.subject, each.start)
    return LaneToxicity(
        subject=each.subject,
        organ=each.organ,
        kind=each.kind,
        term=each.term,
        grade="not graded" if each.grade is None else str(each.grade),
        start=max(each.start - 1, 0),
        end=max(end - 1, each.start - 1, 0),
        is_ongoing=each.end is None,
    )


def _activity_lanes(activity: tuple[OrganActivity, ...]) -> list[LaneActivity]:
    """Assessments with points; the baseline is drawn at the infusion."""
    summed: dict[tuple[str, str, int], int] = {}
    for each in activity:
        if each.points:
            key = (each.subject, each.organ, max(each.day - 1, 0))
            summed[key] = summed.get(key, 0) + each.points
    return [
        LaneActivity(subject=subject, organ=organ, day=day, points=points)
        for (subject, organ, day), points in summed.items()
    ]


def _sentence(toxicity: tuple[OrganToxicity, ...], infused: int) -> str:
    severe = [each for each in toxicity if each.grade is not None and each.grade >= 3]
    ungraded = sum(each.grade is None for each in toxicity)
    people = len({each.subject for each in severe})
    organs = ", ".join(organ for organ in ORGANS if any(each.organ == organ for each in severe)) or "none"
    text = f"Grade 3 or worse occurred in {people} of {infused} participants; organs: {organs}."
    return text + (f" {ungraded} events are without a grade; they are drawn, not counted." if ungraded else "")


def _worst_row(
    organ: str, panels: dict[str, str], toxicity: tuple[OrganToxicity, ...], activity: tuple[OrganActivity, ...]
) -> Row:
    """How many had toxicity of the organ, its worst grade, lupus activity before and toxicity in the same organ."""
    mine = [each for each in toxicity if each.organ == organ]
    graded = [each for each in mine if each.grade is not None]
    worst = max((each.grade or 0 for each in graded), default=0)
    at_worst = sorted({each.subject for each in graded if each.grade == worst}) if worst else []
    # an episode and the event reported for it bear the same name in other letters
    terms = {each.term.casefold(): each.term.capitalize() for each in graded if each.grade == worst} if worst else {}
    before = {each.subject: each.points for each in activity if each.organ == organ and each.is_baseline}
    active = {subject for subject, points in before.items() if points}
    both = active & {each.subject for each in mine}
    unknown = len(panels) - len(before)
    has_activity = any(each.organ == organ for each in activity)
    return Row(
        cells=(
            Cell(text=organ),
            Cell(text=f"{len({each.subject for each in mine})}/{len(panels)}"),
            Cell(text=str(worst) if worst else "–"),
            Cell(text=", ".join(at_worst) or "–"),
            Cell(text="; ".join(sorted(terms.values())) or "–"),
            Cell(text=_active_text(len(active), unknown) if has_activity else "–"),
            Cell(text=f"{len(both)} of {len(active)}" if active else "–"),
            source_cell(seq for each in graded if each.grade == worst and worst for seq in each.source),
        )
    )


def _active_text(active: int, unknown: int) -> str:
    return f"{active} ({unknown} not known)" if unknown else str(active)
