"""What a profile may say, as a specification of nodes, and what its parts must agree on."""

import re
from collections.abc import Iterator

from celltrial.codes import FormId
from celltrial.errors import Finding, Source
from celltrial.record.form_check import is_result
from celltrial.record.laboratory.cells import normal
from celltrial.study.nodes import Node, Scalar, entries, find, scalar, scalars
from celltrial.study.schema import (
    Leaf,
    choice,
    code,
    flag,
    keys,
    listing,
    may_be_blank,
    number,
    table,
    text,
    whole,
    zone,
)
from celltrial.units import analytes, is_unit, is_unit_of

__all__ = ["PROFILE", "check_profile"]

_TOKENS = re.compile(r"%(.)")


def _is_format(value: str) -> bool:
    """Whether a format reads a whole date without a guess: `%y`, names of months and am/pm are left out."""
    tokens = _TOKENS.findall(value)
    once = len(tokens) == len(set(tokens))
    has_time = {"H", "M"} <= set(tokens) or not {"H", "M", "S"} & set(tokens)
    return once and {"Y", "m", "d"} <= set(tokens) <= {"Y", "m", "d", "H", "M", "S"} and has_time


_FORMAT = Leaf(
    expected="a format of %Y, %m, %d and, with a time, %H, %M, %S, each once: '%Y-%m-%d %H:%M'", accepts=_is_format
)
_ANALYTE = Leaf(
    expected="a code of analytes.csv, e.g. hemoglobin",
    accepts=lambda value: value in analytes(),
    choices=tuple(sorted(str(each) for each in analytes())),
)
_UNIT = Leaf(expected="a unit such as g/L, 10*9/L, umol/L, U/L, %", accepts=is_unit)
_RESULT = Leaf(expected="a result as the form takes it: a word, a number, `<5`, `1:320`, `2+`", accepts=is_result)

PROFILE = keys(
    {
        "laboratory": keys({}, {"name": text(), "column": text()}),
        "subject": keys({"column": text()}, {"linked": flag(), "without_link": choice("leave out", "refuse")}),
        "collected": keys({"columns": listing(text()), "formats": listing(_FORMAT)}, {"zone": zone()}),
        "analyte": keys({"columns": listing(text())}, {"leave_out": listing(text())}),
        "analytes": table(
            _ANALYTE,
            keys(
                {"names": listing(text())},
                {
                    "unit": _UNIT,
                    "plausible": keys({}, {"low": number("-1e9", "1e12"), "high": number("-1e9", "1e12")}),
                    "times": number("1.5", "1e6"),
                },
            ),
        ),
        "result": keys(
            {"column": text()},
            {
                "decimal": choice("point", "comma"),
                "thousands": choice("none", "comma", "point", "blank"),
                "flag_column": text(),
                "flags": table(text(), choice("high", "low", "normal")),
                "words": table(text(), _RESULT),
                "leave_out": listing(text()),
                "blank": choice("leave out", "refuse"),
            },
        ),
    },
    {
        "form": code(FormId, "labs"),
        "file": keys(
            {},
            {
                "encoding": choice("utf-8", "gb18030"),
                "delimiter": choice("comma", "semicolon", "tab", "bar"),
                "skip_lines": whole(0, 1000),
            },
        ),
        "visit": keys(
            {},
            {
                "column": text(),
                "names": table(text(), may_be_blank()),
                "otherwise": choice("unscheduled", "leave out", "refuse"),
            },
        ),
        "unit": keys({}, {"column": text(), "names": table(text(), _UNIT)}),
        "range": keys({}, {"column": text(), "low": text(), "high": text()}),
    },
)


def check_profile(node: Node) -> Iterator[Finding]:
    """What parts of a profile that are right by themselves do not agree on."""
    yield from _check_laboratory(node)
    yield from _check_names(node)
    yield from _check_units(node)
    result = find(node, "result")
    if scalar(find(result, "decimal")) == "comma" and scalar(find(result, "thousands")) == "comma":
        yield _finding(result, "result", "a comma cannot be both the decimal sign and the sign between thousands")
    if scalar(find(result, "thousands")) == "point" and scalar(find(result, "decimal")) != "comma":
        yield _finding(result, "result", "a point cannot be both the decimal sign and the sign between thousands")
    ranges = find(node, "range")
    if scalar(find(ranges, "column")) and (scalar(find(ranges, "low")) or scalar(find(ranges, "high"))):
        yield _finding(ranges, "range", "either one column with the whole range, or one for each limit")
    if bool(scalar(find(ranges, "low"))) != bool(scalar(find(ranges, "high"))):
        yield _finding(ranges, "range", "`low` and `high` are named together")


def _check_laboratory(node: Node) -> Iterator[Finding]:
    laboratory = find(node, "laboratory")
    if bool(scalar(find(laboratory, "name"))) == bool(scalar(find(laboratory, "column"))):
        yield _finding(laboratory, "laboratory", "either the laboratory's `name`, or the `column` that holds it")


def _check_names(node: Node) -> Iterator[Finding]:
    """A name that stands for two analytes, or for one that is left out."""
    seen: dict[str, str] = {}
    for each in scalars(find(node, "analyte", "leave_out")):
        seen[normal(each.text)] = "analyte.leave_out"
    for code_, rule in entries(find(node, "analytes")):
        for name in scalars(find(rule, "names")):
            before = seen.setdefault(normal(name.text), code_)
            if before != code_:
                yield _finding(name, f"analytes.{code_}", f"{name.text!r} stands under {before} already")


def _check_units(node: Node) -> Iterator[Finding]:
    known = {str(each.code): each for each in analytes().values()}
    for code_, rule in entries(find(node, "analytes")):
        unit = find(rule, "unit")
        if isinstance(unit, Scalar) and not is_unit_of(unit.text, known[code_]):
            yield _finding(unit, f"analytes.{code_}.unit", f"{unit.text} cannot be converted to {known[code_].unit}")


def _finding(node: Node | None, where: str, found: str) -> Finding:
    source: Source | None = node.source if node is not None else None
    return Finding(
        message="parts of the profile that do not agree",
        source=source,
        where=where,
        found=found,
        rule="docs/imports.md, The profile",
        next_step="correct this line",
    )
