"""What the tests show of the requirements, and whether the whole has passed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from celltrial.validation.binding import bound_tests
from celltrial.validation.outcome import Check, Status, TestResult
from celltrial.validation.requirements import Requirement

__all__ = ["Qualification", "RequirementResult", "asked_of", "judge"]

_QUICK = "only requirements of high risk, without tests that take long, were asked for (--quick)"
_LEFT_OUT = "tests that take long were left out (--quick)"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementResult:
    """How a requirement stands; `why` says so in words where it did not simply pass."""

    requirement: Requirement
    status: Status
    why: str
    tests: tuple[TestResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """All that was found: of the requirements, the installation, and the study (no check where no study was given)."""

    requirements: tuple[RequirementResult, ...]
    installation: tuple[Check, ...]
    study: tuple[Check, ...]
    broken_files: tuple[str, ...]
    unnamed_modules: tuple[str, ...]

    @property
    def counts(self) -> Mapping[Status, int]:
        """How many requirements stand in each way."""
        counted = Counter(each.status for each in self.requirements)
        return {status: counted[status] for status in Status if counted[status]}

    @property
    def has_failed(self) -> bool:
        """Whether anything failed: a requirement, a check, or a test file that could not be read."""
        stated = [each.status for each in self.requirements]
        stated += [each.status for each in (*self.installation, *self.study)]
        return Status.FAILED in stated or bool(self.broken_files)

    @property
    def tests(self) -> tuple[TestResult, ...]:
        """Every test that was run, once."""
        return tuple({each.node: each for result in self.requirements for each in result.tests}.values())


def asked_of(requirement: Requirement, *, is_quick: bool) -> tuple[str, ...]:
    """The tests of a requirement that are to be run; quickly: only of high risk, and none that takes long."""
    if not is_quick:
        return requirement.tests
    if requirement.risk != "high":
        return ()
    return tuple(each for each in requirement.tests if each not in requirement.long)


def judge(
    requirements: Sequence[Requirement], results: Sequence[TestResult], *, is_quick: bool
) -> tuple[RequirementResult, ...]:
    """Each requirement with the results of its tests, in the order of the file."""
    by_node = {each.node: each for each in results}
    found = bound_tests((pattern for each in requirements for pattern in each.tests), by_node)
    return tuple(_judge_one(each, asked_of(each, is_quick=is_quick), found, by_node) for each in requirements)


def _judge_one(
    requirement: Requirement,
    asked: tuple[str, ...],
    found: Mapping[str, tuple[str, ...]],
    by_node: Mapping[str, TestResult],
) -> RequirementResult:
    nodes = dict.fromkeys(node for pattern in asked for node in found[pattern])
    tests = tuple(by_node[node] for node in nodes)
    status, why = _stand(requirement, asked, found, tests)
    return RequirementResult(requirement=requirement, status=status, why=why, tests=tests)


def _stand(
    requirement: Requirement, asked: tuple[str, ...], found: Mapping[str, tuple[str, ...]], tests: Sequence[TestResult]
) -> tuple[Status, str]:
    if requirement.procedure:
        return Status.PROCEDURE, requirement.procedure
    if requirement.not_yet:
        return Status.NOT_YET, requirement.not_yet
    if not asked:
        return Status.NOT_RUN, _QUICK
    if absent := [pattern for pattern in asked if not found[pattern]]:
        return Status.FAILED, "no result of " + ", ".join(absent)
    if bad := [each for each in tests if each.outcome in ("failed", "error")]:
        return Status.FAILED, f"{len(bad)} of {len(tests)} tests failed"
    skipped = [each for each in tests if each.outcome == "skipped"]
    reasons = "; ".join(dict.fromkeys(each.message for each in skipped))
    if len(skipped) == len(tests):
        return Status.NOT_RUN, f"every test was skipped: {reasons}"
    if skipped:
        return Status.PARTLY, f"{len(skipped)} of {len(tests)} tests were skipped: {reasons}"
    if len(asked) < len(requirement.tests):
        return Status.PARTLY, _LEFT_OUT
    return Status.PASSED, ""
