"""Episodes: from grades in time to onset, maximum and resolution."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from celltrial.errors import Finding, UsageError
from celltrial.missing import NotGradable
from celltrial.safety.grades import Grade

__all__ = ["Episode", "find_episodes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A run of observations of grade 1 or more.

    onset: the first such observation. resolution: the first later one of grade 0 that is not followed by another grade
        within the quiet time that was asked for; None where there is none yet.
    maximum: the highest grade seen; a lower bound where `not_gradable` has entries.
    grades: what was graded from onset on (the resolving grade 0 among it); not_gradable: what could not be, and why.
    """

    onset: datetime
    maximum: int
    resolution: datetime | None
    last_observed: datetime
    grades: tuple[tuple[datetime, int], ...]
    not_gradable: tuple[tuple[datetime, str], ...] = ()

    def hours_at_least(self, grade: int) -> float | None:
        """Hours of the longest run at `grade` or more, to the first observation below it.

        0 where the grade was never reached; None where a run has not been seen to end (see `hours_seen_at_least`).
        """
        runs = self._runs(grade)
        if any(ended is None for _, _, ended in runs):
            return None
        return max((_hours(start, ended) for start, _, ended in runs if ended is not None), default=0.0)

    def hours_seen_at_least(self, grade: int) -> float:
        """Hours of the longest run at `grade` or more that were certainly seen: first to last such observation."""
        return max((_hours(start, last) for start, last, _ in self._runs(grade)), default=0.0)

    def _runs(self, grade: int) -> list[tuple[datetime, datetime, datetime | None]]:
        """Each run as (first at or above, last at or above, first below)."""
        runs: list[tuple[datetime, datetime, datetime | None]] = []
        for at, value in self.grades:
            is_open = bool(runs) and runs[-1][2] is None
            if value >= grade:
                runs = [*runs[:-1], (runs[-1][0], at, None)] if is_open else [*runs, (at, at, None)]
            elif is_open:
                runs[-1] = (runs[-1][0], runs[-1][1], at)
        return runs


def find_episodes(
    graded: Sequence[tuple[datetime | None, Grade | NotGradable]], *, quiet: timedelta = timedelta(0)
) -> tuple[Episode, ...]:
    """Cut graded observations, in any order, into episodes.

    An observation that cannot be graded neither starts nor ends an episode; it is kept with its reason in the one it
    falls into. Of several at the same time the highest grade counts.

    quiet: an episode ends only where grade 0 was seen to last so long; a grade of 1 or more before that belongs to it.
    Raises UsageError where an observation has no time.
    """
    if any(at is None for at, _ in graded):
        raise UsageError(
            Finding(
                message="episodes need the time of every observation",
                found=f"{sum(at is None for at, _ in graded)} of {len(graded)} without",
                next_step="complete the times",
            )
        )
    timed = _one_grade_a_time([(at, grade) for at, grade in graded if at is not None])
    episodes = []
    for first, zero in _join(_spans(timed), timed, quiet):
        ends = zero is not None and any(
            isinstance(grade, Grade) and at - timed[zero][0] >= quiet for at, grade in timed[zero:]
        )
        run = timed[first : zero + 1] if ends and zero is not None else timed[first:]
        episodes.append(_episode(run, is_resolved=ends))
    return tuple(episodes)


def _spans(timed: Sequence[tuple[datetime, Grade | NotGradable]]) -> list[tuple[int, int | None]]:
    """Where each run of grades of 1 or more begins, and where the grade 0 stands that follows it."""
    spans: list[tuple[int, int | None]] = []
    for index, (_, grade) in enumerate(timed):
        is_open = bool(spans) and spans[-1][1] is None
        if isinstance(grade, Grade) and grade.value > 0 and not is_open:
            spans.append((index, None))
        elif isinstance(grade, Grade) and grade.value == 0 and is_open:
            spans[-1] = (spans[-1][0], index)
    return spans


def _join(
    spans: Sequence[tuple[int, int | None]], timed: Sequence[tuple[datetime, Grade | NotGradable]], quiet: timedelta
) -> list[tuple[int, int | None]]:
    joined: list[tuple[int, int | None]] = []
    for first, zero in spans:
        before = joined[-1][1] if joined else None
        if before is not None and timed[first][0] - timed[before][0] < quiet:
            joined[-1] = (joined[-1][0], zero)
        else:
            joined.append((first, zero))
    return joined


def _one_grade_a_time(
    timed: Sequence[tuple[datetime, Grade | NotGradable]],
) -> list[tuple[datetime, Grade | NotGradable]]:
    worst: dict[datetime, Grade] = {}
    for at, grade in timed:
        if isinstance(grade, Grade) and (at not in worst or grade.value > worst[at].value):
            worst[at] = grade
    ungraded = [(at, grade) for at, grade in timed if isinstance(grade, NotGradable)]
    return sorted([*worst.items(), *ungraded], key=lambda pair: pair[0])


def _episode(run: Sequence[tuple[datetime, Grade | NotGradable]], *, is_resolved: bool) -> Episode:
    grades = tuple((at, grade.value) for at, grade in run if isinstance(grade, Grade))
    return Episode(
        onset=run[0][0],
        maximum=max(value for _, value in grades),
        resolution=run[-1][0] if is_resolved else None,
        last_observed=run[-1][0],
        grades=grades,
        not_gradable=tuple((at, grade.reason) for at, grade in run if isinstance(grade, NotGradable)),
    )


def _hours(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 3600
