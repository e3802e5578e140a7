"""BILAG-2004: numbers of the grades, a missing system, and what is new or improved."""

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import BilagScore, bilag_change, bilag_systems, check_bilag_course, score_bilag_2004
from celltrial.missing import NotEvaluable

NEVER = dict.fromkeys(bilag_systems(), "E")


@pytest.mark.parametrize(("grade", "points"), [("A", 12), ("B", 8), ("C", 1), ("D", 0), ("E", 0)])
def test_each_grade_has_its_number(grade: str, points: int) -> None:
    """Yee 2010; not those of the classic BILAG."""
    result = score_bilag_2004(NEVER | {"renal": grade})
    assert isinstance(result, BilagScore)
    assert (result.total, result.by_system["renal"]) == (points, points)
    assert result.active == (("renal",) if points else ())


def test_nine_systems_from_0_to_108() -> None:
    """The range."""
    assert len(bilag_systems()) == 9
    worst = score_bilag_2004(dict.fromkeys(bilag_systems(), "A"))
    assert isinstance(worst, BilagScore)
    assert worst.total == 108


@pytest.mark.parametrize("grade", ["", None])
def test_a_missing_system_leaves_a_lower_bound(grade: str | None) -> None:
    """Blank and without an entry alike."""
    grades = {system: letter for system, letter in (NEVER | {"renal": "B"}).items() if system != "ophthalmic"}
    if grade is not None:
        grades["ophthalmic"] = grade
    assert score_bilag_2004(grades) == NotEvaluable("no grade for: ophthalmic", lower_bound=8)


def test_grades_that_cannot_be_read_are_told_all_at_once() -> None:
    """Small letters too: a grade is entered as it is printed."""
    with pytest.raises(UsageError) as caught:
        score_bilag_2004(NEVER | {"renal": "a", "ophthalmic": "F"})
    assert [each.where for each in caught.value.findings] == ["ophthalmic", "renal"]


KNOWN = "ABCDE"
NEW_A = {(before, "A") for before in "BCDE"}
NEW_B = {(before, "B") for before in "CDE"}
IMPROVED = {("A", after) for after in "BCDE"} | {("B", after) for after in "CDE"}


@pytest.mark.parametrize("before", KNOWN)
@pytest.mark.parametrize("after", KNOWN)
def test_every_pair_of_grades(before: str, after: str) -> None:
    """New A from anything else; new B from C, D or E; improved one grade or more from A or B."""
    change = bilag_change({"renal": before}, {"renal": after})
    pair = (before, after)
    assert change.new_a["renal"] == ("yes" if pair in NEW_A else "no")
    assert change.new_b["renal"] == ("yes" if pair in NEW_B else "no")
    if before in "AB":
        assert change.improved["renal"] == ("yes" if pair in IMPROVED else "no")
    else:
        assert "renal" not in change.improved


@pytest.mark.parametrize(
    ("before", "after", "new_a", "new_b", "improved"),
    [
        ("", "A", "unknown", "no", "no"),
        ("", "B", "no", "unknown", "unknown"),
        ("", "C", "no", "no", "unknown"),
        ("A", "", "no", "no", "unknown"),
        ("B", "", "unknown", "no", "unknown"),
        ("C", "", "unknown", "unknown", None),
        ("", "", "unknown", "unknown", "unknown"),
    ],
)
def test_unknown_grades_leave_open_only_what_they_can_change(
    before: str, after: str, new_a: str, new_b: str, improved: str | None
) -> None:
    """A system at A before is never a new A or B, whatever it is now."""
    change = bilag_change({"renal": before}, {"renal": after})
    assert (change.new_a["renal"], change.new_b["renal"], change.improved.get("renal")) == (new_a, new_b, improved)


def test_fewest_and_most_systems() -> None:
    """What a rule of "not more than one new B" reads."""
    before = NEVER | {"renal": "A", "ophthalmic": ""}
    change = bilag_change(before, NEVER | {"renal": "B", "mucocutaneous": "B", "ophthalmic": "B"})
    assert change.count(change.new_b) == (1, 2)
    assert change.count(change.new_a) == (0, 0)


def test_never_affected_after_affected_is_a_finding() -> None:
    """E after D or worse: one of the two is wrong."""
    findings = check_bilag_course(NEVER | {"renal": "D", "ophthalmic": "E"}, NEVER)
    assert [each.where for each in findings] == ["renal"]
    assert check_bilag_course(NEVER | {"renal": "A"}, NEVER | {"renal": "D"}) == ()
    assert check_bilag_course(NEVER | {"renal": ""}, NEVER) == ()
