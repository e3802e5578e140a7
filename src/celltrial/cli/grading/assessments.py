"""`celltrial grade crs|icans`: bedside assessments, one a row."""

from collections.abc import Mapping
from typing import Any

import typer

from celltrial.cli.grading.rows import ADDED, File, Out, grade_rows, read_number
from celltrial.cli.tabular import add_columns, read_table
from celltrial.missing import NotGradable

__all__ = ["register"]

_CRS = ("temperature_c", "hypotension", "vasopressors", "oxygen", "antipyretic_or_anticytokine")
_ICANS = ("ice", "consciousness", "seizure", "deep_focal_weakness", "cerebral_oedema")


def register(grade: typer.Typer) -> None:
    """Add the commands."""
    grade.command("crs")(grade_crs_file)
    grade.command("icans")(grade_icans_file)


def grade_crs_file(file: File, out: Out) -> None:
    """Grade cytokine release syndrome by ASTCT 2019, one observation a row."""
    table = read_table(file, required=_CRS, adds=ADDED)
    add_columns(table, out, ADDED, grade_rows(table, _grade_crs_row))


def grade_icans_file(file: File, out: Out) -> None:
    """Grade neurotoxicity (ICANS) of adults by ASTCT 2019, one assessment a row."""
    table = read_table(file, required=_ICANS, adds=ADDED)
    add_columns(table, out, ADDED, grade_rows(table, _grade_icans_row))


def _grade_crs_row(row: Mapping[str, str]) -> "tuple[int, str] | NotGradable":
    from celltrial.safety import CrsObservation, grade_crs

    temperature = read_number(row["temperature_c"])
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
