"""The file of requirements: what it may say, every mistake at its line; and bindings that lead nowhere."""

from pathlib import Path

import pytest

from celltrial.errors import InputError
from celltrial.validation.binding import bound_tests, is_bound
from celltrial.validation.checking import check_requirements, unnamed_modules
from celltrial.validation.requirements import parse_requirements, read_requirements

RIGHT = """
a group:
  - id: URS-001
    text: It does.
    source: [21 CFR 11.10(e), ICH E6(R3) 4.2.2(b)]
    risk: high
    why: else not
    tests: [tests/a.py::test_x]
    long: [tests/a.py::test_long]
    site: looks
another group:
  - id: URS-004
    text: >-
      A person
      does.
    source: "protocol: I01"
    risk: low
    why: harmless
    procedure: somebody looks
"""


def messages(text: str) -> list[tuple[int | None, str]]:
    return [(each.source.line if each.source else None, each.message) for each in parse_requirements(text, "u.yaml")[1]]


def test_requirements_are_read() -> None:
    """Groups in order; texts in one line; long tests are among the tests."""
    (first, second), findings = parse_requirements(RIGHT, "u.yaml")
    assert findings == ()
    assert (first.id, first.group, first.risk, first.site) == ("URS-001", "a group", "high", "looks")
    assert first.tests == ("tests/a.py::test_x", "tests/a.py::test_long")
    assert first.long == ("tests/a.py::test_long",)
    assert (second.text, second.tests, second.procedure) == ("A person does.", (), "somebody looks")
    assert second.sources == ("protocol: I01",)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (
            "    tests: [tests/a.py::test_x]\n    long: [tests/a.py::test_long]\n",
            "",
            3,
            "what proves it is not said once",
        ),
        ("    procedure: somebody looks", "    procedure: x\n    not yet: y", 12, "what proves it is not said once"),
        ("URS-004", "URS-001", 12, "an id that is there twice"),
        ("URS-001", "URS-009", 12, "an id out of order"),
        ("URS-001", "U1", 3, "an id that is none"),
        ("risk: high", "risk: great", 3, "a risk that is none"),
        ("    why: else not\n", "", 3, "a requirement without 'why'"),
        ("21 CFR 11.10(e)", "Part 11", 3, "a source that names no place"),
        ("ICH E6(R3) 4.2.2(b)", "GCP", 3, "a source that names no place"),
        ("[tests/a.py::test_x]", "[a.py]", 3, "a test that cannot be one"),
        ("    site: looks", "    sight: looks", 10, "an unknown key"),
    ],
)
def test_every_mistake_is_found_at_its_line(old: str, new: str, line: int, message: str) -> None:
    """One thing changed, one finding, where it is."""
    assert old in RIGHT
    found = messages(RIGHT.replace(old, new))
    assert (line, message) in found


def test_a_file_that_says_nothing_or_is_not_there() -> None:
    """No requirement is a finding; a group that is no list too."""
    assert messages("") == [(1, "there is no requirement in the file")]
    assert messages("a group: yes\n")[0][1] == "a group is a list of requirements"
    with pytest.raises(InputError, match="cannot be read"):
        read_requirements(Path("no such file"))


def test_a_pattern_stands_for_a_file_a_test_or_a_case() -> None:
    """And not for a test whose name merely begins so."""
    nodes = ("tests/a.py::test_x[1]", "tests/a.py::test_x[2]", "tests/a.py::test_xy", "tests/ab.py::test_x")
    patterns = ("tests/a.py", "tests/a.py::test_x", "tests/a.py::test_x[2]", "tests/a.py::test_z")
    found = bound_tests(patterns, nodes)
    assert [len(found[each]) for each in patterns] == [3, 2, 1, 0]
    assert not is_bound("tests/a.py", "tests/ab.py::test_x")


def test_a_binding_that_leads_nowhere_is_a_finding() -> None:
    """With the requirement, the pattern and the line; the requirement by procedure needs no test."""
    requirements, _ = parse_requirements(RIGHT, "u.yaml")
    (finding,) = check_requirements(requirements, ["tests/a.py::test_x[1]", "tests/b.py::test_long"])
    assert finding.message == "URS-001 names a test that is not there"
    assert finding.found == "tests/a.py::test_long"
    assert check_requirements(requirements, ["tests/a.py::test_x", "tests/a.py::test_long[a]"]) == ()
    assert unnamed_modules(requirements, ["tests/a.py", "tests/b.py::test_long"]) == ("tests/b.py",)
