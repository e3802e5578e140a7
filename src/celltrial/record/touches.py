"""What has spoken of a datum without changing it: signatures, source verification, queries, locks, redaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from celltrial.record.bodies import (
    DataLock,
    FormEntry,
    Query,
    QueryAnswer,
    QueryClosing,
    Redaction,
    RedactionApproval,
    Signature,
    SourceVerification,
    Visit,
)
from celltrial.record.chronicle import Chronicle
from celltrial.record.events import Entry, Event

__all__ = ["Touch", "describe_signature", "list_touches"]

_ITEMS = "items."


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """An event that spoke of the datum without changing it: what kind, what it said, and how that stands now."""

    kind: str
    event: Event
    says: str
    state: str = ""


def list_touches(chronicle: Chronicle, entry: Entry[Any], path: str) -> Iterator[Touch]:
    """What has spoken of the datum at `path` of an entry, or of a correction of it; in no order."""
    changes = [event.seq for event in entry.corrections if _changes(chronicle, event, path)]
    stored = {entry.seq: path} | {event.seq: f"replace.{path}" for event in entry.corrections}
    for seq, own_path in stored.items():
        speakers = chronicle.spoken_of.get(seq, ())
        asked = {each.body.number for each in speakers if _asks_about(each.body, path)}
        for each in speakers:
            touch = _touch(chronicle, each, path, own_path, changes, asked)
            if touch is not None:
                yield touch
    for lock in chronicle.state.entries(DataLock, entry.subject) if entry.subject else ():
        if lock.seq > entry.seq and _covers(lock.body, entry.body):
            scope = ", ".join(part for part in (lock.body.visit, lock.body.form) if part) or "all data"
            yield Touch(kind="lock", event=lock.event, says=f"{lock.body.action}: {scope}")


def describe_signature(chronicle: Chronicle, signature: Entry[Signature]) -> str:
    """Whether a signature stands: not, once something that it covers was corrected after it."""
    if signature.seq in chronicle.voided:
        return "entered in error"
    fallen = chronicle.fallen_with(signature)
    return "stands" if fallen is None else f"fell with event {fallen.seq}"


def _touch(
    chronicle: Chronicle, each: Entry[Any], path: str, stored: str, changes: Sequence[int], asked: set[str]
) -> Touch | None:
    """What an event that speaks of the entry says of this datum; None where it speaks of another field."""
    body, state = each.body, "entered in error" if each.seq in chronicle.voided else ""
    match body:
        case Signature():
            return Touch(
                kind="signature", event=each.event, says=body.meaning, state=describe_signature(chronicle, each)
            )
        case SourceVerification() if not body.fields or path in body.fields or _item(path) in body.fields:
            later = next((seq for seq in changes if seq > each.seq), None)
            holds = "holds" if later is None else f"before event {later} changed it"
            says = f"{body.result}, source: {body.source}"
            return Touch(kind="source verification", event=each.event, says=says, state=state or holds)
        case Query() if body.number in asked:
            return Touch(kind=f"query {body.number}", event=each.event, says=body.text, state=state)
        case QueryAnswer() if body.number in asked:
            return Touch(kind=f"answer to query {body.number}", event=each.event, says=body.text, state=state)
        case QueryClosing() if body.number in asked:
            says = f"{body.outcome}: {body.text}" if body.text else body.outcome
            return Touch(kind=f"query {body.number} closed", event=each.event, says=says, state=state)
        case Redaction() if stored in body.fields:
            return Touch(kind="redaction asked for", event=each.event, says=each.event.why, state=state)
        case RedactionApproval() if stored in chronicle.entries[body.redaction].body.fields:
            says = f"approves event {body.redaction}"
            return Touch(kind="redaction approved", event=each.event, says=says, state=state)
        case _:
            return None


def _changes(chronicle: Chronicle, correction: Event, path: str) -> bool:
    body = chronicle.entries[correction.seq].body
    return path in body.replace or body.entered_in_error == "yes"


def _asks_about(body: Any, path: str) -> bool:
    return isinstance(body, Query) and body.field in ("", path, _item(path))


def _covers(lock: DataLock, body: Any) -> bool:
    """Whether a lock is about the entry: of everything, of its visit, of its form (or type)."""
    visit = body.visit if isinstance(body, FormEntry | Visit) else ""
    form = body.form if isinstance(body, FormEntry) else body.TYPE
    return lock.visit in ("", visit) and lock.form in ("", form)


def _item(path: str) -> str:
    return path.removeprefix(_ITEMS)
