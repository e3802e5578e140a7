"""What a study file may say, as data: specifications of nodes, and one function that checks a node against one.

`keys` is a table with named keys, `table` a table with ids of its own, `listing` a list; the leaves say which texts
they take and how to write them. `check_node` yields every difference as a finding with file and line.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from celltrial.errors import CelltrialError, Finding, Source
from celltrial.study.nodes import Broken, Listing, Node, Scalar, Table
from celltrial.studyday import parse_span, site_zone
from celltrial.units import analytes

__all__ = [
    "Keys",
    "Leaf",
    "ListOf",
    "OneOrMore",
    "Spec",
    "TableOf",
    "check_node",
    "choice",
    "code",
    "day",
    "flag",
    "keys",
    "listing",
    "may_be_blank",
    "number",
    "one_or_more",
    "pattern",
    "quantity_unit",
    "span",
    "table",
    "text",
    "whole",
    "zone",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A single value: `accepts` its text, `expected` says what it takes; `choices` where the list is closed.

    is_secret: what was found instead may hold a password, and no finding repeats it.
    """

    expected: str
    accepts: Callable[[str], bool]
    choices: tuple[str, ...] = ()
    flag: bool = False
    is_secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list of nodes of one kind."""

    of: "Spec"
    at_least: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOf:
    """A table whose keys are ids, each holding a node of one kind; `besides` are named keys that are no entries."""

    key: Leaf
    of: "Spec"
    at_least: int = 1
    besides: Mapping[str, "Spec"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOrMore:
    """A single value, or a list of them."""

    of: Leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A table with named keys: those it must have and those it may have."""

    required: Mapping[str, "Spec"]
    optional: Mapping[str, "Spec"]


Spec = Leaf | ListOf | OneOrMore | TableOf | Keys

# what YAML 1.1 readers take for true, false or nothing: as a text it must be quoted, so that every reader agrees
_YAML_TRAPS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "~"})


def text() -> Leaf:
    """Any text that is not blank."""
    return Leaf(expected="a text that is not blank", accepts=lambda value: bool(value.strip()))


def may_be_blank() -> Leaf:
    """Any text, the empty one too."""
    return Leaf(expected="a text, or '' for none", accepts=lambda _: True)


def choice(*choices: str) -> Leaf:
    """One of a closed list."""
    return Leaf(expected="one of " + ", ".join(choices), accepts=lambda value: value in choices, choices=choices)


def flag() -> Leaf:
    """true or false."""
    return Leaf(expected="true or false", accepts=lambda value: value in ("true", "false"), flag=True)


def whole(low: int, high: int) -> Leaf:
    """A whole number between two limits, both allowed."""

    def accepts(value: str) -> bool:
        return re.fullmatch(r"-?\d{1,9}", value) is not None and low <= int(value) <= high

    return Leaf(expected=f"a whole number from {low} to {high}", accepts=accepts)


def number(low: str, high: str) -> Leaf:
    """A number between two limits, both allowed; `3.0e8` is one too."""

    def accepts(value: str) -> bool:
        try:
            return Decimal(low) <= Decimal(value) <= Decimal(high)
        except InvalidOperation:
            return False

    return Leaf(expected=f"a number from {low} to {high}", accepts=accepts)


def pattern(expression: str, expected: str, *, is_secret: bool = False) -> Leaf:
    """A text of one shape."""
    compiled = re.compile(expression)
    return Leaf(expected=expected, accepts=lambda value: compiled.fullmatch(value) is not None, is_secret=is_secret)


def code(kind: Callable[[str], object], example: str) -> Leaf:
    """An identifier of `codes`."""
    return Leaf(expected=f"an id like {example}", accepts=lambda value: _readable(kind, value))


def span() -> Leaf:
    """A length of time, `2 weeks`."""
    return Leaf(
        expected="a length of time like '72 hours' or '2 weeks'", accepts=lambda value: _readable(parse_span, value)
    )


def zone() -> Leaf:
    """A time zone by its IANA name."""
    return Leaf(expected="an IANA time zone like Asia/Shanghai", accepts=lambda value: _readable(site_zone, value))


def day() -> Leaf:
    """A calendar day."""

    def accepts(value: str) -> bool:
        try:
            return date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False

    return Leaf(expected="a day, YYYY-MM-DD", accepts=accepts)


def quantity_unit() -> Leaf:
    """The canonical unit of one of the analytes."""
    units = tuple(sorted({each.unit for each in analytes().values()}))
    return Leaf(expected="a unit of analytes.csv, e.g. copies/ug", accepts=lambda value: value in units, choices=units)


def listing(of: Spec, *, at_least: int = 1) -> ListOf:
    """A list with at least so many items."""
    return ListOf(of=of, at_least=at_least)


def one_or_more(of: Leaf) -> OneOrMore:
    """A single value, or a list of them."""
    return OneOrMore(of=of)


