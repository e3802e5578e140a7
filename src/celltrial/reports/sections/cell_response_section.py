"""The section's figures from its results, and the section."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from celltrial.analyses.cell_profiles import SubjectProfile, read_cell_profiles, read_lab_profiles
from celltrial.analyses.cytokines import CrsCourse, derive_crs_courses
from celltrial.analyses.exposure_response import EXPOSURES, response_pairs
from celltrial.analyses.kinetics import PARAMETERS, compute_geometric_mean
from celltrial.analyses.populations import derive_dose_groups, short_ids
from celltrial.kinetics import compute_geometric_interval
from celltrial.missing import Blq, NotEstimable
from celltrial.reports.content import Content
from celltrial.reports.figures import CoursePoint
from celltrial.reports.figures.exposure_outcome import ExposurePoint, draw_exposure_outcome
from celltrial.reports.figures.individual import Spell, draw_individual_courses
from celltrial.reports.figures.parameter_forest import ForestValue, LevelMean, draw_parameter_forest
from celltrial.reports.figures.survival import draw_survival
from celltrial.reports.figures.theme import Spec
from celltrial.reports.material import Material
from celltrial.reports.sections.cell_response import CellResponse

__all__ = ["fill_cell_response"]

_FOREST = ("CMAX", "AUC028", "AUCLST", "TMAX", "TLST", "LAMZHL")


def fill_cell_response(material: Material) -> Content:
    """Persistence, pharmacodynamics, exposure-response and doubts, with their figures."""
    found = CellResponse(material)
    figures = {name: spec for name, spec in _figures(material, found) if spec is not None}
    return Content(paragraphs=found.sentences(), figures=figures, tables=found.tables())


def _figures(material: Material, found: CellResponse) -> Iterator[tuple[str, Spec | None]]:
    adsl, levels = material.adam["ADSL"], material.levels
    crs = derive_crs_courses(adsl, material.adam["ADAE"])
    spells = _spells(crs)
    cells = read_cell_profiles(adsl, material.adam["ADPC"])
    unit = str(material.study.kinetics.get("unit", "copies/ug")).replace("/ug", "/µg")
    lloq = material.study.kinetics.get("lloq")
    if points := list(_points(cells)):
        yield (
            "kinetics-individual",
            draw_individual_courses(
                points,
                levels=levels,
                unit=unit,
                caption=material.caption("CAR transgene in blood, participant by participant"),
                spells=spells,
                reference=float(str(lloq)) if lloq else None,
            ),
        )
    yield "kinetics-forest", _forest(material)
    for name, people, title, words in (
        ("persistence-curve", found.persistence_times, "Transgene still found", "Persistence of the transgene"),
        ("b-cell-return", found.return_times, "B cells not back", "Without B cells"),
    ):
        if people:
            yield name, draw_survival(people, levels=levels, title=title, caption=material.caption(words))
    cytokine = read_lab_profiles(adsl, material.adam["ADLB"], parameter="INTLK6")
    if points := [each for each in _points(cytokine) if each.day <= 28]:
        caption = material.caption("Interleukin 6 and cytokine release")
        yield (
            "cytokine-courses",
            draw_individual_courses(points, levels=levels, unit="IL-6, ng/L", caption=caption, spells=spells),
        )
    yield "exposure-crs", _exposure_crs(material, found)


def _spells(crs: Mapping[str, CrsCourse]) -> list[Spell]:
    return [
        Spell(subject=short_ids([who])[0], start=each.onset, end=each.end, grade=str(each.grade))
        for who, each in crs.items()
        if each.onset is not None and isinstance(each.grade, int)
    ]


def _points(profiles: Sequence[SubjectProfile]) -> Iterator[CoursePoint]:
    """The results; of those at or before the infusion only the last, which is the baseline."""
    for found in profiles:
        baseline = max((each.day for each in found.profile.samples if each.day <= 0), default=0.0)
        for sample in found.profile.samples:
            if sample.value is None or sample.day < baseline:
                continue
            limit = float(sample.value.lloq) if isinstance(sample.value, Blq) else sample.lloq
            is_low = isinstance(sample.value, Blq) or sample.value <= 0
            yield CoursePoint(
                subject=found.subject,
                level=found.level,
                day=sample.day,
                value=None if isinstance(sample.value, Blq) or is_low else float(sample.value),
                mark="below limit" if is_low else "value",
                limit=limit or 1.0 if is_low else limit,
            )


def _forest(material: Material) -> Spec | None:
    adsl, adpp = material.adam["ADSL"], material.adam["ADPP"]
    values: list[ForestValue] = []
    means: list[LevelMean] = []
    for code in _FOREST:
        own = adpp.filter((pl.col("PARAMCD") == code) & (pl.col("AVAL") > 0))
        unit = next((str(each) for each in own["AVALU"].to_list() if each), "")
        name = f"{PARAMETERS[code]}, {unit}".replace("/ug", "/µg").replace("day*", "day × ")
        for group in derive_dose_groups(adsl):
            mine = own.filter(pl.col("USUBJID").is_in(group.subjects))
            numbers = [float(each) for each in mine["AVAL"].to_list()]
            mean = compute_geometric_mean(numbers)
            if isinstance(mean, NotEstimable):
                continue
            ends = compute_geometric_interval(numbers)
            low, high = (None, None) if isinstance(ends, NotEstimable) else ends
            means.append(LevelMean(parameter=name, level=group.name, n=len(numbers), mean=mean, low=low, high=high))
            values += [ForestValue(parameter=name, level=group.name, value=each) for each in numbers]
    if not means:
        return None
    caption = material.caption("Kinetic parameters by dose level")
    return draw_parameter_forest(values, means, levels=material.levels, caption=caption)


def _exposure_crs(material: Material, found: CellResponse) -> Spec | None:
    adsl, adpp = material.adam["ADSL"], material.adam["ADPP"]
    outcome = next(each for each in found.outcomes if each.key == "crs grade")
    level_of = dict(adsl.filter(pl.col("SAFFL") == "Y").select("USUBJID", "TRT01A").iter_rows())
    points: list[ExposurePoint] = []
    for code in ("CMAX", "AUC028"):
        unit = next((str(each) for each in adpp.filter(pl.col("PARAMCD") == code)["AVALU"].to_list() if each), "")
        name = f"{EXPOSURES[code]}, {unit}".replace("/ug", "/µg").replace("day*", "day × ")
        for who, value, grade in response_pairs(adpp, code, outcome):
            points.append(
                ExposurePoint(
                    parameter=name,
                    subject=short_ids([who])[0],
                    level=str(level_of[who]),
                    exposure=value,
                    outcome=_grade_name(grade),
                )
            )
    if not points:
        return None
    highest = max(int(grade) for grade in outcome.values.values())
    names = [_grade_name(grade) for grade in range(highest + 1)]
    caption = material.caption("Exposure and worst CRS grade")
    return draw_exposure_outcome(points, levels=material.levels, outcomes=names, title="Worst CRS", caption=caption)


def _grade_name(grade: float) -> str:
    return f"grade {grade:g}" if grade else "no CRS"
