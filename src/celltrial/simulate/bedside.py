"""Bedside assessments of CRS and ICANS: what is seen on a day of a true grade. The grade is not written."""

from datetime import datetime
from typing import Literal

import numpy as np

from celltrial.record import CrsAssessment, IcansAssessment
from celltrial.simulate.course import Course

__all__ = ["assess_crs", "assess_icans", "grade_on", "has_tocilizumab_by", "temperature_on"]

# signs of each true grade beside fever (ASTCT 2019): hypotension, vasopressors, oxygen
_CRS_SIGNS: dict[int, tuple[Literal["yes", "no"], tuple[str, ...], Literal["none", "low-flow"]]] = {
    0: ("no", (), "none"),
    1: ("no", (), "none"),
    2: ("yes", (), "low-flow"),
    3: ("yes", ("norepinephrine",), "low-flow"),
    4: ("yes", ("norepinephrine", "epinephrine"), "low-flow"),
}
# ICE score and consciousness of each true grade (ASTCT 2019); grade 4 does not come up here
_ICANS_SIGNS: dict[int, tuple[int, Literal["awake", "to voice", "to tactile stimulus"]]] = {
    0: (10, "awake"),
    1: (8, "awake"),
    2: (5, "to voice"),
    3: (1, "to tactile stimulus"),
}


def grade_on(grades: tuple[int, ...], day: int) -> int:
    """The true grade of that day; 0 outside the episode."""
    return grades[day] if 0 <= day < len(grades) else 0


def has_tocilizumab_by(course: Course, day: int) -> bool:
    """Whether tocilizumab was given on or before that day: from the first day of CRS of grade 2 or more."""
    return any(grade >= 2 for grade in course.crs[: day + 1])


def temperature_on(rng: np.random.Generator, course: Course, day: int) -> float:
    """Highest temperature of the day, degrees Celsius: fever with CRS, unless tocilizumab has taken it away."""
    grade, noise = grade_on(course.crs, day), float(rng.normal(0.0, 0.15))
    if grade == 0:
        return min(37.5, 36.8 + noise)
    is_masked = grade >= 2 and has_tocilizumab_by(course, day - 1)
    return min(37.7, 37.3 + noise) if is_masked else max(38.1, 38.4 + 0.3 * min(grade, 3) + noise)


def assess_crs(rng: np.random.Generator, course: Course, day: int, *, at: datetime) -> CrsAssessment:
    """The CRS assessment of a day since infusion."""
    hypotension, vasopressors, oxygen = _CRS_SIGNS[grade_on(course.crs, day)]
    masked = any(course.crs) and has_tocilizumab_by(course, day - 1) and day < len(course.crs) + 3
    return CrsAssessment(
        at=at.strftime("%Y-%m-%dT%H:%M"),
        temperature_c=f"{temperature_on(rng, course, day):.1f}",
        hypotension=hypotension,
        vasopressors=vasopressors,
        oxygen=oxygen,
        antipyretic_or_anticytokine="yes" if masked else "no",
    )


def assess_icans(course: Course, day: int, *, at: datetime) -> IcansAssessment:
    """The neurological assessment of a day since infusion."""
    ice, consciousness = _ICANS_SIGNS[grade_on(course.icans, day)]
    return IcansAssessment(at=at.strftime("%Y-%m-%dT%H:%M"), ice=str(ice), consciousness=consciousness)
