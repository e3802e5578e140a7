"""YAML read into located nodes: places, duplicate keys, syntax errors that stay where they are."""

import pytest

from celltrial.study.nodes import Broken, Table, find, locate, parse_nodes, scalar, to_plain


def read(text: str) -> Table:
    node, findings = parse_nodes(text, "f.yaml")
    assert findings == ()
    assert isinstance(node, Table)
    return node


def lines(text: str) -> list[tuple[int | None, str]]:
    return [(each.source.line, each.message) for each in parse_nodes(text, "f.yaml")[1] if each.source]


def test_values_are_texts_as_typed() -> None:
    """`01`, `no` and `1.50` stay what was typed."""
    node = read("a: 01\nb: no\nc: 1.50\n")
    assert [scalar(find(node, key)) for key in "abc"] == ["01", "no", "1.50"]


def test_places_are_lines_of_the_file() -> None:
    """A value stands on the line of its key, an item on its own, a missing path at the nearest place above."""
    node = read("# comment\na:\n  b:\n    - x\n    - {c: 1}\nd: e\n")
    paths: list[list[str | int]] = [["a"], ["a", "b"], ["a", "b", 0], ["a", "b", 1, "c"], ["d"], ["a", "nowhere"]]
    assert [locate(node, path).line for path in paths] == [2, 3, 4, 5, 6, 2]


def test_plain_values_are_those_of_yaml_1_2() -> None:
    """Numbers, true, false and null only where they are written so; yes and no are words."""
    plain = to_plain(read("{a: 1, b: 0.5, c: true, d: null, e: no, f: '1', g: [1e3, x], h: 0x1F}"))
    assert plain == {"a": 1, "b": 0.5, "c": True, "d": None, "e": "no", "f": "1", "g": [1000.0, "x"], "h": 31}


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", "b: 2\nc:\n"[:5] + "\n{a: 1, a: 2}\n"])
def test_a_key_twice_is_found_at_the_second(text: str) -> None:
    """The second of two equal keys is the place, the first is named."""
    assert [(line, message) for line, message in lines(text)] == [(3, "the key 'a' stands twice")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1, 2\nb: 1\n", 1),
        ('a: 1\nb:\n  c: "open\n  d: 2\n', 3),
        ("a:\n  b: 1\n  c\n", 3),
        ("a:\n  b: 1\n   c: 2\n", 3),
        ("a: {b: 1\n", 1),
        ("a: b: c\n", 1),
    ],
)
def test_a_syntax_error_is_found_where_it_is_made(text: str, line: int) -> None:
    """Not where YAML gives up, which may be many lines later."""
    assert [where for where, _ in lines(text)] == [line]


def test_a_broken_entry_does_not_hide_the_next() -> None:
    """Every entry at the left margin is read on its own; the broken one is known to be there."""
    node, findings = parse_nodes("a: [1\nb: 2\nc:\n  d: 1\n  d: 2\n", "f.yaml")
    assert [each.source.line for each in findings if each.source] == [1, 5]
    assert isinstance(find(node, "a"), Broken)
    assert scalar(find(node, "b")) == "2"


def test_a_word_alone_is_not_an_entry() -> None:
    """Text at the left margin that is no key is said to be none."""
    assert lines("a: 1\nfoo\n") == [(2, "this is not an entry")]


def test_a_file_may_be_a_list() -> None:
    """Items at the left margin are read one by one and keep their lines."""
    node, findings = parse_nodes("# c\n- a: 1\n  b: 2\n\n- a: 2\n", "f.yaml")
    assert findings == ()
    assert to_plain(node) == [{"a": 1, "b": 2}, {"a": 2}]
    assert [locate(node, [n]).line for n in (0, 1)] == [2, 5]
