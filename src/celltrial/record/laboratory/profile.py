"""The mapping profile of one laboratory: how its files say what our form `labs` holds.

A profile is a YAML file of the study folder (docs/imports.md has a worked one). It is read like the study files: every
problem at once, with file and line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast
from zoneinfo import ZoneInfo

from celltrial.errors import Finding, InputError
from celltrial.record.laboratory.cells import Flag, ResultRules, normal
from celltrial.record.laboratory.profile_file import PROFILE, check_profile
from celltrial.study.nodes import Node, Table, entries, find, parse_nodes, scalar, scalars
from celltrial.study.schema import check_node
from celltrial.studyday import site_zone

__all__ = ["AnalyteRule", "Fallback", "LabProfile", "parse_profile", "read_profile"]

Fallback = Literal["unscheduled", "leave out", "refuse"]
_DELIMITERS: Mapping[str, str] = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
# a value so many times an earlier one of the same person, or its inverse, is told: ours, wide enough for most analytes
_TIMES = Decimal(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyteRule:
    """One of our analytes: the unit of a row that names none, and what is told as hardly plausible.

    low, high: in the analyte's own unit. times: how many times an earlier value of the person is told.
    """

    code: str
    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    times: Decimal = _TIMES


@dataclass(frozen=True, slots=True, kw_only=True)
class LabProfile:
    """A profile as read. Names of analytes and units are `normal` texts; `delimiter` is the character itself.

    linked: the subject column holds hospital numbers, and a link file says whose they are. range_columns: none, one
    (a text such as `115-150`) or two (low, high).
    """

    name: str
    form: str
    encoding: str
    delimiter: str
    skip_lines: int
    laboratory: str
    laboratory_column: str
    subject_column: str
    linked: bool
    without_link: Literal["leave out", "refuse"]
    collected_columns: tuple[str, ...]
    formats: tuple[str, ...]
    zone: ZoneInfo
    visit_column: str
    visit_names: Mapping[str, str]
    otherwise: Fallback
    analyte_columns: tuple[str, ...]
    analytes: Mapping[str, AnalyteRule]
    left_out: frozenset[str]
    result_column: str
    flag_column: str
    result: ResultRules
    unit_column: str
    units: Mapping[str, str]
    range_columns: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file that are read; the others never are."""
        single = (self.laboratory_column, self.subject_column, self.visit_column, self.result_column)
        named = (*single, self.flag_column, self.unit_column, *self.collected_columns, *self.analyte_columns)
        return tuple(dict.fromkeys(each for each in (*named, *self.range_columns) if each))


def read_profile(path: Path, zone: ZoneInfo) -> LabProfile:
    """The profile in a YAML file; `zone` is the site's, where it names none. Raises InputError with every problem."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(Finding(message="the profile cannot be read", found=f"{path}: {error.strerror}")) from None
    except UnicodeDecodeError:
        raise InputError(Finding(message="the profile is not in UTF-8", found=str(path))) from None
    return parse_profile(path.name, text, zone)


def parse_profile(name: str, text: str, zone: ZoneInfo) -> LabProfile:
    """The profile in a text. Raises InputError with every problem, each at its line."""
    node, syntax = parse_nodes(text, name)
    findings = [*syntax, *check_node(node, PROFILE, "")]
    if not findings:
        findings += check_profile(node)
    if findings:
        raise InputError(sorted(findings, key=lambda each: (each.source.line if each.source else 0) or 0))
    return _build(name, node, zone)


def _build(name: str, node: Node, zone: ZoneInfo) -> LabProfile:
    file, collected = find(node, "file"), find(node, "collected")
    ranges = find(node, "range")
    columns = (scalar(find(ranges, "column")), scalar(find(ranges, "low")), scalar(find(ranges, "high")))
    named_zone = scalar(find(collected, "zone"))
    return LabProfile(
        name=name,
        form=scalar(find(node, "form")) or "labs",
        encoding=scalar(find(file, "encoding")) or "utf-8",
        delimiter=_DELIMITERS[scalar(find(file, "delimiter")) or "comma"],
        skip_lines=int(scalar(find(file, "skip_lines")) or 0),
        laboratory=scalar(find(node, "laboratory", "name")),
        laboratory_column=scalar(find(node, "laboratory", "column")),
        subject_column=scalar(find(node, "subject", "column")),
        linked=scalar(find(node, "subject", "linked")) == "true",
        without_link="leave out" if scalar(find(node, "subject", "without_link")) == "leave out" else "refuse",
        collected_columns=tuple(each.text for each in scalars(find(collected, "columns"))),
        formats=tuple(each.text for each in scalars(find(collected, "formats"))),
        zone=site_zone(named_zone) if named_zone else zone,
        visit_column=scalar(find(node, "visit", "column")),
        visit_names={normal(key): scalar(child) for key, child in entries(find(node, "visit", "names"))},
        otherwise=cast("Fallback", scalar(find(node, "visit", "otherwise")) or "refuse"),
        analyte_columns=tuple(each.text for each in scalars(find(node, "analyte", "columns"))),
        analytes=dict(_analyte_rules(node)),
        left_out=frozenset(normal(each.text) for each in scalars(find(node, "analyte", "leave_out"))),
        result_column=scalar(find(node, "result", "column")),
        flag_column=scalar(find(node, "result", "flag_column")),
        result=_result_rules(find(node, "result")),
        unit_column=scalar(find(node, "unit", "column")),
        units={normal(key): scalar(child) for key, child in entries(find(node, "unit", "names"))},
        range_columns=tuple(each for each in columns if each),
    )


def _analyte_rules(node: Node) -> Iterator[tuple[str, AnalyteRule]]:
    """Each name of the laboratory, with the rule of our analyte."""
    for code, each in entries(find(node, "analytes")):
        low, high = scalar(find(each, "plausible", "low")), scalar(find(each, "plausible", "high"))
        rule = AnalyteRule(
            code=code,
            unit=scalar(find(each, "unit")),
            low=Decimal(low) if low else None,
            high=Decimal(high) if high else None,
            times=Decimal(scalar(find(each, "times")) or _TIMES),
        )
        for name in scalars(find(each, "names")):
            yield normal(name.text), rule


def _result_rules(node: Node | None) -> ResultRules:
    flags = {normal(key): cast("Flag", scalar(child)) for key, child in entries(find(node, "flags"))}
    words = find(node, "words")
    return ResultRules(
        decimal="," if scalar(find(node, "decimal")) == "comma" else ".",
        thousands={"comma": ",", "point": ".", "blank": " "}.get(scalar(find(node, "thousands")), ""),
        flags=flags,
        words={normal(key): scalar(child) for key, child in words.entries.items()} if isinstance(words, Table) else {},
        leave_out=frozenset(normal(each.text) for each in scalars(find(node, "leave_out"))),
        blank="leave out" if scalar(find(node, "blank")) == "leave out" else "refuse",
    )
