"""Freeze and lock: which of a participant's data may still be written, since when not, and how to go on.

The scope of a `data_lock` event is its subject, one visit or all, one form (or kind of event) or all. A freeze keeps
site roles out; a lock keeps everybody out. An unlock is asked for by one person and takes effect only once another
person with the right to sign data_lock has signed it (OWASP ASVS 5.0, 2.3.5). What was frozen before it was locked is
frozen again when the lock is lifted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from celltrial.codes import SubjectId
from celltrial.decisions.access.permissions import may_sign
from celltrial.decisions.access.signatures import standing_signatures
from celltrial.decisions.review.places import Place
from celltrial.record import Entry, TrialState
from celltrial.record.bodies import DataLock
from celltrial.study import Study

__all__ = ["LockState", "is_in_scope", "lock_state", "lock_states", "unlock_signed_by"]

Level = Literal["open", "frozen", "locked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockState:
    """Whether a place may be written to. `by` is the event that froze or locked it; None where it is open.

    asked: unlocks that were asked for since and wait for the signature of a second person.
    """

    level: Level
    by: Entry[DataLock] | None = None
    asked: tuple[Entry[DataLock], ...] = ()

    def describe(self) -> str:
        """Who, when and why, in one line."""
        if self.by is None:
            return "open"
        event = self.by.event
        return f"{self.level} by {event.author.person} on {event.recorded_at:%Y-%m-%d} (event {event.seq}): {event.why}"


def is_in_scope(lock: DataLock, place: Place) -> bool:
    """Whether a lock event speaks of a place of its subject."""
    return lock.visit in ("", place.visit) and lock.form in ("", place.form)


def lock_state(study: Study, state: TrialState, place: Place) -> LockState:
    """Whether a place is open, frozen or locked as the record stands."""
    return _follow(study, state, [each for each in _of(state, place.subject) if is_in_scope(each.body, place)])


def lock_states(study: Study, state: TrialState, subject: SubjectId) -> tuple[tuple[Place, LockState], ...]:
    """Each scope that a lock event of the subject named, and how its last matching event leaves it."""
    scopes = dict.fromkeys((each.body.visit, each.body.form) for each in _of(state, subject))
    places = [Place(subject=subject, visit=visit, form=form) for visit, form in scopes]
    return tuple(
        (place, _follow(study, state, [each for each in _of(state, subject) if _covers(each.body, place)]))
        for place in places
    )


def unlock_signed_by(study: Study, state: TrialState, unlock: Entry[DataLock]) -> str:
    """The second person who signed an unlock, by a role that signs data_lock; blank while nobody has."""
    for signature in standing_signatures(state, unlock.seq):
        author = signature.event.author
        if author.person != unlock.event.author.person and may_sign(study, author.role, DataLock.TYPE):
            return str(author.person)
    return ""


def _of(state: TrialState, subject: SubjectId) -> tuple[Entry[DataLock], ...]:
    return state.entries(DataLock, subject)


def _covers(lock: DataLock, scope: Place) -> bool:
    """Whether a lock event covers the whole of a scope, of which a blank means all."""
    return lock.visit in ("", scope.visit) and lock.form in ("", scope.form)


def _follow(study: Study, state: TrialState, events: list[Entry[DataLock]]) -> LockState:
    frozen: Entry[DataLock] | None = None
    locked: Entry[DataLock] | None = None
    asked: list[Entry[DataLock]] = []
    for entry in events:
        match entry.body.action:
            case "freeze":
                frozen = frozen or entry
            case "unfreeze":
                frozen = None
            case "lock":
                locked, asked = locked or entry, []
            case "unlock" if locked is not None:
                if unlock_signed_by(study, state, entry):
                    locked, asked = None, []
                else:
                    asked.append(entry)
            case _:
                pass  # an unlock of what is not locked
    if locked is not None:
        return LockState(level="locked", by=locked, asked=tuple(asked))
    return LockState(level="frozen", by=frozen) if frozen is not None else LockState(level="open")


def lifted(study: Study, state: TrialState, subject: SubjectId) -> Iterator[tuple[Entry[DataLock], int]]:
    """Each unfreeze and each signed unlock of a subject, with the event from which it is in effect."""
    for entry in _of(state, subject):
        if entry.body.action == "unfreeze":
            yield entry, entry.seq
        elif entry.body.action == "unlock" and (who := unlock_signed_by(study, state, entry)):
            signed = (each for each in standing_signatures(state, entry.seq) if each.event.author.person == who)
            yield entry, next(signed).seq
