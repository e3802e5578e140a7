"""`celltrial report`: the committee's report as one HTML file, with its figures."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from celltrial.cli.console import progress_bar
from celltrial.cli.evidence import latest_line

__all__ = ["register"]


class Kind(StrEnum):
    """Which report."""

    src = "src"
    safety = "safety"
    csr = "csr"


def register(app: typer.Typer) -> None:
    """Add `celltrial report`."""
    app.command("report")(_report)


def _report(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="a study folder")],
    out: Annotated[Path, typer.Option("--out", "-o", help="where to write; made if it does not exist")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="ISO 8601; default: the whole record")
    ] = None,
    kind: Annotated[Kind, typer.Option("--kind", help="src: safety review committee")] = Kind.src,
) -> None:
    """The safety review committee's report: report.html and figures/, as the record stood at a data cut."""
    from celltrial.cli.trials import open_trial
    from celltrial.reports import write_report
    from celltrial.studyday import parse_partial_date

    _require_available(kind)
    trial = open_trial(study)
    state = trial.record.state(None if as_of is None else parse_partial_date(as_of, trial.study.site.zone).latest)
    _require_events(state.length, as_of)
    # without --as-of the data cut is the last event, so that no follow-up is claimed that nobody recorded
    cut_at = state.as_of or datetime.now(UTC)
    with progress_bar() as progress:
        path = write_report(
            trial.study,
            state,
            out,
            as_of=cut_at,
            generated_at=datetime.now(UTC),
            checkpoint=latest_line(trial, study),
            progress=progress,
        )
    typer.echo(f"{path}   {state.length} events, head {state.head[:16]}")


def _require_available(kind: Kind) -> None:
    from celltrial.errors import Finding, UsageError

    if kind is not Kind.src:
        raise UsageError(
            Finding(
                message=f"the {kind.value} report is not part of this version",
                found=f"--kind {kind.value}",
                expected="--kind src",
                next_step="leave --kind out for the safety review committee's report",
            )
        )


def _require_events(length: int, as_of: str | None) -> None:
    from celltrial.errors import Finding, InputError

    if length == 0:
        raise InputError(
            Finding(message="nothing was recorded by then", found=f"--as-of {as_of}", next_step="choose a later time")
        )
