"""Which tests a requirement names: a file, a test with all its parameters, or one of these."""

from collections.abc import Iterable

__all__ = ["bound_tests", "is_bound"]


def is_bound(pattern: str, node: str) -> bool:
    """Whether a node id is the one named, or one of those that the pattern stands for.

    >>> is_bound("tests/a.py::test_x", "tests/a.py::test_x[1]"), is_bound("tests/a.py::test_x", "tests/a.py::test_xy")
    (True, False)
    """
    return node == pattern or node.startswith((f"{pattern}::", f"{pattern}["))


def bound_tests(patterns: Iterable[str], nodes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each pattern the node ids that it stands for, in their order; none where it stands for nothing."""
    nodes = tuple(nodes)
    by_file: dict[str, list[str]] = {}
    for node in nodes:
        by_file.setdefault(node.partition("::")[0], []).append(node)
    return {
        pattern: tuple(node for node in by_file.get(pattern.partition("::")[0], ()) if is_bound(pattern, node))
        for pattern in patterns
    }
