"""`celltrial new`, `check`, `trace`: a study folder made, checked, and traced to its registry record."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]

StudyFolder = Annotated[Path, typer.Argument(metavar="STUDY", help="A study folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this topic."""
    app.command("new")(new)
    app.command("check")(check)
    app.command("trace")(trace)


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make; new or empty.")],
    template: Annotated[str, typer.Option("--from", help="The shipped study to copy.")] = "ct1192",
    person: Annotated[str, typer.Option(help="Who opens the record.")] = "datamanager.wu",
    role: Annotated[str, typer.Option(help="In which role.")] = "data_manager",
) -> None:
    """Make a study folder of one's own, with an empty record."""
    from datetime import UTC, datetime

    from celltrial.cli.console import stdout_console
    from celltrial.cli.trials import record_place
    from celltrial.codes import PersonId
    from celltrial.decisions.trial import create_trial
    from celltrial.errors import CelltrialError
    from celltrial.record import Author
    from celltrial.study import discard_study, load_study, new_study, shipped_study

    site = load_study(shipped_study(template)).site.id
    author = Author(person=PersonId(person), role=role, site=site)
    new_study(folder, template)
    try:
        create_trial(folder, author=author, at=datetime.now(UTC), place=record_place(folder))
    except CelltrialError:
        discard_study(folder)
        raise
    stdout_console().print(f"{folder}: study files of {template} and an empty record. Next: celltrial check {folder}")


def check(
    study: StudyFolder,
    as_json: AsJson = False,
    seal: Annotated[bool, typer.Option("--seal", help="Seal the study's version as it stands.")] = False,
) -> None:
    """Print every problem in the study files, with file and line. Exit code 1 where there is any."""
    from celltrial.cli.console import print_findings, print_json, stdout_console
    from celltrial.study import STUDY_FILES, check_study, require_folder, seal_study

    if seal:
        seal_study(require_folder(study))
    findings = check_study(require_folder(study))
    if as_json:
        print_json({"ok": not findings, "files": STUDY_FILES, "findings": [each.to_json() for each in findings]})
    elif findings:
        print_findings(findings, to_stderr=False)
    else:
        stdout_console().print(f"{study}: {len(STUDY_FILES)} files, no problems")
    raise typer.Exit(1 if findings else 0)


def trace(study: StudyFolder, as_json: AsJson = False) -> None:
    """Print each sentence of the registry record and what it is bound to. Exit code 1 where one is unbound."""
    from celltrial.cli.console import print_json, print_table
    from celltrial.study import require_folder, trace_study

    sentences = trace_study(require_folder(study))
    unbound = sum(each.status == "unbound" for each in sentences)
    if as_json:
        fields = ("id", "text", "bound_to", "status")
        listed = [{name: getattr(each, name) for name in fields} for each in sentences]
        print_json({"sentences": listed, "unbound": unbound})
    else:
        title = f"{len(sentences)} sentences of the registry record, {unbound} unbound"
        rows = ((each.id, each.text, "\n".join(each.bound_to), each.status) for each in sentences)
        print_table(title, ("id", "sentence", "bound to", "status"), rows)
    raise typer.Exit(1 if unbound else 0)
