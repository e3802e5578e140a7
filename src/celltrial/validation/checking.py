"""Do the requirements hold together with the tests there are? What the ordinary test suite asks at every change."""

from collections.abc import Iterable, Iterator, Sequence

from celltrial.errors import Finding
from celltrial.validation.binding import bound_tests
from celltrial.validation.requirements import Requirement

__all__ = ["check_requirements", "unnamed_modules"]


def check_requirements(requirements: Sequence[Requirement], nodes: Iterable[str]) -> tuple[Finding, ...]:
    """Each binding that leads to no test. `nodes`: the ids of the tests as pytest collected them."""
    found = bound_tests((pattern for each in requirements for pattern in each.tests), nodes)
    return tuple(
        Finding(
            message=f"{each.id} names a test that is not there",
            source=each.source,
            found=pattern,
            expected="a test that pytest collects",
            rule="a requirement without a test is not shown to be met",
            next_step="bind it to a test that proves it, or say `procedure:` or `not yet:` with the reason",
        )
        for each in requirements
        for pattern in each.tests
        if not found[pattern]
    )


def unnamed_modules(requirements: Sequence[Requirement], nodes: Iterable[str]) -> tuple[str, ...]:
    """The test files of which no requirement names a single test: for information, they are no fault."""
    named = set(_files(pattern for each in requirements for pattern in each.tests))
    return tuple(sorted(set(_files(nodes)) - named))


def _files(nodes: Iterable[str]) -> Iterator[str]:
    return (node.partition("::")[0] for node in nodes)
