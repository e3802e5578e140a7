"""What the cells did: kinetics, disease activity, B cells; individual courses first, statistics after."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from celltrial.analyses import (
    TOTAL,
    ResultRow,
    derive_b_cell_courses,
    derive_b_cell_summary,
    derive_dose_groups,
    derive_kinetics_summary,
    derive_sledai_by_visit,
    format_number,
    short_ids,
)
from celltrial.analyses.kinetics import PARAMETERS
from celltrial.missing import NotEstimable
from celltrial.reports.content import Cell, Content, Row, source_cell
from celltrial.reports.figures import CoursePoint, draw_courses
from celltrial.reports.material import Material
from celltrial.reports.sections.grids import NOBODY, index_rows, level_cells
from celltrial.reports.sections.responses import fill_responses

__all__ = ["fill_b_cells", "fill_disease", "fill_kinetics"]

_B_CELLS = "BLYCE"
# statistic, what stands in brackets behind it, the row's label
_STATISTICS = (
    ("geometric mean", "geometric CV", "geometric mean (CV)"),
    ("median", "range", "median (range)"),
    ("not estimable", "", "not estimable, because"),
)
Found = Mapping[tuple[str, str, str], ResultRow]


def fill_kinetics(material: Material) -> Content:
    """Curves, geometric statistics by level, and each participant's parameters."""
    adsl, adpc, adpp = material.adam["ADSL"], material.adam["ADPC"], material.adam["ADPP"]
    found = index_rows(derive_kinetics_summary(adsl, adpp))
    units = dict(
        adpp.filter(pl.col("AVALU").is_not_null()).select("PARAMCD", "AVALU").unique().sort("PARAMCD").iter_rows()
    )
    rows = _kinetics_rows(found, units, material.levels)
    points = list(_transgene_points(material, adpc))
    lloq = material.study.kinetics.get("lloq")
    figures = {}
    if points:
        figures["kinetics-courses"] = draw_courses(
            points,
            levels=material.levels,
            unit=f"CAR transgene, {_unit(str(material.study.kinetics.get('unit', 'copies/ug')))} (log scale)",
            caption=material.caption("CAR transgene in blood"),
            is_log=True,
            reference=float(str(lloq)) if lloq else None,
            reference_label=f"LLOQ {lloq}" if lloq else "",
            height=270,
        )
    return Content(figures=figures, tables={"kinetics-summary": rows, "kinetics-subjects": _parameter_rows(material)})


def _kinetics_rows(found: Found, units: Mapping[str, str], levels: tuple[str, ...]) -> list[Row]:
    rows = []
    for code, label in PARAMETERS.items():
        head = f"{label}, {_unit(units[code])}" if units.get(code) else label
        counts = level_cells(found, levels, code, "n")
        shown = tuple(cell if cell == NOBODY else replace(cell, text=f"n = {cell.text}") for cell in counts)
        rows.append(Row(cells=(Cell(text=head), *shown), kind="group"))
        for statistic, beside, words in _STATISTICS:
            cells = level_cells(found, levels, code, statistic)
            if all(cell == NOBODY for cell in cells) or (not beside and all(cell.text in ("0", "–") for cell in cells)):
                continue
            others = level_cells(found, levels, code, beside) if beside else cells
            both = tuple(_beside(cell, other) if beside else cell for cell, other in zip(cells, others, strict=True))
            rows.append(Row(cells=(Cell(text=words, mark="indent"), *both)))
    return rows


def _beside(cell: Cell, other: Cell) -> Cell:
    """A mean with its CV, a median with its range; alone where the other does not exist."""
    return cell if other.text == "–" else replace(cell, text=f"{cell.text} ({other.text})")


def _unit(unit: str) -> str:
    return unit.replace("/ug", "/µg").replace("day*", "day × ")


def _transgene_points(material: Material, adpc: pl.DataFrame) -> Iterator[CoursePoint]:
    levels = _levels(material)
    for row in adpc.filter(pl.col("PARAMCD") == "CARTG").iter_rows(named=True):
        day = row["ARRLT"] if row["ARRLT"] is not None else row["NRRLT"]
        if row["USUBJID"] not in levels or day is None:
            continue
        is_blq = row["BLQFL"] == "Y"
        if not is_blq and row["AVAL"] is None:
            continue
        yield CoursePoint(
            subject=short_ids([row["USUBJID"]])[0],
            level=levels[row["USUBJID"]],
            day=max(float(day), 0.0),
            value=None if is_blq else float(row["AVAL"]),
            mark="below limit" if is_blq else "value",
            limit=float(row["LLOQ"]) if row["LLOQ"] is not None else None,
        )


def _levels(material: Material) -> dict[str, str]:
    return dict(material.adam["ADSL"].filter(pl.col("SAFFL") == "Y").select("USUBJID", "TRT01A").iter_rows())


def _parameter_rows(material: Material) -> list[Row]:
    adpp = material.adam["ADPP"]
    rows = []
    for group in derive_dose_groups(material.adam["ADSL"])[:-1]:
        for subject in group.subjects:
            mine = {row["PARAMCD"]: row for row in adpp.filter(pl.col("USUBJID") == subject).iter_rows(named=True)}
            shown = ("CMAX", "TMAX", "AUC028", "CLST", "TLST", "LAMZHL")
            values = [_value(mine.get(code)) for code in shown]
            why = [f"{code}: {mine[code]['AVALRSN']}" for code in shown if code in mine and mine[code]["AVALRSN"]]
            seqs = [row["EVENTSEQ"] for row in mine.values() if row["EVENTSEQ"] is not None]
            reasons = "; ".join(why) if mine else "no sample analysed"
            rows.append(Row.of(short_ids([subject])[0], group.name, *values, reasons, source_cell(seqs)))
    return rows


