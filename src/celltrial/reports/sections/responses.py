"""Response of lupus: by visit and dose level, participant by participant, its times, and the glucocorticoid."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import polars as pl

from celltrial.analyses import (
    RESPONSES,
    TOTAL,
    ResultRow,
    derive_dose_groups,
    derive_response_by_visit,
    derive_time_to_event,
    response_key,
    short_ids,
)
from celltrial.reports.content import Cell, Content, Row, source_cell
from celltrial.reports.figures import CoursePoint, ResponseCell, draw_courses, draw_responses
from celltrial.reports.material import Material
from celltrial.reports.sections.grids import index_rows, level_cells
from celltrial.reports.shells_disease import response_visits, time_columns

__all__ = ["fill_responses"]

# the panels of the figure; the two renal responses differ too little for two
_DRAWN = tuple(code for code in RESPONSES if code != "KDIGORR")
_NOT_DONE = Cell(text="–", title="nobody was infused, or no visit has come so far", mark="zero")


def fill_responses(material: Material) -> Content:
    """The tables and figures of response; a chart without anything to draw is left out."""
    adsl, adrs, adtte = material.adam["ADSL"], material.adam["ADRS"], material.adam["ADTTE"]
    results = derive_response_by_visit(adsl, adrs)
    times = index_rows(derive_time_to_event(adsl, adtte))
    tables = {
        "response-visits": _visit_rows(index_rows(results), material),
        "first-response": _time_rows(material, adtte),
        "time-summary": _summary_rows(times, material),
    }
    figures = {}
    cells = list(_cells(material, adrs))
    if cells:
        figures["response-grid"] = draw_responses(
            cells,
            definitions=[
                RESPONSES[code] for code in _DRAWN if any(each.definition == RESPONSES[code] for each in cells)
            ],
            subjects=_infused(adsl),
            visits=response_visits(material.study),
            caption=material.caption("Response of each participant"),
        )
    doses = list(_dose_points(adsl, adrs))
    if doses:
        limits = (material.study.response.lldas.gc_max_mg, material.study.response.doris.gc_max_mg)
        high, low = (float(each) for each in limits)
        figures["glucocorticoid-courses"] = draw_courses(
            doses,
            levels=material.levels,
            unit="Prednisone-equivalent, mg/day",
            caption=material.caption("Systemic glucocorticoid at each visit"),
            reference=low,
            reference_label=f"DORIS {low:g} mg",
            more_references=[(high, f"LLDAS {high:g} mg")] if high != low else [],
        )
    return Content(figures=figures, tables=tables)


def _visit_rows(found: Mapping[tuple[str, str, str], ResultRow], material: Material) -> list[Row]:
    """For each definition a heading, then a row a level and the total, visits across."""
    visits = response_visits(material.study)
    rows: list[Row] = []
    for code, label in RESPONSES.items():
        own = [group for group in (*material.levels, TOTAL) if _has(found, group, code, visits)]
        if not own:
            continue
        rows.append(Row(cells=(Cell(text=label), *(Cell(text="") for _ in visits)), kind="group"))
        for group in own:
            cells = tuple(_visit_cell(found, group, response_key(code, visit)) for visit in visits)
            rows.append(Row(cells=(Cell(text=group, mark="indent"), *cells)))
    return rows


def _has(found: Mapping[tuple[str, str, str], ResultRow], group: str, code: str, visits: tuple[str, ...]) -> bool:
    return any((group, response_key(code, visit), "participants") in found for visit in visits)


def _visit_cell(found: Mapping[tuple[str, str, str], ResultRow], group: str, category: str) -> Cell:
    """Responders of those who could be judged; quietly below, who could not be, and of the total the interval."""
    row = found.get((group, category, "participants"))
    if row is None:
        return _NOT_DONE
    others = found[group, category, "not evaluable"]
    told = [f"responders {', '.join(row.subjects)}"] if row.subjects else []
    told += [f"not evaluable: {others.text}"] if others.n else []
    quiet = [f"{others.n} not evaluable"] if others.n else []
    if group == TOTAL and row.N:
        quiet.insert(0, found[group, category, "interval"].text)
    return Cell(text=row.text, note="; ".join(quiet), title="; ".join(told), mark="" if row.n else "zero")


def _time_rows(material: Material, adtte: pl.DataFrame) -> list[Row]:
    rows = []
    codes = time_columns(material.study)
    for group in derive_dose_groups(material.adam["ADSL"])[:-1]:
        for subject in group.subjects:
            own = adtte.filter(pl.col("USUBJID") == subject)
            mine = {row["PARAMCD"]: row for row in own.iter_rows(named=True)}
            seqs = [seq for code in codes if code in mine for seq in mine[code]["EVENTSEQS"] or ()]
            cells = [_time_cell(mine.get(code)) for code in codes]
            rows.append(Row.of(short_ids([subject])[0], group.name, *cells, source_cell(seqs)))
    return rows


def _time_cell(row: Mapping[str, Any] | None) -> Cell:
    if row is None or row["AVAL"] is None:
        return Cell(text="–", title="" if row is None else str(row["AVALRSN"]), mark="zero")
    sign = "" if row["CNSR"] == 0 else "> "
    return Cell(text=f"{sign}{row['AVAL']:g}", title=str(row["ANLNOTE"] or ""))


def _summary_rows(found: Mapping[tuple[str, str, str], ResultRow], material: Material) -> list[Row]:
    """For each time: how many had the event, and its median; a time that nobody has says so."""
    rows: list[Row] = []
    for code, label in time_columns(material.study).items():
        if not any(category == code for _, category, _ in found):
            continue
        rows.append(Row(cells=(Cell(text=label), *(Cell(text="") for _ in (*material.levels, TOTAL))), kind="group"))
        for statistic in ("events", "median", "not estimable"):
            cells = level_cells(found, material.levels, code, statistic)
            rows.append(Row(cells=(Cell(text=statistic, mark="indent"), *cells)))
    return rows


def _infused(adsl: pl.DataFrame) -> dict[str, str]:
    """Subject -> level of the infused, by level."""
    return {
        short_ids([subject])[0]: group.name for group in derive_dose_groups(adsl)[:-1] for subject in group.subjects
    }


def _cells(material: Material, adrs: pl.DataFrame) -> Iterator[ResponseCell]:
    infused, visits = _infused(material.adam["ADSL"]), response_visits(material.study)
    for row in adrs.filter(pl.col("PARAMCD").is_in(_DRAWN)).iter_rows(named=True):
        subject = short_ids([row["USUBJID"]])[0]
        if subject in infused and row["AVISIT"] in visits:
            yield ResponseCell(
                definition=RESPONSES[row["PARAMCD"]],
                subject=subject,
                visit=row["AVISIT"],
                state=_state(row),
                reason=str(row["AVALRSN"] or row["ANLRSN"] or ""),
            )


def _state(row: Mapping[str, Any]) -> Literal["met", "not met", "unknown", "not applicable"]:
    match row["AVALC"], row["EVLFL"]:
        case "Y", _:
            return "met"
        case "N", _:
            return "not met"
        case _, "N":
            return "not applicable"
        case _:
            return "unknown"


def _dose_points(adsl: pl.DataFrame, adrs: pl.DataFrame) -> Iterator[CoursePoint]:
    infused = _infused(adsl)
    for row in adrs.filter((pl.col("PARAMCD") == "GCTOT") & pl.col("ADY").is_not_null()).iter_rows(named=True):
        subject = short_ids([row["USUBJID"]])[0]
        if subject in infused:
            yield CoursePoint(
                subject=subject,
                level=infused[subject],
                # baseline is drawn at the infusion, as for SLEDAI-2K
                day=max(float(row["ADY"]) - 1, 0.0),
                value=None if row["AVAL"] is None else float(row["AVAL"]),
                mark="not evaluable" if row["AVAL"] is None else "value",
            )
