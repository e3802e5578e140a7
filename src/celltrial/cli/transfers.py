"""`--log`: an import or export leaves an event in the record that says what was moved, and that the counts agree."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from celltrial.cli.writing import author, now

if TYPE_CHECKING:
    from celltrial.decisions.trial import Trial
    from celltrial.record import Event

__all__ = ["Log", "log_transfer"]

Log = Annotated[bool, typer.Option("--log", help="Append a `transfer` event: file, hash, records, counted")]


def log_transfer(
    trial: "Trial",
    direction: Literal["import", "export", "print"],
    *,
    what: str,
    sha256: str,
    records: int,
    counted: int,
    person: str,
    role: str,
    through: int | None = None,
) -> "Event":
    """Append the event; refused where `counted` is not `records`. through: None is the whole record."""
    from celltrial.record import Draft
    from celltrial.record.transfers import make_transfer

    body = make_transfer(
        direction,
        what=what,
        sha256=sha256,
        records=records,
        counted=counted,
        through=trial.record.length if through is None else through,
    )
    draft = Draft(body=body, why=f"{direction} of {what}")
    return trial.record.append([draft], author=author(trial, person, role), at=now(trial))[0]
