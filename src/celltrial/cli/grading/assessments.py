"""`celltrial grade crs|icans`: bedside assessments, one a row, and the episodes that they form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from celltrial.cli.grading.rows import ADDED, File, Out, grade_rows, read_number
from celltrial.cli.tabular import Table, add_columns, read_table, write_rows
from celltrial.errors import Finding, InputError
from celltrial.missing import NotGradable

if TYPE_CHECKING:
    from celltrial.safety import Episode, Grade

__all__ = [
    "EPISODE_COLUMNS",
    "Episodes",
    "QuietHours",
    "episode_cells",
    "read_names",
    "read_times",
    "register",
    "rows_by_subject",
]

EPISODE_COLUMNS = ("subject", "onset", "maximum", "resolution", "days", "not_gradable")
_CRS = ("temperature_c", "hypotension", "vasopressors", "oxygen", "antipyretic_or_anticytokine")
_ICANS = ("ice", "consciousness", "seizure", "deep_focal_weakness", "cerebral_oedema")

Episodes = Annotated[
    Path | None, typer.Option("--episodes", help="CSV file to write with one row an episode; needs subject and at.")
]
QuietHours = Annotated[
    float, typer.Option("--quiet-hours", min=0, help="An episode ends where grade 0 was seen to last so long.")
]


def register(grade: typer.Typer) -> None:
    """Add the commands."""
    grade.command("crs")(grade_crs_file)
    grade.command("icans")(grade_icans_file)


def grade_crs_file(file: File, out: Out, episodes: Episodes = None, quiet_hours: QuietHours = 0) -> None:
    """Grade cytokine release syndrome by ASTCT 2019, one observation a row."""
    _grade_file(file, out, _CRS, _grade_crs_row, episodes, quiet_hours)


def grade_icans_file(file: File, out: Out, episodes: Episodes = None, quiet_hours: QuietHours = 0) -> None:
    """Grade neurotoxicity (ICANS) of adults by ASTCT 2019, one assessment a row."""
    _grade_file(file, out, _ICANS, _grade_icans_row, episodes, quiet_hours)


def _grade_file(
    file: Path,
    out: Path,
    columns: Sequence[str],
    grade: "Callable[[Mapping[str, str]], Grade | NotGradable]",
    episodes: Path | None,
    quiet_hours: float,
) -> None:
    table = read_table(file, required=columns if episodes is None else (*columns, "subject", "at"), adds=ADDED)
    graded: list[Grade | NotGradable] = []

    def grade_row(row: Mapping[str, str]) -> tuple[int, str] | NotGradable:
        result = grade(row)
        graded.append(result)
        return result if isinstance(result, NotGradable) else (result.value, "; ".join(result.reasons))

    derive = grade_rows(table, grade_row)
    rows = None if episodes is None else episode_rows(table, graded, quiet_hours)
    add_columns(table, out, ADDED, derive)
    if episodes is not None and rows is not None:
        write_rows(episodes, EPISODE_COLUMNS, rows)


def episode_rows(table: Table, graded: "Sequence[Grade | NotGradable]", quiet_hours: float) -> list[Sequence[object]]:
    """One row an episode, subjects in the order of first appearance. Raises InputError for a row without subject."""

    from celltrial.safety.episodes import find_episodes

    blank = [index for index, row in enumerate(table.rows) if not row["subject"]]
    if blank:
        # rows of nobody would be taken for one participant
        raise InputError(Finding(message="subject is blank", source=table.source(i), where="subject") for i in blank)
    times = read_times(table)
    return [
        (subject, *episode_cells(episode))
        for subject, indexes in rows_by_subject(table).items()
        for episode in find_episodes([(times[i], graded[i]) for i in indexes], quiet=timedelta(hours=quiet_hours))
    ]


def rows_by_subject(table: Table) -> dict[str, list[int]]:
    """The numbers of each subject's rows, subjects in the order of first appearance."""
    by_subject: dict[str, list[int]] = {}
    for index, row in enumerate(table.rows):
        by_subject.setdefault(row["subject"], []).append(index)
    return by_subject


def episode_cells(episode: "Episode") -> tuple[object, ...]:
    """Onset, maximum, resolution, days to it, and how many observations in it could not be graded."""
    resolution = episode.resolution
    return (
        episode.onset.isoformat(),
        episode.maximum,
        resolution.isoformat() if resolution else None,
        round((resolution - episode.onset).total_seconds() / 86400, 2) if resolution else None,
        len(episode.not_gradable),
    )


def read_times(table: Table, column: str = "at") -> list[datetime]:
    """The times of a table. Raises InputError where one cannot be read, or only some name a zone."""
    times: list[datetime] = []
    findings: list[Finding] = []
    for index, row in enumerate(table.rows):
        try:
            times.append(datetime.fromisoformat(row[column]))
        except ValueError:
            problem = Finding(
                message=f"{column} is not a date and time",
                where=column,
                found=repr(row[column]),
                expected="ISO 8601, e.g. 2026-03-01T08:00",
                next_step="complete the time",
            )
            findings.append(replace(problem, source=table.source(index)))
    if not findings and len({each.tzinfo is None for each in times}) > 1:
        findings.append(
            Finding(
                message="some times name a zone and some do not",
                source=table.source(0),
                where=column,
                expected="all with a zone, or all of the same place without one",
                next_step="write the times in one way",
            )
        )
    if findings:
        raise InputError(findings)
    return times


def _grade_crs_row(row: Mapping[str, str]) -> "Grade | NotGradable":
    from celltrial.safety import CrsObservation, grade_crs

    temperature = read_number(row["temperature_c"])
    if isinstance(temperature, str):
        return NotGradable(f"temperature_c {row['temperature_c']!r} is not a number")
    words: Any = {name: row[name] or "unknown" for name in ("hypotension", "oxygen", "antipyretic_or_anticytokine")}
    words |= {name: row.get(name) or "no" for name in ("other_cause", "death_due_to_crs")}
    return grade_crs(CrsObservation(temperature_c=temperature, vasopressors=read_names(row["vasopressors"]), **words))


def read_names(text: str) -> tuple[str, ...] | None:
    """Names separated by semicolons; blank or `none` is none of them; `unknown` is not known."""
    if text.casefold() == "unknown":
        return None
    return tuple(name.strip() for name in text.split(";") if name.strip().casefold() not in ("", "none"))


def _grade_icans_row(row: Mapping[str, str]) -> "Grade | NotGradable":
    from celltrial.safety import IcansObservation, grade_icans

    ice = row["ice"]
    if ice and not ice.isdigit():
        return NotGradable(f"ice {ice!r} is not a whole number")
    words: Any = {name: row[name] or "unknown" for name in _ICANS if name != "ice"}
    words |= {name: row.get(name) or "no" for name in ("other_cause", "death_due_to_icans")}
    return grade_icans(IcansObservation(ice=int(ice) if ice else None, **words))
