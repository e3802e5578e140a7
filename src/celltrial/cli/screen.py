"""`celltrial screen`: one candidate with reasons, or all candidates against all criteria."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from celltrial.codes import SubjectId
    from celltrial.eligibility import Screening

__all__ = ["register"]

_SIGNS = {"met": "✓", "not met": "✗", "unknown": "?", "not applicable": "–"}


class Stage(StrEnum):
    """The step that is decided about."""

    screening = "screening"
    lymphodepletion = "lymphodepletion"
    infusion = "infusion"


def register(app: typer.Typer) -> None:
    """Add `celltrial screen`."""
    app.command("screen")(_screen)


def _screen(
    study: Annotated[Path, typer.Argument(help="the study folder")],
    subject: Annotated[str | None, typer.Argument(help="one candidate, e.g. 01-003; all without it")] = None,
    stage: Annotated[Stage, typer.Option("--stage", help="the step that is decided about")] = Stage.screening,
    as_of: Annotated[str | None, typer.Option("--as-of", help="the record as it stood then (ISO 8601)")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
) -> None:
    """Screen candidates against the criteria; exit code 1 unless every one of them is eligible."""
    from celltrial.cli.console import print_json

    screened = _screenings(study, subject, stage, as_of)
    if as_json:
        documents = [{"subject": name, **screening.to_json()} for name, screening in screened]
        print_json(documents[0] if subject else documents)
    elif subject:
        _print_one(*screened[0])
    else:
        _print_all(stage, screened)
    raise typer.Exit(0 if screened and all(each.verdict == "eligible" for _, each in screened) else 1)


def _screenings(folder: Path, subject: str | None, stage: Stage, as_of: str | None) -> list[tuple[str, "Screening"]]:
    from celltrial.cli.trials import open_trial
    from celltrial.decisions.screening import screen_subject
    from celltrial.studyday import parse_partial_date

    trial = open_trial(folder)
    # a day is asked about at its end
    at = parse_partial_date(as_of, trial.study.site.zone).latest if as_of else None
    state = trial.record.state(as_of=at)
    asked = at or state.as_of
    subjects = _asked_for(subject, state.subjects)
    if asked is None:
        return []
    return [(str(each), screen_subject(trial.study, state, each, stage=stage.value, as_of=asked)) for each in subjects]


def _asked_for(subject: str | None, subjects: "Sequence[SubjectId]") -> "list[SubjectId]":
    """The one candidate asked for, or all of the record. Raises UsageError for one that the record does not know."""
    from celltrial.errors import Finding, UsageError

    if subject is None:
        return list(subjects)
    found = [each for each in subjects if each == subject]
    if not found:
        known = ", ".join(subjects) or "no candidate yet"
        finding = Finding(
            message="no such candidate in the record",
            found=subject,
            expected=known,
            next_step="check the number, or record the candidate's consent first",
        )
        raise UsageError(finding)
    return found


def _print_one(subject: str, screening: "Screening") -> None:
    from celltrial.cli.console import stdout_console
    from celltrial.eligibility import render_explanation

    stdout_console().print(render_explanation(screening, who=subject), markup=False, soft_wrap=True)


def _print_all(stage: Stage, screened: "Sequence[tuple[str, Screening]]") -> None:
    """A narrow table: it must fit 80 columns with ten criteria."""
    from rich.table import Table

    from celltrial.cli.console import stdout_console

    console = stdout_console()
    if not screened:
        console.print("no candidate in the record", markup=False)
        return
    table = Table(title=f"Screening, stage {stage.value}", title_justify="left", box=None, collapse_padding=True)
    for column in ("subject", "verdict", *(result.id for result in screened[0][1].results), "needed"):
        table.add_column(column, no_wrap=True)
    for subject, screening in screened:
        verdicts = [_SIGNS[result.words] if result.is_due else "…" for result in screening.results]
        table.add_row(subject, screening.verdict, *verdicts, str(len(screening.needs) or ""))
    console.print(table)
    console.print("✓ met  ✗ not met  ? unknown  – not applicable  … not due yet  needed: answers missing", markup=False)
    for note in dict.fromkeys(note for _, screening in screened for note in screening.notes):
        console.print(note, markup=False)
    questions = dict.fromkeys(each for _, screening in screened for each in screening.open_questions)
    if questions:
        console.print(f"open questions (questions.yaml): {', '.join(questions)}", markup=False)
