"""What every store of a record keeps: whole batches of rows, in order, durable, one writer at a time.

store_sqlite.py is the default, store_postgres.py the one for a team; tests/contracts/test_store.py holds both to this.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from celltrial.errors import Finding
from celltrial.record.envelope import Row

__all__ = ["Standing", "Store"]


class Standing(NamedTuple):
    """A line of the projection: entry `entry` as event `event` left it. The last line of an entry is how it stands.

    `body` is canonical JSON; `void` is 1 where the entry was entered in error.
    """

    entry: int
    event: int
    type: str
    subject: str | None
    body: str
    void: int


class Store(Protocol):
    """An open store. `writing` lets one writer at a time in; `add`, `redact` and `keep` are called within it."""

    @property
    def name(self) -> str:
        """Where the record is, for people: a path or a database, without any password."""

    def read(self, after: int = 0) -> list[Row]:
        """The rows past number `after`, in order."""

    def head(self) -> tuple[int, str]:
        """The number of events and the last link, as the store itself keeps them."""

    def damage(self) -> tuple[Finding, ...]:
        """What the database itself finds wrong with its pages, indexes or rights."""

    def reading(self) -> AbstractContextManager[None]:
        """What is read inside is one moment of the record, whatever others write meanwhile."""

    def writing(self) -> AbstractContextManager[None]:
        """The right to write: what is inside is stored whole when the block ends, or not at all when it raises."""

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows at the end."""

    def redact(self, seq: int, opening: bytes) -> None:
        """Put an opening with fewer values in the place of event `seq`'s."""

    def keep(self, standing: Sequence[Standing]) -> None:
        """Add lines to the projection."""

    def has_projection(self) -> bool:
        """Whether there is a place for the projection; a file of the first release has none yet."""

    def standing(self) -> list[Standing] | None:
        """The projection, by entry and event; None where the store has none yet (a file of the first release)."""

    def drop_projection(self) -> None:
        """Take away every line of the projection, so that it can be written anew."""

    def remove(self) -> None:
        """Take away a record that was never begun. Raises InputError where it holds an event."""

    def close(self) -> None:
        """Give the store back; a second call does nothing."""
