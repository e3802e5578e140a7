"""Each participant's course: the swimmer plot, from lymphodepletion to withdrawal or the data cut."""

from datetime import date

import polars as pl

from celltrial.analyses import select_episodes, select_reported, short_ids
from celltrial.reports.content import Content
from celltrial.reports.figures import Lane, Moment, Stretch, draw_swimmer
from celltrial.reports.material import Material
from celltrial.studyday import study_day

__all__ = ["fill_course"]


def fill_course(material: Material) -> Content:
    """The swimmer plot; nothing to draw before the first infusion."""
    infused = material.adam["ADSL"].filter((pl.col("SAFFL") == "Y") & pl.col("TRTSDT").is_not_null())
    if infused.is_empty():
        return Content(paragraphs=("Nobody has been infused yet.",))
    rows = list(infused.sort("TRT01AN", "TRTSDT", "USUBJID").iter_rows(named=True))
    cut = material.day(material.as_of)
    lanes = [_lane(row, cut) for row in rows]
    moments = [moment for row in rows for moment in _moments(row, cut)]
    figure = draw_swimmer(
        lanes,
        _stretches(material, {lane.subject: lane.end for lane in lanes}),
        [*moments, *_adverse_events(material)],
        levels=material.levels,
        window_days=material.study.dlt.window_days,
        caption=material.caption("Each participant's course"),
    )
    longest = max(lane.end for lane in lanes)
    ongoing = sum(row["EOSDT"] is None for row in rows)
    sentence = (
        f"{len(lanes)} participants were infused; {ongoing} are in follow-up, the longest for {longest - 1} days "
        "after infusion."
    )
    return Content(paragraphs=(sentence,), figures={"swimmer": figure})


def _lane(row: dict[str, object], cut: date) -> Lane:
    start, left, lymphodepletion = row["TRTSDT"], row["EOSDT"], row["LDSTDT"]
    assert isinstance(start, date)  # filtered above: polars dates or nothing
    end = left if isinstance(left, date) else cut
    first = lymphodepletion if isinstance(lymphodepletion, date) else start
    return Lane(
        subject=_id(row),
        level=str(row["TRT01A"]),
        start=study_day(first, start),
        end=study_day(end, start),
        has_dlt=row["DLTFL"] == "Y",
    )


def _moments(row: dict[str, object], cut: date) -> list[Moment]:
    lane = _lane(row, cut)
    moments = [Moment(subject=lane.subject, kind="infusion", day=1)]
    if row["LDSTDT"] is not None:
        moments.append(Moment(subject=lane.subject, kind="lymphodepletion", day=lane.start))
    ends = {"DISCONTINUED": "withdrawal", "COMPLETED": "completed"}
    moments.append(Moment(subject=lane.subject, kind=ends.get(str(row["EOSSTT"]).upper(), "ongoing"), day=lane.end))
    return moments


def _adverse_events(material: Material) -> list[Moment]:
    """DLTs, CRS and ICANS among them, and reported events of grade 3 or worse; a DLT hides no grade, it replaces it."""
    adae = material.adam["ADAE"]
    dlts = adae.filter((pl.col("DLTFL") == "Y") & pl.col("ASTDY").is_not_null())
    severe = select_reported(adae).filter(
        (pl.col("ATOXGRN") >= 3) & pl.col("ASTDY").is_not_null() & (pl.col("DLTFL").fill_null("N") != "Y")
    )
    moments = [Moment(subject=_id(row), kind="DLT", day=int(row["ASTDY"])) for row in dlts.iter_rows(named=True)]
    for row in severe.iter_rows(named=True):
        kind = "AE grade 3" if row["ATOXGRN"] == 3 else "AE grade 4 or 5"
        moments.append(Moment(subject=_id(row), kind=kind, day=int(row["ASTDY"])))
    return moments


def _stretches(material: Material, last_day: dict[str, int]) -> list[Stretch]:
    stretches = []
    for syndrome in ("CRS", "ICANS"):
        for row in select_episodes(material.adam["ADAE"], syndrome).iter_rows(named=True):
            if row["ASTDY"] is None or row["ATOXGRN"] is None:
                continue
            end = row["AENDY"] if row["AENDY"] is not None else last_day.get(_id(row), row["ASTDY"])
            stretches.append(
                Stretch(
                    subject=_id(row),
                    syndrome=syndrome,
                    grade=str(int(row["ATOXGRN"])),
                    start=int(row["ASTDY"]),
                    end=int(end),
                )
            )
    return stretches


def _id(row: dict[str, object]) -> str:
    return short_ids([str(row["USUBJID"])])[0]
