"""`celltrial grade`: toxicity grades for every row of a file; a row that cannot be graded keeps its reason."""

import typer

from celltrial.cli.grading import assessments, counts, ctcae, immune, infections, terms, vitals

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    grade = typer.Typer(help="Grade toxicity.", no_args_is_help=True)
    for family in (ctcae, assessments, counts, immune, vitals, infections, terms):
        family.register(grade)
    app.add_typer(grade, name="grade")
