"""A result as data: which analysis, which group, which statistic, its value, its text, n of N, and where it came from.

Every number that a report prints is one of these rows, so that it leads back to subjects and to events of the record.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from celltrial.missing import NotEstimable

__all__ = ["ResultRow", "find_result", "format_count", "format_number"]

_NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One statistic of one analysis in one group.

    group:    a dose level, "Total", or a subject.
    category: what was counted or measured within the analysis: a term, a grade, a parameter, a visit.
    value:    the unrounded number, or why there is none; `text` is what a table prints.
    n, N:     the exact numerator and denominator; for a mean or median, n values of N participants.
    subjects: the participants behind `n`; `source`: the events of the record behind them, by sequence number.
    """

    analysis: str
    group: str
    category: str
    statistic: str
    value: float | NotEstimable
    text: str
    n: int
    N: int
    subjects: tuple[str, ...] = ()
    source: tuple[int, ...] = ()


def format_count(n: int, total: int) -> str:
    """The exact count with its denominator, and the percentage where it says more than the count does.

    >>> format_count(2, 3).replace(chr(160), " "), format_count(0, 3)
    ('2/3 (67 %)', '0/3')
    """
    return f"{n}/{total} ({100 * n / total:.0f}{_NO_BREAK_SPACE}%)" if n and total else f"{n}/{total}"


def format_number(value: float) -> str:
    """Three significant figures, thousands apart, no exponent.

    >>> format_number(41234.6).replace(chr(8239), " "), format_number(6.0), format_number(0.01234)
    ('41 200', '6.00', '0.0123')
    """
    if value == 0:
        return "0"
    places = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return f"{rounded:,.{max(places, 0)}f}".replace(",", "\u202f")


def find_result(rows: Iterable[ResultRow], *, group: str, category: str, statistic: str = "participants") -> ResultRow:
    """The one row of that group, category and statistic. Raises KeyError where the analysis has none."""
    for row in rows:
        if (row.group, row.category, row.statistic) == (group, category, statistic):
            return row
    raise KeyError(f"no result for group {group!r}, category {category!r}, statistic {statistic!r}")
