"""Old schema versions lifted to the present one, by pure functions, when an event is read; stored bytes stay.

`UPCASTS[(type, version)]` turns a payload of that version into one of the next. A body whose `VERSION` is n needs the
steps 1..n-1 here; a test asks for each.
"""

from collections.abc import Callable, Mapping

__all__ = ["UPCASTS", "Upcasts", "upcast"]

Payload = Mapping[str, object]
Upcasts = Mapping[tuple[str, int], Callable[[Payload], Payload]]

UPCASTS: Upcasts = {}


def upcast(kind: str, version: int, payload: Payload, *, to: int, steps: Upcasts = UPCASTS) -> Payload:
    """The payload of an event of type `kind`, lifted from `version` to version `to`, one step at a time.

    >>> upcast("consent", 1, {"on": "2026"}, to=2, steps={("consent", 1): lambda old: {"signed_at": old["on"]}})
    {'signed_at': '2026'}
    """
    for step in range(version, to):
        payload = steps[kind, step](payload)
    return payload
