"""Daily counts in short: `0-4:2000 5:500` is 2000 on each of the days 0 to 4, and 500 on day 5."""

from decimal import Decimal

from celltrial.safety.icaht import Count

__all__ = ["counts_of"]


def counts_of(text: str) -> list[Count]:
    """Write the counts out."""
    counts = []
    for part in text.split():
        days, _, value = part.partition(":")
        first, _, last = days.partition("-")
        counts += [Count(day=day, value=Decimal(value)) for day in range(int(first), int(last or first) + 1)]
    return counts
