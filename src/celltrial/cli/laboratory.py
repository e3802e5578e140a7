"""`celltrial import --profile` and `celltrial ranges`: a laboratory's files and its reference ranges."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.console import print_findings, print_json, print_table
from celltrial.cli.transfers import Log, log_transfer
from celltrial.cli.writing import AsJson, Person, Role, StudyFolder, author, now

if TYPE_CHECKING:
    from celltrial.decisions.trial import Trial
    from celltrial.record.laboratory import Fate, LabPlan

__all__ = ["import_by_profile", "register"]

_SHOWN = 2
_NOT_WRITTEN: tuple["Fate", ...] = ("already there", "left out", "refused")


def register(app: typer.Typer) -> None:
    """Add `celltrial ranges`."""
    ranges = typer.Typer(help="Reference ranges of laboratories, by date.", no_args_is_help=True)
    ranges.command("import", help="Append the ranges of a CSV file, all or nothing.")(_import_ranges)
    ranges.command("list", help="The ranges in the record; where two overlap, where none holds.")(_list_ranges)
    app.add_typer(ranges, name="ranges")


def import_by_profile(
    trial: "Trial",
    file: Path,
    *,
    profile: Path,
    links: Path | None,
    preview: bool,
    log: bool,
    person: str,
    role: str,
    as_json: bool,
) -> None:
    """Show or write a laboratory's file. Exit code 1 where a row is refused."""
    from celltrial.record.laboratory import preview_laboratory_file, read_profile, write_plan

    who, at = author(trial, person, role), now(trial)
    mapping = read_profile(profile, trial.study.site.zone)
    plan = preview_laboratory_file(trial.record, file, mapping, links=links, author=who, at=at)
    written, head = 0, ""
    if not preview and not plan.findings:
        written = len(write_plan(trial.record, plan, author=who, at=at).events)
        if log and written:
            log_transfer(
                trial,
                "import",
                what=file.name,
                sha256=plan.sha256,
                records=plan.counts.new,
                counted=written,
                person=person,
                role=role,
            )
        head = trial.record.head
    if as_json:
        print_json(_to_json(plan) | {"preview": preview, "events_written": written, "head": head})
    else:
        _print_plan(plan)
        _print_outcome(plan, preview=preview, written=written, head=head)
    raise typer.Exit(1 if plan.findings else 0)


def _print_outcome(plan: "LabPlan", *, preview: bool, written: int, head: str) -> None:
    if plan.findings:
        typer.echo(f"REFUSED: {len(plan.findings)} findings; nothing was written")
    elif preview:
        typer.echo("preview: nothing was written")
    elif not written:
        typer.echo("nothing new: nothing was written")
    else:
        typer.echo(f"{written} events written; head {head[:16]}")


def _print_plan(plan: "LabPlan") -> None:
    rows, more = [], 0
    for _, several in _by_analyte(plan).items():
        more += max(0, len(several) - _SHOWN)
        rows += several[:_SHOWN]
    if rows:
        columns = ("line", "subject", "visit", "collected", "analyte", "result", "limits", "printed")
        told = [
            (*row[:3], str(row[3])[:16], row[4], " = ".join(str(each) for each in row[5:7] if each), *row[7:])
            for row in rows
        ]
        print_table("What becomes what: the first new lines of each analyte", columns, told)
        if more:
            typer.echo(f"  and {more} more\n")
    for title, what in (("analyte", "analyte"), ("unit", "unit"), ("visit", "visit")):
        if unknown := plan.unmapped(what):
            print_table(f"Not in the profile: {title}", (title, "rows"), unknown.items())
    others = [(fate, reason, n) for fate in _NOT_WRITTEN for reason, n in plan.reasons(fate).items()]
    if others:
        print_table("Rows that are not written", ("fate", "why", "rows"), others)
    if plan.unread_columns:
        typer.echo(f"columns never read: {', '.join(plan.unread_columns)}")
    if plan.warnings:
        typer.echo(f"{len(plan.warnings)} warnings, which refuse nothing:", err=True)
        print_findings(plan.warnings)
    if plan.findings:
        print_findings(plan.findings)
    typer.echo(f"{plan.file}: {plan.counts}")
    typer.echo(f"SHA-256 {plan.sha256}")


