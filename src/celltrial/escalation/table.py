"""Decision tables: what a design does for every number of DLTs, before anybody is treated, for people to read."""

from dataclasses import dataclass

from celltrial.errors import Finding, UsageError
from celltrial.escalation.decision import Letter
from celltrial.escalation.design import Design
from celltrial.escalation.rules import Eliminate, ExtraSafe

__all__ = ["DecisionTable", "TableCell", "TableRow", "decision_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCell:
    """The decision for `dlts` of `n` at one level: E, S, D or DU, and why."""

    n: int
    dlts: int
    letter: Letter
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """The boundaries for `n` evaluable at a level; None where no number of DLTs leads there.

    stop_lowest_ge: DLTs at the lowest level that stop the trial, where the design has `extra_safe`.
    """

    n: int
    escalate_le: int | None
    deescalate_ge: int | None
    eliminate_ge: int | None
    stop_lowest_ge: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable:
    """The table of a design up to some number of evaluable participants at a level.

    It shows the base rule and what eliminates; rules that look beyond the level (`max_n`, `stop_at_n`, the ends of the
    list of levels) act in `Design.decide` only.
    """

    design: str
    target: float
    figures: tuple[tuple[str, float], ...]
    rows: tuple[TableRow, ...]
    cells: tuple[TableCell, ...]

    def cell(self, dlts: int, n: int) -> TableCell:
        """The cell for `dlts` of `n`. Raises KeyError outside the table."""
        if not 0 <= dlts <= n or not 1 <= n <= len(self.rows):
            raise KeyError((dlts, n))
        # before row n there are 2 + 3 + ... + n cells
        return self.cells[(n - 1) * (n + 2) // 2 + dlts]

    def to_json(self) -> dict[str, object]:
        """The document of `celltrial dose table --json`."""
        rows = [_row_to_json(row) for row in self.rows]
        return {"design": self.design, "target": self.target, **dict(self.figures), "rows": rows}


def _row_to_json(row: TableRow) -> dict[str, int | None]:
    document: dict[str, int | None] = {
        "n": row.n,
        "escalate_le": row.escalate_le,
        "deescalate_ge": row.deescalate_ge,
        "eliminate_ge": row.eliminate_ge,
    }
    return document if row.stop_lowest_ge is None else document | {"stop_lowest_ge": row.stop_lowest_ge}


def decision_table(design: Design, max_n: int) -> DecisionTable:
    """Tabulate a design for 1 to `max_n` evaluable participants at a level.

    Raises:
        UsageError: max_n under 1.

    >>> from celltrial.escalation.named import design_named
    >>> decision_table(design_named("boin", target=0.30), 6).rows[-1]
    TableRow(n=6, escalate_le=1, deescalate_ge=3, eliminate_ge=4, stop_lowest_ge=None)
    """
    if max_n < 1:
        raise UsageError(Finding(message="a table needs a size", found=f"max_n {max_n}", expected="1 or more"))
    cells = tuple(_cell(design, dlts, n) for n in range(1, max_n + 1) for dlts in range(n + 1))
    return DecisionTable(
        design=design.name,
        target=design.target,
        figures=design.base.figures,
        rows=tuple(_row(design, n, [cell for cell in cells if cell.n == n]) for n in range(1, max_n + 1)),
        cells=cells,
    )


def _cell(design: Design, dlts: int, n: int) -> TableCell:
    base = design.base.cell(dlts, n)
    eliminates = [rule for rule in design.rules if isinstance(rule, Eliminate)]
    letter: Letter = "DU" if any(rule.is_eliminated(dlts, n) for rule in eliminates) else base.letter
    return TableCell(
        n=n, dlts=dlts, letter=letter, reason="; ".join((base.reason, *(rule.reason(dlts, n) for rule in eliminates)))
    )


def _row(design: Design, n: int, cells: list[TableCell]) -> TableRow:
    extra = [rule for rule in design.rules if isinstance(rule, ExtraSafe)]
    return TableRow(
        n=n,
        escalate_le=max((cell.dlts for cell in cells if cell.letter == "E"), default=None),
        deescalate_ge=min((cell.dlts for cell in cells if cell.letter in ("D", "DU")), default=None),
        eliminate_ge=min((cell.dlts for cell in cells if cell.letter == "DU"), default=None),
        stop_lowest_ge=min((y for y in range(n + 1) if any(rule.is_too_toxic(y, n) for rule in extra)), default=None),
    )
