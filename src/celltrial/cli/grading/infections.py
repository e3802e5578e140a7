"""`celltrial grade infection`: infections by severity, one a row, with the window after infusion they began in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import typer

from celltrial.cli.grading.rows import File, Out
from celltrial.cli.tabular import Table, add_columns, read_table
from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.missing import NotGradable

__all__ = ["register"]

_COLUMNS = (
    "treatment",
    "invasive_intervention",
    "hospitalised",
    "intensive_care",
    "life_threatening",
    "death_due_to_infection",
)
_ADDED = ("grade", "reason", "severe", "window", "ctcae_term", "note")


def register(grade: typer.Typer) -> None:
    """Add the command."""
    grade.command("infection")(grade_infection_file)


def grade_infection_file(file: File, out: Out) -> None:
    """Grade infections: treatment (none, local, oral, intravenous) and five yes/no/unknown flags per row.

    Optional columns: organism, site, days_since_infusion (the day of infusion is 0).
    """
    table = read_table(file, required=_COLUMNS, adds=_ADDED)
    graded = _grade_all(table)
    add_columns(table, out, _ADDED, lambda index, _row: graded[index])


def _grade_all(table: Table) -> list[tuple[object, ...]]:
    """Every row first, so that all findings of a file are told at once."""
    graded: list[tuple[object, ...]] = []
    findings: list[Finding] = []
    for index, row in enumerate(table.rows):
        try:
            graded.append(_grade_row(row))
        except CelltrialError as error:
            findings += [replace(finding, source=table.source(index)) for finding in error.findings]
    if findings:
        raise InputError(findings)
    return graded


def _grade_row(row: Mapping[str, str]) -> tuple[object, ...]:
    from celltrial.safety.infections import (
        InfectionObservation,
        ctcae_term_of_site,
        grade_infection,
        judge_severe_infection,
    )

    words: Any = {name: row[name] or "unknown" for name in _COLUMNS}
    words |= {name: row.get(name) or "unknown" for name in ("organism", "site")}
    window = _window(row.get("days_since_infusion", ""))
    seen = InfectionObservation(**words)
    result = grade_infection(seen)
    site = None if seen.site == "unknown" else ctcae_term_of_site(seen.site)
    severe = judge_severe_infection(seen).answer
    behind = (severe, window, site.term if site else None)
    if isinstance(result, NotGradable):
        return (None, result.reason, *behind, None)
    note = None
    if site is not None and result.value < site.first_grade:
        note = f"CTCAE 5.0 {site.term} begins at grade {site.first_grade}: judge which term fits"
    return (result.value, "; ".join(result.reasons), *behind, note)


def _window(text: str) -> str | None:
    """The window of a day since infusion, as text; None where the day is blank or in none of them."""
    from celltrial.missing import NotEvaluable
    from celltrial.safety.infections import infection_window

    if text and not text.removeprefix("-").isdigit():
        raise InputError(
            Finding(
                message="days_since_infusion is not a whole number",
                where="days_since_infusion",
                found=repr(text),
                expected="whole days, the day of infusion is 0; blank where not known",
                next_step="correct the cell",
            )
        )
    window = infection_window(int(text) if text else None)
    return None if isinstance(window, NotEvaluable) else str(window)
