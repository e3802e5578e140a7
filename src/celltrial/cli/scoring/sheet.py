"""A sheet: the columns an instrument reads from a CSV file and adds to it, how a row is scored, how cells are read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.units import parse_number

__all__ = ["Sheet", "pairs", "read_cells", "read_wholes", "whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The columns of a file, what is added to it, and how a row is scored.

    columns: what the instrument asks for; a file with none of them is another file; one that lacks some has those
        unknown.
    score: a row's texts -> the values of `added`, in order; None becomes a blank cell.
    """

    label: str
    columns: tuple[str, ...]
    added: tuple[str, ...]
    score: Callable[[Mapping[str, str]], Sequence[object]]
    optional: tuple[str, ...] = ()


def read_cells(row: Mapping[str, str], numbers: Iterable[str]) -> dict[str, Decimal | None]:
    """The named cells as numbers; None where blank or without a column.

    Raises InputError with every cell that is not a number.
    """
    read: dict[str, Decimal | None] = {}
    findings = []
    for name in numbers:
        text = row.get(name, "")
        try:
            read[name] = parse_number(text) if text else None
        except CelltrialError:
            findings.append(
                Finding(
                    message=f"{name} is not a number",
                    where=name,
                    found=repr(text),
                    expected="a number, or blank where it is not known",
                    next_step="correct the cell",
                )
            )
    if findings:
        raise InputError(findings)
    return read


def read_wholes(row: Mapping[str, str], numbers: Iterable[str]) -> dict[str, int | None]:
    """The named cells as whole numbers; None where blank or without a column.

    Raises InputError with every cell that is not a number, or else with every one that is not whole.
    """
    read = read_cells(row, numbers)
    findings = [
        Finding(
            message=f"{name} is not a whole number",
            where=name,
            found=repr(row[name]),
            expected="a whole number, or blank where it is not known",
            next_step="correct the cell",
        )
        for name, number in read.items()
        if number is not None and number != number.to_integral_value()
    ]
    if findings:
        raise InputError(findings)
    return {name: None if number is None else int(number) for name, number in read.items()}


def pairs(points: Mapping[str, int]) -> str:
    """`name=value` of what is not 0, separated by semicolons."""
    return ";".join(f"{name}={value}" for name, value in points.items() if value)


def whole(number: float | None) -> int | None:
    """A lower bound as a cell."""
    return None if number is None else int(number)
