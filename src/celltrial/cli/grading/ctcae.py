"""`celltrial grade ctcae`: laboratory and other numeric terms, one result a row."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from celltrial.cli.grading.rows import ADDED, File, Out, grade_rows, read_number
from celltrial.cli.tabular import add_columns, read_table
from celltrial.missing import NotGradable

if TYPE_CHECKING:
    from celltrial.safety.ctcae import GradeResult

__all__ = ["register"]

_CIRCUMSTANCES = ("symptomatic", "physiologic_consequences", "on_anticoagulation")


def register(grade: typer.Typer) -> None:
    """Add the command."""
    grade.command("ctcae")(grade_ctcae)


def grade_ctcae(
    file: File,
    out: Out,
    version: Annotated[str, typer.Option(help="Version of CTCAE: 4.03, 5.0 or 6.0.")] = "5.0",
    mode: Annotated[str, typer.Option(help="worst-case, or clinical (reads symptomatic and the like).")] = "worst-case",
) -> None:
    """Grade laboratory results: term, direction (L or H), value, unit, lln, uln, baseline, ... per row."""
    table = read_table(file, required=("term", "direction", "value", "unit"), adds=ADDED)
    add_columns(table, out, ADDED, grade_rows(table, lambda row: _grade_ctcae_row(row, version, mode)))


def _grade_ctcae_row(row: Mapping[str, str], version: str, mode: Any) -> "tuple[int, str] | NotGradable":
    from celltrial.safety.ctcae import grade_lab

    names = ("value", "lln", "uln", "baseline", "percent_change")
    numbers = {name: read_number(row.get(name, "")) for name in names}
    unread = [f"{name} {row[name]!r} is not a number" for name in names if numbers[name] == "unread"]
    if unread:
        return NotGradable("; ".join(unread))
    told: Any = {name: row[name] for name in _CIRCUMSTANCES if row.get(name)}
    result: GradeResult | NotGradable = grade_lab(
        row["term"],
        row["direction"].upper(),  # type: ignore[arg-type]  # a direction that is neither L nor H has no rules
        unit=row["unit"],
        version=version,
        mode=mode,
        circumstances=told,
        baseline_flag=row.get("baseline_flag", "").upper(),
        **numbers,  # type: ignore[arg-type]  # texts have been sorted out above
    )
    return result if isinstance(result, NotGradable) else (result.value, result.reason)
