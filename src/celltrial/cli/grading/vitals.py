"""`celltrial grade crs-daily`: vital signs and medication to graded CRS, and its episodes with their treatment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from celltrial.cli.grading.assessments import (
    EPISODE_COLUMNS,
    Episodes,
    episode_cells,
    read_names,
    read_times,
    rows_by_subject,
)
from celltrial.cli.grading.rows import ADDED, File, Out
from celltrial.cli.scoring.sheet import read_cells
from celltrial.cli.tabular import Table, add_columns, read_table, write_rows
from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.missing import NotGradable

if TYPE_CHECKING:
    from celltrial.safety.crs_daily import CrsDailyRules, CrsTherapy, VitalSigns

__all__ = ["register"]

_NUMBERS = ("temperature_c", "systolic_mmhg", "spo2_room_air_percent", "oxygen_flow_l_min")
_REQUIRED = ("subject", "at", "temperature_c", "oxygen_device", "vasopressors")
_WORDS = {"hypotension": "unknown", "oxygen_device": "unknown", "other_cause": "no", "death_due_to_crs": "no"}
_EPISODES = (*EPISODE_COLUMNS, "tocilizumab_doses", "first_tocilizumab", "steroid_doses", "first_steroid")
_T = TypeVar("_T")

Medications = Annotated[
    Path | None,
    typer.Option("--medications", help="CSV file: subject, at, kind (antipyretic, tocilizumab, steroid, ...)."),
]
QuietHours = Annotated[float, typer.Option("--quiet-hours", min=0, help="How long the signs must be gone for an end.")]
Pressure = Annotated[float, typer.Option("--hypotension-below", min=0, help="Systolic mmHg; 0: only as recorded.")]
Saturation = Annotated[float, typer.Option("--hypoxia-below", min=0, help="Percent on room air; 0: only oxygen given.")]


def register(grade: typer.Typer) -> None:
    """Add the command."""
    grade.command("crs-daily")(grade_vitals_file)


def grade_vitals_file(
    file: File,
    out: Out,
    medications: Medications = None,
    episodes: Episodes = None,
    quiet_hours: QuietHours = 24,
    hypotension_below: Pressure = 90,
    hypoxia_below: Saturation = 92,
) -> None:
    """Grade CRS from vital signs, one reading a row; without --medications it is unknown whether fever is masked."""
    from celltrial.safety.crs_daily import CrsDailyRules

    rules = CrsDailyRules(
        hypotension_below_mmhg=Decimal(str(hypotension_below)) if hypotension_below else None,
        hypoxia_below_percent=Decimal(str(hypoxia_below)) if hypoxia_below else None,
        quiet=timedelta(hours=quiet_hours),
    )
    table = read_table(file, required=_REQUIRED, adds=ADDED)
    readings = _read(table, _reading)
    doses = None if medications is None else _doses(medications, readings)
    cells: dict[int, tuple[object, str]] = {}
    rows: list[Sequence[object]] = []
    for subject, indexes in rows_by_subject(table).items():
        given = None if doses is None else doses.get(subject, [])
        cells |= _grade_readings({index: readings[index] for index in indexes}, given, rules)
        rows += _episode_rows(subject, [readings[index] for index in indexes], given, rules)
    add_columns(table, out, ADDED, lambda index, _row: cells[index])
    if episodes is not None:
        write_rows(episodes, _EPISODES, rows)


def _grade_readings(
    readings: "Mapping[int, VitalSigns]", doses: "Sequence[CrsTherapy] | None", rules: "CrsDailyRules"
) -> dict[int, tuple[object, str]]:
    """Grade and reason by row number; readings of one time keep the order of the file."""
    from celltrial.safety.crs import grade_crs
    from celltrial.safety.crs_daily import derive_crs_observations

    ordered = sorted(readings, key=lambda index: readings[index].at)
    seen = derive_crs_observations([readings[index] for index in ordered], doses, rules=rules)
    cells: dict[int, tuple[object, str]] = {}
    for index, each in zip(ordered, seen, strict=True):
        grade = grade_crs(each)
        if isinstance(grade, NotGradable):
            cells[index] = (None, grade.reason)
        else:
            cells[index] = (grade.value, "; ".join(grade.reasons))
    return cells


def _episode_rows(
    subject: str, readings: "Sequence[VitalSigns]", doses: "Sequence[CrsTherapy] | None", rules: "CrsDailyRules"
) -> list[Sequence[object]]:
    from celltrial.safety.crs_daily import derive_treated_crs_episodes

    rows: list[Sequence[object]] = []
    for each in derive_treated_crs_episodes(readings, doses, rules=rules):
        treatment: list[object] = []
        for times in (each.tocilizumab, each.steroids):
            # not known what was given is not "none given"
            treatment += [None, None] if doses is None else [len(times), times[0].isoformat() if times else None]
        rows.append((subject, *episode_cells(each.episode), *treatment))
    return rows


def _doses(path: Path, readings: "Sequence[VitalSigns]") -> "dict[str, list[CrsTherapy]]":
    table = read_table(path, required=("subject", "at", "kind"))
    by_subject: dict[str, list[CrsTherapy]] = {}
    for row, dose in zip(table.rows, _read(table, _therapy), strict=True):
        by_subject.setdefault(row["subject"], []).append(dose)
        if readings and (dose.at.tzinfo is None) != (readings[0].at.tzinfo is None):
            raise InputError(
                Finding(
                    message="the times of only one of the two files name a zone",
                    source=table.source(0),
                    where="at",
                    next_step="write the times of both files in one way",
                )
            )
    return by_subject


def _read(table: Table, make: Callable[[Mapping[str, str], datetime], _T]) -> list[_T]:
    """Make something of each row, all findings of the file at once."""
    made: list[_T] = []
    findings: list[Finding] = []
    times = read_times(table)
    for index, row in enumerate(table.rows):
        try:
            made.append(make(row, times[index]))
        except CelltrialError as error:
            findings += [replace(finding, source=table.source(index)) for finding in error.findings]
    if findings:
        raise InputError(findings)
    return made


def _reading(row: Mapping[str, str], at: datetime) -> "VitalSigns":
    from celltrial.safety.crs_daily import VitalSigns

    numbers: Any = read_cells(row, _NUMBERS)
    words: Any = {name: row.get(name) or blank for name, blank in _WORDS.items()}
    return VitalSigns(at=at, vasopressors=read_names(row["vasopressors"]), **numbers, **words)


def _therapy(row: Mapping[str, str], at: datetime) -> "CrsTherapy":
    from celltrial.safety.crs_daily import CrsTherapy

    return CrsTherapy(at=at, kind=row["kind"])  # type: ignore[arg-type]  # the class tells which words it knows
