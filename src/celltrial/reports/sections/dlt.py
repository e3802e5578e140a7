"""Dose-limiting toxicity: counts with what they cannot exclude, and each adjudication with its reasons."""

from dataclasses import replace
from datetime import date

import polars as pl

from celltrial.analyses import TOTAL, derive_dlt_summary, short_ids
from celltrial.codes import SubjectId
from celltrial.decisions import DltReview, review_dlt
from celltrial.record import DltAssessment
from celltrial.reports.content import Cell, Content, Row, source_cell
from celltrial.reports.figures import DltRate, draw_dlt_rates
from celltrial.reports.material import Material
from celltrial.reports.sections.grids import index_rows, level_cells

__all__ = ["adjudication_rows", "fill_dlt"]

_STATES = {
    "infused": "Infused",
    "evaluable": "Evaluable",
    "not evaluable": "Not evaluable (adjudicated)",
    "not yet adjudicated": "Window open or not adjudicated",
}


def fill_dlt(material: Material) -> Content:
    """Table by level, the figure of rates, and the adjudication log."""
    results = derive_dlt_summary(material.adam["ADSL"])
    found = index_rows(results)
    rows = [
        Row(cells=(Cell(text=label), *_plain_counts(level_cells(found, material.levels, category), category)))
        for category, label in _STATES.items()
    ]
    rows.append(Row(cells=(Cell(text="DLT, of evaluable"), *level_cells(found, material.levels, "DLT")), kind="strong"))
    bounds = level_cells(found, material.levels, "DLT", "upper bound")
    rows.append(Row(cells=(Cell(text="One-sided 95 % upper bound"), *bounds), kind="strong"))
    rates = [
        DltRate(level=row.group, dlts=row.n, evaluable=row.N, upper=row.value)
        for row in results
        if row.statistic == "upper bound" and row.group != TOTAL and isinstance(row.value, float)
    ]
    figures = {}
    if rates:
        figures["dlt-rates"] = draw_dlt_rates(
            rates,
            levels=material.levels,
            target=material.study.escalation.target,
            caption=material.caption("DLT rate and its one-sided 95 % upper bound"),
        )
    return Content(tables={"dlt-summary": rows, "dlt-subjects": adjudication_rows(material)}, figures=figures)


def _plain_counts(cells: tuple[Cell, ...], category: str) -> tuple[Cell, ...]:
    """The infused are the denominator of the rows below: a number, not a share of themselves."""
    if category != "infused":
        return cells
    return tuple(replace(cell, text=cell.text.partition("/")[0]) for cell in cells)


def adjudication_rows(material: Material) -> tuple[Row, ...]:
    """One row an infused participant: window, evaluability, DLT, who adjudicated when, and the rationale."""
    infused = material.adam["ADSL"].filter(pl.col("SAFFL") == "Y").sort("TRT01AN", "TRTSDT", "USUBJID")
    return tuple(_adjudication(material, row) for row in infused.iter_rows(named=True))


def _adjudication(material: Material, row: dict[str, object]) -> Row:
    subject = SubjectId(short_ids([str(row["USUBJID"])])[0])
    review = review_dlt(material.study, material.state, subject, as_of=material.as_of)
    window = Cell(
        text=f"{review.window_start} to {review.window_end}",
        note="complete" if review.window_complete else _why_open(material.day(material.as_of), review.window_end),
    )
    entry = material.state.latest(DltAssessment, subject)
    if entry is None:
        proposal = f"the rule proposes: {review.proposed}" + "".join(f"; {each}" for each in review.evidence)
        proposal += "".join(f"; {each.where.partition(', ')[2]}: {each.message}" for each in review.licats)
        cells = (Cell(text="not adjudicated", mark="watch"), Cell(text="–"), Cell(text="–"), Cell(text=proposal))
        return Row(
            cells=(Cell(text=subject), Cell(text=str(row["TRT01A"])), window, *cells, source_cell(review.source_events))
        )
    body = entry.body
    events = f"; adverse events {', '.join(body.adverse_events)}" if body.adverse_events else ""
    author = entry.event.author
    return Row.of(
        subject,
        str(row["TRT01A"]),
        window,
        body.evaluable,
        Cell(text=body.dlt, mark="bad" if body.dlt == "yes" else ""),
        Cell(text=f"{author.printed_name or author.person}, {body.assessed_on}"),
        Cell(text=f"{body.rationale}{events}", note=_proposed_note(review)),
        source_cell([entry.seq, *review.source_events]),
    )


def _proposed_note(review: DltReview) -> str:
    differ = "; ".join(f"{each.where.partition(', ')[2]}: {each.message}" for each in review.licats)
    return f"the rule proposed: {review.proposed}" + (f"; {differ}" if differ else "")


def _why_open(today: date, end: date) -> str:
    return f"open, {(end - today).days} days to go" if today <= end else "ended early"
