"""A toxicity grade with its reasons, and what is shared by the instruments that are graded at the bedside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from celltrial.errors import Finding, UsageError

__all__ = ["Grade", "YesNoUnknown", "require_words"]

YesNoUnknown = Literal["yes", "no", "unknown"]


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
