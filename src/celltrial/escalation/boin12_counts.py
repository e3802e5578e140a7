"""DLTs and responses together: counts per level, the notation of the field for them, and what each outcome is worth."""

import re
from dataclasses import dataclass

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import as_fraction
from celltrial.escalation.counts import Counts

__all__ = ["PairCounts", "Utilities", "count_pairs"]

_WORD = re.compile(r"([0-9]+)([NTEB]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Utilities:
    """What the four outcomes are worth, 0 to 100; the defaults are those of the paper's example.

    With them, and whenever best + worst = neither + both, the two margins (DLTs, responses) suffice; else how many
    had both must be known.
    """

    response_only: float = 100.0
    neither: float = 40.0
    both: float = 60.0
    dlt_only: float = 0.0

    def __post_init__(self) -> None:
        middle = (self.neither, self.both)
        if not (0 <= self.dlt_only <= min(middle) and max(middle) <= self.response_only <= 100):
            found = f"{self.response_only}, {self.neither}, {self.both}, {self.dlt_only}"
            expected = "0 <= DLT only <= neither, both <= response only <= 100"
            raise UsageError(Finding(message="the utilities are not in order", found=found, expected=expected))

    @property
    def are_additive(self) -> bool:
        """Whether the margins suffice."""
        exact = [as_fraction(each) for each in (self.response_only, self.dlt_only, self.neither, self.both)]
        return exact[0] + exact[1] == exact[2] + exact[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCounts:
    """Evaluable participants, DLTs, responses, and those with both, per level; the current level (1-based)."""

    n: tuple[int, ...]
    dlt: tuple[int, ...]
    response: tuple[int, ...]
    both: tuple[int, ...] | None = None
    current: int = 1

    def __post_init__(self) -> None:
        self.safety()
        findings = []
        both = self.both or (0,) * len(self.n)
        if not len(self.n) == len(self.response) == len(both):
            found = f"{len(self.n)}, {len(self.response)} and {len(both)} levels"
            raise UsageError(Finding(message="responses are not given for the same levels", found=found))
        for level, (n, dlts, responses, pairs) in enumerate(
            zip(self.n, self.dlt, self.response, both, strict=True), start=1
        ):
            fits = self.both is None or max(0, dlts + responses - n) <= pairs <= min(dlts, responses)
            if not 0 <= responses <= n or not fits:
                found = f"{responses} responses and {pairs} with both, of {n} evaluable with {dlts} DLTs"
                findings.append(Finding(message="impossible counts of responses", where=f"level {level}", found=found))
        if findings:
            raise UsageError(findings)

    @property
    def levels(self) -> int:
        """How many dose levels there are."""
        return len(self.n)

    def safety(self) -> Counts:
        """The counts without the responses."""
        return Counts(n=self.n, dlt=self.dlt, current=self.current)


def count_pairs(text: str, *, levels: int, start: int = 1) -> PairCounts:
    """Counts from cohorts in field notation: level, then N neither, T DLT, E response, B both, for each participant.

    Raises:
        UsageError: one finding for each cohort that cannot be read.

    >>> count_pairs("1NNN 2ENT", levels=3)
    PairCounts(n=(3, 3, 0), dlt=(0, 1, 0), response=(0, 1, 0), both=(0, 0, 0), current=2)
    """
    rows = [[0, 0, 0, 0] for _ in range(levels)]
    current, problems = start, []
    for place, word in enumerate(text.split(), start=1):
        match = _WORD.fullmatch(word)
        if match is None or not 1 <= int(match[1]) <= levels:
            expected = f"a level from 1 to {levels}, then N, T, E or B for each participant, e.g. 2NEB"
            problems.append(
                Finding(message="a cohort cannot be read", where=f"cohort {place}", found=repr(word), expected=expected)
            )
            continue
        current, outcomes = int(match[1]), match[2]
        marks = (outcomes, *(sum(map(outcomes.count, letters)) for letters in ("TB", "EB", "B")))
        row = rows[current - 1]
        row[:] = [row[0] + len(outcomes), *(old + int(new) for old, new in zip(row[1:], marks[1:], strict=True))]
    if problems:
        raise UsageError(problems)
    n, dlt, response, both = (tuple(column) for column in zip(*rows, strict=True))
    return PairCounts(n=n, dlt=dlt, response=response, both=both, current=current)
