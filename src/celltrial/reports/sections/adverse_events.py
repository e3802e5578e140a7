"""Adverse events: summary, terms by worst grade, and every severe or serious event by itself."""

from collections.abc import Mapping, Sequence

import polars as pl

from celltrial.analyses import (
    TOTAL,
    ResultRow,
    derive_ae_summary,
    derive_ae_terms,
    derive_dose_groups,
    derive_worst_grades,
    select_reported,
    short_ids,
)
from celltrial.reports.content import Cell, Content, Row, result_cell, source_cell
from celltrial.reports.figures import draw_worst_grades
from celltrial.reports.figures.theme import Spec
from celltrial.reports.material import Material
from celltrial.reports.sections.grids import NOBODY, head_row, index_rows, level_cells

__all__ = ["fill_adverse_events"]

_SHOWN_TERMS = 20


def fill_adverse_events(material: Material) -> Content:
    """All tables of the section, and the figure where anyone had an event."""
    adsl, adae = material.adam["ADSL"], material.adam["ADAE"]
    groups = derive_dose_groups(adsl)
    summary = derive_ae_summary(adsl, adae)
    figure = _figure(material, derive_worst_grades(adsl, adae), len(groups[-1].subjects))
    return Content(
        tables={
            "ae-summary": _summary_rows(summary, material.levels),
            "ae-terms": _term_rows(derive_ae_terms(adsl, adae), material.levels),
            "ae-listing": _listing(adsl, adae),
        },
        paragraphs=_unnamed_dlts(adsl, adae),
        figures={"ae-grades": figure} if figure else {},
        notes={
            "ae-summary": (
                "Participants with at least one event, n/N (%), graded by the investigator with CTCAE "
                f"{material.study.toxicity.ctcae_version}. What is graded by other scales: next section.",
            )
        },
    )


def _unnamed_dlts(adsl: pl.DataFrame, adae: pl.DataFrame) -> tuple[str, ...]:
    """Participants with an adjudicated DLT whose adjudication names no reported event."""
    named = adae.filter(pl.col("DLTFL") == "Y")["USUBJID"].to_list()
    left = adsl.filter((pl.col("DLTFL") == "Y") & ~pl.col("USUBJID").is_in(named))["USUBJID"].to_list()
    if not left:
        return ()
    who = ", ".join(short_ids(left))
    return (f"The adjudicated DLT of {who} is not linked to a reported adverse event; see the adjudication log.",)


def _summary_rows(results: Sequence[ResultRow], levels: tuple[str, ...]) -> list[Row]:
    found = index_rows(results)
    categories = dict.fromkeys(row.category for row in results)
    rows = [head_row(found, levels, next(iter(categories)))] if categories else []
    for category in categories:
        counts = level_cells(found, levels, category)
        if category == "Not graded" and all(cell.mark == "zero" for cell in counts):
            continue
        rows.append(Row(cells=(Cell(text=category), *counts)))
    events = level_cells(found, levels, next(iter(categories)), "events") if categories else ()
    return [*rows, Row(cells=(Cell(text="Number of events, any grade"), *events))] if categories else rows


def _term_rows(results: Sequence[ResultRow], levels: tuple[str, ...]) -> list[Row]:
    found = index_rows(results)
    rows = []
    for category in dict.fromkeys(row.category for row in results):
        soc, _, term = category.partition(" / ")
        cells = tuple(_any_and_severe(found, group, category) for group in (*levels, TOTAL))
        label = Cell(text=term, mark="indent") if term else Cell(text=soc)
        rows.append(Row(cells=(label, *cells), kind="" if term else "group"))
    return rows


def _any_and_severe(found: Mapping[tuple[str, str, str], ResultRow], group: str, category: str) -> Cell:
    row = found.get((group, category, "participants"))
    severe = found.get((group, category, "grade 3 or worse"))
    if row is None or severe is None:
        return NOBODY
    return result_cell(row, extra=f" [{severe.n}]" if severe.n else "")


def _figure(material: Material, results: Sequence[ResultRow], participants: int) -> Spec | None:
    totals = [row for row in results if row.group == TOTAL]
    terms = list(dict.fromkeys(row.category for row in totals))
    counts = [
        (term, {row.statistic.removeprefix("grade "): row.n for row in totals if row.category == term})
        for term in terms[:_SHOWN_TERMS]
    ]
    if not counts:
        return None
    most = f", the {_SHOWN_TERMS} most frequent of {len(terms)} terms" if len(terms) > _SHOWN_TERMS else ""
    caption = material.caption(f"Adverse events by worst grade{most}")
    return draw_worst_grades(counts, participants=participants, caption=caption)


def _listing(adsl: pl.DataFrame, adae: pl.DataFrame) -> list[Row]:
    infused = adsl.filter(pl.col("SAFFL") == "Y")["USUBJID"].to_list()
    severe = select_reported(adae).filter(
        pl.col("USUBJID").is_in(infused) & ((pl.col("ATOXGRN") >= 3) | (pl.col("AESER") == "Y"))
    )
    return [
        Row.of(
            short_ids([row["USUBJID"]])[0],
            str(row["TRT01A"]),
            str(row["AEDECOD"]),
            Cell(text=_grade(row["ATOXGRN"]), mark=f"grade-{_grade(row['ATOXGRN'])}"),
            _days(row["ASTDY"], row["AENDY"]),
            _yes(row["AESER"]),
            _yes(row["AREL"]),
            Cell(text=_yes(row["DLTFL"]), mark="bad" if row["DLTFL"] == "Y" else ""),
            str(row["AEOUT"] or "unknown").lower(),
            source_cell([row["EVENTSEQ"]] if row["EVENTSEQ"] is not None else []),
        )
        for row in severe.sort("USUBJID", "ASTDY", "AEDECOD", nulls_last=True).iter_rows(named=True)
    ]


def _grade(value: object) -> str:
    return str(int(str(value))) if value is not None else "not graded"


def _days(start: object, end: object) -> str:
    return f"{start if start is not None else '?'} to {end if end is not None else 'ongoing'}"


def _yes(flag: object) -> str:
    return {"Y": "yes", "N": "no"}.get(str(flag), "" if flag is None else str(flag))
