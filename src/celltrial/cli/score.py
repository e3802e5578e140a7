"""`celltrial score`: disease instruments for every row of a file; what cannot be scored keeps its reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from celltrial.cli.console import stdout_console
from celltrial.cli.tabular import Table, add_columns, read_table
from celltrial.errors import CelltrialError, Finding, InputError, UsageError
from celltrial.missing import NotEvaluable

__all__ = ["register"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Instrument:
    """The columns of a file, what is added to it, and how a row is scored."""

    label: str
    columns: tuple[str, ...]
    optional: tuple[str, ...]
    added: tuple[str, ...]
    score: Callable[[Mapping[str, str]], Sequence[object]]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score")(score)


def score(
    name: Annotated[str, typer.Argument(help="sledai-2k or eular-acr-2019; `list` prints them with their columns.")],
    file: Annotated[Path | None, typer.Argument(help="CSV file; extra columns pass through.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="CSV file to write.")] = None,
) -> None:
    """Score a disease instrument for every row of a file."""
    instruments = _instruments()
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


def _print_list(instruments: Mapping[str, _Instrument]) -> None:
    console = stdout_console()
    for name, each in instruments.items():
        console.print(f"[bold]{name}[/]  {each.label}", soft_wrap=True)
        for what, columns in (("columns", each.columns), ("may have", each.optional), ("adds", each.added)):
            if columns:
                console.print(f"  {what}: {','.join(columns)}", soft_wrap=True)


def _score_rows(table: Table, instrument: _Instrument) -> list[Sequence[object]]:
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


def _instruments() -> dict[str, _Instrument]:
    from celltrial.instruments import eular_acr_2019_items, sledai_2k_items

    sledai = tuple(item.item for item in sledai_2k_items())
    return {
        "sledai-2k": _Instrument(
            label="SLEDAI-2K (items yes, no or unknown; attribution sle, other or unknown)",
            columns=sledai,
            optional=tuple(f"{item}_attribution" for item in sledai),
            added=("total", "clinical", "lower_bound", "contributing", "excluded", "by_system", "reason"),
            score=_score_sledai_row,
        ),
        "eular-acr-2019": _Instrument(
            label="EULAR/ACR 2019 classification (yes, no or unknown)",
            columns=("entry_ana", *(item.item for item in eular_acr_2019_items())),
            optional=(),
            added=("total", "clinical", "classified", "lower_bound", "contributing", "by_domain", "reason"),
            score=_score_eular_row,
        ),
    }


def _score_sledai_row(row: Mapping[str, str]) -> Sequence[object]:
    from celltrial.instruments import score_clinical_sledai_2k, score_sledai_2k, sledai_2k_items

    attributions = {item.item: row.get(f"{item.item}_attribution", "") for item in sledai_2k_items()}
    result = score_sledai_2k(row, attributions)
    if isinstance(result, NotEvaluable):
        clinical = score_clinical_sledai_2k(row, attributions)
        known = None if isinstance(clinical, NotEvaluable) else clinical
        return (None, known, _whole(result.lower_bound), None, None, None, result.reason)
    return (
        result.total,
        result.clinical,
        None,
        ";".join(result.contributing),
        ";".join(result.excluded),
        _pairs(result.by_system),
        None,
    )


def _score_eular_row(row: Mapping[str, str]) -> Sequence[object]:
    from celltrial.instruments import score_eular_acr_2019

    result = score_eular_acr_2019(row.get("entry_ana", ""), row)
    is_known = not isinstance(result.total, NotEvaluable)
    return (
        result.total if is_known else None,
        result.has_clinical_item,
        result.classified,
        None if is_known else _whole(getattr(result.total, "lower_bound", None)),
        ";".join(result.counted),
        _pairs(result.by_domain),
        result.reason,
    )


def _pairs(points: Mapping[str, int]) -> str:
    return ";".join(f"{name}={value}" for name, value in points.items() if value)


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
