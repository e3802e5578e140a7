"""Laboratory results of an analysis data set as the methods take them: a number, below a limit, or not known."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from celltrial.errors import UnitError
from celltrial.missing import Blq
from celltrial.units import parse_number

__all__ = ["lowest_of_days", "order_of_result", "read_result"]


def read_result(value: float | None, text: str | None) -> Decimal | Blq | None:
    """A result; one reported as below a limit stays so.

    >>> read_result(None, "<5"), read_result(7.0, "7"), read_result(None, "clotted")
    (Blq(lloq=Decimal('5')), Decimal('7.0'), None)
    """
    shown = (text or "").strip()
    if not shown.startswith("<"):
        return None if value is None else Decimal(str(value))
    try:
        return Blq(parse_number(shown.lstrip("<= ")))
    except UnitError:
        return None


def lowest_of_days(rows: Iterable[Mapping[str, Any]]) -> dict[int, Decimal | Blq | None]:
    """Study day -> the lowest result of the day, in time; None where none of the day is known."""
    by_day: dict[int, list[Decimal | Blq]] = {}
    for row in rows:
        value = read_result(row["AVAL"], row["AVALC"])
        by_day.setdefault(int(row["ADY"]), []).extend([] if value is None else [value])
    return {day: min(values, key=order_of_result, default=None) for day, values in sorted(by_day.items())}


def order_of_result(value: Decimal | Blq | None) -> tuple[int, Decimal]:
    """For sorting: below a limit is lower than any number; not known comes last."""
    if value is None:
        return (2, Decimal(0))
    return (0, value.lloq) if isinstance(value, Blq) else (1, value)
