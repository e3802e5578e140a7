"""An event and its stored form: every field of the envelope is inside the hashed bytes.

`seal` makes an event of a draft at the end of the chain; `decode` reads a stored row back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from celltrial.codes import PersonId, SubjectId
from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.record.bodies import Body
from celltrial.record.canonical import canonical_json, compute_link
from celltrial.record.events import Author, Draft, Event
from celltrial.record.registry import to_payload

__all__ = ["FORMAT", "Row", "decode", "format_instant", "seal"]

# the version of the envelope itself; bodies have their own
FORMAT = 1

_FIELDS = frozenset(
    ("format", "seq", "type", "version", "subject", "payload", "author", "why", "recorded_at", "base_seq", "study_hash")
)
_AUTHOR_FIELDS = frozenset(("person", "role", "site", "printed_name"))
_WHOLE_NUMBERS = ("seq", "version", "base_seq")


@dataclass(frozen=True, slots=True)
class Row:
    """An event as stored. `content` is the hashed bytes; type, subject and time repeat it for readers of the table."""

    seq: int
    type: str
    subject: str | None
    recorded_at: str
    prev: str
    hash: str
    content: bytes


def format_instant(moment: datetime) -> str:
    """An aware time as stored: UTC, to the microsecond, so that texts sort as times do.

    >>> format_instant(datetime.fromisoformat("2026-03-01T08:30:00+08:00"))
    '2026-03-01T00:30:00.000000Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def seal(
    draft: Draft, *, seq: int, author: Author, at: datetime, base_seq: int, study_hash: str, prev: str
) -> tuple[Event, Row]:
    """The draft as event number `seq`, linked to `prev`; and its row. Raises InputError for what cannot be stored."""
    body: Body = draft.body
    fields: dict[str, Any] = {
        "format": FORMAT,
        "seq": seq,
        "type": body.TYPE,
        "version": body.VERSION,
        "subject": None if draft.subject is None else str(draft.subject),
        "payload": to_payload(body),
        "author": {
            "person": str(author.person),
            "role": author.role,
            "site": author.site,
            "printed_name": author.printed_name,
        },
        "why": draft.why,
        "recorded_at": format_instant(at),
        "base_seq": base_seq,
        "study_hash": study_hash,
    }
    content = canonical_json(fields)
    link = compute_link(prev, content)
    row = Row(seq, body.TYPE, fields["subject"], fields["recorded_at"], prev, link, content)
    return _to_event(fields, prev, link), row


def decode(fields: Mapping[str, Any], row: Row) -> Event:
    """The event of a stored row from its parsed content. Raises InputError where the envelope is not one of ours."""
    if fields.get("format") != FORMAT or fields.keys() != _FIELDS or not _is_author(fields["author"]):
        raise InputError(
            Finding(
                message="an envelope that this program does not know",
                found=", ".join(sorted(str(key) for key in fields)),
                expected=f"format {FORMAT} with {', '.join(sorted(_FIELDS))}",
            )
        )
    try:
        if not all(type(fields[name]) is int for name in _WHOLE_NUMBERS):
            raise ValueError(f"{', '.join(_WHOLE_NUMBERS)} are whole numbers")
        return _to_event(fields, row.prev, row.hash)
    except (TypeError, ValueError, AttributeError, CelltrialError) as error:
        raise InputError(Finding(message="an envelope field that cannot be read", found=str(error))) from None


def _is_author(author: object) -> bool:
    return isinstance(author, dict) and author.keys() == _AUTHOR_FIELDS


def _to_event(fields: Mapping[str, Any], prev: str, link: str) -> Event:
    author = fields["author"]
    return Event(
        seq=fields["seq"],
        type=fields["type"],
        version=fields["version"],
        subject=None if fields["subject"] is None else _subject(fields["subject"]),
        payload=fields["payload"],
        author=_author(author["person"], author["role"], author["site"], author["printed_name"]),
        why=fields["why"],
        recorded_at=datetime.fromisoformat(fields["recorded_at"]),
        base_seq=fields["base_seq"],
        study_hash=fields["study_hash"],
        prev=prev,
        hash=link,
    )


# the same few people and subjects stand in thousands of events
@cache
def _subject(text: str) -> SubjectId:
    return SubjectId(text)


@cache
def _author(person: str, role: str, site: str, printed_name: str) -> Author:
    return Author(person=PersonId(person), role=role, site=site, printed_name=printed_name)
