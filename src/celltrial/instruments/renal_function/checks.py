"""What cannot be: each check gives its findings, `require` raises them all at once."""

from collections.abc import Iterable, Mapping

from celltrial.errors import Finding, UsageError
from celltrial.instruments.renal_function.exact import Exact, show_exact

__all__ = ["check_age", "check_positive", "check_words", "require"]


def require(*found: Iterable[Finding]) -> None:
    """Raise UsageError with every finding of the checks; nothing where there is none."""
    findings = [finding for each in found for finding in each]
    if findings:
        raise UsageError(findings)


def check_positive(instrument: str, given: Mapping[str, Exact | None], *, or_zero: Iterable[str] = ()) -> list[Finding]:
    """Numbers below zero, or zero where that makes no sense; None is not known and passes."""
    zero = set(or_zero)
    return [
        Finding(
            message=f"{instrument}: {name} cannot be",
            where=name,
            found=show_exact(number),
            expected="0 or more" if name in zero else "more than 0",
            next_step="check value and unit against the source",
        )
        for name, number in given.items()
        if number is not None and (number < 0 or (number == 0 and name not in zero))
    ]


def check_words(instrument: str, given: Iterable[tuple[str, str | None, tuple[str, ...]]]) -> list[Finding]:
    """Words that are not among those allowed: (name, word, allowed); None is not known and passes."""
    return [
        Finding(
            message=f"{instrument}: {name} has a value that cannot be read",
            where=name,
            found=repr(word),
            expected=", ".join(allowed),
            next_step="correct the entry",
        )
        for name, word, allowed in given
        if word is not None and word not in allowed
    ]


def check_age(instrument: str, age_years: int | None) -> list[Finding]:
    """An age in completed years that cannot be: below 0, or above 139."""
    if age_years is None or 0 <= age_years < 140:
        return []
    return [
        Finding(
            message=f"{instrument}: age_years cannot be",
            where="age_years",
            found=str(age_years),
            expected="completed years, 0 to 139",
            next_step="check birth date and date of the sample",
        )
    ]
