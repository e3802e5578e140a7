"""ICAHT and T-ICAHT of one participant from the laboratory's counts, as the study reads them (`study.toxicity.icaht`).

A window that is still open at the data cut is graded without carrying the last count forward: days to come are not
known. Follow-up ends with another lymphodepletion, with leaving the study (as the study file says), and with death.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from celltrial.codes import SubjectId
from celltrial.errors import DateError, Finding, UsageError
from celltrial.missing import Blq, NotGradable
from celltrial.record.bodies import FormEntry, Lymphodepletion, Withdrawal
from celltrial.record.events import Entry
from celltrial.record.state import TrialState
from celltrial.record.toxicity.series import (
    LabValue,
    medication_days,
    platelet_transfusion_days,
    read_lab_values,
)
from celltrial.safety import Grade
from celltrial.safety.icaht import (
    ICAHT_RULES,
    T_ICAHT_RULES,
    Count,
    DayRange,
    IcahtResult,
    IcahtRules,
    WindowGrade,
    bands,
    grade_icaht,
    grade_t_icaht,
)
from celltrial.safety.icaht.days import daily_counts, joined_runs, lowest_by_day
from celltrial.study import Study
from celltrial.studyday import parse_partial_date

__all__ = ["CountWindow", "LowRun", "grade_haematotoxicity"]

Instrument = Literal["icaht", "t-icaht"]
Part = Literal["early", "late"]
_PARTS: tuple[Part, ...] = ("early", "late")
_EARLY_LAST_DAY, _LATE_FIRST_DAY = 30, 31
_ANALYTES: dict[Instrument, str] = {"icaht": "neutrophils", "t-icaht": "platelets"}
_UNIT = "10*9/L"
# counts are in 10^9/L; ICAHT takes neutrophils per microlitre
_SCALE: dict[Instrument, Decimal] = {"icaht": Decimal(1000), "t-icaht": Decimal(1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LowRun:
    """The longest run of low days that touches a window, short recoveries in it, from day 0 on.

    first, last: days since the infusion; of days without a count, where no day is known to be low. days: the longest
    run, at least and at most (days without a count taken as low). is_open: it runs to the last count, and follow-up
    goes on.
    """

    first: int
    last: int
    days: DayRange
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CountWindow:
    """One window, early or late, of one instrument in one participant.

    lower_bound: the lowest grade that it can be; None without a count. is_open: days of the window are still to come.
    run: low days at the limit of the grade (of the lower bound, where there is no grade); None where no day was low.
    nadir: the lowest count of the window, per microlitre (T-ICAHT: 10^9/L). entries: the results behind it.
    """

    instrument: Instrument
    part: Part
    grade: Grade | NotGradable
    lower_bound: int | None
    upper_bound: int | None
    is_open: bool
    run: LowRun | None
    nadir: Count | None
    flags: tuple[str, ...]
    entries: tuple[Entry[FormEntry], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """Counts by day since the infusion, where follow-up ended, and the last day that has been lived through."""

    instrument: Instrument
    counts: tuple[Count, ...]
    values: tuple[tuple[int, LabValue], ...]
    censor_day: int | None
    death_day: int | None
    today: int
    flags: tuple[str, ...]

    @property
    def end(self) -> int | None:
        return min((day for day in (self.censor_day, self.death_day) if day is not None), default=None)

    def is_open(self, last_day: int) -> bool:
        return self.today <= last_day and (self.end is None or self.end > self.today)


def grade_haematotoxicity(
    study: Study,
    state: TrialState,
    subject: SubjectId,
    *,
    infused: date,
    today: date,
    findings: list[Finding] | None = None,
) -> tuple[CountWindow, ...]:
    """The windows with at least one result: ICAHT early and late, T-ICAHT early and late.

    infused: the day of the first infusion (day 0). today: the day of the data cut at the site.
    A window without a result is left out; one whose results cannot be used has no grade, with the reason.
    """
    noted = [] if findings is None else findings
    reading = study.toxicity.icaht
    changes: dict[str, Any] = {
        "interpolate_up_to_days": reading.interpolate_up_to_days,
        "late_last_day": reading.late_last_day,
    }
    # T-ICAHT counts cumulative days as published, whatever the study says of neutrophils
    rules = {
        "icaht": replace(ICAHT_RULES, counted_days=reading.counted_days, **changes),
        "t-icaht": replace(T_ICAHT_RULES, **changes),
    }
    found: list[CountWindow] = []
    for instrument in _ANALYTES:
        series = _series(study, state, subject, instrument, infused, today, noted)
        if series.values:
            found += _windows(series, rules[instrument], study, state, subject, infused, noted)
    return tuple(found)


def _series(
    study: Study,
    state: TrialState,
    subject: SubjectId,
    instrument: Instrument,
    infused: date,
    today: date,
    findings: list[Finding],
) -> _Series:
    analyte, scale = _ANALYTES[instrument], _SCALE[instrument]
    lowest_limit = min(band.limit for part in _PARTS for band in bands(instrument, part))
    counts, kept, flags = [], [], []
    for each in read_lab_values(study, state, subject, analyte, _UNIT, findings):
        day = (each.on - infused).days
        if day < 0:
            continue
        kept.append((day, each))
        value = each.value
        if isinstance(value, Blq) and value.lloq * scale <= lowest_limit:
            # under every limit, whichever number it is
            counts.append(Count(day=day, value=Decimal(0)))
            flags.append(f"day {day}: {each.text} taken as 0")
        elif isinstance(value, Decimal) and value >= 0:
            counts.append(Count(day=day, value=value * scale))
        else:
            flags.append(f"day {day}: {each.text!r} is no count, left out")
    ends = _ends(study, state, subject, infused)
    return _Series(
        instrument=instrument,
        counts=tuple(counts),
        values=tuple(kept),
        censor_day=ends[0],
        death_day=ends[1],
        today=(today - infused).days,
        flags=tuple(flags),
    )


def _ends(study: Study, state: TrialState, subject: SubjectId, infused: date) -> tuple[int | None, int | None]:
    """The day on which follow-up ended by the study's reading, and the day of death; None where there is none."""
    censors: list[int] = []
    deaths: list[int] = []
    for entry in state.entries(Lymphodepletion, subject):
        day = _days_since(study, entry.body.started_on, infused)
        if "lymphodepletion" in study.toxicity.icaht.censor_at and day is not None and day > 0:
            censors.append(day)
    for left in state.entries(Withdrawal, subject):
        day = _days_since(study, left.body.on, infused)
        if day is None or day < 0:
            continue
        if left.body.reason == "death":
            deaths.append(day)
        elif left.body.scope == "study" and "withdrawal" in study.toxicity.icaht.censor_at:
            censors.append(day)
    for event in state.adverse_events(subject):
        day = _days_since(study, event.body.ended, infused)
        if event.body.outcome == "fatal" and day is not None and day >= 0:
            deaths.append(day)
    return min(censors, default=None), min(deaths, default=None)


