"""Both stores, so that each test of the contract runs over both."""

import pytest

from celltrial.record.stores import create_store


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def place(request, tmp_path):
    """Where a new record of each kind may begin: a path, a URL."""
    return tmp_path / "record.db" if request.param == "SQLite" else request.getfixturevalue("new_database")()


@pytest.fixture
def store(place):
    """A new store of each kind."""
    made = create_store(place)
    yield made
    made.close()
