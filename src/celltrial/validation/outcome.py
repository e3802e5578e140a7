"""What a qualification finds: the result of a test, of a check, and the words for how something stands."""

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Check", "Status", "TestResult"]


class Status(StrEnum):
    """How a check or a requirement stands. Only `FAILED` is a failure; all but `PASSED` come with a reason."""

    PASSED = "passed"
    FAILED = "failed"
    PARTLY = "passed in part"
    NOT_RUN = "not run"
    PROCEDURE = "procedure"
    NOT_YET = "not yet"
    NOTED = "noted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """One test: `outcome` is passed, failed, error or skipped; `message` says why where it did not pass."""

    __test__ = False  # the name begins with Test, and it is none

    node: str
    outcome: str
    seconds: float
    message: str = ""

    def to_json(self) -> dict[str, object]:
        """One JSON object."""
        return {"node": self.node, "outcome": self.outcome, "seconds": self.seconds, "message": self.message}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One look at the installation or at a study: what was found, what was expected, and how it stands."""

    id: str
    title: str
    status: Status
    found: str
    expected: str = ""
    details: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, object]:
        """One JSON object."""
        return {
            "id": self.id,
            "title": self.title,
            "status": self.status.value,
            "found": self.found,
            "expected": self.expected,
            "details": list(self.details),
        }
