"""`celltrial import`, `celltrial verify` and `celltrial cut`: into the record, is it whole, freeze it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.console import print_findings, print_json, print_table
from celltrial.errors import CelltrialError, Finding, UsageError

if TYPE_CHECKING:
    from celltrial.decisions.trial import Trial
    from celltrial.record import Author

__all__ = ["register"]

_SLOT = ("meaning", "name", "date")

StudyFolder = Annotated[Path, typer.Argument(metavar="STUDY", help="A study folder with its record")]
Person = Annotated[
    str, typer.Option(envvar="CELLTRIAL_PERSON", help="Who writes; the account of this computer if not given")
]
Role = Annotated[str, typer.Option(envvar="CELLTRIAL_ROLE", help="In which role of the study")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout")]


def register(app: typer.Typer) -> None:
    """Add the commands of the record."""
    app.command("import", help="Append observations, forms or events from a file, all or nothing.")(_import)
    app.command("verify", help="Recompute every hash and link of the record, and name every break.")(_verify)
    app.command("cut", help="Freeze a data cut: its hash, its counts, and the place for its signature.")(_cut)


def _import(
    study: StudyFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv or .json file in UTF-8")],
    person: Person = "",
    role: Role = "coordinator",
    as_json: AsJson = False,
) -> None:
    from celltrial.decisions.trial import open_trial
    from celltrial.record import import_file

    try:
        trial = open_trial(study)
        done = import_file(trial.record, file, author=_author(trial, person, role), at=_now(trial))
    except CelltrialError as error:
        if not as_json:
            raise
        print_json({"rows_read": None, "events_written": 0, "findings": [each.to_json() for each in error.findings]})
        raise typer.Exit(error.exit_code) from None
    if as_json:
        counts = {"rows_read": done.rows_read, "events_written": len(done.events)}
        print_json(counts | {"head": done.events[-1].hash, "findings": []})
        return
    first, last = done.events[0].seq, done.events[-1].seq
    typer.echo(
        f"{file.name}: {done.rows_read} rows read, {len(done.events)} events written ({first} to {last}); "
        f"head {done.events[-1].hash[:16]}"
    )


def _verify(study: StudyFolder, as_json: AsJson = False) -> None:
    from celltrial.record import verify_record

    result = verify_record(study / "record.db" if study.is_dir() else study)
    if as_json:
        findings = [each.to_json() for each in result.findings]
        print_json({"ok": result.ok, "events": result.events, "head": result.head, "findings": findings})
    elif result.ok:
        typer.echo(f"the record is whole: {result.events} events, head {result.head}")
    else:
        print_findings(result.findings)
        typer.echo(f"the record is NOT whole: {len(result.findings)} findings in {result.events} events")
    raise typer.Exit(0 if result.ok else 1)


def _cut(
    study: StudyFolder,
    as_of: Annotated[str, typer.Option(help="Freeze what was recorded by then (ISO 8601); now if not given")] = "",
    purpose: Annotated[str, typer.Option(help="What the cut is for")] = "data review",
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from celltrial.decisions.trial import open_trial
    from celltrial.record import Draft, count_entries, make_data_cut

    trial = open_trial(study)
    state = trial.record.state(_moment(trial, as_of))
    body = make_data_cut(state, now=trial.record.state(), purpose=purpose)
    draft = Draft(body=body, why=f"data cut for {purpose}")
    event = trial.record.append([draft], author=_author(trial, person, role), at=_now(trial))[0]
    counts, subjects = count_entries(state), [str(each) for each in state.subjects]
    slot = {"covers": [event.seq], "meaning": "", "printed_name": "", "signed_by": "", "signed_at": ""}
    frozen = {"cut": body.cut, "as_of": body.as_of, "events": state.length, "head": body.head}
    if as_json:
        print_json(frozen | {"event": event.seq, "counts": counts, "subjects": subjects, "signature": slot})
        return
    typer.echo(f"{body.cut}: {state.length} events as of {body.as_of}, {len(subjects)} subjects\nhead {body.head}")
    print_table("Counts", ("type", "entries"), counts.items())
    typer.echo(
        f"Signature of event {event.seq}\n  meaning ____________\n  name    ____________\n  date    ____________"
    )


def _author(trial: "Trial", person: str, role: str) -> "Author":
    import getpass

    from celltrial.codes import PersonId
    from celltrial.record import Author

    return Author(person=PersonId(person or getpass.getuser().lower()), role=role, site=trial.study.site.id)


def _now(trial: "Trial") -> datetime:
    """The clock; in a simulated record, whose time is virtual, not before its last event."""
    from celltrial.record import StudyOpened

    state = trial.record.state()
    is_simulated = state.entries(StudyOpened)[0].body.simulated == "yes"
    now = datetime.now(UTC)
    return max(now, state.as_of) if is_simulated and state.as_of else now


def _moment(trial: "Trial", text: str) -> datetime | None:
    """The end of what `text` may stand for: a day is taken whole."""
    from celltrial.studyday import parse_partial_date

    if not text:
        return None
    # recorded time has parts of a second
    latest = parse_partial_date(text, trial.study.site.zone).latest.replace(microsecond=999_999)
    if latest > _now(trial):
        raise UsageError(
            Finding(
                message="a cut cannot freeze what is not recorded yet",
                found=text,
                expected="a day that is over, or a time",
            )
        )
    return latest
