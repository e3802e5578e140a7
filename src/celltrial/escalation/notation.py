"""Outcomes written as people write them, `1NNN 2NNT`, from cohorts and back; reading is `parse_outcomes`."""

from collections.abc import Iterable, Sequence

from celltrial.errors import Finding, UsageError
from celltrial.escalation.counts import Cohort, Counts, count_cohorts, parse_outcomes

__all__ = ["describe_counts", "read_history", "write_cohort", "write_outcomes"]


def write_cohort(level: int, n: int, dlts: int) -> str:
    """A cohort of `n` with `dlts` DLTs at a level; those without a DLT first, since the order inside does not matter.

    >>> write_cohort(2, 3, 1)
    '2NNT'
    """
    return f"{level}{'N' * (n - dlts)}{'T' * dlts}"


def write_outcomes(cohorts: Iterable[Cohort]) -> str:
    """Cohorts in field notation, with a blank between them.

    >>> write_outcomes(parse_outcomes("1NTN  2T"))
    '1NNT 2T'
    """
    return " ".join(write_cohort(each.level, each.n, each.dlts) for each in cohorts)


def read_history(text: str, *, levels: int, start: int = 1) -> Counts:
    """The counts after these cohorts, with the last one remembered.

    Args:
        text: cohorts in field notation, in order; blank: nobody has been treated.
        levels: how many dose levels there are.
        start: the level of the first cohort, where there is none yet.
    Raises:
        UsageError: a cohort that cannot be read, or at a level that does not exist.

    >>> read_history("1NNN 2NNT", levels=3)
    Counts(n=(3, 3, 0), dlt=(0, 1, 0), current=2)
    """
    if not 1 <= start <= max(levels, 1) or levels < 1:
        found, expected = f"start {start}, {levels} levels", "a level of the list"
        raise UsageError(Finding(message="the starting level does not exist", found=found, expected=expected))
    return count_cohorts(parse_outcomes(text), levels=levels, start=start)


def describe_counts(n: Sequence[int], dlt: Sequence[int], names: Sequence[str] = ()) -> str:
    """`DL1 0/3, DL2 1/6`: levels with somebody evaluable; names default to `level 1` and so on.

    >>> describe_counts((3, 6, 0), (0, 1, 0))
    'level 1 0/3, level 2 1/6'
    """
    shown = names or [f"level {level}" for level in range(1, len(n) + 1)]
    parts = [f"{name} {dlts}/{size}" for name, size, dlts in zip(shown, n, dlt, strict=True) if size]
    return ", ".join(parts) or "nobody evaluable"