def _days_since(study: Study, text: str, infused: date) -> int | None:
    try:
        found = parse_partial_date(text, study.site.zone)
    except DateError:
        return None
    return (found.day - infused).days if found.is_exact_day else None


def _windows(
    series: _Series,
    rules: IcahtRules,
    study: Study,
    state: TrialState,
    subject: SubjectId,
    infused: date,
    findings: list[Finding],
) -> list[CountWindow]:
    is_open = {"early": series.is_open(_EARLY_LAST_DAY), "late": series.is_open(rules.late_last_day)}
    try:
        # the days to come take no count; they are tried both ways
        results = {
            part: _grade(series, replace(rules, carry_ends=not is_open[part]), study, state, subject, infused)
            for part in _PARTS
        }
    except UsageError as error:
        findings.extend(replace(each, where=f"subject {subject}, {each.where}") for each in error.findings)
        return _refused(series, "; ".join(f"{each.message}: {each.found}" for each in error.findings))
    late_last = rules.late_last_day if series.end is None else min(series.end, rules.late_last_day)
    spans: dict[Part, tuple[int, int]] = {"early": (0, _EARLY_LAST_DAY), "late": (_LATE_FIRST_DAY, late_last)}
    windows = (_window(series, rules, part, results[part], spans[part], is_open=is_open[part]) for part in _PARTS)
    return [each for each in windows if each is not None]


