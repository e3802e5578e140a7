"""Toxicities of cell therapy: syndromes by grade, blood counts, immunoglobulin, infections, LICATS for adjudication."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from celltrial.analyses import (
    SYNDROMES,
    CountGrade,
    ResultRow,
    derive_count_grades,
    derive_haematotoxicity,
    derive_igg_courses,
    derive_igg_summary,
    derive_immune_toxicity,
    derive_infections,
    short_ids,
)
from celltrial.analyses.haematotoxicity import WINDOWS
from celltrial.analyses.hypogammaglobulinaemia import IggCourse
from celltrial.analyses.infections import ANY_TIME, INFECTION_WINDOWS, UNKNOWN_WINDOW
from celltrial.codes import SubjectId
from celltrial.record.toxicity import LicatsProposal, immunoglobulin_days, propose_licats
from celltrial.reports.content import Cell, Content, Row, source_cell
from celltrial.reports.figures.counts import CountPoint, draw_counts
from celltrial.reports.figures.theme import Spec
from celltrial.reports.material import Material
from celltrial.reports.sections.grids import index_rows, level_cells

__all__ = ["fill_cell_toxicity"]

_GRADES = tuple(f"grade {grade}" for grade in range(5))
# cells per litre of the data sets to the unit of the axis
_PER_UL, _PER_LITRE = 1000.0, 1.0


def fill_cell_toxicity(material: Material) -> Content:
    """All tables of the section, and the figure of counts where anyone has been infused."""
    adsl, adae, adlb = material.adam["ADSL"], material.adam["ADAE"], material.adam["ADLB"]
    infused = adsl.filter(pl.col("SAFFL") == "Y").sort("TRT01AN", "TRTSDT", "USUBJID")
    if infused.is_empty():
        return Content(paragraphs=("Nobody has been infused yet.",))
    subjects = [SubjectId(each) for each in short_ids(infused["USUBJID"].to_list())]
    late_last_day = material.study.toxicity.icaht.late_last_day
    grades = derive_count_grades(adsl, adae, adlb, late_last_day=late_last_day)
    given = {
        usubjid: immunoglobulin_days(material.study, material.state, subject)
        for usubjid, subject in zip(infused["USUBJID"].to_list(), subjects, strict=True)
    }
    limit = material.study.toxicity.igg_replacement_below_g_l
    igg = derive_igg_courses(adsl, adlb, given, replacement_below_g_l=limit)
    proposals = [each for who in subjects for each in propose_licats(material.study, material.state, who)]
    figure = _figure(material, infused, grades)
    return Content(
        paragraphs=(_igg_sentence(derive_igg_summary(adsl, igg), f"{limit:f}"), _licats_sentence(proposals)),
        tables={
            "immune": _immune_rows(derive_immune_toxicity(adsl, adae), material.levels),
            "haematotoxicity": _count_rows(derive_haematotoxicity(adsl, grades), material.levels),
            "igg": [_igg_row(each) for each in igg],
            "infections": _infection_rows(derive_infections(adsl, adae), material.levels),
            "licats": [_licats_row(each) for each in proposals if _is_worth_a_row(each)],
        },
        figures={"count-courses": figure} if figure else {},
        notes={"immune": tuple(_ungraded_notes(adae)), "haematotoxicity": tuple(_count_notes(grades))},
    )


def _immune_rows(results: Sequence[ResultRow], levels: tuple[str, ...]) -> list[Row]:
    found = index_rows(results)
    rows = []
    for syndrome in dict.fromkeys(row.category for row in results):
        anyone = level_cells(found, levels, syndrome, "any")
        rows.append(Row(cells=(Cell(text=SYNDROMES[syndrome]), *anyone), kind="group"))
        shown = [*(f"grade {grade}" for grade in range(1, 6)), "not graded"]
        for statistic in shown:
            cells = level_cells(found, levels, syndrome, statistic)
            if not all(cell.mark == "zero" for cell in cells):
                label = f"worst {statistic}" if statistic != "not graded" else statistic
                rows.append(Row(cells=(Cell(text=label, mark="indent"), *cells)))
        if all(cell.mark == "zero" for cell in anyone):
            continue
        for statistic in ("onset day", "duration"):
            label = "onset, study day: median (range)" if statistic == "onset day" else "days: median (range)"
            rows.append(Row(cells=(Cell(text=label, mark="indent"), *level_cells(found, levels, syndrome, statistic))))
    return rows


def _ungraded_notes(adae: pl.DataFrame) -> Iterator[str]:
    for row in adae.filter(pl.col("AECAT").is_in(["ASTCT", "MAGIC"]) & pl.col("ATOXRSN").is_not_null()).iter_rows(
        named=True
    ):
        yield f"{short_ids([row['USUBJID']])[0]}, {str(row['AEDECOD']).capitalize()}: {row['ATOXRSN']}."


def _count_rows(results: Sequence[ResultRow], levels: tuple[str, ...]) -> list[Row]:
    found = index_rows(results)
    rows = []
    for window in WINDOWS:
        rows.append(Row(cells=(Cell(text=window.label), *(Cell(text="") for _ in (*levels, ""))), kind="group"))
        for statistic in (*_GRADES, "not gradable"):
            cells = level_cells(found, levels, window.label, statistic)
            if not all(cell.mark == "zero" for cell in cells):
                rows.append(Row(cells=(Cell(text=statistic, mark="indent"), *cells)))
    return rows


def _count_notes(grades: Sequence[CountGrade]) -> Iterator[str]:
    """Who has no grade and why, one line a reason."""
    who: dict[str, list[str]] = {}
    for each in grades:
        if each.grade is None:
            who.setdefault(f"{each.window}: {each.reason}", []).append(each.subject)
    for reason, subjects in who.items():
        yield f"No grade, {', '.join(subjects)}. {reason}."


def _igg_row(each: IggCourse) -> Row:
    under = each.is_under_replacement
    return Row.of(
        each.subject,
        each.level,
        "unknown" if each.baseline is None else f"{each.baseline:.3g}",
        Cell(
            text=each.nadir or "–",
            note="shortly after immunoglobulin" if each.is_nadir_masked else "",
            mark="watch" if under else "",
        ),
        "–" if each.nadir_day is None else str(each.nadir_day),
        each.band or "no sample after infusion",
        Cell(text=", ".join(f"day {day}" for day in each.doses) or "none"),
        Cell(text=each.recovered or "–", note="; ".join(each.flags)),
        source_cell(each.source),
    )


def _igg_sentence(results: Sequence[ResultRow], limit: str) -> str:
    found = index_rows(results)
    low, under, given = (
        found["Total", category, "participants"]
        for category in ("low", "under replacement limit", "immunoglobulin given")
    )
    return (
        f"IgG fell under the lower limit in {low.text} of those sampled after infusion, under {limit} g/L, the study's "
        f"limit for replacement, in {under.text}; immunoglobulin was given to {given.text}."
    )


def _infection_rows(results: Sequence[ResultRow], levels: tuple[str, ...]) -> list[Row]:
    found = index_rows(results)
    rows = []
    labels = {ANY_TIME: ANY_TIME, **{each: f"Began on day {each}" for each in INFECTION_WINDOWS}}
    for window, label in {**labels, UNKNOWN_WINDOW: UNKNOWN_WINDOW}.items():
        anyone = level_cells(found, levels, window)
        events = level_cells(found, levels, window, "events")
        is_empty = all(cell.mark == "zero" for cell in anyone)
        if window == UNKNOWN_WINDOW and is_empty:
            continue
        both = [
            cell if cell.mark == "zero" else replace(cell, text=f"{cell.text} [{other.text}]")
            for cell, other in zip(anyone, events, strict=True)
        ]
        rows.append(Row(cells=(Cell(text=label), *both), kind="group"))
        for statistic, words in (("severe", "severe"), ("not known", "severity not known")):
            cells = level_cells(found, levels, window, statistic)
            if (statistic == "severe" and not is_empty) or not all(cell.mark == "zero" for cell in cells):
                rows.append(Row(cells=(Cell(text=words, mark="indent"), *cells)))
    return rows


def _is_worth_a_row(each: LicatsProposal) -> bool:
    return each.recorded != "no" or each.flag.answer == "yes"


def _licats_row(each: LicatsProposal) -> Row:
    body = each.entry.body
    differs = each.agreement == "differ"
    deciding = [part for part in each.flag.conditions if part.answer != "yes"]
    why = "; ".join(f"{part.name}: {part.answer} ({part.reason})" for part in deciding) or "every feature holds"
    return Row.of(
        str(each.subject),
        Cell(text=body.term, note=f"AE {body.number}, grade {body.grade}"),
        "?" if each.day is None else str(each.day + 1 if each.day >= 0 else each.day),
        ", ".join(each.flag.organs) or "–",
        Cell(text=each.flag.answer, mark="watch" if differs else ""),
        Cell(text=each.recorded, mark="watch" if differs else ""),
        each.b_cells.state,
        why,
        source_cell([each.entry.seq]),
    )


def _licats_sentence(proposals: Sequence[LicatsProposal]) -> str:
    differ = [each for each in proposals if each.agreement == "differ"]
    said = sum(each.recorded == "yes" for each in proposals)
    open_ones = sum(each.recorded == "yes" and each.flag.answer == "unknown" for each in proposals)
    text = (
        f"The investigator recorded {said} events as LICATS; the record leaves a feature open in {open_ones} of them."
    )
    if not differ:
        return f"{text} In none does it speak against the investigator."
    who = "; ".join(f"{each.subject} {each.entry.body.term}" for each in differ)
    return f"{text} For adjudication, because record and investigator differ: {who}."


def _figure(material: Material, infused: pl.DataFrame, grades: Sequence[CountGrade]) -> Spec | None:
    by_window: Mapping[tuple[str, str], str] = {
        (each.subject, each.window): "–" if each.grade is None else str(each.grade) for each in grades
    }
    levels = {short_ids([who])[0]: str(level) for who, level in infused.select("USUBJID", "TRT01A").iter_rows()}
    last = material.study.toxicity.icaht.late_last_day
    neutrophils = list(_points(material.adam["ADLB"], "NEUT", levels, _PER_UL, last))
    platelets = list(_points(material.adam["ADLB"], "PLAT", levels, _PER_LITRE, last))
    if not neutrophils and not platelets:
        return None
    titles = {
        who: (
            f"{who}  {level}\nICAHT {by_window[who, 'ICAHT, early']} / {by_window[who, 'ICAHT, late']}",
            f"{who}  {level}\nT-ICAHT {by_window[who, 'T-ICAHT, early']} / {by_window[who, 'T-ICAHT, late']}",
        )
        for who, level in levels.items()
    }
    caption = material.caption("Neutrophils and platelets after infusion")
    return draw_counts(neutrophils, platelets, titles=titles, levels=material.levels, caption=caption)


def _points(
    adlb: pl.DataFrame, parameter: str, levels: Mapping[str, str], scale: float, last_day: int
) -> Iterator[CountPoint]:
    rows = adlb.filter((pl.col("PARAMCD") == parameter) & pl.col("ADY").is_between(1, last_day + 1))
    for row in rows.sort("USUBJID", "ADY").iter_rows(named=True):
        subject = short_ids([row["USUBJID"]])[0]
        text = str(row["AVALC"] or "").strip()
        is_below = text.startswith("<") and text.lstrip("<= ").replace(".", "", 1).isdigit()
        if subject not in levels or (row["AVAL"] is None and not is_below):
            continue
        value = float(text.lstrip("<= ")) if is_below else float(row["AVAL"])
        yield CountPoint(
            subject=subject,
            level=levels[subject],
            day=int(row["ADY"]) - 1,
            value=value * scale,
            is_below=is_below or value <= 0,
        )
