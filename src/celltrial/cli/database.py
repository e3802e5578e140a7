"""`celltrial database`: the tables of a record in PostgreSQL, made once by their owner (docs/stores.md)."""

from typing import Annotated

import typer

from celltrial.cli.console import print_json
from celltrial.cli.writing import AsJson

__all__ = ["register"]

Url = Annotated[
    str,
    typer.Argument(
        metavar="URL",
        envvar="CELLTRIAL_DATABASE_OWNER",
        help="The database as its owner reaches it: postgresql://owner@host/trials?schema=ct1192",
    ),
]
AppRole = Annotated[str, typer.Option("--app-role", help="The role that may read and add, and no more; it exists")]


def register(app: typer.Typer) -> None:
    """Add `celltrial database`."""
    database = typer.Typer(help="A record in PostgreSQL: its tables and its two roles.", no_args_is_help=True)
    database.command("create", help="Make the tables of one record, and give the app role its rights.")(_create)
    database.command("script", help="Print what `create` would run, for a database administrator.")(_script)
    app.add_typer(database, name="database")


def _create(url: Url, app_role: AppRole = "celltrial_app", as_json: AsJson = False) -> None:
    from celltrial.record.stores import create_database

    name = create_database(url, app_role=app_role)
    if as_json:
        print_json({"database": name, "app_role": app_role})
        return
    typer.echo(
        f"{name}: tables for one record; {app_role} may SELECT and INSERT\n"
        f"next      CELLTRIAL_DATABASE=<the same address as {app_role}> celltrial new DIR"
    )


def _script(
    schema: Annotated[str, typer.Option(help="The schema to make; one record each")] = "celltrial",
    app_role: AppRole = "celltrial_app",
) -> None:
    from celltrial.record.stores import render_schema

    typer.echo(render_schema(schema, app_role))
