"""Reference ranges from a CSV file: what is new, what is in the record already, what does not fit together."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from celltrial.codes import AnalyteCode
from celltrial.errors import CelltrialError, Finding, InputError, RefusedError, Source
from celltrial.record.bodies import ReferenceRange
from celltrial.record.events import Author, Draft, Event
from celltrial.record.laboratory.plan import Reconciliation, in_line_order
from celltrial.record.laboratory.table import read_table
from celltrial.record.log import Record
from celltrial.record.ranges import NamedRange, check_gaps, check_overlaps
from celltrial.record.registry import parse_body
from celltrial.record.state import TrialState
from celltrial.study.model import Study
from celltrial.studyday import parse_partial_date
from celltrial.units import analytes, is_unit, is_unit_of, parse_number

__all__ = ["RangePlan", "RangesImported", "import_ranges", "plan_ranges"]

_COLUMNS = ("laboratory", "analyte", "unit", "low", "high", "valid_from", "valid_to", "sex", "age_from", "age_to")
_NEEDED = ("laboratory", "analyte", "unit", "low", "high", "valid_from")


@dataclass(frozen=True, slots=True, kw_only=True)
class RangePlan:
    """Drafts of the new ranges with their lines, the number already there, refusals and warnings (gaps)."""

    drafts: tuple[Draft, ...]
    lines: tuple[int, ...]
    rows_read: int
    already_there: int
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    sha256: str

    @property
    def counts(self) -> Reconciliation:
        """Rows read = new + already there + refused; none is left out."""
        new = len(self.drafts)
        return Reconciliation(
            rows_read=self.rows_read,
            new=new,
            already_there=self.already_there,
            refused=self.rows_read - new - self.already_there,
            left_out=0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RangesImported:
    """What was planned and written."""

    plan: RangePlan
    events: tuple[Event, ...]


def plan_ranges(name: str, content: bytes, study: Study, state: TrialState) -> RangePlan:
    """What a file of ranges (CSV, UTF-8) would do. Raises InputError where it is no whole table of ranges."""
    table = read_table(name, content)
    strange = [each for each in table.columns if each not in _COLUMNS]
    lacking = [each for each in _NEEDED if each not in table.columns]
    if strange or lacking:
        raise InputError(
            Finding(
                message="not a file of reference ranges",
                source=Source(file=name, line=1),
                found=", ".join(table.columns),
                expected=", ".join(_COLUMNS),
            )
        )
    standing = {each.body: each.seq for each in state.entries(ReferenceRange)}
    new: dict[int, ReferenceRange] = {}
    findings: list[Finding] = []
    already = 0
    for line, cells in table.rows:
        body, problems = _read(cells, study)
        findings += [_placed(each, name, line) for each in problems]
        if body is not None and not problems:
            if body in standing or body in new.values():
                already += 1
            else:
                new[line] = body
    named: list[NamedRange] = [(f"event {seq}", body) for body, seq in standing.items()]
    added: list[NamedRange] = [(f"line {line}", body) for line, body in new.items()]
    zone = study.site.zone
    # what the record holds already is told by `ranges list`, not held against this file
    before = {str(each) for each in check_overlaps(named, zone)}
    findings += [each for each in check_overlaps([*named, *added], zone) if str(each) not in before]
    gaps = tuple(check_gaps([*named, *added], zone))
    sha256 = hashlib.sha256(content).hexdigest()
    via, why = f"{name} sha256:{sha256}", f"reference ranges of {name}"
    return RangePlan(
        drafts=tuple(Draft(body=body, why=f"{why}, line {line}", via=via) for line, body in new.items()),
        lines=tuple(new),
        rows_read=len(table.rows),
        already_there=already,
        findings=in_line_order(findings),
        warnings=gaps,
        sha256=sha256,
    )


def import_ranges(record: Record, path: Path, *, author: Author, at: datetime) -> RangesImported:
    """Append the new ranges of a file, all or nothing. Raises InputError, RefusedError with every finding."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(Finding(message="the file cannot be read", found=f"{path}: {error.strerror}")) from None
    state = record.state()
    plan = plan_ranges(path.name, content, record.study, state)
    found = record.check(plan.drafts, author=author, at=at, base_seq=state.length)
    findings = [*plan.findings, *(_placed(each, path.name, plan.lines[number]) for number, each in found)]
    if findings:
        raise RefusedError(in_line_order(findings))
    events = record.append(plan.drafts, author=author, at=at, base_seq=state.length) if plan.drafts else ()
    return RangesImported(plan=plan, events=events)


def _read(cells: Mapping[str, str], study: Study) -> tuple[ReferenceRange | None, list[Finding]]:
    """The range of a row, and what is wrong with it."""
    given = {key: cell.strip() for key, cell in cells.items() if cell.strip()}
    try:
        body = parse_body(ReferenceRange.TYPE, ReferenceRange.VERSION, {"low": "", "high": ""} | given)
    except CelltrialError as error:
        return None, list(error.findings)
    assert isinstance(body, ReferenceRange)
    return body, [*_problems(body, study)]


def _problems(body: ReferenceRange, study: Study) -> Iterator[Finding]:
    known = analytes().get(AnalyteCode(body.analyte)) if body.analyte in analytes() else None
    if known is None:
        yield Finding(message="not an analyte", where="analyte", found=body.analyte, expected="a code of analytes.csv")
    elif not is_unit(body.unit) or not is_unit_of(body.unit, known):
        expected = f"{known.unit}, or a unit that converts to it"
        yield Finding(message="a unit that cannot be converted", where="unit", found=body.unit, expected=expected)
    numbers = {name: _number(getattr(body, name)) for name in ("low", "high", "age_from", "age_to")}
    for name, number in numbers.items():
        if getattr(body, name) and number is None:
            yield Finding(message="not a number", where=name, found=getattr(body, name), expected="0.85")
    if not body.low and not body.high:
        yield Finding(message="a range without a limit", where="low", found="neither low nor high")
    for low, high in (("low", "high"), ("age_from", "age_to")):
        one, other = numbers[low], numbers[high]
        if one is not None and other is not None and one > other:
            yield Finding(message="the lower limit is above the upper one", where=low, found=f"{one} to {other}")
    days = {}
    for name in ("valid_from", "valid_to"):
        text = getattr(body, name)
        if text and _day(text, study) is None:
            yield Finding(message="not a whole day", where=name, found=text, expected="YYYY-MM-DD")
        days[name] = _day(text, study)
    start, end = days["valid_from"], days["valid_to"]
    if start and end and start > end:
        yield Finding(message="the range ends before it begins", where="valid_to", found=f"{start} to {end}")


def _number(text: str) -> Decimal | None:
    try:
        return parse_number(text) if text else None
    except CelltrialError:
        return None


def _day(text: str, study: Study) -> date | None:
    try:
        return parse_partial_date(text, study.site.zone).day if text else None
    except CelltrialError:
        return None


def _placed(finding: Finding, name: str, line: int) -> Finding:
    return Finding(
        message=finding.message,
        source=Source(file=name, line=line),
        where=finding.where,
        found=finding.found,
        expected=finding.expected,
        rule=finding.rule or "docs/imports.md, Reference ranges",
        next_step=finding.next_step or "correct the row",
    )
