"""Specifications of nodes: each kind of difference is one finding with place, what was found and what was expected."""

import pytest

from celltrial.study.nodes import parse_nodes
from celltrial.study.schema import (
    Spec,
    check_node,
    choice,
    day,
    flag,
    keys,
    listing,
    number,
    one_or_more,
    pattern,
    quantity_unit,
    span,
    table,
    text,
    whole,
    zone,
)


def differences(spec: Spec, value: str) -> list[str]:
    node, findings = parse_nodes(f"key: {value}\n", "f.yaml")
    assert findings == ()
    return [f"{each.found} | {each.expected}" for each in check_node(node, keys({"key": spec}), "")]


@pytest.mark.parametrize(
    ("spec", "right", "wrong"),
    [
        (text(), "words", '" "'),
        (choice("red", "green"), "red", "blue"),
        (flag(), "true", '"yes"'),
        (whole(1, 12), "12", "13"),
        (whole(1, 12), "1", "1.5"),
        (number("0.01", "0.99"), "0.30", "30"),
        (number("1", "1e12"), "3.0e8", "many"),
        (number("0", "1"), "0", "NaN"),
        (pattern(r"Q\d\d", "Q01"), "Q05", "Q5"),
        (span(), "72 hours", "72 parsecs"),
        (zone(), "Asia/Shanghai", "Asia/Wuhan"),
        (day(), "2025-07-11", "2025-7-11"),
        (day(), "2024-02-29", "2025-02-29"),
        (quantity_unit(), "copies/ug", "copies/mg"),
        (listing(text()), "[a]", "[]"),
        (listing(text()), "[a]", "a"),
        (one_or_more(whole(1, 3)), "2", "4"),
        (one_or_more(whole(1, 3)), "[1, 2]", "[1, 4]"),
        (table(pattern("[a-z]", "a letter"), whole(1, 3)), "{a: 1}", "{A: 1}"),
        (table(pattern("[a-z]", "a letter"), whole(1, 3)), "{a: 1}", "{}"),
        (keys({"a": whole(1, 3)}), "{a: 1}", "{a: 1, b: 2}"),
        (keys({"a": whole(1, 3)}), "{a: 1}", "[1]"),
        (keys({"a": whole(1, 3)}, {"b": flag()}), "{a: 1, b: true}", "{a: 1, b: 2}"),
    ],
)
def test_right_passes_and_wrong_is_one_finding(spec: Spec, right: str, wrong: str) -> None:
    """Each kind of specification takes what is right and refuses what is not, once."""
    assert differences(spec, right) == []
    assert len(differences(spec, wrong)) == 1


@pytest.mark.parametrize("word", ["yes", "no", "on", "Off", "true", "null"])
def test_a_bare_yes_or_no_where_a_text_belongs_is_refused(word: str) -> None:
    """Other YAML readers take it for true or false; in quotes every reader agrees."""
    assert differences(text(), word) == [f'{word} | "{word}"']
    assert differences(text(), f'"{word}"') == []


def test_what_is_found_and_what_to_do() -> None:
    """A missing key is found at its table, an unknown one at itself with the name it is likely to mean."""
    node, _ = parse_nodes("design:\n  targte: 0.3\n", "study.yaml")
    spec = keys({"design": keys({"target": number("0.01", "0.99")})})
    missing, unknown = check_node(node, spec, "")
    assert str(missing) == (
        "study.yaml:1: the key 'target' is missing | at design | found: keys targte | expected: design.target"
        " | next: add `target:` with a number from 0.01 to 0.99"
    )
    assert str(unknown) == (
        "study.yaml:2: unknown key 'targte' | at design | found: targte | expected: one of target"
        " | next: did you mean 'target'?"
    )


def test_all_problems_at_once() -> None:
    """One pass finds every problem, however deep."""
    node, _ = parse_nodes("a: {x: 9}\nb: [1, 9, 9]\nc: blue\n", "f.yaml")
    spec = keys({"a": keys({"x": whole(1, 3)}), "b": listing(whole(1, 3)), "c": choice("red"), "d": text()})
    assert len(list(check_node(node, spec, ""))) == 5
