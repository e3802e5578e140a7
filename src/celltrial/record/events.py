"""The envelope of an event, what a writer hands in, and the state that events fold to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from celltrial.codes import PersonId, SubjectId
from celltrial.record.bodies import Body

__all__ = ["Author", "Draft", "Entry", "Event"]

B = TypeVar("B", bound=Body, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who writes: the person, in which role, at which site."""

    person: PersonId
    role: str
    site: str
    printed_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One event to be appended: what happened, to whom, and why it is written. The log adds the rest.

    source_at: when it was first written down, where that was elsewhere and earlier (paper, another system).
    via: where it came from, where that is a file: its name and SHA-256.
    """

    body: Body
    subject: SubjectId | None = None
    why: str = "first entry"
    source_at: str = ""
    via: str = ""


class Event(NamedTuple):
    """One link of the chain, as stored. `payload` is the body's canonical form, texts as typed.

    `recorded_at` is the log's time (UTC); `base_seq` the last event the writer had seen; `study_hash` the hash of the
    study files in force; `hash` covers everything else, `prev` among it. `app` is the program that wrote it;
    `redacted` names the fields whose text was made unreadable since (`items.note`, `@why` for the reason).
    """

    seq: int
    type: str
    version: int
    subject: SubjectId | None
    payload: Mapping[str, object]
    author: Author
    why: str
    recorded_at: datetime
    base_seq: int
    study_hash: str
    prev: str
    hash: str
    source_at: str = ""
    via: str = ""
    app: str = ""
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Generic[B]):
    """An event as it stands after its corrections: the body now, the event that made it, the corrections since."""

    event: Event
    body: B
    corrections: tuple[Event, ...] = ()

    @property
    def seq(self) -> int:
        return self.event.seq

    @property
    def subject(self) -> SubjectId | None:
        return self.event.subject
