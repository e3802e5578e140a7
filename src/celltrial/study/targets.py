"""Everything in the study files that a sentence of the record can be bound to, as `kind:name`, with its place."""

import re
from collections.abc import Iterator, Mapping

from celltrial.errors import Source
from celltrial.study.nodes import Listing, Node, Scalar, Table, find

__all__ = ["criterion_nodes", "leaves_of", "targets_of"]

_CRITERION = re.compile(r"[IE]\d\d[a-z]*")
# kind of target -> the table of study.yaml whose keys are its names
_TABLES = {
    "dose": ("dose_levels",),
    "visit": ("visits",),
    "measure": ("measures",),
    "stopping": ("stopping_rules",),
    "endpoint": ("endpoints",),
}


def targets_of(nodes: Mapping[str, Node]) -> Mapping[str, Source]:
    """Every target there is, by name."""
    return dict(_targets(nodes))


def criterion_nodes(eligibility: Node) -> tuple[tuple[str, Table], ...]:
    """The criteria and their parts by id, in the order of the file."""
    return tuple(_criteria(eligibility))


def _criteria(node: Node) -> Iterator[tuple[str, Table]]:
    match node:
        case Table():
            own = node.entries.get("id")
            if isinstance(own, Scalar) and _CRITERION.fullmatch(own.text):
                yield own.text, node
            for child in node.entries.values():
                yield from _criteria(child)
        case Listing():
            for item in node.items:
                yield from _criteria(item)


def leaves_of(node: Node | None, path: str) -> Iterator[tuple[str, Source]]:
    """The single values under a node by their dotted path; `assumption` is not one of them."""
    match node:
        case Table():
            for key, child in node.entries.items():
                if key != "assumption":
                    yield from leaves_of(child, f"{path}.{key}")
        case Scalar():
            yield path, node.source


def _targets(nodes: Mapping[str, Node]) -> Iterator[tuple[str, Source]]:
    study = nodes["study.yaml"]
    yield from _paths(study, "study", ":")
    yield from _paths(find(study, "design"), "design", ":")
    yield from _paths(find(study, "dlt"), "dlt", ":")
    for kind, path in _TABLES.items():
        yield from _keys(find(study, *path), kind)
    for kind, file in (("form", "forms.yaml"), ("question", "questions.yaml"), ("assumption", "assumptions.yaml")):
        yield from _keys(nodes[file], kind)
    forms = nodes["forms.yaml"]
    for form in forms.entries if isinstance(forms, Table) else ():
        yield from _keys(find(forms, form, "items"), f"form:{form}", ".")
    for criterion, node in criterion_nodes(nodes["eligibility.yaml"]):
        yield f"criterion:{criterion}", node.source


def _keys(node: Node | None, kind: str, sign: str = ":") -> Iterator[tuple[str, Source]]:
    if isinstance(node, Table):
        yield from ((f"{kind}{sign}{key}", place) for key, place in node.keys.items() if key != "assumption")


def _paths(node: Node | None, path: str, sign: str) -> Iterator[tuple[str, Source]]:
    """Every table and value under a node, by its dotted path."""
    if isinstance(node, Table):
        for key, child in node.entries.items():
            yield f"{path}{sign}{key}", node.keys[key]
            yield from _paths(child, f"{path}{sign}{key}", ".")
