"""What a row of the medication log says of its dose: how often, as needed or not, and since when it has been that."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from celltrial.errors import CelltrialError
from celltrial.studyday import PartialDate, parse_partial_date
from celltrial.units import parse_number

__all__ = ["describe_frequency", "dose_stages", "read_interval"]

_EVERY = {1: "", 2: " every other day", 7: " a week", 14: " every 2 weeks", 28: " every 4 weeks"}


def dose_stages(items: Mapping[str, str], zone: ZoneInfo) -> tuple[Mapping[str, str], ...]:
    """The row, or the two it stands for where the dose has not been the same since the start.

    A drug begun in 2019 and at this dose since March 2025 was taken at a dose that the row does not tell until then.

    >>> row = {"drug": "prednisone", "dose": "5", "start": "2019", "stable_since": "2025-03-10", "ongoing": "yes"}
    >>> [(each["start"], each.get("ended", ""), each["dose"]) for each in dose_stages(row, ZoneInfo("Asia/Shanghai"))]
    [('2019', '2025-03-09', ''), ('2025-03-10', '', '5')]
    """
    since, start = _date(items.get("stable_since", ""), zone), _date(items.get("start", ""), zone)
    ended = _date(items.get("ended", ""), zone)
    if since is None or (start is not None and since.earliest <= start.latest):
        return (items,)
    if ended is not None and ended.latest < since.earliest:
        # the dates contradict each other: the row is read without the one that adds the least
        return (items,)
    before = (since.day - timedelta(days=1)).isoformat() if since.is_exact_day else since.text
    return (
        {**items, "dose": "", "standard_dose": "", "ended": before, "ongoing": "no"},
        {**items, "start": since.text},
    )


def read_interval(items: Mapping[str, str]) -> Decimal | None:
    """Days from one day of treatment to the next: 1 where the row has none; None where it cannot be read."""
    text = items.get("every_days", "").strip()
    if not text:
        return Decimal(1)
    try:
        number = parse_number(text)
    except CelltrialError:
        return None
    return number if number >= 1 else None


def describe_frequency(items: Mapping[str, str]) -> str:
    """How often, in words; blank where the row does not say.

    >>> describe_frequency({"per_day": "1", "every_days": "7"}), describe_frequency({"per_day": "2"})
    ('1 x a week', '2 x a day')
    """
    per_day, interval = items.get("per_day", "").strip(), read_interval(items)
    as_needed = items.get("as_needed", "").strip() == "yes"
    if not per_day or interval is None:
        return "as needed" if as_needed else ""
    every = " a day" if interval == 1 else _EVERY.get(int(interval), f" every {interval} days")
    return f"{per_day} x{every}" + (", as needed" if as_needed else "")


def _date(text: str, zone: ZoneInfo) -> PartialDate | None:
    try:
        return parse_partial_date(text, zone) if text.strip() else None
    except CelltrialError:
        return None
