"""An event and its stored form: every field of the envelope is inside the hashed bytes.

`seal` makes an event of a draft at the end of the chain; `decode` reads a stored row back; `match_envelope` says fast
whether a row's content is what `seal` would write, and its columns and values what the content says. Since format 2 the
content holds the hash of the values, not the values (opening.py); events of format 1 hold them in the content itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from celltrial import __version__
from celltrial.codes import PersonId, SubjectId
from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.record.bodies import Body
from celltrial.record.canonical import canonical_json, compute_link, parse_canonical_json
from celltrial.record.events import Author, Draft, Event
from celltrial.record.opening import Salts, compute_items, make_opening, read_opening
from celltrial.record.registry import to_payload

__all__ = ["FORMAT", "Place", "Row", "decode", "decode_matched", "format_instant", "match_envelope", "seal"]

# the version of the envelope itself; bodies have their own
FORMAT = 2
_APP = f"celltrial {__version__}"

_FIRST_FIELDS = frozenset(
    ("format", "seq", "type", "version", "subject", "payload", "author", "why", "recorded_at", "base_seq", "study_hash")
)
_FIELDS = _FIRST_FIELDS - {"payload", "why"} | {"app", "items", "source_at", "via"}
_AUTHOR_FIELDS = frozenset(("person", "role", "site", "printed_name"))
_WHOLE_NUMBERS = ("seq", "version", "base_seq")


class Row(NamedTuple):
    """An event as stored. `content` is the hashed bytes; type, subject and time repeat it for readers of the table.

    `opening` holds the values whose hash is in the content (opening.py); empty for an event of format 1.
    """

    seq: int
    type: str
    subject: str | None
    recorded_at: str
    prev: str
    hash: str
    content: bytes
    opening: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and by whom an event joins the chain: all that is in an envelope beside the draft."""

    seq: int
    author: Author
    at: datetime
    base_seq: int
    study_hash: str
    prev: str
    salts: Salts


