"""`celltrial validate`: the numbered requirements, shown where the program is installed, in a report to be signed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.console import print_findings, print_json, progress_bar
from celltrial.cli.writing import AsJson

if TYPE_CHECKING:
    from celltrial.cli.console import Progress
    from celltrial.validation.judging import Qualification
    from celltrial.validation.outcome import Check
    from celltrial.validation.pack import Pack
    from celltrial.validation.report import Report

__all__ = ["register"]

_Study = Annotated[Path | None, typer.Argument(metavar="[STUDY]", help="A study folder: qualifies its files too")]
_Out = Annotated[Path | None, typer.Option("--out", "-o", help="Where to write the report; made if it is not there")]
_Quick = Annotated[bool, typer.Option("--quick", help="Only requirements of high risk; no dry run of the study")]
_Key = Annotated[Path | None, typer.Option("--key", help="An Ed25519 key (PEM) that signs; with --verify: that signed")]
_Verify = Annotated[Path | None, typer.Option("--verify", metavar="DIR", help="Check hashes and signature of a report")]
_Workers = Annotated[int, typer.Option("--workers", min=1, help="How many processes run the tests")]


def register(app: typer.Typer) -> None:
    """Add `celltrial validate`."""
    app.command("validate")(_validate)


def _validate(
    study: _Study = None,
    out: _Out = None,
    quick: _Quick = False,
    key: _Key = None,
    verify: _Verify = None,
    workers: _Workers = 2,
    person: Annotated[str, typer.Option(envvar="CELLTRIAL_PERSON", help="Who runs it; this account if not given")] = "",
    name: Annotated[str, typer.Option("--name", help="The printed name of who runs it")] = "",
    as_json: AsJson = False,
) -> None:
    """Show on this computer that the program does what its requirements say. Exit code 1 where one is not met."""
    from celltrial.errors import Finding, UsageError

    if verify is not None:
        raise typer.Exit(_check(verify, key, as_json))
    if out is None:
        raise UsageError(Finding(message="where to write the report is not said", next_step="give -o DIR"))
    report = _run(study, out, is_quick=quick, key=key, workers=workers, who=(person, name))
    if as_json:
        print_json(report.document)
    else:
        _say(report)
    raise typer.Exit(1 if report.document["result"] == "failed" else 0)


def _run(
    study: Path | None, out: Path, *, is_quick: bool, key: Path | None, workers: int, who: tuple[str, str]
) -> "Report":
    import getpass
    import platform
    from datetime import UTC, datetime

    from celltrial.study import require_folder
    from celltrial.validation.document import Occasion
    from celltrial.validation.pack import find_pack
    from celltrial.validation.report import write_validation
    from celltrial.validation.running import require_tools
    from celltrial.validation.sealing import read_key

    pack, private = find_pack(), None if key is None else read_key(key, passphrase=_passphrase())
    require_tools()
    named = ("", "", "") if study is None else _identify(require_folder(study))
    out.mkdir(parents=True, exist_ok=True)
    began_at = datetime.now(UTC)
    with progress_bar() as progress:
        qualification = _qualify(pack, study, out, progress, is_quick=is_quick, workers=workers)
    occasion = Occasion(
        person=who[0] or getpass.getuser(),
        printed_name=who[1],
        computer=platform.node(),
        began_at=began_at,
        ended_at=datetime.now(UTC),
        is_quick=is_quick,
        study=named[0],
        study_version=named[1],
        study_hash=named[2],
    )
    return write_validation(qualification, occasion, out, key=private)


def _passphrase() -> bytes | None:
    import os

    return os.environ.get("CELLTRIAL_KEY_PASSPHRASE", "").encode() or None


def _identify(folder: Path) -> tuple[str, str, str]:
    """Id, version and hash of a study; of one that does not load its folder's name, for the report says why."""
    from celltrial.errors import StudyError
    from celltrial.study import load_study

    try:
        study = load_study(folder)
    except StudyError:
        return folder.name, "does not load", ""
    return study.id, study.version, study.hash


def _qualify(
    pack: "Pack", study: Path | None, out: Path, progress: "Progress", *, is_quick: bool, workers: int
) -> "Qualification":
    from celltrial.cli.trials import record_place
    from celltrial.validation.checking import unnamed_modules
    from celltrial.validation.configuration import qualify_study
    from celltrial.validation.installation import qualify_installation
    from celltrial.validation.judging import Qualification, asked_of, judge
    from celltrial.validation.report import JUNIT
    from celltrial.validation.requirements import read_requirements
    from celltrial.validation.running import run_tests

    requirements = read_requirements(pack.requirements)
    progress(0.0, "installation")
    installation = qualify_installation(pack)
    end = 0.95 if study is None else 0.7
    patterns = dict.fromkeys(pattern for each in requirements for pattern in asked_of(each, is_quick=is_quick))
    done = run_tests(
        pack,
        tuple(patterns),
        junit=out / JUNIT,
        workers=workers,
        told=lambda share, last: progress(
            0.02 + (end - 0.02) * share, f"{last.outcome} {last.node.rpartition('::')[2]}"
        ),
    )
    checks: tuple[Check, ...] = ()
    if study is not None:
        checks = qualify_study(
            study,
            is_quick=is_quick,
            told=lambda share, text: progress(end + (0.99 - end) * share, text),
            place=record_place(study),
        )
    progress(1.0, "done")
    shipped = [path.relative_to(pack.root).as_posix() for path in sorted((pack.root / "tests").rglob("test_*.py"))]
    return Qualification(
        requirements=judge(requirements, done.results, is_quick=is_quick),
        installation=installation,
        study=checks,
        broken_files=done.broken_files,
        unnamed_modules=unnamed_modules(requirements, shipped),
    )


def _say(report: "Report") -> None:
    summary = report.document["summary"]
    assert isinstance(summary, list)
    typer.echo(f"{str(report.document['result']).upper()}   {report.document['scope']}   {report.page}")
    for line in summary:
        typer.echo(f"  {line}")
    signed = f"signed with key {report.key}" if report.key else "UNSIGNED: no --key was given"
    typer.echo(f"  {signed}. Check it later: celltrial validate --verify {report.folder}")


def _check(folder: Path, key: Path | None, as_json: bool) -> int:
    from celltrial.validation.sealing import check_report, read_public

    expected = None if key is None else read_public(key, passphrase=_passphrase())
    checked = check_report(folder, expected=expected)
    signer = "" if checked.public is None else checked.public.fingerprint
    if as_json:
        findings = [each.to_json() for each in checked.findings]
        print_json({"ok": checked.ok, "signed": bool(signer), "key": signer, "findings": findings})
    elif checked.ok:
        state = f"signed by {checked.seal.get('signed_by')} with key {signer}" if signer else "UNSIGNED: hashes only"
        typer.echo(f"{folder}: every file is as it was written; {state}")
    else:
        print_findings(checked.findings, to_stderr=False)
    return 0 if checked.ok else 1
