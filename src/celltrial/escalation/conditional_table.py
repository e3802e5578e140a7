"""Decision tables of any design, for one level while the others stand as they have been seen.

A rule like BOIN looks at the current level alone, so one table serves for the whole trial. A model-based design (CRM,
BLRM), and any design with wrappers that look around, decides on all levels together. Its table is conditional: the
counts of the other levels are held as they are, and each cell asks what the complete design would propose if the
level had `dlts` in `n`. The cells are `Design.decide` itself, so limits, stops and the ends of the list are in them.

Two things are read as they have to be: the level of the table is the current one, whatever has been seen elsewhere, and
the last cohort is not known, since a cell may have come about in several ways; a design that looks at the last cohort
(the CRM's coherence) says in its reason what it takes in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from celltrial.errors import Finding, UsageError
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Action, Decision, Letter
from celltrial.escalation.design import Design
from celltrial.escalation.notation import describe_counts

__all__ = ["ConditionalCell", "ConditionalRow", "ConditionalTable", "conditional_table", "is_model_based"]

_LETTERS: dict[Action, Letter] = {Action.ESCALATE: "E", Action.STAY: "S", Action.DE_ESCALATE: "D"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalCell:
    """What the design proposes when the level has `dlts` in `n`.

    letter: E, S, D as in a decision table, DU when the level is also eliminated, X when the design stops the trial.
    next_level: where the next cohort goes; None when it stops.
    """

    n: int
    dlts: int
    letter: str
    next_level: int | None
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The reasons in one line."""
        return "; ".join(self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalRow:
    """The boundaries for `n` evaluable at the level; None where no number of DLTs leads there.

    stop_ge: the fewest DLTs from which on every number of DLTs stops the trial.
    """

    n: int
    escalate_le: int | None
    deescalate_ge: int | None
    eliminate_ge: int | None
    stop_ge: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalTable:
    """The table of a design for one level; `given`: the counts, of which those at `level` are replaced in each cell."""

    design: str
    target: float
    level: int
    given: Counts
    rows: tuple[ConditionalRow, ...]
    cells: tuple[ConditionalCell, ...]

    @property
    def condition(self) -> str:
        """What the table holds fixed, in words."""
        elsewhere = _without(self.given, self.level)
        seen = describe_counts(elsewhere.n, elsewhere.dlt)
        return f"for level {self.level} of {self.given.levels}; seen at the others: {seen}"

    def cell(self, dlts: int, n: int) -> ConditionalCell:
        """The cell for `dlts` of `n`. Raises KeyError outside the table."""
        if not 0 <= dlts <= n or not 1 <= n <= len(self.rows):
            raise KeyError((dlts, n))
        return self.cells[(n - 1) * (n + 2) // 2 + dlts]

    def to_json(self) -> dict[str, object]:
        """The document of `celltrial dose table --json`, with what it is given."""
        elsewhere = _without(self.given, self.level)
        return {
            "design": self.design,
            "target": self.target,
            "level": self.level,
            "given": {"n": list(elsewhere.n), "dlt": list(elsewhere.dlt)},
            "rows": [_row_to_json(row) for row in self.rows],
        }


def _row_to_json(row: ConditionalRow) -> dict[str, int | None]:
    document: dict[str, int | None] = {
        "n": row.n,
        "escalate_le": row.escalate_le,
        "deescalate_ge": row.deescalate_ge,
        "eliminate_ge": row.eliminate_ge,
    }
    return document | {"stop_ge": row.stop_ge}


def is_model_based(design: Design) -> bool:
    """Whether the design fits a model to all levels, so that it has no table for one level alone.

    >>> from celltrial.escalation.named import design_named
    >>> is_model_based(design_named("crm", target=0.30)), is_model_based(design_named("boin", target=0.30))
    (True, False)
    """
    return hasattr(design.base, "fit")


def conditional_table(design: Design, given: Counts, *, max_n: int, level: int | None = None) -> ConditionalTable:
    """Tabulate a design for 1 to `max_n` evaluable at `level` (the current one by default), the others as given.

    Raises:
        UsageError: max_n under 1, or no such level.

    >>> from celltrial.escalation.named import design_named
    >>> seen = Counts(n=(3, 0, 0), dlt=(0, 0, 0))
    >>> table = conditional_table(design_named("boin", target=0.30), seen, max_n=3, level=2)
    >>> [cell.letter for cell in table.cells if cell.n == 3]
    ['E', 'S', 'D', 'DU']
    """
    at = given.current if level is None else level
    if max_n < 1:
        raise UsageError(Finding(message="a table needs a size", found=f"max_n {max_n}", expected="1 or more"))
    if not 1 <= at <= given.levels:
        raise UsageError(Finding(message="no such level", found=str(at), expected=f"1 to {given.levels}"))
    cells = tuple(_cell(design, given, at, dlts, n) for n in range(1, max_n + 1) for dlts in range(n + 1))
    return ConditionalTable(
        design=design.name,
        target=design.target,
        level=at,
        given=given,
        rows=tuple(_row(n, [cell for cell in cells if cell.n == n]) for n in range(1, max_n + 1)),
        cells=cells,
    )


def _without(given: Counts, level: int) -> Counts:
    return _replace(given, level, 0, 0)


def _replace(given: Counts, level: int, dlts: int, n: int) -> Counts:
    sizes, seen = list(given.n), list(given.dlt)
    sizes[level - 1], seen[level - 1] = n, dlts
    return Counts(n=tuple(sizes), dlt=tuple(seen), current=level)


def _cell(design: Design, given: Counts, level: int, dlts: int, n: int) -> ConditionalCell:
    decision = design.decide(_replace(given, level, dlts, n))
    return ConditionalCell(
        n=n, dlts=dlts, letter=_letter(decision, level), next_level=decision.level, reasons=decision.reasons
    )


def _letter(decision: Decision, level: int) -> str:
    if decision.action is Action.STOP:
        return "X"
    return "DU" if level in decision.eliminated else _LETTERS[decision.action]


def _row(n: int, cells: Sequence[ConditionalCell]) -> ConditionalRow:
    return ConditionalRow(
        n=n,
        escalate_le=max((cell.dlts for cell in cells if cell.letter == "E"), default=None),
        deescalate_ge=min((cell.dlts for cell in cells if cell.letter in ("D", "DU")), default=None),
        eliminate_ge=min((cell.dlts for cell in cells if cell.letter == "DU"), default=None),
        stop_ge=_stops_from(cells),
    )


def _stops_from(cells: Sequence[ConditionalCell]) -> int | None:
    """The fewest DLTs from which on all stop: a stop for precision or size in between is in the cells."""
    going = [cell.dlts for cell in cells if cell.letter != "X"]
    first = max(going, default=-1) + 1
    return first if first <= cells[-1].dlts else None
