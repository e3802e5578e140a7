"""Laboratory toxicity: worst grades, those that are severe and new, and the courses of counts and organ function."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from celltrial.analyses import TOTAL, WorstGrade, derive_lab_summary, derive_worst_lab_grades
from celltrial.reports.content import Cell, Content, Row
from celltrial.reports.figures import LabCell, draw_lab_grades
from celltrial.reports.figures.organs import OrganPoint, draw_organ_courses
from celltrial.reports.material import Material
from celltrial.reports.sections.grids import index_rows, level_cells

__all__ = ["fill_laboratory"]

_DIRECTIONS = {"L": "low", "H": "high"}
# the courses a committee looks at first: counts, liver, kidney, inflammation
_COURSES = ("NEUT", "PLAT", "HGB", "ALT", "CREAT", "FERRITIN")


def fill_laboratory(material: Material) -> Content:
    """The figure of worst grades, the table of severe new ones, and the courses."""
    adsl, adlb = material.adam["ADSL"], material.adam["ADLB"]
    worst = derive_worst_lab_grades(adsl, adlb)
    if not worst:
        return Content(paragraphs=("No laboratory result has been graded yet.",))
    seen = tuple(each for each in worst if _is_worth_a_row(each, worst))
    subjects = list(dict.fromkeys(row.subject for row in sorted(worst, key=lambda row: (row.level, row.subject))))
    cells = [
        LabCell(
            subject=each.subject,
            level=each.level,
            row=_label(each),
            grade="?" if each.worst is None else str(each.worst),
            was="?" if each.baseline is None else str(each.baseline),
        )
        for each in seen
    ]
    figures = {
        "lab-grades": draw_lab_grades(
            cells, subjects=subjects, caption=material.caption("Worst laboratory grade after infusion")
        )
    }
    points = _points(material)
    if points:
        figures["lab-courses"] = draw_organ_courses(
            points, levels=material.levels, caption=material.caption("Blood counts and organ function")
        )
    ungraded = sum(each.not_graded for each in worst)
    graded = len({(each.parameter, each.direction) for each in worst})
    sentences = [f"{graded} analytes and directions are graded; those never above grade 0 in anyone are not drawn."]
    if ungraded:
        reasons = "; ".join(dict.fromkeys(each.reasons for each in worst if each.reasons))
        sentences.append(
            f"{ungraded} results after infusion could not be graded ({reasons}); they are not counted as grade 0."
        )
    return Content(paragraphs=sentences, figures=figures, tables={"lab-summary": _summary_rows(material, seen)})


def _is_worth_a_row(one: WorstGrade, worst: Sequence[WorstGrade]) -> bool:
    return any(
        each.worst is None or each.worst > 0
        for each in worst
        if (each.parameter, each.direction) == (one.parameter, one.direction)
    )


def _label(each: WorstGrade) -> str:
    name = each.label.split("(")[0].strip()
    return f"{name}, {_DIRECTIONS[each.direction]}"


def _summary_rows(material: Material, worst: tuple[WorstGrade, ...]) -> list[Row]:
    results = derive_lab_summary(material.adam["ADSL"], worst)
    found = index_rows(results)
    labels = {f"{each.parameter} {each.direction}": _label(each) for each in worst}
    rows = []
    for category in dict.fromkeys(row.category for row in results):
        cells = level_cells(found, material.levels, category, "grade 3 or worse")
        if all(cell.mark == "zero" for cell in cells):
            continue
        rose = [found.get((group, category, "above baseline")) for group in (*material.levels, TOTAL)]
        both = [
            replace(cell, text=f"{cell.text} [{row.n}]") if row and cell.mark != "zero" else cell
            for cell, row in zip(cells, rose, strict=True)
        ]
        rows.append(Row(cells=(Cell(text=labels[category]), *both)))
    return rows


def _points(material: Material) -> list[OrganPoint]:
    adlb = material.adam["ADLB"].filter(pl.col("PARAMCD").is_in(list(_COURSES)) & pl.col("AVAL").is_not_null())
    infused = material.adam["ADSL"].filter(pl.col("SAFFL") == "Y").select("USUBJID", "TRT01A")
    levels = dict(infused.iter_rows())
    return [
        OrganPoint(
            subject=row["USUBJID"],
            level=levels[row["USUBJID"]],
            analyte=row["PARAM"],
            day=int(row["ADY"]) - 1 if row["ADY"] > 0 else int(row["ADY"]),
            value=float(row["AVAL"]),
        )
        for code in _COURSES
        for row in adlb.filter(pl.col("PARAMCD") == code).sort("USUBJID", "ADY").iter_rows(named=True)
        if row["USUBJID"] in levels and row["ADY"] is not None and row["ADY"] >= -7
    ]
