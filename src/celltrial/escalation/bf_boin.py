"""BF-BOIN: BOIN that takes further participants at levels below the current one, and reconciles what they show.

Backfilled participants make the data of lower levels grow while the escalation goes on, so a lower level can say
something else than the current one. The conflict rule pools: from the highest lower level that conflicts up to the
current one, DLTs and participants are added up and the pooled rate decides.

- The current level says "escalate": a lower level conflicts when it does not. It says anything else: a lower level
  conflicts when it says "de-escalate". Without a conflict the current level's cell decides, as in BOIN.
- Pooled rate at most lambda_e: escalate. At least lambda_d: go to the highest level, from the conflicting one up, whose
  rate pooled from there is below lambda_d; none: to the level below the conflicting one. Between: stay.

Which levels are open to backfilling is `open_levels`. Sources: Zhao, Yuan, Korn & Freidlin (2024), Backfilling patients
in phase I dose-escalation trials using BOIN, Clin Cancer Res 30(4):673-679; read as the R package bfboin 0.1.1 (Magirr
and Zhang) implements it, which compares itself with the paper's tables. Not as there: elimination is the wrapper
`Eliminate`, which judges every level and not the current one only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from celltrial.escalation.base import propose_one_step
from celltrial.escalation.binomial import format_beside
from celltrial.escalation.boin import Boin
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Cell, Proposal

__all__ = ["BfBoin", "open_levels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BfBoin:
    """The BF-BOIN rule: BOIN with its conflict rule. `p_saf` and `p_tox` default to 0.6 and 1.4 times the target."""

    target: float
    p_saf: float | None = None
    p_tox: float | None = None

    def __post_init__(self) -> None:
        Boin(target=self.target, p_saf=self.p_saf, p_tox=self.p_tox)

    @property
    def name(self) -> str:
        """`bf-boin`."""
        return "bf-boin"

    @property
    def boin(self) -> Boin:
        """The rule at one level."""
        return Boin(target=self.target, p_saf=self.p_saf, p_tox=self.p_tox)

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """`p_saf` and `p_tox`."""
        return tuple((name, value) for name, value in self.boin.parameters if name in ("p_saf", "p_tox"))

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """`lambda_e` and `lambda_d`."""
        return self.boin.figures

    def cell(self, dlts: int, n: int) -> Cell:
        """BOIN's cell."""
        return self.boin.cell(dlts, n)

    def propose(self, counts: Counts) -> Proposal:
        """The cell of the current level, or the pooled rate where a lower level conflicts with it."""
        alone = propose_one_step(self, counts)
        if counts.n[counts.current - 1] == 0:
            return alone
        conflicting = self._find_conflict(counts)
        return alone if conflicting is None else self._pool(counts, conflicting, alone)

    def _find_conflict(self, counts: Counts) -> int | None:
        """The highest lower level whose cell conflicts with that of the current level."""
        current = self._letter(counts, counts.current)
        lower = [level for level in range(1, counts.current) if counts.n[level - 1] > 0]
        against = ("S", "D") if current == "E" else ("D",)
        return max((level for level in lower if self._letter(counts, level) in against), default=None)

    def _letter(self, counts: Counts, level: int) -> str:
        return self.cell(*counts.at(level)).letter

    def _pool(self, counts: Counts, conflicting: int, alone: Proposal) -> Proposal:
        lambda_e, lambda_d = (value for _, value in self.figures)
        levels = range(conflicting, counts.current + 1)
        dlts = list(accumulate(counts.dlt[level - 1] for level in levels))
        n = list(accumulate(counts.n[level - 1] for level in levels))
        rate = dlts[-1] / n[-1]
        cell = self.cell(*counts.at(conflicting))
        reasons = (
            *alone.reasons[:1],
            f"level {conflicting} conflicts: {cell.reason}",
            f"levels {conflicting} to {counts.current} pooled: {self.cell(dlts[-1], n[-1]).reason}",
        )
        if rate <= lambda_e:
            above = counts.next_above(counts.current)
            return Proposal(level=counts.current if above is None else above, reasons=reasons)
        if rate < lambda_d:
            return Proposal(level=counts.current, reasons=reasons)
        safe = [level for level, y, m in zip(levels, dlts, n, strict=True) if y / m < lambda_d]
        level = max(safe) if safe else counts.next_below(conflicting)
        return Proposal(level=level, reasons=(*reasons, _say_where(level, conflicting, bool(safe))))


def _say_where(level: int, conflicting: int, is_safe: bool) -> str:
    if is_safe:
        return f"level {level} is the highest whose rate, pooled from level {conflicting}, is below lambda_d"
    return f"no level from {conflicting} up has a pooled rate below lambda_d: level {level}"


def open_levels(
    counts: Counts, *, assigned: Sequence[int], active: Sequence[bool], cap: int, lambda_d: float
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The levels open to backfilling now, and for each level below the current one why it is open or not.

    A level below the current one is open when activity has been seen there, fewer than `cap` participants have been
    assigned to it, and it is not too toxic: its DLT rate, or the one pooled with the next level up, is below lambda_d.
    A level that is too toxic closes those above it.

    Args:
        counts: outcomes known now, of escalation and backfill; `current` is the level of the escalation.
        assigned: participants assigned per level, outcomes known or not.
        active: whether activity (a response; else what the protocol asks for) has been seen, per level.
    Source: Zhao et al. (2024), as in the R package bfboin 0.1.1; there a level closes only above `cap` ("<="), here
        it closes at `cap`, which is how both describe it.

    >>> open_levels(Counts(n=(3, 3, 0), dlt=(0, 0, 0), current=3), assigned=(3, 3, 3),
    ...     active=(True, True, False), cap=12, lambda_d=0.359)[0]
    (1, 2)
    """
    open_now: list[int] = []
    reasons: list[str] = []
    closed_by: int | None = None
    for level in range(1, counts.current):
        alone, pooled = _rate(counts, level, level), _rate(counts, level, level + 1)
        if closed_by is None and min(alone, pooled) >= lambda_d:
            closed_by = level
        if closed_by is not None:
            shown, beside = format_beside(alone, lambda_d, 3)
            why = f"level {level} is closed: DLT rate {shown}, with the next level {pooled:.3f}, lambda_d {beside}"
            reasons.append(why if closed_by == level else f"level {level} is closed: level {closed_by} is too toxic")
        elif not active[level - 1]:
            reasons.append(f"level {level} is closed: no activity seen yet")
        elif assigned[level - 1] >= cap:
            reasons.append(f"level {level} is closed: {assigned[level - 1]} of {cap} assigned")
        else:
            open_now.append(level)
            reasons.append(f"level {level} is open: {assigned[level - 1]} of {cap} assigned")
    return tuple(open_now), tuple(reasons)


def _rate(counts: Counts, low: int, high: int) -> float:
    """DLT rate of levels `low` to `high` together; 0 where nobody is evaluable."""
    n = sum(counts.n[low - 1 : high])
    return sum(counts.dlt[low - 1 : high]) / n if n else 0.0
