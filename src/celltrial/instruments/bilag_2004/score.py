"""BILAG-2004 in numbers: nine systems with grades A to E, entered as data; a missing system leaves no score.

The grades themselves are not derived here: the published algorithm (97 items, blood and urine values, comparison with
the four weeks before) could not be verified. A trained rater or the licensed program gives them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable
from celltrial.tables import read_package_table

__all__ = ["BilagGrade", "BilagScore", "bilag_systems", "read_bilag_grades", "score_bilag_2004"]

BilagGrade = Literal["A", "B", "C", "D", "E", ""]

_PACKAGE = "celltrial.instruments.bilag_2004"
_GRADES: tuple[BilagGrade, ...] = ("A", "B", "C", "D", "E", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class BilagScore:
    """A definite numerical BILAG-2004: 0 to 108. by_system: points of each; active: the systems of A, B, C."""

    total: int
    by_system: Mapping[str, int]
    active: tuple[str, ...]


@cache
def bilag_systems() -> tuple[str, ...]:
    """The ids of the nine systems, in the order of the form.

    >>> len(bilag_systems()), bilag_systems()[0]
    (9, 'constitutional')
    """
    return tuple(row["system"] for row in read_package_table(_PACKAGE, "systems.csv"))


def score_bilag_2004(grades: Mapping[str, str]) -> BilagScore | NotEvaluable:
    """The additive numerical score of one assessment.

    Args:
        grades: system id -> `A` to `E`; missing or blank is not known. Other keys are not read.
    Returns:
        BilagScore; NotEvaluable naming the systems without a grade, with the points of the others as lower bound.
    Raises:
        UsageError: a grade that is none of these, all of them at once.
    Source: Yee CS et al., Rheumatology 2010;49:1665-9.

    >>> score_bilag_2004(dict.fromkeys(bilag_systems(), "E") | {"renal": "A", "mucocutaneous": "B"}).total
    20
    """
    known = read_bilag_grades(grades)
    points = {row["grade"]: int(row["points"]) for row in read_package_table(_PACKAGE, "numbers.csv")}
    by_system = {system: points[grade] for system, grade in known.items() if grade}
    missing = [system for system, grade in known.items() if not grade]
    total = sum(by_system.values())
    if missing:
        return NotEvaluable(f"no grade for: {', '.join(missing)}", lower_bound=total)
    return BilagScore(total=total, by_system=by_system, active=tuple(name for name in by_system if by_system[name]))


def read_bilag_grades(grades: Mapping[str, str]) -> dict[str, BilagGrade]:
    """The grade of every system, in order; blank where it is not known. Raises UsageError with all bad ones."""
    findings = [
        Finding(
            message="BILAG-2004: a system has a grade that cannot be read",
            where=system,
            found=repr(grades[system]),
            expected="A, B, C, D, E or blank",
            next_step="correct the entry",
        )
        for system in bilag_systems()
        if system in grades and grades[system] not in _GRADES
    ]
    if findings:
        raise UsageError(findings)
    return {system: _letter(grades.get(system, "")) for system in bilag_systems()}


def _letter(text: str) -> BilagGrade:
    return next(grade for grade in _GRADES if grade == text)
