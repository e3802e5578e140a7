"""The toxicities that are graded here and not reported: episodes of four syndromes, and windows of blood counts.

CRS, ICANS, IEC-HS (ASTCT) and acute GvHD (MAGIC) make episodes; ICAHT and T-ICAHT (EHA/EBMT) one row for each window
that has a grade of 1 or more, or none. What cannot be graded is a row without a grade, never left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from celltrial.codes import SubjectId
from celltrial.errors import Finding
from celltrial.missing import NotGradable
from celltrial.record import Entry, TrialState
from celltrial.record.toxicity import (
    CountWindow,
    GradedAssessment,
    Syndrome,
    SyndromeCourse,
    grade_haematotoxicity,
    grade_syndromes,
)
from celltrial.safety import Grade
from celltrial.study import Study

__all__ = ["GradedRow", "derive_count_windows", "derive_episodes"]

_TERMS: dict[Syndrome, str] = {
    "crs": "CYTOKINE RELEASE SYNDROME",
    "icans": "IMMUNE EFFECTOR CELL-ASSOCIATED NEUROTOXICITY SYNDROME",
    "iec_hs": "IMMUNE EFFECTOR CELL-ASSOCIATED HLH-LIKE SYNDROME",
    "gvhd": "ACUTE GRAFT VERSUS HOST DISEASE",
}
_CATEGORIES: dict[Syndrome, str] = {"crs": "ASTCT", "icans": "ASTCT", "iec_hs": "ASTCT", "gvhd": "MAGIC"}
_COUNT_TERMS = {
    "icaht": "IMMUNE EFFECTOR CELL-ASSOCIATED HEMATOTOXICITY",
    "t-icaht": "IMMUNE EFFECTOR CELL-ASSOCIATED THROMBOCYTOPENIA",
}
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedRow:
    """A row of ADAE before its columns. grade None: not gradable, `reason` says why (or why it is a lower bound).

    onset: None where no time of it is known. end: None while it lasts, or where it has no grade. basis: what made the
    grade. is_related: by definition an effect of the product; None where counts do not tell.
    """

    category: str
    term: str
    onset: datetime | date | None
    end: datetime | date | None
    grade: int | None
    reason: str | None
    basis: str | None
    is_related: bool | None
    entries: tuple[Entry[Any], ...]


def derive_episodes(
    study: Study, state: TrialState, subject: SubjectId, findings: list[Finding]
) -> tuple[GradedRow, ...]:
    """The participant's episodes in time, and one row for the assessments of a syndrome that lie in no episode and
    cannot be graded. An assessment without a day takes no part and is reported.
    """
    rows = [
        row
        for course in grade_syndromes(study, state, subject, findings)
        for row in (*_episodes(course), *_open(course))
    ]
    return tuple(sorted(rows, key=lambda row: str(row.onset)))


def _episodes(course: SyndromeCourse) -> Iterator[GradedRow]:
    for episode in course.episodes:
        behind = course.behind(episode)
        missed = episode.not_gradable
        yield GradedRow(
            category=_CATEGORIES[course.syndrome],
            term=_TERMS[course.syndrome],
            onset=episode.onset,
            end=episode.resolution,
            grade=episode.maximum,
            reason=f"{len(missed)} assessment(s) not gradable, grade is a lower bound: {missed[0][1]}"[:_LONGEST]
            if missed
            else None,
            basis=_basis(behind, episode.maximum),
            is_related=True,
            entries=tuple(entry for each in behind for entry in each.entries),
        )


def _basis(assessments: Sequence[GradedAssessment], maximum: int) -> str | None:
    """What made the highest grade, at the first assessment that reached it."""
    for each in assessments:
        if isinstance(each.grade, Grade) and each.grade.value == maximum:
            return "; ".join(each.grade.reasons)[:_LONGEST] or None
    return None


def _open(course: SyndromeCourse) -> Iterator[GradedRow]:
    """Assessments outside every episode that could not be graded: whether there was one is not known."""
    missed = course.ungraded_outside
    if missed:
        first = missed[0].grade
        assert isinstance(first, NotGradable)  # chosen so
        yield GradedRow(
            category=_CATEGORIES[course.syndrome],
            term=_TERMS[course.syndrome],
            onset=missed[0].at,
            end=missed[-1].at,
            grade=None,
            reason=f"{len(missed)} assessment(s) not gradable: {first.reason}"[:_LONGEST],
            basis=None,
            is_related=None,
            entries=tuple(entry for each in missed for entry in each.entries),
        )


def derive_count_windows(
    study: Study, state: TrialState, subject: SubjectId, infused: date, today: date, findings: list[Finding]
) -> tuple[GradedRow, ...]:
    """ICAHT and T-ICAHT, early and late; a window of grade 0, or without a result, has no row."""
    windows = grade_haematotoxicity(study, state, subject, infused=infused, today=today, findings=findings)
    return tuple(
        _count_row(window, infused)
        for window in windows
        if isinstance(window.grade, NotGradable) or window.grade.value > 0
    )


def _count_row(window: CountWindow, infused: date) -> GradedRow:
    run = window.run if window.run is not None and window.run.days.least > 0 else None
    grade, reasons = (None, ()) if isinstance(window.grade, NotGradable) else (window.grade.value, window.grade.reasons)
    return GradedRow(
        category="EHA/EBMT",
        term=f"{_COUNT_TERMS[window.instrument]}, {window.part.upper()}",
        onset=infused + timedelta(days=run.first) if run else None,
        end=infused + timedelta(days=run.last) if run and not run.is_open else None,
        grade=grade,
        reason=_why(window),
        basis="; ".join(reasons)[:_LONGEST] or None,
        is_related=None,
        entries=window.entries,
    )


def _why(window: CountWindow) -> str | None:
    """Why there is no grade; beside a grade, what a reader must know of it."""
    if isinstance(window.grade, NotGradable):
        bound = window.lower_bound
        at_least = f"; at least grade {bound}" if bound and "grade" not in window.grade.reason else ""
        return f"{window.grade.reason}{at_least}"[:_LONGEST]
    return "; ".join(window.flags)[:_LONGEST] or None
