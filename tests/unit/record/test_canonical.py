"""The hashed bytes and the two hashes."""

import hashlib

import pytest

from celltrial.errors import InputError
from celltrial.record.canonical import canonical_json, compute_leaf, compute_link, parse_canonical_json


def test_leaf_and_link_are_those_of_certificate_transparency():
    """RFC 6962 section 2.1: the published hashes of the leaf "" and of the tree over "" and 0x00."""
    leaf = compute_leaf(b"")
    assert leaf.hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert compute_link(leaf.hex(), b"\x00") == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"


def test_a_content_cannot_pass_for_a_link():
    """Leaf and link are hashed apart: a content made of a link's bytes has another hash."""
    inner = b"\x11" * 32 + compute_leaf(b"x")
    assert compute_leaf(inner) != bytes.fromhex(compute_link("11" * 32, b"x"))
    assert compute_leaf(b"x") != hashlib.sha256(b"x").digest()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": {"z": None, "é": True}}, '{"a":{"z":null,"é":true},"b":1}'),
        ({"items": ["<5", "1.50"]}, '{"items":["<5","1.50"]}'),
        ({"t": ("x",)}, '{"t":["x"]}'),
        ({"n": 'line\nbreak "quoted" 李'}, '{"n":"line\\nbreak \\"quoted\\" 李"}'),
    ],
)
def test_canonical_text(value, text):
    """Sorted keys, no blanks, UTF-8, texts as typed."""
    assert canonical_json(value) == text.encode()
    assert canonical_json(parse_canonical_json(text.encode())) == text.encode()


@pytest.mark.parametrize(
    "value", [{"x": 1.5}, {"x": [float("nan")]}, {1: "x"}, {"x": "\ud800"}, {"x": {1, 2}}, {"x": b""}]
)
def test_what_a_record_cannot_hold(value):
    """Floats, NaN, keys that are no texts, broken Unicode and foreign types never reach the hash."""
    with pytest.raises(InputError):
        canonical_json(value)


@pytest.mark.parametrize(
    "content",
    [
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b"[1]",
        b'{"a":NaN}',
        b'{"a":"\\u00e9"}',
        b"{",
        b"\xff",
    ],
)
def test_other_spellings_of_the_same_are_refused(content):
    """One value has one text: another order, a blank, a key twice, an escaped letter is not canonical."""
    with pytest.raises(InputError, match="not canonical JSON"):
        parse_canonical_json(content)
