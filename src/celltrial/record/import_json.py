"""A JSON file read as events or form rows: a list of objects; numbers are kept as they are typed."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from celltrial.errors import Finding, InputError, Source
from celltrial.record.asked import Asked
from celltrial.record.bodies import (
    AuditReview,
    Correction,
    FormEntry,
    Query,
    Redaction,
    RedactionApproval,
    Signature,
    SourceVerification,
    Transfer,
)

__all__ = ["parse_json"]

_BLANKS = re.compile(r"[ \t\r\n]*")
_ENVELOPE = ("type", "version", "subject", "why", "source_at", "body")
# the fields of bodies that are numbers of events, and so whole numbers
_EVENT_NUMBERS = {
    (AuditReview.TYPE, "through"),
    (Correction.TYPE, "target"),
    (Query.TYPE, "target"),
    (Redaction.TYPE, "target"),
    (RedactionApproval.TYPE, "redaction"),
    (Signature.TYPE, "covers"),
    (SourceVerification.TYPE, "target"),
    (Transfer.TYPE, "through"),
}


def parse_json(name: str, text: str) -> tuple[list[Asked], list[Finding]]:
    """The elements of a JSON list, and a finding for each that is neither an event nor a form row.

    An event is `{"type", "subject"?, "version"?, "why"?, "source_at"?, "body": {...}}`, or has the body's fields beside
    `type`. A form row is `{"form", "subject", "visit"?, "row"?, "items": {...}}`, or has the items beside `form`.
    Raises InputError where the text is not one whole JSON list.
    """
    asked: list[Asked] = []
    findings: list[Finding] = []
    for number, (line, element) in enumerate(_elements(name, text), start=1):
        source = Source(file=name, line=line)
        if isinstance(element, dict) and ("type" in element or "form" in element):
            asked.append(_ask(source, number, element))
        else:
            findings.append(
                Finding(
                    message="neither an event nor a form row",
                    source=source,
                    where=f"element {number}",
                    found=json.dumps(element, ensure_ascii=False)[:80],
                    expected='an object with "type" (an event) or "form" (a form row)',
                    next_step="correct the element",
                )
            )
    return asked, findings


def _elements(name: str, text: str) -> Iterator[tuple[int, Any]]:
    """The elements of the list, each with the number of its first line."""
    decoder = json.JSONDecoder(
        parse_float=str, parse_int=str, parse_constant=_refuse_constant, object_pairs_hook=_object
    )
    position = _skip(text, 0)
    if text[position : position + 1] != "[":
        raise _not_json(name, text, position, "a list of events or form rows")
    position = _skip(text, position + 1)
    is_first = True
    while text[position : position + 1] != "]":
        if not is_first:
            if text[position : position + 1] != ",":
                raise _not_json(name, text, position, "a comma, or the end of the list")
            position = _skip(text, position + 1)
        is_first = False
        start = position
        try:
            element, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise _not_json(name, text, error.pos, error.msg) from None
        except (ValueError, RecursionError) as error:
            raise _not_json(name, text, start, str(error)) from None
        yield text.count("\n", 0, start) + 1, element
        position = _skip(text, position)
    if text[_skip(text, position + 1) :]:
        raise _not_json(name, text, position + 1, "nothing after the list")


def _skip(text: str, position: int) -> int:
    blanks = _BLANKS.match(text, position)
    return blanks.end() if blanks else position


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key that stands twice in one object")
    return fields


def _refuse_constant(word: str) -> object:
    raise ValueError(f"{word} is no value: leave out what is missing")


def _not_json(name: str, text: str, position: int, expected: str) -> InputError:
    return InputError(
        Finding(
            message="the file is not one whole JSON list: it may be cut off or garbled",
            source=Source(file=name, line=text.count("\n", 0, position) + 1),
            found=repr(text[position : position + 40]) if text[position:] else "the end of the file",
            expected=expected,
            next_step="export the file again; nothing was written",
        )
    )


def _ask(source: Source, number: int, element: Mapping[str, Any]) -> Asked:
    kind = str(element.get("type", FormEntry.TYPE))
    subject = str(element.get("subject") or "")
    if kind == FormEntry.TYPE:
        payload = _form_payload(element.get("body", element))
    else:
        body = element.get("body", {key: value for key, value in element.items() if key not in _ENVELOPE})
        fields = body if _is_object(body) else {"body": body}
        payload = {key: _as_event_number(kind, key, value) for key, value in fields.items()}
    extra = sorted(element.keys() - set(_ENVELOPE)) if "body" in element else []
    version = str(element.get("version", ""))
    return Asked(
        source=source,
        where=f"element {number}" + (f" ({subject})" if subject else ""),
        kind=kind,
        subject=subject,
        version=int(version) if version.isdecimal() else None,
        why=str(element.get("why") or ""),
        source_at=str(element.get("source_at") or ""),
        payload=payload | {key: element[key] for key in extra},
    )


def _form_payload(body: Any) -> dict[str, Any]:
    """A form row as the body of a form entry; a null item is a missing one."""
    if not _is_object(body):
        return {"body": body}
    fields = {key: body[key] for key in ("form", "visit", "row") if key in body}
    given = body.get("items", {key: value for key, value in body.items() if key not in (*_ENVELOPE, *fields)})
    items = {key: value for key, value in given.items() if value is not None} if _is_object(given) else given
    others = {key for key in body if key not in (*_ENVELOPE, *fields, "items")} if "items" in body else set()
    return {"row": "", **fields, "items": items, **{key: body[key] for key in others}}


def _as_event_number(kind: str, key: str, value: Any) -> Any:
    if (kind, key) not in _EVENT_NUMBERS:
        return value
    if isinstance(value, list):
        return [_as_event_number(kind, key, each) for each in value]
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _is_object(value: object) -> bool:
    return isinstance(value, dict)
