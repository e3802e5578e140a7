"""The requirements of the product, read from `validation/urs.yaml`: numbered sentences, each with what proves it.

A top-level key of the file is a group; its value is the list of the group's requirements. Each has `id`, `text`,
`source`, `risk` with `why`, and exactly one of `tests` (what proves it), `procedure` (a person at the site does it) and
`not yet` (nothing proves it so far), the last two with the reason. `long` names tests beside `tests` that take long and
are left out by `--quick`; `site` says what the site does beside the tests.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from celltrial.errors import Finding, InputError, Source
from celltrial.study.nodes import Listing, Node, Scalar, Table, parse_nodes

__all__ = ["SOURCES", "Requirement", "Risk", "parse_requirements", "read_requirements"]

Risk = Literal["high", "medium", "low"]

# how a source is written, so that a reader finds the place: the act with its section, or a publication with its year
SOURCES: Mapping[str, re.Pattern[str]] = {
    "21 CFR Part 11": re.compile(r"21 CFR 11\.\d+(\([a-z]\))?(\(\d\))?"),
    "ICH E6(R3)": re.compile(r"ICH E6\(R3\) \d+(\.\d+)+( ?\([a-z]\))?( ?\([ivx]+\))?"),
    "EMA guideline 2023": re.compile(r"EMA 2023 \d+(\.\d+)*(-\d+(\.\d+)*)?"),
    "OWASP ASVS": re.compile(r"OWASP ASVS 5\.0\.0 V\d+\.\d+\.\d+"),
    "FDA questions and answers 2024": re.compile(r"FDA Q&A 2024"),
    "protocol": re.compile(r"protocol: \S.*"),
    "publication": re.compile(r"publication: \S.*(19|20)\d\d.*"),
    "house": re.compile(r"house: \S.*"),
}

_KEYS = frozenset({"id", "text", "source", "risk", "why", "tests", "long", "procedure", "not yet", "site"})
_PROOFS = ("tests", "procedure", "not yet")
_ID = re.compile(r"URS-\d{3}")
_TEST = re.compile(r"tests/[\w/]+\.py(::[\w\[\]. +:/-]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One numbered requirement.

    tests: node ids, or the beginning of some: a file, or a test with all its parameters. Blank where `procedure` or
    `not_yet` gives the reason why there is none. long: those of them that take long. site: what stays with the site
    beside the tests.
    """

    id: str
    group: str
    text: str
    sources: tuple[str, ...]
    risk: Risk
    why: str
    tests: tuple[str, ...]
    long: tuple[str, ...]
    procedure: str
    not_yet: str
    site: str
    source: Source


def read_requirements(path: Path) -> tuple[Requirement, ...]:
    """The requirements of a file. Raises InputError with every problem of it, each at its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Finding(message="the requirements cannot be read", found=f"{path}: {error}")) from None
    requirements, findings = parse_requirements(text, path.name)
    if findings:
        raise InputError(findings)
    return requirements


def parse_requirements(text: str, file: str) -> tuple[tuple[Requirement, ...], tuple[Finding, ...]]:
    """The requirements of a text that are whole, and every problem of the text."""
    top, problems = parse_nodes(text, file)
    findings = list(problems)
    requirements: list[Requirement] = []
    groups = top.entries if isinstance(top, Table) else {}
    for group, node in groups.items():
        if not isinstance(node, Listing):
            findings.append(_wrong("a group is a list of requirements", node, group, "- id: URS-001 ..."))
            continue
        for item in node.items:
            own = list(_check(item))
            findings += own
            if not own and isinstance(item, Table):
                requirements.append(_build(item, group))
    findings += _check_numbers(requirements)
    if not groups:
        findings.append(Finding(message="there is no requirement in the file", source=Source(file=file, line=1)))
    return tuple(requirements), tuple(findings)


def _build(item: Table, group: str) -> Requirement:
    text = partial(_text, item)
    return Requirement(
        id=text("id"),
        group=group,
        text=text("text"),
        sources=_texts(item, "source"),
        risk=text("risk"),  # type: ignore[arg-type]  # checked against Risk before
        why=text("why"),
        tests=(*_texts(item, "tests"), *_texts(item, "long")),
        long=_texts(item, "long"),
        procedure=text("procedure"),
        not_yet=text("not yet"),
        site=text("site"),
        source=item.source,
    )


def _check(item: Node) -> Iterator[Finding]:
    if not isinstance(item, Table):
        yield _wrong("a requirement is a table", item, "something else", "id, text, source, risk, why, tests")
        return
    for key in sorted(item.entries.keys() - _KEYS):
        yield _wrong("an unknown key", item.entries[key], key, ", ".join(sorted(_KEYS)))
    for key in ("id", "text", "source", "risk", "why"):
        if not (_texts if key == "source" else _text)(item, key):
            yield _wrong(f"a requirement without {key!r}", item, "nothing", "a text")
    if not _ID.fullmatch(_text(item, "id")):
        yield _wrong("an id that is none", item, _text(item, "id"), "URS- and three digits")
    if _text(item, "risk") not in get_args(Risk):
        yield _wrong("a risk that is none", item, _text(item, "risk"), ", ".join(get_args(Risk)))
    for source in _texts(item, "source"):
        if not any(pattern.fullmatch(source) for pattern in SOURCES.values()):
            yield _wrong("a source that names no place", item, source, "one of: " + "; ".join(SOURCES))
    proofs = [key for key in _PROOFS if _texts(item, key) or (key == "tests" and _texts(item, "long"))]
    if len(proofs) != 1:
        yield _wrong("what proves it is not said once", item, " and ".join(proofs) or "nothing", " or ".join(_PROOFS))
    for test in (*_texts(item, "tests"), *_texts(item, "long")):
        if not _TEST.fullmatch(test):
            yield _wrong("a test that cannot be one", item, test, "tests/FILE.py or tests/FILE.py::NAME")


def _check_numbers(requirements: list[Requirement]) -> Iterator[Finding]:
    last, seen = "", set[str]()
    for each in requirements:
        if each.id in seen:
            yield Finding(message="an id that is there twice", source=each.source, found=each.id)
        elif each.id < last:
            yield Finding(message="an id out of order", source=each.source, found=each.id, expected=f"after {last}")
        seen.add(each.id)
        last = max(last, each.id)


def _text(item: Table, key: str) -> str:
    node = item.entries.get(key)
    return " ".join(node.text.split()) if isinstance(node, Scalar) else ""


def _texts(item: Table, key: str) -> tuple[str, ...]:
    node = item.entries.get(key)
    if isinstance(node, Listing):
        return tuple(each.text.strip() for each in node.items if isinstance(each, Scalar))
    return (_text(item, key),) if _text(item, key) else ()


def _wrong(message: str, node: Node, found: str, expected: str) -> Finding:
    return Finding(
        message=message,
        source=node.source,
        found=found,
        expected=expected,
        rule="a requirement is a testable sentence with its source and what proves it (docs/validation.md)",
        next_step="correct the entry",
    )
