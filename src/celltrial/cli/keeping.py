"""`celltrial backup`, `restore`, `drill`, `doctor`: the record kept twice, on a machine that is fit to keep it."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from celltrial.cli.console import print_findings, print_json, print_table
from celltrial.cli.trials import checkpoints_elsewhere, key_folder, open_trial, record_place
from celltrial.cli.writing import AsJson, Person, Role, StudyFolder, author, now

if TYPE_CHECKING:
    from celltrial.errors import Finding
    from celltrial.record.restore import Checked, Comparison

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands that keep the record."""
    app.command("backup", help="Record, study files and checkpoints into one verified file, while others write.")(
        _backup
    )
    app.command("restore", help="A backup into a new folder; with --check, verify it and write nothing.")(_restore)
    app.command("doctor", help="Is this machine a safe place for the record, and is it well kept? Each with its mend.")(
        _doctor
    )
    app.command("drill", help="Back up, restore elsewhere, verify, compare; the outcome goes on record.")(_drill)


def _backup(
    study: StudyFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup to write (.zip); never overwritten")],
    drill: Annotated[bool, typer.Option("--drill", help="Restore it elsewhere too, and put that on record")] = False,
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from datetime import UTC, datetime

    from celltrial.cli.evidence import sign_what_is_new
    from celltrial.record.backup import write_backup

    # so that what is in the backup is covered by a checkpoint; another one may have been written by the time it is made
    sign_what_is_new(open_trial(study), study)
    done = write_backup(record_place(study), study, file, made_at=datetime.now(UTC))
    manifest = done.manifest
    document: dict[str, Any] = {
        "file": str(file),
        "bytes": done.bytes,
        "sha256": done.sha256,
        "events": manifest.events,
        "head": manifest.head,
        "last_at": manifest.last_at,
        "files": [each.name for each in manifest.files],
        "left_out": manifest.left_out,
    }
    if not as_json:
        typer.echo(
            f"{file}: {manifest.events} events up to {manifest.last_at}, {len(manifest.files)} files, "
            f"{done.bytes:,} bytes; read again and verified\nhead   {manifest.head}\nSHA-256 {done.sha256}"
        )
        for name, why in manifest.left_out.items():
            typer.echo(f"left out: {name} ({why})")
    if drill:
        findings = _run_drill(study, file, person, role, document)
    if as_json:
        print_json(document)
    elif drill:
        _print_drill(document["drill"], findings)
    if drill and findings:
        raise typer.Exit(1)


def _restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup")],
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="A new or empty folder")] = None,
    check: Annotated[bool, typer.Option("--check", help="Verify all of it in a scratch folder; write nothing")] = False,
    database: Annotated[str, typer.Option(metavar="URL", help="The events into this empty PostgreSQL record")] = "",
    against: Annotated[Path | None, typer.Option(metavar="STUDY", help="Compare with the record in use there")] = None,
    as_json: AsJson = False,
) -> None:
    from celltrial.errors import Finding, UsageError
    from celltrial.record.restore import check_backup, restore_backup

    if folder is None and not check:
        raise UsageError(Finding(message="where to?", expected="a folder, or --check", found="neither"))
    checked = check_backup(file) if check or folder is None else restore_backup(file, folder, database=database)
    comparison = None if against is None else _compare(checked, against)
    findings = (*checked.findings, *(comparison.findings if comparison else ()))
    if as_json:
        print_json(_as_document(checked, comparison, findings))
    else:
        print_findings(findings)
        _print_restored(checked, comparison, "checked only, nothing was written" if check else f"restored: {folder}")
    raise typer.Exit(1 if findings else 0)


