"""`celltrial grade ctcae`: laboratory and other numeric terms, one result a row."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from celltrial.cli.grading.rows import ADDED, File, Out, grade_rows, read_number
from celltrial.cli.tabular import add_columns, read_table
from celltrial.missing import NotGradable

if TYPE_CHECKING:
    from celltrial.safety.ctcae import GradeResult

__all__ = ["register"]

# from here on a file is read and graded in columns; loading what that takes is worth it
_LARGE_BYTES = 1_000_000


def register(grade: typer.Typer) -> None:
    """Add the command."""
    grade.command("ctcae")(grade_ctcae)


def grade_ctcae(
    file: File,
    out: Out,
    version: Annotated[str, typer.Option(help="Version of CTCAE: 4.03, 5.0 or 6.0.")] = "5.0",
    mode: Annotated[str, typer.Option(help="worst-case, or clinical (reads symptomatic and the like).")] = "worst-case",
) -> None:
    """Grade results, vital signs and ECG: term, direction (L or H), value, unit, lln, uln, baseline, ... per row."""
    from celltrial.safety.ctcae.grade import require_readable
    from celltrial.safety.ctcae.table import require_version

    require_version(version)
    require_readable([], mode, {})
    if _is_large(file) and _grade_in_columns(file, out, version, mode):
        return
    table = read_table(file, required=("term", "direction", "value", "unit"), adds=ADDED)
    add_columns(table, out, ADDED, grade_rows(table, lambda row: _grade_ctcae_row(row, version, mode)))


def _is_large(file: Path) -> bool:
    return file.is_file() and file.stat().st_size >= _LARGE_BYTES


def _grade_in_columns(file: Path, out: Path, version: str, mode: Any) -> bool:
    from celltrial.cli.console import progress_bar
    from celltrial.cli.grading.ctcae_large import grade_large

    with progress_bar() as progress:
        return grade_large(file, out, version, mode, lambda row: _grade_ctcae_row(row, version, mode), progress)


def _grade_ctcae_row(row: Mapping[str, str], version: str, mode: Any) -> "tuple[int, str] | NotGradable":
    from celltrial.safety.ctcae import CIRCUMSTANCES, grade_lab

    names = ("value", "lln", "uln", "baseline", "percent_change", "mi_limit")
    numbers = {name: read_number(row.get(name, "")) for name in names}
    unread = [f"{name} {row[name]!r} is not a number" for name in names if numbers[name] == "unread"]
    if unread:
        return NotGradable("; ".join(unread))
    told: Any = {name: row[name] for name in CIRCUMSTANCES if row.get(name)}
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
