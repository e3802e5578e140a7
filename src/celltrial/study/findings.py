"""How the checks of the study files put a problem: at the place of a node or a key, found and expected side by side."""

import difflib
from collections.abc import Collection

from celltrial.errors import Finding, Source
from celltrial.study.nodes import Node, Table

__all__ = ["finding_at", "place_of", "place_of_missing", "problem"]


def problem(message: str, node: Node | None, found: str, expected: str) -> Finding:
    """A finding at the place of a node."""
    return finding_at(node.source if node else Source(file="study.yaml", line=1), message, found, expected)


def finding_at(place: Source, message: str, found: str, expected: str) -> Finding:
    """A finding at a place."""
    return Finding(
        message=message, source=place, found=found, expected=expected, next_step="correct one of the two places"
    )


def place_of(node: Node | None, key: str) -> Source:
    """Where a key of a table stands."""
    return node.keys[key] if isinstance(node, Table) and key in node.keys else Source(file="study.yaml", line=1)


def place_of_missing(node: Node | None, name: str, known: Collection[str]) -> Source:
    """Where a missing key is missing: at a key that looks like it misspelt, or else at its table."""
    if not isinstance(node, Table):
        return Source(file="study.yaml", line=1)
    near = difflib.get_close_matches(name, [key for key in node.entries if key not in known], n=1, cutoff=0.8)
    return node.keys[near[0]] if near else node.source
