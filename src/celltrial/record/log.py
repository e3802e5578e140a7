"""The record of a trial: an append-only log of events, and the one function that appends to it.

Everything read from a `Record` is what its events fold to. The links of the chain are checked whenever events are read
from the file; `verify.verify_record` checks everything that is stored.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from secrets import token_bytes
from typing import Literal, Self

from celltrial.errors import Finding, InputError
from celltrial.record.accept import Accepted, Guard, accept_drafts, require_accepted, require_aware
from celltrial.record.bodies import RedactionApproval, StudyOpened
from celltrial.record.envelope import Row
from celltrial.record.events import Author, Draft, Event
from celltrial.record.opening import Salts, redact_opening
from celltrial.record.projection import project, project_touched
from celltrial.record.reading import read_events
from celltrial.record.redaction import approved_redactions
from celltrial.record.state import EMPTY, TrialState, advance_all
from celltrial.record.store import Store
from celltrial.record.stores import create_store, open_store
from celltrial.record.undisturbed import undisturbed
from celltrial.study.model import Study

__all__ = ["SNAPSHOT_EVERY", "Listener", "Record"]

# told of events when they are durable; it never undoes them
Listener = Callable[["Record", tuple[Event, ...]], None]

# a look back folds at most so many events
SNAPSHOT_EVERY = 1000


class Record:
    """An open record. Reading sees what other programs have appended since; writing takes turns with them."""

    def __init__(
        self,
        store: Store,
        study: Study,
        guards: Sequence[Guard],
        salts: Salts = token_bytes,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self.study = study
        self._store = store
        self._guards = tuple(guards)
        self._listeners = tuple(listeners)
        self._salts = salts
        self._has_no_projection = not store.has_projection()
        self._forget()

    @classmethod
    def create(
        cls,
        place: Path | str,
        study: Study,
        *,
        author: Author,
        at: datetime,
        simulated: Literal["yes", "no"] = "no",
        seed: str = "",
        guards: Sequence[Guard] = (),
        salts: Salts = token_bytes,
        listeners: Sequence[Listener] = (),
    ) -> Self:
        """A new record whose first event is `study_opened`. Raises InputError where the place is taken.

        place: the path of a file, or the URL of a PostgreSQL database (`stores.py`). salts: random bytes for the
        commitments; only a simulation gives its own.
        """
        record = cls(create_store(place), study, guards, salts, listeners)
        opened = StudyOpened(study=study.id, simulated=simulated, seed=seed)
        try:
            record.append([Draft(body=opened, why="the record is opened")], author=author, at=at)
        except BaseException:
            record._store.remove()
            raise
        return record

    @classmethod
    def open(
        cls, place: Path | str, study: Study, *, guards: Sequence[Guard] = (), listeners: Sequence[Listener] = ()
    ) -> Self:
        """The record there. Raises InputError where it is another study's, TamperedError where a link is broken."""
        record = cls(open_store(place), study, guards, listeners=listeners)
        opened = record.state().entries(StudyOpened)
        if not opened or opened[0].body.study != study.id:
            record.close()
            raise InputError(
                Finding(
                    message="not the record of this study",
                    found=f"{record._store.name}: {opened[0].body.study if opened else 'no events'}",
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
        events = self._write(drafts, author, at, base_seq)
        for listener in self._listeners:
            listener(self, events)
        return events

    def _write(self, drafts: Sequence[Draft], author: Author, at: datetime, base_seq: int | None) -> tuple[Event, ...]:
        """Judge and store; what is returned is durable."""
        with self._store.writing():
            outcome = self._judge(drafts, author, at, base_seq)
            require_accepted(outcome)
            self._store.add(outcome.rows)
            if self._redact(outcome):
                # what was read before still holds the texts
                self._forget()
                self._catch_up()
                self._project_anew()
                return outcome.events
            if self._has_no_projection:
                self._catch_up()
                self._project_anew()
                return outcome.events
            self._store.keep(project_touched(outcome.state, outcome.events))
        self._events += outcome.events
        self._state = outcome.state
        return outcome.events

    def check(
        self, drafts: Sequence[Draft], *, author: Author, at: datetime, base_seq: int | None = None
    ) -> tuple[tuple[int, Finding], ...]:
        """What `append` would find, each finding with the place of its draft in the list; writes nothing."""
        return self._judge(drafts, author, at, base_seq).findings

    def rebuild(self) -> int:
        """Write the projection anew from the events; returns its number of lines."""
        with self._store.writing():
            self._catch_up()
            return self._project_anew()

    def events(self, as_of: datetime | None = None) -> tuple[Event, ...]:
        """The events recorded up to and including `as_of`, or all. Raises UsageError for a time without a zone."""
        self._catch_up()
        if as_of is None:
            return tuple(self._events)
        require_aware(as_of)
        return tuple(self._events[: bisect_right(self._events, as_of, key=attrgetter("recorded_at"))])

    def state(self, as_of: datetime | None = None) -> TrialState:
        """What the events up to and including `as_of` fold to; now, where it is not given."""
        self._catch_up()
        if as_of is None:
            return self._state
        length = len(self.events(as_of))
        before = self._snapshot(length // SNAPSHOT_EVERY)
        return advance_all(before, self._events[before.length : length]).seen_at(as_of)

    def rows(self, after: int = 0) -> list[Row]:
        """The events past number `after` as they are stored: what is hashed, for evidence (checkpoints, proofs)."""
        return self._store.read(after=after)

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
            self.study,
            self._state,
            drafts,
            author=author,
            at=at,
            base_seq=base_seq,
            guards=self._guards,
            salts=self._salts,
        )

    def _snapshot(self, number: int) -> TrialState:
        """The state after `number` times so many events; made once, so that a look back does not begin at the start."""
        while len(self._snapshots) <= number:
            last = self._snapshots[-1]
            following = self._events[last.length : last.length + SNAPSHOT_EVERY]
            self._snapshots.append(advance_all(last, following))
        return self._snapshots[number]

    def _redact(self, outcome: Accepted) -> bool:
        """Make the texts unreadable whose redaction these events approve; whether there are any."""
        approvals = {event.seq for event in outcome.events if event.type == RedactionApproval.TYPE}
        if not approvals:
            return False
        for target, paths in approved_redactions(outcome.state).items():
            row = self._store.read(after=target - 1)[0]
            opening = redact_opening(row.opening, paths)
            if opening != row.opening:
                self._store.redact(target, opening)
        return True

    def _project_anew(self) -> int:
        lines = project(self._state)
        self._store.drop_projection()
        self._store.keep(lines)
        self._has_no_projection = False
        return len(lines)

    def _forget(self) -> None:
        """Begin with nothing read."""
        self._events: list[Event] = []
        self._state = EMPTY
        self._snapshots = [EMPTY]

    def _catch_up(self) -> None:
        """Read what has been appended to the file since the last look."""
        rows = self._store.read(after=self._state.length)
        if rows:
            with undisturbed(len(rows)):
                events = read_events(rows, self._state)
                self._state = advance_all(self._state, events)
            self._events += events
