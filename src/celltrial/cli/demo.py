"""`celltrial demo` and `celltrial simulate`: the reference study, whole, with virtual participants."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.console import Progress, progress_bar
from celltrial.cli.evidence import latest_line, ship_evidence

if TYPE_CHECKING:
    from celltrial.decisions import Trial

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add `demo` and `simulate`."""
    app.command("simulate", help="Fill a study folder with a virtual trial, written through the record's API.")(
        _simulate
    )
    app.command("demo", help="The reference study, simulated whole: record, SRC packages, report, CDISC data.")(_demo)


def _simulate(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A study folder in which nothing is recorded yet")],
    seed: Annotated[int, typer.Option(help="Seed of every random draw")],
    scenario: Annotated[str, typer.Option(help="Name of a scenario (docs/simulation.md)")] = "default",
) -> None:
    from celltrial.decisions import discard_empty_record
    from celltrial.simulate import scenario_named, simulate_trial

    scenario_named(scenario)
    _require_file(study)
    discard_empty_record(study)
    with progress_bar() as progress:
        trial = simulate_trial(study, seed=seed, scenario=scenario, progress=progress)
    typer.echo(f"{trial.record.length} events in {study / 'record.db'}, head {trial.record.head[:16]}")


def _require_file(study: Path) -> None:
    """Raise UsageError where the record is in a database: nobody could take a virtual trial out of it again."""
    from celltrial.cli.trials import DATABASE, record_place
    from celltrial.errors import Finding, UsageError
    from celltrial.record.stores import is_database, name_place

    place = record_place(study)
    if is_database(place):
        raise UsageError(
            Finding(
                message="a virtual trial is not written into a database",
                found=name_place(place),
                expected="a study folder with its record in a file",
                next_step=f"leave {DATABASE} and the `database` of study.yaml away, and use a folder of its own",
            )
        )


def _demo(
    out: Annotated[Path, typer.Option(help="Where to write; made if it does not exist")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="Seed of every random draw")] = 1192,
) -> None:
    from celltrial.decisions import signed_decisions
    from celltrial.reports import write_report, write_src_package
    from celltrial.simulate import simulate_trial
    from celltrial.study import new_study

    _clear(out)
    with progress_bar() as progress:
        folder = new_study(out / "study", "ct1192")
        trial = simulate_trial(folder, seed=seed, progress=_part(progress, 0.0, 0.45))
        state = trial.record.state()
        cut_at = trial.record.events()[-1].recorded_at
        decisions, line = signed_decisions(state), latest_line(trial, folder)
        for index, decision in enumerate(decisions):
            progress(0.45 + 0.2 * index / len(decisions), f"SRC package {decision.body.number}")
            target = out / "src" / f"decision-{int(decision.body.number):02d}"
            write_src_package(
                trial.study, trial.record, decision.body.number, target, generated_at=cut_at, checkpoint=line
            )
        write_report(
            trial.study,
            state,
            out,
            as_of=cut_at,
            generated_at=cut_at,
            checkpoint=line,
            progress=_part(progress, 0.65, 0.95),
        )
        progress(0.95, "CDISC data sets")
        data = _write_datasets(trial, out, cut_at)
        ship_evidence(trial, folder, out, data, cut_at)
        progress(1.0, "done")
    _print_summary(trial, out, len(decisions))


def _write_datasets(trial: "Trial", out: Path, cut_at: datetime) -> list[Path]:
    from celltrial.datasets import derive_adam, derive_sdtm
    from celltrial.exports import write_package

    state = trial.record.state()
    sdtm = derive_sdtm(trial.study, state)
    written: list[Path] = []
    for kind, datasets in (("sdtm", sdtm), ("adam", derive_adam(trial.study, state, sdtm))):
        written += write_package(datasets.values(), out / kind, study=trial.study, created_at=cut_at, as_of=cut_at)
    return written


def _print_summary(trial: "Trial", out: Path, decisions: int) -> None:
    typer.echo(f"record    {out}/study/record.db   {trial.record.length} events, head {trial.record.head[:16]}")
    typer.echo(f"report    {out}/report.html   open it in a browser; figures in {out}/figures/")
    typer.echo(f"src       {out}/src/   {decisions} dose decisions, one review package each")
    typer.echo(f"cdisc     {out}/sdtm/ and {out}/adam/   Dataset-JSON 1.1")
    typer.echo(f"evidence  {out}/evidence/   python3 {out}/evidence/verify_record.py needs nothing of celltrial")
    typer.echo(f"next      celltrial verify {out}/study   |   celltrial screen {out}/study")


def _clear(out: Path) -> None:
    """Make room for the demo; only an earlier demo is ever replaced."""
    import shutil

    from celltrial.errors import Finding, InputError

    if out.exists() and any(out.iterdir()):
        if not (out / "study" / "study.yaml").exists():
            raise InputError(
                Finding(
                    message="the folder is not empty and holds no earlier demo",
                    where=str(out),
                    next_step="choose another folder: celltrial demo --out DIR",
                )
            )
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)


def _part(progress: Progress, start: float, end: float) -> Progress:
    return lambda share, text: progress(start + share * (end - start), text)
