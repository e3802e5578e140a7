"""What an event says, kept beside what is hashed: each value under a salted commitment, so that one can be redacted.

The hashed content of an event (envelope.py) holds one hash, `items`, over the commitments of its values. The values
themselves stand in the opening, one line a value, sorted by path:

    <salt, 32 hexadecimal digits><path as JSON>:<value as canonical JSON>        commitment SHA-256(0x02 || line)
    #<commitment, 64 hexadecimal digits><path as JSON>                           a value that was redacted
    items = SHA-256(0x03 || all commitments in the order of the lines)

A path is a field of the body (`grade`), an entry of a field that is a mapping (`items.value`), or `@why`, the reason
in the envelope. Without its salt a short value cannot be guessed from its commitment; with the line gone, the hash
still holds. The first bytes keep a line, a list of commitments, a content (0x00) and a link (0x01) apart.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from pydantic_core import from_json

from celltrial.errors import Finding, InputError
from celltrial.record.canonical import canonical_json

__all__ = ["REDACTED", "WHY", "Opened", "Salts", "compute_items", "make_opening", "read_opening", "redact_opening"]

# the path of the envelope's reason; no field of a body begins with @
WHY = "@why"
# what a redacted text reads as where its field cannot be left out
REDACTED = "[redacted]"
# so many random bytes, for so many bytes of salt
Salts = Callable[[int], bytes]

_SALT_BYTES = 16
_SALT = 2 * _SALT_BYTES
_COMMITMENT = 64
# nearly all values are texts, for which canonical JSON leaves no choice
_TEXT = json.JSONEncoder(ensure_ascii=False)
_HEX = re.compile(rb"[0-9a-f]{64}")


class Opened(NamedTuple):
    """What an opening says: the body's payload, the reason, and the paths that were redacted."""

    payload: dict[str, object]
    why: str
    redacted: tuple[str, ...]


def make_opening(payload: Mapping[str, object], why: str, salts: Salts) -> bytes:
    """The opening of a payload and a reason, with fresh salts."""
    values = {WHY: why, **_flatten(payload)}
    salt = salts(_SALT_BYTES * len(values)).hex()
    return b"\n".join(
        salt[number * _SALT : (number + 1) * _SALT].encode() + _named(path, values[path])
        for number, path in enumerate(sorted(values))
    )


def compute_items(opening: bytes) -> str:
    """The hash that the content of the event holds, from the lines of its opening.

    >>> line = b"00112233445566778899aabbccddeeff" + b'"grade":"3"'
    >>> compute_items(line) == compute_items(b"#" + hashlib.sha256(b"\\x02" + line).hexdigest().encode() + b'"grade"')
    True
    """
    sha256, lines = hashlib.sha256, opening.split(b"\n")
    if opening[:1] == b"#" or b"\n#" in opening:
        return sha256(b"\x03" + b"".join(map(_commitment, lines))).hexdigest()
    return sha256(b"\x03" + b"".join([sha256(b"\x02" + line).digest() for line in lines])).hexdigest()


def read_opening(opening: bytes) -> Opened:
    """The payload, the reason and the redacted paths. Raises InputError where a line is not as above."""
    try:
        lines, redacted = opening.split(b"\n"), ()
        if opening[:1] == b"#" or b"\n#" in opening:
            redacted = tuple(from_json(line[1 + _COMMITMENT :]) for line in lines if line[:1] == b"#")
            lines = [line for line in lines if line[:1] != b"#"]
        payload = from_json(b"{" + b",".join([line[_SALT:] for line in lines]) + b"}")
        why = REDACTED if WHY in redacted else payload.pop(WHY)
        for path in [path for path in payload if "." in path]:
            name, _, key = path.partition(".")
            payload.setdefault(name, {})[key] = payload.pop(path)
        for path in redacted:
            _put_redacted(payload, path)
    except (ValueError, TypeError, AttributeError, KeyError):
        raise InputError(Finding(message="the values of the event cannot be read", found=repr(opening[:80]))) from None
    return Opened(payload, why, redacted)


def redact_opening(opening: bytes, paths: Iterable[str]) -> bytes:
    """The opening with the values and salts of these paths gone and their commitments in place."""
    gone = {json.dumps(path, ensure_ascii=False).encode() + b":" for path in paths}
    lines = []
    for line in opening.split(b"\n"):
        path = next((each for each in gone if line[_SALT:].startswith(each)), None)
        is_open = path is not None and line[:1] != b"#"
        lines.append(_redacted_line(line, path[:-1]) if is_open and path is not None else line)
    return b"\n".join(lines)


def _named(path: str, value: object) -> bytes:
    """The canonical JSON of one path with its value, without the brackets."""
    if type(value) is str:
        try:
            return f"{_TEXT.encode(path)}:{_TEXT.encode(value)}".encode()
        except UnicodeEncodeError:
            pass  # canonical_json says which text it is
    return canonical_json({path: value})[1:-1]


def _commitment(line: bytes) -> bytes:
    """The commitment of a line, open or redacted; of a line that is neither, the hash of what it is."""
    if line[:1] == b"#" and _HEX.match(line[1:]):
        return bytes.fromhex(line[1 : 1 + _COMMITMENT].decode())
    return hashlib.sha256(b"\x02" + line).digest()


def _redacted_line(line: bytes, path: bytes) -> bytes:
    return b"#" + hashlib.sha256(b"\x02" + line).hexdigest().encode() + path


def _flatten(payload: Mapping[str, object]) -> dict[str, object]:
    """Every field, and every entry of a field that is a mapping, by its path."""
    values: dict[str, object] = {}
    for name, value in payload.items():
        if isinstance(value, Mapping) and value:
            values.update({f"{name}.{key}": each for key, each in value.items()})
        else:
            values[name] = value
    return values


def _put_redacted(payload: dict[str, object], path: str) -> None:
    """A redacted entry of a mapping is missing; a redacted field says so."""
    name, dot, _ = path.partition(".")
    if path == WHY:
        return
    if dot:
        payload.setdefault(name, {})
    else:
        payload[name] = REDACTED
