"""Findings read in one order; identifiers are checked where they enter."""

import pytest

from celltrial.codes import CriterionId, DoseLevelId, PersonId, SubjectId, VisitId
from celltrial.errors import CelltrialError, Finding, RefusedError, Source, UsageError


def test_a_finding_says_what_where_found_expected_rule_next() -> None:
    """The text carries every part it was given, the place first."""
    finding = Finding(
        message="unknown key",
        source=Source(file="study.yaml", line=12),
        where="design",
        found="'targt'",
        expected="target",
        rule="docs/study-files.md",
        next_step="correct the key",
    )
    assert str(finding) == (
        "study.yaml:12: unknown key | at design | found: 'targt' | expected: target | rule: docs/study-files.md"
        " | next: correct the key"
    )
    assert finding.to_json()["line"] == 12


def test_an_error_carries_all_its_findings() -> None:
    """All problems at once, in order."""
    error = CelltrialError([Finding(message="one"), Finding(message="two")])
    assert [finding.message for finding in error.findings] == ["one", "two"]
    assert str(error) == "one\ntwo"


def test_a_refusal_is_an_answer_and_bad_input_is_not() -> None:
    """Exit code 1 for a negative answer, 2 for wrong use."""
    assert (RefusedError("no").exit_code, UsageError("bad").exit_code) == (1, 2)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (SubjectId, "01-003", "01 003"),
        (PersonId, "coordinator.chen", "Chen"),
        (VisitId, "D28", "d28"),
        (DoseLevelId, "DL1.5", "level 1"),
        (CriterionId, "I10c", "10c"),
    ],
)
def test_identifiers_are_checked(kind: type[str], good: str, bad: str) -> None:
    """A wrong identifier fails where it enters, with an example of a right one."""
    assert kind(good) == good
    with pytest.raises(UsageError, match="like"):
        kind(bad)
