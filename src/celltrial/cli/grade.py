"""`celltrial grade`: toxicity grades for every row of a file; a row that cannot be graded keeps its reason."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from celltrial.cli.tabular import Table, add_columns, read_table
from celltrial.errors import CelltrialError, InputError
from celltrial.missing import NotGradable

if TYPE_CHECKING:
    from celltrial.safety.ctcae import GradeResult

__all__ = ["register"]

Out = Annotated[Path, typer.Option("-o", "--out", help="CSV file to write.")]
File = Annotated[Path, typer.Argument(help="CSV file; extra columns pass through.")]

_ADDED = ("grade", "reason")
_CRS = ("temperature_c", "hypotension", "vasopressors", "oxygen", "antipyretic_or_anticytokine")
_ICANS = ("ice", "consciousness", "seizure", "deep_focal_weakness", "cerebral_oedema")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    grade = typer.Typer(help="Grade toxicity: CTCAE laboratory terms, CRS, ICANS.", no_args_is_help=True)
    grade.command("ctcae")(grade_ctcae)
    grade.command("crs")(grade_crs_file)
    grade.command("icans")(grade_icans_file)
    app.add_typer(grade, name="grade")


def grade_ctcae(
    file: File,
    out: Out,
    version: Annotated[str, typer.Option(help="Version of CTCAE: 4.03, 5.0 or 6.0.")] = "5.0",
    mode: Annotated[str, typer.Option(help="worst-case, or clinical (reads symptomatic and the like).")] = "worst-case",
) -> None:
    """Grade laboratory results: term, direction (L or H), value, unit, lln, uln, baseline, ... per row."""
    table = read_table(file, required=("term", "direction", "value", "unit"), adds=_ADDED)
    add_columns(table, out, _ADDED, _by_row(table, lambda row: _grade_ctcae_row(row, version, mode)))


def grade_crs_file(file: File, out: Out) -> None:
    """Grade cytokine release syndrome by ASTCT 2019, one observation a row."""
    table = read_table(file, required=_CRS, adds=_ADDED)
    add_columns(table, out, _ADDED, _by_row(table, _grade_crs_row))


def grade_icans_file(file: File, out: Out) -> None:
    """Grade neurotoxicity (ICANS) of adults by ASTCT 2019, one assessment a row."""
    table = read_table(file, required=_ICANS, adds=_ADDED)
    add_columns(table, out, _ADDED, _by_row(table, _grade_icans_row))


def _by_row(
    table: Table, grade: Callable[[Mapping[str, str]], "tuple[int, str] | NotGradable"]
) -> Callable[[int, Mapping[str, str]], tuple[object, str]]:
    """Grade each row first, so that all findings of a file are told at once."""
    graded: list[tuple[object, str]] = []
    findings = []
    for index, row in enumerate(table.rows):
        try:
            result = grade(row)
        except CelltrialError as error:
            findings += [_placed(finding, table, index) for finding in error.findings]
            continue
        graded.append((None, result.reason) if isinstance(result, NotGradable) else result)
    if findings:
        raise InputError(findings)
    return lambda index, _row: graded[index]


def _placed(finding: Any, table: Table, index: int) -> Any:
    from dataclasses import replace

    return replace(finding, source=table.source(index))


def _grade_ctcae_row(row: Mapping[str, str], version: str, mode: Any) -> "tuple[int, str] | NotGradable":
    from celltrial.safety.ctcae import grade_lab

    names = ("value", "lln", "uln", "baseline", "percent_change")
    numbers = {name: _decimal(row.get(name, "")) for name in names}
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


_CIRCUMSTANCES = ("symptomatic", "physiologic_consequences", "on_anticoagulation")


def _grade_crs_row(row: Mapping[str, str]) -> "tuple[int, str] | NotGradable":
    from celltrial.safety import CrsObservation, grade_crs

    temperature = _decimal(row["temperature_c"])
    if isinstance(temperature, str):
        return NotGradable(f"temperature_c {row['temperature_c']!r} is not a number")
    words: Any = {name: row[name] or "unknown" for name in ("hypotension", "oxygen", "antipyretic_or_anticytokine")}
    words |= {name: row.get(name) or "no" for name in ("other_cause", "death_due_to_crs")}
    pressors = tuple(
        name.strip() for name in row["vasopressors"].split(";") if name.strip().casefold() not in ("", "none")
    )
    result = grade_crs(CrsObservation(temperature_c=temperature, vasopressors=pressors, **words))
    return result if isinstance(result, NotGradable) else (result.value, "; ".join(result.reasons))


def _grade_icans_row(row: Mapping[str, str]) -> "tuple[int, str] | NotGradable":
    from celltrial.safety import IcansObservation, grade_icans

    ice = row["ice"]
    if ice and not ice.isdigit():
        return NotGradable(f"ice {ice!r} is not a whole number")
    words: Any = {name: row[name] or "unknown" for name in _ICANS if name != "ice"}
    words |= {name: row.get(name) or "no" for name in ("other_cause", "death_due_to_icans")}
    result = grade_icans(IcansObservation(ice=int(ice) if ice else None, **words))
    return result if isinstance(result, NotGradable) else (result.value, "; ".join(result.reasons))


def _decimal(text: str) -> Decimal | str | None:
    """The number; None where blank; `unread` where it is something else."""
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "unread"
    return number if number.is_finite() else "unread"