def table(key: Leaf, of: Spec, *, at_least: int = 1, besides: Mapping[str, Spec] | None = None) -> TableOf:
    """A table with ids for keys and at least so many entries."""
    return TableOf(key=key, of=of, at_least=at_least, besides=besides or {})


def keys(required: Mapping[str, Spec], optional: Mapping[str, Spec] | None = None) -> Keys:
    """A table with named keys."""
    return Keys(required=required, optional=optional or {})


def check_node(node: Node, spec: Spec, where: str) -> Iterator[Finding]:
    """Every difference between a node and its specification; `where` names the node for the reader."""
    match spec, node:
        case Leaf(), Scalar():
            yield from _check_scalar(node, spec, where)
        case ListOf(), Listing():
            if len(node.items) < spec.at_least:
                yield _differs(node.source, where, f"{len(node.items)} items", f"at least {spec.at_least}")
            for n, item in enumerate(node.items, start=1):
                yield from check_node(item, spec.of, f"{where}[{n}]")
        case OneOrMore(), Scalar():
            yield from _check_scalar(node, spec.of, where)
        case OneOrMore(), Listing():
            yield from check_node(node, ListOf(of=spec.of), where)
        case TableOf(), Table():
            yield from _check_table(node, spec, where)
        case Keys(), Table():
            yield from _check_keys(node, spec, where)
        case _, Broken():
            pass  # its syntax is the problem to solve first
        case _:
            yield _differs(node.source, where, _describe(node), _describe_spec(spec))


def _check_scalar(node: Scalar, spec: Leaf, where: str) -> Iterator[Finding]:
    if not spec.accepts(node.text):
        near = difflib.get_close_matches(node.text, spec.choices, n=1)
        shown = "a text that may hold a password; not shown" if spec.is_secret else repr(node.text)
        found = shown if node.text.strip() else "nothing"
        yield _differs(node.source, where, found, spec.expected, f"did you mean {near[0]!r}?" if near else "")
    elif not node.quoted and not spec.flag and node.text.lower() in _YAML_TRAPS:
        message = "an unquoted word that YAML readers take for true, false or nothing"
        yield Finding(
            message=message,
            source=node.source,
            where=where,
            found=node.text,
            expected=f'"{node.text}"',
            next_step="put it in quotes",
        )


def _check_table(node: Table, spec: TableOf, where: str) -> Iterator[Finding]:
    entries = {key: child for key, child in node.entries.items() if key not in spec.besides}
    if len(entries) < spec.at_least:
        yield _differs(node.source, where, f"{len(entries)} entries", f"at least {spec.at_least}")
    if spec.besides:
        others = {key: child for key, child in node.entries.items() if key in spec.besides}
        yield from _check_keys(Table(entries=others, keys=node.keys, source=node.source), keys(spec.besides), where)
    for key, child in entries.items():
        if not spec.key.accepts(key):
            yield _differs(node.keys[key], where, f"the key {key!r}", spec.key.expected)
        yield from check_node(child, spec.of, f"{where}.{key}" if where else key)


def _check_keys(node: Table, spec: Keys, where: str) -> Iterator[Finding]:
    known = {**spec.required, **spec.optional}
    for key in spec.required:
        if key not in node.entries:
            name = f"{where}.{key}" if where else key
            yield Finding(
                message=f"the key {key!r} is missing",
                source=node.source,
                where=where,
                found="keys " + (", ".join(node.entries) or "none"),
                expected=name,
                next_step=f"add `{key}:` with {_describe_spec(spec.required[key])}",
            )
    for key, child in node.entries.items():
        name = f"{where}.{key}" if where else key
        if key in known:
            yield from check_node(child, known[key], name)
        else:
            near = difflib.get_close_matches(key, known, n=1)
            yield Finding(
                message=f"unknown key {key!r}",
                source=node.keys[key],
                where=where,
                found=key,
                expected="one of " + ", ".join(known),
                next_step=f"did you mean {near[0]!r}?" if near else "remove it, or correct its name",
            )


def _differs(source: Source, where: str, found: str, expected: str, next_step: str = "") -> Finding:
    return Finding(
        message="not what is expected here",
        source=source,
        where=where,
        found=found,
        expected=expected,
        next_step=next_step or "correct this line",
    )


def _describe(node: Node) -> str:
    match node:
        case Scalar():
            return repr(node.text) if node.text.strip() else "nothing"
        case Listing():
            return "a list"
        case Broken():
            return "an entry that cannot be read"
        case Table():
            return "a table with keys " + ", ".join(node.entries)


def _describe_spec(spec: Spec) -> str:
    match spec:
        case Leaf():
            return spec.expected
        case OneOrMore():
            return spec.of.expected + ", or a list of them"
        case ListOf():
            return "a list"
        case TableOf():
            return "a table of entries by id"
        case Keys():
            return "a table with the keys " + ", ".join(spec.required)


def _readable(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except CelltrialError:
        return False
    return True
