"""`celltrial history`, `trail`, `casebook`: one datum through time, the audit trail, one participant whole."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.console import error_console, print_findings, print_json, progress_bar
from celltrial.cli.history_lines import history_document, print_histories
from celltrial.cli.transfers import Log, log_transfer
from celltrial.cli.trials import open_trial, record_place
from celltrial.cli.writing import AsJson, Person, Role, StudyFolder, moment
from celltrial.errors import Finding, UsageError

if TYPE_CHECKING:
    from celltrial.codes import SubjectId
    from celltrial.decisions.trial import Trial
    from celltrial.record import TrialState
    from celltrial.record.trail import Trail
    from celltrial.reports.casebook import CasebookSource, Format

__all__ = ["register"]

_AsOf = Annotated[str, typer.Option("--as-of", metavar="T", help="As recorded by then (ISO 8601); now if not given")]
_FORMATS: "tuple[Format, ...]" = ("html", "pdf")
_ENDINGS = (".csv", ".html", ".json")


def register(app: typer.Typer) -> None:
    """Add `history`, `trail` and `casebook`."""
    app.command("history", help="Every value that a datum has had: who, when, why, and what has touched it.")(_history)
    app.command("trail", help="The audit trail: one line for each field of each event.")(_trail)
    app.command("casebook", help="Everything recorded of a participant, with the audit trail, as HTML and PDF.")(
        _casebook
    )


def _history(
    study: StudyFolder,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="e.g. 01-003; STUDY for data of the study itself")],
    path: Annotated[
        str, typer.Argument(metavar="[FORM[/VISIT[/ROW[/ITEM]]]]", help="or TYPE/KEY/FIELD; all data without it")
    ] = "",
    event: Annotated[int | None, typer.Option(help="The entry that this event made or corrected")] = None,
    as_of: _AsOf = "",
    as_json: AsJson = False,
) -> None:
    from celltrial.codes import SubjectId
    from celltrial.record.chronicle import Chronicle
    from celltrial.record.history import history

    trial = open_trial(study)
    state = trial.record.state(moment(trial, as_of))
    whose = None if subject == "STUDY" else SubjectId(subject)
    found = history(trial.study, Chronicle(state), whose, path, event=event)
    if as_json:
        print_json(history_document(trial.study, state, subject, found))
    else:
        print_histories(trial.study, subject, found)


def _trail(
    study: StudyFolder,
    subject: Annotated[str, typer.Argument(metavar="[SUBJECT]", help="One participant; the whole record without")] = "",
    since: Annotated[str, typer.Option(metavar="T", help="Only what was recorded from then on (ISO 8601)")] = "",
    as_of: _AsOf = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help=".csv, .html or .json; CSV on stdout without it")
    ] = None,
    log: Log = False,
    person: Person = "",
    role: Role = "data_manager",
) -> None:
    import hashlib

    from celltrial.record.chronicle import Chronicle
    from celltrial.record.trail import list_trail

    kind = ".csv" if out is None else out.suffix.lower()
    if kind not in _ENDINGS:
        raise UsageError(Finding(message="not a kind of file for a trail", found=kind, expected=", ".join(_ENDINGS)))
    trial = open_trial(study)
    state = trial.record.state(moment(trial, as_of))
    trail = list_trail(Chronicle(state), _known(state, subject) if subject else None)
    if since:
        trail = trail.recorded_from(_start(trial, since))
    data = _render_trail(trial, state, trail, kind)
    if out is None:
        typer.get_binary_stream("stdout").write(data)
    else:
        out.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    told = (
        f"{len(trail.events)} events, {len(trail.lines)} lines; the record has {state.length} events, head {state.head}"
    )
    about = f"; {len(trail.about)} events name no subject and speak of {subject}'s" if trail.about else ""
    error_console().print(f"{out or 'stdout'}: {told}{about}; SHA-256 {digest}", markup=False)
    if log:
        name = out.name if out is not None else "audit trail"
        counted = _count_back(data, kind, trail)
        log_transfer(
            trial,
            "export",
            what=name,
            sha256=digest,
            records=len(trail.lines),
            counted=counted,
            person=person,
            role=role,
            through=state.length,
        )


def _casebook(
    study: StudyFolder,
    subjects: Annotated[list[str] | None, typer.Argument(metavar="[SUBJECT]...", help="e.g. 01-003 01-005")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Made if it does not exist")] = Path(
        "casebooks"
    ),
    everyone: Annotated[bool, typer.Option("--all", help="Every participant of the record")] = False,
    blank: Annotated[
        bool, typer.Option("--blank", help="Every form empty, for paper while the computer is away")
    ] = False,
    as_of: _AsOf = "",
    formats: Annotated[str, typer.Option("--format", metavar="html,pdf", help="One of them or both")] = "html,pdf",
) -> None:
    from celltrial.reports.casebook import write_casebooks

    asked = _formats(formats)
    if sum((bool(subjects), everyone, blank)) != 1:
        raise UsageError(
            Finding(message="whose casebook?", expected="one or more subjects, or --all, or --blank (one of these)")
        )
    if blank:
        _blank(study, out, asked)
        return
    trial = open_trial(study)
    source = _source(trial, study, as_of)
    wanted = source.state.subjects if everyone else [_known(source.state, each) for each in subjects or ()]
    with progress_bar() as progress:
        paths, findings = write_casebooks(source, wanted, out, formats=asked, progress=progress)
    print_findings(findings)
    typer.echo(f"{len(wanted)} casebooks, {len(paths)} files in {out}")
    typer.echo(f"record    {source.state.length} events, head {source.state.head}")


def _blank(study: Path, out: Path, formats: "tuple[Format, ...]") -> None:
    from celltrial.reports.casebook import compose_blank_casebook, write_book
    from celltrial.study import load_study, require_folder

    made_at = datetime.now(UTC)
    loaded = load_study(require_folder(study))
    book = compose_blank_casebook(loaded, generated_at=made_at)
    paths, findings = write_book(book, out, "casebook-blank", formats=formats, made_at=made_at)
    print_findings(findings)
    typer.echo(f"{len(loaded.forms)} forms: {', '.join(str(path) for path in paths)}")


def _source(trial: "Trial", study: Path, as_of: str) -> "CasebookSource":
    """What the casebooks are made from; the record is verified, and compared with its checkpoints, first."""
    from celltrial.cli.checkpoint_check import compare_study
    from celltrial.record.evidence.checkpoints import checkpoint_line
    from celltrial.record.verify import verify_record
    from celltrial.reports.casebook import CasebookSource

    place = record_place(study)
    checked = verify_record(place)
    print_findings(checked.findings)
    comparison = compare_study(place, study, None, None)
    said = f"whole: {checked.events} events" if checked.ok else f"NOT WHOLE: {len(checked.findings)} findings"
    line = checkpoint_line(comparison.latest, comparison.latest_key) if comparison is not None else ""
    if comparison is not None and comparison.findings:
        print_findings(comparison.findings)
        said += f"; {len(comparison.findings)} findings against its checkpoints"
    made_at = datetime.now(UTC)
    return CasebookSource(
        study=trial.study,
        state=trial.record.state(moment(trial, as_of)),
        generated_at=made_at,
        checkpoint=line,
        verified=f"{said}, on {made_at.astimezone(trial.study.site.zone):%Y-%m-%d %H:%M:%S %z}",
    )


def _render_trail(trial: "Trial", state: "TrialState", trail: "Trail", kind: str) -> bytes:
    from celltrial.record.trail_table import render_trail_csv, render_trail_json

    zone = trial.study.site.zone
    if kind == ".csv":
        return render_trail_csv(trail, zone)
    if kind == ".json":
        about = {"study": trial.study.id, "record_events": state.length, "head": state.head}
        return render_trail_json(trail, zone, about).encode()
    from celltrial.reports.casebook import compose_trail, render_casebook_page

    return render_casebook_page(compose_trail(trial.study, state, trail, generated_at=datetime.now(UTC))).encode()


def _count_back(data: bytes, kind: str, trail: "Trail") -> int:
    """The lines of the file itself, read back; a page is for people and is counted as it was made."""
    import json

    from celltrial.record.trail_table import read_trail_csv

    if kind == ".csv":
        return len(read_trail_csv(data))
    return len(json.loads(data)["trail"]) if kind == ".json" else len(trail.lines)


def _known(state: "TrialState", subject: str) -> "SubjectId":
    found = next((each for each in state.subjects if each == subject), None)
    if found is None:
        known = ", ".join(state.subjects) or "no subject yet"
        raise UsageError(Finding(message="nothing is recorded of this subject", found=subject, expected=known))
    return found


def _start(trial: "Trial", text: str) -> datetime:
    from celltrial.studyday import parse_partial_date

    return parse_partial_date(text, trial.study.site.zone).earliest


def _formats(text: str) -> "tuple[Format, ...]":
    asked = [each.strip() for each in text.split(",")]
    if not asked or any(each not in _FORMATS for each in asked):
        raise UsageError(Finding(message="not a format", found=text, expected="html, pdf, or html,pdf"))
    return tuple(each for each in _FORMATS if each in asked)
