"""Signed notes: a text, a blank line, and Ed25519 signatures of named keys under it.

    <text>

    — <key name> <base64 of the 4 bytes of the key id and the 64 of the signature>

A verifier key is written `<name>+<key id, 8 hexadecimal digits>+<base64 of 0x01 and the 32 bytes of the public key>`;
the key id is the beginning of SHA-256(name || newline || 0x01 || public key), and our fingerprint more of it.

Source: C2SP signed-note v1.0.0; Ed25519 after RFC 8032. The arithmetic is the `cryptography` package's, which is
imported where something is signed or checked, since it costs more to load than most commands take.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from celltrial.errors import Finding, InputError

__all__ = ["Note", "NoteSignature", "VerifierKey", "format_note", "is_signed_by", "parse_key", "parse_note"]

_ED25519 = b"\x01"
_NAME = re.compile(r"[^\s+]+")
_LINE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})")
_PUBLIC_BYTES = 32
_ID_BYTES = 4
_SIGNATURE_BYTES = 64
# 128 bits: nobody finds a second key with the same, and it can be read out over a telephone
_FINGERPRINT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key with its name."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that name the key in a signature line."""
        return self._hash()[:_ID_BYTES]

    @property
    def fingerprint(self) -> str:
        """What to print and to compare by eye: 32 hexadecimal digits in groups of four; the first eight are the id."""
        digits = self._hash().hex()[:_FINGERPRINT]
        return " ".join(digits[at : at + 4] for at in range(0, _FINGERPRINT, 4))

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def _hash(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line; what is in it is not checked yet."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note as read: its text, the final newline included, and its signatures, none of them checked."""

    text: str
    signatures: tuple[NoteSignature, ...]


def parse_key(text: str) -> VerifierKey:
    """Read a verifier key. Raises InputError where it is none of Ed25519 or its id is not its own.

    >>> key = parse_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    >>> key.name, key.fingerprint[:9]
    ('PeterNeumann', 'c74f 20a3')
    """
    name, _, rest = text.strip().partition("+")
    digits, _, encoded = rest.partition("+")
    try:
        kind = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        kind = b""
    key = VerifierKey(name=name, public=kind[1:])
    is_key = _NAME.fullmatch(name) and kind[:1] == _ED25519 and len(key.public) == _PUBLIC_BYTES
    if not is_key or key.id.hex() != digits:
        raise InputError(
            Finding(
                message="not a verifier key",
                found=text.strip()[:120],
                expected="<name>+<8 hexadecimal digits>+<base64 of an Ed25519 key>, as `celltrial key show` has it",
            )
        )
    return key


def format_note(text: str, signatures: Sequence[NoteSignature]) -> str:
    """The note as it is written. `text` ends in a newline."""
    lines = [f"— {each.name} {base64.b64encode(each.key_id + each.signature).decode()}\n" for each in signatures]
    return f"{text}\n{''.join(lines)}"


def parse_note(note: str) -> Note:
    """Read a note. Raises InputError where it is not a text, a blank line and signature lines."""
    text, blank, block = note.rpartition("\n\n")
    lines = block.split("\n")
    is_note = blank and lines[-1] == "" and len(lines) > 1 and not any(ord(char) < 32 and char != "\n" for char in note)
    signatures = [_read_line(line) for line in lines[:-1]]
    if not is_note or None in signatures:
        raise InputError(
            Finding(
                message="not a signed note",
                found=repr(note[:80]),
                expected="a text, a blank line, then lines of the form: — <key name> <base64>",
                rule="C2SP signed-note",
            )
        )
    return Note(text=f"{text}\n", signatures=tuple(each for each in signatures if each is not None))


def is_signed_by(text: bytes, signature: bytes, key: VerifierKey) -> bool:
    """Whether the key made this signature over this text."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _read_line(line: str) -> NoteSignature | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    try:
        blob = base64.b64decode(found["signature"], validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(blob) <= _ID_BYTES:
        return None
    return NoteSignature(name=found["name"], key_id=blob[:_ID_BYTES], signature=blob[_ID_BYTES:])
