"""A checkpoint: so many events, with this root and this head, at this time, signed.

    celltrial/CT1192/5f0c2e9a7b1d3344          origin: the study, and the beginning of the first event's hash
    6184                                       size: the number of events
    <base64 of the RFC 6962 root>
    head <hash of the last of these events, 64 hexadecimal digits>
    time 2026-11-22T08:30:00Z
    <blank line>
    — celltrial/CT1192/5f0c2e9a7b1d3344 <base64 of key id and Ed25519 signature>

The origin is also the name of every key of the record, so that a checkpoint or a key of another record of the same
study cannot be taken for one of this. Source: C2SP tlog-checkpoint; head and time are extension lines.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from celltrial.errors import Finding, InputError
from celltrial.record.canonical import compute_leaf
from celltrial.record.envelope import Row
from celltrial.record.evidence.signed_note import NoteSignature, VerifierKey, format_note, is_signed_by, parse_note
from celltrial.record.evidence.signing_keys import SigningKey
from celltrial.record.evidence.tree import EMPTY_PEAKS, grow

__all__ = ["Checkpoint", "checkpoint_line", "find_signature", "make_checkpoint", "origin_of", "parse_checkpoint"]

# the bytes of the first event's hash that stand in the origin
_ORIGIN_DIGITS = 16
_SIZE = re.compile(r"0|[1-9][0-9]*")
_HEAD = re.compile(r"head ([0-9a-f]{64})")
_TIME = re.compile(r"time (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
_ROOT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a checkpoint says. `signatures` are as read: `find_signature` checks them. `at` is UTC, to the second."""

    origin: str
    size: int
    root: bytes
    head: str
    at: datetime
    signatures: tuple[NoteSignature, ...] = ()

    @property
    def text(self) -> str:
        """What is signed."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\nhead {self.head}\ntime {self.at:%Y-%m-%dT%H:%M:%SZ}\n"

    def __str__(self) -> str:
        return format_note(self.text, self.signatures)


def origin_of(study: str, first_hash: str) -> str:
    """The name of a record: its study and the beginning of the hash of its first event.

    >>> origin_of("CT1192", "5f0c2e9a7b1d3344" + 48 * "0")
    'celltrial/CT1192/5f0c2e9a7b1d3344'
    """
    return f"celltrial/{re.sub(r'[^A-Za-z0-9._-]', '-', study)}/{first_hash[:_ORIGIN_DIGITS]}"


def make_checkpoint(rows: Sequence[Row], key: SigningKey, at: datetime, *, root: bytes | None = None) -> Checkpoint:
    """The signed checkpoint of these rows, which are all events of the record up to some one.

    Args:
        rows: From the first event on; with `root` the last one is enough.
        key: Its name is the record's origin.
        at: When it is signed; aware, cut to the second. The caller reads the clock.
        root: The root over all leaves, where it is known already.
    """
    last = rows[-1]
    unsigned = Checkpoint(
        origin=key.verifier.name,
        size=last.seq,
        root=root if root is not None else grow(EMPTY_PEAKS, (compute_leaf(row.content) for row in rows)).root,
        head=last.hash,
        at=at.astimezone(UTC).replace(microsecond=0),
    )
    signature = NoteSignature(
        name=key.verifier.name, key_id=key.verifier.id, signature=key.sign(unsigned.text.encode())
    )
    return Checkpoint(
        origin=unsigned.origin,
        size=unsigned.size,
        root=unsigned.root,
        head=unsigned.head,
        at=unsigned.at,
        signatures=(signature,),
    )


def parse_checkpoint(note: str) -> Checkpoint:
    """Read a checkpoint; its signatures are not checked yet. Raises InputError where it is none of ours."""
    read = parse_note(note)
    lines = read.text.removesuffix("\n").split("\n")
    try:
        origin, size, root, head, time = lines
        found = Checkpoint(
            origin=origin,
            size=int(_matched(_SIZE, size)),
            root=base64.b64decode(root, validate=True),
            head=_matched(_HEAD, head),
            at=datetime.fromisoformat(_matched(_TIME, time)),
            signatures=read.signatures,
        )
    except (ValueError, binascii.Error):
        found = None
    # what is checked must be what was signed, to the byte
    if found is None or found.text != read.text or len(found.root) != _ROOT_BYTES or not found.size:
        raise InputError(
            Finding(
                message="not a checkpoint of a record",
                found=repr(read.text[:120]),
                expected="origin, number of events, root, head and time, one a line",
                rule="docs/evidence.md, Checkpoints; C2SP tlog-checkpoint",
            )
        )
    return found


def find_signature(checkpoint: Checkpoint, keys: Sequence[VerifierKey]) -> tuple[VerifierKey | None, bool]:
    """The first of the keys that has a line on the checkpoint, and whether that line is its signature."""
    text = checkpoint.text.encode()
    for key in keys:
        for line in checkpoint.signatures:
            if (line.name, line.key_id) == (key.name, key.id):
                return key, is_signed_by(text, line.signature, key)
    return None, False


def checkpoint_line(checkpoint: Checkpoint | None, key: VerifierKey | None = None) -> str:
    """What is printed on a signed document, so that the paper proves which record it was made from.

    checkpoint: the latest one of the record, or None; key: the key that signed it.
    """
    if checkpoint is None:
        return "none: nothing outside the database proves this record"
    signed = f", key {key.fingerprint}" if key is not None else ""
    return (
        f"{checkpoint.size} events, root {checkpoint.root.hex()[:16]}, head {checkpoint.head[:16]}, "
        f"signed {checkpoint.at:%Y-%m-%d %H:%M:%S} UTC{signed}"
    )


def _matched(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return found[found.lastindex or 0]
