"""Yes, no or unknown: answers with their reasons, and what follows from several of them.

The connectives are Kleene's strong three-valued logic: an "and" is no as soon as one part is no, an "or" yes as soon as
one is yes; else what is unknown leaves the whole unknown. A missing value never becomes "no".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Literal

__all__ = ["Conclusion", "Condition", "YesNoUnknown", "all_of", "any_of", "conclude", "hold_against", "negate"]

YesNoUnknown = Literal["yes", "no", "unknown"]
Operator = Literal["<", "<=", ">", ">=", "="]

_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq}
_NOT: dict[YesNoUnknown, YesNoUnknown] = {"yes": "no", "no": "yes", "unknown": "unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One part of a definition: its name, whether it holds, and why (with the number and the limit)."""

    name: str
    answer: YesNoUnknown
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """Whether a definition is met, with each of its conditions in the published order.

    flags: what a reader must know beside the answer, such as a value that lies exactly on a disputed boundary.
    """

    answer: YesNoUnknown
    conditions: tuple[Condition, ...]
    flags: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """What decides: the conditions that fail; without one, those that are unknown; where met, all of them."""
        for answer in ("no", "unknown", "yes"):
            deciding = [f"{each.name}: {each.reason}" for each in self.conditions if each.answer == answer]
            if answer == self.answer and deciding:
                return "; ".join(deciding)
        return "; ".join(f"{each.name}: {each.reason}" for each in self.conditions)


def all_of(answers: Iterable[YesNoUnknown]) -> YesNoUnknown:
    """The "and"; of nothing: yes.

    >>> all_of(["yes", "unknown"]), all_of(["no", "unknown"])
    ('unknown', 'no')
    """
    given = set(answers)
    return "no" if "no" in given else "unknown" if "unknown" in given else "yes"


def any_of(answers: Iterable[YesNoUnknown]) -> YesNoUnknown:
    """The "or"; of nothing: no."""
    return _NOT[all_of(_NOT[each] for each in answers)]


def negate(answer: YesNoUnknown) -> YesNoUnknown:
    """The "not": unknown stays unknown."""
    return _NOT[answer]


def conclude(conditions: Iterable[Condition], flags: Iterable[str] = ()) -> Conclusion:
    """Met where every condition holds; not met as soon as one does not."""
    parts = tuple(conditions)
    return Conclusion(answer=all_of(each.answer for each in parts), conditions=parts, flags=tuple(flags))


def hold_against(
    name: str, value: Decimal | int | None, operator: Operator, limit: Decimal | int, unit: str = ""
) -> Condition:
    """The condition `value <operator> limit`, unrounded; unknown where there is no value.

    >>> hold_against("PGA", Decimal("0.5"), "<", Decimal("0.5"))
    Condition(name='PGA', answer='no', reason='0.5, needs < 0.5')
    """
    behind = f" {unit}" if unit else ""
    goal = f"needs {operator} {limit}{behind}"
    if value is None:
        return Condition(name=name, answer="unknown", reason=f"not known; {goal}")
    answer: YesNoUnknown = "yes" if _COMPARE[operator](value, limit) else "no"
    return Condition(name=name, answer=answer, reason=f"{value}{behind}, {goal}")
