"""A+B designs: A participants, B more where their DLTs leave it open, up or down by thresholds; 3+3 is one of them.

Source: Lin & Shih (2001), Statistical properties of the traditional algorithm-based designs for phase I cancer
clinical trials, Biostatistics 2(2):203-215; exact results to compare with: Wheeler et al. (2016), AplusB, PLoS ONE
11(7):e0159026.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, Literal, TypeAlias, get_args

from celltrial.errors import Finding, UsageError
from celltrial.escalation.binomial import check_rate
from celltrial.escalation.counts import Counts
from celltrial.escalation.decision import Cell, Proposal
from celltrial.escalation.rules import check_whole

__all__ = ["APlusB", "Variant"]

Variant: TypeAlias = Literal["stop", "de-escalate", "six"]


@dataclass(frozen=True, slots=True, kw_only=True)
class APlusB:
    """The A+B rule; the sizes of its cohorts are its own, `a` for a new level and `b` to complete one.

    a, b: participants of the first and the second cohort at a level.
    c: fewer than `c` DLTs in `a`: go up.
    d: `c` to `d` DLTs in `a`: `b` more at the level; more than `d`: too toxic.
    e: at most `e` DLTs in `a` + `b`: go up; more: too toxic.
    variant: "stop" - too toxic ends the trial, the MTD is the level below (A+B without de-escalation);
        "de-escalate" - go down, complete a level below that has only `a`, and go down again where it is too toxic;
        "six" - as before, and the MTD must have `a` + `b`, also where the highest level is reached.
    `target` is not used by the rule; it stands beside the decision and serves wrappers.
    """

    declares_mtd: ClassVar[bool] = True
    target: float
    a: int = 3
    b: int = 3
    c: int = 1
    d: int = 1
    e: int = 1
    variant: Variant = "de-escalate"

    def __post_init__(self) -> None:
        problems = [*check_rate("the target DLT rate", self.target)]
        problems += [*check_whole("a", self.a), *check_whole("b", self.b)]
        if not 0 <= self.c <= self.d + 1 <= self.a + 1 or not 0 <= self.e <= self.a + self.b:
            problems.append(
                Finding(
                    message="the thresholds of A+B are not in order",
                    found=f"a {self.a}, b {self.b}, c {self.c}, d {self.d}, e {self.e}",
                    expected="0 <= c <= d + 1 <= a + 1 and 0 <= e <= a + b",
                    rule="Lin & Shih (2001)",
                )
            )
        if self.variant not in get_args(Variant):
            expected = ", ".join(get_args(Variant))
            problems.append(Finding(message="no such variant of A+B", found=repr(self.variant), expected=expected))
        if problems:
            raise UsageError(problems)

    @property
    def name(self) -> str:
        """`a+b`."""
        return "a+b"

    @property
    def parameters(self) -> tuple[tuple[str, float | str], ...]:
        """`a` to `e` and `variant`."""
        numbers = (("a", self.a), ("b", self.b), ("c", self.c), ("d", self.d), ("e", self.e))
        return (*numbers, ("variant", self.variant))

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """None: the rule has no boundary of rates."""
        return ()

    @property
    def complete(self) -> int:
        """Participants at a level that is complete."""
        return self.a + self.b

    def cell(self, dlts: int, n: int) -> Cell:
        """The cell of the rule for one level."""
        return _judge(self, dlts, n)

    def propose(self, counts: Counts) -> Proposal:
        """The cell of the current level, then what the levels around it allow.

        A level below the current one can become too toxic late, by a DLT adjudicated after the escalation: then it, and
        all above it, are too toxic, whatever the current cell says.
        """
        below = range(1, counts.current)
        lowest = next((level for level in below if self._is_too_toxic(*counts.at(level))), None)
        if lowest is not None:
            dlts, n = counts.at(lowest)
            late = f"level {lowest}, below the current one, has {dlts} DLTs in {n}"
            return self._go_down(Proposal(level=counts.current, reasons=(late,)), counts, lowest)
        dlts, n = counts.at(counts.current)
        if n == 0:
            reason = f"level {counts.current} has no evaluable participant yet: treat there first"
            return Proposal(level=counts.current, size=self.a, reasons=(reason,))
        cell = self.cell(dlts, n)
        stay = Proposal(level=counts.current, size=self._rest(n), reasons=(cell.reason,))
        match cell.letter:
            case "E":
                return self._go_up(stay, counts)
            case "S":
                return stay
            case "D" | "DU":
                return self._go_down(stay, counts, counts.current)

    def _is_too_toxic(self, dlts: int, n: int) -> bool:
        return n > 0 and self.cell(dlts, n).letter == "D"

    def _rest(self, n: int) -> int:
        """What the cohort that is not complete lacks."""
        return self.a - n if n < self.a else max(self.complete - n, 1)

    def _go_up(self, stay: Proposal, counts: Counts) -> Proposal:
        level, n = counts.current, counts.n[counts.current - 1]
        above = counts.next_above(level)
        if above is not None and not self._is_too_toxic(*counts.at(above)):
            return replace(stay, level=above, size=self._rest(counts.n[above - 1]))
        why = f"level {level} is the highest" if above is None else f"level {above} had {counts.dlt[above - 1]} DLTs"
        must_complete = self.variant == "six" or (self.variant == "de-escalate" and above is not None)
        if must_complete and n < self.complete:
            return _with(stay, f"{why}: complete {self.complete} at level {level}")
        return replace(_with(stay, f"{why}: level {level} is the MTD, stop"), stop=True, mtd=level)

    def _go_down(self, stay: Proposal, counts: Counts, lowest_too_toxic: int) -> Proposal:
        level = counts.next_below(lowest_too_toxic)
        if level == 0:
            return replace(_with(stay, "no level below: no dose is declared tolerable, stop"), stop=True)
        n = counts.n[level - 1]
        if n >= self.complete or (self.variant == "stop" and n >= self.a):
            return replace(_with(stay, f"level {level} below is the MTD, stop"), stop=True, mtd=level)
        lowered = replace(stay, level=level, size=self._rest(n))
        return _with(lowered, f"level {level} has {n} of {self.complete}: complete it")


def _with(proposal: Proposal, reason: str) -> Proposal:
    return replace(proposal, reasons=(*proposal.reasons, reason))


@lru_cache(maxsize=4096)
def _judge(rule: APlusB, dlts: int, n: int) -> Cell:
    """Numbers other than a and a + b are read from the published cells where these decide; else complete the cohort."""
    note = "" if n in (rule.a, rule.complete) else " (not a cell of the published rule)"
    too_many = max(rule.d, rule.e)
    if n < rule.a:
        if dlts > too_many:
            return Cell("D", f"{dlts}/{n}: more than {too_many} DLTs{note}")
        return Cell("S", f"{dlts}/{n}: fewer than {rule.a} evaluable, complete the cohort{note}")
    if n < rule.complete:
        if n == rule.a and dlts > rule.d:
            return Cell("D", f"{dlts}/{n}: more than {rule.d} DLTs in {rule.a}")
        if n > rule.a and dlts > too_many:
            return Cell("D", f"{dlts}/{n}: more than {too_many} DLTs{note}")
        if dlts < rule.c:
            return Cell("E", f"{dlts}/{n}: fewer than {rule.c} DLTs in {rule.a}{note}")
        return Cell("S", f"{dlts}/{n}: {rule.c} or more DLTs, complete {rule.complete}{note}")
    if dlts <= rule.e:
        return Cell("E", f"{dlts}/{n}: at most {rule.e} DLTs in {rule.complete}{note}")
    return Cell("D", f"{dlts}/{n}: more than {rule.e} DLTs in {rule.complete}{note}")
