"""The values beside the hashed content: what the commitments are, by their definition."""

import json
from hashlib import sha256

import pytest

from celltrial.errors import InputError
from celltrial.record.opening import WHY, compute_items, make_opening, read_opening, redact_opening

PAYLOAD = {"form": "labs", "items": {"value": "<5", "comment": "重复\nline"}, "covers": [1, 2], "empty": {}}


def opening(payload=PAYLOAD, why="first entry"):
    """With salts that are easy to see: 00.., 01.., 02.. by their place."""
    return make_opening(payload, why, lambda size: bytes(number // 16 for number in range(size)))


def test_a_line_for_each_value_sorted_by_path():
    """Fields, entries of mappings, the reason; lists whole; each with its salt in front."""
    lines = opening().decode().split("\n")
    assert [line[:32] for line in lines] == [f"{number:02x}" * 16 for number in range(6)]
    assert [line[32:] for line in lines] == [
        '"@why":"first entry"',
        '"covers":[1,2]',
        '"empty":{}',
        '"form":"labs"',
        '"items.comment":"重复\\nline"',
        '"items.value":"<5"',
    ]


def test_the_hash_is_the_one_that_the_definition_gives():
    """SHA-256 over 0x03 and the commitments, each SHA-256 over 0x02 and its line."""
    lines = opening().split(b"\n")
    commitments = b"".join(sha256(b"\x02" + line).digest() for line in lines)
    assert compute_items(opening()) == sha256(b"\x03" + commitments).hexdigest()


def test_what_is_put_in_is_read_back():
    """The payload and the reason, to the character."""
    assert read_opening(opening()) == (PAYLOAD, "first entry", ())


@pytest.mark.parametrize("paths", [["items.value"], ["items.comment", WHY], ["form"], [WHY]])
def test_redaction_keeps_the_hash_and_loses_value_and_salt(paths):
    """The commitment stands where the line stood."""
    whole, left = opening(), redact_opening(opening(), paths)
    assert compute_items(left) == compute_items(whole)
    assert redact_opening(left, paths) == left
    assert read_opening(left).redacted == tuple(sorted(paths))
    for path in paths:
        (gone,) = (line for line in whole.split(b"\n") if line[32:].startswith(json.dumps(path).encode() + b":"))
        assert gone[:32] not in left
        assert gone[32:] not in left


def test_any_other_line_gives_another_hash():
    """A value, a salt, a commitment, the order, a line more, a line less."""
    whole = opening()
    lines = whole.split(b"\n")
    redacted = redact_opening(whole, ["items.value"])
    others = [
        whole.replace(b"<5", b"<6"),
        whole.replace(b"01" * 16, b"11" * 16),
        redacted[:-20] + b"f" * 20,
        b"\n".join(reversed(lines)),
        b"\n".join(lines[1:]),
        whole + b"\n" + lines[0],
        whole.replace(lines[1], b"#" + lines[1]),
    ]
    assert compute_items(whole) not in {compute_items(other) for other in others}


@pytest.mark.parametrize("damaged", [b"", b"00", b"\xff" * 40, b"0" * 32 + b'"a":', b"0" * 32 + b'"a":1\n' + b"1" * 32])
def test_what_cannot_be_read_is_an_input_error(damaged):
    """Never a traceback: someone has been at the file."""
    with pytest.raises(InputError, match="cannot be read"):
        read_opening(damaged)