def _window(
    series: _Series, rules: IcahtRules, part: Part, result: IcahtResult, span: tuple[int, int], *, is_open: bool
) -> CountWindow | None:
    """The window of days `span`; None where it has no result.

    A result after the end of follow-up does not count, but it is one: the window then has no grade, with the reason.
    """
    first, last = span
    latest = _EARLY_LAST_DAY if part == "early" else rules.late_last_day
    inside = [(day, value) for day, value in series.values if first <= day <= latest]
    if not inside:
        return None
    graded = result.early if part == "early" else result.late
    grade, lower, upper = _provisional(graded, is_open, last)
    counted = [each for each in series.counts if first <= each.day <= last]
    return CountWindow(
        instrument=series.instrument,
        part=part,
        grade=grade,
        lower_bound=lower,
        upper_bound=upper,
        is_open=is_open,
        run=_low_run(series, rules, part, lower or 0, span),
        nadir=min(counted, key=lambda each: (each.value, each.day), default=None),
        flags=(*series.flags, *graded.flags, *_beside(result)),
        entries=tuple(value.entry for _, value in inside),
    )


def _beside(result: IcahtResult) -> tuple[str, ...]:
    """Flags of the participant, not of a window: growth factor, transfusion, an early end, counts near a limit."""
    own = {*result.early.flags, *result.late.flags}
    return tuple(each for each in result.flags if each not in own)


def _grade(
    series: _Series, rules: IcahtRules, study: Study, state: TrialState, subject: SubjectId, infused: date
) -> IcahtResult:
    until = infused + timedelta(days=series.today)
    if series.instrument == "icaht":
        given = medication_days(study, state, subject, "growth_factor_g", until=until)
        return grade_icaht(
            series.counts,
            censor_day=series.censor_day,
            death_day=series.death_day,
            growth_factor_days=[(day - infused).days for day in given if day >= infused],
            rules=rules,
        )
    transfused = platelet_transfusion_days(study, state, subject)
    return grade_t_icaht(
        series.counts,
        censor_day=series.censor_day,
        death_day=series.death_day,
        transfusion_days=[(day - infused).days for day in transfused if day >= infused],
        rules=rules,
    )


def _provisional(window: WindowGrade, is_open: bool, last: int) -> tuple[Grade | NotGradable, int | None, int | None]:
    """The grade, or while the window is open what it is at least; grade 4 cannot change any more."""
    if not is_open or (isinstance(window.grade, Grade) and window.grade.value == 4):
        return window.grade, window.lower_bound, window.upper_bound
    lower = window.lower_bound
    said = f"at least grade {lower} by the counts so far" if lower else "no low count so far"
    return NotGradable(f"the window is open to day {last}: {said}"), lower, 4


def _refused(series: _Series, reason: str) -> list[CountWindow]:
    """Both windows without a grade where the counts, or the day of death, make no sense."""
    return [
        CountWindow(
            instrument=series.instrument,
            part="early",
            grade=NotGradable(reason),
            lower_bound=None,
            upper_bound=4,
            is_open=False,
            run=None,
            nadir=None,
            flags=series.flags,
            entries=tuple(value.entry for _, value in series.values),
        )
    ]


def _low_run(series: _Series, rules: IcahtRules, part: Part, grade: int, span: tuple[int, int]) -> LowRun | None:
    """The longest run of low days that touches the window; it may have begun in the window before.

    Low is, early, within the mildest limit of the window, for its grades are made of such days; late, within the limit
    of the grade.
    """
    table = bands(series.instrument, part)
    of_grade = [band for band in table if band.grade == grade] if part == "late" else []
    band = max(of_grade, key=lambda each: each.limit, default=table[0])
    is_over = not series.is_open(rules.late_last_day)
    until = min(rules.late_last_day, series.today, *(() if series.end is None else (series.end,)))
    window = daily_counts(lowest_by_day(series.counts, rules), 0, until, replace(rules, carry_ends=is_over))
    if not window.measured:
        return None
    low = window.low_days(band)
    runs = [
        run
        for run in joined_runs(low, rules.join_recoveries_up_to_days)
        if run.last >= span[0] and run.first <= span[1]
    ]
    doubtful = [
        run
        for run in joined_runs({*low, *window.unknown}, rules.join_recoveries_up_to_days)
        if run.last >= span[0] and run.first <= span[1]
    ]
    if not doubtful:
        return None
    widest = max(doubtful, key=lambda run: run.days)
    longest = min(runs, key=lambda run: (-run.days, run.first), default=None)
    place = widest if longest is None else longest
    return LowRun(
        first=place.first,
        last=place.last,
        days=DayRange(0 if longest is None else longest.days, widest.days),
        is_open=not is_over and place.last >= max(window.measured),
    )
