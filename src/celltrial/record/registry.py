"""The event types by their stable names, and the one way between a body and its stored form.

Built from `bodies.Body`. pydantic validates at the edge: when an event is appended and when it is read back. A field
that the type does not know, a missing field, a value that is none of its choices: each is a finding.
"""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from celltrial.errors import Finding, InputError
from celltrial.record.bodies import Body
from celltrial.record.upcasts import upcast

__all__ = ["KINDS", "parse_body", "to_payload"]

KINDS: Mapping[str, type[Body]] = {kind.TYPE: kind for kind in get_args(Body)}


def to_payload(body: Body) -> dict[str, object]:
    """The body as it is stored: texts as typed, lists for tuples."""
    return {name: _plain(getattr(body, name)) for name in _field_names(body)}


def parse_body(kind: str, version: int, payload: Mapping[str, object]) -> Body:
    """Read a stored payload of any past version into today's body. Raises InputError with every finding."""
    known = KINDS.get(kind)
    if known is None or not 1 <= version <= known.VERSION:
        raise InputError(
            Finding(
                message="an event type or version that this program does not know",
                found=f"{kind} version {version}",
                expected=f"version 1 to {known.VERSION}" if known else f"one of {', '.join(sorted(KINDS))}",
                next_step="correct the type, or read this record with the version of celltrial that wrote it",
            )
        )
    lifted = upcast(kind, version, payload, to=known.VERSION)
    try:
        return _adapter(kind).validate_python(lifted)
    except ValidationError as error:
        raise InputError([_to_finding(kind, each) for each in error.errors(include_url=False)]) from None


@cache
def _adapter(kind: str) -> TypeAdapter[Body]:
    return TypeAdapter(KINDS[kind])


def _field_names(value: Any) -> tuple[str, ...]:
    kind: Any = type(value)
    return _names_of(kind)


@cache
def _names_of(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _plain(value: object) -> object:
    match value:
        case str():
            return str.__str__(value)
        case Mapping():
            return {_plain(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _ if dataclasses.is_dataclass(value):
            return {name: _plain(getattr(value, name)) for name in _field_names(value)}
        case _:
            return value


def _to_finding(kind: str, error: Any) -> Finding:
    match error["type"]:
        case "missing":
            message = "a field is missing"
        case "unexpected_keyword_argument":
            message = "a field that the event type does not have"
        case _:
            message = str(error["msg"])
    is_missing = error["type"] == "missing"
    return Finding(
        message=message,
        where=".".join(str(part) for part in (kind, *error["loc"])),
        found="nothing" if is_missing else repr(error["input"]),
        expected=f"the fields of {kind!r}, each as docs/record.md gives it",
        next_step="complete the field" if is_missing else "correct the field",
    )
