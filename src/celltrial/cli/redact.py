"""`celltrial redact`: a personal text is made unreadable. One person asks, a second approves."""

from typing import Annotated

import typer

from celltrial.cli.console import print_json
from celltrial.cli.writing import AsJson, Person, Role, StudyFolder, author, now

__all__ = ["register"]

Fields = Annotated[
    list[str], typer.Option("--field", help="A text of the event: comment, items.note, @why (its reason)")
]


def register(app: typer.Typer) -> None:
    """Add the commands of redaction."""
    redact = typer.Typer(
        help="Make a personal text unreadable: one person asks, a second approves.", no_args_is_help=True
    )
    redact.command("ask", help="Ask for texts of an event to be made unreadable; nothing changes yet.")(_ask)
    redact.command("approve", help="Approve what another person asked for; the texts are gone from then on.")(_approve)
    app.add_typer(redact, name="redact")


def _ask(
    study: StudyFolder,
    event: Annotated[int, typer.Argument(metavar="EVENT", help="The number of the event")],
    field: Fields,
    why: Annotated[str, typer.Option(help="Why the text does not belong in the record")],
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from celltrial.cli.trials import open_trial
    from celltrial.record import Draft, Redaction

    trial = open_trial(study)
    entry = trial.record.state().entry(event)
    draft = Draft(
        body=Redaction(target=event, fields=tuple(field)), subject=None if entry is None else entry.subject, why=why
    )
    (written,) = trial.record.append([draft], author=author(trial, person, role), at=now(trial))
    if as_json:
        print_json({"redaction": written.seq, "event": event, "fields": list(field)})
        return
    typer.echo(
        f"asked for in event {written.seq}: {', '.join(field)} of event {event}. Nothing has changed yet.\n"
        f"A second person approves: celltrial redact approve {study} {written.seq}"
    )


def _approve(
    study: StudyFolder,
    redaction: Annotated[int, typer.Argument(metavar="REDACTION", help="The number of the event that asks for it")],
    person: Person = "",
    role: Role = "investigator",
    as_json: AsJson = False,
) -> None:
    from celltrial.cli.trials import open_trial
    from celltrial.record import Draft, RedactionApproval

    trial = open_trial(study)
    draft = Draft(body=RedactionApproval(redaction=redaction), why="seen and approved as the second person")
    (written,) = trial.record.append([draft], author=author(trial, person, role), at=now(trial))
    if as_json:
        print_json({"approval": written.seq, "redaction": redaction})
        return
    typer.echo(
        f"approved in event {written.seq}: the texts are gone from the record; the chain holds as before.\n"
        "Backups and exports made earlier still hold them: replace or lock those away."
    )
