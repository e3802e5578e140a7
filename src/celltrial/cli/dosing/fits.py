"""`celltrial dose fit`: what a design makes of data: DLT rates per level, probabilities, the level it advises."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.dosing.options import DesignName, Json, Outcomes, Parameters, Rules, Start

if TYPE_CHECKING:
    from celltrial.escalation.fitting import LevelFit

__all__ = ["register"]


def register(dose: typer.Typer) -> None:
    """Add `fit`."""
    dose.command("fit")(_fit)


def _fit(
    design: DesignName,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FILE", help="CSV: level,n,dlt or one row a participant")
    ] = None,
    target: Annotated[float, typer.Option("--target", metavar="P", help="target DLT rate")] = 0.30,
    doses: Annotated[
        int | None, typer.Option("--doses", metavar="D", help="levels; default: the highest in the file")
    ] = None,
    window: Annotated[float | None, typer.Option("--window", help="DLT window, in the days of follow_up")] = None,
    outcomes: Outcomes = "",
    start: Start = 1,
    parameter: Parameters = [],  # noqa: B006 - typer reads the default and does not change it
    rule: Rules = [],  # noqa: B006 - as above
    json: Json = False,
) -> None:
    """What a design makes of data: DLT rates per level with their uncertainty, and the level it advises."""
    from celltrial.cli.console import print_json
    from celltrial.cli.dosing.options import design_called, parse_rules, parse_settings
    from celltrial.cli.dosing.trial_data import read_trial_data
    from celltrial.escalation.fitting import fit_design

    treated = read_trial_data(data, outcomes, doses=doses, window=window, start=start)
    fit = fit_design(
        design_called(design),
        treated,
        target=target,
        parameters=parse_settings(parameter),
        rules=parse_rules(rule),
    )
    if json:
        print_json(fit.to_json())
    else:
        _print(fit)


def _print(fit: "LevelFit") -> None:
    from celltrial.cli.console import print_table, stdout_console

    console = stdout_console()
    console.print(f"{fit.design}, target DLT rate {fit.target:.2f}: {fit.method}", style="bold")
    if fit.estimates:
        console.print(", ".join(f"{name} {value:.4f}" for name, value in fit.estimates))
    print_table("", ["", *(f"level {level}" for level in range(1, len(fit.rows) + 1))], fit.shown())
    decision = fit.decision
    where = "" if decision.level is None else f" at level {decision.level}"
    console.print(f"Proposes: {decision.action}{where}. A person decides.", style="bold")
    for reason in decision.reasons:
        console.print(f"  - {reason}", markup=False)
    chosen = "none" if fit.mtd is None else f"level {fit.mtd}"
    console.print(f"If the trial ended here: MTD {chosen}.")
