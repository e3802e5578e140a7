"""A decision as data: what to do next, at which level, why, and from what. Nothing here draws, prints or remembers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from celltrial.escalation.counts import Counts

__all__ = ["Action", "Cell", "Decision", "Inputs", "Letter", "Proposal"]

Letter: TypeAlias = Literal["E", "S", "D", "DU"]


class Action(StrEnum):
    """What a design proposes; a person decides."""

    ESCALATE = "escalate"
    STAY = "stay"
    DE_ESCALATE = "de-escalate"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a decision table: E escalate, S stay, D de-escalate, DU de-escalate and never come back; and why."""

    letter: Letter
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What passes from a base rule through the wrappers: the next level, or a stop, with the reasons so far.

    level: the level proposed for the next cohort, 1-based; ignored when `stop`.
    eliminated_from: the lowest level ruled out as too toxic; it and all above it are out.
    mtd: the maximum tolerated dose, where the rule itself declares it (3+3).
    size: how many the next cohort is to have, where the rule says so (A+B, titration); None: as many as planned.
    """

    level: int
    reasons: tuple[str, ...] = ()
    stop: bool = False
    eliminated_from: int | None = None
    mtd: int | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a decision was made from, complete: the same inputs give the same decision."""

    design: str
    target: float
    parameters: tuple[tuple[str, float | str], ...]
    rules: tuple[str, ...]
    counts: Counts

    def to_json(self) -> dict[str, object]:
        """The inputs as one JSON object."""
        return {
            "design": self.design,
            "target": self.target,
            "parameters": dict(self.parameters),
            "rules": list(self.rules),
            "n": list(self.counts.n),
            "dlt": list(self.counts.dlt),
            "current": self.counts.current,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A proposal for the next cohort.

    level: where the next cohort goes, 1-based; None when the proposal is to stop.
    reasons: one sentence each, the base rule's first, then those of the wrappers that had something to say.
    eliminated: levels ruled out as too toxic.
    mtd: the maximum tolerated dose where the rule itself declares one; other designs have `select_mtd` for it.
    size: how many the next cohort is to have, where the design limits it (titration, a sentinel, A+B); None: as many as
          the trial plans.
    """

    action: Action
    level: int | None
    reasons: tuple[str, ...]
    eliminated: tuple[int, ...]
    inputs: Inputs
    mtd: int | None = None
    size: int | None = None

    def to_json(self) -> dict[str, object]:
        """The decision as one JSON object; `size` only where the design limits the next cohort."""
        document: dict[str, object] = {
            "action": self.action.value,
            "level": self.level,
            "reasons": list(self.reasons),
            "eliminated": list(self.eliminated),
            "mtd": self.mtd,
            "inputs": self.inputs.to_json(),
        }
        return document if self.size is None else document | {"size": self.size}
