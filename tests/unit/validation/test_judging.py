"""What results of tests say of a requirement, and what the report says first."""

import pytest

from celltrial.validation.document import summarise, to_document
from celltrial.validation.judging import asked_of, judge
from celltrial.validation.outcome import Status
from unit.validation.support import OCCASION, check, qualification, requirement, result

ONE, TWO = "tests/a.py::test_x[1]", "tests/a.py::test_x[2]"


@pytest.mark.parametrize(
    ("results", "status", "why"),
    [
        ([result(ONE), result(TWO)], Status.PASSED, ""),
        ([result(ONE), result(TWO, "failed")], Status.FAILED, "1 of 2 tests failed"),
        ([result(ONE), result(TWO, "error")], Status.FAILED, "1 of 2 tests failed"),
        ([result(ONE, "skipped", "no PostgreSQL"), result(TWO, "failed")], Status.FAILED, "1 of 2 tests failed"),
        ([result(ONE), result(TWO, "skipped", "no PostgreSQL")], Status.PARTLY, "1 of 2 tests were skipped: no Po"),
        ([result(ONE, "skipped", "no PostgreSQL")], Status.NOT_RUN, "every test was skipped: no PostgreSQL"),
        ([result("tests/a.py::test_xy")], Status.FAILED, "no result of tests/a.py::test_x"),
        ([], Status.FAILED, "no result of tests/a.py::test_x"),
    ],
)
def test_a_requirement_stands_as_its_tests_do(results, status, why):
    """Passed only where every test ran and passed; a test that is not there is a failure, not a pass."""
    (judged,) = judge([requirement()], results, is_quick=False)
    assert judged.status is status
    assert judged.why.startswith(why)


def test_what_no_test_shows_says_so():
    """Procedures and what is not built are neither passed nor failed."""
    listed = [requirement(tests=(), procedure="SOP 7"), requirement(2, tests=(), not_yet="later")]
    assert [(each.status.value, each.why) for each in judge(listed, [], is_quick=False)] == [
        ("procedure", "SOP 7"),
        ("not yet", "later"),
    ]


def test_quick_leaves_out_lower_risk_and_long_tests_and_says_so():
    """Never passed: not run, or passed in part."""
    both = requirement(tests=("tests/a.py::test_x", "tests/a.py::test_long"), long=("tests/a.py::test_long",))
    low = requirement(2, risk="low")
    assert asked_of(both, is_quick=True) == ("tests/a.py::test_x",)
    assert asked_of(low, is_quick=True) == ()
    assert asked_of(both, is_quick=False) == both.tests
    quick = judge([both, low], [result(ONE)], is_quick=True)
    assert [each.status for each in quick] == [Status.PARTLY, Status.NOT_RUN]
    assert all("--quick" in each.why for each in quick)


@pytest.mark.parametrize(
    ("results", "checks", "has_failed"),
    [
        ([result(ONE)], (), False),
        ([result(ONE)], (check(Status.NOT_RUN), check(Status.NOTED)), False),
        ([result(ONE, "failed")], (), True),
        ([result(ONE)], (check(Status.FAILED),), True),
    ],
)
def test_the_whole_fails_with_any_part(results, checks, has_failed):
    """A requirement or a check of the installation."""
    made = qualification(*results, checks=checks)
    assert made.has_failed is has_failed
    assert to_document(made, OCCASION)["result"] == ("failed" if has_failed else "passed")


def test_a_file_of_tests_that_cannot_be_read_fails_the_whole():
    """Else its tests would be missing unseen."""
    from dataclasses import replace

    broken = replace(qualification(result(ONE)), broken_files=("tests/c.py: SyntaxError",))
    assert broken.has_failed
    assert "Failed: a file of tests could not be read: tests/c.py: SyntaxError" in summarise(broken)


def test_the_first_lines_say_what_failed_and_what_was_not_run_and_why():
    """Counts, then each failure by its number, then each reason once."""
    made = qualification(result(ONE, "failed"), result(TWO, "skipped", "x"), checks=(check(Status.NOT_RUN),))
    lines = summarise(made)
    assert lines[0] == "3 requirements: 1 failed, 1 procedure, 1 not yet."
    assert lines[1] == "2 tests: 1 failed, 1 skipped."
    assert lines[2] == "Installation: 1 not run."
    assert "No study was given: none was qualified." in lines
    assert "Failed: URS-001, It does what it says (1 of 2 tests failed)." in lines
    assert "Not run, or in part: IQ-1 Version: 0.1.0." in lines
