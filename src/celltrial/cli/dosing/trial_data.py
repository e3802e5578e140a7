"""The data of `celltrial dose fit`: a file of counts or of participants, or outcomes in field notation."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from celltrial.cli.tabular import Table, read_table
from celltrial.errors import Finding, InputError, UsageError

if TYPE_CHECKING:
    from celltrial.escalation.fitting import TrialData
    from celltrial.escalation.titecrm import Followed

__all__ = ["read_trial_data"]

_FLAGS = {"0": False, "1": True, "no": False, "yes": True, "n": False, "t": True, "false": False, "true": True}


def read_trial_data(
    file: Path | None, outcomes: str, *, doses: int | None, window: float | None, start: int
) -> "TrialData":
    """The data of a trial, from a file or from outcomes; one of both has to be given.

    With a column `n` a row of the file is a level: level,n,dlt and, where known, its dose. Else a row is a participant,
    in the order of treatment: level,dlt (0/1 or yes/no) and, for those in follow-up, weight (0 to 1), or follow_up in
    the unit of `window`. A blank weight or follow-up: the window is over.
    Raises:
        UsageError, InputError: with every row that cannot be read.
    """
    if (file is None) == (not outcomes):
        raise UsageError(Finding(message="no data, or two kinds of them", expected='--data FILE or --outcomes "1NNN"'))
    if file is None:
        return _from_outcomes(outcomes, doses, start)
    table = read_table(file, required=("level", "dlt"))
    return _from_counts(table, doses) if "n" in table.columns else _from_participants(table, doses, window)


def _from_outcomes(outcomes: str, doses: int | None, start: int) -> "TrialData":
    from celltrial.cli.dosing.options import read_outcomes
    from celltrial.escalation import parse_outcomes
    from celltrial.escalation.fitting import TrialData
    from celltrial.escalation.titecrm import Followed

    counts = read_outcomes(outcomes, doses=doses, start=start)
    people = [
        Followed(level=cohort.level, dlt=letter == "T", days=1.0)
        for cohort in parse_outcomes(outcomes)
        for letter in cohort.outcomes
    ]
    return TrialData(counts=counts, followed=tuple(people))


def _from_counts(table: Table, doses: int | None) -> "TrialData":
    """A row a level; the level last treated is taken to be the highest one with participants."""
    from celltrial.escalation import Counts
    from celltrial.escalation.fitting import TrialData
    from celltrial.escalation.titecrm import Followed

    reading = _Reading(table)
    rows = [
        (reading.whole(i, "level", 1), reading.whole(i, "n", 0), reading.whole(i, "dlt", 0)) for i in reading.places
    ]
    levels = reading.levels([level for level, _, _ in rows], doses, once=True)
    amounts = reading.amounts([level for level, _, _ in rows], levels)
    n, dlt = [0] * levels, [0] * levels
    for level, size, dlts in rows:
        n[level - 1], dlt[level - 1] = size, dlts
    current = max((level for level in range(1, levels + 1) if n[level - 1]), default=1)
    counts = Counts(n=tuple(n), dlt=tuple(dlt), current=current)
    people = [Followed(level=level, dlt=place < dlts, days=1.0) for level, size, dlts in rows for place in range(size)]
    return TrialData(counts=counts, followed=tuple(people), doses=amounts)


def _from_participants(table: Table, doses: int | None, window: float | None) -> "TrialData":
    """A row a participant; the level of the last row is the current one."""
    from celltrial.escalation import Counts
    from celltrial.escalation.fitting import TrialData

    reading = _Reading(table)
    length = 1.0 if window is None else window
    people = [reading.participant(i, length, has_window=window is not None) for i in reading.places]
    levels = reading.levels([each.level for each in people], doses, once=False)
    amounts = reading.amounts([each.level for each in people], levels)
    n = tuple(sum(each.level == level for each in people) for level in range(1, levels + 1))
    dlt = tuple(sum(each.level == level and each.dlt for each in people) for level in range(1, levels + 1))
    counts = Counts(n=n, dlt=dlt, current=people[-1].level if people else 1)
    return TrialData(counts=counts, followed=tuple(people), window=length, doses=amounts)


class _Reading:
    """The rows of a table as numbers; what cannot be read is kept, and raised when the levels are asked for."""

    def __init__(self, table: Table) -> None:
        self.table, self.places = table, range(len(table.rows))
        self.findings: list[Finding] = []

    def whole(self, place: int, column: str, least: int) -> int:
        """A whole number from `least`."""
        text = self._row(place)[column]
        if text.isdecimal() and int(text) >= least:
            return int(text)
        self._tell(place, f"{column} is not a whole number from {least}", repr(text), f"{least}, {least + 1}, ...")
        return least

    def participant(self, place: int, window: float, *, has_window: bool) -> "Followed":
        """One participant, with the part of the window that is over."""
        from celltrial.escalation.titecrm import Followed

        row = self._row(place)
        flag = _FLAGS.get(row["dlt"].lower())
        if flag is None:
            self._tell(place, "dlt cannot be read", repr(row["dlt"]), "0, 1, no or yes")
        weight, days = self._share(place, "weight", 1.0), self._share(place, "follow_up", None)
        if days is not None and not has_window:
            self._tell(place, "a follow-up without a window", row["follow_up"], "--window, in the same unit")
        return Followed(
            level=self.whole(place, "level", 1),
            dlt=bool(flag),
            days=(window if days is None else min(days, window)),
            weight=weight,
        )

    def levels(self, seen: list[int], doses: int | None, *, once: bool) -> int:
        """How many levels there are. Raises InputError with all that could not be read."""
        highest = max(seen, default=0)
        if not seen:
            self.findings.append(Finding(message="the file has no rows", expected="a level or a participant in each"))
        if once and len(set(seen)) < len(seen):
            twice = ", ".join(str(level) for level in sorted({level for level in seen if seen.count(level) > 1}))
            self.findings.append(Finding(message="a level has two rows", found=twice, expected="one row each"))
        if doses is not None and highest > doses:
            self.findings.append(
                Finding(message="a level beyond --doses", found=str(highest), expected=f"1 to {doses}")
            )
        if self.findings:
            raise InputError(self.findings)
        return highest if doses is None else doses

    def amounts(self, seen: list[int], levels: int) -> tuple[float, ...]:
        """The column `dose` per level; blank where it is not there for every level."""
        if "dose" not in self.table.columns:
            return ()
        found = {level: self._share(place, "dose", None) for place, level in enumerate(seen)}
        if self.findings:
            raise InputError(self.findings)
        amounts = [found.get(level) for level in range(1, levels + 1)]
        return () if None in amounts else tuple(amount for amount in amounts if amount is not None)

    def _share(self, place: int, column: str, most: float | None) -> float | None:
        """A number from 0; None where the cell is blank or the column is not there."""
        text = self._row(place).get(column, "")
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 <= number <= (most or float("inf")):
            expected = f"a number from 0 to {most:g}" if most else "a number from 0"
            self._tell(place, f"{column} cannot be", repr(text), expected)
            return None
        return number

    def _row(self, place: int) -> Mapping[str, str]:
        return self.table.rows[place]

    def _tell(self, place: int, message: str, found: str, expected: str) -> None:
        self.findings.append(Finding(message=message, source=self.table.source(place), found=found, expected=expected))
