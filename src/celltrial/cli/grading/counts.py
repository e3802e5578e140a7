"""`celltrial grade icaht|t-icaht`: counts of several subjects, one count a row; the grades are of the subject."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from celltrial.cli.grading.rows import File, Out, read_number
from celltrial.cli.tabular import Table, add_columns, read_table, write_rows
from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.missing import NotGradable
from celltrial.units import Quantity, convert

if TYPE_CHECKING:
    from celltrial.safety.icaht import IcahtResult, IcahtRules

__all__ = ["register"]

_COLUMNS = ("subject", "day", "value", "unit")
_YES_NO = ("yes", "no", "unknown", "")
_GRADES = ("early_grade", "early_lower_bound", "late_grade", "late_lower_bound", "reason")
_SUBJECT = ("nadir", "nadir_day", "early_days_filled", "early_days_unknown", "followed_to_day", "flags")

Subjects = Annotated[Path | None, typer.Option("--subjects", help="CSV file to write with one row a subject.")]
Reference = Annotated[
    bool,
    typer.Option("--reference", help="Count as the published algorithm: unknown days are not low, counts rounded."),
]
Instrument = Literal["icaht", "t-icaht"]


def register(grade: typer.Typer) -> None:
    """Add the commands."""
    grade.command("icaht")(grade_icaht_file)
    grade.command("t-icaht")(grade_t_icaht_file)


def grade_icaht_file(file: File, out: Out, subjects: Subjects = None, reference: Reference = False) -> None:
    """Grade haematotoxicity by neutrophils (EHA/EBMT 2023): subject, day since infusion, value, unit per row."""
    from celltrial.safety.icaht import ICAHT_RULES, REFERENCE_RULES

    days = ("days_at_or_under_500", "days_at_or_under_100")
    _grade_file(file, out, subjects, "icaht", days, REFERENCE_RULES if reference else ICAHT_RULES)


def grade_t_icaht_file(file: File, out: Out, subjects: Subjects = None) -> None:
    """Grade haematotoxicity by platelets (2025): subject, day since infusion, value, unit per row."""
    from celltrial.safety.icaht import T_ICAHT_RULES

    _grade_file(file, out, subjects, "t-icaht", ("days_under_50", "days_under_20"), T_ICAHT_RULES)


def _grade_file(
    file: Path, out: Path, subjects: Path | None, instrument: Instrument, days: Sequence[str], rules: "IcahtRules"
) -> None:
    added = (*days, *_GRADES)
    table = read_table(file, required=_COLUMNS, adds=added)
    results = _results(table, instrument, rules)
    cells = {subject: _cells(result, days) for subject, result in results.items()}
    add_columns(table, out, added, lambda _index, row: cells[row["subject"]])
    if subjects is not None:
        rows = [(subject, *cells[subject], *_more(result)) for subject, result in results.items()]
        write_rows(subjects, ("subject", *added, *_SUBJECT), rows)


def _results(table: Table, instrument: Instrument, rules: "IcahtRules") -> "dict[str, IcahtResult]":
    """The result of each subject, in the order of first appearance. Raises InputError with every finding."""
    findings: list[Finding] = []
    by_subject: dict[str, list[int]] = {}
    for index, row in enumerate(table.rows):
        findings += [replace(each, source=table.source(index)) for each in _check_row(row, instrument)]
        by_subject.setdefault(row["subject"], []).append(index)
    if findings:
        raise InputError(findings)
    results: dict[str, IcahtResult] = {}
    for subject, indexes in by_subject.items():
        try:
            results[subject] = _grade_subject([table.rows[index] for index in indexes], instrument, rules)
        except CelltrialError as error:
            findings += [
                replace(each, where=f"{subject} {each.where}", source=table.source(indexes[0]))
                for each in error.findings
            ]
    if findings:
        raise InputError(findings)
    return results


def _grade_subject(rows: Sequence[Mapping[str, str]], instrument: Instrument, rules: "IcahtRules") -> "IcahtResult":
    from celltrial.safety.icaht import Count, grade_icaht, grade_t_icaht

    counts = [
        Count(day=int(row["day"]), value=_in_unit(row["value"], row["unit"], instrument))
        for row in rows
        if row["value"]
    ]
    censor, death = (_one_day(rows, name) for name in ("censor_day", "death_day"))
    given, transfused = (
        sorted({int(row["day"]) for row in rows if row.get(name) == "yes"}) for name in ("growth_factor", "transfusion")
    )
    if instrument == "icaht":
        return grade_icaht(counts, censor_day=censor, death_day=death, growth_factor_days=given, rules=rules)
    return grade_t_icaht(
        counts,
        censor_day=censor,
        death_day=death,
        growth_factor_days=given,
        transfusion_days=transfused,
        rules=rules,
    )


def _check_row(row: Mapping[str, str], instrument: Instrument) -> list[Finding]:
    """What cannot be read in a row; a blank value is a count that was not taken."""
    findings = [] if row["subject"] else [Finding(message="subject is blank", where="subject", expected="a subject id")]
    for name in ("day", "censor_day", "death_day"):
        text = row.get(name, "")
        if not _is_whole(text) and (text or name == "day"):
            findings.append(
                Finding(
                    message=f"{name} is not a whole number",
                    where=name,
                    found=repr(text),
                    expected="days since infusion",
                )
            )
    for name in ("growth_factor", "transfusion"):
        if row.get(name, "") not in _YES_NO:
            findings.append(
                Finding(message=f"{name} cannot be read", where=name, found=row[name], expected="yes, no, unknown")
            )
    if not row["value"]:
        return findings
    if not isinstance(read_number(row["value"]), Decimal):
        return [*findings, Finding(message="value is not a number", where="value", found=repr(row["value"]))]
    try:
        _in_unit(row["value"], row["unit"], instrument)
    except CelltrialError as error:
        findings += [replace(each, where="unit") for each in error.findings]
    return findings


def _in_unit(value: str, unit: str, instrument: Instrument) -> Decimal:
    """The count in the unit of the method: neutrophils per microlitre, platelets in 10^9/L."""
    return Decimal(value) * _factor(unit, instrument)


@cache
def _factor(unit: str, instrument: Instrument) -> Decimal:
    """One of `unit` in the unit of the method; units of counts differ by powers of ten, so it is exact."""
    return convert(Quantity(Decimal(1), unit), "/uL" if instrument == "icaht" else "10*9/L").value


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _one_day(rows: Sequence[Mapping[str, str]], name: str) -> int | None:
    """The day that the subject's rows give; blank rows do not disagree."""
    given = sorted({int(row[name]) for row in rows if row.get(name)})
    if len(given) > 1:
        raise InputError(
            Finding(
                message=f"{name} differs between the rows of a subject",
                where=name,
                found=", ".join(map(str, given)),
                expected="one day, or blank",
                next_step="correct the column",
            )
        )
    return given[0] if given else None


def _cells(result: "IcahtResult", columns: Sequence[str]) -> tuple[object, ...]:
    days: list[object] = [each.least for each in result.early.days.values()] or [None] * len(columns)
    reasons = []
    grades: list[object] = []
    for name, window in (("early", result.early), ("late", result.late)):
        is_open = isinstance(window.grade, NotGradable)
        grades += [None if isinstance(window.grade, NotGradable) else window.grade.value]
        grades += [window.lower_bound if is_open else None]
        text = window.grade.reason if isinstance(window.grade, NotGradable) else "; ".join(window.grade.reasons)
        reasons.append(f"{name}: {text}")
    return (*days, *grades, " | ".join(reasons))


def _more(result: "IcahtResult") -> tuple[object, ...]:
    nadir = result.nadir
    return (
        nadir.value if nadir else None,
        nadir.day if nadir else None,
        len(result.early.filled_days),
        len(result.early.unknown_days),
        result.end_day,
        "; ".join(result.flags),
    )
