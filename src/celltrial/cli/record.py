"""`celltrial import`, `celltrial verify` and `celltrial cut`: into the record, is it whole, freeze it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.checkpoint_check import Checkpoints, Trust
from celltrial.cli.console import print_findings, print_json, print_table
from celltrial.cli.evidence import latest_line
from celltrial.cli.transfers import Log, log_transfer
from celltrial.cli.writing import AsJson, Person, Role, StudyFolder, author, moment, now
from celltrial.errors import Finding, UsageError

if TYPE_CHECKING:
    from celltrial.decisions.trial import Trial

__all__ = ["register"]

_SLOT = ("meaning", "name", "date")


def register(app: typer.Typer) -> None:
    """Add the commands of the record."""
    app.command("import", help="Append observations, forms or events from a file, all or nothing.")(_import)
    app.command("verify", help="Recompute every hash and link of the record, and name every break.")(_verify)
    app.command("cut", help="Freeze a data cut: its hash, its counts, and the place for its signature.")(_cut)


def _import(
    study: StudyFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv or .json file in UTF-8")],
    profile: Annotated[
        Path | None, typer.Option(metavar="FILE", help="How a laboratory writes its files; FILE is then such a file")
    ] = None,
    links: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --profile: hospital number -> subject; stays outside")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="With --profile: show what would be written")] = False,
    log: Log = False,
    person: Person = "",
    role: Role = "coordinator",
    as_json: AsJson = False,
) -> None:
    from celltrial.cli.laboratory import import_by_profile
    from celltrial.cli.trials import open_trial

    trial = open_trial(study)
    if profile is not None:
        import_by_profile(
            trial,
            file,
            profile=profile,
            links=links,
            preview=preview,
            log=log,
            person=person,
            role=role,
            as_json=as_json,
        )
    elif links is not None or preview:
        raise UsageError(
            Finding(
                message="--links and --preview are for a laboratory's file",
                expected="--profile FILE beside them",
                next_step="name the laboratory's profile (docs/imports.md)",
            )
        )
    else:
        _import_rows(trial, file, log=log, person=person, role=role, as_json=as_json)


def _import_rows(trial: "Trial", file: Path, *, log: bool, person: str, role: str, as_json: bool) -> None:
    from celltrial.record import import_file

    done = import_file(trial.record, file, author=author(trial, person, role), at=now(trial))
    if log:
        log_transfer(
            trial,
            "import",
            what=file.name,
            sha256=done.sha256,
            records=done.rows_read,
            counted=len(done.events),
            person=person,
            role=role,
        )
    if as_json:
        counts = {"rows_read": done.rows_read, "events_written": len(done.events), "sha256": done.sha256}
        print_json(counts | {"head": done.events[-1].hash, "findings": []})
        return
    first, last = done.events[0].seq, done.events[-1].seq
    typer.echo(
        f"{file.name}: {done.rows_read} rows read, {len(done.events)} events written ({first} to {last}); "
        f"head {done.events[-1].hash[:16]}"
    )


def _verify(
    study: StudyFolder,
    checkpoints: Checkpoints = None,
    trust: Trust = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Write the projection anew from the events first")] = False,
    as_json: AsJson = False,
) -> None:
    from celltrial.cli.checkpoint_check import compare_study, print_comparison, to_document
    from celltrial.cli.trials import open_trial, record_place
    from celltrial.record import verify_record

    if rebuild:
        lines = open_trial(study).record.rebuild()
        typer.echo(f"the projection was written anew: {lines} entries", err=True)
    place = record_place(study)
    result, comparison = verify_record(place), compare_study(place, study, checkpoints, trust)
    findings = (*result.findings, *(comparison.findings if comparison else ()))
    if as_json:
        document = {"ok": not findings, "events": result.events, "head": result.head}
        print_json(document | {"findings": [each.to_json() for each in findings]} | to_document(comparison))
        raise typer.Exit(1 if findings else 0)
    if findings:
        print_findings(findings)
        typer.echo(f"the record is NOT whole: {len(findings)} findings in {result.events} events")
    else:
        typer.echo(f"the record is whole: {result.events} events, head {result.head}")
    if comparison is not None:
        print_comparison(comparison)
    raise typer.Exit(1 if findings else 0)


def _cut(
    study: StudyFolder,
    as_of: Annotated[str, typer.Option(help="Freeze what was recorded by then (ISO 8601); now if not given")] = "",
    purpose: Annotated[str, typer.Option(help="What the cut is for")] = "data review",
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from celltrial.cli.trials import open_trial
    from celltrial.record import Draft, count_entries, make_data_cut

    trial = open_trial(study)
    state = trial.record.state(moment(trial, as_of))
    body = make_data_cut(state, now=trial.record.state(), purpose=purpose)
    draft = Draft(body=body, why=f"data cut for {purpose}")
    event = trial.record.append([draft], author=author(trial, person, role), at=now(trial))[0]
    counts, subjects = count_entries(state), [str(each) for each in state.subjects]
    slot = {"covers": [event.seq], "meaning": "", "printed_name": "", "signed_by": "", "signed_at": ""}
    frozen = {"cut": body.cut, "as_of": body.as_of, "events": state.length, "head": body.head}
    if as_json:
        line = latest_line(trial, study)
        print_json(
            frozen | {"event": event.seq, "checkpoint": line, "counts": counts, "subjects": subjects, "signature": slot}
        )
        return
    typer.echo(f"{body.cut}: {state.length} events as of {body.as_of}, {len(subjects)} subjects\nhead {body.head}")
    typer.echo(f"checkpoint {latest_line(trial, study)}")
    print_table("Counts", ("type", "entries"), counts.items())
    typer.echo(
        f"Signature of event {event.seq}\n  meaning ____________\n  name    ____________\n  date    ____________"
    )
