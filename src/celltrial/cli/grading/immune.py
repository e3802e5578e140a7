"""`celltrial grade gvhd|cgvhd|iec-hs`: graft-versus-host disease and IEC-HS, one assessment a row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from celltrial.cli.grading.assessments import EPISODE_COLUMNS, Episodes, QuietHours, episode_rows
from celltrial.cli.grading.rows import File, Out, read_number
from celltrial.cli.tabular import Table, add_columns, read_table, write_rows
from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.missing import NotGradable

if TYPE_CHECKING:
    from celltrial.safety import Grade
    from celltrial.safety.gvhd import AcuteGvhd, ChronicSeverity
    from celltrial.safety.iec_hs import IecHsEvidence

__all__ = ["register"]

_BILIRUBIN = ("bilirubin_mg_dl", "bilirubin_umol_l")
_STOOL = ("stool_ml_per_day", "stool_episodes_per_day")
_ACUTE_NUMBERS = ("rash_bsa_percent", "desquamation_bsa_percent", *_BILIRUBIN, *_STOOL, "weight_kg")
_ACUTE_SIGNS = ("bullae", "severe_abdominal_pain", "grossly_bloody_stool")
# the stages take the names of the organs
_UPPER_GI = "upper_gi_symptoms"
# signs that are taken as absent where the file says nothing
_ACUTE_QUIET = ("mixed_with_urine", "ileus", "other_cause")
_ACUTE_ADDED = ("skin", "liver", "upper_gi", "lower_gi", "grade", "reason", "flags")
_CHRONIC_ADDED = ("severity", "reason")
_IEC_HS_QUIET = ("severe", "death_due_to_iec_hs")
_IEC_HS_ADDED = ("grade", "required_met", "evidence", "unknown", "reason", "flags")

Value = TypeVar("Value")


def register(grade: typer.Typer) -> None:
    """Add the commands."""
    grade.command("gvhd")(grade_gvhd_file)
    grade.command("cgvhd")(grade_cgvhd_file)
    grade.command("iec-hs")(grade_iec_hs_file)


def grade_gvhd_file(file: File, out: Out, episodes: Episodes = None, quiet_hours: QuietHours = 0) -> None:
    """Grade acute graft-versus-host disease of adults by MAGIC: stages and overall grade, one assessment a row."""
    asked = ("rash_bsa_percent", _UPPER_GI, *_ACUTE_SIGNS)
    table = read_table(file, required=(*asked, *_of_episodes(episodes)), adds=_ACUTE_ADDED)
    _require_one_of(table, _BILIRUBIN)
    _require_one_of(table, _STOOL)
    graded = _each_row(table, _grade_gvhd_row)
    rows = [] if episodes is None else episode_rows(table, [each.grade for each in graded], quiet_hours)
    add_columns(table, out, _ACUTE_ADDED, lambda index, _row: _gvhd_cells(graded[index]))
    if episodes is not None:
        write_rows(episodes, EPISODE_COLUMNS, rows)


def grade_cgvhd_file(file: File, out: Out) -> None:
    """Rate chronic graft-versus-host disease by NIH 2014: scores 0 to 3 of eight organs to a global severity."""
    from celltrial.safety.gvhd import CHRONIC_ORGANS

    table = read_table(file, required=CHRONIC_ORGANS, adds=_CHRONIC_ADDED)
    graded = _each_row(table, _grade_cgvhd_row)
    add_columns(table, out, _CHRONIC_ADDED, lambda index, _row: _cgvhd_cells(graded[index]))


def grade_iec_hs_file(file: File, out: Out, episodes: Episodes = None, quiet_hours: QuietHours = 0) -> None:
    """Grade IEC-HS (ASTCT 2023) and list its evidence, one assessment a row."""
    from celltrial.safety.iec_hs import iec_hs_grading_signs

    asked = ("diagnosed", *(name for name in iec_hs_grading_signs() if name not in _IEC_HS_QUIET))
    table = read_table(file, required=(*asked, *_of_episodes(episodes)), adds=_IEC_HS_ADDED)
    graded = _each_row(table, _grade_iec_hs_row)
    rows = [] if episodes is None else episode_rows(table, [grade for grade, _ in graded], quiet_hours)
    add_columns(table, out, _IEC_HS_ADDED, lambda index, _row: _iec_hs_cells(*graded[index]))
    if episodes is not None:
        write_rows(episodes, EPISODE_COLUMNS, rows)


def _grade_gvhd_row(row: Mapping[str, str]) -> "AcuteGvhd":
    from celltrial.safety.gvhd import AcuteGvhdObservation, grade_acute_gvhd

    given: dict[str, Any] = dict(_numbers(row, _ACUTE_NUMBERS))
    given |= {name: row.get(name) or "unknown" for name in _ACUTE_SIGNS}
    given["upper_gi"] = row[_UPPER_GI] or "unknown"
    given |= {name: row.get(name) or "no" for name in _ACUTE_QUIET}
    excluded = tuple(name.strip() for name in row.get("not_gvhd", "").split(";") if name.strip())
    return grade_acute_gvhd(AcuteGvhdObservation(**given, not_gvhd=excluded))


def _gvhd_cells(result: "AcuteGvhd") -> Sequence[object]:
    stages = [organ.stage for organ in result.organs]
    return (*stages, *_grade_cells(result.grade), "; ".join(result.flags))


def _grade_cgvhd_row(row: Mapping[str, str]) -> "ChronicSeverity | NotGradable":
    from celltrial.safety.gvhd import CHRONIC_ORGANS, grade_chronic_gvhd

    return grade_chronic_gvhd(_numbers(row, CHRONIC_ORGANS))  # type: ignore[arg-type]  # a number that is no score is told


def _cgvhd_cells(result: "ChronicSeverity | NotGradable") -> Sequence[object]:
    return (None, result.reason) if isinstance(result, NotGradable) else (result.value, "; ".join(result.reasons))


def _grade_iec_hs_row(row: Mapping[str, str]) -> "tuple[Grade | NotGradable, IecHsEvidence]":
    from celltrial.safety.iec_hs import (
        IecHsObservation,
        assess_iec_hs,
        grade_iec_hs,
        iec_hs_grading_signs,
        iec_hs_numbers,
    )

    signs: Any = {name: row.get(name) or "unknown" for name in ("diagnosed", *iec_hs_grading_signs())}
    signs |= {name: row.get(name) or "no" for name in _IEC_HS_QUIET}
    return grade_iec_hs(IecHsObservation(**signs)), assess_iec_hs(_numbers(row, iec_hs_numbers()), row)


def _iec_hs_cells(grade: "Grade | NotGradable", evidence: "IecHsEvidence") -> Sequence[object]:
    value, reason = _grade_cells(grade)
    met = "; ".join(f"{each.criterion} ({each.reason})" for each in evidence.criteria if each.answer == "yes")
    return (value, evidence.required_met, met, "; ".join(evidence.named("unknown")), reason, "; ".join(evidence.flags))


def _grade_cells(grade: "Grade | NotGradable") -> tuple[int | None, str]:
    return (None, grade.reason) if isinstance(grade, NotGradable) else (grade.value, "; ".join(grade.reasons))


def _numbers(row: Mapping[str, str], names: Iterable[str]) -> dict[str, Decimal | None]:
    """The named cells; None where blank or without a column. Raises InputError with all that are no numbers."""
    read: dict[str, Decimal | None] = {}
    findings = []
    for name in names:
        number = read_number(row.get(name, ""))
        if isinstance(number, str):
            findings.append(
                Finding(
                    message=f"{name} is not a number",
                    where=name,
                    found=repr(row[name]),
                    expected="a number, or blank where it is not known",
                    next_step="correct the cell",
                )
            )
        else:
            read[name] = number
    if findings:
        raise InputError(findings)
    return read


def _each_row(table: Table, grade: Callable[[Mapping[str, str]], Value]) -> list[Value]:
    """The result of every row. Raises InputError with every finding of the file."""
    results: list[Value] = []
    findings: list[Finding] = []
    for index, row in enumerate(table.rows):
        try:
            results.append(grade(row))
        except CelltrialError as error:
            findings += [replace(finding, source=table.source(index)) for finding in error.findings]
    if findings:
        raise InputError(findings)
    return results


def _of_episodes(episodes: Path | None) -> tuple[str, ...]:
    """The columns that episodes need."""
    return () if episodes is None else ("subject", "at")


def _require_one_of(table: Table, names: Sequence[str]) -> None:
    """Raise InputError, which names them all, where the table has none of the columns."""
    if not set(names) & set(table.columns):
        read_table(table.path, required=names)
