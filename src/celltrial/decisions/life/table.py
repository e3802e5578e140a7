"""The table of a participant's life: states, the events allowed in each, and which event leads from which to which.

The table is data (states.csv, allowed.csv, moves.csv); here it is read. `walk.py` follows a participant through it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from celltrial.record.bodies import AdverseEvent, Body, EligibilitySignature, Withdrawal
from celltrial.tables import read_package_table

__all__ = ["FINAL_GROUPS", "LOCKED", "Allowance", "LifeRow", "Move", "about", "allowance", "life_rows", "moves"]

# nobody has to move these on; a lock may follow, and be lifted
FINAL_GROUPS = ("over", "locked")
LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeRow:
    """A state: its meaning, the role that owns it, the step that it waits for, in words."""

    state: str
    group: str
    means: str
    owner: str
    next_step: str
    refusal: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Where an event is allowed; in `late` only what had happened before the end. once: there is one at most."""

    event: str
    about: str
    allowed: frozenset[str]
    late: frozenset[str]
    once: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An event that leads on: from these states to that one; `arrives`: from any other too."""

    event: str
    about: str
    origins: frozenset[str]
    to: str
    arrives: bool


@cache
def life_rows() -> Mapping[str, LifeRow]:
    """The states in the order of a life.

    >>> list(life_rows())[:3]
    ['none', 'consented', 'screening']
    """
    return {row["state"]: LifeRow(**row) for row in read_package_table(__package__, "states.csv")}


@cache
def moves() -> Mapping[tuple[str, str], tuple[Move, ...]]:
    """(event, what of it decides) to the moves it may make."""
    found: dict[tuple[str, str], tuple[Move, ...]] = {}
    for row in read_package_table(__package__, "moves.csv"):
        move = Move(
            event=row["event"],
            about=row["about"],
            origins=_states(row["from"]),
            to=row["to"],
            arrives=row["arrives"] == "yes",
        )
        key = (move.event, move.about)
        found[key] = (*found.get(key, ()), move)
    return found


def allowance(event: str, what: str) -> Allowance | None:
    """The row of an event type, by its first word of `about` where rows differ; None: it never names a participant."""
    return _allowances().get((event, what.partition(" ")[0])) or _allowances().get((event, ""))


def about(body: Body) -> str:
    """What of an event decides where it leads: stage and verdict, scope of leaving, a fatal outcome.

    >>> from celltrial.record.bodies import Withdrawal
    >>> about(Withdrawal(on="2026-01-05", scope="study", reason="death"))
    'death'
    """
    match body:
        case EligibilitySignature():
            return f"{body.stage} {body.verdict}"
        case Withdrawal():
            return "death" if body.reason == "death" else body.scope
        case AdverseEvent() if body.outcome == "fatal":
            return "fatal"
        case _:
            return ""


@cache
def _allowances() -> Mapping[tuple[str, str], Allowance]:
    return {
        (row["event"], row["about"]): Allowance(
            event=row["event"],
            about=row["about"],
            allowed=_states(row["allowed"]),
            late=_states(row["late"]),
            once=row["once"] == "yes",
            source=row["source"],
        )
        for row in read_package_table(__package__, "allowed.csv")
    }


def _states(text: str) -> frozenset[str]:
    """States by their names, or by the names of their groups. Raises KeyError for a word that is neither."""
    groups: dict[str, set[str]] = {}
    for row in life_rows().values():
        groups.setdefault(row.group, set()).add(row.state)
    words = [word for word in text.split("|") if word]
    return frozenset(state for word in words for state in ({word} if word in life_rows() else groups[word]))
