"""Which store a place names: the URL of a PostgreSQL database, or the path of an SQLite file."""

from pathlib import Path
from typing import TYPE_CHECKING

from celltrial.errors import Finding, UsageError
from celltrial.record.store import Store
from celltrial.record.store_sqlite import SqliteStore

if TYPE_CHECKING:
    from celltrial.record.store_postgres import PostgresStore

__all__ = ["create_database", "create_store", "is_database", "name_place", "open_store", "render_schema"]


def is_database(place: Path | str) -> bool:
    """Whether a place is the URL of a database server.

    >>> is_database("postgresql:///ct1192"), is_database("study/record.db")
    (True, False)
    """
    return isinstance(place, str) and place.startswith(("postgresql://", "postgres://"))


def name_place(place: Path | str) -> str:
    """A place for people: the path, or the URL without its password. Raises UsageError for a URL that is none."""
    if not is_database(place):
        return str(place)
    _postgres()
    from celltrial.record.store_postgres_place import parse_place

    return parse_place(str(place)).name


def create_store(place: Path | str) -> Store:
    """A new, empty store. Raises InputError where the place is taken."""
    if is_database(place):
        return _postgres().create(str(place))
    return SqliteStore.create(Path(place))


def open_store(place: Path | str, *, read_only: bool = False) -> Store:
    """The store there. Raises InputError where there is none or no right to it, TamperedError where it is damaged."""
    if is_database(place):
        return _postgres().open(str(place), read_only=read_only)
    return SqliteStore.open(Path(place), read_only=read_only)


def create_database(url: str, *, app_role: str) -> str:
    """Make the tables of one record in a database, as its owner; see `store_postgres_setup.create_database`."""
    _postgres()
    from celltrial.record import store_postgres_setup

    return store_postgres_setup.create_database(url, app_role=app_role)


def render_schema(schema: str, app_role: str) -> str:
    """The statements that `create_database` runs; see `store_postgres_setup.render_schema`."""
    _postgres()
    from celltrial.record import store_postgres_setup

    return store_postgres_setup.render_schema(schema, app_role)


def _postgres() -> "type[PostgresStore]":
    """The store that needs the extra `postgres`. Raises UsageError where it is not installed."""
    try:
        from celltrial.record.store_postgres import PostgresStore
    except ImportError as error:
        raise UsageError(
            Finding(
                message="a record in PostgreSQL needs a package that is not installed",
                found=str(error),
                next_step="install celltrial[postgres]",
            )
        ) from None
    return PostgresStore
