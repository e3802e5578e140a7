"""The record of a trial: an append-only log of events, and the one function that appends to it.

Everything read from a `Record` is what its events fold to. The links of the chain are checked whenever events are read
from the file; `verify.verify_record` checks everything that is stored.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from celltrial.errors import Finding, InputError
from celltrial.record.accept import Accepted, Guard, accept_drafts, require_accepted, require_aware
from celltrial.record.bodies import StudyOpened
from celltrial.record.events import Author, Draft, Event
from celltrial.record.reading import read_events
from celltrial.record.state import EMPTY, TrialState, advance_all, fold
from celltrial.record.store_sqlite import SqliteStore
from celltrial.study.model import Study

__all__ = ["Record"]


class Record:
    """An open record. Reading sees what other programs have appended since; writing takes turns with them."""

    def __init__(self, store: SqliteStore, study: Study, guards: Sequence[Guard]) -> None:
        self.study = study
        self._store = store
        self._guards = tuple(guards)
        self._events: list[Event] = []
        self._state = EMPTY

    @classmethod
    def create(
        cls,
        path: Path | str,
        study: Study,
        *,
        author: Author,
        at: datetime,
        simulated: Literal["yes", "no"] = "no",
        seed: str = "",
        guards: Sequence[Guard] = (),
    ) -> Self:
        """A new record whose first event is `study_opened`. Raises InputError where `path` is taken."""
        record = cls(SqliteStore.create(Path(path)), study, guards)
        opened = StudyOpened(study=study.id, simulated=simulated, seed=seed)
        try:
            record.append([Draft(body=opened, why="the record is opened")], author=author, at=at)
        except BaseException:
            record._store.remove()
            raise
        return record

    @classmethod
    def open(cls, path: Path | str, study: Study, *, guards: Sequence[Guard] = ()) -> Self:
        """The record at `path`. Raises InputError where it is another study's, TamperedError where a link is broken."""
        record = cls(SqliteStore.open(Path(path)), study, guards)
        opened = record.state().entries(StudyOpened)
        if not opened or opened[0].body.study != study.id:
            record.close()
            raise InputError(
                Finding(
                    message="not the record of this study",
                    found=f"{path}: {opened[0].body.study if opened else 'no events'}",
                    expected=study.id,
                    next_step="open the record with its own study folder",
                )
            )
        return record

    def append(
        self, drafts: Sequence[Draft], *, author: Author, at: datetime, base_seq: int | None = None
    ) -> tuple[Event, ...]:
        """Append the drafts, all or none; the only way by which an event enters a record.

        Args:
            drafts: What happened, in order; each is judged on the state the ones before it leave.
            author: Who writes.
            at: When it is written; aware, and not before the last event's time. The caller reads the clock.
            base_seq: The last event the writer had seen; None claims no more than "append at the end".
        Returns:
            The events, durable when this returns.
        Raises:
            RefusedError: a check or a guard refuses a draft; all findings of all drafts. Nothing is written.
            StaleError: an event after `base_seq` touched what a draft touches (docs/record.md, Two writers).
            UsageError: `at` has no zone, or `base_seq` is beyond the record.
        """
        with self._store.writing():
            outcome = self._judge(drafts, author, at, base_seq)
            require_accepted(outcome)
            self._store.add(outcome.rows)
        self._events += outcome.events
        self._state = outcome.state
        return outcome.events

    def check(
        self, drafts: Sequence[Draft], *, author: Author, at: datetime, base_seq: int | None = None
    ) -> tuple[tuple[int, Finding], ...]:
        """What `append` would find, each finding with the place of its draft in the list; writes nothing."""
        return self._judge(drafts, author, at, base_seq).findings

    def events(self, as_of: datetime | None = None) -> tuple[Event, ...]:
        """The events recorded up to and including `as_of`, or all. Raises UsageError for a time without a zone."""
        self._catch_up()
        if as_of is None:
            return tuple(self._events)
        require_aware(as_of)
        return tuple(event for event in self._events if event.recorded_at <= as_of)

    def state(self, as_of: datetime | None = None) -> TrialState:
        """What the events up to and including `as_of` fold to; now, where it is not given."""
        self._catch_up()
        if as_of is None:
            return self._state
        return fold(self.events(as_of)).seen_at(as_of)

    @property
    def head(self) -> str:
        """The hash of the last event."""
        return self.state().head

    @property
    def length(self) -> int:
        """The number of events."""
        return self.state().length

    def close(self) -> None:
        """Give the file back."""
        self._store.close()

    def _judge(self, drafts: Sequence[Draft], author: Author, at: datetime, base_seq: int | None) -> Accepted:
        self._catch_up()
        return accept_drafts(
            self.study, self._state, drafts, author=author, at=at, base_seq=base_seq, guards=self._guards
        )

    def _catch_up(self) -> None:
        """Read what has been appended to the file since the last look."""
        events = read_events(self._store.read(after=self._state.length), self._state)
        if events:
            self._state = advance_all(self._state, events)
            self._events += events
