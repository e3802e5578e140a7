"""`celltrial score`: disease instruments for every row of a file; what cannot be scored keeps its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from celltrial.cli.console import stdout_console
from celltrial.cli.scoring.sheet import Sheet
from celltrial.cli.tabular import Table, add_columns, read_table
from celltrial.errors import CelltrialError, Finding, InputError, UsageError

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score")(score)


def score(
    name: Annotated[str, typer.Argument(help="sledai-2k or eular-acr-2019; `list` prints them with their columns.")],
    file: Annotated[Path | None, typer.Argument(help="CSV file; extra columns pass through.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="CSV file to write.")] = None,
) -> None:
    """Score a disease instrument for every row of a file."""
    instruments = _sheets()
    if name == "list":
        _print_list(instruments)
        return
    if name not in instruments:
        raise UsageError(Finding(message="no such instrument", found=name, expected=", ".join(("list", *instruments))))
    if file is None or out is None:
        raise UsageError(
            Finding(message="a file and -o OUT.csv are needed", next_step=f"score {name} FILE.csv -o OUT.csv")
        )
    chosen = instruments[name]
    table = read_table(file, adds=chosen.added)
    # an item without a column is an item not known; a file with none of them is another file
    if not set(chosen.columns) & set(table.columns):
        read_table(file, required=chosen.columns)
    scored = _score_rows(table, chosen)
    add_columns(table, out, chosen.added, lambda index, _row: scored[index])


def _print_list(instruments: Mapping[str, Sheet]) -> None:
    console = stdout_console()
    for name, each in instruments.items():
        console.print(f"[bold]{name}[/]  {each.label}", soft_wrap=True)
        for what, columns in (("columns", each.columns), ("may have", each.optional), ("adds", each.added)):
            if columns:
                console.print(f"  {what}: {','.join(columns)}", soft_wrap=True)


def _score_rows(table: Table, instrument: Sheet) -> list[Sequence[object]]:
    """Score every row first, so that all findings of a file are told at once."""
    scored: list[Sequence[object]] = []
    findings: list[Finding] = []
    for index, row in enumerate(table.rows):
        try:
            scored.append(instrument.score(row))
        except CelltrialError as error:
            findings += [replace(finding, source=table.source(index)) for finding in error.findings]
    if findings:
        raise InputError(findings)
    return scored


def _sheets() -> dict[str, Sheet]:
    from celltrial.cli.scoring import activity, bedside, damage, haematotox, hyperinflammation, renal, responses

    families = (activity, bedside, damage, haematotox, hyperinflammation, renal, responses)
    return {name: sheet for family in families for name, sheet in family.sheets().items()}
