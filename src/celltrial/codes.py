"""Identifiers as types: a subject, an event type and an analyte cannot be taken for one another.

Each is a `str` checked when it is made, so a wrong identifier fails where it enters and not where it is used.
"""

import re
from typing import ClassVar, Self

from celltrial.errors import Finding, UsageError

__all__ = ["AnalyteCode", "CriterionId", "DoseLevelId", "FormId", "ItemId", "PersonId", "SubjectId", "VisitId"]


class _Code(str):
    """A checked string; subclasses name their pattern and show an example of it."""

    __slots__ = ()
    pattern: ClassVar[re.Pattern[str]]
    example: ClassVar[str]

    def __new__(cls, text: str) -> Self:
        if not cls.pattern.fullmatch(text):
            raise UsageError(
                Finding(
                    message=f"not a valid {cls.__name__}",
                    found=repr(str(text)),
                    expected=f"like {cls.example!r} ({cls.pattern.pattern})",
                    next_step="correct the identifier",
                )
            )
        return super().__new__(cls, text)


class SubjectId(_Code):
    """A participant or candidate within the study, e.g. site and running number.

    >>> SubjectId("01-003")
    '01-003'
    """

    __slots__ = ()
    pattern = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
    example = "01-003"


class PersonId(_Code):
    """A person who acts in the trial: never deleted, never reissued."""

    __slots__ = ()
    pattern = re.compile(r"[a-z][a-z0-9._-]{0,63}")
    example = "coordinator.chen"


class _Name(_Code):
    __slots__ = ()
    pattern = re.compile(r"[a-z][a-z0-9_]*")
    example = "hemoglobin"


class AnalyteCode(_Name):
    """What was measured: `hemoglobin`, `alt`, `car_transgene`."""

    __slots__ = ()


class FormId(_Name):
    """A form of the study: `labs`, `sledai_2k`."""

    __slots__ = ()
    example = "labs"


class ItemId(_Name):
    """An item of a form: `value`, `unit`."""

    __slots__ = ()
    example = "value"


class VisitId(_Code):
    """A visit of the schedule of activities: `SCR`, `D14`, `M6`."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z][A-Z0-9_-]{0,15}")
    example = "D28"


class DoseLevelId(_Code):
    """A dose level: `DL1`, or `DL1.5` for an intermediate one."""

    __slots__ = ()
    pattern = re.compile(r"DL-?[0-9]+(\.[0-9]+)?")
    example = "DL2"


class CriterionId(_Code):
    """An eligibility criterion or a leaf of one: `I10`, `I10c`."""

    __slots__ = ()
    pattern = re.compile(r"[IE][0-9]{2}[a-z]*")
    example = "I10c"
