"""The bytes that are hashed: canonical JSON, and two hashes that cannot be taken for one another.

Canonical JSON here: UTF-8, keys sorted by code point, no blanks, no floats (numbers as typed are texts), no NaN, no
duplicate keys. leaf = SHA-256(0x00 || content) and link = SHA-256(0x01 || previous link || leaf), the separate first
bytes after RFC 6962 section 2.1, so that no content can pass for a link.
"""

import hashlib
import json
from collections.abc import Mapping

from celltrial.errors import Finding, InputError

__all__ = ["GENESIS", "canonical_json", "compute_leaf", "compute_link", "parse_canonical_json"]

# the link before the first event
GENESIS = "0" * 64


def canonical_json(value: object) -> bytes:
    """The one UTF-8 text of a value made of mappings, sequences, texts, whole numbers, booleans and None.

    Raises InputError for a float, a text that is not Unicode, a key that is not a text, or anything else.

    >>> canonical_json({"b": "1.50", "a": [1, None]})
    b'{"a":[1,null],"b":"1.50"}'
    """
    _require_plain(value, "")
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            Finding(message="a text that is not Unicode", found=ascii(text[error.start : error.end]))
        ) from None


def parse_canonical_json(content: bytes) -> Mapping[str, object]:
    """Read canonical JSON back. Raises InputError where the bytes are not the canonical text of one object."""
    try:
        value = json.loads(content)
        is_canonical = isinstance(value, dict) and canonical_json(value) == content
    except (ValueError, RecursionError, InputError):
        is_canonical = False
    if not is_canonical:
        raise InputError(
            Finding(
                message="not canonical JSON",
                found=repr(content[:60]),
                expected="one JSON object in UTF-8, keys sorted, no blanks, no floats, no key twice",
            )
        )
    return value  # type: ignore[no-any-return]  # json.loads; just checked to be a dict


def compute_leaf(content: bytes) -> bytes:
    """The hash of one event's content."""
    return hashlib.sha256(b"\x00" + content).digest()


def compute_link(prev: str, content: bytes) -> str:
    """The hash that ties an event's content to everything before it, as 64 hexadecimal digits."""
    return hashlib.sha256(b"\x01" + bytes.fromhex(prev) + compute_leaf(content)).hexdigest()


def _require_plain(value: object, where: str) -> None:
    match value:
        case None | bool() | int() | str():
            return
        case Mapping():
            for key, each in value.items():
                if not isinstance(key, str):
                    raise InputError(Finding(message="a key that is not a text", where=where, found=repr(key)))
                _require_plain(each, f"{where}.{key}" if where else key)
        case list() | tuple():
            for number, each in enumerate(value):
                _require_plain(each, f"{where}[{number}]")
        case _:
            raise InputError(
                Finding(
                    message="a value that the record cannot hold",
                    where=where,
                    found=f"{value!r} ({type(value).__name__})",
                    expected="texts (numbers as typed), whole numbers, lists and mappings of them",
                    next_step="write numbers as texts, exactly as they were typed",
                )
            )
