"""Under which condition a rule is read: the words of the column `given`, and comparisons such as `change > 20`."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast, get_args

from celltrial.errors import Finding, UsageError

__all__ = ["Condition", "Operand", "Operator", "Word", "read_condition"]

Operator = Literal["<", "<=", ">", ">=", "missing"]
Operand = Literal["absolute", "lln", "uln", "baseline", "percent_change", "change", "mi_limit", "any"]
Word = Literal[
    "above_baseline",
    "baseline_above_uln",
    "baseline_high",
    "baseline_low",
    "baseline_missing",
    "baseline_not_above_uln",
    "baseline_not_high",
    "baseline_not_low",
    "below_lln",
    "mi_limit_missing",
    "uln_missing",
]
Compared = Literal["value", "baseline", "change"]

_COMPARISON = re.compile(r"(?P<name>value|baseline|change) (?P<operator><=|>=|<|>) (?P<limit>-?[0-9.]+)")


@dataclass(frozen=True, slots=True)
class Condition:
    """A word, or a comparison of a number with a limit; one that is not known does not hold."""

    text: str
    word: Word | None = None
    name: Compared | None = None
    operator: Operator | None = None
    limit: Decimal = Decimal(0)

    def __str__(self) -> str:
        return self.text.replace("_", " ")


def read_condition(text: str) -> Condition:
    """The condition that a cell of a rule table says. Raises UsageError for one that the engine does not know.

    >>> read_condition("change > 20").limit
    Decimal('20')
    """
    if text in get_args(Word):
        return Condition(text, word=cast("Word", text))
    match = _COMPARISON.fullmatch(text)
    if match is None:
        raise UsageError(Finding(message="a condition in the CTCAE table that the engine does not know", found=text))
    name, operator = cast("Compared", match["name"]), cast("Operator", match["operator"])
    return Condition(text, name=name, operator=operator, limit=Decimal(match["limit"]))
