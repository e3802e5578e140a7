"""Patients that any design meets: their numbers depend on the seed, the trial and the patient, and on nothing else.

Patient k of trial i has an arrival, a tolerance (a DLT occurs where the level's rate exceeds it), and quantiles for the
time of a DLT, of leaving, and for a response. Each kind of number is a counter-based stream of its own (Philox), read
at the place that belongs to trial and patient. So neither the design, the number of trials, how they are cut into
pieces, nor the executor changes a patient.

Source of the generator: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC11.
"""

from dataclasses import dataclass

import numpy as np

from celltrial.errors import Finding, UsageError
from celltrial.escalation.calendar.conduct import Conduct, Floats, Scenario

__all__ = ["PAGE", "PatientBook", "PatientPage"]

PAGE = 64
_WORDS = 4  # numbers per step of a Philox counter
_GAP, _TOLERANCE, _ONSET, _DROP_OUT, _RESPONSE, _STREAMS = range(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientPage:
    """`PAGE` patients in order of arrival for each trial; every array has a row per trial and a column per patient.

    arrival: day; infinite after the last one listed. tolerance, onset, response: quantiles. drop_out: days until
    leaving.
    """

    arrival: Floats
    tolerance: Floats
    onset: Floats
    drop_out: Floats
    response: Floats


class PatientBook:
    """The patients of trials `first` to `first + trials - 1`, drawn page by page when they are asked for."""

    def __init__(self, scenario: Scenario, conduct: Conduct, *, seed: int, first: int, trials: int) -> None:
        if not 0 <= seed < 2**64:
            raise UsageError(Finding(message="a seed that cannot be", found=str(seed), expected="0 to 2**64 - 1"))
        self._conduct, self._responds = conduct, bool(scenario.activity)
        self._seed, self._first, self.trials = seed, first, trials
        self._pages: list[PatientPage] = []

    def page(self, number: int) -> PatientPage:
        """Patients `number * PAGE` to `(number + 1) * PAGE - 1` of each trial."""
        while len(self._pages) <= number:
            self._pages.append(self._draw(len(self._pages)))
        return self._pages[number]

    def _draw(self, number: int) -> PatientPage:
        drop_out = self._conduct.drop_out
        unused = np.zeros((self.trials, PAGE))
        leaves = self._uniform(number, _DROP_OUT) if drop_out.share else unused
        return PatientPage(
            arrival=self._arrivals(number),
            tolerance=self._uniform(number, _TOLERANCE),
            onset=self._uniform(number, _ONSET),
            drop_out=drop_out.days(leaves, self._conduct.window_days),
            response=self._uniform(number, _RESPONSE) if self._responds else unused,
        )

    def _arrivals(self, number: int) -> Floats:
        arrivals = self._conduct.arrivals
        if arrivals.kind == "listed":
            days = np.array([*arrivals.days, *[np.inf] * ((number + 1) * PAGE)])[number * PAGE : (number + 1) * PAGE]
            return np.broadcast_to(days, (self.trials, PAGE))
        gaps = arrivals.gaps(self._uniform(number, _GAP))
        gaps[:, 0] = 0.0 if number == 0 else gaps[:, 0] + self._pages[-1].arrival[:, -1]
        return np.cumsum(gaps, axis=1)

    def _uniform(self, number: int, stream: int) -> Floats:
        key = np.array([self._seed, number * _STREAMS + stream], np.uint64)
        bits = np.random.Philox(key=key)
        bits.advance(self._first * PAGE // _WORDS)
        return np.random.Generator(bits).random((self.trials, PAGE))
