"""What an event says, field by field: every text that was given, once, under its path.

A path is a field of the body (`grade`), an entry of a mapping (`items.value`), or one of a list of things with fields
of their own (`agents.1.drug`). A list of plain values is one field, written as a JSON list; an empty list or mapping is
one blank field, so that nothing that was stored is without its line.
"""

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from celltrial.record.events import Event
from celltrial.record.opening import REDACTED, WHY

__all__ = ["Field", "list_fields", "show_value"]


class Field(NamedTuple):
    """One field of an event: its path, its text, and whether that text was made unreadable since."""

    path: str
    text: str
    is_redacted: bool = False


def list_fields(event: Event) -> tuple[Field, ...]:
    """Every field of the event's payload, in the order stored; what was redacted is there as `[redacted]`."""
    redacted = [path for path in event.redacted if path != WHY]
    # a mapping of which nothing is left is not an empty mapping
    emptied = {path.partition(".")[0] for path in redacted if "." in path}
    gone = frozenset(redacted)
    fields = [
        Field(path, text)
        for path, text in _walk("", event.payload)
        if path not in gone and not (text == "" and path in emptied and not event.payload[path])
    ]
    return (*fields, *(Field(path, REDACTED, is_redacted=True) for path in redacted))


def show_value(value: object) -> str:
    """A stored value as a text: as typed; a list of plain values as JSON.

    >>> show_value("9.6"), show_value(12), show_value(["norepinephrine"]), show_value([3, 4]), show_value([])
    ('9.6', '12', '["norepinephrine"]', '[3, 4]', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | Mapping):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value)


def _walk(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    """The leaves of a stored value with their paths."""
    if isinstance(value, Mapping) and (value or not prefix):
        for key, each in value.items():
            yield from _walk(f"{prefix}.{key}" if prefix else str(key), each)
    elif isinstance(value, list | tuple) and any(isinstance(each, Mapping | list | tuple) for each in value):
        for number, each in enumerate(value, start=1):
            yield from _walk(f"{prefix}.{number}", each)
    else:
        yield prefix, show_value(value)
