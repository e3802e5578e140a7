"""What a correction does to the body it corrects: named fields take new values; nothing is overwritten in the record.

`replace` names a text field (`outcome`) or one entry of a mapping (`items.value`). The result is validated like any
other body. A list field, the type's identity (`form` of a form entry), and a correction itself are not corrected:
the event is entered in error and written anew.
"""

import dataclasses
from typing import Any

from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.record.bodies import Body, Correction
from celltrial.record.opening import REDACTED
from celltrial.record.registry import parse_body, to_payload

__all__ = ["blank_field", "correct_body"]

_FIXED = {("form", "form")}


def correct_body(body: Body, correction: Correction) -> Body:
    """The body after the correction's replacements. Raises InputError with a finding for each that cannot be made."""
    payload: dict[str, Any] = to_payload(body)
    findings = [
        finding
        for path, text in correction.replace.items()
        if (finding := _replace(payload, body.TYPE, path, text)) is not None
    ]
    if findings:
        raise InputError(findings)
    try:
        return parse_body(body.TYPE, body.VERSION, payload)
    except CelltrialError as error:
        raise InputError(
            [dataclasses.replace(each, message=f"after the correction: {each.message}") for each in error.findings]
        ) from None


def blank_field(body: Body, path: str) -> Body:
    """The body without the text at `path`, which a redaction took away: an entry is missing, a field says so."""
    payload: dict[str, Any] = to_payload(body)
    name, dot, inner = path.partition(".")
    if dot:
        payload[name].pop(inner, None)
    else:
        payload[name] = REDACTED
    return parse_body(body.TYPE, body.VERSION, payload)


def _replace(payload: dict[str, Any], kind: str, path: str, text: str) -> Finding | None:
    """Put `text` at `path` in the payload, or say why not."""
    name, dot, inner = path.partition(".")
    if name in payload and (kind, name) not in _FIXED:
        if isinstance(payload[name], dict) and inner:
            payload[name][inner] = text
            return None
        if isinstance(payload[name], str) and not dot:
            payload[name] = text
            return None
    return Finding(
        message="a correction of something that cannot be replaced",
        where=f"{kind} event, field {path!r}",
        found=repr(path),
        expected=f"one of {', '.join(_paths(payload, kind))}",
        rule="docs/record.md, Corrections",
        next_step="name the field, or mark the event as entered in error and write it anew",
    )


def _paths(payload: dict[str, Any], kind: str) -> list[str]:
    texts = [name for name, value in payload.items() if isinstance(value, str) and (kind, name) not in _FIXED]
    return texts + [f"{name}.<id>" for name, value in payload.items() if isinstance(value, dict)]
