"""The tables of a record in PostgreSQL: made once by an owner, who gives an app role the right to read and to add."""

from importlib import resources

import psycopg
from psycopg import errors

from celltrial.errors import Finding, InputError, RefusedError, UsageError
from celltrial.record.store_postgres_place import SQL_NAME, connect, finding_of, parse_place
from celltrial.record.store_postgres_rights import SCHEMA_VERSION, check_server

__all__ = ["create_database", "render_schema"]


def render_schema(schema: str, app_role: str) -> str:
    """The statements that make the tables, for the owner or a database administrator to read or run.

    Raises UsageError where one of the names would need quotes.
    """
    for name in (schema, app_role):
        if not SQL_NAME.fullmatch(name):
            raise UsageError(
                Finding(message="not a name to use here", found=name, expected="small letters, digits and _ only")
            )
    text = resources.files("celltrial.record").joinpath("store_postgres.sql").read_text(encoding="utf-8")
    names = {"{schema}": f'"{schema}"', "{app}": f'"{app_role}"', "{version}": str(SCHEMA_VERSION)}
    for name, value in names.items():
        text = text.replace(name, value)
    return text


def create_database(url: str, *, app_role: str) -> str:
    """Make the schema of `url` with the tables of one record, and give `app_role` its rights; all or nothing.

    Args:
        url: The database as its owner reaches it, with the schema to make: `...?schema=ct1192`.
        app_role: A role that exists, can log in, and is neither the owner nor a superuser.
    Returns:
        The place, for people, without a password.
    Raises:
        UsageError: an address or role that cannot be one. InputError: the schema is there already, or the role is
        missing. RefusedError: the server's settings are unsafe, or it refuses.
    """
    place = parse_place(url)
    statements = render_schema(place.schema, app_role).encode()
    connection = connect(place)
    try:
        if findings := tuple(check_server(connection)):
            raise RefusedError(findings)
        _require_other_role(connection, app_role)
        with connection.transaction():
            connection.execute(statements)
    except errors.DuplicateSchema:
        raise InputError(
            Finding(
                message="the schema is there already; nothing was changed",
                found=place.name,
                next_step="choose another name for the new record: ...?schema=NAME",
            )
        ) from None
    except psycopg.Error as error:
        raise finding_of(error, place, was="nothing was made") from None
    finally:
        connection.close()
    return place.name


def _require_other_role(connection: "psycopg.Connection[tuple[object, ...]]", app_role: str) -> None:
    """Raise InputError unless the app role exists, and is a lesser one than the owner."""
    row = connection.execute(
        "SELECT rolsuper OR rolcreaterole OR pg_has_role(rolname, current_user, 'MEMBER') "
        "FROM pg_roles WHERE rolname = %s",
        [app_role],
    ).fetchone()
    if row is None:
        step = f"let the database's administrator make it: CREATE ROLE {app_role} LOGIN PASSWORD '...'"
        raise InputError(Finding(message="there is no such role in the database", found=app_role, next_step=step))
    if row[0]:
        raise InputError(
            Finding(
                message="the app role could change the record",
                found=f"{app_role}: a superuser, a maker of roles, or a member of the owner",
                expected="a role of its own, without further rights",
                rule="docs/stores.md, Two roles",
            )
        )