def format_instant(moment: datetime) -> str:
    """An aware time as stored: UTC, to the microsecond, so that texts sort as times do.

    >>> format_instant(datetime.fromisoformat("2026-03-01T08:30:00+08:00"))
    '2026-03-01T00:30:00.000000Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def seal(draft: Draft, place: Place) -> tuple[Event, Row]:
    """The draft as an event of the chain, and its row. Raises InputError for what cannot be stored."""
    body: Body = draft.body
    author, payload = place.author, to_payload(body)
    opening = make_opening(payload, draft.why, place.salts)
    fields: dict[str, Any] = {
        "app": _APP,
        "author": {
            "person": str(author.person),
            "role": author.role,
            "site": author.site,
            "printed_name": author.printed_name,
        },
        "base_seq": place.base_seq,
        "format": FORMAT,
        "items": compute_items(opening),
        "recorded_at": format_instant(place.at),
        "seq": place.seq,
        "source_at": draft.source_at,
        "study_hash": place.study_hash,
        "subject": None if draft.subject is None else str(draft.subject),
        "type": body.TYPE,
        "version": body.VERSION,
        "via": draft.via,
    }
    content = canonical_json(fields)
    link = compute_link(place.prev, content)
    row = Row(place.seq, body.TYPE, fields["subject"], fields["recorded_at"], place.prev, link, content, opening)
    return _to_event(fields | {"payload": payload, "why": draft.why}, place.prev, link), row


def decode(row: Row) -> Event:
    """The event of a stored row. Raises InputError where the content is not an envelope of ours, or not canonical."""
    matched = _match(row.content)
    if matched is not None:
        return decode_matched(matched, row)
    fields = dict(parse_canonical_json(row.content))
    expected = _FIRST_FIELDS if fields.get("format") == 1 else _FIELDS
    if fields.get("format") not in (1, FORMAT) or fields.keys() != expected or not _is_author(fields["author"]):
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
        if "items" in fields:
            opened = read_opening(row.opening)
            fields |= {"payload": opened.payload, "why": opened.why, "redacted": opened.redacted}
        return _to_event(fields, row.prev, row.hash)
    except (TypeError, ValueError, AttributeError, CelltrialError) as error:
        raise InputError(Finding(message="an envelope field that cannot be read", found=str(error))) from None


def match_envelope(row: Row) -> "re.Match[str] | None":
    """The parts of a row's content, where content, columns and values agree; else None.

    The content is the canonical envelope of format 2, the columns repeat it, the opening gives the hash it holds.
    """
    found = _match(row.content)
    if found is None:
        return None
    items, recorded_at, seq, subject, kind = found.group("items", "recorded_at", "seq", "subject", "type")
    agrees = (
        kind == row.type
        and seq == str(row.seq)
        and recorded_at == row.recorded_at
        and subject == ("null" if row.subject is None else f'"{row.subject}"')
        and items == compute_items(row.opening)
    )
    return found if agrees else None


# a text in canonical JSON: only what must be escaped is, and in the shortest form
_TEXT = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\bfnrt]|u00(?:0[0-7be-f]|1[0-9a-f]))[^"\\\x00-\x1f]*+)*+"'
_NUMBER = r"(?:0|[1-9][0-9]*+)"
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
# the canonical envelope of format 2, keys in their order: what matches needs no parser to be read
_ENVELOPE = re.compile(
    rf'{{"app":(?P<app>{_TEXT}),'
    rf'"author":(?P<author>{{"person":{_TEXT},"printed_name":{_TEXT},"role":{_TEXT},"site":{_TEXT}}}),'
    rf'"base_seq":(?P<base_seq>{_NUMBER}),"format":2,"items":"(?P<items>[0-9a-f]{{64}})",'
    rf'"recorded_at":"(?P<recorded_at>{_INSTANT})",'
    rf'"seq":(?P<seq>{_NUMBER}),"source_at":(?P<source_at>{_TEXT}),"study_hash":(?P<study_hash>{_TEXT}),'
    r'"subject":(?P<subject>null|"[^"\\\x00-\x1f]*"),"type":"(?P<type>[a-z_]+)",'
    rf'"version":(?P<version>{_NUMBER}),"via":(?P<via>{_TEXT})}}'
)


def _match(content: bytes) -> "re.Match[str] | None":
    try:
        return _ENVELOPE.fullmatch(content.decode())
    except UnicodeDecodeError:
        return None


def decode_matched(found: "re.Match[str]", row: Row) -> Event:
    """The event of a row whose content has been matched. Raises InputError where a field or a value cannot be read."""
    app, author, base_seq, _, recorded_at, seq, source_at, study_hash, subject, kind, number, via = found.groups()
    opened = read_opening(row.opening)
    try:
        return Event(
            seq=int(seq),
            type=kind,
            version=int(number),
            subject=None if subject == "null" else _subject(subject[1:-1]),
            payload=opened.payload,
            author=_author_of(author),
            why=opened.why,
            recorded_at=datetime.fromisoformat(recorded_at),
            base_seq=int(base_seq),
            study_hash=_text(study_hash),
            prev=row.prev,
            hash=row.hash,
            source_at=_text(source_at),
            via=_text(via),
            app=_text(app),
            redacted=opened.redacted,
        )
    except (ValueError, CelltrialError) as error:
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
        source_at=fields.get("source_at", ""),
        via=fields.get("via", ""),
        app=fields.get("app", ""),
        redacted=fields.get("redacted", ()),
    )


# the same few people, files and subjects stand in thousands of events
@cache
def _text(quoted: str) -> str:
    return str(parse_canonical_json(b'{"text":' + quoted.encode() + b"}")["text"])


@cache
def _author_of(quoted: str) -> Author:
    fields = parse_canonical_json(quoted.encode())
    return _author(*(str(fields[name]) for name in ("person", "role", "site", "printed_name")))


@cache
def _subject(text: str) -> SubjectId:
    return SubjectId(text)


@cache
def _author(person: str, role: str, site: str, printed_name: str) -> Author:
    return Author(person=PersonId(person), role=role, site=site, printed_name=printed_name)