def _drill(
    study: StudyFolder,
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from datetime import UTC, datetime

    from celltrial.record.backup import write_backup
    from celltrial.record.durable_files import scratch_folder

    document: dict[str, Any] = {}
    with scratch_folder() as scratch:
        file = scratch / "drill.zip"
        write_backup(record_place(study), study, file, made_at=datetime.now(UTC))
        findings = _run_drill(study, file, person, role, document)
    if as_json:
        print_json(document["drill"])
    else:
        _print_drill(document["drill"], findings)
    raise typer.Exit(1 if findings else 0)


def _doctor(study: StudyFolder, as_json: AsJson = False) -> None:
    from datetime import UTC, datetime

    from celltrial.decisions.doctor import examine
    from celltrial.record.evidence.folder import FOLDER
    from celltrial.study import load_study, require_folder

    folder, elsewhere = require_folder(study), checkpoints_elsewhere()
    checkpoints = study / FOLDER if elsewhere is None else elsewhere / load_study(folder).id
    checks = examine(folder, record_place(study), checkpoints=checkpoints, keys=key_folder(), now=datetime.now(UTC))
    is_refused = any(each.outcome == "refused" for each in checks)
    if as_json:
        names = ("name", "outcome", "found")
        listed = [
            {name: getattr(each, name) for name in names}
            | {"finding": each.finding.to_json() if each.finding else None}
            for each in checks
        ]
        print_json({"ok": not is_refused, "checks": listed})
    else:
        print_table(f"{study}", ("", "what", "found"), ((each.outcome, each.name, each.found) for each in checks))
        print_findings([each.finding for each in checks if each.finding], to_stderr=False)
        counts = Counter(each.outcome for each in checks)
        typer.echo(", ".join(f"{counts[each]} {each}" for each in ("ok", "warning", "refused", "unknown")))
    raise typer.Exit(1 if is_refused else 0)


def _run_drill(study: Path, file: Path, person: str, role: str, document: dict[str, Any]) -> "tuple[Finding, ...]":
    """Drill one backup, append the outcome, and put it into the document."""
    from celltrial.record import Draft
    from celltrial.record.drill import drill_backup

    trial = open_trial(study)
    body, findings = drill_backup(file, record_place(study), trial.study)
    draft = Draft(body=body, why="backup drill")
    event = trial.record.append([draft], author=author(trial, person, role), at=now(trial))[0]
    document["drill"] = {
        "whole": body.whole,
        "events": int(body.events),
        "head": body.head,
        "sha256": body.sha256,
        "event": event.seq,
        "findings": [each.to_json() for each in findings],
    }
    return findings


def _print_drill(drill: dict[str, Any], findings: "tuple[Finding, ...]") -> None:
    print_findings(findings)
    outcome = "the backup is whole and can be worked with" if drill["whole"] == "yes" else "the backup is NOT whole"
    typer.echo(
        f"drill: {outcome}: {drill['events']} events restored elsewhere, verified, and compared with the record in "
        f"use; on record as event {drill['event']}"
    )


def _compare(checked: "Checked", study: Path) -> "Comparison":
    from celltrial.record.restore import compare_rows
    from celltrial.record.stores import open_store

    live = open_store(record_place(study), read_only=True)
    try:
        return compare_rows(checked.rows, live.read())
    finally:
        live.close()


def _as_document(
    checked: "Checked", comparison: "Comparison | None", findings: "tuple[Finding, ...]"
) -> dict[str, object]:
    manifest = checked.manifest
    document: dict[str, object] = {
        "ok": not findings,
        "made_at": manifest.made_at,
        "study": manifest.study,
        "events": manifest.events,
        "head": manifest.head,
        "sha256": checked.sha256,
        "findings": [each.to_json() for each in findings],
    }
    if comparison is not None:
        names = ("seq", "type", "subject", "recorded_at")
        document["newer"] = [{name: getattr(row, name) for name in names} for row in comparison.newer]
        document["lost"] = [{name: getattr(row, name) for name in names} for row in comparison.lost]
        document["redacted_since"] = comparison.redacted
    return document


def _print_restored(checked: "Checked", comparison: "Comparison | None", outcome: str) -> None:
    from celltrial.record.reading import name_row

    manifest = checked.manifest
    whole = "NOT whole" if checked.findings else "whole"
    typer.echo(
        f"backup of {manifest.study or 'an unknown study'}, made {manifest.made_at} by {manifest.program}: {whole}, "
        f"{manifest.events} events, {len(manifest.files)} files\nhead   {manifest.head}\n{outcome}"
    )
    if manifest.source == "PostgreSQL":
        typer.echo("it is the backup of a database: see that `database` in study.yaml names the right one, or none")
    if comparison is None:
        return
    if comparison.newer:
        typer.echo(f"the record in use has {len(comparison.newer)} events that this backup does not have:")
        for row in comparison.newer:
            typer.echo(f"  {name_row(row)}")
    else:
        typer.echo("the record in use has no event that this backup does not have")
    if comparison.redacted:
        typer.echo(f"{comparison.redacted} events were redacted since: the backup still holds those texts")
