"""An entry through its corrections: how it stood after each of them, and what each of them changed, field by field.

Fields are named as a correction names them: `grade`, or `items.value` for one item of a form. A list is one field, as
canonical JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from celltrial.record.bodies import Body, Correction
from celltrial.record.canonical import canonical_json
from celltrial.record.corrections import blank_field, correct_body
from celltrial.record.events import Entry, Event
from celltrial.record.registry import parse_body, to_payload

__all__ = ["Change", "Difference", "Version", "body_at", "changes", "differences", "fields_of", "is_void", "versions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """How an entry stood once `event` was written: the first entry itself, or one of its corrections."""

    event: Event
    body: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field that a correction changed: its text before and after (blank: none), and the correction.

    `path` is blank where the whole entry was marked as entered in error.
    """

    path: str
    old: str
    new: str
    event: Event


class Difference(NamedTuple):
    """One field with its text before and after (blank: none); `field` is blank where the whole entry is meant."""

    field: str
    old: str
    new: str


def fields_of(body: Body) -> Mapping[str, str]:
    """The fields of a body, flat; those that are blank are left out.

    >>> from celltrial.record.bodies import FormEntry
    >>> dict(fields_of(FormEntry(form="labs", visit="SCR", items={"value": "9.6", "unit": ""})))
    {'form': 'labs', 'items.value': '9.6', 'visit': 'SCR', 'row': '1'}
    """
    found: dict[str, str] = {}
    for name, value in to_payload(body).items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{key}": str(each) for key, each in value.items()}
        elif isinstance(value, list):
            found[name] = canonical_json(value).decode() if value else ""
        else:
            found[name] = str(value)
    return {path: text for path, text in found.items() if text.strip()}


def versions(entry: Entry[Any]) -> tuple[Version, ...]:
    """Every version of an entry, the first one first; the mark `entered in error` makes no new one."""
    first = entry.event
    found = [Version(event=first, body=parse_body(first.type, first.version, first.payload))]
    for event in entry.corrections:
        correction = parse_body(event.type, event.version, event.payload)
        assert isinstance(correction, Correction)
        if correction.entered_in_error == "yes":
            continue
        body = correct_body(found[-1].body, correction)
        for path in event.redacted:
            if path.startswith("replace."):
                body = blank_field(body, path.removeprefix("replace."))
        found.append(Version(event=event, body=body))
    return tuple(found)


def body_at(entry: Entry[Any], seq: int) -> Body | None:
    """The body as event `seq` left it; None where the entry was written later."""
    seen = [version for version in versions(entry) if version.event.seq <= seq]
    return seen[-1].body if seen else None


def changes(entry: Entry[Any]) -> tuple[Change, ...]:
    """What each correction of an entry changed, in order; a field given its old text again is no change."""
    found: list[Change] = []
    history = versions(entry)
    for before, after in pairwise(history):
        compared = _compare(before.body, after.body)
        found += [Change(path=each.field, old=each.old, new=each.new, event=after.event) for each in compared]
    if is_void(entry):
        found.append(Change(path="", old="entry", new="entered in error", event=entry.corrections[-1]))
    return tuple(found)


def differences(body: Body, correction: Correction) -> tuple[Difference, ...]:
    """What a correction changes of a body, before it is written. Raises InputError where it cannot be made."""
    if correction.entered_in_error == "yes":
        return (Difference(field="", old="entry", new="entered in error"),)
    return _compare(body, correct_body(body, correction))


def _compare(before: Body, after: Body) -> tuple[Difference, ...]:
    old, new = fields_of(before), fields_of(after)
    return tuple(
        Difference(field=path, old=old.get(path, ""), new=new.get(path, ""))
        for path in dict.fromkeys((*old, *new))
        if old.get(path, "") != new.get(path, "")
    )


def is_void(entry: Entry[Any]) -> bool:
    """Whether the entry was marked as entered in error."""
    return bool(entry.corrections) and entry.corrections[-1].payload.get("entered_in_error") == "yes"
