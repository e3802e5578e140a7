"""The place of a record in PostgreSQL: a URL as libpq reads it, with one parameter of our own, `schema`.

A schema holds one record. Errors of the server become findings here, and none of them shows a password.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import psycopg
from psycopg import errors

from celltrial.errors import CelltrialError, Finding, InputError, RefusedError, UsageError

__all__ = ["DEFAULT_SCHEMA", "SQL_NAME", "DatabasePlace", "connect", "finding_of", "parse_place"]

DEFAULT_SCHEMA = "celltrial"
# needs no quotes anywhere; PostgreSQL keeps 63 bytes of a name
SQL_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_EXAMPLE = "postgresql://celltrial_app@localhost/trials?schema=ct1192"
_SECONDS_TO_CONNECT = 10
# a program that went away without a word must not keep the others waiting for hours
_WATCH = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabasePlace:
    """Where a record is: `url` for libpq, `schema`, and `name` for people, without any password."""

    url: str
    schema: str
    name: str


def parse_place(url: str) -> DatabasePlace:
    """The place that a URL names. Raises UsageError, which shows no password, where it cannot be read.

    >>> place = parse_place("postgresql://app:secret@db.example/trials?schema=ct1192&sslmode=require")
    >>> place.name, place.schema
    ('postgresql://app@db.example/trials?sslmode=require&schema=ct1192', 'ct1192')
    """
    # urlsplit would take the rest of a password for a fragment, or for a second host
    authority = re.split(r"[/?#]", url.partition("//")[2], maxsplit=1)[0]
    if "#" in url or authority.count("@") > 1:
        raise _unreadable("a character that must be written as %40 (@), %23 (#), %2F (/) or %3F (?)")
    try:
        parts = urlsplit(url)
        words = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise _unreadable("parameters that cannot be read") from None
    schema = next((value for key, value in words if key == "schema"), DEFAULT_SCHEMA)
    if not SQL_NAME.fullmatch(schema) or schema.startswith("pg_"):
        raise _unreadable(f"schema {schema!r}: a schema's name has small letters, digits and _ only")
    rest = [(key, value) for key, value in words if key != "schema"]
    shown = [(key, value) for key, value in rest if "password" not in key] + [("schema", schema)]
    user, at, hosts = authority.rpartition("@")
    name = f"postgresql://{user.partition(':')[0]}{at}{hosts}{parts.path}?{_query(shown)}"
    return DatabasePlace(
        url=f"postgresql://{authority}{parts.path}" + (f"?{_query(rest)}" if rest else ""), schema=schema, name=name
    )


def connect(place: DatabasePlace) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection that commits each statement by itself. Raises InputError where there is none."""
    try:
        given = psycopg.conninfo.conninfo_to_dict(place.url)
    except psycopg.Error:
        # libpq repeats what it could not read, and that may be a password
        raise _unreadable("parameters that PostgreSQL does not know") from None
    settings = {"connect_timeout": str(_SECONDS_TO_CONNECT), **_WATCH, "application_name": "celltrial", **given}
    try:
        return psycopg.connect(**settings, autocommit=True, client_encoding="utf8")  # type: ignore[arg-type]  # strings
    except psycopg.Error as error:
        raise InputError(
            Finding(
                message="the database cannot be reached",
                found=f"{place.name}: {_words(error, place)}",
                next_step="check that the server runs, and the address, role and password (docs/stores.md)",
            )
        ) from None


def finding_of(error: psycopg.Error, place: DatabasePlace, *, was: str) -> CelltrialError:
    """What a failed statement means to the user; `was` says what became of the data."""
    found = f"{place.name}: {_words(error, place)}"
    match error:
        case errors.LockNotAvailable():
            return RefusedError(
                Finding(
                    message="another program is writing to this record",
                    found=found,
                    next_step="wait for it to end, then write again; nothing was written",
                )
            )
        case errors.InsufficientPrivilege():
            message, step = f"the database refuses this to the role; {was}", "give the role its rights (docs/stores.md)"
        case errors.IntegrityError():
            message, step = f"the record refuses the rows; {was}", "read the record again: celltrial verify"
        case psycopg.OperationalError() | psycopg.InterfaceError() if error.sqlstate is None or _is_end(error):
            message, step = (
                f"the connection to the database was lost; {was}",
                "check that the server runs, then do it again",
            )
        case _:
            message, step = f"the database cannot do this; {was}", "check the server's disk space and its log"
    return RefusedError(Finding(message=message, found=found, next_step=step))


def _is_end(error: psycopg.Error) -> bool:
    """Whether the server ended the session: class 57P, operator intervention, and class 08, connection exceptions."""
    return (error.sqlstate or "").startswith(("57P", "08"))


def _words(error: psycopg.Error, place: DatabasePlace) -> str:
    """The server's own words on one line, without the password of the URL or what stands in a row."""
    words = " ".join((error.diag.message_primary or str(error)).split())
    authority = re.split(r"[/?]", place.url.partition("//")[2], maxsplit=1)[0]
    password = authority.rpartition("@")[0].partition(":")[2]
    for secret in {password, unquote(password)} - {""}:
        words = words.replace(secret, "***")
    return words


def _query(words: list[tuple[str, str]]) -> str:
    return urlencode(words, quote_via=quote, safe="/")


def _unreadable(found: str) -> UsageError:
    return UsageError(
        Finding(message="the address of the database cannot be read", found=found, expected=f"like {_EXAMPLE}")
    )