def _value(row: dict[str, object] | None) -> Cell:
    if row is None or row["AVAL"] is None:
        return Cell(text="–", mark="zero")
    return Cell(text=format_number(float(str(row["AVAL"]))), title=str(row["AVALU"] or ""))


def fill_disease(material: Material) -> Content:
    """SLEDAI-2K: courses, and by visit with what is missing; then what responded (`responses.py`)."""
    adsl, adrs = material.adam["ADSL"], material.adam["ADRS"]
    results = derive_sledai_by_visit(adsl, adrs)
    found = index_rows(results)
    rows = _visit_rows(found, list(dict.fromkeys(row.category for row in results)), material.levels)
    points = list(_sledai_points(material, adrs))
    figures = {}
    if points:
        figures["sledai-courses"] = draw_courses(
            points,
            levels=material.levels,
            unit="SLEDAI-2K",
            caption=material.caption("SLEDAI-2K, individual courses"),
        )
    more = fill_responses(material)
    return Content(figures={**figures, **more.figures}, tables={"sledai-visits": rows, **more.tables})


def _visit_rows(found: Found, visits: list[str], levels: tuple[str, ...]) -> list[Row]:
    """For each visit: how many were evaluable, score and change of those, and why the others are missing."""
    rows = []
    for visit in visits:
        keys = [(group, visit, "score") for group in (*levels, TOTAL)]
        counts = (Cell(text=f"n = {found[key].n}/{found[key].N}") if key in found else NOBODY for key in keys)
        rows.append(Row(cells=(Cell(text=visit), *counts), kind="group"))
        for statistic in ("score", "change", "not evaluable"):
            cells = level_cells(found, levels, visit, statistic)
            if all(cell.text in ("0", "–") for cell in cells):
                continue
            rows.append(Row(cells=(Cell(text=statistic, mark="indent"), *cells)))
    return rows


def _sledai_points(material: Material, adrs: pl.DataFrame) -> Iterator[CoursePoint]:
    levels = _levels(material)
    for row in adrs.filter((pl.col("PARAMCD") == "SLEDAI2K") & pl.col("ADY").is_not_null()).iter_rows(named=True):
        if row["USUBJID"] not in levels:
            continue
        yield CoursePoint(
            subject=short_ids([row["USUBJID"]])[0],
            level=levels[row["USUBJID"]],
            # baseline is drawn at the infusion: its day before lymphodepletion tells nothing here
            day=max(float(row["ADY"]) - 1, 0.0),
            value=None if row["AVAL"] is None else float(row["AVAL"]),
            mark="not evaluable" if row["AVAL"] is None else "value",
        )


def fill_b_cells(material: Material) -> Content:
    """B cells: courses, and the days of depletion and return."""
    adsl, adlb = material.adam["ADSL"], material.adam["ADLB"]
    threshold = float(material.study.toxicity.b_cell_aplasia_below_per_ul)
    courses = derive_b_cell_courses(adsl, adlb, parameter=_B_CELLS, threshold=threshold)
    found = index_rows(derive_b_cell_summary(adsl, courses))
    rows = [
        Row.of(
            each.subject,
            each.level,
            "unknown" if each.baseline is None else format_number(each.baseline),
            _day(each.depleted_on),
            _day(each.returned_on),
            str(each.samples),
            "–" if each.last_day is None else f"day {each.last_day}",
            source_cell(each.source),
        )
        for each in courses
    ]
    points = list(_b_cell_points(material, adlb))
    figures = {}
    if points:
        figures["b-cell-courses"] = draw_courses(
            points,
            levels=material.levels,
            unit="CD19+ B cells, cells/µL (log scale)",
            caption=material.caption("CD19+ B cells in blood"),
            is_log=True,
            reference=threshold,
            reference_label=f"{threshold:g} cells/µL",
        )
    sentences = []
    if ("Total", "depleted", "participants") in found:
        gone, back = found["Total", "depleted", "participants"], found["Total", "returned", "participants"]
        sentences.append(
            f"B cells were gone in {gone.text} of those sampled after infusion, first on study day "
            f"{found['Total', 'depleted', 'day'].text} (median, range), and came back in {back.text} of those"
            + (f", on study day {found['Total', 'returned', 'day'].text}." if back.n else "; nobody's so far.")
        )
    rule = (
        f"Gone: first result under {threshold:g} cells/µL after infusion. Back: first later one at or above it. "
        "The threshold is the study file's (toxicity.b_cell_aplasia_below), not the public record's."
    )
    return Content(paragraphs=sentences, figures=figures, tables={"b-cells": rows}, notes={"b-cells": (rule,)})


def _day(day: int | NotEstimable) -> Cell:
    return Cell(text=str(day)) if isinstance(day, int) else Cell(text="–", note=day.reason)


def _b_cell_points(material: Material, adlb: pl.DataFrame) -> Iterator[CoursePoint]:
    levels = _levels(material)
    for row in adlb.filter((pl.col("PARAMCD") == _B_CELLS) & pl.col("ADY").is_not_null()).iter_rows(named=True):
        if row["USUBJID"] not in levels:
            continue
        text = str(row["AVALC"] or "").strip()
        is_low = text.startswith("<")
        value = None if row["AVAL"] is None or is_low or float(row["AVAL"]) <= 0 else float(row["AVAL"])
        limit = float(text.lstrip("<= ")) if is_low else 1.0 if value is None else None
        yield CoursePoint(
            subject=short_ids([row["USUBJID"]])[0],
            level=levels[row["USUBJID"]],
            day=max(float(row["ADY"]) - 1, 0.0),
            value=value,
            mark="below limit" if value is None else "value",
            limit=limit,
        )
