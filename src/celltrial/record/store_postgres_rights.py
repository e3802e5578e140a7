"""What a PostgreSQL server and a role must be for a record: durable commits, and a role that cannot change the past.

Source for the settings: PostgreSQL documentation, Write Ahead Log (fsync, full_page_writes, synchronous_commit).
"""

from collections.abc import Iterator
from typing import Any

import psycopg

from celltrial.errors import Finding, InputError, RefusedError
from celltrial.record.store_postgres_place import DatabasePlace

__all__ = [
    "LEAST_VERSION",
    "SCHEMA_VERSION",
    "check_server",
    "check_triggers",
    "check_writer",
    "require_record",
    "require_safe",
]

LEAST_VERSION = 15
# counts the layouts of the tables, as the files of SQLite do; version 2 is the first in PostgreSQL
SCHEMA_VERSION = 2
_RULE = "docs/stores.md, Two roles"
_TABLES = ("about", "event", "opening", "head", "standing")
_TRIGGERS = (
    "event_follows",
    "event_is_never_changed",
    "event_is_never_emptied",
    "head_is_never_changed",
    "head_is_never_emptied",
    "opening_is_never_deleted",
    "opening_is_never_emptied",
    "opening_only_loses",
)
_SETTINGS = {
    # FSYNC and FULL_PAGE_WRITES off: a power cut may lose or tear what was acknowledged
    "fsync": ("on", "ask the database's administrator to set fsync = on"),
    "full_page_writes": ("on", "ask the database's administrator to set full_page_writes = on"),
    "server_encoding": ("UTF8", "make the database anew with encoding UTF8"),
}

# what the role could do to the tables beside reading and adding, by itself or as a member of another role
_BEYOND = """
SELECT c.relname || ': ' || p FROM pg_class c, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relkind = 'r'
    AND (has_table_privilege(c.oid, p) OR p = 'UPDATE' AND has_any_column_privilege(c.oid, p))
UNION ALL SELECT 'owner of ' || c.relname FROM pg_class c
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relkind = 'r' AND pg_has_role(c.relowner, 'MEMBER')
UNION ALL SELECT 'CREATE in the schema' WHERE has_schema_privilege(%(schema)s, 'CREATE')
UNION ALL SELECT 'superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper
UNION ALL SELECT 'CREATEROLE' FROM pg_roles WHERE rolname = current_user AND rolcreaterole
UNION ALL SELECT 'member of ' || rolname FROM pg_roles
WHERE rolname IN ('pg_write_server_files', 'pg_execute_server_program') AND pg_has_role(oid, 'MEMBER')
ORDER BY 1
"""


def check_server(connection: "psycopg.Connection[Any]") -> Iterator[Finding]:
    """What of the server's version and settings is unsafe; `synchronous_commit` is set for this session."""
    if connection.info.server_version < LEAST_VERSION * 10_000:
        yield Finding(
            message="the PostgreSQL server is too old",
            found=str(connection.info.server_version // 10_000),
            expected=f"{LEAST_VERSION} or later",
            next_step="move the record to a newer server",
        )
    for name, (expected, step) in _SETTINGS.items():
        found = _one(connection, "SELECT current_setting(%s)", name)
        if found != expected:
            yield _unsafe(f"{name} = {found}", f"{name} = {expected}", step)
    found = _one(connection, "SELECT current_setting('synchronous_commit')")
    if found == "off":
        yield _unsafe("synchronous_commit = off", "synchronous_commit = on", "leave synchronous_commit on")


def check_writer(connection: "psycopg.Connection[Any]", place: DatabasePlace) -> Iterator[Finding]:
    """What the role of this connection could do beside adding to the record, which it must not."""
    beyond = [str(row[0]) for row in connection.execute(_BEYOND, {"schema": place.schema})]
    if beyond:
        # who owns the tables has every right to them: the long list says no more
        beyond = [each for each in beyond if each.startswith(("owner", "superuser"))] or beyond
        role = _one(connection, "SELECT current_user")
        yield Finding(
            message="the record is not served by a role that could change it",
            found=f"{place.name}: role {role}: {', '.join(beyond)}",
            expected="a role that may SELECT and INSERT, and no more",
            rule=_RULE,
            next_step="connect as the role named with `celltrial database create --app-role`",
        )


def check_triggers(connection: "psycopg.Connection[Any]", place: DatabasePlace) -> Iterator[Finding]:
    """The guards against accidents that are missing or switched off."""
    found = connection.execute(
        "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE c.relnamespace = to_regnamespace(%s) AND t.tgenabled = 'A'",
        [place.schema],
    )
    missing = sorted(set(_TRIGGERS) - {str(row[0]) for row in found})
    if missing:
        yield Finding(
            message="guards of the record's tables are missing or switched off",
            where=place.name,
            found=", ".join(missing),
            rule=_RULE,
            next_step="find out who could do this; celltrial verify says whether the events are whole",
        )


def require_record(connection: "psycopg.Connection[Any]", place: DatabasePlace) -> None:
    """Raise InputError where the schema holds no record of ours that this role may read."""
    missing = f"{place.name}: schema {place.schema}"
    is_there = _one(connection, "SELECT to_regnamespace(%s) IS NOT NULL", place.schema)
    if not is_there:
        raise _no_record(missing, f"make it as the owner: celltrial database create URL --app-role {_user(connection)}")
    if not _one(connection, "SELECT has_schema_privilege(%s, 'USAGE')", place.schema):
        raise _no_record(
            f"{missing}: role {_user(connection)} has no right to it", "connect as the role it was made for"
        )
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r' "
        "AND has_table_privilege(oid, 'SELECT')",
        [place.schema],
    )
    if not set(_TABLES) <= {str(row[0]) for row in tables}:
        raise _no_record(f"{missing} does not have the tables of a record", "choose another schema")
    version = _one(connection, "SELECT version FROM about")
    if version != SCHEMA_VERSION:
        raise InputError(
            Finding(
                message="not a record that this program can read",
                found=f"{missing}, version {version}",
                expected=f"version {SCHEMA_VERSION}",
            )
        )


def require_safe(connection: "psycopg.Connection[Any]", place: DatabasePlace) -> None:
    """Raise RefusedError with everything that is unsafe about writing over this connection."""
    findings = [*check_server(connection), *check_writer(connection, place)]
    if findings:
        raise RefusedError(findings)


def _unsafe(found: str, expected: str, step: str) -> Finding:
    return Finding(
        message="this database cannot keep a record safely",
        found=found,
        expected=expected,
        rule="an acknowledged event survives a power cut, and every character is kept",
        next_step=step,
    )


def _no_record(found: str, step: str) -> InputError:
    return InputError(Finding(message="there is no record", found=found, next_step=step))


def _user(connection: "psycopg.Connection[Any]") -> str:
    return str(_one(connection, "SELECT current_user"))


def _one(connection: "psycopg.Connection[Any]", statement: str, *parameters: str) -> Any:
    row = connection.execute(statement, parameters or None).fetchone()
    return row[0] if row else None
