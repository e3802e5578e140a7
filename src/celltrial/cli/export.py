"""`celltrial export`: the CDISC data sets of a study as files, as the record stood at a data cut."""

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.evidence import ship_evidence
from celltrial.cli.transfers import Log, log_transfer
from celltrial.cli.writing import Person, Role

if TYPE_CHECKING:
    from celltrial.datasets import Dataset
    from celltrial.errors import Finding
    from celltrial.exports import Manifest
    from celltrial.record import TrialState
    from celltrial.study import Study

__all__ = ["register"]


class Kind(StrEnum):
    """What to export."""

    sdtm = "sdtm"
    adam = "adam"
    define = "define"
    odm = "odm"
    usdm = "usdm"
    fhir = "fhir"
    ars = "ars"


class FileFormat(StrEnum):
    """As which kind of file."""

    dataset_json = "dataset-json"
    xpt = "xpt"
    parquet = "parquet"
    csv = "csv"


_KINDS = (Kind.sdtm, Kind.adam)


def register(app: typer.Typer) -> None:
    """Add `celltrial export`."""
    app.command("export")(_export)


def _export(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="a study folder")],
    kind: Annotated[Kind, typer.Argument(help="sdtm or adam; the others come with a later release")],
    out: Annotated[Path, typer.Option("--out", "-o", help="where to write; made if it does not exist")],
    form: Annotated[FileFormat, typer.Option("--format", help="of the files")] = FileFormat.dataset_json,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="ISO 8601; default: the whole record")
    ] = None,
    log: Log = False,
    person: Person = "",
    role: Role = "data_manager",
) -> None:
    """Write the SDTM or ADaM data sets of the record with a manifest: records counted again, SHA-256 of each file."""
    from celltrial.cli.console import print_findings
    from celltrial.cli.trials import open_trial
    from celltrial.exports import make_manifest, parse_format, write_manifest, write_package
    from celltrial.studyday import parse_partial_date

    _require_available(kind)
    chosen = parse_format(form.value)
    trial = open_trial(study)
    state = trial.record.state(None if as_of is None else parse_partial_date(as_of, trial.study.site.zone).latest)
    datasets, findings = _derive(trial.study, state, kind)
    files = write_package(
        datasets, out, study=trial.study, created_at=datetime.now(UTC), as_of=state.as_of, form=chosen
    )
    manifest = make_manifest(datasets, files, study=trial.study, state=state, form=chosen)
    path = write_manifest(manifest, out)
    print_findings(findings)
    typer.echo(f"{len(files)} data sets in {out}   {state.length} events, head {state.head[:16]}")
    _print_reconciliation(manifest, path)
    typer.echo(ship_evidence(trial, study, out, (*files, path), datetime.now(UTC)))
    if log:
        log_transfer(
            trial,
            "export",
            what=f"{kind.value} ({form.value})",
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            records=manifest.records,
            counted=manifest.counted,
            through=state.length,
            person=person,
            role=role,
        )


def _print_reconciliation(manifest: "Manifest", path: Path) -> None:
    """The counts, and what stands in the record and in no data set of the package."""
    typer.echo(f"{manifest.records} records derived, {manifest.counted} counted in the files   {path}")
    lacking = {kind: n - m for kind, (n, m) in sorted(manifest.entries.items()) if n > m}
    entries, exported = (sum(each[at] for each in manifest.entries.values()) for at in (0, 1))
    typer.echo(
        f"{entries} entries of subjects in the record = {exported} exported + {entries - exported} in no data set"
    )
    if lacking:
        typer.echo("in no data set: " + ", ".join(f"{kind} {n}" for kind, n in lacking.items()))


def _derive(study: "Study", state: "TrialState", kind: Kind) -> "tuple[list[Dataset], list[Finding]]":
    from celltrial.datasets import derive_adam, derive_sdtm
    from celltrial.errors import Finding, InputError

    if state.length == 0:
        raise InputError(Finding(message="nothing was recorded by then", next_step="choose a later --as-of"))
    datasets = derive_sdtm(study, state)
    if kind is Kind.adam:
        datasets = derive_adam(study, state, datasets)
    findings = [finding for each in datasets.values() for finding in each.findings]
    return list(datasets.values()), findings


def _require_available(kind: Kind) -> None:
    from celltrial.errors import Finding, UsageError

    if kind not in _KINDS:
        raise UsageError(
            Finding(
                message=f"the {kind.value} export comes with a later release",
                found=kind.value,
                expected=" or ".join(_KINDS),
                next_step="export sdtm or adam",
            )
        )
