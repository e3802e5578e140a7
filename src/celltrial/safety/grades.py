"""A toxicity grade with its reasons, and what is shared by the instruments that are graded at the bedside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from celltrial.answers import YesNoUnknown
from celltrial.errors import Finding, UsageError
from celltrial.missing import NotGradable

__all__ = ["Grade", "YesNoUnknown", "agree_on_grade", "require_words"]


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade from 0 to 5 and what led to it."""

    value: int
    reasons: tuple[str, ...]


def require_words(instrument: str, given: Iterable[tuple[str, str, Sequence[str]]]) -> None:
    """Raise UsageError with every field whose word is not one of those allowed: (field, value, allowed)."""
    findings = [
        Finding(
            message=f"{instrument}: {field} has a value that cannot be read",
            where=field,
            found=repr(value),
            expected=", ".join(allowed),
            next_step="correct the entry",
        )
        for field, value, allowed in given
        if value not in allowed
    ]
    if findings:
        raise UsageError(findings)


def agree_on_grade(grades: Sequence[Grade], unknown: Sequence[str]) -> Grade | NotGradable:
    """The grade of an observation from the grades of its completions, with everything unknown tried each way.

    It stands where every completion gives the same value, with the reasons that all of them share; else NotGradable
    names the unknown fields and the range.
    """
    values = sorted(grade.value for grade in grades)
    fields = ", ".join(unknown)
    if values[0] != values[-1]:
        return NotGradable(f"not known: {fields}; the grade may be {values[0]} to {values[-1]}")
    if len(grades) == 1:
        return grades[0]
    shared = [reason for reason in grades[0].reasons if all(reason in grade.reasons for grade in grades)]
    return Grade(values[0], (*shared, f"whatever the value of: {fields}"))
