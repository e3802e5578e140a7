"""Rows of dose-level tables from result rows: one column a level, whether or not anyone has been treated there."""

from collections.abc import Iterable, Mapping

from celltrial.analyses import TOTAL, ResultRow
from celltrial.reports.content import Cell, Row, result_cell

__all__ = ["NOBODY", "head_row", "index_rows", "level_cells"]

NOBODY = Cell(text="–", title="nobody has been infused at this level", mark="zero")
Key = tuple[str, str, str]


def index_rows(rows: Iterable[ResultRow]) -> dict[Key, ResultRow]:
    """Result rows by group, category and statistic."""
    return {(row.group, row.category, row.statistic): row for row in rows}


def level_cells(
    found: Mapping[Key, ResultRow], levels: tuple[str, ...], category: str, statistic: str = "participants"
) -> tuple[Cell, ...]:
    """One cell for each level and the total."""
    keys = [(group, category, statistic) for group in (*levels, TOTAL)]
    return tuple(result_cell(found[key]) if key in found else NOBODY for key in keys)


def head_row(
    found: Mapping[Key, ResultRow], levels: tuple[str, ...], category: str, statistic: str = "participants"
) -> Row:
    """The row of denominators: `N = 3` for each level and the total."""
    keys = [(group, category, statistic) for group in (*levels, TOTAL)]
    counts = [found[key].N if key in found else 0 for key in keys]
    return Row(cells=(Cell(text="Participants infused"), *(Cell(text=f"N = {n}") for n in counts)), kind="strong")