def _by_analyte(plan: "LabPlan") -> dict[str, list[tuple[object, ...]]]:
    from celltrial.record import FormEntry
    from celltrial.record.laboratory import show_canonical

    shown: dict[str, list[tuple[object, ...]]] = {}
    for row in plan.new_rows:
        assert row.sample is not None
        assert row.draft is not None
        assert isinstance(row.draft.body, FormEntry)
        items, sample = row.draft.body.items, row.sample
        limits = f"{items.get('lln', '')} to {items.get('uln', '')}" if {"lln", "uln"} & items.keys() else ""
        shown.setdefault(sample.analyte, []).append(
            (
                row.line,
                sample.subject,
                row.draft.body.visit,
                sample.collected,
                sample.analyte,
                f"{sample.value} {sample.unit}".strip(),
                show_canonical(sample.analyte, sample.value, sample.unit),
                limits,
                sample.printed,
            )
        )
    return shown


def _to_json(plan: "LabPlan") -> dict[str, object]:
    columns = ("line", "subject", "visit", "collected", "analyte", "result", "canonical", "limits", "printed")
    return {
        "file": plan.file,
        "sha256": plan.sha256,
        "rows_read": plan.counts.rows_read,
        "reconciliation": plan.counts.to_json(),
        "new": [dict(zip(columns, row, strict=True)) for several in _by_analyte(plan).values() for row in several],
        "already_there": plan.reasons("already there"),
        "left_out": plan.reasons("left out"),
        "refused": plan.reasons("refused"),
        "unmapped": {what: plan.unmapped(what) for what in ("analyte", "unit", "visit")},
        "unread_columns": list(plan.unread_columns),
        "corrections": list(plan.corrections),
        "warnings": [each.to_json() for each in plan.warnings],
        "findings": [each.to_json() for each in plan.findings],
    }


def _import_ranges(
    study: StudyFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Reference ranges, CSV in UTF-8")],
    log: Log = False,
    person: Person = "",
    role: Role = "data_manager",
    as_json: AsJson = False,
) -> None:
    from celltrial.cli.trials import open_trial
    from celltrial.record.range_file import import_ranges

    trial = open_trial(study)
    done = import_ranges(trial.record, file, author=author(trial, person, role), at=now(trial))
    if log and done.events:
        log_transfer(
            trial,
            "import",
            what=file.name,
            sha256=done.plan.sha256,
            records=done.plan.counts.new,
            counted=len(done.events),
            person=person,
            role=role,
        )
    warnings = done.plan.warnings
    if as_json:
        counts = {"reconciliation": done.plan.counts.to_json(), "events_written": len(done.events)}
        print_json(counts | {"warnings": [each.to_json() for each in warnings], "findings": []})
        return
    print_findings(warnings)
    typer.echo(f"{file.name}: {done.plan.counts}")
    typer.echo(f"{len(done.events)} events written" if done.events else "nothing new: nothing was written")


def _list_ranges(study: StudyFolder, as_json: AsJson = False) -> None:
    from celltrial.cli.trials import open_trial
    from celltrial.record.bodies import ReferenceRange
    from celltrial.record.ranges import check_gaps, check_overlaps

    trial = open_trial(study)
    entries = trial.record.state().entries(ReferenceRange)
    named = [(f"event {each.seq}", each.body) for each in entries]
    zone = trial.study.site.zone
    overlaps, gaps = tuple(check_overlaps(named, zone)), tuple(check_gaps(named, zone))
    fields = ("laboratory", "analyte", "low", "high", "unit", "sex", "age_from", "age_to", "valid_from", "valid_to")
    if as_json:
        rows = [{"event": each.seq} | {name: getattr(each.body, name) for name in fields} for each in entries]
        print_json({"ranges": rows, "findings": [each.to_json() for each in (*overlaps, *gaps)]})
    else:
        ordered = sorted(entries, key=lambda each: (each.body.laboratory, each.body.analyte, each.body.valid_from))
        told = [(each.seq, *(getattr(each.body, name) for name in fields)) for each in ordered]
        print_table(f"Reference ranges: {len(told)}", ("event", *fields), told)
        print_findings((*overlaps, *gaps))
    raise typer.Exit(1 if overlaps else 0)
