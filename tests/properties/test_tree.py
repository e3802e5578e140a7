"""The Merkle tree against the recursive definition of RFC 6962, word for word, for any number of leaves."""

import hashlib

from hypothesis import example, given
from hypothesis import strategies as st

from celltrial.record.evidence.tree import (
    EMPTY_PEAKS,
    grow,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from celltrial.record.verifier import verify_record as alone

sizes = st.integers(min_value=1, max_value=70)


def make_leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(b"\x00" + number.to_bytes(2, "big")).digest() for number in range(count)]


def define_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = max(1 << bit for bit in range(len(leaves).bit_length()) if 1 << bit < len(leaves))
    return hashlib.sha256(b"\x01" + define_root(leaves[:split]) + define_root(leaves[split:])).digest()


@given(st.integers(min_value=0, max_value=70), st.integers(min_value=0, max_value=70))
@example(0, 0)
def test_the_root_is_the_defined_one_in_one_go_or_in_two(first: int, more: int) -> None:
    """Grown from nothing or from where it was; the stand-alone verifier has the same."""
    leaves = make_leaves(first + more)
    assert root_of(leaves) == define_root(leaves)
    assert grow(grow(EMPTY_PEAKS, leaves[:first]), leaves[first:]).root == define_root(leaves)
    if leaves:
        assert alone.roots_at(leaves, [len(leaves)])[len(leaves)] == define_root(leaves)


@given(sizes, st.data())
def test_every_inclusion_proof_holds_and_no_other_leaf_passes(size: int, data: st.DataObject) -> None:
    """For its own leaf at its own place in its own tree, and nowhere else."""
    leaves = make_leaves(size)
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    path, root = prove_inclusion(leaves, index), define_root(leaves)
    assert verify_inclusion(leaves[index], index, size, path, root)
    assert alone.root_of_path(leaves[index], index, size, list(path)) == root
    for other in range(size):
        if other != index:
            assert not verify_inclusion(leaves[index], other, size, path, root)
            assert not verify_inclusion(leaves[other], index, size, path, root)
    assert not verify_inclusion(leaves[index], index, size, (*path, root), root)


@given(sizes, st.data())
def test_every_consistency_proof_holds_and_no_changed_past_passes(size: int, data: st.DataObject) -> None:
    """A tree that begins with the same leaves is proven to; one whose past was changed is not."""
    leaves = make_leaves(size)
    first = data.draw(st.integers(min_value=1, max_value=size))
    path, root = prove_consistency(leaves, first), define_root(leaves)
    assert verify_consistency(first, define_root(leaves[:first]), size, root, path)
    changed = data.draw(st.integers(min_value=0, max_value=first - 1))
    other = [hashlib.sha256(leaf).digest() if at == changed else leaf for at, leaf in enumerate(leaves)]
    assert not verify_consistency(first, define_root(leaves[:first]), size, define_root(other), path)
    assert not verify_consistency(
        first, define_root(leaves[:first]), size, define_root(other), prove_consistency(other, first)
    )
