"""One row of a laboratory's file as our form takes it, or why it is refused or left out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from celltrial.codes import SubjectId
from celltrial.record.laboratory.cells import NotRead, Result, normal, read_moment, read_range, read_result
from celltrial.record.laboratory.profile import AnalyteRule, LabProfile
from celltrial.studyday import PartialDate, parse_partial_date
from celltrial.units import analytes, is_unit

__all__ = ["Problem", "Sample", "read_row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a row gives no result; `what` is the kind of cell, `found` its text (never that of a subject)."""

    what: Literal["subject", "analyte", "unit", "result", "time", "visit", "laboratory"]
    reason: str
    found: str = ""
    is_left_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One result, texts as the form takes them. `visit` blank: to be found by the day. `printed`: re-spelled from.

    range_problem: a printed range that no rule reads.
    """

    line: int
    subject: SubjectId
    rule: AnalyteRule
    result: Result
    unit: str
    collected: str
    moment: PartialDate
    laboratory: str
    visit: str
    printed: str
    lln: str = ""
    uln: str = ""
    range_problem: str = ""

    @property
    def analyte(self) -> str:
        """The code of the analyte."""
        return self.rule.code

    @property
    def value(self) -> str:
        """The result as the form takes it."""
        return self.result.text


def read_row(
    line: int,
    cells: Mapping[str, str],
    profile: LabProfile,
    links: Mapping[str, SubjectId] | None,
    *,
    subjects: Collection[SubjectId],
    zone: ZoneInfo,
) -> Sample | tuple[Problem, ...]:
    """The sample of a row, or every problem of it.

    links: None where the subject column holds our own ids. subjects: those in the record; a file brings no new ones.
    """
    subject, rule = _subject(cells, profile, links, subjects), _analyte(cells, profile)
    result = read_result(cells[profile.result_column], profile.result)
    time = " ".join(cells[each].strip() for each in profile.collected_columns)
    collected = read_moment(time, profile.formats, profile.zone)
    laboratory, visit = _laboratory(cells, profile), _named_visit(cells, profile)
    problems = [each for each in (subject, rule, laboratory, visit) if isinstance(each, Problem)]
    problems += [_problem("result", result)] if isinstance(result, NotRead) else []
    problems += [_problem("time", collected)] if isinstance(collected, NotRead) else []
    if (
        isinstance(subject, Problem)
        or isinstance(rule, Problem)
        or isinstance(result, NotRead)
        or isinstance(collected, NotRead)
        or isinstance(laboratory, Problem)
        or isinstance(visit, Problem)
    ):
        return tuple(problems)
    unit = _unit(cells, profile, rule, result)
    if isinstance(unit, Problem):
        return (unit,)
    lln, uln, range_problem = _limits(cells, profile)
    return Sample(
        line=line,
        subject=subject,
        rule=rule,
        result=_flagged(cells, profile, result),
        unit=unit,
        collected=collected,
        moment=parse_partial_date(collected, zone),
        laboratory=laboratory,
        visit=visit,
        printed=_printed(cells, profile, result.text, unit),
        lln=lln,
        uln=uln,
        range_problem=range_problem,
    )


def _subject(
    cells: Mapping[str, str],
    profile: LabProfile,
    links: Mapping[str, SubjectId] | None,
    subjects: Collection[SubjectId],
) -> SubjectId | Problem:
    # the text may be a hospital number: it is not repeated
    text = cells[profile.subject_column].strip()
    is_left_out = profile.without_link == "leave out"
    if links is not None and text not in links:
        return Problem(what="subject", reason="a person who is in no line of the link file", is_left_out=is_left_out)
    found = next((each for each in subjects if each == (text if links is None else links[text])), None)
    return found or Problem(what="subject", reason="not a subject of the record")


def _analyte(cells: Mapping[str, str], profile: LabProfile) -> AnalyteRule | Problem:
    name = normal(" / ".join(cells[each].strip() for each in profile.analyte_columns))
    if name in profile.left_out:
        return Problem(what="analyte", reason="an analyte that the profile leaves out", found=name, is_left_out=True)
    rule = profile.analytes.get(name)
    return rule or Problem(what="analyte", reason="an analyte that the profile does not know", found=name)


def _laboratory(cells: Mapping[str, str], profile: LabProfile) -> str | Problem:
    name = profile.laboratory or cells[profile.laboratory_column].strip()
    return name or Problem(what="laboratory", reason="the laboratory is not named")


def _named_visit(cells: Mapping[str, str], profile: LabProfile) -> str | Problem:
    if not profile.visit_column:
        return ""
    text = normal(cells[profile.visit_column])
    if text in profile.visit_names:
        return profile.visit_names[text]
    if not text or profile.visit_names:
        return Problem(what="visit", reason="a visit that the profile does not know", found=text)
    return text


def _unit(cells: Mapping[str, str], profile: LabProfile, rule: AnalyteRule, result: Result) -> str | Problem:
    printed = cells[profile.unit_column].strip() if profile.unit_column else ""
    if not normal(printed):
        own = next((each.unit for code, each in analytes().items() if code == rule.code), "")
        if rule.unit or own == "1" or not any(sign.isdigit() for sign in result.text):
            return rule.unit
        return Problem(what="unit", reason="a number without a unit", found=rule.code)
    if normal(printed) in profile.units:
        return profile.units[normal(printed)]
    if is_unit(printed):
        return printed
    return Problem(what="unit", reason="a unit that the profile does not know", found=printed)


def _limits(cells: Mapping[str, str], profile: LabProfile) -> tuple[str, str, str]:
    """Lower and upper limit as printed, and what could not be read of them."""
    if len(profile.range_columns) == 2:
        limits = [_limit(cells[each], profile) for each in profile.range_columns]
        lost = [limit.reason for limit in limits if isinstance(limit, NotRead)]
        low, high = ("" if isinstance(limit, NotRead) else limit for limit in limits)
        return low, high, "; ".join(lost)
    read = read_range(cells[profile.range_columns[0]], profile.result) if profile.range_columns else ("", "")
    return ("", "", read.reason) if isinstance(read, NotRead) else (*read, "")


def _limit(cell: str, profile: LabProfile) -> str | NotRead:
    if not normal(cell):
        return ""
    read = read_result(cell, profile.result)
    if isinstance(read, NotRead) or not read.text[:1].isdigit():
        return NotRead(reason=f"no rule reads the limit {cell.strip()!r}")
    return read.text


def _flagged(cells: Mapping[str, str], profile: LabProfile, result: Result) -> Result:
    sign = normal(cells[profile.flag_column]) if profile.flag_column else ""
    flag = profile.result.flags.get(sign)
    return Result(text=result.text, flag=flag) if flag and not result.flag else result


def _printed(cells: Mapping[str, str], profile: LabProfile, value: str, unit: str) -> str:
    """What the file says where we spell it otherwise; blank where it is the same."""
    cell = cells[profile.result_column].strip()
    printed = cells[profile.unit_column].strip() if profile.unit_column else unit
    return "" if (cell, printed) == (value, unit) else " ".join(part for part in (cell, printed) if part)


def _problem(what: Literal["result", "time"], read: NotRead) -> Problem:
    return Problem(what=what, reason=read.reason, is_left_out=read.is_left_out)
