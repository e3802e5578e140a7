"""The dictionary of event types, written from the types themselves: docs/record.md holds what this gives."""

import dataclasses
import inspect
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from celltrial.record.bodies import Body, EventSeq
from celltrial.record.keys import KEY_FIELDS, SUBJECT_RULE, UNIQUE
from celltrial.record.registry import KINDS

__all__ = ["render_dictionary"]

_SUBJECT_WORDS = {
    "always": "of one subject",
    "never": "of the study, no subject",
    "may": "with or without a subject",
    "as its target": "under the subject of its target",
}


def render_dictionary() -> str:
    """Every event type in Markdown, in the order of a trial: name, version, subject, key, and each field."""
    return "\n".join(_render(kind) for kind in KINDS.values())


def _render(kind: type[Body]) -> str:
    rule = _SUBJECT_WORDS[SUBJECT_RULE.get(kind.TYPE, "always")]
    key = " + ".join(f"`{name}`" for name in KEY_FIELDS.get(kind.TYPE, ()))
    once = ", one standing entry each" if kind.TYPE in UNIQUE else ""
    lines = [
        f"### `{kind.TYPE}` (version {kind.VERSION})",
        "",
        " ".join((inspect.getdoc(kind) or "").split()),
        "",
        f"Written {rule}" + (f"; key: {key}{once}." if key else "."),
        "",
        "| field | holds | if left out |",
        "|---|---|---|",
    ]
    hints = get_type_hints(kind, include_extras=True)
    lines += [_render_field(field, hints[field.name]) for field in dataclasses.fields(kind)]
    return "\n".join([*lines, ""])


def _render_field(field: "dataclasses.Field[Any]", hint: Any) -> str:
    if field.default is not dataclasses.MISSING:
        default = "blank" if field.default == "" else "empty" if field.default == () else f"`{field.default}`"
    else:
        default = "required" if field.default_factory is dataclasses.MISSING else "empty"
    return f"| `{field.name}` | {_words(hint)} | {default} |"


def _words(hint: Any) -> str:
    """A type in words; texts are as typed."""
    if hint == EventSeq:
        return "an event's number"
    if hint is str:
        return "text"
    inner = get_args(hint)
    match get_origin(hint):
        case origin if origin is Literal:
            return ", ".join(f"`{choice}`" for choice in inner)
        case origin if origin is tuple:
            return f"list of: {_words(inner[0])}"
        case origin if origin is dict:
            return "mapping of text to text"
        case origin if origin is Union:
            raise TypeError(f"a body's field has no word for {hint}")
        case _:
            return ", ".join(f"`{field.name}`" for field in dataclasses.fields(hint))


if __name__ == "__main__":
    print(render_dictionary())  # noqa: T201 - this is what the module is run for
