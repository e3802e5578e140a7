"""`celltrial dose`: designs and their tables, operating characteristics, pathways, fits, the next dose, comparison."""

import typer

from celltrial.cli import dose_stopping
from celltrial.cli.dosing import characteristics, comparison, fits, next_dose, paths, tables

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add `celltrial dose`."""
    dose = typer.Typer(help="Dose-finding designs and the next dose.", no_args_is_help=True)
    for commands in (next_dose, tables, characteristics, paths, fits, comparison, dose_stopping):
        commands.register(dose)
    app.add_typer(dose, name="dose")
