"""From the rows of a laboratory's file to their fates: read, held against each other and the record, drafted."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from celltrial.codes import SubjectId
from celltrial.errors import Finding, InputError, Source
from celltrial.record.bodies import FormEntry
from celltrial.record.events import Draft
from celltrial.record.laboratory.cells import NotRead
from celltrial.record.laboratory.duplicates import Twin, find_twin, find_twins_in_file
from celltrial.record.laboratory.known import KnownResult, canonical_value, known_results
from celltrial.record.laboratory.limits import Limits, find_limits
from celltrial.record.laboratory.plan import LabPlan, PlannedRow, in_line_order
from celltrial.record.laboratory.plausible import check_plausible
from celltrial.record.laboratory.profile import LabProfile
from celltrial.record.laboratory.rows import Problem, Sample, read_row
from celltrial.record.laboratory.table import TextTable, read_table
from celltrial.record.laboratory.visits import find_visit
from celltrial.record.state import TrialState
from celltrial.study.model import Study
from celltrial.studyday import PartialDate

__all__ = ["plan_laboratory_file"]

_ITEMS = ("analyte", "value", "unit", "lln", "uln", "collected", "laboratory", "comment")


def plan_laboratory_file(
    name: str,
    content: bytes,
    *,
    profile: LabProfile,
    links: Mapping[str, SubjectId] | None,
    study: Study,
    state: TrialState,
) -> LabPlan:
    """What the file would do. The record has not judged the drafts yet (`plan.mark_refused`).

    Raises InputError where the file is no whole table, or profile and study do not fit the file.
    """
    table = read_table(
        name, content, encoding=profile.encoding, delimiter=profile.delimiter, skip_lines=profile.skip_lines
    )
    _require_fit(table, profile, links, study)
    sha256 = hashlib.sha256(content).hexdigest()
    judge = _Judge(name, sha256, profile, study, state)
    zone, subjects = study.site.zone, frozenset(state.subjects)
    read = {line: read_row(line, cells, profile, links, subjects=subjects, zone=zone) for line, cells in table.rows}
    samples = [each for each in read.values() if isinstance(each, Sample)]
    twins = find_twins_in_file(samples)
    rows = {line: judge.problem_row(line, each) for line, each in read.items() if not isinstance(each, Sample)}
    # in one order, whatever the file's: numbers and contents of the new entries are the same
    for sample in sorted(samples, key=_order):
        rows[sample.line] = judge.sample_row(sample, twins.get(sample.line), samples)
    drafted = [row for row in rows.values() if row.fate == "new"]
    others = [row for line, row in sorted(rows.items()) if row.fate != "new"]
    return LabPlan(
        file=name,
        sha256=sha256,
        base_seq=state.length,
        rows=(*sorted(drafted, key=lambda row: _order(row.sample)), *others),
        findings=in_line_order(judge.findings),
        warnings=in_line_order((*judge.warnings, *judge.told_once())),
        corrections=tuple(judge.corrections),
        unread_columns=tuple(each for each in table.columns if each and each not in profile.columns),
    )


def _order(sample: Sample | None) -> tuple[object, ...]:
    assert sample is not None
    moment = sample.moment
    place = (sample.subject, moment.earliest, moment.latest, sample.analyte, sample.laboratory)
    return (*place, sample.value, sample.unit, sample.line)


def _require_fit(table: TextTable, profile: LabProfile, links: Mapping[str, SubjectId] | None, study: Study) -> None:
    """Raise InputError for a column that is not there, a form without an item, a link file too many or too few."""
    source = Source(file=table.name, line=1)
    findings = [
        Finding(
            message="a column that the profile reads is not in the file",
            source=source,
            found=", ".join(table.columns),
            expected=repr(column),
            next_step=f"correct the column in {profile.name}, its encoding, or the lines it skips",
        )
        for column in profile.columns
        if column not in table.columns
    ]
    form = study.form(profile.form)
    lacking = [item for item in _ITEMS if form is None or form.item(item) is None]
    if lacking:
        findings.append(
            Finding(
                message="the study's form cannot take laboratory results",
                where=f"form {profile.form}",
                found=f"no item {', '.join(lacking)}",
                expected=", ".join(_ITEMS),
                rule="forms.yaml",
            )
        )
    if profile.linked != (links is not None):
        expected = "a link file: `--links FILE`" if profile.linked else "no link file: `subject.linked` is not true"
        findings.append(Finding(message="the profile and the command do not agree on a link file", expected=expected))
    if findings:
        raise InputError(findings)


class _Judge:
    """The fates, findings and warnings of one file, gathered while its rows are judged one by one."""

    def __init__(self, name: str, sha256: str, profile: LabProfile, study: Study, state: TrialState) -> None:
        self._name = name
        self._sha256 = sha256
        self._profile = profile
        self._study = study
        self._state = state
        self._known: dict[SubjectId, Mapping[str, tuple[KnownResult, ...]]] = {}
        self._last_row: dict[tuple[str, str], int] = {}
        self._once: dict[tuple[str, str], list[int]] = {}
        self._limits = Limits(study, state)
        self._has_numbers: set[SubjectId] = set()
        self.findings: list[Finding] = []
        self.warnings: list[Finding] = []
        self.corrections: list[Mapping[str, object]] = []

    def problem_row(self, line: int, problems: tuple[Problem, ...]) -> PlannedRow:
        """A row that gives no result: left out where any of its problems says so, else refused for all of them."""
        left_out = [each for each in problems if each.is_left_out]
        if left_out:
            reason = left_out[0].reason + (f": {left_out[0].found}" if left_out[0].found else "")
            return PlannedRow(line=line, fate="left out", reason=reason, problems=problems)
        for each in problems:
            self._find(line, each.reason, found=each.found, where=each.what, next_step=_NEXT[each.what])
        return PlannedRow(line=line, fate="refused", reason=problems[0].reason, problems=problems)

    def sample_row(self, sample: Sample, in_file: Twin | None, samples: Sequence[Sample]) -> PlannedRow:
        """The fate of a row that is a result."""
        known = self._results(sample.subject).get(sample.analyte, ())
        twin = in_file or find_twin(sample, known)
        if twin is not None and twin.fate != "new":
            if twin.correction:
                self.corrections.append(twin.correction)
            if twin.fate == "refused":
                self._find(sample.line, twin.reason, found=twin.found, where=_where(sample), next_step=twin.next_step)
            elif twin.warning:
                self._warn(sample, twin.warning, twin.found)
            return PlannedRow(line=sample.line, fate=twin.fate, reason=twin.reason, sample=sample)
        if twin is not None and twin.warning:
            self._warn(sample, twin.warning, twin.found)
        visit = sample.visit or find_visit(
            self._study, self._state, sample.subject, sample.moment, otherwise=self._profile.otherwise
        )
        if isinstance(visit, NotRead):
            if not visit.is_left_out:
                next_step = "give the profile a column with the visit, or `visit.otherwise`"
                self._find(sample.line, visit.reason, where=_where(sample), next_step=next_step)
            return PlannedRow(
                line=sample.line,
                fate="left out" if visit.is_left_out else "refused",
                reason=visit.reason if visit.is_left_out else "the visit is not known",
                sample=sample,
            )
        self.warnings += check_plausible(sample, self._earlier(sample, known, samples), self._name)
        return PlannedRow(line=sample.line, fate="new", sample=sample, draft=self._draft(sample, visit))

    def told_once(self) -> Iterator[Finding]:
        """One warning for each reason that many rows share."""
        for (where, reason), lines in self._once.items():
            yield Finding(
                message="rows without a reference range",
                source=Source(file=self._name, line=min(lines)),
                where=where,
                found=f"{len(lines)} rows: {reason}",
                next_step="import the laboratory's ranges (celltrial ranges import), or complete the fact that lacks",
            )

    def _draft(self, sample: Sample, visit: str) -> Draft:
        limits, told = find_limits(sample, self._limits)
        for each in told.warnings:
            self._warn(sample, each.message, each.found)
        if told.lacking:
            self._once.setdefault((f"{sample.laboratory}/{sample.analyte}", told.lacking), []).append(sample.line)
        comment = "; ".join(
            part
            for part in (f"printed {sample.printed}" if sample.printed else "", sample.range_problem, told.source)
            if part
        )
        given = {
            "analyte": sample.analyte,
            "value": sample.value,
            "unit": sample.unit,
            "lln": limits[0],
            "uln": limits[1],
            "collected": sample.collected,
            "laboratory": sample.laboratory,
            "comment": comment,
        }
        return Draft(
            subject=sample.subject,
            body=FormEntry(
                form=self._profile.form,
                visit=visit,
                row=str(self._next_row(sample.subject, visit)),
                items={key: text for key, text in given.items() if text},
            ),
            why=f"import of {self._name}, line {sample.line}, by {self._profile.name}",
            via=f"{self._name} sha256:{self._sha256}",
        )

    def _results(self, subject: SubjectId) -> Mapping[str, tuple[KnownResult, ...]]:
        if subject not in self._known:
            self._known[subject] = known_results(self._state, self._profile.form, subject, self._study.site.zone)
        return self._known[subject]

    def _earlier(
        self, sample: Sample, known: Sequence[KnownResult], samples: Sequence[Sample]
    ) -> list[tuple[PartialDate, Decimal]]:
        """The person's results collected before this one, of the record and of the file."""
        own = [(each.collected, each.value, each.unit) for each in known if each.version == "standing"]
        own += [
            (each.moment, each.value, each.unit)
            for each in samples
            if (each.subject, each.analyte) == (sample.subject, sample.analyte)
        ]
        read = {(moment.earliest, canonical_value(sample.analyte, value, unit)): moment for moment, value, unit in own}
        return [
            (moment, value)
            for (_, value), moment in read.items()
            if value is not None and moment.latest < sample.moment.earliest
        ]

    def _next_row(self, subject: SubjectId, visit: str) -> int:
        """After the highest number in use, those entered in error among them."""
        if subject not in self._has_numbers:
            self._has_numbers.add(subject)
            voided = (each for each in self._state.voided if each.subject == subject)
            for entry in (*self._state.forms(self._profile.form, subject), *voided):
                body = entry.body
                if isinstance(body, FormEntry) and body.form == self._profile.form and body.row.isdecimal():
                    place = (str(subject), body.visit)
                    self._last_row[place] = max(self._last_row.get(place, 0), int(body.row))
        number = self._last_row.get((str(subject), visit), 0) + 1
        self._last_row[str(subject), visit] = number
        return number

    def _find(self, line: int, message: str, *, where: str, found: str = "", next_step: str = "") -> None:
        self.findings.append(
            Finding(
                message=message,
                source=Source(file=self._name, line=line),
                where=where,
                found=found,
                rule="docs/imports.md",
                next_step=next_step,
            )
        )

    def _warn(self, sample: Sample, message: str, found: str) -> None:
        source = Source(file=self._name, line=sample.line)
        self.warnings.append(Finding(message=message, source=source, where=_where(sample), found=found))


_NEXT: Mapping[str, str] = {
    "subject": "complete the link file, or say in the profile that such rows are left out",
    "analyte": "name it under `analytes`, or under `analyte.leave_out`",
    "unit": "name it under `unit.names`, or give the analyte a unit",
    "result": "add a rule under `result` (words, flags, leave_out, decimal, thousands)",
    "time": "add the format under `collected.formats`",
    "visit": "name it under `visit.names`",
    "laboratory": "give the profile the laboratory's name",
}


def _where(sample: Sample) -> str:
    return f"{sample.subject}/{sample.analyte}"
