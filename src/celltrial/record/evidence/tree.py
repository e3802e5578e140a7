"""The Merkle tree of RFC 6962 over the events: one root for all of them, short proofs for one of them.

root() = SHA-256 of nothing; root(leaf) = leaf; else SHA-256(0x01 || left || right), the left side being the largest
power of two that is smaller than the number of leaves. The leaf of an event is `canonical.compute_leaf` of its
content. `Peaks` hold what is needed to go on, so that the root after one more event costs a few hashes.

Source: RFC 6962, section 2.1 (tree), 2.1.1 (audit path), 2.1.2 (consistency); the iterative verification after
RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = [
    "EMPTY_PEAKS",
    "Peaks",
    "grow",
    "prove_consistency",
    "prove_inclusion",
    "root_of",
    "verify_consistency",
    "verify_inclusion",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peaks:
    """The roots of the full subtrees that `size` leaves fall into, the largest (leftmost) first."""

    size: int
    hashes: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.hashes:
            return hashlib.sha256(b"").digest()
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = _node(left, root)
        return root


EMPTY_PEAKS = Peaks(size=0, hashes=())


def grow(peaks: Peaks, leaves: Iterable[bytes]) -> Peaks:
    """The peaks after more leaves (32 bytes each)."""
    sha256, size, hashes = hashlib.sha256, peaks.size, list(peaks.hashes)
    for leaf in leaves:
        # as many merges as the old size has ones at its end, as in adding one to a binary number
        rest, node = size, leaf
        while rest & 1:
            node = sha256(b"\x01" + hashes.pop() + node).digest()
            rest >>= 1
        hashes.append(node)
        size += 1
    return Peaks(size=size, hashes=tuple(hashes))


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaves.

    >>> root_of([]).hex()[:16]
    'e3b0c44298fc1c14'
    """
    return grow(EMPTY_PEAKS, leaves).root


def prove_inclusion(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The audit path of leaf `index` (from 0), from its neighbour up. Raises IndexError where there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    path: list[bytes] = []
    start, end = 0, len(leaves)
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(root_of(leaves[middle:end]))
            end = middle
        else:
            path.append(root_of(leaves[start:middle]))
            start = middle
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from leaf `index` of a tree of `size` leaves to `root`."""
    if not 0 <= index < size:
        return False
    node, place, last = leaf, index, size - 1
    for each in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = _node(each, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = _node(node, each)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def prove_consistency(leaves: Sequence[bytes], first: int) -> tuple[bytes, ...]:
    """The proof that the tree of the first `first` leaves is the beginning of the tree of all of them.

    Raises IndexError unless 1 <= first <= number of leaves.
    """
    if not 1 <= first <= len(leaves):
        raise IndexError(f"the first {first} of {len(leaves)} leaves")
    return tuple(_consistency(leaves, first, is_whole=True))


def verify_consistency(first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` shows that the tree of `first` leaves is the beginning of the tree of `second` leaves."""
    if not 1 <= first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    # a full tree is its own first node, and is left out of the proof
    nodes = list(path) if first & (first - 1) else [first_root, *path]
    if not nodes:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = nodes[0]
    for each in nodes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = _node(each, old), _node(each, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = _node(new, each)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _consistency(leaves: Sequence[bytes], first: int, *, is_whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2; `is_whole`: the verifier knows the root of these `first` leaves."""
    if first == len(leaves):
        return [] if is_whole else [root_of(leaves)]
    middle = _split(len(leaves))
    left, right = leaves[:middle], leaves[middle:]
    if first <= middle:
        return [*_consistency(left, first, is_whole=is_whole), root_of(right)]
    return [*_consistency(right, first - middle, is_whole=False), root_of(left)]


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
