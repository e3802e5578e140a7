"""Tree, signatures and signed notes against published test vectors (SOURCE.toml); both of our implementations."""

import csv
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from celltrial.record.canonical import compute_leaf
from celltrial.record.evidence.signed_note import NoteSignature, format_note, is_signed_by, parse_key, parse_note
from celltrial.record.evidence.tree import (
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from celltrial.record.verifier import verify_record as alone

HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LEAVES = [bytes.fromhex(row["leaf"]) for row in rows("rfc6962_leaves.csv")]
ROOTS = [bytes.fromhex(row["root"]) for row in rows("rfc6962_roots.csv")]


def path_of(row: dict[str, str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(each) for each in row["path"].split())


@pytest.mark.parametrize("row", rows("rfc6962_leaves.csv"))
def test_the_leaf_of_an_event_is_that_of_certificate_transparency(row: dict[str, str]) -> None:
    """The hash of an event's content, in the program and in the stand-alone verifier."""
    data, leaf = bytes.fromhex(row["data"]), bytes.fromhex(row["leaf"])
    assert compute_leaf(data) == alone.hash_leaf(data) == leaf


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    """Every size from the empty tree to eight entries."""
    assert root_of(LEAVES[:size]) == ROOTS[size]
    if size:
        assert alone.roots_at(LEAVES, [size]) == {size: ROOTS[size]}


@pytest.mark.parametrize("row", rows("rfc6962_inclusion.csv"))
def test_inclusion_proofs_are_the_published_ones(row: dict[str, str]) -> None:
    """Made as published, accepted by both verifiers; no other leaf passes."""
    index, size, path = int(row["index"]), int(row["size"]), path_of(row)
    assert prove_inclusion(LEAVES[:size], index) == path
    assert verify_inclusion(LEAVES[index], index, size, path, ROOTS[size])
    assert not verify_inclusion(LEAVES[index - 1], index, size, path, ROOTS[size])
    assert alone.root_of_path(LEAVES[index], index, size, list(path)) == ROOTS[size]
    assert alone.root_of_path(LEAVES[index], index, size, list(path)[:-1]) != ROOTS[size]


@pytest.mark.parametrize("row", rows("rfc6962_consistency.csv"))
def test_consistency_proofs_are_the_published_ones(row: dict[str, str]) -> None:
    """Made as published and accepted; with the roots exchanged, not."""
    first, second, path = int(row["first"]), int(row["second"]), path_of(row)
    assert prove_consistency(LEAVES[:second], first) == path
    assert verify_consistency(first, ROOTS[first], second, ROOTS[second], path)
    if first != second:
        assert not verify_consistency(first, ROOTS[second], second, ROOTS[first], path)


@pytest.mark.parametrize("row", rows("rfc8032_ed25519.csv"), ids=lambda row: row["test"])
def test_the_stand_alone_verifier_checks_signatures_as_rfc_8032_has_them(row: dict[str, str]) -> None:
    """Each vector holds; with a bit of the message, the signature or the key changed, it does not."""
    public, message, signature = (bytes.fromhex(row[name]) for name in ("public", "message", "signature"))
    assert alone.verify_signature(public, message, signature)
    assert not alone.verify_signature(public, message + b"\0", signature)
    for at in (0, 31, 32, 63):
        changed = bytearray(signature)
        changed[at] ^= 1
        assert not alone.verify_signature(public, message, bytes(changed))
    assert not alone.verify_signature(bytes([public[0] ^ 1, *public[1:]]), message, signature)
    # the scalar plus the group's order: the same number, which RFC 8032 5.1.7 refuses
    scalar = int.from_bytes(signature[32:], "little") + alone.ORDER
    assert not alone.verify_signature(public, message, signature[:32] + scalar.to_bytes(32, "little"))


@pytest.mark.parametrize("row", rows("rfc8032_ed25519.csv"), ids=lambda row: row["test"])
def test_the_library_signs_as_rfc_8032_has_it(row: dict[str, str]) -> None:
    """What signs checkpoints gives the published signature."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(row["secret"]))
    assert key.sign(bytes.fromhex(row["message"])).hex() == row["signature"]


@pytest.mark.parametrize("row", rows("signed_note.csv"))
def test_a_published_signed_note_is_read_and_holds(row: dict[str, str]) -> None:
    """The key's id, the signature and the written form are the published ones."""
    key, note = parse_key(row["key"]), f"{row['text']}\n{row['signature_line']}\n"
    read = parse_note(note)
    (line,) = read.signatures
    assert (str(key), key.id.hex(), read.text) == (row["key"], row["key_id"], row["text"])
    assert (line.name, line.key_id) == (key.name, key.id)
    assert is_signed_by(read.text.encode(), line.signature, key)
    assert not is_signed_by(b"other" + read.text.encode(), line.signature, key)
    assert format_note(read.text, [NoteSignature(name=key.name, key_id=key.id, signature=line.signature)]) == note
    assert alone.verify_signature(key.public, read.text.encode(), line.signature)
    assert alone.parse_key(row["key"]) == (key.name, key.public)
