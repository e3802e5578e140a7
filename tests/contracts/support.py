"""Rows of a chain for the tests of the stores: linked as a record links them, saying nothing."""

from functools import cache

from celltrial.record.canonical import GENESIS, compute_link
from celltrial.record.envelope import Row
from celltrial.record.store import Standing, Store


@cache
def row(seq: int) -> Row:
    """Row number `seq` of a chain that is the same every time."""
    prev, content = row(seq - 1).hash if seq > 1 else GENESIS, b'{"n":"\xe6\x9d\x8e","seq":%d}' % seq
    opening = b"" if seq == 2 else b'00"note":"\xc3\xa9"\n00"zero":"\\u0000"'
    link = compute_link(prev, content)
    return Row(seq, "form", "01-001" if seq % 2 else None, "2026-01-05T08:00:00.000000Z", prev, link, content, opening)


def standing(entry: int, event: int) -> Standing:
    return Standing(entry, event, "form", "01-001" if entry % 2 else None, '{"n":"李"}', int(entry != event))


def add(store: Store, *seqs: int) -> None:
    with store.writing():
        store.add([row(seq) for seq in seqs])
