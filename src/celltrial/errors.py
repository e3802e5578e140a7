"""Findings and exceptions: what is wrong, where, what was found and expected, the rule, one next step.

A check returns findings, all of them; an exception carries findings and is raised only where work cannot go on.

    CelltrialError
    ├── UsageError            wrong use or bad input          exit code 2
    │   ├── UnitError         a unit that cannot be read or converted
    │   ├── DateError         a date that cannot be read
    │   ├── StudyError        the study files do not load
    │   └── InputError        a file given to a command cannot be used
    └── RefusedError          a rule of the trial refuses     exit code 1
        ├── StaleError        the record has moved on since it was read
        └── TamperedError     the record does not verify
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = [
    "CelltrialError",
    "DateError",
    "Finding",
    "InputError",
    "RefusedError",
    "Source",
    "StaleError",
    "StudyError",
    "TamperedError",
    "UnitError",
    "UsageError",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place in a file: where a finding comes from, or where a definition stands."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem, in the order a reader needs it.

    message: what is wrong, in one sentence.
    source:  file and line, where there is a file.
    where:   subject, visit, form, item, event: whatever names the place in the trial.
    found, expected: the value as it was found, and what would have been right.
    rule:    the rule that asks for it, with its source (protocol section, paper, standard).
    next_step: one thing to do now.
    """

    message: str
    source: Source | None = None
    where: str = ""
    found: str = ""
    expected: str = ""
    rule: str = ""
    next_step: str = ""

    def __str__(self) -> str:
        head = f"{self.source}: {self.message}" if self.source else self.message
        parts = [f"{self.where}: {head}" if self.where and not self.source else head]
        if self.where and self.source:
            parts.append(f"at {self.where}")
        labelled = (("found", self.found), ("expected", self.expected), ("rule", self.rule), ("next", self.next_step))
        parts += [f"{label}: {text}" for label, text in labelled if text]
        return " | ".join(parts)

    def to_json(self) -> dict[str, str | int | None]:
        """The finding as one JSON object, the shape every command prints."""
        return {
            "message": self.message,
            "file": self.source.file if self.source else None,
            "line": self.source.line if self.source else None,
            "where": self.where,
            "found": self.found,
            "expected": self.expected,
            "rule": self.rule,
            "next_step": self.next_step,
        }


class CelltrialError(Exception):
    """The root of all errors a user may meet; carries its findings."""

    exit_code = 2

    def __init__(self, problem: str | Finding | Iterable[Finding]) -> None:
        match problem:
            case str():
                self.findings: Sequence[Finding] = (Finding(message=problem),)
            case Finding():
                self.findings = (problem,)
            case _:
                self.findings = tuple(problem)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class UsageError(CelltrialError):
    """Wrong use or bad input."""


class UnitError(UsageError):
    """A unit that cannot be read, or two units that cannot be compared."""


class DateError(UsageError):
    """A date that cannot be read."""


class StudyError(UsageError):
    """Study files that do not load."""


class InputError(UsageError):
    """A file given to a command that cannot be used as it is."""


class RefusedError(CelltrialError):
    """A rule of the trial refuses the action."""

    exit_code = 1


class StaleError(RefusedError):
    """The record has moved on since the writer read it."""


class TamperedError(RefusedError):
    """The record does not verify."""
