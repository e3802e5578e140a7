"""A requirement, results and a qualification made by hand."""

from datetime import UTC, datetime

from celltrial.errors import Source
from celltrial.validation.document import Occasion
from celltrial.validation.judging import Qualification, judge
from celltrial.validation.outcome import Check, Status, TestResult
from celltrial.validation.requirements import Requirement

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
OCCASION = Occasion(
    person="qa.sun",
    printed_name="Sun <b>Li</b>",
    computer="ward-7",
    began_at=START,
    ended_at=START.replace(minute=4),
    is_quick=False,
)


def requirement(number: int = 1, **changes: object) -> Requirement:
    fields: dict[str, object] = {
        "id": f"URS-{number:03d}",
        "group": "a group",
        "text": "It does what it says",
        "sources": ("21 CFR 11.10(a)",),
        "risk": "high",
        "why": "harm",
        "tests": ("tests/a.py::test_x",),
        "long": (),
        "procedure": "",
        "not_yet": "",
        "site": "",
        "source": Source(file="urs.yaml", line=number),
    }
    return Requirement(**(fields | changes))  # type: ignore[arg-type]  # the fields by name


def result(node: str, outcome: str = "passed", message: str = "") -> TestResult:
    return TestResult(node=node, outcome=outcome, seconds=0.5, message=message)


def check(status: Status = Status.PASSED, name: str = "IQ-1") -> Check:
    return Check(id=name, title="Version", status=status, found="0.1.0", expected="0.1.0")


def qualification(*results: TestResult, checks: tuple[Check, ...] = (), is_quick: bool = False) -> Qualification:
    """One requirement by tests, one by procedure, one not yet."""
    requirements = (
        requirement(1),
        requirement(2, tests=(), procedure="a person signs"),
        requirement(3, tests=(), not_yet="not built"),
    )
    return Qualification(
        requirements=judge(requirements, results, is_quick=is_quick),
        installation=checks or (check(),),
        study=(),
        broken_files=(),
        unnamed_modules=("tests/b.py",),
    )
