"""What the grading commands share: a grade for every row of a table, with all findings of a file at once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from celltrial.cli.tabular import Table
from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.missing import NotGradable

__all__ = ["ADDED", "File", "Out", "grade_rows", "read_number"]

Out = Annotated[Path, typer.Option("-o", "--out", help="CSV file to write.")]
File = Annotated[Path, typer.Argument(help="CSV file; extra columns pass through.")]

ADDED = ("grade", "reason")


def grade_rows(
    table: Table, grade: Callable[[Mapping[str, str]], tuple[int, str] | NotGradable]
) -> Callable[[int, Mapping[str, str]], tuple[object, str]]:
    """Grade each row first, so that all findings of a file are told at once; then the values of ADDED by row."""
    graded: list[tuple[object, str]] = []
    findings: list[Finding] = []
    for index, row in enumerate(table.rows):
        try:
            result = grade(row)
        except CelltrialError as error:
            findings += [replace(finding, source=table.source(index)) for finding in error.findings]
            continue
        graded.append((None, result.reason) if isinstance(result, NotGradable) else result)
    if findings:
        raise InputError(findings)
    return lambda index, _row: graded[index]


def read_number(text: str) -> Decimal | str | None:
    """The number; None where blank; `unread` where it is something else."""
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "unread"
    return number if number.is_finite() else "unread"
