"""Evaluable participants and DLTs per dose level, and the field notation they are written in: `1NNN 2NNT`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from celltrial.errors import Finding, UsageError

__all__ = ["Cohort", "Counts", "add_level", "count_cohorts", "parse_outcomes"]

_COHORT = re.compile(r"([0-9]+)([NT]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a rule-based design looks at.

    n:       evaluable participants per dose level, lowest level first.
    dlt:     those of them with a dose-limiting toxicity.
    current: the level (1-based) that the last cohort was given, or the starting level before the first.
    last:    DLTs and evaluable participants of the last cohort, for the rules that look at it (coherence of the CRM);
             None where it is not known.

    closed:  levels of the list that no cohort may go to for now, e.g. an intermediate level that is not needed yet; a
             rule (`Intermediate`) closes them, never the caller.

    Levels are data: a design works on the ordered list, however many there are and whenever they were added.

    Raises:
        UsageError: with every finding, when the counts cannot be.
    """

    n: tuple[int, ...]
    dlt: tuple[int, ...]
    current: int = 1
    closed: tuple[int, ...] = field(default=(), repr=False)
    last: tuple[int, int] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        problems = tuple(_check(self.n, self.dlt, self.current))
        if problems := problems or tuple(_check_last(self)):
            raise UsageError(problems)

    @property
    def levels(self) -> int:
        """How many dose levels there are."""
        return len(self.n)

    @property
    def total(self) -> int:
        """Evaluable participants over all levels."""
        return sum(self.n)

    def at(self, level: int) -> tuple[int, int]:
        """DLTs and evaluable participants at a level (1-based)."""
        return self.dlt[level - 1], self.n[level - 1]

    def next_above(self, level: int) -> int | None:
        """The next open level above; None where there is none."""
        return next((each for each in range(level + 1, self.levels + 1) if each not in self.closed), None)

    def next_below(self, level: int) -> int:
        """The next open level below; 0 where there is none."""
        return next((each for each in range(level - 1, 0, -1) if each not in self.closed), 0)


def _check(n: tuple[int, ...], dlt: tuple[int, ...], current: int) -> Iterable[Finding]:
    if not n or len(n) != len(dlt):
        yield Finding(
            message="evaluable participants and DLTs are not given for the same levels",
            found=f"{len(n)} and {len(dlt)} levels",
            expected="one number of each per level, at least one level",
        )
    for level, (evaluable, dlts) in enumerate(zip(n, dlt, strict=False), start=1):
        if not 0 <= dlts <= evaluable:
            yield Finding(
                message="impossible counts of DLTs",
                where=f"level {level}",
                found=f"{dlts} DLTs in {evaluable} evaluable",
                expected="0 <= DLTs <= evaluable",
            )
    if not 1 <= current <= max(len(n), 1):
        yield Finding(
            message="the current level does not exist", found=str(current), expected=f"a level from 1 to {len(n)}"
        )


def _check_last(counts: Counts) -> Iterable[Finding]:
    if counts.last is None:
        return
    dlts, n = counts.last
    at_level = counts.at(counts.current)
    if not (0 <= dlts <= n and dlts <= at_level[0] and n - dlts <= at_level[1] - at_level[0]):
        yield Finding(
            message="the last cohort does not fit its level",
            where=f"level {counts.current}",
            found=f"{dlts} DLTs in {n} evaluable of the last cohort, {at_level[0]} in {at_level[1]} at the level",
            expected="a cohort that is part of its level",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Participants evaluated together at one level; `outcomes` has an N (no DLT) or a T (DLT) for each."""

    level: int
    outcomes: str

    @property
    def n(self) -> int:
        """Evaluable participants."""
        return len(self.outcomes)

    @property
    def dlts(self) -> int:
        """Participants with a DLT."""
        return self.outcomes.count("T")


def parse_outcomes(text: str) -> tuple[Cohort, ...]:
    """Read cohorts in field notation: the level, then N (no DLT) or T (DLT) for each participant.

    Raises:
        UsageError: one finding for each cohort that cannot be read.
    Source of the notation: Brock et al. (2020), "trialr", The R Journal; used by the R package escalation.

    >>> parse_outcomes("2NNT 1NN")[0]
    Cohort(level=2, outcomes='NNT')
    """
    words = text.split()
    problems = tuple(
        Finding(
            message="a cohort cannot be read",
            where=f"cohort {place}",
            found=repr(word),
            expected="a level from 1 and then N or T for each participant, e.g. 2NNT",
        )
        for place, word in enumerate(words, start=1)
        if (match := _COHORT.fullmatch(word)) is None or int(match[1]) < 1
    )
    if problems:
        raise UsageError(problems)
    matches = (_COHORT.fullmatch(word) for word in words)
    return tuple(Cohort(level=int(match[1]), outcomes=match[2]) for match in matches if match)


def count_cohorts(cohorts: Iterable[Cohort], *, levels: int, start: int = 1) -> Counts:
    """Add up cohorts over `levels` dose levels; the current level is the last cohort's, or `start` without any.

    Raises:
        UsageError: a cohort at a level that does not exist.

    >>> count_cohorts(parse_outcomes("1NNN 2NNT 2NN"), levels=3)
    Counts(n=(3, 5, 0), dlt=(0, 1, 0), current=2)
    """
    n, dlt, current = [0] * levels, [0] * levels, start
    last: tuple[int, int] | None = None
    for cohort in cohorts:
        if not 1 <= cohort.level <= levels:
            raise UsageError(
                Finding(
                    message="a cohort is at a level that does not exist",
                    found=f"{cohort.level}{cohort.outcomes}",
                    expected=f"a level from 1 to {levels}",
                )
            )
        n[cohort.level - 1] += cohort.n
        dlt[cohort.level - 1] += cohort.dlts
        current, last = cohort.level, (cohort.dlts, cohort.n)
    return Counts(n=tuple(n), dlt=tuple(dlt), current=current, last=last)


def add_level(counts: Counts, *, above: int) -> Counts:
    """The counts with an empty level put in just above level `above` (0: below the lowest), as people decided.

    The current level stays the dose it was, so its number moves up when the new level lies below it.

    >>> add_level(Counts(n=(3, 3), dlt=(0, 2), current=1), above=1)
    Counts(n=(3, 0, 3), dlt=(0, 0, 2), current=1)
    """
    if not 0 <= above <= counts.levels:
        raise UsageError(
            Finding(
                message="no such level to put another above",
                found=str(above),
                expected=f"0 to {counts.levels}",
            )
        )
    return replace(
        counts,
        n=(*counts.n[:above], 0, *counts.n[above:]),
        dlt=(*counts.dlt[:above], 0, *counts.dlt[above:]),
        current=counts.current + (counts.current > above),
    )
