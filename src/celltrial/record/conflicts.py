"""Two people changed the same entry: what the record says since, what the later one wanted to write, side by side.

Nothing is merged: the second writer sees both, field by field, and writes what is right on the last version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from celltrial.codes import SubjectId
from celltrial.errors import CelltrialError, Finding
from celltrial.record.bodies import Body, Correction, FormEntry, Signature
from celltrial.record.corrections import correct_body
from celltrial.record.events import Draft, Entry, Event
from celltrial.record.keys import key_of
from celltrial.record.state import TrialState
from celltrial.record.versions import body_at, fields_of, is_void

__all__ = ["Conflict", "check_stale", "conflicts", "last_touch", "name_draft", "same_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One field on which the versions differ; blank: the field is not there.

    base: as the second writer read it; theirs: as it stands since event `event`, by whom and when; yours: what the
    second writer wants. is_clash: both changed it, to different texts.
    """

    target: int
    field: str
    base: str
    theirs: str
    yours: str
    event: int
    by: str
    at: datetime

    @property
    def is_clash(self) -> bool:
        return self.theirs != self.base and self.yours not in (self.base, self.theirs)


def conflicts(state: TrialState, draft: Draft, base_seq: int) -> tuple[Conflict, ...]:
    """Every field on which the record and a stale draft differ, for a page that shows both; empty: it is not stale.

    base_seq: the last event that the writer had seen. A correction is stale when its target was touched since, a
    signature when an event it covers was corrected since, any other draft when one with its subject, type and key was.
    """
    return tuple(each for entry in _moved(state, draft, base_seq) for each in _compare(state, entry, draft, base_seq))


def check_stale(state: TrialState, draft: Draft, base_seq: int) -> tuple[Finding, ...]:
    """A finding for each entry that a draft speaks of and an event after `base_seq` touched: theirs beside yours."""
    return tuple(
        _stale_finding(entry, draft, base_seq, _compare(state, entry, draft, base_seq))
        for entry in _moved(state, draft, base_seq)
    )


def name_draft(draft: Draft) -> str:
    """Where a draft belongs, for its findings: subject, type, key."""
    return "/".join(part for part in (draft.subject or "", draft.body.TYPE, *key_of(draft.body)) if part)


def last_touch(entry: Entry[Body]) -> Event:
    """The event that touched an entry last."""
    return (entry.corrections or (entry.event,))[-1]


def same_key(state: TrialState, body: Body, subject: SubjectId | None) -> list[Entry[Body]]:
    """The standing entries with the subject, type and key of a body."""
    if isinstance(body, FormEntry) and subject is not None:
        # most often asked, of thousands of rows: the row tells first
        shelf: tuple[Entry[Body], ...] = state.rows(body.form, subject, body.row)
    else:
        shelf = state.entries(type(body), subject)
    key = key_of(body)
    return [entry for entry in shelf if entry.subject == subject and key_of(entry.body) == key]


def _moved(state: TrialState, draft: Draft, base_seq: int) -> list[Entry[Body]]:
    return [entry for entry in _touched_by(state, draft) if last_touch(entry).seq > base_seq]


def _touched_by(state: TrialState, draft: Draft) -> list[Entry[Body]]:
    """The entries that a draft speaks of, those entered in error among them."""
    body = draft.body
    match body:
        case Signature():
            # the covered event itself may be newer than what was read: the signer wrote it
            covered = (state.entry(seq) or state.entered_in_error(seq) for seq in body.covers)
            return [entry for entry in covered if entry is not None and entry.corrections]
        case Correction():
            target = state.entry(body.target) or state.entered_in_error(body.target)
            return [target] if target else []
        case _:
            key = (body.TYPE, draft.subject, key_of(body))
            voided = [entry for entry in state.voided if (entry.event.type, entry.subject, key_of(entry.body)) == key]
            return same_key(state, body, draft.subject) + voided


def _compare(state: TrialState, entry: Entry[Body], draft: Draft, base_seq: int) -> list[Conflict]:
    """The fields of a touched entry on which base, theirs and yours are not all the same."""
    seen = body_at(entry, base_seq)
    if seen is None and not isinstance(draft.body, Signature | Correction):
        # a later report of the same thing: what was read is the report before it
        earlier = [each for each in same_key(state, draft.body, draft.subject) if each.seq <= base_seq]
        seen = body_at(earlier[-1], base_seq) if earlier else None
    base = fields_of(seen) if seen is not None else {}
    theirs = {} if is_void(entry) else fields_of(entry.body)
    yours = _wanted(draft, seen, base)
    last = last_touch(entry)
    return [
        Conflict(
            target=entry.seq,
            field=path,
            base=base.get(path, ""),
            theirs=theirs.get(path, ""),
            yours=yours.get(path, ""),
            event=last.seq,
            by=str(last.author.person),
            at=last.recorded_at,
        )
        for path in dict.fromkeys((*base, *theirs, *yours))
        if not base.get(path, "") == theirs.get(path, "") == yours.get(path, "")
    ]


def _stale_finding(entry: Entry[Body], draft: Draft, base_seq: int, found: Sequence[Conflict]) -> Finding:
    last = last_touch(entry)
    theirs = "entered in error" if is_void(entry) else _listed(found, "theirs")
    since = f"event {last.seq} of {last.recorded_at:%Y-%m-%d %H:%M} UTC by {last.author.person}"
    return Finding(
        message="the record has moved on since it was read",
        where=name_draft(draft),
        found=f"theirs, in the record since {since}: {theirs}",
        expected=f"yours, written on what event {base_seq} left: {_yours(draft, found)}",
        rule="docs/record.md, Two writers: an entry is changed only by someone who has seen its last version",
        next_step="read the record again, compare the two, and write what is right",
    )


def _wanted(draft: Draft, seen: Body | None, base: Mapping[str, str]) -> Mapping[str, str]:
    match draft.body:
        case Signature():
            return base  # a signer wants what was read
        case Correction(entered_in_error="yes"):
            return {}
        case Correction(replace=wanted):
            if seen is not None:
                try:
                    return fields_of(correct_body(seen, draft.body))
                except CelltrialError:
                    pass  # the check of the correction says what is wrong with it
            return {**base, **wanted}
        case body:
            return fields_of(body)


def _yours(draft: Draft, found: Sequence[Conflict]) -> str:
    match draft.body:
        case Signature():
            return f"a signature of what was read: {_listed(found, 'base')}"
        case Correction(entered_in_error="yes"):
            return "entered in error"
        case _:
            return _listed(found, "yours")


def _listed(found: Sequence[Conflict], side: Literal["base", "theirs", "yours"]) -> str:
    texts = []
    for each in found:
        text = getattr(each, side)
        was = f" (was {each.base!r})" if each.base and text != each.base else ""
        texts.append(f"{each.field} {repr(text) if text else 'blank'}{was}")
    return "; ".join(texts) or "the same texts"
