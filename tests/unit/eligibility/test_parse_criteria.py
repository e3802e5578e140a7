"""The criteria file: the shipped one is whole and verbatim; anything wrong in it is found, at its line."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from celltrial.eligibility import parse_criteria
from celltrial.errors import Source, StudyError
from celltrial.study import load_study, shipped_study
from celltrial.study.nodes import Listing, Node, Scalar, Table, locate, parse_nodes, to_plain
from eligibility_people import FILE, criteria, one

TEXT = FILE.read_text(encoding="utf-8")
LINES = TEXT.splitlines()


_ANCHORS = next(n for n, line in enumerate(LINES, start=1) if line.startswith("anchors:"))


def findings(text: str) -> list[tuple[int | None, str]]:
    """Line and message of every problem of a criteria file."""
    node, problems = parse_nodes(text, "eligibility.yaml")
    found = [(each.source.line if each.source else None, each.message) for each in problems]
    raw = to_plain(node)
    assert isinstance(raw, dict)
    try:
        parse_criteria(raw, locate=lambda path: locate(node, path))
    except StudyError as error:
        found += [(each.source.line if each.source else None, each.message) for each in error.findings]
    return found


def test_shipped_file_has_all_ten_criteria_and_42_leaves() -> None:
    """Ten inclusion criteria, 42 leaves, no exclusion, and the stages in order."""
    file = criteria()
    assert [node.id for node in file.inclusion] == [f"I{n:02}" for n in range(1, 11)]
    assert len(file.leaves) == 42
    assert (file.exclusion, file.complete) == ((), False)
    assert tuple(file.stages) == ("screening", "lymphodepletion", "infusion")


def test_words_are_the_records_own() -> None:
    """Every `says` stands in the registry record, word for word."""
    record = re.sub(r"\s+", " ", (shipped_study("ct1192") / "registry-record.txt").read_text(encoding="utf-8"))
    said = [text for node in criteria().walk() for text in node.says]
    assert len(said) >= 18
    assert [text for text in said if text not in record] == []


def test_questions_agree_with_questions_yaml() -> None:
    """A question that keeps a criterion from being met blocks it in questions.yaml too."""
    study = load_study(shipped_study("ct1192"))
    named = {(question, node.id) for node in criteria().walk() for question in node.questions}
    assert named == {(each.id, criterion) for each in study.questions for criterion in each.blocks}


def test_shipped_file_has_no_problem() -> None:
    """It parses as it is shipped."""
    assert findings(TEXT) == []


NODES = parse_nodes(TEXT, "eligibility.yaml")[0]
_FREE = ("says", "version", "registry", "read_on", "criteria", "id", "prescreen")


def _scalars(node: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """Every value of the file that a reader reads: the way to it, and its line."""
    match node:
        case Table():
            for key, child in node.entries.items():
                if key not in _FREE:
                    yield from _scalars(child, (*path, key))
        case Listing():
            for n, item in enumerate(node.items):
                yield from _scalars(item, (*path, n))
        case Scalar():
            yield path, node.source.line or 0


@pytest.mark.parametrize(("path", "line"), [pytest.param(*each, id=str(each[1])) for each in _scalars(NODES)])
def test_a_broken_value_is_found_at_its_line(path: tuple[str | int, ...], line: int) -> None:
    """Each value that means something, replaced by nonsense, gives a finding on its own line."""
    raw: Any = to_plain(NODES)
    place = raw
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "?!"
    with pytest.raises(StudyError) as caught:
        parse_criteria(raw, locate=lambda way: locate(NODES, way))
    assert line in [each.source.line for each in caught.value.findings if each.source]


def _keys() -> list[int]:
    """One line for each key of the language."""
    seen: dict[str, int] = {}
    for n, line in enumerate(LINES, start=1):
        match = re.match(r"^\s*(?:- )?(?P<key>[a-z_]+):", line)
        if match and not (n in range(_ANCHORS + 1, _ANCHORS + 5) or match["key"] == "screening_period"):
            seen.setdefault(match["key"], n)
    return list(seen.values())


@pytest.mark.parametrize("number", _keys())
def test_a_misspelt_key_is_found_at_its_line(number: int) -> None:
    """Each key of the language, misspelt in the text of the file, gives a finding on its line."""
    broken = [*LINES]
    broken[number - 1] = re.sub(r"^(\s*(?:- )?)([a-z_]+):", r"\1\2x:", broken[number - 1])
    assert number in [line for line, _ in findings("\n".join(broken) + "\n")]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("at_least: 60 g/L", "at_least: 60", "does not convert"),
        ("at_least: 60 g/L", "at_least: 60 U/L", "does not convert"),
        ("at_least: 60 g/L", "at_least: 60 gl", "unknown unit"),
        ("at_least: 60 g/L", "at_least: [60]", "not a text"),
        ("at_least: 60 g/L", "at_least: true", "not a text"),
        ("at_least: 60 g/L", "at_least: 60 g/L\n        at_most: 200 g/L", "not exactly one limit"),
        ("lab: hemoglobin", "lab: haemoglobine", "unknown analyte"),
        ("score: sledai-2k", "score: sledai", "unknown word"),
        ("with: [entry_ana, clinical_domain]", "with: [entry_ana, organ]", "does not report organ"),
        ("within: 8 weeks before screening", "within: 8 weeks before enrolment", "not a window"),
        ("within: 8 weeks before screening", "within: eight weeks before screening", "not a window"),
        ("first: at least 6 months before screening", "first: 6 months before screening", "not a length of time"),
        ("gap: 14 days", "gap: 2 months", "a gap in days or weeks"),
        ("due: lymphodepletion", "due: enrolment", "unknown word"),
        ("weight: hint", "weight: heavy", "unknown word"),
        ("answer:\n      any_of", "answer:\n      some_of", "unknown key"),
        ("age: {at: consent, from: 18, to: 60}", "age: {at: consent, from: 61, to: 60}", "lowest age is above"),
        ("age: {at: consent, from: 18, to: 60}", "age: {at: consent, from: 18.5, to: 60}", "not a whole number"),
        ("id: I10c", "id: I10b", "given more than once"),
        ("id: I10c", "id: X10c", "not what is expected"),
        ("question: Q24", "question: twelve", "not the id of a question"),
        ("is: negative", "is: absent", "unknown word"),
        ("{means: none, if: under_observation}", "{means: none}", "'if' is missing"),
        (
            "not_during:\n          drug: growth_factor_g",
            "not_during:\n          procedure: x\n          drug: y",
            "not exactly one of drug",
        ),
        ("complete: false", "complete: maybe", "not true or false"),
        ("as: prednisone", "as: cortisol", "unknown word"),
        ("tolerance: 0", "tolerance: -1", "a negative number"),
        (
            "condition: sle\n        first: at least 6 months before screening",
            "condition: sle",
            "not exactly one of first",
        ),
        ("sex: female}", "sex: female, age: 3}", "not one thing to check"),
    ],
)
def test_what_is_wrong_is_said(old: str, new: str, message: str) -> None:
    """Each kind of mistake has its own words."""
    assert old in TEXT
    assert any(message in found for _, found in findings(TEXT.replace(old, new, 1)))


def test_all_problems_come_at_once() -> None:
    """Three mistakes in three places are three findings, each at its line."""
    broken = TEXT.replace("at_least: 60 g/L", "at_least: 60 U/L", 1).replace("lab: alt", "lab: alat", 1)
    broken = broken.replace("score: sledai-2k", "score: sledai", 1)
    lines = broken.splitlines()
    expected = [
        n for n, line in enumerate(lines, start=1) if any(w in line for w in ("60 U/L", "alat", "score: sledai"))
    ]
    assert sorted(line or 0 for line, _ in findings(broken)) == expected


def test_hash_names_the_content() -> None:
    """Another limit is another file; a comment is not."""

    def parsed(text: str) -> str:
        raw = to_plain(parse_nodes(text, "e")[0])
        assert isinstance(raw, dict)
        return parse_criteria(raw, locate=lambda path: Source(file="e")).hash

    assert parsed(TEXT) == parsed(TEXT + "# a comment\n")
    assert parsed(TEXT) != parsed(TEXT.replace("60 g/L", "61 g/L"))


@pytest.mark.parametrize("yaml", ["all: []", "all: {}", "any: [{sex: female, weight: hint}]", "says_not: x"])
def test_an_empty_or_idle_group_is_refused(yaml: str) -> None:
    """A group of nothing, or of hints only, would decide by accident."""
    with pytest.raises(StudyError):
        one(yaml)


def test_file_stands_where_studies_are_shipped() -> None:
    """The test file and the package data are the same."""
    assert Path(shipped_study("ct1192") / "eligibility.yaml").read_text(encoding="utf-8") == TEXT
