"""YAML text read into located nodes: every scalar is text with its file and line, and no value has been guessed yet.

YAML alone would turn `no` into False and `01` into 1; here a value is what was typed until the schema says what it is.
Each entry at the left margin is read on its own: a syntax error in one entry does not hide what is wrong in the next.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from celltrial.errors import Finding, Source

__all__ = [
    "Broken",
    "Listing",
    "Node",
    "Scalar",
    "Table",
    "entries",
    "find",
    "locate",
    "named",
    "parse_nodes",
    "scalar",
    "scalars",
    "to_plain",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One value, as typed; `tag` is what YAML 1.2 takes it for when unquoted: str, int, float, bool or null."""

    text: str
    tag: str
    quoted: bool
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of nodes."""

    items: tuple["Node", ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A mapping: `entries` by key, `keys` the keys with their places. `source` is where its own key stands."""

    entries: Mapping[str, "Node"] = field(default_factory=dict)
    keys: Mapping[str, Source] = field(default_factory=dict)
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An entry that cannot be read as YAML: it is there, and nothing more is known of it."""

    source: Source


Node = Scalar | Listing | Table | Broken

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ENTRY = re.compile(r"^([^\s:#\"-][^:\n]*)", re.MULTILINE)
_TOP = re.compile(r"[^\s#\-]|-(?! )\S|---")


def parse_nodes(text: str, file: str) -> tuple[Node, tuple[Finding, ...]]:
    """The nodes of one file and every problem of its syntax; entries that cannot be read are `Broken`.

    A file is a mapping, or a list whose items start with `- ` at the left margin.
    """
    findings: list[Finding] = []
    entries: dict[str, Node] = {}
    keys: dict[str, Source] = {}
    items: list[Node] = []
    for first_line, chunk in _chunks(text):
        node, problems = _read_entry(chunk, file, first_line)
        findings.extend(problems)
        if node is None and problems and (broken := _ENTRY.search(chunk)):
            line = first_line + chunk.count("\n", 0, broken.start())
            keys[broken[1]] = Source(file=file, line=line)
            entries[broken[1]] = Broken(source=keys[broken[1]])
        if node is not None:
            match node:
                case Table():
                    for key, child in node.entries.items():
                        if key in entries:
                            findings.append(_duplicate(key, node.keys[key], keys[key]))
                        entries[key], keys[key] = child, node.keys[key]
                case Listing():
                    items.extend(node.items)
                case Scalar():
                    findings.append(_not_an_entry(node))
    top = Source(file=file, line=1)
    if items and not entries:
        return Listing(items=tuple(items), source=top), tuple(findings)
    findings.extend(_not_an_entry(item) for item in items)
    return Table(entries=entries, keys=keys, source=top), tuple(findings)


def find(node: Node | None, *path: str) -> Node | None:
    """The node at a path of keys, or None where the files do not have it."""
    for key in path:
        node = node.entries.get(key) if isinstance(node, Table) else None
    return node


def locate(node: Node, path: Sequence[str | int]) -> Source:
    """Where the value at a path of keys and positions stands; where it is missing, the place nearest above it."""
    for step in path:
        match node:
            case Table() if str(step) in node.entries:
                node = node.entries[str(step)]
            case Listing() if isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            case _:
                break
    return node.source


def entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    """The entries of a table by id; `assumption` beside them is no entry."""
    if isinstance(node, Table):
        yield from ((key, child) for key, child in node.entries.items() if key != "assumption")


def scalar(node: Node | None) -> str:
    """The text of a single value, blank where there is none."""
    return node.text if isinstance(node, Scalar) else ""


def scalars(node: Node | None) -> tuple[Scalar, ...]:
    """The single values of a list."""
    return tuple(each for each in node.items if isinstance(each, Scalar)) if isinstance(node, Listing) else ()


def named(node: Node, name: str) -> Iterator[Scalar]:
    """The single values of every key of that name, at any depth, lists of them too."""
    match node:
        case Table():
            for key, child in node.entries.items():
                if key == name:
                    yield from (child,) if isinstance(child, Scalar) else scalars(child)
                else:
                    yield from named(child, name)
        case Listing():
            for item in node.items:
                yield from named(item, name)


def to_plain(node: Node) -> object:
    """The node as plain Python: mappings, lists, and scalars as YAML 1.2 reads them (numbers that are written as such).

    >>> to_plain(parse_nodes("a: {b: [1, x, 'no', false]}", "f.yaml")[0])
    {'a': {'b': [1, 'x', 'no', False]}}
    """
    match node:
        case Table():
            return {key: to_plain(child) for key, child in node.entries.items()}
        case Listing():
            return [to_plain(item) for item in node.items]
        case Scalar(text=text, tag="int"):
            return int(text.replace("_", ""), 0 if text[:2].lower() in ("0x", "0o") else 10)
        case Scalar(text=text, tag="float"):
            return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
        case Scalar(text=text, tag="bool"):
            return text.lower() == "true"
        case Scalar(tag="null") | Broken():
            return None
        case Scalar(text=text):
            return text


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """The entries at the left margin, each with the number of its first line; what stands before them is the first."""
    lines = text.splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    # in a mapping, items at the left margin belong to the key above them
    is_list = first.startswith("- ")
    starts = [n for n, line in enumerate(lines) if _TOP.match(line) or (is_list and line.startswith("- "))]
    for start, end in pairwise([0, *(n for n in starts if n > 0), len(lines)]):
        yield start + 1, "\n".join(lines[start:end])


# one entry changes, the others stay: a study is checked again and again while it is being written
@lru_cache(maxsize=4096)
def _read_entry(chunk: str, file: str, first_line: int) -> tuple[Node | None, tuple[Finding, ...]]:
    """The nodes of one entry; none where it has only comments, or cannot be read."""
    try:
        root = _compose(chunk)
    except YAMLError as error:
        return None, (_syntax_finding(error, chunk, file, first_line),)
    if root is None:
        return None, ()
    findings: list[Finding] = []
    return _located(root, file, first_line, root.start_mark.line, findings), tuple(findings)


@lru_cache(maxsize=4096)
def _compose(chunk: str) -> YamlNode | None:
    root: YamlNode | None = YAML(typ="safe", pure=True).compose(chunk)
    return root


def _located(node: YamlNode, file: str, first_line: int, line: int, findings: list[Finding]) -> Node:
    """The node with its places; `line` is where it starts or, for what a key holds, where the key stands."""
    source = Source(file=file, line=first_line + line)
    match node:
        case ScalarNode():
            quoted = bool(node.style)
            tag = "str" if quoted else str(node.tag).rsplit(":", 1)[-1]
            return Scalar(text=node.value, tag=tag, quoted=quoted, source=source)
        case SequenceNode():
            items = (_located(child, file, first_line, child.start_mark.line, findings) for child in node.value)
            return Listing(items=tuple(items), source=source)
        case MappingNode():
            entries: dict[str, Node] = {}
            keys: dict[str, Source] = {}
            for key_node, child in node.value:
                key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
                place = Source(file=file, line=first_line + key_node.start_mark.line)
                if key in entries:
                    findings.append(_duplicate(key, place, keys[key]))
                at = key_node.start_mark.line if isinstance(key_node, ScalarNode) else line
                entries[key], keys[key] = _located(child, file, first_line, at, findings), place
            return Table(entries=entries, keys=keys, source=source)
        case _:
            raise AssertionError(node)


def _syntax_finding(error: YAMLError, chunk: str, file: str, first_line: int) -> Finding:
    mark = _mark(error) if isinstance(error, MarkedYAMLError) else None
    problem = str(error.problem or error.context) if isinstance(error, MarkedYAMLError) else str(error).split("\n")[0]
    open_line = _open_line(chunk)
    if open_line is not None:
        line, column, problem = open_line, None, "a quote or bracket that is opened on this line and not closed"
    else:
        line, column = (mark.line, mark.column + 1) if mark else (0, None)
    return Finding(
        message="the file cannot be read as YAML here",
        source=Source(file=file, line=first_line + line, column=column),
        found=problem,
        expected="YAML: `key: value` with a blank after the colon, entries of one table in one column, quotes closed",
        next_step="correct this line, or the line before it",
    )


def _mark(error: MarkedYAMLError) -> StreamMark | None:
    """Where the problem is: for a key without its colon that is the key, not the line after it."""
    mark: StreamMark | None = error.context_mark if "simple key" in str(error.context) else error.problem_mark
    return mark or error.context_mark


def _open_line(chunk: str) -> int | None:
    """The first line that opens a quote or bracket and does not close it: YAML itself sees that only much later."""
    for n, line in enumerate(chunk.splitlines()):
        outside = _QUOTED.sub("", line).partition(" #")[0]
        if outside.count('"') % 2 or any(outside.count(a) != outside.count(b) for a, b in ("[]", "{}")):
            return n
    return None


def _duplicate(key: str, place: Source, first: Source) -> Finding:
    return Finding(
        message=f"the key {key!r} stands twice",
        source=place,
        found=f"first at {first}",
        expected="each key once",
        next_step="remove one of the two, or give it another name",
    )


def _not_an_entry(node: Node) -> Finding:
    return Finding(
        message="this is not an entry",
        source=node.source,
        found=node.text[:60] if isinstance(node, Scalar) else type(node).__name__.lower(),
        expected="`key: value`",
        next_step="write it as a key with a value, or indent it under the key it belongs to",
    )
