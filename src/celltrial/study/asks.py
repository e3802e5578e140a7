"""What the criteria ask for against what the forms can answer: a word that no form takes stays unknown for ever."""

from collections.abc import Iterator, Mapping

from celltrial.errors import Finding
from celltrial.study.files import ELIGIBILITY
from celltrial.study.findings import problem
from celltrial.study.nodes import Listing, Node, Scalar, Table, entries, find, named, scalar, scalars

__all__ = ["check_asks"]

# a key of the criteria -> the kind of facts it asks for, and the item whose choices are its words
_ASKS = {
    "attested": ("attestation", "statement"),
    "judged": ("judgement", "question"),
    "drug": ("medication", "drug_class"),
    "therapy": ("medication", "drug_class"),
    "without": ("medication", "drug_class"),
    "daily_dose": ("medication", "drug_class"),
    "stable_dose": ("medication", "drug_class"),
}


def check_asks(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    """Every word of a criterion that is not a choice of the form item it is looked for in. An open item takes any."""
    forms = nodes["forms.yaml"]
    for key, (yields, item) in _ASKS.items():
        choices = _choices(forms, yields, item)
        for word in named(nodes[ELIGIBILITY], key):
            if choices and word.text not in choices:
                yield problem(f"no form takes this word as {item}", word, word.text, ", ".join(choices))
    for criterion in _findings_asked(nodes[ELIGIBILITY]):
        asked = find(criterion, "finding")
        if not _has_item(forms, scalar(asked)):
            yield problem("no form has this finding as an item", asked, scalar(asked), "an item of a form of findings")
            continue
        for key, item in (("is_one_of", scalar(asked)), ("activity", "activity")):
            node = find(criterion, key)
            choices = _choices(forms, "finding", item)
            for word in (node,) if isinstance(node, Scalar) else scalars(node):
                if choices and word.text not in choices:
                    yield problem(f"no form takes this word as {item}", word, word.text, ", ".join(choices))


def _choices(forms: Node, yields: str, item: str) -> tuple[str, ...]:
    """The choices of an item in all forms that yield such facts; none where the item is open."""
    return tuple(
        choice.text
        for _, form in entries(forms)
        if scalar(find(form, "yields")) == yields
        for choice in scalars(find(form, "items", item, "choices"))
    )


def _has_item(forms: Node, item: str) -> bool:
    return any(
        find(form, "items", item) is not None for _, form in entries(forms) if scalar(find(form, "yields")) == "finding"
    )


def _findings_asked(node: Node) -> Iterator[Table]:
    match node:
        case Table():
            if "finding" in node.entries:
                yield node
            for child in node.entries.values():
                yield from _findings_asked(child)
        case Listing():
            for item in node.items:
                yield from _findings_asked(item)
